package format

import (
	"errors"
	"fmt"
	"io"
)

// window is the part of a text that is in memory. It grows to hold one record, up to a limit.
type window struct {
	src        io.Reader
	buf        []byte
	start, end int // buf[start:end] is read and not passed
	limit      int
	offset     int64 // of start in the text
	err        error // why no more can be read: io.EOF, or worse
}

const windowSize = 1 << 18

func newWindow(src io.Reader, limit int) *window {
	return &window{src: src, buf: make([]byte, windowSize), limit: limit}
}

// text is what is in memory, until the next call of more.
func (w *window) text() []byte { return w.buf[w.start:w.end] }

// pass moves the start.
func (w *window) pass(n int) {
	w.start += n
	w.offset += int64(n)
}

// more reads on: text becomes longer, or atEnd true. It fails where reading does, and with ErrTooLong where the text is as
// long as the limit.
func (w *window) more() error {
	if w.err != nil {
		return w.failure()
	}
	held := w.end - w.start
	if held >= w.limit {
		return fmt.Errorf("%w: more than %d MiB: check that it is the file meant", ErrTooLong, w.limit>>20)
	}
	switch {
	case held >= len(w.buf)/2:
		grown := make([]byte, 2*len(w.buf))
		copy(grown, w.text())
		w.buf = grown
	case w.start > 0:
		copy(w.buf, w.text())
	}
	w.start, w.end = 0, held
	for idle := 0; idle < 100; idle++ {
		n, err := w.src.Read(w.buf[w.end:])
		w.end += n
		if err != nil {
			w.err = err
			return w.failure()
		}
		if n > 0 {
			return nil
		}
	}
	w.err = io.ErrNoProgress
	return w.err
}

// atEnd tells that text is all that is left.
func (w *window) atEnd() bool { return w.err != nil }

func (w *window) failure() error {
	if errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
}
