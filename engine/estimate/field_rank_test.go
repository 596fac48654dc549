package estimate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// flats is a street of 100 doors and 150 voters.
func flats(id int64, own, rival float64) FieldStreet {
	return FieldStreet{ID: id, Voters: 150, Doors: 100, Turnout: 0.5, Own: own, Rival: rival, Doubt: 0.2, Contact: 0.35, DoorsPerHour: 15}
}

func ranked(t *testing.T, streets []FieldStreet, effects FieldEffects) []RankedStreet {
	t.Helper()
	r, err := RankStreets(streets, effects, 1)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Without doubt about effects and shares the votes can be worked out by hand.
func TestRankCountsVotes(t *testing.T) {
	mobilise := FieldEffects{Mobilise: Effect{0.04, 0}, Again: 0.6}
	persuade := FieldEffects{Persuade: Effect{0.02, 0}, Again: 0.6}
	spilling := mobilise
	spilling.Spill = 0.4
	tried, empty := flats(1, 0.5, 0.2), flats(1, 0.5, 0.2)
	tried.Tried = 0.5
	empty.Voters = 50 // behind every other door nobody is registered
	for _, c := range []struct {
		name    string
		street  FieldStreet
		effects FieldEffects
		want    float64
	}{
		// 15 doors x 0.35 talk, half would abstain, 4 in 100 of them vote, 0.3 more of them for us.
		{"friends who abstain", flats(1, 0.5, 0.2), mobilise, 15 * 0.35 * 0.5 * 0.04 * 0.3},
		{"the rival's friends: knocking costs votes", flats(1, 0.2, 0.5), mobilise, -15 * 0.35 * 0.5 * 0.04 * 0.3},
		{"the other half of a household hears of it", flats(1, 0.5, 0.2), spilling, 15 * 0.35 * 1.2 * 0.5 * 0.04 * 0.3},
		{"half of the doors were tried before", tried, mobilise, 15 * 0.35 * 0.8 * 0.5 * 0.04 * 0.3},
		{"half a voter behind a door", empty, mobilise, 0.5 * 15 * 0.35 * 0.5 * 0.04 * 0.3},
		// Half vote, 2 in 100 of the others' voters come over, and two fifths of those from the rival.
		{"persuasion", flats(1, 0.5, 0.2), persuade, 15 * 0.35 * 0.5 * 0.02 * (0.5 + 0.2)},
	} {
		c.street.Doubt = 0
		got := ranked(t, []FieldStreet{c.street}, c.effects)[0]
		if math.Abs(got.Votes-c.want) > 1e-12 || math.Abs(got.High90-got.Low90) > 1e-12 {
			t.Errorf("%s: %v votes an hour (%v to %v), want %v", c.name, got.Votes, got.Low90, got.High90, c.want)
		}
	}
}

func TestRankTellsWhatCannotBeToldApart(t *testing.T) {
	var alike, unlike []FieldStreet
	for id := range int64(50) {
		alike = append(alike, flats(id+1, 0.40+0.001*float64(id%7), 0.3))
		one := flats(id+1, 0.1, 0.6)
		if id < 10 {
			one = flats(id+1, 0.75, 0.05)
		}
		unlike = append(unlike, one)
	}
	for _, s := range ranked(t, alike, DefaultFieldEffects()) {
		if s.Group != 1 {
			t.Fatalf("streets that are nearly alike are told apart: %+v", s)
		}
	}
	order := ranked(t, unlike, FieldEffects{Mobilise: DefaultFieldEffects().Mobilise})
	for place, s := range order {
		if friendly := s.ID <= 10; friendly != (place < 10) || friendly != (s.Group == 1) || friendly && s.TopFifth < 0.8 || !friendly && s.TopFifth > 0.2 {
			t.Errorf("place %d: %+v", place+1, s)
		}
		if !(s.Low90 <= s.Low50 && s.Low50 <= s.Votes && s.Votes <= s.High50 && s.High50 <= s.High90) {
			t.Errorf("place %d: %+v", place+1, s)
		}
	}
}

func TestRankExplores(t *testing.T) {
	var streets []FieldStreet
	for id := range int64(4000) {
		streets = append(streets, flats(id+1, 0.4, 0.3))
	}
	chosen := func(explore uint64) map[int64]bool {
		r, err := RankStreets(streets, DefaultFieldEffects(), explore)
		if err != nil {
			t.Fatal(err)
		}
		found := map[int64]bool{}
		for _, s := range r {
			if s.Explore {
				found[s.ID] = true
			}
		}
		return found
	}
	a, b := chosen(1), chosen(2)
	both := 0
	for id := range a {
		if b[id] {
			both++
		}
	}
	if len(a) < 520 || len(a) > 680 || both > 130 {
		t.Errorf("%d and %d of 4000 streets are explored, %d both times", len(a), len(b), both)
	}
}

func TestRankInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var streets []FieldStreet
		for i := range rapid.IntRange(0, 12).Draw(t, "streets") {
			s := flats(int64(i+1), rapid.Float64Range(0, 1).Draw(t, "own"), 0)
			s.Rival = (1 - s.Own) * rapid.Float64Range(0, 1).Draw(t, "rival")
			s.Turnout = rapid.Float64Range(0, 1).Draw(t, "turnout")
			s.Doors = float64(rapid.IntRange(0, 50).Draw(t, "doors"))
			streets = append(streets, s)
		}
		first, err := RankStreets(streets, DefaultFieldEffects(), 7)
		if err != nil {
			t.Fatal(err)
		}
		second, err := RankStreets(rapid.Permutation(streets).Draw(t, "order"), DefaultFieldEffects(), 7)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(first, second) {
			t.Fatal("another order of the streets ranks them otherwise")
		}
		for i, s := range first {
			if math.IsNaN(s.Votes) || i > 0 && s.Votes > first[i-1].Votes {
				t.Fatalf("place %d: %+v", i+1, s)
			}
		}
	})
}

func TestRankRefuses(t *testing.T) {
	for _, change := range []func(*FieldStreet){
		func(s *FieldStreet) { s.Own = math.NaN() }, func(s *FieldStreet) { s.Contact = 1.1 }, func(s *FieldStreet) { s.Doors = math.Inf(1) },
		func(s *FieldStreet) { s.Voters = -1 },
	} {
		s := flats(31, 0.4, 0.3)
		change(&s)
		if _, err := RankStreets([]FieldStreet{s}, DefaultFieldEffects(), 1); err == nil || !strings.Contains(err.Error(), "street 31") {
			t.Errorf("%+v: error %v", s, err)
		}
	}
}

// An effect cut off at 0 has the mean that tables give: mu + sigma phi(mu/sigma) / Phi(mu/sigma).
func TestEffectsAreNotNegative(t *testing.T) {
	for _, c := range []struct {
		effect Effect
		mean   float64
	}{
		{Effect{0.01, 0.01}, 0.01 + 0.01*0.2419707245/0.8413447461},
		{Effect{0.02, 0.015}, 0.02 + 0.015*0.1640100747/0.9087887803},
		{Effect{0.03, 0}, 0.03},
		{Effect{-0.03, 0}, 0},
	} {
		mean := 0.0
		for i := range 10_000 {
			x := c.effect.at((float64(i) + 0.5) / 10_000)
			if x < 0 {
				t.Fatalf("%+v: %v", c.effect, x)
			}
			mean += x / 10_000
		}
		if math.Abs(mean-c.mean) > 2e-5 {
			t.Errorf("%+v has the mean %.6f, want %.6f", c.effect, mean, c.mean)
		}
	}
}

// The fixed draws are spread evenly, and by chance for streets.
func TestDrawsAreEven(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     func(n int) float64
		within float64
	}{
		{"mobilisation", func(n int) float64 { return spread(n, 0) }, 0.02},
		{"persuasion", func(n int) float64 { return spread(n, 1) }, 0.02},
		{"the draws of a street", func(n int) float64 { return part(31 ^ mix(uint64(n))) }, 0.1},
		{"a draw of many streets", func(n int) float64 { return part(uint64(n) ^ mix(5)) }, 0.1},
	} {
		var low, mean float64
		const count = rankDraws / 2
		for n := range count {
			u := c.at(n)
			if u <= 0 || u >= 1 {
				t.Fatalf("%s: draw %d is %v", c.name, n, u)
			}
			mean += u / count
			if u < 0.2 {
				low++
			}
		}
		if math.Abs(mean-0.5) > c.within || math.Abs(low/count-0.2) > c.within {
			t.Errorf("%s: mean %.3f, %.3f below a fifth", c.name, mean, low/count)
		}
	}
}
