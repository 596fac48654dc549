package api

import (
	"context"
	"net/http"
	"runtime/debug"
	"time"
)

// contentPolicy lets the page load from its own origin only. MapLibre runs its worker from a blob.
const contentPolicy = "default-src 'self'; worker-src blob:; child-src blob:; img-src 'self' data: blob:; " +
	"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// pagePermissions are what the page never asks a browser for.
const pagePermissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

// headed sets the headers of every answer, and answers preflight requests. An answer is revalidated unless its resource says
// otherwise.
func (s *server) headed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.setCommon(w.Header(), r)
		if s.crossOrigin(w, r) {
			return
		}
		next.ServeHTTP(w, r)
	})
}

// onEveryAnswer are headers that do not depend on the request, nor on what it asks for. Their values are shared and never changed.
var onEveryAnswer = []struct {
	name  string
	value []string
}{
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Referrer-Policy", []string{"no-referrer"}},
	{"Content-Security-Policy", []string{contentPolicy}},
	{"Permissions-Policy", []string{pagePermissions}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Cache-Control", []string{revalidated}},
}

// revalidated lets anybody keep an answer, and ask each time whether it has changed.
const revalidated = "no-cache"

// setCommon sets the headers of every answer.
func (s *server) setCommon(h http.Header, r *http.Request) {
	for _, one := range onEveryAnswer {
		h[one.name] = one.value
	}
	if r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// answerTime is how long a caller may take to send a request and to receive its answer.
const answerTime = time.Minute

// maxBody bounds every body, in bytes. Resources have bounds of their own below it.
const maxBody = 64 << 20

// observed gives up on callers that are too slow to send or to receive or send too much, gives a request its id, logs and counts it, and turns a
// panic into a Problem, or cuts the connection when the answer has begun.
func (s *server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, answer := time.Now(), newExchange(w, r)
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(start.Add(answerTime)) // only a test's recorder has no deadline
		_ = control.SetWriteDeadline(start.Add(answerTime))
		answer.base = s.baseOf(r)
		answer.Header().Set(requestID, answer.id)
		s.metrics.underWay.Inc()
		defer func() {
			cause := recover()
			answer.leave()
			if cause != nil && cause != http.ErrAbortHandler {
				path, _ := addressOf(r)
				s.log.Error("api: panic", "id", answer.id, "method", methodOf(r), "path", path, "cause", cause, "stack", string(debug.Stack()))
			}
			cut := cause == http.ErrAbortHandler || cause != nil && answer.status != 0
			if cause != nil && !cut {
				writeProblem(answer, internal())
			}
			took := time.Since(start)
			s.metrics.underWay.Dec()
			gone := r.Context().Err() != nil && answer.status >= http.StatusInternalServerError // what is answered then is that nobody waits
			s.metrics.answered(answer, methodOf(r), took, cut || gone)
			s.logRequest(r, answer.id, answer.route, answer.status, answer.bytes, took)
			if cut {
				panic(http.ErrAbortHandler)
			}
		}()
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, answer))
		r.Body = http.MaxBytesReader(answer, r.Body, maxBody)
		next.ServeHTTP(answer, r)
	})
}
