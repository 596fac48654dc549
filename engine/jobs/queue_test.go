package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// office is a queue with a clock that stands still until it is moved, and kinds that a test can hold up.
type office struct {
	*Queue
	dir string

	mu    sync.Mutex
	time  time.Time
	begun []string      // parameters of the jobs that have begun, in that order
	began chan string   // likewise, as they come
	gate  chan struct{} // a job of kind "held" waits for it
	said  bytes.Buffer
}

func newOffice(t *testing.T, change ...func(*Config)) *office {
	t.Helper()
	o := &office{dir: t.TempDir(), time: noon, began: make(chan string, 1000), gate: make(chan struct{})}
	o.open(t, change...)
	t.Cleanup(func() { o.Close() })
	return o
}

// open opens the folder, again where it was open before.
func (o *office) open(t *testing.T, change ...func(*Config)) {
	t.Helper()
	config := Config{Dir: o.dir, Kinds: o.kinds(), Now: o.now, Log: slog.New(slog.NewTextHandler(o, nil)), LookEvery: time.Hour, Grace: time.Minute}
	for _, c := range change {
		c(&config)
	}
	q, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	o.Queue = q
}

func (o *office) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.time
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.time = o.time.Add(d)
}

// Write is the log.
func (o *office) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.said.Write(b)
}

func (o *office) log() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.said.String()
}

func (o *office) kinds() []Kind {
	begin := func(run *Run) {
		o.mu.Lock()
		o.begun = append(o.begun, string(run.Parameters))
		o.mu.Unlock()
		o.began <- string(run.Parameters)
	}
	return []Kind{
		{Name: "table", Run: func(_ context.Context, run *Run) error {
			begin(run)
			return writeTable(run)
		}},
		{Name: "held", Run: func(ctx context.Context, run *Run) error { // half of the table is there while it waits
			half := run.Write("half.csv", "text/csv", func(w io.Writer) (int64, error) {
				begin(run)
				if _, err := io.WriteString(w, strings.Repeat("half\n", 100_000)); err != nil {
					return 0, err
				}
				select {
				case <-o.gate:
					return 100_000, nil
				case <-ctx.Done():
					return 0, ctx.Err()
				}
			})
			return errors.Join(half, writeTable(run))
		}},
		{Name: "counts", Run: func(ctx context.Context, run *Run) error { // it waits before it reads its input
			begin(run)
			select {
			case <-o.gate:
			case <-ctx.Done():
				return ctx.Err()
			}
			return copyInput(run)
		}},
		{Name: "deaf", Limit: time.Millisecond, Run: func(_ context.Context, run *Run) error { // it does not listen
			begin(run)
			<-o.gate
			return nil
		}},
		{Name: "slow", Limit: time.Millisecond, Run: func(ctx context.Context, _ *Run) error {
			<-ctx.Done()
			return ctx.Err()
		}},
		{Name: "gone", Run: func(_ context.Context, run *Run) error { return SnapshotGone(run.Snapshot) }},
		{Name: "broken", Run: func(context.Context, *Run) error { return errors.New("disk /dev/sda1 is full of Durands") }},
		{Name: "panics", Run: func(context.Context, *Run) error { panic("Durand") }},
		{Name: "large", Run: func(_ context.Context, run *Run) error {
			return run.Write("large", "text/plain", func(w io.Writer) (int64, error) {
				_, err := w.Write(make([]byte, 3000))
				return 0, err
			})
		}},
	}
}

// writeTable is a function of the task alone.
func writeTable(run *Run) error {
	run.Hear(Progress{50, 500, 1000, "write"})
	for i := range int64(3) {
		if err := run.Reject(i+1, "unknown_unit", "there is no such street"); err != nil {
			return err
		}
	}
	return run.Write("table.csv", "text/csv", func(w io.Writer) (int64, error) {
		for i := range 1000 {
			if _, err := fmt.Fprintf(w, "%d,%s,%s\n", i, run.Snapshot, run.Parameters); err != nil {
				return 0, err
			}
		}
		return 1000, nil
	})
}

func ask(campaign, kind, parameters string) Request {
	quoted, err := json.Marshal(parameters)
	if err != nil {
		panic(err)
	}
	return Request{Task: Task{Campaign: campaign, Kind: kind, Snapshot: "5eed0123", Parameters: quoted}, Token: "aaaaaaaaaa"}
}

func (o *office) submit(t *testing.T, r Request) Job {
	t.Helper()
	j, err := o.Submit(r)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// until waits until a job has a state.
func (o *office) until(t *testing.T, id string, state State) Job {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if j, there := o.find(id); there && j.State == state && o.idle(id) {
			return j.Job
		}
	}
	j, _ := o.find(id)
	t.Fatalf("the job does not come to be %s: %+v\n%s", state, j, o.log())
	return Job{}
}

// idle tells whether no attempt at a job is under way, unless it runs.
func (o *office) idle(id string) bool {
	o.changing.Lock()
	defer o.changing.Unlock()
	_, under := o.attempts[id]
	j, _ := o.find(id)
	return under == (j.State == Running)
}

// files lists what there is below the folder of a job.
func (o *office) files(t *testing.T, id string) (names []string) {
	t.Helper()
	dir := o.folder(id)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return names
}

// content reads a result and compares it with what the job says of it.
func (o *office) content(t *testing.T, j Job, name string) []byte {
	t.Helper()
	r, file, err := o.Result(j.Campaign, j.ID, name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	b, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != r.SHA256 || int64(len(b)) != r.Bytes {
		t.Errorf("%s has %d bytes, %x; the job says %+v", name, len(b), sum, r)
	}
	return b
}

func TestJobFromSubmissionToResults(t *testing.T) {
	o := newOffice(t)
	j := o.submit(t, ask("north", "table", "a"))
	if j.ID == "" || j.State != Accepted || !j.Created.Equal(noon) || !j.Finished.IsZero() {
		t.Errorf("submitted: %+v", j)
	}
	j = o.until(t, j.ID, Successful)
	if j.Progress.Percent != 100 || j.Attempts != 1 || !j.Started.Equal(noon) || !j.Finished.Equal(noon) || !j.Expires.Equal(noon.Add(DefaultKeep)) || j.Failure != nil {
		t.Errorf("%+v", j)
	}
	if len(j.Results) != 1 || j.Results[0].Rows != 1000 || j.Results[0].Media != "text/csv" || j.Rejected != 3 || !slices.Equal(j.Reasons, []Rejection{{"unknown_unit", 3}}) {
		t.Errorf("%+v", j.Outcome)
	}
	if table := string(o.content(t, j, "table.csv")); !strings.HasPrefix(table, `0,5eed0123,"a"`+"\n") {
		t.Errorf("%.40s", table)
	}
	rows, err := o.Errors("north", j.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	line, err := io.ReadAll(rows)
	if err != nil || !strings.HasPrefix(string(line), `{"row":1,"code":"unknown_unit","detail":"there is no such street"}`+"\n") || bytes.Count(line, []byte("\n")) != 3 {
		t.Errorf("%v %s", err, line)
	}
	if names := o.files(t, j.ID); !slices.Equal(names, []string{"request.json", "results/errors.ndjson", "results/table.csv", "state.json"}) {
		t.Errorf("files %v", names)
	}
	if _, _, err := o.Result("north", j.ID, "../request.json"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a file that is no result: %v", err)
	}
}

func TestFailures(t *testing.T) {
	o := newOffice(t, func(c *Config) { c.MostBytes = 1000 })
	for _, c := range []struct{ kind, code, detail string }{
		{"gone", CodeSnapshotGone, "5eed0123"},
		{"slow", CodeTimeLimit, "longer"},
		{"broken", CodeInternal, "log"},
		{"panics", CodeInternal, "log"},
		{"large", CodeTooLarge, "1000 bytes"},
	} {
		j := o.until(t, o.submit(t, ask("north", c.kind, "a")).ID, Failed)
		if j.Failure.Code != c.code || !strings.Contains(j.Failure.Detail, c.detail) || strings.Contains(j.Failure.Detail, "Durand") {
			t.Errorf("%s: %+v", c.kind, j.Failure)
		}
		if names := o.files(t, j.ID); !slices.Equal(names, []string{"request.json", "state.json"}) {
			t.Errorf("%s leaves %v", c.kind, names)
		}
		if _, _, err := o.Result("north", j.ID, "table.csv"); !errors.Is(err, ErrNoResults) {
			t.Errorf("%s has results: %v", c.kind, err)
		}
	}
	if said := o.log(); !strings.Contains(said, "/dev/sda1") || !strings.Contains(said, "goroutine") {
		t.Errorf("the log does not say why: %s", said)
	}
}

// A kind that does not stop when it must keeps nobody else waiting.
func TestKindThatDoesNotListenIsLeftAlone(t *testing.T) {
	o := newOffice(t, func(c *Config) { c.Grace = time.Millisecond })
	deaf := o.submit(t, ask("north", "deaf", "a"))
	next := o.submit(t, ask("north", "table", "b"))
	if j := o.until(t, deaf.ID, Failed); j.Failure.Code != CodeTimeLimit {
		t.Errorf("%+v", j.Failure)
	}
	o.until(t, next.ID, Successful)
	close(o.gate)
}

// One campaign's many jobs delay nobody's first by more than the one that runs.
func TestCampaignsTakeTurns(t *testing.T) {
	o := newOffice(t)
	o.submit(t, ask("north", "held", "n0"))
	<-o.began
	for i := range 5 {
		o.submit(t, ask("north", "table", fmt.Sprintf("n%d", i+1)))
	}
	for i := range 2 {
		o.submit(t, ask("south", "table", fmt.Sprintf("s%d", i+1)))
	}
	last := o.submit(t, ask("west", "table", "w1"))
	close(o.gate)
	o.until(t, last.ID, Successful)
	for _, j := range o.all() {
		o.until(t, j.ID, Successful)
	}
	want := []string{`"n0"`, `"s1"`, `"w1"`, `"n1"`, `"s2"`, `"n2"`, `"n3"`, `"n4"`, `"n5"`}
	if !slices.Equal(o.begun, want) {
		t.Errorf("began in the order %v, want %v", o.begun, want)
	}
}

func TestAtOnce(t *testing.T) {
	o := newOffice(t, func(c *Config) { c.AtOnce = 2 })
	for i := range 4 {
		o.submit(t, ask("north", "held", fmt.Sprint(i)))
	}
	<-o.began
	<-o.began
	if states := o.states(); states[Running] != 2 || states[Accepted] != 2 {
		t.Errorf("%v", states)
	}
	close(o.gate)
}

func (o *office) states() map[State]int {
	count := map[State]int{}
	for _, j := range o.all() {
		count[j.State]++
	}
	return count
}

func TestQueueIsBounded(t *testing.T) {
	o := newOffice(t, func(c *Config) { c.Waiting, c.WaitingEach, c.KeptEach = 5, 3, 6 })
	full := func(campaign, why string) {
		t.Helper()
		if _, err := o.Submit(ask(campaign, "table", "more")); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want %q", campaign, err, why)
		}
	}
	o.submit(t, ask("north", "held", "0"))
	<-o.began
	for range 3 {
		o.submit(t, ask("north", "table", "1"))
	}
	full("north", "the campaign has 3 that have not begun")
	o.submit(t, ask("south", "table", "2"))
	o.submit(t, ask("west", "table", "3"))
	full("south", "5 of all campaigns have not begun")
	close(o.gate)
	for _, j := range o.all() {
		o.until(t, j.ID, Successful)
	}
	for range 2 {
		j := o.submit(t, ask("north", "table", "4"))
		o.until(t, j.ID, Successful)
	}
	full("north", "the campaign has 6 jobs: delete some")
	page, _ := o.List("north", "", 1)
	if _, err := o.Dismiss("north", page[0].ID); err != nil {
		t.Fatal(err)
	}
	o.submit(t, ask("north", "table", "5"))
}

func TestDismiss(t *testing.T) {
	o := newOffice(t)
	running := o.submit(t, ask("north", "held", "a"))
	<-o.began
	waiting := o.submit(t, ask("north", "table", "b"))
	for _, id := range []string{waiting.ID, running.ID} {
		if _, err := o.Dismiss("south", id); !errors.Is(err, ErrNotFound) {
			t.Errorf("another campaign's job: %v", err)
		}
		j, err := o.Dismiss("north", id)
		if err != nil || j.State != Dismissed || !j.Finished.Equal(noon) {
			t.Errorf("%v %+v", err, j)
		}
		o.until(t, id, Dismissed)
		if names := o.files(t, id); !slices.Equal(names, []string{"request.json", "state.json"}) {
			t.Errorf("there are still %v", names)
		}
	}
	if slices.Contains(o.begun, `"b"`) {
		t.Error("a job that was dismissed has begun")
	}
	// One that has ended goes with its results.
	done := o.submit(t, ask("north", "table", "c"))
	o.until(t, done.ID, Successful)
	for _, id := range []string{done.ID, running.ID} {
		if j, err := o.Dismiss("north", id); err != nil || j.State != Dismissed || len(j.Results) != 0 {
			t.Errorf("%v %+v", err, j)
		}
		if _, err := o.Job("north", id); !errors.Is(err, ErrNotFound) || len(o.files(t, id)) != 0 {
			t.Errorf("it is still there: %v", err)
		}
	}
}

func TestJobsExpire(t *testing.T) {
	o := newOffice(t, func(c *Config) { c.Keep = time.Hour })
	j := o.submit(t, ask("north", "table", "a"))
	o.until(t, j.ID, Successful)
	_, reading, err := o.Result("north", j.ID, "table.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	o.pass(time.Hour - time.Millisecond)
	o.expire()
	if _, err := o.Job("north", j.ID); err != nil {
		t.Errorf("too early: %v", err)
	}
	o.pass(time.Millisecond)
	o.expire()
	if _, err := o.Job("north", j.ID); !errors.Is(err, ErrNotFound) || len(o.files(t, j.ID)) != 0 {
		t.Errorf("expired, and there: %v, %v", err, o.files(t, j.ID))
	}
	if b, err := io.ReadAll(reading); err != nil || len(b) < 1000 {
		t.Errorf("whoever was reading it got %d bytes, %v", len(b), err)
	}
	// While the server was off, too.
	j = o.submit(t, ask("north", "table", "a"))
	o.until(t, j.ID, Successful)
	o.Close()
	o.pass(2 * time.Hour)
	o.open(t)
	o.expire()
	if _, err := o.Job("north", j.ID); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestSameKeyIsTheSameJob(t *testing.T) {
	o := newOffice(t)
	keyed := func(campaign, key, body string) Request {
		r := ask(campaign, "table", body)
		r.Key, r.Sum = key, sha256.Sum256([]byte(body))
		return r
	}
	first := o.submit(t, keyed("north", "k1", "a"))
	other := keyed("north", "k1", "a")
	other.Kind = "held"
	for _, again := range []bool{false, true} {
		if again {
			o.until(t, first.ID, Successful)
			o.Close()
			o.open(t)
		}
		if j := o.submit(t, keyed("north", "k1", "a")); j.ID != first.ID {
			t.Errorf("the same key made another job: %+v", j)
		}
		for _, r := range []Request{keyed("north", "k1", "b"), other} {
			if _, err := o.Submit(r); !errors.Is(err, ErrKeyReused) {
				t.Errorf("the key with another request: %v", err)
			}
		}
	}
	if j := o.submit(t, keyed("south", "k1", "b")); j.ID == first.ID {
		t.Error("a campaign has got another's job")
	}
	if j := o.submit(t, keyed("north", "k2", "a")); j.ID == first.ID {
		t.Error("another key has got the same job")
	}
	content, err := os.ReadFile(recordPath(o.folder(first.ID), requestRecord))
	if err != nil || strings.Contains(string(content), "k1") {
		t.Errorf("the key itself is kept: %v %s", err, content)
	}
}

func TestCampaignsSeeTheirOwn(t *testing.T) {
	o := newOffice(t)
	var own []string
	for i := range 5 {
		own = append(own, o.submit(t, ask("north", "table", fmt.Sprint(i))).ID)
		o.until(t, own[i], Successful)
		o.until(t, o.submit(t, ask("south", "table", fmt.Sprint(i))).ID, Successful)
	}
	var seen []string
	for after, more := "", true; more; after = seen[len(seen)-1] {
		var page []Job
		page, more = o.List("north", after, 2)
		for _, j := range page {
			seen = append(seen, j.ID)
		}
	}
	slices.Reverse(seen)
	if !slices.Equal(seen, own) {
		t.Errorf("north sees %v, want %v", seen, own)
	}
	if _, err := o.Job("south", own[0]); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, _, err := o.Result("south", own[0], "table.csv"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := o.Errors("south", own[0]); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestProgressNeverFalls(t *testing.T) {
	var heard []int
	run := &Run{hear: func(p Progress) { heard = append(heard, p.Percent) }}
	for _, p := range []int{-3, 10, 5, 60, 100, 400} {
		run.Hear(Progress{Percent: p})
	}
	if want := []int{0, 10, 10, 60, 99, 99}; !slices.Equal(heard, want) {
		t.Errorf("%v, want %v", heard, want)
	}
}

// A run that is over writes no more, although its kind goes on.
func TestRunThatIsOverWritesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	var errs []error
	_, err := Execute(ctx, Kind{Name: "table", Run: func(_ context.Context, run *Run) error {
		cancel()
		errs = append(errs, run.Reject(1, "a", "b"), run.Write("a", "text/plain", func(w io.Writer) (int64, error) {
			_, err := io.WriteString(w, "late")
			return 1, err
		}))
		return errors.Join(errs...)
	}}, Task{}, "", dir, DefaultMostBytes, nil)
	for _, err := range append(errs, err) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "a")); err == nil && info.Size() > 0 {
		t.Error("it has written")
	}
}

func TestUnknownKindIsRefused(t *testing.T) {
	o := newOffice(t)
	if _, err := o.Submit(ask("north", "miracle", "")); !errors.Is(err, ErrNoKind) {
		t.Error(err)
	}
	o.Close()
	if _, err := o.Submit(ask("north", "table", "")); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
