package format

import (
	"io"
	"sync"
)

// aheadFrom is the size in bytes of a packed file from which on it is unpacked beside whoever reads it.
const aheadFrom = 1 << 20

// ahead reads a stream beside whoever takes from it, some pieces in front. It must be closed.
type ahead struct {
	filled, spare  chan []byte
	stop, stopped  chan struct{}
	closing        sync.Once
	current, taken []byte // the piece that is taken from, and what is left of it
	err            error  // of the stream, once stopped is closed
}

const (
	aheadPieces = 4
	aheadSize   = 1 << 18
)

func newAhead(from io.Reader) *ahead {
	a := &ahead{filled: make(chan []byte, aheadPieces), spare: make(chan []byte, aheadPieces), stop: make(chan struct{}), stopped: make(chan struct{})}
	for range aheadPieces {
		a.spare <- make([]byte, aheadSize)
	}
	go a.fill(from)
	return a
}

// fill fills pieces until the stream ends or nobody wants more.
func (a *ahead) fill(from io.Reader) {
	defer close(a.stopped)
	defer close(a.filled)
	for a.err == nil {
		var piece []byte
		select {
		case piece = <-a.spare:
		case <-a.stop:
			return
		}
		n := 0
		for n < len(piece) && a.err == nil {
			var more int
			more, a.err = from.Read(piece[n:])
			n += more
		}
		a.filled <- piece[:n] // there is room: no more pieces than that are about
	}
}

// Read gives what comes next; an error of the stream after all that came before it.
func (a *ahead) Read(p []byte) (int, error) {
	for len(a.taken) == 0 {
		if a.current != nil {
			a.spare <- a.current[:cap(a.current)]
			a.current = nil
		}
		piece, more := <-a.filled
		if !more {
			<-a.stopped
			if a.err == nil {
				return 0, io.ErrClosedPipe
			}
			return 0, a.err
		}
		a.current, a.taken = piece, piece
	}
	n := copy(p, a.taken)
	a.taken = a.taken[n:]
	return n, nil
}

// Close waits until the stream is not read any more.
func (a *ahead) Close() error {
	a.closing.Do(func() { close(a.stop) })
	<-a.stopped
	return nil
}
