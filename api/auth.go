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

// needs describes an operation that takes a token with a scope. The operation itself asks for it with need or needIn.
func needs(scope engine.Scope) []map[string][]string {
	return []map[string][]string{{bearer: {string(scope)}}}
}

type holderKey struct{}

// authenticated refuses a token that does not count, also on what is public, and one that stands in the address. Whoever has none is
// anonymous.
func (s *server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tokenInAddress(r.URL) {
			w.Header().Set("Cache-Control", "no-store")
			writeProblem(w, problem(http.StatusBadRequest, CodeTokenInAddress,
				"a token stands in the address, where logs and histories keep it: send it in the header Authorization, and have this one revoked"))
			return
		}
		header := r.Header.Values("Authorization")
		if len(header) == 0 || !strings.HasPrefix(r.URL.Path, "/v1/") {
			next.ServeHTTP(w, r)
			return
		}
		// What is answered to a token is for its holder. Resources that answer the same to all say so.
		w.Header().Set("Cache-Control", "private, no-cache")
		w.Header().Add("Vary", "Authorization")
		holder, err := s.holderOf(header, r.Header.Get(OperatorCampaign))
		if err != nil {
			w.Header().Set("WWW-Authenticate", challenge+`, error="invalid_token"`)
			writeProblem(w, problem(http.StatusUnauthorized, CodeUnauthorized, strings.TrimPrefix(err.Error(), "access: ")))
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), holderKey{}, holder)))
	})
}

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

// need gives whoever asks, who must have a scope in a campaign. Everybody has read:open; an anonymous holder has no campaign.
func (s *server) need(ctx context.Context, scope engine.Scope) (access.Holder, error) {
	holder, known := ctx.Value(holderKey{}).(access.Holder)
	switch {
	case !known && scope == engine.ReadOpen:
		return access.Holder{}, nil
	case !known:
		p := problem(http.StatusUnauthorized, CodeUnauthorized, fmt.Sprintf("this needs a token with the scope %s, in the header `Authorization: Bearer TOKEN`", scope))
		return access.Holder{}, huma.ErrorWithHeaders(p, http.Header{"Www-Authenticate": {challenge}})
	case !holder.May(scope):
		p := problem(http.StatusForbidden, CodeForbidden, fmt.Sprintf("the token does not have the scope %s", scope))
		header := fmt.Sprintf(`%s, error="insufficient_scope", scope="%s"`, challenge, scope)
		return access.Holder{}, huma.ErrorWithHeaders(p, http.Header{"Www-Authenticate": {header}})
	case holder.Operator && !engine.IsCode(holder.Campaign):
		return access.Holder{}, problem(http.StatusBadRequest, CodeBadRequest, "say with the header "+OperatorCampaign+" for which campaign this is")
	}
	return holder, nil
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
