package live

import (
	"fmt"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

func TestNextStreets(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	for n := range 15 { // all of Rue Basse
		p.settle(visit(c, int64(n+1), basse, door(n+1), n, "a", "not_home", notSaid), engine.Counts)
	}
	canvassed(c, p, haute, 100, notSaid, notSaid)
	f := openField(t, c, p)
	east := func(lon, _ float64) bool { return lon > 2.02 }
	for _, asked := range []struct {
		what   string
		covers func(lon, lat float64) bool
		limit  int
		want   string // street and doors left
	}{
		{"streets that are published and have doors left", nil, 10, "Ferme 12, Rue Haute 28"},
		{"in the east", east, 10, "Ferme 12"},
		{"none", nil, 0, ""},
		{"less than none", nil, -1, ""},
		{"an empty turf", func(lon, _ float64) bool { return lon > 3 }, 10, ""},
	} {
		next, err := f.Next(t.Context(), asked.covers, asked.limit)
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for i, s := range next {
			names[fmt.Sprint(s.Name, " ", s.DoorsLeft)] = true
			if !(s.Votes.Low90 <= s.Votes.Value && s.Votes.Value <= s.Votes.High90) || s.Group < 1 || s.Alike < 1 || s.Reason == "" || i > 0 && s.Votes.Value > next[i-1].Votes.Value {
				t.Errorf("%s: %+v", asked.what, s)
			}
		}
		for _, want := range strings.Split(asked.want, ", ") {
			if want != "" && !names[want] {
				t.Errorf("%s: %v, want %s", asked.what, names, asked.want)
			}
		}
		if asked.want == "" && len(next) > 0 || asked.want != "" && len(next) != 1+strings.Count(asked.want, ",") {
			t.Errorf("%s: %v", asked.what, names)
		}
	}
	one, err := f.Next(t.Context(), nil, 1)
	if err != nil || len(one) != 1 {
		t.Fatalf("%v, %v", one, err)
	}
	if all, _ := f.Next(t.Context(), nil, 2); all[0] != one[0] {
		t.Errorf("%+v, then %+v", one[0], all[0])
	}
	if !strings.Contains(one[0].Reason, fmt.Sprint(one[0].Votes.Value)[:4]) {
		t.Errorf("%q does not say %v", one[0].Reason, one[0].Votes)
	}
}
