package live

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/mvt"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

func openHamlet(t *testing.T) *City {
	t.Helper()
	return openJoinedHamlet(t, nil)
}

func openJoinedHamlet(t *testing.T, joined map[int64]int64) *City {
	t.Helper()
	c, err := Open(t.Context(), writeJoinedHamlet(t, nil, joined))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContestsListCandidatesBeforeReservedChoices(t *testing.T) {
	c := openHamlet(t)
	contests := c.Contests()
	if len(contests) != 2 || contests[0].Date != "2026-03-15" || contests[0].Base != engine.BaseRegistered || len(contests[0].Choices) != 3 {
		t.Fatalf("contests %+v", contests)
	}
	got := ""
	for _, choice := range contests[0].Choices {
		got += fmt.Sprintf("%s %s %d;", choice.ID, choice.Family, choice.Votes)
	}
	if want := "moulins  42;jardins LVEC 22;abstention  27;"; got != want {
		t.Errorf("choices %q, want %q", got, want)
	}
	if a := c.Attributions(); len(a) != 2 {
		t.Errorf("attributions %q, each must stand once", a)
	}
}

func TestScores(t *testing.T) {
	c := openHamlet(t)
	for _, u := range []struct {
		unit       engine.Unit
		id         int64
		name       string
		state      engine.State
		reason     engine.Reason
		households float64
		registered int64
	}{
		{engine.UnitSegment, haute, "Rue Haute", engine.Published, "", 30, 45},
		{engine.UnitSegment, basse, "Rue Basse", engine.Published, "", 15, 22},
		{engine.UnitSegment, impasse, "Impasse", engine.Suppressed, engine.ReasonK, 0, -1},
		{engine.UnitSegment, chemin, "Chemin", engine.Empty, "", 0, -1},
		{engine.UnitPrecinct, precinct1, "1", engine.Published, "", 20, 30},
		{engine.UnitPrecinct, precinct2, "2", engine.Published, "", 29, 43},
		{engine.UnitPrecinct, precinct3, "3", engine.Suppressed, engine.ReasonComplement, 0, -1},
		{engine.UnitCommune, commune, "Hameau", engine.Published, "", 61, 91},
		{engine.UnitCell, cellOf(t, haute, 11), geo.Cell(cellOf(t, haute, 11)).String(), engine.Published, "", 30, 45},
		{engine.UnitCell, cellOf(t, impasse, 11), geo.Cell(cellOf(t, impasse, 11)).String(), engine.Suppressed, engine.ReasonK, 0, -1},
	} {
		s, err := c.Score(u.unit, u.id, ScoreQuery{})
		if err != nil {
			t.Errorf("%s %d: %v", u.unit, u.id, err)
			continue
		}
		if s.Name != u.name || s.State != u.state || s.Reason != u.reason || s.Households != u.households {
			t.Errorf("%s %d: %+v", u.unit, u.id, s)
		}
		if u.registered < 0 {
			if len(s.Contests) != 0 {
				t.Errorf("%s %d is %s and has numbers: %+v", u.unit, u.id, u.state, s.Contests)
			}
			continue
		}
		sum := int64(0)
		for _, choice := range s.Contests[0].Choices {
			sum += choice.Votes
			if !(choice.Low90 <= choice.Low50 && choice.Low50 <= choice.Share && choice.Share <= choice.High50 && choice.High50 <= choice.High90) {
				t.Errorf("%s %d: interval out of order: %+v", u.unit, u.id, choice)
			}
		}
		if s.Contests[0].Registered != u.registered || sum != u.registered {
			t.Errorf("%s %d: %d registered, choices sum to %d, want %d", u.unit, u.id, s.Contests[0].Registered, sum, u.registered)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	c := openHamlet(t)
	for _, id := range []int64{0, 1, -1, math.MaxInt64} {
		for _, unit := range engine.Units() {
			if _, err := c.Score(unit, id, ScoreQuery{}); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s %d: %v", unit, id, err)
			}
		}
	}
	tile := geo.TileAt(2, 48, 14)
	for parameter, ask := range map[string]func() error{
		"unit":    func() error { _, err := c.Score("person", 1, ScoreQuery{}); return err },
		"layer":   func() error { _, err := c.Tile("voters", tile, Query{}); return err },
		"contest": func() error { _, err := c.Tile("cells", tile, Query{Contest: "t9"}); return err },
		"choice":  func() error { _, err := c.Tile("cells", tile, Query{Choice: "nobody"}); return err },
		"measure": func() error { _, err := c.Tile("cells", tile, Query{Measure: "income"}); return err },
	} {
		var wrong *QueryError
		if err := ask(); !errors.As(err, &wrong) || wrong.Parameter != parameter || len(wrong.Known) == 0 || !errors.Is(err, ErrQuery) {
			t.Errorf("%s: %v", parameter, err)
		}
	}
}

func TestExplain(t *testing.T) {
	c := openHamlet(t)
	e, err := c.Explain(engine.UnitSegment, basse, "t1")
	if err != nil {
		t.Fatal(err)
	}
	if e.PartsHidden || len(e.Parts) != 1 || e.Parts[0].Registered != 22 || math.Abs(e.Parts[0].Weight-15.0/29) > 1e-9 || e.Addresses != 1 {
		t.Errorf("Rue Basse: %+v", e)
	}
	if e.Parts[0].Official.Registered != 43 {
		t.Errorf("precinct 2: %+v", e.Parts[0].Official)
	}
	if fmt.Sprint(e.Parts[0].Lines) != "[2019 2020]" || fmt.Sprint(e.HouseholdsFrom) != "[{census 1}]" {
		t.Errorf("Rue Basse stands on lines %v, its households on %v", e.Parts[0].Lines, e.HouseholdsFrom)
	}
	if e.Parts[0].Provisional {
		t.Error("the first round's result of precinct 2 is final")
	}
	if second, err := c.Explain(engine.UnitSegment, basse, "t2"); err != nil || !second.Parts[0].Provisional {
		t.Errorf("the second round's result of precinct 2 is provisional: %+v, %v", second.Parts, err)
	}
	if len(e.Sources) != 2 || e.Sources[0].Rows != 3 {
		t.Errorf("sources %+v: those of another contest do not belong here", e.Sources)
	}

	e, err = c.Explain(engine.UnitSegment, haute, "t1")
	if err != nil {
		t.Fatal(err)
	}
	if !e.PartsHidden || len(e.Parts) != 2 {
		t.Fatalf("Rue Haute has 10 households in precinct 2, which must not show: %+v", e)
	}
	for _, part := range e.Parts {
		if part.Weight != 0 || part.Registered != 0 {
			t.Errorf("a hidden part has numbers: %+v", part)
		}
	}

	e, err = c.Explain(engine.UnitSegment, ferme, "t1")
	if err != nil || !e.PartsHidden || e.Parts[0].Weight != 0 || e.Parts[0].Registered != 0 || len(e.Parts[0].Official.Choices) != 0 {
		t.Errorf("Ferme is all of precinct 3, which is suppressed: %+v, %v", e, err)
	}

	e, err = c.Explain(engine.UnitSegment, impasse, "t1")
	if err != nil || len(e.Parts) != 0 || len(e.Contests) != 0 || e.Addresses != 0 {
		t.Errorf("Impasse is suppressed: %+v, %v", e, err)
	}
}

// Every segment is in the tiles of every zoom, whole or in parts, and suppressed ones without a number.
func TestTiles(t *testing.T) {
	c := openHamlet(t)
	for zoom := uint8(12); zoom <= 16; zoom++ {
		seen := map[float64]bool{}
		low, high := geo.TileAt(2, 48.002, zoom), geo.TileAt(2.05, 48, zoom)
		for x := low.X; x <= high.X; x++ {
			for y := low.Y; y <= high.Y; y++ {
				tile, err := c.Tile("segments", geo.Tile{Z: zoom, X: x, Y: y}, Query{Choice: "moulins"})
				if err != nil {
					t.Fatal(err)
				}
				if tile.Data == nil {
					continue
				}
				layers, err := mvt.Unmarshal(tile.Data)
				if err != nil {
					t.Fatal(err)
				}
				if len(layers) != 1 || layers[0].Name != "segments" || len(layers[0].Features) != tile.Features {
					t.Fatalf("zoom %d: layers %v", zoom, layers)
				}
				for _, f := range layers[0].Features {
					id := f.Properties["id"].(float64)
					seen[id] = true
					_, hasValue := f.Properties["value"]
					_, hasN := f.Properties["n"]
					published := id == haute || id == basse || id == ferme
					if hasValue != published || hasN != published {
						t.Errorf("segment %v: %v", id, f.Properties)
					}
					if id == impasse && (f.Properties["state"] != "suppressed" || f.Properties["reason"] != "k") {
						t.Errorf("Impasse: %v", f.Properties)
					}
					if id == basse && math.Abs(f.Properties["value"].(float64)-12.3/22) > 1e-6 {
						t.Errorf("Rue Basse: %v", f.Properties)
					}
				}
			}
		}
		if len(seen) != 5 {
			t.Errorf("zoom %d shows %d segments, want 5", zoom, len(seen))
		}
	}
}

func TestCellsAndPrecinctsInTiles(t *testing.T) {
	c := openHamlet(t)
	tile, err := c.Tile("cells", geo.TileAt(2.001, 48.001, 15), Query{Measure: "votes"})
	if err != nil {
		t.Fatal(err)
	}
	layers, err := mvt.Unmarshal(tile.Data)
	if err != nil {
		t.Fatal(err)
	}
	want := geo.Cell(cellOf(t, haute, CellResolution(15))).String()
	found := false
	for _, f := range layers[0].Features {
		if f.Properties["id"] == want {
			found = true
			if f.Properties["value"] != float64(17) || f.Properties["n"] != float64(45) {
				t.Errorf("cell %v: %v", want, f.Properties)
			}
		}
	}
	if !found {
		t.Errorf("no cell %s", want)
	}
	tile, err = c.Tile("precincts", geo.TileAt(2.001, 48.001, 12), Query{})
	if err != nil || tile.Features != 2 {
		t.Errorf("%d precincts, %v", tile.Features, err)
	}
	official, err := c.Tile("precincts", geo.TileAt(2.001, 48.001, 12), Query{Measure: "votes"})
	if err != nil {
		t.Fatal(err)
	}
	if layers, err = mvt.Unmarshal(official.Data); err != nil {
		t.Fatal(err)
	}
	for _, f := range layers[0].Features {
		if p := f.Properties; p["low"] != p["value"] || p["high"] != p["value"] {
			t.Errorf("official votes have no interval: %v", p)
		}
	}
	empty, err := c.Tile("precincts", geo.TileAt(-40, 10, 12), Query{})
	if err != nil || empty.Data != nil {
		t.Errorf("a tile of the sea: %v, %v", empty, err)
	}
}

// The columns that tiles and scores are made from have no number of a suppressed unit.
func TestSuppressedNumbersAreNotHeld(t *testing.T) {
	c := openHamlet(t)
	for _, l := range c.levels {
		for u := range l.ids {
			if l.state(u) == engine.Published {
				continue
			}
			for at, n := range l.numbers {
				k, row := len(c.contests[at].Choices), l.toldAt(u)
				if row == untold {
					continue
				}
				if n.registered[row] != -1 {
					t.Errorf("%s %d: registered %d", l.unit, l.ids[u], n.registered[row])
				}
				for _, v := range n.votes[row*k : (row+1)*k] {
					if v != -1 {
						t.Errorf("%s %d: votes %d", l.unit, l.ids[u], v)
					}
				}
			}
		}
	}
}

func TestDamagedSnapshotIsAnError(t *testing.T) {
	s := writeHamlet(t, nil)
	s.Dir = t.TempDir()
	if _, err := Open(t.Context(), s); err == nil || !strings.Contains(err.Error(), "contests") {
		t.Errorf("%v", err)
	}
}

// A real-valued share in several precincts says how many voters each has there, and one in a suppressed precinct its result: there
// the share is votes by voters, to the last bit, and the bounds are coarse.
func TestSharesTellNoMoreThanThePlanAllows(t *testing.T) {
	c := openHamlet(t)
	for _, u := range []struct {
		what   string
		unit   engine.Unit
		id     int64
		coarse bool
	}{
		{"a street in two published precincts, whose parts the plan knows", engine.UnitSegment, haute, false},
		{"a street in one published precinct", engine.UnitSegment, basse, false},
		{"a street in a suppressed precinct", engine.UnitSegment, ferme, true},
		{"a cell in two precincts", engine.UnitCell, cellOf(t, haute, 11), true},
		{"a cell in one precinct", engine.UnitCell, cellOf(t, basse, 11), false},
		{"a cell in a suppressed precinct", engine.UnitCell, cellOf(t, ferme, 11), true},
		{"a commune", engine.UnitCommune, commune, true},
		{"a precinct, whose votes are official", engine.UnitPrecinct, precinct1, true},
	} {
		s, err := c.Score(u.unit, u.id, ScoreQuery{})
		if err != nil {
			t.Fatal(err)
		}
		n := float64(s.Contests[0].Registered)
		step := max(1/n, boundStep)
		for _, choice := range s.Contests[0].Choices {
			votes := choice.Share * n
			if whole := math.Abs(votes-math.Round(votes)) < 1e-9; whole != u.coarse {
				t.Errorf("%s: %s has the share of %.3f votes", u.what, choice.Choice, votes)
			}
			if choice.Low90 > float64(choice.Votes)/n || choice.High90 < float64(choice.Votes)/n {
				t.Errorf("%s: %d of %g votes are not in %g..%g", u.what, choice.Votes, n, choice.Low90, choice.High90)
			}
			if !u.coarse || u.unit == engine.UnitPrecinct {
				continue
			}
			for _, bound := range []float64{choice.Low90, choice.Low50, choice.High50, choice.High90} {
				steps := bound / step
				if math.Abs(steps-math.Round(steps)) > 1e-9 && bound != choice.Share && bound != 1 {
					t.Errorf("%s: the bound %g is no multiple of %g", u.what, bound, step)
				}
			}
		}
	}
}

// Totals of the place less the published communes would be a suppressed commune.
func TestTotalsAreWithheldWhereACommuneIs(t *testing.T) {
	c, err := Open(t.Context(), writeHamlet(t, map[int64][2]string{commune: {"suppressed", "k"}}))
	if err != nil {
		t.Fatal(err)
	}
	for _, choice := range c.Contests()[0].Choices {
		if choice.Votes != Hidden {
			t.Errorf("%s: %d votes over the place", choice.ID, choice.Votes)
		}
	}
}

func TestLayersAndZooms(t *testing.T) {
	c := openHamlet(t)
	if _, err := c.Tile("cells 9", geo.TileAt(2, 48, 12), Query{}); !errors.Is(err, ErrQuery) {
		t.Errorf("the cells of one resolution are no layer: %v", err)
	}
	for _, l := range c.Layers() {
		above, err := c.Tile(l.Name, geo.TileAt(2.001, 48.001, uint8(l.MinZoom-1)), Query{})
		if err != nil || above.Data != nil {
			t.Errorf("%s above zoom %d: %d features, %v", l.Name, l.MinZoom, above.Features, err)
		}
		at, err := c.Tile(l.Name, geo.TileAt(2.001, 48.001, uint8(l.MinZoom)), Query{})
		if err != nil || at.Data == nil {
			t.Errorf("%s at zoom %d: nothing, %v", l.Name, l.MinZoom, err)
		}
	}
}
