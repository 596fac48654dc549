package api

import (
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// contentPolicy lets the page load from its own origin only. MapLibre runs its worker from a blob.
const contentPolicy = "default-src 'self'; worker-src blob:; child-src blob:; img-src 'self' data: blob:; " +
	"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// headed sets the headers of every answer, and answers preflight requests. An answer is revalidated unless its resource says
// otherwise.
func headed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("Cache-Control", "no-cache")
		if strings.HasPrefix(r.URL.Path, "/v1/") || r.URL.Path == "/openapi.json" {
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Access-Control-Expose-Headers", "ETag, Retry-After")
			if r.Method == http.MethodOptions {
				h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE")
				h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Content-Encoding, Idempotency-Key, If-None-Match, Last-Event-ID")
				h.Set("Access-Control-Max-Age", "86400")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// answerTime is how long a caller may take to send a request and to receive its answer.
const answerTime = time.Minute

// observed gives up on callers that are too slow to send or to receive, logs a line per request at debug level, without the
// caller's address, and turns a panic into a Problem, or cuts the connection when the answer has begun.
func (s *server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, answer := time.Now(), &countedWriter{ResponseWriter: w}
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(start.Add(answerTime)) // only a test's recorder has no deadline
		_ = control.SetWriteDeadline(start.Add(answerTime))
		defer func() {
			cause := recover()
			path, query := addressOf(r)
			if cause != nil && cause != http.ErrAbortHandler {
				s.log.Error("api: panic", "method", r.Method, "path", path, "cause", cause, "stack", string(debug.Stack()))
			}
			cut := cause == http.ErrAbortHandler || cause != nil && answer.status != 0
			if cause != nil && !cut {
				writeProblem(answer, internal())
			}
			s.log.Debug("request", "method", r.Method, "path", path, "query", query,
				"status", answer.status, "bytes", answer.bytes, "took", time.Since(start))
			if cut {
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(answer, r)
	})
}

// countedWriter notes the status and size of an answer.
type countedWriter struct {
	http.ResponseWriter
	status int // 0 until the answer begins
	bytes  int64
}

func (w *countedWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *countedWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Flush is for gzhttp, which looks for nothing else: without it events wait until a stream ends.
func (w *countedWriter) Flush() {
	_ = http.NewResponseController(w.ResponseWriter).Flush() // only a test's recorder cannot
}

// Unwrap is for http.ResponseController.
func (w *countedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
