package jobs

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// crashed is what a server that was killed now would leave: a copy of its folder.
func (o *office) crashed(t *testing.T) *office {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(o.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(o.dir, path)
		if err != nil || entry.IsDir() {
			if name != "." {
				return os.Mkdir(filepath.Join(dir, name), 0o700)
			}
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), content, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	copied := &office{dir: dir, time: noon, began: make(chan string, 1000), gate: make(chan struct{})}
	close(copied.gate)
	return copied
}

// A job that is killed in the midst of its results ends with the bytes of an unbroken run.
func TestKilledJobBeginsAgain(t *testing.T) {
	o := newOffice(t)
	broken := o.submit(t, ask("north", "held", "a"))
	<-o.began
	after := o.crashed(t)
	if err := os.WriteFile(filepath.Join(after.folderOf(broken.ID), unfinishedResults, "table.csv"), []byte("0,5eed"), 0o600); err != nil {
		t.Fatal(err) // a second result, cut short
	}
	close(o.gate)
	whole := o.until(t, broken.ID, Successful)
	after.open(t)
	defer after.Close()
	again := after.until(t, broken.ID, Successful)
	if again.Attempts != 2 || !again.Created.Equal(whole.Created) {
		t.Errorf("%+v", again)
	}
	for _, name := range []string{"half.csv", "table.csv"} {
		if !bytes.Equal(after.content(t, again, name), o.content(t, whole, name)) {
			t.Errorf("%s is another than that of the unbroken run", name)
		}
	}
}

func (o *office) folderOf(id string) string { return filepath.Join(o.dir, jobsFolder, id) }

// A job that is killed each time it runs has failed in the end: it does not take every server with it.
func TestJobThatIsKilledEachTimeFails(t *testing.T) {
	o := newOffice(t, func(c *Config) { c.Attempts = 3 })
	j := o.submit(t, ask("north", "held", "a"))
	<-o.began
	for attempt := range 2 {
		o = o.crashed(t)
		o.gate = make(chan struct{})
		o.open(t)
		defer o.Close()
		<-o.began
		if now, err := o.Job("north", j.ID); err != nil || now.Attempts != attempt+2 {
			t.Fatalf("%v %+v", err, now)
		}
	}
	o = o.crashed(t)
	o.open(t)
	defer o.Close()
	if j := o.until(t, j.ID, Failed); j.Failure.Code != CodeInterrupted || !strings.Contains(j.Failure.Detail, "3 attempts") || j.Expires.IsZero() {
		t.Errorf("%+v", j)
	}
	if len(o.began) != 0 {
		t.Error("it was tried once more")
	}
}

// Stopping a server is no attempt that counts.
func TestStoppedServerGoesOnWhereItWas(t *testing.T) {
	o := newOffice(t)
	running := o.submit(t, ask("north", "held", "a"))
	<-o.began
	waiting := o.submit(t, ask("north", "table", "b"))
	for range 5 {
		o.Close()
		if names := o.files(t, running.ID); len(names) != 2 {
			t.Errorf("left behind: %v", names)
		}
		o.open(t)
		<-o.began
	}
	close(o.gate)
	if j := o.until(t, running.ID, Successful); j.Attempts != 1 {
		t.Errorf("%d attempts", j.Attempts)
	}
	o.until(t, waiting.ID, Successful)
}

// Wherever a server is killed while it writes, the job is there, and ends with the same bytes, or was never accepted.
func TestKilledAtEveryPointOfWriting(t *testing.T) {
	o := newOffice(t)
	j := o.submit(t, ask("north", "table", "a"))
	j = o.until(t, j.ID, Successful)
	want := o.content(t, j, "table.csv")
	read := func(path string) []byte {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	ended := read(recordPath(o.folder(j.ID), stateRecord))
	running := j
	running.State, running.Outcome = Running, Outcome{}
	if err := writeState(o.folder(j.ID), running); err != nil {
		t.Fatal(err)
	}
	begun := read(recordPath(o.folder(j.ID), stateRecord))
	rename := func(from, to string) func(string) error {
		return func(dir string) error { return os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)) }
	}
	write := func(name string, content []byte) func(string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), content, 0o600) }
	}
	beside := engine.UnfinishedPrefix + stateRecord + engine.RecordSuffix
	type point struct {
		what string
		left []func(dir string) error // what is done to the folder of a job that runs and whose results are there
	}
	points := []point{
		{"the results are written and have not their place", []func(string) error{rename(resultsFolder, unfinishedResults)}},
		{"half of the results are written", []func(string) error{rename(resultsFolder, unfinishedResults), write(unfinishedResults+"/table.csv", want[:len(want)/2])}},
		{"the results have their place, and the state does not say so", nil},
		{"the new state has its place", []func(string) error{write("state.json", ended)}},
	}
	for _, bytes := range []int{0, 1, len(ended) / 2, len(ended)} {
		points = append(points, point{"the new state is being written", []func(string) error{write(beside, ended[:bytes])}})
	}
	for _, p := range points {
		after := o.crashed(t)
		for _, do := range p.left {
			if err := do(after.folderOf(j.ID)); err != nil {
				t.Fatal(err)
			}
		}
		after.open(t)
		again := after.until(t, j.ID, Successful)
		if got := after.content(t, again, "table.csv"); !bytes.Equal(got, want) {
			t.Errorf("%s: the result is another: %.60s", p.what, got)
		}
		if names := strings.Join(after.files(t, j.ID), " "); names != "request.json results/errors.ndjson results/table.csv state.json" {
			t.Errorf("%s: files %s", p.what, names)
		}
		after.Close()
	}
	// A job that is being accepted is there as a whole or not at all.
	request := read(recordPath(o.folder(j.ID), requestRecord))
	for _, left := range [][]func(string) error{
		{os.RemoveAll}, // the folder alone, as below
		{write("request.json", request[:10])},
		{write("request.json", request)},
		{write("request.json", request), write("state.json", begun)},
	} {
		dir := t.TempDir()
		half := filepath.Join(dir, jobsFolder, engine.UnfinishedPrefix+j.ID)
		if err := os.MkdirAll(half, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, do := range left {
			if err := do(half); err != nil {
				t.Fatal(err)
			}
		}
		after := &office{dir: dir, time: noon, began: make(chan string, 10), gate: make(chan struct{})}
		after.open(t)
		if n := len(after.all()); n != 0 {
			t.Errorf("%d jobs were never accepted, and are there", n)
		}
		if _, err := os.Stat(half); err == nil {
			t.Error("what was left is still there")
		}
		after.Close()
	}
	_ = writeState(o.folder(j.ID), j) // as it was
}

// A job whose files are damaged stops nobody else, and the log says what to do.
func TestDamagedJobIsLeftOut(t *testing.T) {
	o := newOffice(t)
	for _, damage := range []struct {
		what string
		do   func(dir string) error
	}{
		{"no state", func(dir string) error { return os.Remove(recordPath(dir, stateRecord)) }},
		{"no request", func(dir string) error { return os.Remove(recordPath(dir, requestRecord)) }},
		{"a state that is cut", func(dir string) error { return os.Truncate(recordPath(dir, stateRecord), 50) }},
		{"another folder", func(dir string) error { return os.Rename(dir, filepath.Join(filepath.Dir(dir), "moved")) }},
		{"a folder that others may read", func(dir string) error { return os.Chmod(dir, 0o755) }},
		{"a state that there is not", func(dir string) error {
			return engine.WriteRecord(recordPath(dir, stateRecord), state{State: "thinking", Attempts: 1})
		}},
		{"a failure for no reason", func(dir string) error {
			return engine.WriteRecord(recordPath(dir, stateRecord), state{State: Failed, Finished: noon, Expires: noon})
		}},
		{"a result elsewhere", func(dir string) error {
			return engine.WriteRecord(recordPath(dir, stateRecord), state{State: Successful, Finished: noon, Expires: noon.AddDate(0, 0, 1),
				Outcome: Outcome{Results: []Result{{Name: "../../../campaigns/north/key.json"}}}})
		}},
	} {
		j := o.until(t, o.submit(t, ask("north", "table", damage.what)).ID, Successful)
		well := o.until(t, o.submit(t, ask("north", "table", "b")).ID, Successful)
		after := o.crashed(t)
		if err := damage.do(after.folderOf(j.ID)); err != nil {
			t.Fatal(err)
		}
		after.open(t)
		if _, err := after.Job("north", j.ID); err == nil {
			t.Errorf("%s: it is there", damage.what)
		}
		if _, err := after.Job("north", well.ID); err != nil {
			t.Errorf("%s: another is not there", damage.what)
		}
		if !strings.Contains(after.log(), "move its folder away") {
			t.Errorf("%s: the log says %s", damage.what, after.log())
		}
		after.Close()
	}
}

// A disk that takes nothing more hangs nothing: what cannot be kept is not accepted, what cannot begin or end has failed, and others go on.
func TestDiskThatFailsHangsNothing(t *testing.T) {
	o := newOffice(t)
	running := o.submit(t, ask("north", "held", "a"))
	<-o.began
	waiting := o.submit(t, ask("north", "table", "b"))
	well := o.submit(t, ask("north", "table", "c"))
	for _, id := range []string{running.ID, waiting.ID} {
		if err := os.RemoveAll(o.folder(id)); err != nil {
			t.Fatal(err)
		}
	}
	close(o.gate)
	for _, id := range []string{running.ID, waiting.ID} {
		if j := o.until(t, id, Failed); j.Failure.Code != CodeInternal {
			t.Errorf("%+v", j.Failure)
		}
	}
	o.until(t, well.ID, Successful)
	if err := os.Rename(filepath.Join(o.dir, jobsFolder), filepath.Join(o.dir, "away")); err != nil {
		t.Fatal(err)
	}
	if j, err := o.Submit(ask("north", "table", "d")); err == nil || len(o.all()) != 3 {
		t.Errorf("accepted, and nowhere: %+v", j)
	}
	if err := os.Rename(filepath.Join(o.dir, "away"), filepath.Join(o.dir, jobsFolder)); err != nil {
		t.Fatal(err)
	}
}

// Whatever stands in the files of a job, it is read as a job or refused.
func FuzzReadJob(f *testing.F) {
	const id = "0193670e-3c00-7000-8000-000000000001"
	f.Add(`{"job":"`+id+`","campaign":"north","kind":"table","snapshot":"5eed","parameters":{},"token":"a","created":"2026-11-27T12:00:00Z"}`,
		`{"state":"successful","attempts":1,"finished":"2026-11-27T12:00:00Z","expires":"2026-12-04T12:00:00Z","results":[{"name":"table.csv","rows":1}],"notice":{"state":"waiting"}}`)
	f.Add(`{}`, `{"state":"accepted","attempts":0}`)
	f.Add(`null`, `{"results":[{"name":"../x"}]}`)
	f.Fuzz(func(t *testing.T, request, state string) {
		dir := filepath.Join(t.TempDir(), id)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, content := range map[string]string{requestRecord: request, stateRecord: state} {
			if err := engine.WriteRecord(recordPath(dir, name), rawRecord(content)); err != nil {
				return // it is no JSON
			}
		}
		j, err := readJob(dir)
		if err != nil {
			return
		}
		if j.ID != id || !engine.IsCode(j.Campaign) || j.State.Ended() && j.Expires.IsZero() {
			t.Errorf("read: %+v", j)
		}
		if err := writeState(dir, j.Job); err != nil {
			t.Fatalf("what was read cannot be kept: %v", err)
		}
		if _, err := readJob(dir); err != nil {
			t.Errorf("what was kept cannot be read: %v", err)
		}
	})
}

// rawRecord is JSON as it stands.
type rawRecord string

func (r rawRecord) MarshalJSON() ([]byte, error) { return []byte(r), nil }
