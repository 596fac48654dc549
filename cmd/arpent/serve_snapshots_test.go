package main

import (
	"slices"
	"testing"
	"time"

	"github.com/arpent/arpent/engine/live"
)

// A snapshot that is replaced is kept for its time, two at most, and found at every moment of a switch.
func TestReplacedSnapshotsAreKeptForTheirTime(t *testing.T) {
	a, b, c, d := &live.City{}, &live.City{}, &live.City{}, &live.City{}
	names := map[*live.City]string{a: "a", b: "b", c: "c", d: "d"}
	s := &served{keep: 10 * time.Minute}
	noon := time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC)
	check := func(when, current string, kept ...string) {
		t.Helper()
		var got []string
		for _, city := range s.replaced() {
			got = append(got, names[city.(*live.City)])
		}
		if names[s.city.Load()] != current || !slices.Equal(got, kept) {
			t.Errorf("%s: %s is current, kept are %v; want %s and %v", when, names[s.city.Load()], got, current, kept)
		}
	}
	s.switchTo(a, noon)
	check("at the start", "a")
	s.switchTo(b, noon.Add(time.Minute))
	check("one switch", "b", "a")
	s.switchTo(c, noon.Add(2*time.Minute))
	s.switchTo(d, noon.Add(3*time.Minute))
	check("three switches", "d", "c", "b")
	s.switchTo(c, noon.Add(4*time.Minute))
	check("back", "c", "d", "c")
	s.switchTo(b, noon.Add(5*time.Minute))
	check("c is not there twice", "b", "c", "d")
	s.forget(noon.Add(14*time.Minute - 1))
	check("within ten minutes", "b", "c", "d")
	s.forget(noon.Add(14 * time.Minute))
	check("after ten minutes", "b", "c")
	s.forget(noon.Add(time.Hour))
	check("later", "b")

	none := &served{}
	none.switchTo(a, noon)
	none.switchTo(b, noon)
	if got := none.replaced(); len(got) != 0 {
		t.Errorf("with --keep-replaced 0, %d are kept", len(got))
	}
}
