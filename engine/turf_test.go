package engine

import (
	"testing"

	"github.com/paulmach/orb"
)

func TestTurfCoversWhatIsInItAndNotItsHole(t *testing.T) {
	square := func(west, south, east, north float64) orb.Ring {
		return orb.Ring{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}
	}
	turf := NewTurf("north", orb.MultiPolygon{
		{square(2.30, 48.80, 2.40, 48.90), square(2.34, 48.84, 2.36, 48.86)},
		{square(2.50, 48.80, 2.51, 48.81)},
	})
	for _, c := range []struct {
		where    string
		lon, lat float64
		want     bool
	}{
		{"inside", 2.31, 48.81, true},
		{"in the hole", 2.35, 48.85, false},
		{"between hole and border", 2.35, 48.87, true},
		{"in the second part", 2.505, 48.805, true},
		{"between the parts", 2.45, 48.805, false},
		{"outside", 2.29, 48.85, false},
		{"elsewhere", -70, 42, false},
	} {
		if got := turf.Covers(c.lon, c.lat); got != c.want {
			t.Errorf("%s: %v, want %v", c.where, got, c.want)
		}
	}
	if (Turf{ID: "north"}).Covers(2.31, 48.81) {
		t.Error("a turf without a shape covers something")
	}
}
