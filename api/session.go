package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

const (
	sessionRoute  = "/v1/session"
	sessionCookie = "arpent_session" // its value is a token
)

// Session is what the cookie of whoever asks may do.
type Session struct {
	Campaign *string        `json:"campaign" nullable:"true" doc:"null: nobody is signed in"`
	Scopes   []engine.Scope `json:"scopes" doc:"Of its token those that the cookie gives: some of read:open, read:aggregate, field:read"`
}

// SessionRequest is who signs in.
type SessionRequest struct {
	Token string `json:"token" maxLength:"200" doc:"A token of the scope field:read or read:aggregate, as arpent token new printed it"`
}

type signInInput struct {
	sessionInput
	Body SessionRequest
}

// sessionInput keeps the request: what its cookie says is no parameter, for the rules of cookieMay go with it.
type sessionInput struct{ request *http.Request }

// Resolve takes the request.
func (in *sessionInput) Resolve(ctx huma.Context) []error {
	in.request, _ = humago.Unwrap(ctx)
	return nil
}

type sessionOutput struct {
	SetCookie    string `header:"Set-Cookie"`
	CacheControl string `header:"Cache-Control"`
	Body         Session
}

type signOutOutput struct {
	SetCookie    string `header:"Set-Cookie"`
	CacheControl string `header:"Cache-Control"`
}

func (s *server) registerSession(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "sign-in",
		RequestBody: bodyLike(mediaJSON, `{"token": "`+exampleToken+`"}`),
		Method:      http.MethodPost,
		Path:        sessionRoute,
		Summary:     "Sign in: from then on a cookie stands for the token",
		Description: "For the map page, which keeps no token: the cookie " + sessionCookie + " is one that no script reads, and ends with the browser. It counts for reading alone (GET and HEAD), " +
			"never beside the header Authorization, and never in what a page of another origin asks; it gives the scopes read:open, read:aggregate and field:read of its token, and no others.",
		Tags:        []string{"administration"},
		Security:    []map[string][]string{{}},
		Middlewares: huma.Middlewares{fromOwnPage},
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity},
	}, s.signIn)
	huma.Register(api, huma.Operation{
		OperationID: "get-session",
		Method:      http.MethodGet,
		Path:        sessionRoute,
		Summary:     "Who is signed in",
		Description: "Nobody is no error. A cookie whose token does not count any more is taken back.",
		Tags:        []string{"administration"},
	}, s.getSession)
	huma.Register(api, huma.Operation{
		OperationID: "sign-out",
		Method:      http.MethodDelete,
		Path:        sessionRoute,
		Summary:     "Sign out: the cookie is taken back. Its token goes on to count, until it is revoked",
		Tags:        []string{"administration"},
		Middlewares: huma.Middlewares{fromOwnPage},
		Errors:      []int{http.StatusForbidden},
	}, s.signOut)
}

// exampleToken is none that anybody has.
const exampleToken = "arp_k3q7mzt2ab_..."

func (s *server) signIn(_ context.Context, in *signInInput) (*sessionOutput, error) {
	token := strings.TrimSpace(in.Body.Token)
	if s.access == nil {
		return nil, s.refusedToken(access.ErrUnknownToken)
	}
	holder, err := s.access.Authenticate(token, time.Now())
	if err != nil {
		return nil, s.refusedToken(err)
	}
	if !holder.May(engine.FieldRead) && !holder.May(engine.ReadAggregate) {
		return nil, forbidden(engine.FieldRead, "the token has neither of the scopes field:read and read:aggregate: there is nothing to sign in for")
	}
	return &sessionOutput{cookieLine(in.request, token), "no-store", sessionOf(holder)}, nil
}

func (s *server) getSession(_ context.Context, in *sessionInput) (*sessionOutput, error) {
	out := &sessionOutput{CacheControl: "no-store", Body: Session{Scopes: []engine.Scope{}}}
	who, err := s.whoAsks(in.request)
	switch {
	case err != nil: // which was refused before
		return nil, err
	case who.by == byCookie:
		out.Body = sessionOf(who.Holder)
	case who.stale:
		out.SetCookie = cookieLine(in.request, "")
	}
	return out, nil
}

func (s *server) signOut(_ context.Context, in *sessionInput) (*signOutOutput, error) {
	return &signOutOutput{cookieLine(in.request, ""), "no-store"}, nil
}

func sessionOf(holder access.Holder) Session {
	return Session{&holder.Campaign, cookieScopes(holder)}
}

// cookieLine writes the header that sets the cookie to a token, or that takes it back where token is "".
func cookieLine(r *http.Request, token string) string {
	cookie := http.Cookie{Name: sessionCookie, Value: token, Path: "/v1", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: strings.HasPrefix(exchangeOf(r.Context()).base, "https://")}
	if token == "" {
		cookie.MaxAge = -1
	}
	return cookie.String()
}

// cookieScopes are those that a cookie gives of its token. Browsers send it by themselves, so it does nothing but read.
func cookieScopes(holder access.Holder) []engine.Scope {
	given := []engine.Scope{}
	for _, scope := range []engine.Scope{engine.ReadOpen, engine.ReadAggregate, engine.FieldRead} {
		if holder.May(scope) {
			given = append(given, scope)
		}
	}
	return given
}

// cookieHolder gives the holder of the token in a request's cookie with what the cookie gives of its scopes. stale tells that the token does not
// count, where the cookie would.
func (s *server) cookieHolder(r *http.Request) (holder access.Holder, counts, stale bool) {
	if len(r.Header["Cookie"]) == 0 || s.access == nil || !cookieMay(r) {
		return access.Holder{}, false, false
	}
	cookies := r.CookiesNamed(sessionCookie)
	if len(cookies) != 1 { // of two, which counts is not for the server to choose
		return access.Holder{}, false, false
	}
	holder, err := s.access.Authenticate(cookies[0].Value, time.Now())
	if holder.Scopes = cookieScopes(holder); err != nil || len(holder.Scopes) == 0 {
		return access.Holder{}, false, true
	}
	return holder, true, false
}

// cookieMay tells whether a request is one that a cookie counts for: it reads, or signs out, and no page of another origin had a browser send it,
// not even one of the same site.
func cookieMay(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && (r.Method != http.MethodDelete || r.URL.Path != sessionRoute) {
		return false
	}
	sites := r.Header["Sec-Fetch-Site"]
	return !slices.ContainsFunc(sites, func(site string) bool { return site != "same-origin" && site != "none" })
}

// fromOwnPage refuses what a page of another origin has a browser send: it would sign people in or out who do not know of it.
func fromOwnPage(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	if new(http.CrossOriginProtection).Check(r) != nil {
		writeProblem(w, problem(http.StatusForbidden, CodeForbidden, "a page of another origin asks this: only pages of this server sign in and out"))
		return
	}
	next(ctx)
}
