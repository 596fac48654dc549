package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/arpent/arpent/engine/access"
)

const mediaEvents = "text/event-stream"

// isEvents tells whether an answer is an event stream.
func isEvents(h http.Header) bool { return strings.HasPrefix(h.Get("Content-Type"), mediaEvents) }

const (
	maxStreams    = 500              // open at the same time
	heartbeatTime = 15 * time.Second // proxies close connections on which nothing comes for half a minute and more
	receivingTime = 10 * time.Second
)

// streams bounds the event streams that are open.
type streams struct {
	open  atomic.Int64
	pause time.Duration // how long a caller may take to receive an event before it is cut
}

// eventStream is an open stream of Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
type eventStream struct {
	context.Context // ends with the caller or the server
	writer          http.ResponseWriter
	control         *http.ResponseController
	pause           time.Duration
	still           func() error // an error once the caller's token does not count any more
}

// stream answers with events until produce returns or the caller, the server or the right to read is gone. A caller that is cut comes
// back with Last-Event-ID and misses nothing.
func (s *server) stream(produce func(*eventStream) error) (*huma.StreamResponse, error) {
	if s.streams.open.Add(1) > maxStreams {
		s.streams.open.Add(-1)
		return nil, busy("too many event streams are open: come back later, or ask for pages")
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer s.streams.open.Add(-1)
		request, writer := humago.Unwrap(c)
		exchangeOf(request.Context()).leave() // streams have a bound of their own
		ctx, cancel := context.WithCancel(request.Context())
		defer cancel()
		go func() {
			select {
			case <-s.stopping:
				cancel()
			case <-ctx.Done():
			}
		}()
		e := &eventStream{ctx, writer, http.NewResponseController(writer), s.streams.pause, func() error { return s.stillHolds(request) }}
		_ = e.control.SetReadDeadline(time.Time{}) // nothing more comes from the caller
		writer.Header().Set("Content-Type", mediaEvents)
		writer.Header().Set("Cache-Control", "private, no-store")
		writer.Header().Set("X-Accel-Buffering", "no") // nginx would hold events back
		err := e.write(": the stream begins\n\n")
		if err == nil {
			err = produce(e)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Debug("api: an event stream ended", "error", err)
		}
	}}, nil
}

// stillHolds tells whether the token of a request counts after a while: it may have expired, or been revoked.
func (s *server) stillHolds(r *http.Request) error {
	who, err := s.whoAsks(r)
	if err == nil && who.by == "" { // a cookie that counted
		err = access.ErrUnknownToken
	}
	return err
}

// send sends an event; data is one line.
func (e *eventStream) send(id, name string, data []byte) error {
	return e.write(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", id, name, data))
}

func (e *eventStream) write(text string) error {
	_ = e.control.SetWriteDeadline(time.Now().Add(e.pause)) // only a test's recorder has no deadline
	if _, err := e.writer.Write([]byte(text)); err != nil {
		return err
	}
	if err := e.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// wait waits until something has come, and sends a comment each time nothing has for a while. Its error ends the stream.
func (e *eventStream) wait(until func(context.Context) error) error {
	for {
		waiting, cancel := context.WithTimeout(e, heartbeatTime)
		err := until(waiting)
		quiet := waiting.Err() != nil
		cancel()
		switch {
		case e.Err() != nil:
			return e.Err()
		case err == nil:
			return e.still()
		case !quiet:
			return err
		}
		if err := e.still(); err != nil {
			return err
		}
		if err := e.write(": nothing new\n\n"); err != nil {
			return err
		}
	}
}
