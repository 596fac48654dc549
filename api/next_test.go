package api

import (
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

func TestNextStreets(t *testing.T) {
	c := newCampaigns(t)
	registry, err := access.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := registry.AddCampaign(engine.Campaign{ID: "durand", Contest: "mayor_t1", Choice: "durand", Begins: noon, Election: "2199-03-15"}); err != nil {
		t.Fatal(err)
	}
	for name, west := range map[string]string{"west": "2.30", "east": "2.35"} {
		square := strings.NewReplacer("WEST", west, "EAST", west+"5").Replace(`{"type":"Polygon","coordinates":[[[WEST,48.8],[EAST,48.8],[EAST,48.9],[WEST,48.9],[WEST,48.8]]]}`)
		if err := registry.SetTurf("durand", name, []byte(square)); err != nil {
			t.Fatal(err)
		}
	}
	token := func(turfs ...string) string {
		secret, _, err := registry.NewToken("durand", access.TokenRequest{Scopes: []engine.Scope{engine.FieldRead}, Turfs: turfs}, noon)
		if err != nil {
			t.Fatal(err)
		}
		return "Authorization: Bearer " + secret
	}
	c.server.access, c.server.campaigns = registry, registry
	for _, r := range []struct {
		query, token string
		want         string // the streets, by name
	}{
		{"", token(), "Rue de l’Ouest, Rue de l’Est"},
		{"?turf=east", token(), "Rue de l’Est"},
		{"?limit=1", token(), "Rue de l’Ouest"},
		{"", token("east"), "Rue de l’Est"},
		{"?turf=east", token("east", "west"), "Rue de l’Est"},
	} {
		var names []string
		for _, street := range decode[NextList](t, ask(t, c.handler, "GET", "/v1/field/next"+r.query, r.token)).Streets {
			names = append(names, street.Name)
		}
		if got := strings.Join(names, ", "); got != r.want {
			t.Errorf("%s: %s, want %s", r.query, got, r.want)
		}
	}
	wantProblem(t, ask(t, c.handler, "GET", "/v1/field/next?turf=north", token()), 400, CodeInvalidParameter, "query.turf")
	wantProblem(t, ask(t, c.handler, "GET", "/v1/field/next?turf=west", token("east")), 400, CodeInvalidParameter, "query.turf")
}
