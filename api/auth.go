package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

// Access says whose a token is, such as an *access.Registry.
type Access interface {
	// Authenticate gives the holder of a secret, or an error that may be told and does not contain it.
	Authenticate(secret string, now time.Time) (access.Holder, error)
}

// bearer is the name of the one way to authenticate.
const bearer = "bearer"

// OperatorCampaign is the header by which whoever holds the workspace says for which campaign a request is. Tokens have theirs.
const OperatorCampaign = "Arpent-Campaign"

// needs describes an operation that takes a token with a scope, see scoped. The operation itself asks for its holder with need or needIn.
func needs(scope engine.Scope) []map[string][]string {
	return []map[string][]string{{bearer: {string(scope)}}}
}

type holderKey struct{}

func withHolder(ctx context.Context, holder access.Holder) context.Context {
	return context.WithValue(ctx, holderKey{}, holder)
}

// authenticated refuses a token that does not count, also on what is public, and one that stands in the address. Whoever has none is
// anonymous. It refuses what is beyond the limits of whoever asks; who has no token that counts is one of those at its address.
func (s *server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var who asker
		var refused error
		if takesTokens(r.URL.Path) {
			who, refused = s.whoAsks(r)
		}
		if who.by != "" {
			// What is answered to a token is for its holder. Resources that answer the same to all say so.
			w.Header().Set("Cache-Control", privately)
			w.Header().Add("Vary", who.by)
			r = r.WithContext(withHolder(r.Context(), who.Holder))
		}
		leave, reason, err := s.limits.admit(callerOf(who.Holder, who.by != "" && refused == nil, r), w.Header())
		if err != nil {
			s.metrics.refused.WithLabelValues(reason).Inc()
			writeError(w, err)
			return
		}
		exchangeOf(r.Context()).leave = leave // when the answer ends, or an event stream begins
		switch {
		case tokenInAddress(r.URL):
			w.Header().Set("Cache-Control", "no-store")
			writeProblem(w, problem(http.StatusBadRequest, CodeTokenInAddress,
				"a token stands in the address, where logs and histories keep it: send it in the header Authorization, and have this one revoked"))
		case refused != nil:
			writeError(w, s.refusedToken(refused))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// asker is who asks: the holder of a token, or somebody without one.
type asker struct {
	access.Holder
	by    string // the header that the token is in, "" where there is none that counts
	stale bool   // there is a cookie, and its token does not count any more
}

// Where a token is.
const (
	byHeader = "Authorization"
	byCookie = "Cookie"
)

// whoAsks reads the token of a request. The header counts before a cookie, which may be there without anybody having thought of it: so one that
// does not count is no error, but nobody.
func (s *server) whoAsks(r *http.Request) (asker, error) {
	if header := r.Header[byHeader]; len(header) > 0 {
		holder, err := s.holderOf(header, r.Header.Get(OperatorCampaign))
		return asker{Holder: holder, by: byHeader}, err
	}
	holder, counts, stale := s.cookieHolder(r)
	if counts {
		return asker{Holder: holder, by: byCookie}, nil
	}
	return asker{stale: stale}, nil
}

// refusedToken counts a token that does not count, and says why.
func (s *server) refusedToken(why error) error {
	s.metrics.refused.WithLabelValues(refusedToken).Inc()
	p := problem(http.StatusUnauthorized, CodeUnauthorized, strings.TrimPrefix(why.Error(), "access: "))
	return huma.ErrorWithHeaders(p, http.Header{"Www-Authenticate": {challenge + `, error="invalid_token"`}})
}

// takesTokens tells whether a token at a path is looked at. The page and what says that the server lives need none.
func takesTokens(path string) bool { return strings.HasPrefix(path, "/v1/") || path == metricsPath }

// challenge says how to authenticate (RFC 6750).
const challenge = `Bearer realm="arpent"`

// holderOf reads Authorization headers, of which there must be one.
func (s *server) holderOf(header []string, campaign string) (access.Holder, error) {
	scheme, secret, _ := strings.Cut(header[0], " ")
	if len(header) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return access.Holder{}, errors.New("the header Authorization is not `Bearer TOKEN`")
	}
	secret = strings.TrimSpace(secret)
	if given := sha256.Sum256([]byte(secret)); subtle.ConstantTimeCompare(given[:], s.key[:]) == 1 {
		return access.Holder{Campaign: campaign, Token: "operator", Scopes: engine.Scopes(), Operator: true}, nil
	}
	if s.access == nil {
		return access.Holder{}, access.ErrUnknownToken
	}
	return s.access.Authenticate(secret, time.Now())
}

// scoped refuses an operation before its parameters and its body are read where whoever asks has none of the scopes it is described
// with.
func (s *server) scoped(ctx huma.Context, next func(huma.Context)) {
	var refused error
	for _, alternative := range ctx.Operation().Security {
		scopes, takesToken := alternative[bearer]
		if !takesToken {
			refused = nil // a token is welcome and not needed
			break
		}
		if refused = s.may(ctx.Context(), engine.Scope(scopes[0])); refused == nil {
			break
		}
	}
	if refused == nil {
		next(ctx)
		return
	}
	_, w := humago.Unwrap(ctx)
	writeError(w, refused)
}

// may tells whether whoever asks has a scope. Everybody has read:open.
func (s *server) may(ctx context.Context, scope engine.Scope) error {
	holder, known := ctx.Value(holderKey{}).(access.Holder)
	switch {
	case !known && scope != engine.ReadOpen:
		return unauthorized(scope)
	case known && !holder.May(scope):
		return forbidden(scope, fmt.Sprintf("the token does not have the scope %s", scope))
	}
	return nil
}

// need gives whoever asks, who must have a scope in a campaign. Everybody has read:open; an anonymous holder has no campaign.
func (s *server) need(ctx context.Context, scope engine.Scope) (access.Holder, error) {
	if err := s.may(ctx, scope); err != nil {
		return access.Holder{}, err
	}
	holder, _ := ctx.Value(holderKey{}).(access.Holder)
	switch {
	case holder.Operator && holder.Campaign == "":
		return access.Holder{}, problem(http.StatusBadRequest, CodeBadRequest, "say with the header "+OperatorCampaign+" for which campaign this is")
	case holder.Operator:
		if _, there := s.campaigns.Campaign(holder.Campaign); !there {
			return access.Holder{}, problem(http.StatusNotFound, CodeNotFound, "there is no campaign of this name")
		}
	}
	return holder, nil
}

// needIn gives whoever asks, who must have a scope in the campaign that the address names.
func (s *server) needIn(ctx context.Context, scope engine.Scope, campaign string) (access.Holder, error) {
	if holder, known := ctx.Value(holderKey{}).(access.Holder); known && holder.Operator {
		holder.Campaign = campaign
		ctx = withHolder(ctx, holder)
	}
	holder, err := s.need(ctx, scope)
	if err == nil && holder.Campaign != campaign {
		err = forbidden(scope, "the token is of another campaign")
	}
	return holder, err
}

// needOperator asks that whoever asks holds the workspace itself.
func (s *server) needOperator(ctx context.Context) error {
	holder, known := ctx.Value(holderKey{}).(access.Holder)
	switch {
	case !known:
		return unauthorized(engine.Administer)
	case !holder.Operator:
		return forbidden(engine.Administer, "only whoever holds the workspace may do this, with `arpent campaign` on the machine of the server")
	}
	return nil
}

func unauthorized(scope engine.Scope) error {
	p := problem(http.StatusUnauthorized, CodeUnauthorized, fmt.Sprintf("this needs a token with the scope %s, in the header `Authorization: Bearer TOKEN`", scope))
	return huma.ErrorWithHeaders(p, http.Header{"Www-Authenticate": {challenge}})
}

func forbidden(scope engine.Scope, detail string) error {
	header := fmt.Sprintf(`%s, error="insufficient_scope", scope="%s"`, challenge, scope)
	return huma.ErrorWithHeaders(problem(http.StatusForbidden, CodeForbidden, detail), http.Header{"Www-Authenticate": {header}})
}

// tokenInAddress tells whether a token stands in an address, plainly or encoded.
func tokenInAddress(u *url.URL) bool {
	if access.HoldsSecret(u.Path) || access.HoldsSecret(u.RawQuery) {
		return true
	}
	if whole, err := url.QueryUnescape(u.RawQuery); err == nil && access.HoldsSecret(whole) {
		return true
	}
	for name, values := range u.Query() {
		if name == "access_token" || access.HoldsSecret(name) || slices.ContainsFunc(values, access.HoldsSecret) {
			return true
		}
	}
	return false
}

// addressOf gives path and query of a request for the log: no token, and no query that may hide one because it cannot be read.
func addressOf(r *http.Request) (path, query string) {
	if tokenInAddress(r.URL) {
		return "(a token)", ""
	}
	if _, err := url.QueryUnescape(r.URL.RawQuery); err != nil {
		return r.URL.Path, "(unreadable)"
	}
	return r.URL.Path, r.URL.RawQuery
}
