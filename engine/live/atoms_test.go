package live

import "testing"

// A contest is placed where one voter of it stands in a street: atoms of no segment are what has no place.
func TestAContestIsPlacedWhereAStreetHasVoters(t *testing.T) {
	a := atoms{segment: []int64{0, 7, 0}, voters: [][]int32{{5, 0, 3}, {5, 1, 3}, {0, 0, 0}}}
	for contest, want := range []bool{false, true, false} {
		if got := a.placed(contest); got != want {
			t.Errorf("contest %d: %v", contest, got)
		}
	}
}
