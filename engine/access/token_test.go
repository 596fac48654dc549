package access

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

func TestTokenIsOfOneCampaignAndItsScopes(t *testing.T) {
	r, dir := withNorth(t)
	must(t, r.SetTurf("north", "east", []byte(square)))
	secret, token, err := r.NewToken("north", TokenRequest{
		Scopes: []engine.Scope{engine.FieldWrite, engine.ReadOpen}, Label: "phone-7", Turfs: []string{"east"}, Expires: spring.AddDate(0, 0, 30)}, spring)
	must(t, err)
	if len(secret) != 58 || !strings.HasPrefix(secret, "arp_"+token.ID+"_") {
		t.Errorf("secret %q of token %s", secret, token.ID)
	}
	for when, r := range map[string]*Registry{"at once": r, "opened again": open(t, dir)} {
		h, err := r.Authenticate(secret, spring)
		must(t, err)
		if h.Campaign != "north" || h.Token != token.ID || len(h.Turfs) != 1 || h.Turfs[0] != "east" || h.Operator {
			t.Errorf("%s: %+v", when, h)
		}
		for _, scope := range engine.Scopes() {
			if want := scope == engine.FieldWrite || scope == engine.ReadOpen; h.May(scope) != want {
				t.Errorf("%s: may %s: %v", when, scope, h.May(scope))
			}
		}
		if list := r.Tokens("north"); len(list) != 1 || list[0].ID != token.ID || list[0].Label != "phone-7" || !list[0].Expires.Equal(spring.AddDate(0, 0, 30)) {
			t.Errorf("%s: %+v", when, list)
		}
		if list := r.Tokens("south"); len(list) != 0 {
			t.Errorf("%s: south has %+v", when, list)
		}
	}
}

func TestTokensEnd(t *testing.T) {
	r, dir := withNorth(t)
	lasting, _, err := r.NewToken("north", TokenRequest{Scopes: engine.Scopes()}, spring)
	must(t, err)
	short, _, err := r.NewToken("north", TokenRequest{Scopes: engine.Scopes(), Expires: spring.Add(time.Hour)}, spring)
	must(t, err)
	revoked, token, err := r.NewToken("north", TokenRequest{Scopes: engine.Scopes()}, spring)
	must(t, err)
	if err := r.Revoke("south", token.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoked by another campaign: %v", err)
	}
	if err := r.Revoke("north", "aaaaaaaaaa"); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoked what is not there: %v", err)
	}
	must(t, r.Revoke("north", token.ID))
	for _, c := range []struct {
		token, secret string
		at            time.Time
		want          error
	}{
		{"lasting", lasting, spring, nil},
		{"lasting, on the last day that returns are kept", lasting, time.Date(2027, 5, 11, 23, 59, 59, 0, time.UTC), nil},
		{"lasting, afterwards", lasting, time.Date(2027, 5, 12, 0, 0, 0, 0, time.UTC), ErrExpiredToken},
		{"of an hour, a second before its end", short, spring.Add(time.Hour - time.Second), nil},
		{"of an hour, at its end", short, spring.Add(time.Hour), ErrExpiredToken},
		{"revoked", revoked, spring, ErrRevokedToken},
		{"unknown", short[:57] + other(short[57]), spring, ErrUnknownToken},
	} {
		for when, r := range map[string]*Registry{"at once": r, "opened again": open(t, dir)} {
			h, err := r.Authenticate(c.secret, c.at)
			if !errors.Is(err, c.want) || (err != nil) != (h.Campaign == "") {
				t.Errorf("%s, %s: %+v, %v; want %v", c.token, when, h, err, c.want)
			}
			if err != nil && (HoldsSecret(err.Error()) || strings.Contains(err.Error(), c.secret)) {
				t.Errorf("%s: the error has the secret: %v", c.token, err)
			}
		}
	}
}

// other gives another character of base64url.
func other(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

func TestWhatIsNoToken(t *testing.T) {
	r, _ := withNorth(t)
	write := []engine.Scope{engine.FieldWrite}
	for _, c := range []struct {
		what    string
		request TokenRequest
		field   string
	}{
		{"no scope", TokenRequest{}, "scopes"},
		{"a scope that there is not", TokenRequest{Scopes: []engine.Scope{"all"}}, "scopes"},
		{"a scope twice", TokenRequest{Scopes: []engine.Scope{engine.FieldWrite, engine.FieldWrite}}, "scopes"},
		{"a person's name as its label", TokenRequest{Scopes: write, Label: "Mrs Durand"}, "label"},
		{"a turf that there is not", TokenRequest{Scopes: write, Turfs: []string{"east"}}, "turfs"},
		{"a turf that is no code", TokenRequest{Scopes: write, Turfs: []string{"../east"}}, "turfs"},
		{"too many turfs", TokenRequest{Scopes: write, Turfs: make([]string, mostTurfsOfToken+1)}, "turfs"},
		{"an end before now", TokenRequest{Scopes: write, Expires: spring.Add(-time.Second)}, "expires"},
		{"an end now", TokenRequest{Scopes: write, Expires: spring}, "expires"},
		{"an end in the year 10000", TokenRequest{Scopes: write, Expires: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "expires"},
	} {
		secret, _, err := r.NewToken("north", c.request, spring)
		wantRefusal(t, c.what, err, c.field)
		if secret != "" {
			t.Errorf("%s: a secret is given", c.what)
		}
	}
	if _, _, err := r.NewToken("west", TokenRequest{Scopes: write}, spring); !errors.Is(err, ErrNotFound) {
		t.Errorf("of no campaign: %v", err)
	}
	if list := r.Tokens("north"); len(list) != 0 {
		t.Errorf("one that was refused is there: %+v", list)
	}
}

// No other text than the secret is accepted, however near it is.
func TestOnlyTheSecretIsAccepted(t *testing.T) {
	r, _ := withNorth(t)
	secret, _, err := r.NewToken("north", TokenRequest{Scopes: engine.Scopes()}, spring)
	must(t, err)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.String(),
			rapid.Map(rapid.IntRange(0, len(secret)), func(n int) string { return secret[:n] }),
			rapid.Map(rapid.StringN(1, 20, -1), func(more string) string { return secret + more }),
			rapid.Custom(func(t *rapid.T) string {
				changed := []byte(secret)
				changed[rapid.IntRange(0, len(secret)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
				return string(changed)
			}),
		).Draw(t, "text")
		holder, err := r.Authenticate(text, spring)
		if accepted := err == nil; accepted != (text == secret) || !accepted && holder.Campaign != "" {
			t.Fatalf("%q: %+v, %v", text, holder, err)
		}
	})
}

// The secret is in no file, whole or in part, and neither is what it was made of.
func TestSecretIsNotKept(t *testing.T) {
	r, dir := withNorth(t)
	secret, token, err := r.NewToken("north", TokenRequest{Scopes: engine.Scopes()}, spring)
	must(t, err)
	must(t, r.Revoke("north", token.ID))
	content, err := os.ReadFile(filepath.Join(dir, "campaigns", "north", "tokens", token.ID+".json"))
	must(t, err)
	random := secret[len(secret)-43:]
	for at := 0; at+8 <= len(random); at++ {
		if strings.Contains(string(content), random[at:at+8]) {
			t.Fatalf("%s of the secret is in %s", random[at:at+8], content)
		}
	}
}

func TestTextsThatHoldASecret(t *testing.T) {
	secret, id := NewSecret()
	for text, want := range map[string]bool{
		secret:                           true,
		"token=" + secret + "&x=1":       true,
		"/v1/tokens/" + secret[:35]:      true, // half of it is too much
		id:                               false,
		"arp_" + id:                      false,
		"/v1/scores/segment/12":          false,
		"choice=sharp_aaaaaaaaaa_x":      false,
		"harp_festival_2020_second_tour": false,
	} {
		if HoldsSecret(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// Tokens are made, used, revoked and listed by many at once; nobody is let in by another's.
func TestManyUseTheRegistryAtOnce(t *testing.T) {
	r, dir := withNorth(t)
	south := north()
	south.ID = "south"
	must(t, r.AddCampaign(south))
	var group sync.WaitGroup
	for worker := range 8 {
		campaign := []string{"north", "south"}[worker%2]
		group.Go(func() {
			for range 6 {
				secret, token, err := r.NewToken(campaign, TokenRequest{Scopes: engine.Scopes()}, spring)
				if err != nil {
					t.Error(err)
					return
				}
				for range 50 {
					if h, err := r.Authenticate(secret, spring); err != nil || h.Campaign != campaign || h.Token != token.ID {
						t.Errorf("%+v, %v", h, err)
					}
				}
				if err := r.SetTurf(campaign, "turf", []byte(square)); err != nil || len(r.Turfs(campaign)) != 1 {
					t.Error(err)
				}
				if err := r.Revoke(campaign, token.ID); err != nil {
					t.Error(err)
				}
				if _, err := r.Authenticate(secret, spring); !errors.Is(err, ErrRevokedToken) {
					t.Errorf("revoked: %v", err)
				}
				r.Tokens(campaign)
				r.Campaigns()
			}
		})
	}
	group.Wait()
	if again := open(t, dir); len(again.Tokens("north")) != 24 || len(again.Tokens("south")) != 24 {
		t.Errorf("%d and %d tokens, want 24 each", len(again.Tokens("north")), len(again.Tokens("south")))
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	r, err := Open(filepath.Join(b.TempDir(), "state"))
	if err != nil {
		b.Fatal(err)
	}
	if err := r.AddCampaign(north()); err != nil {
		b.Fatal(err)
	}
	secret, _, err := r.NewToken("north", TokenRequest{Scopes: engine.Scopes()}, spring)
	if err != nil {
		b.Fatal(err)
	}
	unknown, _ := NewSecret()
	for name, text := range map[string]string{"known": secret, "unknown": unknown} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := r.Authenticate(text, spring); (err == nil) != (name == "known") {
					b.Fatal(err)
				}
			}
		})
	}
}
