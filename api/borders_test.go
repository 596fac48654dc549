package api

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/engine/livetest"
)

// The hamlet is one precinct, which is its commune, its ward and its county.
func TestBordersOfTheAPI(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, test := range []struct {
		target, name, code string
		id                 int64
	}{
		{"/v1/borders/commune", "Mirabel", "99001", engine.StableID("commune", "99001")},
		{"/v1/borders/ward?contest=mayor_t2", "The Hill", "W1", engine.DistrictID("ward", "W1")},
		{"/v1/borders/county@5eed0123", "The Valley", "99", engine.DistrictID("county", "99")},
	} {
		answer := ask(t, hamlet, "GET", test.target)
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != mediaGeoJSON {
			t.Fatalf("%s: %d %s", test.target, answer.StatusCode, answer.Header.Get("Content-Type"))
		}
		if pinned := answer.Header.Get("Cache-Control") == immutable; pinned != strings.Contains(test.target, "@") {
			t.Errorf("%s: it is pinned: %v", test.target, pinned)
		}
		tag := answer.Header.Get("ETag")
		if again := ask(t, hamlet, "GET", test.target, "If-None-Match: "+tag); tag == "" || again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: %d with the entity tag %s", test.target, again.StatusCode, tag)
		}
		list := decode[BorderCollection](t, answer)
		if list.Type != "FeatureCollection" || list.Snapshot != "5eed0123" || list.Division != "2020" || len(list.Features) != 2 {
			t.Fatalf("%s: %+v", test.target, list)
		}
		border, name := list.Features[0], list.Features[1]
		if border.Properties != (BorderProperties{"border", test.id, test.name, test.code}) || name.Properties != (BorderProperties{"name", test.id, test.name, test.code}) {
			t.Errorf("%s: %+v, %+v", test.target, border.Properties, name.Properties)
		}
		if ring := border.Geometry.Coordinates.([]any)[0].([]any); border.Geometry.Type != "MultiLineString" || len(ring) != 5 {
			t.Errorf("%s: a square has the border %v", test.target, border.Geometry)
		}
		if at := name.Geometry.Coordinates.([]any); name.Geometry.Type != "Point" || at[0].(float64) < 2.3 || at[0].(float64) > 2.4 || at[1].(float64) < 48.8 || at[1].(float64) > 48.9 {
			t.Errorf("%s: the name is at %v", test.target, at)
		}
	}
	wantProblem(t, ask(t, hamlet, "GET", "/v1/borders/precincts"), http.StatusNotFound, CodeUnknownName, "")
	wantProblem(t, ask(t, hamlet, "GET", "/v1/borders/ward@0123"), http.StatusGone, CodeSnapshotGone, "")
	wantProblem(t, ask(t, hamlet, "GET", "/v1/borders/ward?contest=senate"), http.StatusBadRequest, CodeUnknownName, "query.contest")
	wantProblem(t, ask(t, hamlet, "GET", "/v1/borders/ward?choice=durand"), http.StatusBadRequest, CodeInvalidParameter, "query.choice")
}

// crowded is a place with more communes than can be drawn.
type crowded struct{ *village }

func (crowded) Borders(context.Context, live.BordersQuery) ([]live.Border, live.Contest, error) {
	return nil, live.Contest{}, &live.BordersError{Set: "commune", Areas: 34_935, Others: []string{"constituency", "department"}}
}

func TestTooManyBordersAreRefused(t *testing.T) {
	answer := ask(t, serving(crowded{newVillage()}), "GET", "/v1/borders/commune")
	if detail := wantProblem(t, answer, http.StatusUnprocessableEntity, CodeTooMuch, "").Detail; detail !=
		"the set commune has 34935 areas, and borders are drawn of 500 at most: ask for a set of larger areas; there are constituency, department" {
		t.Error(detail)
	}
}
