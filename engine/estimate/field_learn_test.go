package estimate

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A fieldWorld is a region of precincts that lean far apart, walked by teams.
type fieldWorld struct {
	r         *rand.Rand
	precincts []FieldPrecinct
}

func newFieldWorld(precincts int) *fieldWorld {
	w := &fieldWorld{r: rand.New(rand.NewPCG(1, 2))}
	for b := range precincts {
		own := 0.1 + 0.4*float64(b)/float64(precincts)
		p := FieldPrecinct{Own: int64(200 * own), Area: int32(b % 2), Parts: []FieldPart{street(own+0.02, 0), street(own-0.02, 500)}}
		p.Parts[0].Other, p.Parts[1].Other = 0.6-p.Parts[0].Own, 0.6-p.Parts[1].Own
		w.precincts = append(w.precincts, p)
	}
	return w
}

// walk lets a team ask so many in every street; says tells what it notes where a step was said.
func (w *fieldWorld) walk(team int32, asked int, says func(step int) int) {
	for b := range w.precincts {
		p := &w.precincts[b]
		for part, s := range p.Parts {
			a := FieldAnswers{Part: int32(part), Team: team}
			for range asked {
				kinds := [voterKinds]float64{s.Own * 1.4, s.Other, 0.4 * 0.6}
				kind := drawn(kinds[:], w.r)
				a.Support[says(drawn(DefaultLadder[kind][:], w.r))]++
			}
			p.Answers = append(p.Answers, a)
		}
	}
}

func drawn(weights []float64, r *rand.Rand) int {
	sum := 0.0
	for _, x := range weights {
		sum += x
	}
	u := sum * r.Float64()
	for k, x := range weights {
		if u -= x; u < 0 {
			return k
		}
	}
	return len(weights) - 1
}

func (w *fieldWorld) learn(t *testing.T, prior FieldPrior, teams int) *Field {
	t.Helper()
	f, err := LearnField(prior, teams, 2, w.sums(prior), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (w *fieldWorld) sums(prior FieldPrior) (sums []FieldSums) {
	for i := range w.precincts {
		sums = append(sums, w.precincts[i].Sums(prior)...)
	}
	return sums
}

func honestly(step int) int { return step }
func kindly(step int) int   { return min(4, step+1) }
func reversed(step int) int { return 4 - step }

func TestLearnWeighsTeamsByWhatIsKnown(t *testing.T) {
	w := newFieldWorld(60)
	madeUp := func(int) int { return drawn([]float64{1, 1, 2, 3, 2}, w.r) }
	always := func(int) int { return 3 }
	for team, says := range []func(int) int{honestly, kindly, reversed, madeUp, always} {
		w.walk(int32(team), 15, says)
	}
	f := w.learn(t, DefaultFieldPrior(), 6)
	for team, c := range []struct {
		name        string
		least, most float64 // of the weight
	}{
		{"honest", mostWeight, mostWeight}, {"lenient", mostWeight, mostWeight}, {"hostile", 0, 0}, {"made up", 0, 0.1}, {"always the same", 0, 0.1},
		{"not heard of: what teams are like on average", 0.05, 0.45},
	} {
		if got := f.Teams[team]; got.Weight < c.least || got.Weight > c.most {
			t.Errorf("%s: weight %.2f (follows by %.2f, seen %.2f ± %.2f), want %.2f to %.2f", c.name, got.Weight, got.Follows, got.Seen, got.SeenDeviation, c.least, c.most)
		}
	}
	if lenient, honest := f.Teams[1].Leniency, f.Teams[0].Leniency; lenient < honest+0.3 {
		t.Errorf("the lenient team notes %.2f more, the honest one %.2f", lenient, honest)
	}
}

// Bad company makes a team that has said little less believed.
func TestLearnHearsOfTeamsFromEachOther(t *testing.T) {
	weight := func(others func(int) int) float64 {
		w := newFieldWorld(60)
		for team := range int32(6) {
			w.walk(team, 10, others)
		}
		w.precincts = w.precincts[:1]
		all := newFieldWorld(60)
		all.precincts = append(all.precincts, w.precincts...)
		for team := range int32(6) {
			all.walk(team, 10, others)
		}
		return all.learn(t, DefaultFieldPrior(), 7).Teams[6].Weight
	}
	if good, bad := weight(honestly), weight(reversed); good < bad+0.1 {
		t.Errorf("a new team among honest ones weighs %.2f, among hostile ones %.2f", good, bad)
	}
}

func TestLearnInAnyOrder(t *testing.T) {
	w := newFieldWorld(30)
	w.walk(0, 5, honestly)
	w.walk(1, 5, kindly)
	w.walk(2, 5, reversed)
	prior := DefaultFieldPrior()
	sums := w.sums(prior)
	first, err := LearnField(prior, 3, 2, sums, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.r.Shuffle(len(sums), func(i, j int) { sums[i], sums[j] = sums[j], sums[i] })
	second, err := LearnField(prior, 3, 2, sums, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Error("another order of the sums taught something else")
	}
}

// More support than the last result makes likely may be a swing, more enthusiasm to answer, or kindness: answers alone leave the swing as
// unsure as these are. A poll, or a sample drawn at random, tells.
func TestLearnSaysWhatItCannotTell(t *testing.T) {
	w := newFieldWorld(60)
	w.walk(0, 15, kindly)
	w.walk(1, 15, kindly)
	poll, sample := DefaultFieldPrior(), DefaultFieldPrior()
	poll.Swing = Response{0.1, 0.05}
	sample.Sampled = true
	for _, c := range []struct {
		name      string
		prior     FieldPrior
		separable bool
		words     string
		least     float64 // of the swing's deviation
		most      float64
	}{
		{"answers alone", DefaultFieldPrior(), false, "cannot separate enthusiasm from swing", 0.15, 0.33},
		{"a poll", poll, true, "from a poll", 0.03, 0.12},
		{"a random sample", sample, true, "at random", 0.05, 0.33},
	} {
		f := w.learn(t, c.prior, 2)
		if f.Separable != c.separable || !strings.Contains(f.Why, c.words) {
			t.Errorf("%s: separable %v: %s", c.name, f.Separable, f.Why)
		}
		for area, s := range f.Swing {
			if s.Deviation < c.least || s.Deviation > c.most {
				t.Errorf("%s: the swing of area %d is %.2f ± %.2f", c.name, area, s.Mean, s.Deviation)
			}
		}
		if c.name == "answers alone" && (f.Swing[0].Mean < 0.05 || f.Own.Mean <= DefaultOwnResponse.Mean) {
			t.Errorf("all hear more support: swing %.2f, own response %.2f", f.Swing[0].Mean, f.Own.Mean)
		}
		if c.name == "a poll" && (f.Swing[0].Mean < 0.05 || f.Swing[0].Mean > 0.25) {
			t.Errorf("the poll's swing is 0.1, and it became %.2f", f.Swing[0].Mean)
		}
	}
	silent, err := LearnField(DefaultFieldPrior(), 1, 1, nil, nil)
	if err != nil || silent.Separable || silent.Swing[0].Mean != 0 || silent.Swing[0].Deviation < 0.3 {
		t.Errorf("nobody was asked: %+v, %v", silent, err)
	}
}

// An area in which more support is heard than in the other has the larger swing.
func TestLearnSwingByArea(t *testing.T) {
	w := newFieldWorld(60)
	area := int32(0)
	for team := range int32(3) {
		for b := range w.precincts {
			one := fieldWorld{r: w.r, precincts: w.precincts[b : b+1]}
			area = w.precincts[b].Area
			one.walk(team, 15, func(step int) int {
				if area == 1 && w.r.IntN(4) == 0 {
					return kindly(step)
				}
				return step
			})
		}
	}
	f := w.learn(t, DefaultFieldPrior(), 3)
	if f.Swing[1].Mean < f.Swing[0].Mean+0.05 {
		t.Errorf("swings %.3f and %.3f", f.Swing[0].Mean, f.Swing[1].Mean)
	}
}

func TestLearnDoesNotBelieveWhoRepeats(t *testing.T) {
	for _, c := range []struct {
		name        string
		pairs, same int64
		repeats     bool
	}{
		{"not known", 0, 0, false},
		{"as chance has it", 400, 90, false},
		{"every other answer again", 400, 240, true},
		{"three answers alike", 3, 3, false},
	} {
		w := newFieldWorld(60)
		w.walk(0, 15, honestly)
		f, err := LearnField(DefaultFieldPrior(), 1, 2, w.sums(DefaultFieldPrior()), []FieldRuns{{0, c.pairs / 2, c.same / 2}, {0, c.pairs - c.pairs/2, c.same - c.same/2}})
		if err != nil {
			t.Fatal(err)
		}
		if f.Teams[0].Repeats != c.repeats || (f.Teams[0].Weight == 0) != c.repeats {
			t.Errorf("%s: %+v", c.name, f.Teams[0])
		}
	}
}

func TestLearnRefuses(t *testing.T) {
	for _, c := range []struct {
		sums []FieldSums
		runs []FieldRuns
		want string
	}{
		{[]FieldSums{{Team: 2}}, nil, "team 2 in area 0, of 2 teams"},
		{[]FieldSums{{Area: 1}}, nil, "area 1, of 2 teams and 1 areas"},
		{nil, []FieldRuns{{Team: -1}}, "in a row of team -1"},
		{[]FieldSums{{Count: 5, Step: math.NaN(), KnownKnown: 1}}, nil, "a number among their sums is not finite"},
	} {
		if _, err := LearnField(DefaultFieldPrior(), 2, 1, c.sums, c.runs); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	bad := FieldPrecinct{Parts: []FieldPart{{Voters: -1}}}
	if sums := bad.Sums(DefaultFieldPrior()); !slices.Equal(sums, nil) {
		t.Errorf("a precinct of -1 voters has the sums %v", sums)
	}
}
