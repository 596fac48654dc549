package live

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// A district has what its precincts officially have, and no doubt.
func TestDistrictsAreSumsOfOfficialResults(t *testing.T) {
	city := openHamlet(t)
	for _, test := range []struct {
		id   int64
		want string
	}{
		{wardW, "ward W West ward published  49: t1 73: moulins 32, jardins 17, abstention 24; t2 73: moulins 36, verger 20, abstention 17"},
		{wardE, "ward E East ward suppressed complement 0:"}, // it is one precinct, which is suppressed
		{county, "county 99 The County published  61: t1 91: moulins 42, jardins 22, abstention 27; t2 91: moulins 45, verger 26, abstention 20"},
	} {
		s, err := city.Score(engine.UnitDistrict, test.id, ScoreQuery{})
		if err != nil {
			t.Fatal(err)
		}
		var contests []string
		for _, c := range s.Contests {
			var choices []string
			for _, choice := range c.Choices {
				choices = append(choices, fmt.Sprintf("%s %d", choice.Choice, choice.Votes))
				if share := float64(choice.Votes) / float64(c.Registered); choice.Share != share || choice.Low90 != share || choice.High90 != share {
					t.Errorf("%s: %+v is not exact", s.Name, choice)
				}
			}
			contests = append(contests, fmt.Sprintf(" %s %d: %s", c.Contest, c.Registered, strings.Join(choices, ", ")))
		}
		if got := fmt.Sprintf("%s %s %s %s %s %g:%s", s.Set, s.Code, s.Name, s.State, s.Reason, s.Households, strings.Join(contests, ";")); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
	if _, err := city.Score(engine.UnitDistrict, 1, ScoreQuery{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a district that is not there: %v", err)
	}
}

// A set that has shapes has tiles, one that has none is no layer; staff tiles are not made of districts.
func TestDistrictsAreDrawn(t *testing.T) {
	city := openHamlet(t)
	drawn := features(t, city, "ward", Query{Contest: "t2", Choice: "verger", Measure: "votes"})
	if len(drawn) != 2 {
		t.Fatal(drawn)
	}
	west, east := drawn[fmt.Sprint(wardW)], drawn[fmt.Sprint(wardE)]
	if west["name"] != "West ward" || west["state"] != "published" || west["n"] != 73.0 || west["value"] != 20.0 {
		t.Errorf("%v", west)
	}
	if east["state"] != "suppressed" || east["n"] != nil || east["value"] != nil {
		t.Errorf("what is suppressed: %v", east)
	}
	if _, err := city.Tile("county", geo.TileAt(2.001, 48.001, 10), Query{}); !errors.Is(err, ErrQuery) {
		t.Errorf("a set without shapes: %v", err)
	}
	if _, err := openField(t, city, nil).Tile(t.Context(), "ward", geo.TileAt(2.001, 48.001, 10), FieldQuery{}); !errors.Is(err, ErrQuery) {
		t.Errorf("a staff tile: %v", err)
	}
}

// What the states of precincts and communes do to the districts made of them.
func TestDistrictsHideWhatTheyWouldGiveAway(t *testing.T) {
	open := func(other map[int64][2]string) *City {
		t.Helper()
		city, err := Open(t.Context(), writeHamlet(t, other))
		if err != nil {
			t.Fatal(err)
		}
		return city
	}
	suppressed := [2]string{"suppressed", "complement"}
	for what, test := range map[string]struct {
		other map[int64][2]string
		want  map[int64]engine.State
	}{
		"as it is": {nil, map[int64]engine.State{wardW: engine.Published, wardE: engine.Suppressed, county: engine.Published}},
		"a precinct of the ward is suppressed": {map[int64][2]string{precinct2: suppressed},
			map[int64]engine.State{wardW: engine.Suppressed, wardE: engine.Suppressed, county: engine.Published}},
		"the commune is suppressed, so that precincts must make up the county": {map[int64][2]string{commune: suppressed},
			map[int64]engine.State{wardW: engine.Published, wardE: engine.Suppressed, county: engine.Suppressed}},
		"no precinct and no commune is": {map[int64][2]string{commune: suppressed, precinct3: {"published", ""}},
			map[int64]engine.State{wardW: engine.Published, wardE: engine.Published, county: engine.Published}},
		"nobody lives in the last precinct": {map[int64][2]string{precinct3: {"empty", ""}}, map[int64]engine.State{wardE: engine.Empty}},
	} {
		city := open(test.other)
		for id, want := range test.want {
			s, err := city.Score(engine.UnitDistrict, id, ScoreQuery{})
			if err != nil || s.State != want || len(s.Contests) > 0 != (want == engine.Published) {
				t.Errorf("%s: %s is %s with %d contests, want %s (%v)", what, s.Name, s.State, len(s.Contests), want, err)
			}
		}
	}
}

// Of a new station, whose shares are modelled only, nobody is counted in a district.
func TestDistrictWithAModelledPrecinct(t *testing.T) {
	city, err := Open(t.Context(), writeHamlet(t, map[int64][2]string{chemin: {"published", ""}, precinct3: {"published", ""}}))
	if err != nil {
		t.Fatal(err)
	}
	s, err := city.Score(engine.UnitDistrict, county, ScoreQuery{})
	if err != nil || s.Contests[0].Registered != 91 || s.Contests[0].ModelledOnly {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestExplainDistrict(t *testing.T) {
	city := openHamlet(t)
	city.manifest.Inputs = append(slices.Clone(city.manifest.Inputs),
		engine.ManifestInput{Dataset: "table", Path: "wards.geojson", Kind: engine.KindDistricts, Set: "ward"},
		engine.ManifestInput{Dataset: "table", Path: "counties.csv", Kind: engine.KindDistricts, Set: "county"})
	e, err := city.Explain(engine.UnitDistrict, wardW, "t1")
	if err != nil {
		t.Fatal(err)
	}
	var parts, files []string
	for _, p := range e.Parts {
		parts = append(parts, fmt.Sprintf("%s %g %d %d", p.Code, p.Weight, p.Registered, p.Official.Registered))
	}
	for _, s := range e.Sources {
		files = append(files, s.Path)
	}
	if got := strings.Join(parts, "; "); got != "1 1 30 30; 2 1 43 43" || e.PartsHidden || e.Addresses != 3 {
		t.Errorf("parts %s, hidden %v, %d addresses", got, e.PartsHidden, e.Addresses)
	}
	if !slices.Equal(files, []string{"ban.csv", "t1.csv", "wards.geojson"}) {
		t.Errorf("files %q", files)
	}
	if e, err = city.Explain(engine.UnitSegment, basse, "t1"); err != nil || len(e.Sources) != 2 {
		t.Errorf("a street stands on %+v, %v", e.Sources, err)
	}
	// A county with a precinct that is suppressed names its parts, and gives no number of any.
	if e, err = city.Explain(engine.UnitDistrict, county, "t1"); err != nil || !e.PartsHidden || len(e.Parts) != 3 || e.Parts[0].Registered != 0 || e.Parts[2].Official.Registered != 0 {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err = city.Explain(engine.UnitDistrict, wardE, "t1"); err != nil || e.Parts != nil || e.Contests != nil || e.Addresses != 0 {
		t.Errorf("%+v, %v", e, err)
	}
}

// A set is a property of what lies in its districts as a whole, and a collection.
func TestSetsArePropertiesAndCollections(t *testing.T) {
	city := openHamlet(t)
	for collection, want := range map[string]string{
		"segments":  "101 W 99; 102 W 99; 103 W 99; 104 <nil> <nil>; 105 E 99",
		"precincts": "201 W 99; 202 W 99; 203 E 99",
		"communes":  fmt.Sprintf("%d <nil> 99", commune),
	} {
		var got []string
		for _, row := range rowsOf(t, city, ItemQuery{Collection: collection, Properties: []string{"id", "ward", "county"}}) {
			got = append(got, fmt.Sprint(row["id"], " ", row["ward"], " ", row["county"]))
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %s, want %s", collection, strings.Join(got, "; "), want)
		}
	}
	if _, err := city.Items(ItemQuery{Collection: "cells", Properties: []string{"ward"}}); err == nil {
		t.Error("cells do not say in which ward they are")
	}
	var names []string
	for _, c := range city.Collections()[4:] {
		names = append(names, fmt.Sprint(c.Name, " ", c.Geometry, " ", c.Layer == ""))
	}
	if !slices.Equal(names, []string{"county false true", "ward true false"}) {
		t.Errorf("sets %q", names)
	}
	rows := rowsOf(t, city, ItemQuery{Collection: "ward", Query: Query{Contest: "t1", Measure: "votes"}, SortBy: []SortKey{{Property: "code"}}})
	if len(rows) != 2 || rows[0]["code"] != "E" || rows[0]["value"] != nil || rows[1]["value"] != int64(32) || rows[1]["low"] != int64(32) || rows[1]["geometry"] == nil {
		t.Errorf("wards %v", rows)
	}
	pivot, _, err := city.Pivot(t.Context(), PivotQuery{ItemQuery: ItemQuery{Collection: "precincts", Query: Query{Contest: "t1"}}, By: []string{"ward"}})
	if err != nil || len(pivot) != 2 || pivot[0].Group[0] != "E" || pivot[0].Registered != 0 || pivot[0].Suppressed != 1 || pivot[1].Registered != 73 {
		t.Errorf("pivot %+v, %v", pivot, err)
	}
}

// No set of a place file may be called what a collection or a property is called.
func TestTakenSetNames(t *testing.T) {
	plain := new(City)
	for _, c := range plain.Collections() {
		if !slices.Contains(engine.TakenSetNames(), c.Name) {
			t.Errorf("a set could be called as the collection %s", c.Name)
		}
	}
	city := openHamlet(t)
	for _, c := range city.Collections() {
		list, err := city.Properties(c.Name, 0, Query{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			isSet := slices.ContainsFunc(city.sets, func(d *districtSet) bool { return d.name == p.Name })
			if !isSet && !strings.Contains(p.Name, ".") && !slices.Contains(engine.TakenSetNames(), p.Name) {
				t.Errorf("a set could be called as the property %s of %s", p.Name, c.Name)
			}
		}
	}
	for _, unit := range append(engine.Units(), ByArea, geometryProperty) {
		if !slices.Contains(engine.TakenSetNames(), string(unit)) {
			t.Errorf("a set could be called %s", unit)
		}
	}
}

// Whatever is suppressed, a district that is published is a linear combination of communes and precincts that are.
func TestDistrictsTellNothingNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, communes, districts := rapid.IntRange(1, 8).Draw(t, "precincts"), rapid.IntRange(1, 3).Draw(t, "communes"), rapid.IntRange(1, 3).Draw(t, "districts")
		standing := rapid.SampledFrom([]standing{isPublished, isPublished, isTooFew})
		city := &City{levels: []*level{{unit: engine.UnitPrecinct}, {unit: engine.UnitCommune}}}
		set := &districtSet{level: &level{unit: engine.UnitDistrict}}
		for i := range max(communes, districts, n) {
			for _, l := range []struct {
				level *level
				units int
			}{{city.levels[0], n}, {city.levels[1], communes}, {set.level, districts}} {
				if i < l.units {
					l.level.add(int64(i+1), "", 0)
					l.level.standing[i] = standing.Draw(t, "standing")
				}
			}
			if i < districts {
				set.level.standing[i] = isEmpty
				set.codes = append(set.codes, "")
			}
			if i < n {
				city.atoms.commune = append(city.atoms.commune, int32(rapid.IntRange(0, communes-1).Draw(t, "commune")))
				set.ofPrecinct = append(set.ofPrecinct, int32(rapid.IntRange(noDistrict, districts-1).Draw(t, "district")))
			}
		}
		var known [][]float64 // by published unit: which precincts it has
		unit := func(has func(b int) bool) []float64 {
			row := make([]float64, n)
			for b := range row {
				if has(b) {
					row[b] = 1
				}
			}
			return row
		}
		for b, standing := range city.levels[0].standing {
			if standing == isPublished {
				known = append(known, unit(func(i int) bool { return i == b }))
			}
		}
		for m, standing := range city.levels[1].standing {
			if standing == isPublished {
				known = append(known, unit(func(i int) bool { return city.atoms.commune[i] == int32(m) }))
			}
		}
		for u, of := range city.summands(set) {
			set.level.sum(u, of, city)
			told := unit(func(i int) bool { return set.ofPrecinct[i] == int32(u) })
			if set.level.state(u) == engine.Published && rank(append(slices.Clone(known), told)) > rank(known) {
				t.Fatalf("district %d tells something new: of precinct %v, communes %v, states %v %v", u, set.ofPrecinct, city.atoms.commune, city.levels[0].standing, city.levels[1].standing)
			}
		}
	})
}

// rank counts the rows that no others add up to.
func rank(rows [][]float64) (found int) {
	var m [][]float64
	for _, row := range rows {
		m = append(m, slices.Clone(row))
	}
	for column := 0; len(m) > 0 && column < len(m[0]); column++ {
		at := slices.IndexFunc(m[found:], func(row []float64) bool { return row[column] > 1e-9 || row[column] < -1e-9 })
		if at < 0 {
			continue
		}
		m[found], m[found+at] = m[found+at], m[found]
		for i := found + 1; i < len(m); i++ {
			factor := m[i][column] / m[found][column]
			for k := range m[i] {
				m[i][k] -= factor * m[found][k]
			}
		}
		if found++; found == len(m) {
			break
		}
	}
	return found
}
