package api

import (
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

const square = `{"type":"Polygon","coordinates":[[[2.3,48.8],[2.31,48.8],[2.31,48.81],[2.3,48.81],[2.3,48.8]]]}`

func TestCampaignsAreForTheOperator(t *testing.T) {
	h := newHouse(t)
	list := decode[CampaignList](t, ask(t, h, "GET", "/v1/campaigns", as(h.key)))
	if len(list.Campaigns) != 2 || list.Campaigns[0].ID != "north" || list.Campaigns[0].KeepDays != engine.DefaultKeepDays {
		t.Errorf("%+v", list)
	}
	west := Campaign{ID: "west", Contest: "mayor_t1", Choice: "martin", Election: "2030-03-10", Teams: []string{"red"}}
	answer := send(t, h, "POST", "/v1/campaigns", west, as(h.key))
	if answer.StatusCode != 201 {
		t.Fatalf("%d %s", answer.StatusCode, body(t, answer))
	}
	if got := decode[Campaign](t, answer); time.Since(got.Begins) > time.Minute || got.KeepDays != engine.DefaultKeepDays || got.Choice != "martin" {
		t.Errorf("%+v", got)
	}
	if _, ok := h.registry.Campaign("west"); !ok {
		t.Error("it is not kept")
	}
	wantProblem(t, send(t, h, "POST", "/v1/campaigns", west, as(h.key)), 409, CodeExists, "")
	for _, c := range []struct {
		what     string
		campaign Campaign
		code     Code
		location string
	}{
		{"a contest that there is not", Campaign{ID: "e", Contest: "senate", Choice: "martin", Election: "2030-03-10"}, CodeUnknownName, "body.contest"},
		{"a choice that there is not", Campaign{ID: "e", Contest: "mayor_t1", Choice: "nobody", Election: "2030-03-10"}, CodeUnknownName, "body.choice"},
		{"a choice of another contest", Campaign{ID: "e", Contest: "mayor_t2", Choice: "durand", Election: "2030-03-10"}, CodeUnknownName, "body.choice"},
		{"abstention", Campaign{ID: "e", Contest: "mayor_t1", Choice: "abstention", Election: "2030-03-10"}, CodeInvalidParameter, "body.choice"},
		{"a name that is no code", Campaign{ID: "The East", Contest: "mayor_t1", Choice: "martin", Election: "2030-03-10"}, CodeInvalidParameter, "body.campaign"},
		{"no day", Campaign{ID: "e", Contest: "mayor_t1", Choice: "martin", Election: "soon"}, CodeInvalidParameter, "body.election"},
		{"days without end", Campaign{ID: "e", Contest: "mayor_t1", Choice: "martin", Election: "2030-03-10", KeepDays: 99999}, CodeInvalidParameter, "body.keep_days"},
	} {
		t.Run(c.what, func(t *testing.T) {
			wantProblem(t, send(t, h, "POST", "/v1/campaigns", c.campaign, as(h.key)), 422, c.code, c.location)
		})
	}
	all := h.token(t, "north", engine.Scopes()...)
	wantProblem(t, ask(t, h, "GET", "/v1/campaigns", as(all)), 403, CodeForbidden, "")
	wantProblem(t, send(t, h, "POST", "/v1/campaigns", Campaign{ID: "e", Contest: "mayor_t1", Choice: "martin", Election: "2030-03-10"}, as(all)), 403, CodeForbidden, "")
}

func TestAdministratorMakesAndRevokesTokens(t *testing.T) {
	h := newHouse(t)
	admin := h.token(t, "north", engine.Administer)
	for who, secret := range map[string]string{"the administrator": admin, "the operator": h.key} {
		answer := send(t, h, "POST", "/v1/campaigns/north/tokens", TokenRequest{Scopes: []engine.Scope{engine.ReadOpen}, Label: "phone-1"}, as(secret))
		if answer.StatusCode != 201 || answer.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: %d %v", who, answer.StatusCode, answer.Header)
		}
		made := decode[NewToken](t, answer)
		if holder, err := h.registry.Authenticate(made.Secret, time.Now()); err != nil || holder.Campaign != "north" || holder.Token != made.ID {
			t.Errorf("%s: %+v, %v", who, holder, err)
		}
		raw := string(body(t, ask(t, h, "GET", "/v1/campaigns/north/tokens", as(secret))))
		if !strings.Contains(raw, made.ID) || access.HoldsSecret(raw) || strings.Contains(raw, "sha256") {
			t.Errorf("%s: %s", who, raw)
		}
		target := "/v1/campaigns/north/tokens/" + made.ID
		wantProblem(t, ask(t, h, "DELETE", "/v1/campaigns/south/tokens/"+made.ID, as(h.key)), 404, CodeNotFound, "")
		if answer := ask(t, h, "DELETE", target, as(secret)); answer.StatusCode != 204 {
			t.Errorf("%s: revoking is %d", who, answer.StatusCode)
		}
		wantProblem(t, ask(t, h, "GET", "/v1/contests", as(made.Secret)), 401, CodeUnauthorized, "")
	}
	wantProblem(t, ask(t, h, "DELETE", "/v1/campaigns/north/tokens/aaaaaaaaaa", as(admin)), 404, CodeNotFound, "")
	wantProblem(t, send(t, h, "POST", "/v1/campaigns/north/tokens", TokenRequest{Scopes: []engine.Scope{"all"}}, as(admin)), 422, CodeInvalidParameter, "body.scopes")
	wantProblem(t, ask(t, h, "GET", "/v1/campaigns/west/tokens", as(h.key)), 404, CodeNotFound, "")
}

func TestAdministratorSetsTurfs(t *testing.T) {
	h := newHouse(t)
	admin := h.token(t, "north", engine.Administer)
	for _, media := range []string{"application/geo+json", "application/json"} {
		if answer := send(t, h, "PUT", "/v1/campaigns/north/turfs/east", square, as(admin), "Content-Type: "+media); answer.StatusCode != 204 {
			t.Errorf("%s: %d %s", media, answer.StatusCode, body(t, answer))
		}
	}
	answer := ask(t, h, "GET", "/v1/campaigns/north/turfs", as(admin))
	if got := answer.Header.Get("Content-Type"); got != "application/geo+json" {
		t.Errorf("Content-Type %q", got)
	}
	wantJSON(t, body(t, answer), `{"type":"FeatureCollection","features":[{"type":"Feature","id":"east","properties":{},"geometry":
	{"type":"MultiPolygon","coordinates":[[[[2.3,48.8],[2.31,48.8],[2.31,48.81],[2.3,48.81],[2.3,48.8]]]]}}]}`)
	if turfs := h.registry.Turfs("south"); len(turfs) != 0 {
		t.Errorf("south has %+v", turfs)
	}
	wantProblem(t, send(t, h, "PUT", "/v1/campaigns/north/turfs/east", `{"type":"Point"}`, as(admin)), 422, CodeInvalidParameter, "body.geojson")
	wantProblem(t, send(t, h, "PUT", "/v1/campaigns/north/turfs/The%20East", square, as(admin)), 400, CodeInvalidParameter, "path.turf")
	if answer := send(t, h, "PUT", "/v1/campaigns/north/turfs/east", square+strings.Repeat(" ", 3<<20), as(admin)); answer.StatusCode != 413 {
		t.Errorf("three megabytes are %d", answer.StatusCode)
	}
	if answer := ask(t, h, "DELETE", "/v1/campaigns/north/turfs/east", as(admin)); answer.StatusCode != 204 {
		t.Errorf("removing is %d", answer.StatusCode)
	}
	wantProblem(t, ask(t, h, "DELETE", "/v1/campaigns/north/turfs/east", as(admin)), 404, CodeNotFound, "")
}

// Whoever holds the workspace acts in the campaign that it names, in the address or in a header, and in no other.
func TestOperatorNamesItsCampaign(t *testing.T) {
	h := newHouse(t)
	s := &server{campaigns: h.registry}
	operator := func(campaign string) access.Holder {
		return access.Holder{Campaign: campaign, Scopes: engine.Scopes(), Operator: true}
	}
	for _, c := range []struct {
		header string
		code   Code
	}{{"north", ""}, {"", CodeBadRequest}, {"west", CodeNotFound}, {"../north", CodeNotFound}} {
		holder, err := s.need(withHolder(t.Context(), operator(c.header)), engine.FieldRead)
		p, refused := err.(*Problem)
		if c.code == "" && (err != nil || holder.Campaign != c.header) || c.code != "" && (!refused || p.Code != c.code) {
			t.Errorf("%q: %+v, %v; want %q", c.header, holder, err, c.code)
		}
	}
	holder, err := s.needIn(withHolder(t.Context(), operator("")), engine.Administer, "south")
	if err != nil || holder.Campaign != "south" {
		t.Errorf("%+v, %v", holder, err)
	}
}
