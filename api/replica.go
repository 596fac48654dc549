package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine/access"
)

// ownerRoute is the route of what a replica hands to its owner, in its log and metrics; the owner's have the real one.
const ownerRoute = "(owner)"

// replicated hands to the owner, where there is one, what a replica does not answer itself. It stands before all that reads a request.
func (s *server) replicated(here http.Handler) http.Handler {
	if s.owner == nil {
		return here
	}
	s.owner.proxy.ErrorHandler = s.notPassedOn
	owner := s.observed(http.HandlerFunc(s.passOn))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isOwners(r) {
			owner.ServeHTTP(w, r)
			return
		}
		here.ServeHTTP(w, r)
	})
}

// isOwners tells whether a request is for the owner: whatever has a token, and what is not open to everybody. A replica has no tokens, so that what is
// taken for an open question by mistake is answered as one, or refused.
func isOwners(r *http.Request) bool {
	path := r.URL.Path
	switch {
	case !takesTokens(path) || methodOf(r) == "other":
		return false // no token counts there, or nothing is
	case tokenInAddress(r.URL):
		return false // it is refused here, and goes into no other log
	case len(r.Header[byHeader]) > 0 || len(r.CookiesNamed(sessionCookie)) > 0:
		return true
	}
	switch r.Method {
	case http.MethodOptions:
		return false
	case http.MethodGet, http.MethodHead:
		return slices.ContainsFunc(alwaysNew, func(prefix string) bool { return strings.HasPrefix(path, prefix) })
	case http.MethodPost:
		return path != "/v1/scores" && !strings.HasPrefix(path, "/v1/query/")
	}
	return true
}

// passOn hands a request to the owner, and its answer to the caller, as they come.
func (s *server) passOn(w http.ResponseWriter, r *http.Request) {
	if slices.Contains(r.Header["Via"], viaReplica) {
		s.refuse(w, r, problem(http.StatusServiceUnavailable, CodeOwnerUnreachable, "the owner of this replica is a replica itself: start it with --owner and the URL of the server that holds the workspace"))
		return
	}
	x := exchangeOf(r.Context())
	x.route = ownerRoute
	leave, reason, err := s.limits.admit(passedCaller(r), http.Header{}) // what the caller has left is the owner's to say
	if err != nil {
		s.metrics.refused.WithLabelValues(reason).Inc()
		s.refuse(w, r, err)
		return
	}
	x.leave = leave
	ctx, stop := s.owner.whileThere(r.Context())
	defer stop()
	control := http.NewResponseController(w)
	body := &passedBody{ReadCloser: r.Body, control: control}
	r = r.WithContext(context.WithValue(ctx, passedBodyKey{}, body))
	if r.Body == http.NoBody || r.ContentLength == 0 {
		_ = control.SetReadDeadline(time.Time{}) // nothing more comes; only a test's recorder has no deadline
	} else {
		r.Body = body
	}
	if r.TLS != nil {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
	}
	s.owner.proxy.ServeHTTP(&passedWriter{w, control}, r)
}

// passedCaller is whom the limits of a replica are for. Whether a token counts is not known here: one that is invented is the owner's to refuse,
// for it is told who asks.
func passedCaller(r *http.Request) caller {
	c := callerOf(access.Holder{}, false, r)
	credentials := r.Header.Get(byHeader)
	for _, cookie := range r.CookiesNamed(sessionCookie) {
		credentials += cookie.Value
	}
	if credentials != "" {
		sum := sha256.Sum256([]byte(credentials))
		c = caller{token: hex.EncodeToString(sum[:])}
	}
	return c
}

// notPassedOn answers where the owner has not.
func (s *server) notPassedOn(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	body, _ := r.Context().Value(passedBodyKey{}).(*passedBody)
	lost := context.Cause(r.Context()) == errOwnerLost
	switch {
	case errors.As(err, &tooLarge):
		s.refuse(w, r, problem(http.StatusRequestEntityTooLarge, CodeTooLarge, "the body is too large"))
	case r.Context().Err() != nil && !lost:
		panic(http.ErrAbortHandler) // the caller has gone
	case body != nil && body.failed.Load():
		w.Header().Set("Connection", "close")
		s.refuse(w, r, problem(http.StatusRequestTimeout, CodeTooSlow, "the body did not come to its end in time: send it again"))
	default:
		s.refuse(w, r, refusedFor(http.StatusServiceUnavailable, CodeOwnerUnreachable,
			"the server that keeps tokens and returns cannot be reached, and nothing was acknowledged: send the same again", ownerRetry))
	}
}

// ownerRetry is when a caller may come again after the owner was not reached.
const ownerRetry = 2 * time.Second

// refuse answers in place of the owner.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	h := w.Header()
	s.setCommon(h, r)
	h.Set("Cache-Control", "no-store")
	if forOtherOrigins(r.URL.Path) {
		exchangeOf(r.Context()).vary = s.letIn(h, r)
	}
	writeError(w, err)
}

type passedBodyKey struct{}

// passedBody is a body that may take as long as it comes on.
type passedBody struct {
	io.ReadCloser
	control *http.ResponseController
	failed  atomic.Bool // the caller did not send it to its end
}

func (b *passedBody) Read(p []byte) (int, error) {
	_ = b.control.SetReadDeadline(time.Now().Add(answerTime)) // only a test's recorder has no deadline
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == io.EOF:
		_ = b.control.SetReadDeadline(time.Time{}) // the answer may be a stream without an end
	case err != nil:
		b.failed.Store(true)
	}
	return n, err
}

// passedWriter gives each piece of an answer the time of an answer.
type passedWriter struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (w *passedWriter) WriteHeader(status int) {
	_ = w.control.SetWriteDeadline(time.Now().Add(answerTime)) // only a test's recorder has no deadline
	w.ResponseWriter.WriteHeader(status)
}

func (w *passedWriter) Write(b []byte) (int, error) {
	_ = w.control.SetWriteDeadline(time.Now().Add(answerTime))
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *passedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// coming says that a snapshot will answer soon.
func coming(snapshot string) error {
	p := problem(http.StatusServiceUnavailable, CodeNotReady, "snapshot "+snapshot+" is being made ready here: try again in a moment")
	return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {"1"}})
}
