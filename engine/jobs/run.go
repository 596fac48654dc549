package jobs

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/arpent/arpent/engine"
)

// ErrorsFile is the name of the rows that could not be taken, a JSON object a line.
const ErrorsFile = "errors.ndjson"

// Bounds of what a run writes.
const (
	DefaultMostBytes = 8 << 30 // of its results together
	mostRejections   = 100_000 // lines of the file of errors; all are counted
	mostReasons      = 100     // codes; what has another is counted as "other"
)

// Run is one attempt at a task, as its kind sees it. It is safe for many goroutines.
type Run struct {
	Task
	ctx   context.Context
	input string // the path of the task's input, where it has one
	dir   string
	hear  func(Progress)
	most  int64 // bytes

	mu       sync.Mutex
	progress Progress
	written  int64 // bytes
	results  []Result
	rejected map[string]int64
	lines    int64
	errors   *os.File // nil until the first row is rejected
	buffer   *bufio.Writer
}

// Execute does a task once. input is the path of its input, where it has one. Its results are written into dir, an empty folder, and are durable
// when it returns; where it fails what is in dir is worth nothing. hear may be nil.
func Execute(ctx context.Context, kind Kind, task Task, input, dir string, mostBytes int64, hear func(Progress)) (Outcome, error) {
	if hear == nil {
		hear = func(Progress) {}
	}
	run := &Run{Task: task, ctx: ctx, input: input, dir: dir, hear: hear, most: mostBytes, rejected: map[string]int64{}}
	err := errors.Join(run.do(kind), run.closeErrors())
	if err != nil {
		return Outcome{}, err
	}
	return run.outcome(), engine.SyncDir(dir)
}

// do runs the kind. A panic of it ends its job, not the server.
func (r *Run) do(kind Kind) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("jobs: kind %s panicked: %v\n%s", kind.Name, cause, debug.Stack())
		}
	}()
	return kind.Run(r.ctx, r)
}

// Hear takes note of how far the run is.
func (r *Run) Hear(p Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.Percent = min(max(p.Percent, r.progress.Percent), 99) // it is 100 when the results are there
	r.progress = p
	r.hear(p)
}

var resultName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// Write makes a result: write writes its content, and says how many rows it has. It ends with an error when ctx does, and where the results
// of the run come to too many bytes.
func (r *Run) Write(name, media string, write func(w io.Writer) (rows int64, err error)) error {
	if !resultName.MatchString(name) || name == ErrorsFile {
		return fmt.Errorf("jobs: %q cannot be the name of a result", name)
	}
	file, err := os.OpenFile(filepath.Join(r.dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("jobs: result %s: %w", name, err)
	}
	content := &resultWriter{run: r, file: file}
	buffer, sum := bufio.NewWriterSize(content, 64<<10), sha256.New()
	rows, err := write(io.MultiWriter(buffer, sum))
	if err == nil {
		err = errors.Join(buffer.Flush(), file.Sync())
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("jobs: result %s: %w", name, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results = append(r.results, Result{name, media, content.bytes, rows, hex.EncodeToString(sum.Sum(nil))})
	return nil
}

// resultWriter counts what it writes, and ends where it may write no more.
type resultWriter struct {
	run   *Run
	file  *os.File
	bytes int64
}

func (w *resultWriter) Write(b []byte) (int, error) {
	if err := w.run.take(len(b)); err != nil {
		return 0, err
	}
	n, err := w.file.Write(b)
	w.bytes += int64(n)
	return n, err
}

// take asks whether so many bytes more may be written.
func (r *Run) take(bytes int) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.written += int64(bytes); r.written > r.most {
		return &Failure{CodeTooLarge, fmt.Sprintf("the results come to more than %d bytes: ask for less at a time", r.most)}
	}
	return nil
}

// rejectedRow is a line of the file of errors.
type rejectedRow struct {
	Row    int64  `json:"row"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Reject notes that a row of what was asked, from 1, could not be taken, and why. The detail is of the kind's own words: never what the row had
// where that may be of a person.
func (r *Run) Reject(row int64, code, detail string) error {
	line, err := json.Marshal(rejectedRow{row, code, detail})
	if err != nil {
		return fmt.Errorf("jobs: row %d: %w", row, err)
	}
	if err := r.take(len(line) + 1); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.rejected[code]; !known && len(r.rejected) >= mostReasons {
		code = "other"
	}
	r.rejected[code]++
	if r.lines++; r.lines > mostRejections {
		return nil
	}
	if r.errors == nil {
		if r.errors, err = os.OpenFile(filepath.Join(r.dir, ErrorsFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return fmt.Errorf("jobs: file of errors: %w", err)
		}
		r.buffer = bufio.NewWriter(r.errors)
	}
	_, err = r.buffer.Write(append(line, '\n'))
	return err
}

func (r *Run) closeErrors() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.errors == nil {
		return nil
	}
	if err := errors.Join(r.buffer.Flush(), r.errors.Sync(), r.errors.Close()); err != nil {
		return fmt.Errorf("jobs: file of errors: %w", err)
	}
	return nil
}

func (r *Run) outcome() Outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := Outcome{Results: slices.Clone(r.results)}
	slices.SortFunc(o.Results, func(a, b Result) int { return strings.Compare(a.Name, b.Name) })
	for _, code := range slices.Sorted(maps.Keys(r.rejected)) {
		o.Rejected += r.rejected[code]
		o.Reasons = append(o.Reasons, Rejection{code, r.rejected[code]})
	}
	return o
}
