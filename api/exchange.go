package api

import (
	"context"
	"crypto/rand"
	"net/http"
	"regexp"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine/access"
)

// requestID is the header by which a request is found in the log, here and at the caller.
const requestID = "X-Request-Id"

// exchange is a request and its answer as the log and the metrics see them. It is what the answer is written to.
type exchange struct {
	http.ResponseWriter
	id     string // see idOf
	base   string // see baseOf
	route  string // what the address matched, never the address itself
	vary   string // what the answer also depends on, whatever its resource says; "" for nothing
	leave  func() // gives back what it takes of the bound on requests under way; may be called again
	status int    // 0 until the answer begins
	bytes  int64
}

// noRoute is the route of what matches none, or is refused before that is known.
const noRoute = "none"

type exchangeKey struct{}

func newExchange(w http.ResponseWriter, r *http.Request) *exchange {
	return &exchange{ResponseWriter: w, id: idOf(r), route: noRoute, leave: func() {}}
}

// exchangeOf gives the exchange of a request that has come through observed.
func exchangeOf(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{leave: func() {}}
}

var safeID = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`)

// idOf is the id that the caller gives the request, or a random one where that is not safe to write anywhere.
func idOf(r *http.Request) string {
	if id := r.Header.Get(requestID); id != "" && safeID.MatchString(id) && !access.HoldsSecret(id) {
		return id
	}
	return rand.Text()
}

// methodOf is the method of a request for log and metrics. A caller may invent any.
func methodOf(r *http.Request) string {
	switch r.Method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return r.Method
	}
	return "other"
}

func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && x.vary != "" {
		x.Header().Add("Vary", x.vary)
	}
	x.status = status
	x.ResponseWriter.WriteHeader(status)
}

func (x *exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	n, err := x.ResponseWriter.Write(b)
	x.bytes += int64(n)
	return n, err
}

// Flush is for gzhttp, which looks for nothing else: without it events wait until a stream ends.
func (x *exchange) Flush() {
	_ = http.NewResponseController(x.ResponseWriter).Flush() // only a test's recorder cannot
}

// Unwrap is for http.ResponseController.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// baseOf is how the server is addressed, for links in answers: as the operator says, else as the request has it. Headers that a proxy may or may not
// have set are trusted of the proxies that the operator names alone.
func (s *server) baseOf(r *http.Request) string {
	scheme := schemeOf(r.Context())
	switch {
	case s.publicURL != "":
		return s.publicURL
	case scheme != "":
		return scheme + "://" + r.Host
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// linkBase is baseOf within an operation.
func linkBase(ctx huma.Context) string { return exchangeOf(ctx.Context()).base }

// routed notes which operation a request is for.
func routed(ctx huma.Context, next func(huma.Context)) {
	exchangeOf(ctx.Context()).route = ctx.Operation().Path
	next(ctx)
}

// identified puts the id of the request into a Problem that is the server's fault.
func identified(ctx huma.Context, _ string, body any) (any, error) {
	if p, ok := body.(*Problem); ok {
		return p.of(exchangeOf(ctx.Context()).id), nil
	}
	return body, nil
}
