package estimate

import (
	"math"
	"testing"
)

// A published interval tells the doubt that it was made from.
func TestFieldDoubtReadsIntervals(t *testing.T) {
	for _, c := range []struct{ own, other, voters, all, doubt float64 }{
		{0.2, 0.4, 200, 1000, 0.3}, {0.35, 0.2, 80, 900, 0.2}, {0.1, 0.5, 400, 1200, 0.5}, {0.3, 0.3, 60, 60, 0.25},
	} {
		q := c.own / (c.own + c.other)
		s := sum{
			voters: int64(c.voters), expected: c.voters * c.own, high: int64(c.voters),
			unknown:  square(c.voters * c.own * (1 - q) * c.doubt),
			sampling: c.voters * c.own * (1 - c.own) * (1 - c.voters/c.all),
		}
		if got := FieldDoubt(s.Range(), c.other, c.voters, c.all); math.Abs(got-c.doubt) > 1e-9 {
			t.Errorf("%+v: doubt %v", c, got)
		}
	}
	for _, c := range []struct {
		name string
		r    Range
		want float64
	}{
		{"no share", Range{Share: 0, High90: 0.1}, assumedDoubt},
		{"cut off", Range{Share: 0.9, High90: 1}, assumedDoubt},
		{"known for certain", Range{Share: 0.2, High90: 0.2}, narrowestDoubt},
		{"known of nothing", Range{Share: 0.2, High90: 0.95}, widestDoubt},
		{"not known", Range{Share: math.NaN(), High90: math.NaN()}, assumedDoubt},
	} {
		if got := FieldDoubt(c.r, 0.4, 50, 1000); got != c.want {
			t.Errorf("%s: doubt %v, want %v", c.name, got, c.want)
		}
	}
}
