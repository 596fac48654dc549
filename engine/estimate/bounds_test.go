package estimate

import "testing"

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		name                 string
		n, votes, registered int64
		low, high            int64
	}{
		{"a street of 30 in a precinct of 1000, 400 votes: anything", 30, 400, 1000, 0, 30},
		{"a list with 5 votes", 30, 5, 1000, 0, 5},
		{"nearly unanimous: at most 10 others", 30, 990, 1000, 20, 30},
		{"most of the precinct", 900, 500, 1000, 400, 500},
		{"the whole precinct", 1000, 400, 1000, 400, 400},
		{"nobody", 0, 400, 1000, 0, 0},
		{"an empty precinct", 0, 0, 0, 0, 0},
	} {
		if low, high := Bounds(c.n, c.votes, c.registered); low != c.low || high != c.high {
			t.Errorf("%s: Bounds(%d, %d, %d) = %d to %d, want %d to %d", c.name, c.n, c.votes, c.registered, low, high, c.low, c.high)
		}
	}
}
