package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"slices"
	"time"

	"github.com/arpent/arpent/engine"
)

// Why a secret is not accepted. None of them says what was given.
var (
	ErrUnknownToken = errors.New("access: the token is not known: ask whoever administers the campaign for another")
	ErrExpiredToken = errors.New("access: the token has expired: ask whoever administers the campaign for another")
	ErrRevokedToken = errors.New("access: the token was revoked: ask whoever administers the campaign for another")
)

// Holder is who asks: the holder of a token, in one campaign.
type Holder struct {
	Campaign string
	Token    string // its id; the audit log names it
	Scopes   []engine.Scope
	Turfs    []string // the turfs it is limited to; none: all of the campaign
	// Operator is set of whoever holds the workspace itself and acts through the server: it may everything, in any campaign.
	Operator bool
}

// May tells whether the holder has a scope.
func (h Holder) May(scope engine.Scope) bool { return slices.Contains(h.Scopes, scope) }

// Authenticate tells whose secret a text is. It takes the same steps whether or not there is such a token, and compares in constant
// time. The slices of the holder must not be changed.
func (r *Registry) Authenticate(secret string, now time.Time) (Holder, error) {
	id := secretID(secret)
	if id == "" {
		return Holder{}, ErrUnknownToken
	}
	given := sha256.Sum256([]byte(secret))
	r.reading.RLock()
	token, known := r.tokens[id]
	r.reading.RUnlock()
	if !known {
		token = r.nobody
	}
	same := subtle.ConstantTimeCompare(given[:], token.hash[:]) == 1
	switch {
	case !same || !known:
		return Holder{}, ErrUnknownToken
	case token.Revoked:
		return Holder{}, ErrRevokedToken
	case !now.Before(token.Expires):
		return Holder{}, ErrExpiredToken
	}
	return Holder{Campaign: token.Campaign, Token: id, Scopes: token.Scopes, Turfs: token.Turfs}, nil
}
