package access

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/arpent/arpent/engine"
)

// Token is what a token may do. Its secret is not in it, and is nowhere.
type Token struct {
	ID       string         `json:"token"`
	Campaign string         `json:"campaign"`
	Label    string         `json:"label,omitempty"` // a code
	Scopes   []engine.Scope `json:"scopes"`
	Turfs    []string       `json:"turfs,omitempty"` // the turfs it is limited to; none: all of the campaign
	Created  time.Time      `json:"created"`
	Expires  time.Time      `json:"expires"`
	Revoked  bool           `json:"revoked,omitempty"`
}

// TokenRequest is what a token is asked to be.
type TokenRequest struct {
	Scopes  []engine.Scope
	Label   string    // a code, or ""
	Turfs   []string  // of the campaign; none: all of it
	Expires time.Time // zero: when the campaign's returns do
}

// heldToken is a token in memory. It is not changed, but replaced.
type heldToken struct {
	Token
	hash [sha256.Size]byte // of the secret
}

// tokenRecord is a token as its file has it.
type tokenRecord struct {
	Token
	Hash string `json:"secret_sha256"`
}

// mostTurfsOfToken bounds a token's file.
const mostTurfsOfToken = 1000

// NewToken makes a token of a campaign. The secret is given this once.
func (r *Registry) NewToken(campaign string, request TokenRequest, now time.Time) (secret string, token Token, err error) {
	r.changing.Lock()
	defer r.changing.Unlock()
	c, ok := r.campaigns[campaign]
	if !ok {
		return "", Token{}, noCampaign(campaign)
	}
	token = Token{Campaign: campaign, Label: request.Label, Scopes: slices.Clone(request.Scopes), Turfs: slices.Clone(request.Turfs),
		Created: now.UTC().Truncate(time.Second), Expires: request.Expires.UTC()}
	if request.Expires.IsZero() {
		token.Expires = c.Expires()
	}
	if err := checkToken(token); err != nil {
		return "", Token{}, err
	}
	if !now.Before(token.Expires) {
		return "", Token{}, refuse("expires", "%s is not in the future", token.Expires.Format(time.RFC3339))
	}
	for _, turf := range token.Turfs {
		if !slices.ContainsFunc(c.turfs, func(t engine.Turf) bool { return t.ID == turf }) {
			return "", Token{}, refuse("turfs", "the campaign has no turf %s; it has: %s", turf, named(c.turfs))
		}
	}
	for taken := true; taken; _, taken = r.tokens[token.ID] {
		secret, token.ID = NewSecret()
	}
	if err := r.keepToken(heldToken{token, sha256.Sum256([]byte(secret))}); err != nil {
		return "", Token{}, err
	}
	return secret, token, nil
}

// Revoke makes a token worthless, for ever.
func (r *Registry) Revoke(campaign, id string) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	held, ok := r.tokens[id]
	if !ok || held.Campaign != campaign {
		return fmt.Errorf("%w: campaign %s has no token %s: `arpent token list` lists them", ErrNotFound, campaign, id)
	}
	held.Revoked = true
	return r.keepToken(held)
}

// Tokens lists the tokens of a campaign, the oldest first.
func (r *Registry) Tokens(campaign string) []Token {
	r.reading.RLock()
	defer r.reading.RUnlock()
	var list []Token
	for _, held := range r.tokens {
		if held.Campaign == campaign {
			list = append(list, held.Token)
		}
	}
	slices.SortFunc(list, func(a, b Token) int {
		if order := a.Created.Compare(b.Created); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list
}

// keepToken writes a token and then lets it count.
func (r *Registry) keepToken(held heldToken) error {
	path := filepath.Join(r.folder(held.Campaign), tokensFolder, held.ID+engine.RecordSuffix)
	if err := engine.WriteRecord(path, tokenRecord{held.Token, hex.EncodeToString(held.hash[:])}); err != nil {
		return err
	}
	r.reading.Lock()
	r.tokens[held.ID] = held
	r.reading.Unlock()
	return nil
}

// checkToken says what of a token cannot be.
func checkToken(t Token) error {
	if len(t.Scopes) == 0 {
		return refuse("scopes", "a token needs one of: %s", scopeNames())
	}
	for i, scope := range t.Scopes {
		if !slices.Contains(engine.Scopes(), scope) || slices.Contains(t.Scopes[:i], scope) {
			return refuse("scopes", "these are the scopes, each at most once: %s", scopeNames())
		}
	}
	if t.Label != "" && !engine.IsCode(t.Label) {
		return refuse("label", "it is a code: %s", codeForm)
	}
	if len(t.Turfs) > mostTurfsOfToken {
		return refuse("turfs", "at most %d", mostTurfsOfToken)
	}
	for i, turf := range t.Turfs {
		if !engine.IsCode(turf) || slices.Contains(t.Turfs[:i], turf) {
			return refuse("turfs", "each is the id of a turf, at most once")
		}
	}
	if t.Expires.Year() > lastYear {
		return refuse("expires", "the year is %d at most", lastYear)
	}
	return nil
}

func scopeNames() string {
	var names []string
	for _, scope := range engine.Scopes() {
		names = append(names, string(scope))
	}
	return strings.Join(names, ", ")
}

// loadTokens reads the tokens of a campaign.
func (r *Registry) loadTokens(campaign string) error {
	return engine.EachRecord(filepath.Join(r.folder(campaign), tokensFolder), func(id, path string) error {
		var record tokenRecord
		if err := engine.ReadRecord(path, &record); err != nil {
			return err
		}
		hash, err := hex.DecodeString(record.Hash)
		if err != nil || len(hash) != sha256.Size || record.ID != id || record.Campaign != campaign || checkToken(record.Token) != nil {
			return engine.DamagedRecord(path, "it is not the token that its name says")
		}
		if _, twice := r.tokens[id]; twice {
			return engine.DamagedRecord(path, "another campaign has a token of this id")
		}
		r.tokens[id] = heldToken{record.Token, [sha256.Size]byte(hash)}
		return nil
	})
}
