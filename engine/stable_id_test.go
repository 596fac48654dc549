package engine

import "testing"

func TestStableID(t *testing.T) {
	seen := map[int64]bool{}
	for _, parts := range [][]string{{"a"}, {"a", ""}, {"", "a"}, {"ab", "c"}, {"a", "bc"}, {}} {
		id := StableID(parts...)
		if id <= 0 || id >= 1<<53 || seen[id] {
			t.Errorf("%q: id %d is out of range or there already", parts, id)
		}
		seen[id] = true
	}
	// Ids are written in snapshots and links: they must never change.
	if id := StableID("precinct", "2017", "75119", "5"); id != 5903152395551332 {
		t.Errorf("the id of a precinct changed to %d", id)
	}
}
