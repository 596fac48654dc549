package build

import (
	"math"
	"testing"
)

// Columns that are full make room for what the rest of the file seems to have, and at least for what has come.
func TestRoomForTheRestOfAFile(t *testing.T) {
	for _, c := range []struct {
		what                  string
		share                 float64 // of the file that is read
		len, cap, more, first int
		least, most           int
	}{
		{"there is room", 0.1, 50, 100, 50, 0, 50, 50},
		{"a tenth is read", 0.1, 100, 100, 100, 0, 1900, 2000},
		{"a tenth of a second file", 0.1, 1100, 1100, 100, 1000, 1900, 2000},
		{"nearly nothing is read: twice as many", 0.001, 100, 100, 50, 0, 100, 100},
		{"nothing is known of a first batch", 0, 0, 0, 50, 0, 50, 50},
		{"all is read", 1, 1000, 1000, 10, 0, 10, 31},
		{"more comes than it seemed", 1, 1000, 1000, 500, 990, 500, 511},
	} {
		var r reader
		r.share.Store(math.Float64bits(c.share))
		if got := r.room(c.len, c.cap, c.more, c.first); got < c.least || got > c.most {
			t.Errorf("%s: room for %d more, expected %d to %d", c.what, got, c.least, c.most)
		}
	}
}
