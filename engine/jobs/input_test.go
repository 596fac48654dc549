package jobs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// copyInput makes a result of the input.
func copyInput(run *Run) error {
	input, err := run.OpenInput()
	if err != nil {
		return err
	}
	defer input.Close()
	return run.Write("copy", "text/plain", func(w io.Writer) (int64, error) {
		_, err := io.Copy(w, input)
		return run.Input.Rows, err
	})
}

func (o *office) draft(t *testing.T, content string) *Draft {
	t.Helper()
	d, err := o.Draft(func(w io.Writer) (int64, error) {
		_, err := io.WriteString(w, content)
		return int64(strings.Count(content, "\n")), err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// withInput submits a job that copies its input once the gate is open.
func (o *office) withInput(t *testing.T, content string) Job {
	t.Helper()
	d := o.draft(t, content)
	r := ask("north", "counts", "a")
	r.Draft = d
	j := o.submit(t, r)
	if err := d.Discard(); err != nil { // as whoever submits does: the job has it
		t.Fatal(err)
	}
	return j
}

const someRows = "1\n2\n3\n"

// The input of a job is there as long as the job has not ended, and no longer, however it ends.
func TestInputIsThereUntilItsJobEnds(t *testing.T) {
	for _, c := range []struct {
		what string
		end  func(o *office, j Job) Job
		left string
	}{
		{"successful", func(o *office, j Job) Job { close(o.gate); return o.until(t, j.ID, Successful) }, "request.json results/copy state.json"},
		{"dismissed", func(o *office, j Job) Job {
			if _, err := o.Dismiss("north", j.ID); err != nil {
				t.Fatal(err)
			}
			return o.until(t, j.ID, Dismissed)
		}, "request.json state.json"},
	} {
		o := newOffice(t)
		j := o.withInput(t, someRows)
		<-o.began
		if j.Input == nil || j.Input.Bytes != 6 || j.Input.Rows != 3 || len(j.Input.SHA256) != 64 {
			t.Errorf("%s: input %+v", c.what, j.Input)
		}
		if names := strings.Join(o.files(t, j.ID), " "); names != "input request.json state.json" {
			t.Errorf("%s: while it runs there are %s", c.what, names)
		}
		if info, err := os.Stat(filepath.Join(o.folder(j.ID), inputFile)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", c.what, info, err)
		}
		j = c.end(o, j)
		if names := strings.Join(o.files(t, j.ID), " "); names != c.left {
			t.Errorf("%s: at the end there are %s, want %s", c.what, names, c.left)
		}
		if j.State == Successful {
			if got := o.content(t, j, "copy"); string(got) != someRows {
				t.Errorf("the kind reads %q", got)
			}
		}
		o.Close()
	}
}

// A job that was killed begins again with its input; one whose end was kept has none after the next start, also where it was still there.
func TestInputOutlivesTheServer(t *testing.T) {
	o := newOffice(t)
	j := o.withInput(t, someRows)
	<-o.began
	after := o.crashed(t)
	after.open(t)
	j = after.until(t, j.ID, Successful)
	if got := after.content(t, j, "copy"); !bytes.Equal(got, []byte(someRows)) {
		t.Errorf("after the restart the kind reads %q", got)
	}
	left := filepath.Join(after.folderOf(j.ID), inputFile)
	if err := os.WriteFile(left, []byte(someRows), 0o600); err != nil { // as if it was killed before it was removed
		t.Fatal(err)
	}
	after.Close()
	after.open(t)
	if _, err := os.Stat(left); err == nil {
		t.Error("the input of a job that has ended is still there after a restart")
	}
	after.Close()
}

// What is submitted by nobody leaves nothing: discarded, broken off, refused or left by a server that was killed.
func TestDraftsLeaveNothing(t *testing.T) {
	o := newOffice(t, func(c *Config) { c.WaitingEach = 1 })
	entries := func() int {
		list, err := os.ReadDir(filepath.Join(o.dir, jobsFolder))
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if err := o.draft(t, someRows).Discard(); err != nil || entries() != 0 {
		t.Errorf("discarded: %v, %d folders", err, entries())
	}
	broken := errors.New("the connection broke")
	if _, err := o.Draft(func(w io.Writer) (int64, error) {
		_, err := io.WriteString(w, "1\n")
		return 1, errors.Join(err, broken)
	}); !errors.Is(err, broken) || entries() != 0 {
		t.Errorf("broken off: %v, %d folders", err, entries())
	}
	o.withInput(t, someRows) // runs
	<-o.began
	o.withInput(t, someRows) // waits
	refused := o.draft(t, someRows)
	r := ask("north", "counts", "b")
	r.Draft = refused
	if _, err := o.Submit(r); !errors.Is(err, ErrFull) {
		t.Errorf("%v", err)
	}
	if err := refused.Discard(); err != nil || entries() != 2 {
		t.Errorf("refused: %v, %d folders", err, entries())
	}
	o.draft(t, someRows)
	after := o.crashed(t)
	after.open(t)
	if list, err := os.ReadDir(filepath.Join(after.dir, jobsFolder)); err != nil || len(list) != 2 {
		t.Errorf("left by a server that was killed: %v, %d folders", err, len(list))
	}
	after.Close()
}

// A task that is done without a queue reads its input where it is.
func TestExecuteReadsAnInput(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rows")
	in, err := WriteInput(path, func(w io.Writer) (int64, error) {
		_, err := io.WriteString(w, someRows)
		return 3, err
	})
	if err != nil {
		t.Fatal(err)
	}
	results := filepath.Join(dir, "results")
	if err := os.Mkdir(results, 0o700); err != nil {
		t.Fatal(err)
	}
	done, err := Execute(t.Context(), Kind{Name: "copy", Run: func(_ context.Context, run *Run) error { return copyInput(run) }}, Task{Input: &in}, path, results, DefaultMostBytes, nil)
	if err != nil || len(done.Results) != 1 || done.Results[0].SHA256 != in.SHA256 || done.Results[0].Rows != 3 {
		t.Errorf("%v %+v, input %+v", err, done, in)
	}
	if _, err := Execute(t.Context(), Kind{Name: "copy", Run: func(_ context.Context, run *Run) error { return copyInput(run) }}, Task{}, "", results, DefaultMostBytes, nil); err == nil {
		t.Error("a task without an input has one")
	}
}
