package estimate

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// row is a street of precincts from west to east, 1 km apart, each with parts
// 200 m apart and 100 voters a part. yes is what each precinct gives the first of
// two choices, in per cent.
func row(parts int, yes ...int64) (Ground, Precincts) {
	g, p := Ground{First: []int32{0}}, Precincts{Choices: 2}
	for b, percent := range yes {
		for i := range parts {
			g.X = append(g.X, 1000*float64(b)+200*(float64(i)-float64(parts-1)/2))
			g.Y = append(g.Y, 0)
			g.Weights = append(g.Weights, 100)
		}
		g.First = append(g.First, int32(len(g.X)))
		all := int64(100 * parts)
		p.Registered = append(p.Registered, all)
		p.Votes = append(p.Votes, all*percent/100, all-all*percent/100)
	}
	return g, p
}

func mustEstimate(t testing.TB, g Ground, p Precincts, method Method) *Estimates {
	t.Helper()
	e, err := Estimate(g, p, method, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *Estimates) shareOf(part int) float64 {
	return e.Votes[part*e.Choices] / float64(e.Voters[part])
}

func TestStreetsLeanTowardsTheirNeighbours(t *testing.T) {
	g, p := row(4, 20, 25, 35, 50, 65, 75, 80)
	e := mustEstimate(t, g, p, GP)
	middle := 3 * 4 // the precinct with half of the votes
	for part := middle; part < middle+3; part++ {
		if e.shareOf(part) >= e.shareOf(part+1) {
			t.Errorf("part %d has %.3f, its eastern neighbour %.3f: shares should rise to the east", part, e.shareOf(part), e.shareOf(part+1))
		}
	}
	if west, east := e.shareOf(middle), e.shareOf(middle+3); west > 0.48 || east < 0.52 || west < 0.35 || east > 0.65 {
		t.Errorf("from west to east the precinct with 50 %% goes from %.3f to %.3f, not from between its neighbours' 35 and 50 to between 50 and 65", west, east)
	}
	flat := mustEstimate(t, g, p, Flat)
	for part := middle; part < middle+4; part++ {
		if flat.shareOf(part) != 0.5 {
			t.Errorf("the flat share of part %d is %v, not 0.5", part, flat.shareOf(part))
		}
	}
}

func TestStreetsFollowTheCensus(t *testing.T) {
	// Precincts in no order of place, in which the poor half votes yes.
	r := rand.New(rand.NewPCG(3, 4))
	var yes []int64
	for range 60 {
		yes = append(yes, 20+r.Int64N(60))
	}
	g, p := row(4, yes...)
	poor := make([]float64, len(g.X))
	for b, percent := range yes {
		for i := range 4 {
			poor[b*4+i] = float64(percent) + 10*float64(i-1) - 5
		}
	}
	g.Covariates, g.Measured = [][]float64{poor}, 1
	e := mustEstimate(t, g, p, Best)
	rising := 0
	for b := range yes {
		if e.shareOf(b*4) < e.shareOf(b*4+3) {
			rising++
		}
	}
	if rising < 55 {
		t.Errorf("in %d of 60 precincts the poorest part votes yes more often than the richest", rising)
	}
}

// Where a figure of the census counts one way in the west and the other way in
// the east, streets follow the neighborhood's way: no slope of the whole place
// tells that.
func TestSlopesOfANeighbourhood(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	var yes []int64
	var rich []float64
	for b := range 80 {
		x := -2 + 4*r.Float64()
		way := 12.0
		if b >= 40 {
			way = -12
		}
		yes = append(yes, int64(math.Round(50+way*x)))
		for i := range 4 {
			rich = append(rich, x+0.8*float64(i)-1.2)
		}
	}
	g, p := row(4, yes...)
	g.Covariates, g.Measured = [][]float64{rich}, 1
	e := mustEstimate(t, g, p, Best)
	right := 0
	for b := range yes {
		if (e.shareOf(b*4) < e.shareOf(b*4+3)) == (b < 40) {
			right++
		}
	}
	if right < 70 {
		t.Errorf("in %d of 80 precincts the richer streets vote as the rich of their neighborhood do", right)
	}
}

// Where the middle of a figure votes yes and both ends no, streets of the middle
// have more of it: no slope at all tells that.
func TestLikeFiguresVoteAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	var yes []int64
	var rich []float64
	for range 80 {
		x := -2 + 4*r.Float64()
		yes = append(yes, int64(math.Round(65-15*math.Abs(x))))
		rich = append(rich, x, 0, 0, x) // two streets of the middle
	}
	g, p := row(4, yes...)
	g.Covariates, g.Measured = [][]float64{rich}, 1
	e := mustEstimate(t, g, p, Best)
	right, ends := 0, 0
	for b := range yes {
		if math.Abs(rich[b*4]) < 1 {
			continue
		}
		ends++
		if e.shareOf(b*4+1) > e.shareOf(b*4) && e.shareOf(b*4+2) > e.shareOf(b*4+3) {
			right++
		}
	}
	if 10*right < 9*ends {
		t.Errorf("in %d of %d precincts of the ends the streets of the middle have more", right, ends)
	}
}

// checkEstimates holds what must be true of any estimates.
func checkEstimates(t interface{ Fatalf(string, ...any) }, g Ground, p Precincts, e *Estimates) {
	for b, all := range p.Registered {
		sums, voters := make([]float64, p.Choices), int64(0)
		var pieces []Piece
		for a := g.First[b]; a < g.First[b+1]; a++ {
			voters += e.Voters[a]
			pieces = append(pieces, Piece{int32(b), a, e.Voters[a]})
			own := 0.0
			for k := range p.Choices {
				v := e.Votes[int(a)*p.Choices+k]
				if !(v >= 0) || math.IsInf(v, 0) {
					t.Fatalf("part %d has %v votes for choice %d", a, v, k)
				}
				sums[k] += v
				own += v
			}
			if math.Abs(own-float64(e.Voters[a])) > 1e-6 {
				t.Fatalf("the votes of part %d add up to %v, its voters are %d", a, own, e.Voters[a])
			}
			for k, r := range e.Unit([]Piece{{int32(b), a, e.Voters[a]}}, nil) {
				if e.Voters[a] == 0 {
					if !math.IsNaN(r.Share) {
						t.Fatalf("part %d has no voters and a share of %v", a, r.Share)
					}
					continue
				}
				low, high := int64(0), e.Voters[a]
				if !e.Borrowed[b] {
					low, high = Bounds(e.Voters[a], max(0, p.Votes[b*p.Choices+k]), all)
				}
				n := float64(e.Voters[a])
				const digit = 1e-9
				if !(r.Low90 >= float64(low)/n-digit && r.Low90 <= r.Low50 && r.Low50 <= r.Share+digit && r.Share-digit <= r.High50 && r.High50 <= r.High90 && r.High90 <= float64(high)/n+digit) {
					t.Fatalf("part %d of %v voters, choice %d: %+v is not in order, or not within %d to %d votes", a, n, k, r, low, high)
				}
			}
		}
		if e.Borrowed[b] && all > 0 {
			t.Fatalf("precinct %d borrows though it has %d voters", b, all)
		}
		if g.First[b+1] == g.First[b] || e.Borrowed[b] {
			continue
		}
		if voters != all {
			t.Fatalf("the parts of precinct %d have %d voters of %d", b, voters, all)
		}
		for k, sum := range sums {
			if math.Abs(sum-float64(max(0, p.Votes[b*p.Choices+k]))) > 1e-6 {
				t.Fatalf("precinct %d: the parts have %v votes for choice %d of %d", b, sum, k, p.Votes[b*p.Choices+k])
			}
		}
		for k, r := range e.Unit(pieces, nil) {
			if all > 0 && (r.Share != float64(max(0, p.Votes[b*p.Choices+k]))/float64(all) || r.Low90 != r.Share || r.High90 != r.Share) {
				t.Fatalf("the whole of precinct %d has %+v for choice %d, not its official share without doubt", b, r, k)
			}
		}
	}
}

// drawPlace draws a place with everything that data may have: precincts without
// voters, parts or place, choices that are not on every ballot, covariates that
// are not known, do not vary or are beyond all measure, parts at one point.
func drawPlace(t *rapid.T) (Ground, Precincts) {
	g, p := Ground{First: []int32{0}}, Precincts{Choices: rapid.IntRange(1, 5).Draw(t, "choices")}
	covariates := rapid.IntRange(0, 3).Draw(t, "covariates")
	g.Covariates, g.Measured = make([][]float64, covariates), rapid.IntRange(0, covariates).Draw(t, "measured")
	where := rapid.OneOf(rapid.Float64Range(-1e4, 1e4), rapid.SampledFrom([]float64{0, 0, 1e7, math.NaN(), math.Inf(1)}))
	trait := rapid.OneOf(rapid.Float64Range(-2, 2), rapid.SampledFrom([]float64{0, 0, 1e300, -1e12, math.NaN(), math.Inf(-1)}))
	weight := rapid.OneOf(rapid.Float64Range(0, 300), rapid.SampledFrom([]float64{0, 0, math.NaN(), 1e12}))
	for range rapid.IntRange(1, 12).Draw(t, "precincts") {
		for range rapid.IntRange(1, 14).Draw(t, "parts") {
			g.X, g.Y, g.Weights = append(g.X, where.Draw(t, "x")), append(g.Y, where.Draw(t, "y")), append(g.Weights, weight.Draw(t, "weight"))
			for j := range g.Covariates {
				g.Covariates[j] = append(g.Covariates[j], trait.Draw(t, "trait"))
			}
		}
		g.First = append(g.First, int32(len(g.X)))
		sum := int64(0)
		for range p.Choices {
			v := rapid.OneOf(rapid.Int64Range(0, 400), rapid.SampledFrom([]int64{Absent, 0, 0, 1, 1_000_000})).Draw(t, "votes")
			p.Votes, sum = append(p.Votes, v), sum+max(0, v)
		}
		p.Registered = append(p.Registered, sum)
	}
	return g, p
}

func TestEstimatesHoldOnAnyPlace(t *testing.T) { rapid.Check(t, estimatesHold) }

func estimatesHold(t *rapid.T) {
	g, p := drawPlace(t)
	for _, method := range []Method{Flat, GP, Best} {
		e, err := Estimate(g, p, method, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkEstimates(t, g, p, e)
	}
	if _, err := Backtest(g, p, Best, 3, nil); err != nil {
		t.Fatal(err)
	}
}

func FuzzEstimate(f *testing.F) { f.Fuzz(rapid.MakeFuzz(estimatesHold)) }

// Of several blocks too, totals hold and nothing depends on how many processors
// there are.
func TestBlocks(t *testing.T) {
	g, p := country(300, 3, 2)
	e := mustEstimate(t, g, p, Best)
	checkEstimates(t, g, p, e)
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	one := mustEstimate(t, g, p, Best)
	if !slices.Equal(e.Votes, one.Votes) || !slices.EqualFunc(e.doubts, one.doubts, func(a, b precinctDoubt) bool {
		return slices.Equal(a.apart, b.apart) && slices.Equal(a.pull, b.pull) && slices.Equal(a.whole, b.whole)
	}) {
		t.Error("the estimates on one processor are others than on several")
	}
}

// What is not in the results cannot matter: where the parts' order in the file
// is another, every part has the same votes.
func TestPartsInAnyOrder(t *testing.T) {
	g, p := country(30, 3, 2)
	e := mustEstimate(t, g, p, Best)
	turned := Ground{First: g.First, Covariates: make([][]float64, 2), Measured: g.Measured}
	var was []int
	for b := range p.Registered {
		for a := g.First[b+1] - 1; a >= g.First[b]; a-- {
			was = append(was, int(a))
			turned.X, turned.Y, turned.Weights = append(turned.X, g.X[a]), append(turned.Y, g.Y[a]), append(turned.Weights, g.Weights[a])
			for j := range turned.Covariates {
				turned.Covariates[j] = append(turned.Covariates[j], g.Covariates[j][a])
			}
		}
	}
	other := mustEstimate(t, turned, p, Best)
	for now, a := range was {
		for k := range 3 {
			if x, y := e.Votes[a*3+k], other.Votes[now*3+k]; math.Abs(x-y) > 0.01 {
				t.Fatalf("part %d has %.4f votes for choice %d, and %.4f where the file is turned round", a, x, k, y)
			}
		}
	}
}

// The two halves of a precinct make up for each other: what one may have more,
// the other has less.
func TestHalvesOfAPrecinctAreEquallyInDoubt(t *testing.T) {
	g, p := row(6, 30, 45, 40, 55, 60)
	e := mustEstimate(t, g, p, GP)
	var first, second []Piece
	for a := g.First[2]; a < g.First[3]; a++ {
		piece := Piece{2, a, e.Voters[a]}
		if a < g.First[2]+2 {
			first = append(first, piece)
		} else {
			second = append(second, piece)
		}
	}
	one, other := e.sum(first, 0), e.sum(second, 0)
	if math.Abs(one.unknown-other.unknown) > 1e-4*one.unknown || math.Abs(one.sampling-other.sampling) > 1e-4*one.sampling {
		t.Errorf("variances of the votes are %v and %v of a third of a precinct, %v and %v of the rest", one.unknown, one.sampling, other.unknown, other.sampling)
	}
	if one.unknown <= 0 || one.sampling <= 0 {
		t.Errorf("a part of a precinct has no doubt: %+v", one)
	}
}

// What a unit has in two precincts is in doubt on its own in each.
func TestDoubtOfTwoPrecinctsAddsUp(t *testing.T) {
	g, p := row(6, 30, 45, 40, 55, 60)
	e := mustEstimate(t, g, p, GP)
	one, other := []Piece{{1, 6, e.Voters[6]}}, []Piece{{2, 12, e.Voters[12]}, {2, 13, e.Voters[13]}}
	a, b, both := e.sum(one, 0), e.sum(other, 0), e.sum(append(slices.Clone(one), other...), 0)
	for _, c := range []struct {
		what       string
		a, b, both float64
	}{
		{"the voters", float64(a.voters), float64(b.voters), float64(both.voters)}, {"the votes", a.expected, b.expected, both.expected},
		{"what is unknown", a.unknown, b.unknown, both.unknown}, {"the draw", a.sampling, b.sampling, both.sampling},
		{"the lower bounds", float64(a.low), float64(b.low), float64(both.low)}, {"the upper bounds", float64(a.high), float64(b.high), float64(both.high)},
	} {
		if math.Abs(c.a+c.b-c.both) > 1e-9*c.both {
			t.Errorf("%s: %v and %v make %v", c.what, c.a, c.b, c.both)
		}
	}
}

// The kernel between far precincts, taken as points, is that of all their sites
// within a hundredth.
func TestFarPrecinctsAreAsPoints(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	g := Ground{First: []int32{0}}
	for range 60 {
		x, y, size := 10000*r.Float64(), 10000*r.Float64(), 100+1500*r.Float64()
		for range 8 {
			g.X, g.Y, g.Weights = append(g.X, x+size*(r.Float64()-.5)), append(g.Y, y+size*(r.Float64()-.5)), append(g.Weights, 1+r.Float64())
		}
		g.First = append(g.First, int32(len(g.X)))
	}
	s := cutSites(&g)
	b := newBlock(s, &g, cutBlocks(s, 100)[0], nil)
	for i, si := range b.site {
		for q := range b.precincts {
			var exact [3]float64
			for _, so := range b.site[b.first[q]:b.first[q+1]] {
				near, middle, far := b.likeness(math.Hypot(b.x[si]-b.x[so], b.y[si]-b.y[so]))
				for l, v := range []float64{near, middle, far} {
					exact[l] += b.share[so] * v
				}
			}
			for l, want := range exact {
				if got := b.kernel[l][i*len(b.precincts)+q]; math.Abs(got-want) > 0.01 {
					t.Fatalf("the kernel %d between a site and a precinct is %.4f, over all its sites %.4f", l, got, want)
				}
			}
		}
	}
}

func TestEstimateRefuses(t *testing.T) {
	g, p := row(2, 30, 40)
	for _, c := range []struct {
		name   string
		change func(*Ground, *Precincts)
		want   string
	}{
		{"no parts at all", func(g *Ground, _ *Precincts) { g.First = nil }, "a ground needs where"},
		{"parts out of order", func(g *Ground, _ *Precincts) { g.First = []int32{0, 3, 2} }, "do not run from 0 to 4"},
		{"a weight too few", func(g *Ground, _ *Precincts) { g.Weights = g.Weights[1:] }, "3 weights"},
		{"a covariate of other parts", func(g *Ground, _ *Precincts) { g.Covariates = [][]float64{{1}} }, "covariate 0 has 1 values for 4 parts"},
		{"results of another place", func(_ *Ground, p *Precincts) { p.Registered = p.Registered[1:] }, "2 precincts have 1 numbers"},
		{"votes that do not add up", func(_ *Ground, p *Precincts) { p.Votes = []int64{1, 2, 80, 120} }, "precinct 0 has 200 registered voters, but its choices add up to 3"},
		{"fewer votes than none", func(_ *Ground, p *Precincts) { p.Votes = []int64{-3, 203, 80, 120} }, "precinct 0 has -3 votes"},
	} {
		ground, results := g, p
		c.change(&ground, &results)
		if _, err := Estimate(ground, results, Best, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestEstimateEndsWhenTold(t *testing.T) {
	g, p := row(3, 30, 40, 50, 60)
	stop := errors.New("stop")
	heard := 0
	if _, err := Estimate(g, p, GP, func(done, total int) error {
		heard++
		if done >= total {
			t.Errorf("step %d of %d begins", done+1, total)
		}
		if done == 2 {
			return stop
		}
		return nil
	}); !errors.Is(err, stop) || heard != 3 {
		t.Errorf("error %v after %d steps, want to be stopped at the third", err, heard)
	}
}

// A street whose voters are counted by guess is in more doubt than one whose
// voters are known, and a precinct in none.
func TestGuessedVotersAreInDoubt(t *testing.T) {
	g, p := row(6, 30, 45, 40, 55, 60)
	known := mustEstimate(t, g, p, GP)
	g.Unsure = make([]float64, len(g.X))
	for i := range g.Unsure {
		g.Unsure[i] = 0.4
	}
	guessed := mustEstimate(t, g, p, GP)
	piece := []Piece{{2, 13, known.Voters[13]}}
	sure, unsure := known.Unit(piece, nil)[0], guessed.Unit(piece, nil)[0]
	if sure.Share != unsure.Share || unsure.High90-unsure.Low90 <= 1.01*(sure.High90-sure.Low90) {
		t.Errorf("%+v where voters are known, %+v where they are guessed", sure, unsure)
	}
	checkEstimates(t, g, p, guessed)
}

// What only streets have is averaged out in an area of some extent.
func TestAreasAreInLessDoubtThanStreets(t *testing.T) {
	g, p := row(6, 30, 45, 40, 55, 60)
	street := mustEstimate(t, g, p, GP)
	g.Extent = make([]float64, len(g.X))
	for i := range g.Extent {
		g.Extent[i] = 300
	}
	area := mustEstimate(t, g, p, GP)
	piece := []Piece{{2, 13, street.Voters[13]}}
	if s, a := street.Unit(piece, nil)[0], area.Unit(piece, nil)[0]; s.Share != a.Share || s.High90-s.Low90 <= a.High90-a.Low90 {
		t.Errorf("a point has %+v, an area %+v", s, a)
	}
	for i := range g.Extent {
		g.Extent[i] = math.NaN()
	}
	unknown := mustEstimate(t, g, p, GP)
	if s, u := street.Unit(piece, nil)[0], unknown.Unit(piece, nil)[0]; s != u {
		t.Errorf("a point has %+v, an area of unknown extent %+v", s, u)
	}
}

// Contests that are estimated together have the estimates that each has alone.
func TestContestsTogetherAreAsEachAlone(t *testing.T) {
	g, p, _ := drawnCity(4)
	other := Precincts{Choices: p.Choices, Registered: slices.Clone(p.Registered), Votes: slices.Clone(p.Votes)}
	for b := range other.Registered { // other shares in each, and one that has no result yet
		votes := other.Votes[b*p.Choices:][:p.Choices]
		votes[0], votes[1] = votes[1], votes[0]
	}
	other.Registered[3] = 0
	clear(other.Votes[3*p.Choices:][:p.Choices])
	for _, method := range []Method{Flat, GP, Best} {
		all, err := Together(g, []Precincts{p, other}, method, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, alone := range []*Estimates{mustEstimate(t, g, p, method), mustEstimate(t, g, other, method)} {
			if !reflect.DeepEqual(all[i], alone) {
				t.Errorf("%s: contest %d has other estimates together than alone", method, i)
			}
		}
	}
}
