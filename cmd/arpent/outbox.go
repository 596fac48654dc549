package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// An outbox is a phone's own disk: what is to be sent and what was acknowledged, a line each, in one file that only grows. All phones of
// a simulation share one, so that they share its fsyncs. A line counts when it is on the disk, and not before: nothing is sent that was
// not written down, and nothing is taken for acknowledged that would be forgotten with the power.
type outbox struct {
	file *os.File

	mu    sync.Mutex
	last  int64  // number of the last return
	lines []byte // of the group that is being filled
	group *outboxGroup
	ended error // why nothing more is taken

	wake chan struct{}
	done chan struct{}
}

// outboxGroup is the lines that share an fsync.
type outboxGroup struct {
	kept chan struct{} // closed when they are on the disk, or err says why not
	err  error
}

// outboxLine is a line of the file: a return, or the outcome of one.
type outboxLine struct {
	Number    int64           `json:"n,omitempty"`
	Canvasser int             `json:"by"`
	Return    json.RawMessage `json:"return,omitempty"`

	Of     int64  `json:"of,omitempty"` // the number of the return that this is the outcome of
	Status string `json:"status,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// openOutbox opens the file, or makes it, and gives the returns in it that are not acknowledged. A last line that the power cut in two
// was never counted, and goes.
func openOutbox(path string) (*outbox, []outboxLine, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("outbox: %w", err)
	}
	o := &outbox{file: file, group: newOutboxGroup(), wake: make(chan struct{}, 1), done: make(chan struct{})}
	waiting := map[int64]outboxLine{}
	whole, err := readOutbox(file, func(line outboxLine) {
		if line.Of > 0 {
			delete(waiting, line.Of)
			return
		}
		waiting[line.Number] = line
		o.last = max(o.last, line.Number)
	})
	if err == nil {
		err = file.Truncate(whole)
	}
	if err == nil {
		_, err = file.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("outbox %s: %w", path, err), file.Close())
	}
	var left []outboxLine
	for n := int64(1); n <= o.last; n++ {
		if line, ok := waiting[n]; ok {
			left = append(left, line)
		}
	}
	go o.write()
	return o, left, nil
}

func newOutboxGroup() *outboxGroup { return &outboxGroup{kept: make(chan struct{})} }

// readOutbox gives the lines of a file, and the length of those that are whole.
func readOutbox(r io.Reader, each func(outboxLine)) (whole int64, err error) {
	lines := bufio.NewReader(r)
	for {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		var line outboxLine
		if err := json.Unmarshal(text, &line); err != nil {
			return whole, fmt.Errorf("the line at byte %d is damaged (%w): the file is not what was written", whole, err)
		}
		whole += int64(len(text))
		each(line)
	}
}

// add writes returns down, gives each its number, and comes back when they are on the disk.
func (o *outbox) add(returns ...*outboxLine) error {
	return o.append(func() (lines []byte, err error) {
		for _, r := range returns {
			o.last++
			r.Number = o.last
			if lines, err = appendLine(lines, *r); err != nil {
				return nil, err
			}
		}
		return lines, nil
	})
}

// acknowledge writes outcomes down, and comes back when they are on the disk.
func (o *outbox) acknowledge(outcomes []outboxLine) error {
	return o.append(func() (lines []byte, err error) {
		for _, line := range outcomes {
			if lines, err = appendLine(lines, line); err != nil {
				return nil, err
			}
		}
		return lines, nil
	})
}

func appendLine(lines []byte, line outboxLine) ([]byte, error) {
	text, err := json.Marshal(line)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return append(append(lines, text...), '\n'), nil
}

func (o *outbox) append(lines func() ([]byte, error)) error {
	o.mu.Lock()
	if o.ended != nil {
		defer o.mu.Unlock()
		return o.ended
	}
	text, err := lines()
	o.lines = append(o.lines, text...)
	group := o.group
	o.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case o.wake <- struct{}{}:
	default:
	}
	<-group.kept
	return group.err
}

// write brings group after group to the disk. After a failure no more is taken: what the file has then is not known.
func (o *outbox) write() {
	defer close(o.done)
	var lines []byte
	for range o.wake {
		o.mu.Lock()
		lines, o.lines = o.lines, lines[:0]
		group, err := o.group, o.ended
		o.group = newOutboxGroup()
		o.mu.Unlock()
		if err == nil && len(lines) > 0 {
			if _, err = o.file.Write(lines); err == nil {
				err = o.file.Sync()
			}
			if err != nil {
				err = fmt.Errorf("outbox: %w", err)
				o.mu.Lock()
				o.ended = err
				o.mu.Unlock()
			}
		}
		group.err = err
		close(group.kept)
	}
}

// close is called when nobody adds or acknowledges any more.
func (o *outbox) close() error {
	close(o.wake)
	<-o.done
	return errors.Join(o.ended, o.file.Close())
}
