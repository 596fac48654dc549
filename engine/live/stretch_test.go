package live

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/mvt"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// stretchedHamlet is the hamlet where Impasse is joined to Rue Basse, and Chemin, where nobody lives, to Ferme.
func stretchedHamlet(t *testing.T) *City {
	t.Helper()
	return openJoinedHamlet(t, map[int64]int64{impasse: basse, chemin: ferme})
}

func TestAnySegmentOfAStretchHasItsScore(t *testing.T) {
	c := stretchedHamlet(t)
	lead, err := c.Score(engine.UnitSegment, basse, ScoreQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if lead.ID != basse || lead.Name != "Rue Basse" || !slices.Equal(lead.Joined, []int64{impasse}) || lead.Households != 19 || lead.Contests[0].Registered != 22+6 {
		t.Errorf("%+v", lead)
	}
	if joined, err := c.Score(engine.UnitSegment, impasse, ScoreQuery{}); err != nil || !reflect.DeepEqual(joined, lead) {
		t.Errorf("%+v, %v; want %+v", joined, err, lead)
	}
	if alone, err := c.Score(engine.UnitSegment, haute, ScoreQuery{}); err != nil || alone.ID != haute || alone.Joined != nil {
		t.Errorf("%+v, %v", alone, err)
	}
	explained, err := c.Explain(engine.UnitSegment, impasse, "t1")
	if err != nil || explained.ID != basse || explained.Addresses != 2 || len(explained.Parts) != 1 || explained.Parts[0].Registered != 28 {
		t.Errorf("%+v, %v", explained, err)
	}
	want := map[int64]int64{impasse: basse, chemin: ferme}
	if got := c.Joined(); !reflect.DeepEqual(got, want) {
		t.Errorf("joined are %v, want %v", got, want)
	}
}

func TestAStretchIsOneFeature(t *testing.T) {
	var drawn []string
	for _, lon := range []float64{2.02, 2.03} {
		tile, err := stretchedHamlet(t).Tile("segments", geo.TileAt(lon, 48.001, 12), Query{})
		if err != nil {
			t.Fatal(err)
		}
		layers, err := mvt.Unmarshal(tile.Data)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range layers[0].Features {
			drawn = append(drawn, fmt.Sprintf("%v %s %v", f.Properties["id"], f.Geometry.GeoJSONType(), f.Properties["n"]))
		}
	}
	slices.Sort(drawn)
	// Of Basse and Impasse one line reaches into the tile to the east.
	if want := "101 LineString 45, 102 LineString 28, 102 MultiLineString 28, 105 MultiLineString 18"; strings.Join(drawn, ", ") != want {
		t.Errorf("drawn are %q, want %q", strings.Join(drawn, ", "), want)
	}
}

// What happens on any segment of a stretch is kept under the id of the stretch, and without consent in the middle of its lead; but a turf
// holds it where it happened.
func TestLocateOnAStretch(t *testing.T) {
	c, apart := stretchedHamlet(t), openHamlet(t)
	lead, _ := apart.Locate("t2", engine.Location{Segment: basse})
	for what, at := range map[string]engine.Location{
		"segment": {Segment: impasse}, "address": {AddressID: "c"}, "point": {Lon: 2.0245, Lat: 48.001, AccuracyM: 30},
	} {
		found, ok := c.Locate("t2", at)
		own, there := apart.Locate("t2", at)
		if !ok || !there || own.Segment != impasse || found.Segment != basse || found.SegmentCell != lead.SegmentCell || found.Lon != own.Lon || found.Lat != own.Lat {
			t.Errorf("%s: %+v, %v; by itself %+v", what, found, ok, own)
		}
	}
	if found, ok := c.Locate("t2", engine.Location{Segment: chemin}); !ok || found.Segment != ferme || found.Precinct != precinct3 || math.Abs(found.Lon-2.0345) > 1e-6 {
		t.Errorf("where nobody lives: %+v, %v", found, ok)
	}
}

// Returns of before and after the segments were joined are counted together, and told of where the stretch has enough.
func TestTheFieldCountsStretches(t *testing.T) {
	c, apart := stretchedHamlet(t), openHamlet(t)
	p := &pile{}
	for n := 1; n <= 12; n++ {
		of, segment := apart, int64(impasse) // before
		if n%2 == 0 {
			of, segment = c, basse
		}
		p.settle(visit(of, int64(n), segment, door(n), n, "a", "contact", int8(n%3)), engine.Counts)
	}
	f := openField(t, c, p)
	lead, err := f.Score(t.Context(), engine.UnitSegment, basse)
	if err != nil {
		t.Fatal(err)
	}
	if lead.ID != basse || lead.Counts.Doors != 12 || lead.Counts.Households != 12 || lead.Support == nil || lead.Households != 19 || lead.Addresses != 2 {
		t.Errorf("%+v", lead)
	}
	if joined, err := f.Score(t.Context(), engine.UnitSegment, impasse); err != nil || !reflect.DeepEqual(joined, lead) {
		t.Errorf("%+v, %v", joined, err)
	}
	heard, err := f.Heard(t.Context(), engine.Question{Campaign: "north", By: []engine.Dimension{engine.BySegment}})
	if h := heard[HeardPlace{Segment: basse}]; err != nil || len(heard) != 1 || h.Households != 12 || h.Support != *lead.Support {
		t.Errorf("%+v, %v", heard, err)
	}
	covered, err := f.Coverage(t.Context(), engine.BySegment)
	if err != nil || len(covered.Rows) != 1 || covered.Rows[0].ID != basse || covered.Rows[0].Counts.Attempts != 12 {
		t.Errorf("%+v, %v", covered, err)
	}
}

func TestASegmentJoinedToNoneIsAnError(t *testing.T) {
	for what, joined := range map[string]map[int64]int64{"not there": {impasse: 7}, "joined itself": {impasse: basse, basse: haute}} {
		if _, err := Open(t.Context(), writeJoinedHamlet(t, nil, joined)); err == nil || !strings.Contains(err.Error(), "does not stand for itself") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
