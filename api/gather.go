package api

import (
	"context"
	"net"
	"net/http"
)

// Gathering makes the connections of a listener let an answer leave in one piece where its resource asks for that. net/http writes header and body
// apart, and to hand something to the network costs more than all else that is done for a tile that is ready. Connections other than TCP's are left
// as they are. It takes WithConnection beside it, as the ConnContext of the server.
func Gathering(l net.Listener) net.Listener { return gatheringListener{l} }

type gatheringListener struct{ net.Listener }

func (l gatheringListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok && err == nil {
		return &gatheringConn{TCPConn: tcp}, nil
	}
	return c, err
}

// gatheringConn holds back what is written between hold and release. Only the goroutine that answers writes to it.
type gatheringConn struct {
	*net.TCPConn
	holding bool
	held    []byte
}

// mostHeld is how much is held back at the most; more than that costs more to copy than to send.
const mostHeld = 16 << 10

func (c *gatheringConn) Write(b []byte) (int, error) {
	switch {
	case !c.holding:
		return c.TCPConn.Write(b)
	case len(c.held)+len(b) <= mostHeld:
		c.held = append(c.held, b...)
		return len(b), nil
	}
	if len(c.held) == 0 {
		return c.TCPConn.Write(b)
	}
	both := net.Buffers{c.held, b}
	before := int64(len(c.held))
	n, err := both.WriteTo(c.TCPConn)
	c.held = c.held[:0]
	return int(max(0, n-before)), err
}

// release sends what is held back.
func (c *gatheringConn) release() {
	c.holding = false
	if len(c.held) > 0 {
		_, _ = c.TCPConn.Write(c.held) // the caller may have gone, which the next read tells
		c.held = c.held[:0]
	}
}

type connectionKey struct{}

// WithConnection is the ConnContext of a server whose listener is Gathering.
func WithConnection(ctx context.Context, c net.Conn) context.Context {
	if c, ok := c.(*gatheringConn); ok {
		return context.WithValue(ctx, connectionKey{}, c)
	}
	return ctx
}

// inOnePiece writes an answer that is there as a whole.
func inOnePiece(w http.ResponseWriter, r *http.Request, status int, body []byte) (sent int) {
	c, gathers := r.Context().Value(connectionKey{}).(*gatheringConn)
	if gathers {
		c.holding = true
		defer c.release()
	}
	w.WriteHeader(status)
	if body != nil {
		sent, _ = w.Write(body) // the caller may have gone
	}
	if gathers {
		_ = http.NewResponseController(w).Flush() // into what is held back
	}
	return sent
}
