package jobs

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// inputFile is the name of a job's input, in its folder. It is there until the job has ended.
const inputFile = "input"

// Input is the file that a job works on.
type Input struct {
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // hex
}

// Draft is the input of a job that has not been submitted yet. It is in a folder that becomes the job's.
type Draft struct {
	Input
	dir string
}

// Draft writes the input of a job that is about to be submitted: write writes its content, and says how many rows it has. It is durable when this
// returns. Whoever asked discards it in the end, whatever has become of it.
func (q *Queue) Draft(write func(w io.Writer) (rows int64, err error)) (*Draft, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("jobs: input: %w", err)
	}
	d := &Draft{dir: q.folder(engine.UnfinishedPrefix + id.String())} // one that a killed server leaves is removed by the next Open
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		return nil, fmt.Errorf("jobs: input: %w", err)
	}
	if d.Input, err = WriteInput(filepath.Join(d.dir, inputFile), write); err != nil {
		return nil, errors.Join(err, d.Discard())
	}
	return d, nil
}

// Discard removes a draft that no job has taken.
func (d *Draft) Discard() error {
	if err := os.RemoveAll(d.dir); err != nil {
		return fmt.Errorf("jobs: input: %w", err)
	}
	return nil
}

// WriteInput writes an input to a path where nothing is, durably.
func WriteInput(path string, write func(w io.Writer) (rows int64, err error)) (Input, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Input{}, fmt.Errorf("jobs: input: %w", err)
	}
	var in Input
	buffer, sum := bufio.NewWriterSize(file, 64<<10), sha256.New()
	counted := &countedWriter{to: io.MultiWriter(buffer, sum)}
	in.Rows, err = write(counted)
	if err == nil {
		err = errors.Join(buffer.Flush(), file.Sync())
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return Input{}, fmt.Errorf("jobs: input: %w", err)
	}
	in.Bytes, in.SHA256 = counted.bytes, hex.EncodeToString(sum.Sum(nil))
	return in, nil
}

type countedWriter struct {
	to    io.Writer
	bytes int64
}

func (c *countedWriter) Write(b []byte) (int, error) {
	n, err := c.to.Write(b)
	c.bytes += int64(n)
	return n, err
}

// OpenInput opens the input of the task, which the kind closes.
func (r *Run) OpenInput() (*os.File, error) {
	if r.Input == nil {
		return nil, errors.New("jobs: the task has no input")
	}
	file, err := os.Open(r.input)
	if err != nil {
		return nil, fmt.Errorf("jobs: input: %w", err)
	}
	return file, nil
}

// forgetInput removes the input of a job that has ended: nothing needs it any more. One that cannot be removed goes when the queue is opened
// again, or with its job.
func (q *Queue) forgetInput(j Job) {
	if j.Input == nil || !j.State.Ended() {
		return
	}
	if err := os.Remove(filepath.Join(q.folder(j.ID), inputFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		q.config.Log.Error("the input of a job that has ended cannot be removed", "job", j.ID, "problem", err)
	}
}
