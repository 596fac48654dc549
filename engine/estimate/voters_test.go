package estimate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Two precincts: the first of 1,000 voters in streets of unlike size and doubt, the second of 500 in two.
func unsureGround() Ground {
	g := Ground{
		First:   []int32{0, 8, 10},
		Weights: []float64{300, 200, 150, 120, 100, 80, 40, 10, 400, 100},
		Unsure:  []float64{0.2, 0.25, 0.3, 0.15, 0.5, 0.4, 0.6, 0.8, 0.3, 0.3},
	}
	g.X, g.Y, g.Common = make([]float64, len(g.Weights)), make([]float64, len(g.Weights)), slices.Repeat([]float64{0.15}, len(g.Weights))
	return g
}

func weightsOf(t interface{ Fatal(...any) }, g Ground) *Weights {
	w, err := NewWeights(g)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func partsOf(precinct int32, parts ...int32) (portions []Portion) {
	for _, part := range parts {
		portions = append(portions, Portion{precinct, part, 1})
	}
	return portions
}

func TestVotersOfWholePrecinctsAreKnown(t *testing.T) {
	w := weightsOf(t, unsureGround())
	first, second := partsOf(0, 0, 1, 2, 3, 4, 5, 6, 7), partsOf(1, 8, 9)
	for _, unit := range [][]Portion{nil, first, second, append(first, second...), {{1, 8, 0.25}, {1, 8, 0.75}, {1, 9, 1}}} {
		if d := w.Doubt(unit); d.Dispersion != 0 || d.Coarse(16).Dispersion != 0 || d.Range(700, 1500) != (VotersRange{700, 700, 700, 700}) {
			t.Errorf("%v: %+v", unit, d)
		}
	}
	if d := w.Doubt(append(partsOf(0, 0, 1, 2, 3, 4, 5, 6), second...)); d.Dispersion <= 0 || d.Dispersion > 0.1 {
		t.Errorf("nearly two whole precincts: %+v", d)
	}
	g := unsureGround()
	g.Unsure = nil
	if d := weightsOf(t, g).Doubt(partsOf(0, 3)); d != (VotersDoubt{120, 0}) {
		t.Errorf("a street whose voters are known: %+v", d)
	}
	g.Unsure = []float64{1}
	if _, err := NewWeights(g); err == nil {
		t.Error("no error for one doubt of ten parts")
	}
}

// Where doors of voters are counted, half of what chance does is known: of two streets and of one of them.
func TestCountedDoorsLeaveLessToChance(t *testing.T) {
	g := unsureGround()
	g.Unsure, g.Common = make([]float64, len(g.X)), nil
	plain := weightsOf(t, g)
	g.Chance = slices.Repeat([]float64{0.5}, len(g.X))
	counted := weightsOf(t, g)
	g.Chance[1] = 1
	mixed := weightsOf(t, g)
	for _, unit := range [][]Portion{partsOf(0, 0), partsOf(0, 0, 1), {{1, 8, 0.3}}} {
		before, after := plain.Doubt(unit).Dispersion, counted.Doubt(unit).Dispersion
		if math.Abs(after-before/2) > 1e-12 {
			t.Errorf("%v: dispersion %g, of counted doors %g", unit, before, after)
		}
	}
	if between := mixed.Doubt(partsOf(0, 0, 1)).Dispersion; between <= counted.Doubt(partsOf(0, 0, 1)).Dispersion || between >= plain.Doubt(partsOf(0, 0, 1)).Dispersion {
		t.Errorf("dispersion %g where one of two streets is counted", between)
	}
	g.Chance = g.Chance[1:]
	if _, err := NewWeights(g); err == nil {
		t.Error("no error for nine chances of ten parts")
	}
}

// Of ten equal parts of 100 voters the formula is n (1 - n/R) (1 + n s^2), but for one voter in R.
func TestDispersionOfEqualParts(t *testing.T) {
	g := Ground{
		First: []int32{0, 10}, X: make([]float64, 10), Y: make([]float64, 10),
		Weights: slices.Repeat([]float64{100}, 10), Unsure: slices.Repeat([]float64{0.3}, 10),
	}
	doubt := func(unit []Portion) VotersDoubt { return weightsOf(t, g).Doubt(unit) }
	if d := doubt(partsOf(0, 4)); math.Abs(d.Voters-100) > 1e-9 || math.Abs(d.Dispersion-0.9*(1+100*0.09*0.999)) > 1e-9 {
		t.Errorf("a part: %+v", d)
	}
	// Where homes are alone in their doubt, a tenth of a part is as unsure as a precinct of 100 of them would have it.
	tenth := []Portion{{0, 4, 0.1}}
	if d := doubt(tenth); math.Abs(d.Dispersion-0.99*(1+100*0.09*0.999)) > 1e-9 {
		t.Errorf("a tenth of a part: %+v", d)
	}
	half := doubt(partsOf(0, 0, 1, 2, 3, 4))
	if math.Abs(half.Dispersion-0.5*(1+100*0.09*0.999)) > 1e-9 {
		t.Errorf("half of the precinct: %+v", half)
	}
	// Where they share it with those around, streets together are as unsure as each, and a part of one as all of it.
	g.Common = g.Unsure
	if d := doubt(partsOf(0, 0, 1, 2, 3, 4)); math.Abs(d.Dispersion-0.5*(1+500*0.5*0.09*0.999)) > 1e-9 {
		t.Errorf("half of the precinct: %+v", d)
	}
	if d := doubt(tenth); math.Abs(d.Dispersion-0.99*(1+10*0.99*0.09*0.999)) > 1e-9 {
		t.Errorf("a tenth of a part: %+v", d)
	}
	g.Common = []float64{1}
	if _, err := NewWeights(g); err == nil {
		t.Error("no error for what one part of ten has in common")
	}
}

func TestWeightsThatDoNotCountAreEqual(t *testing.T) {
	g := Ground{First: []int32{0, 4}, X: make([]float64, 4), Y: make([]float64, 4), Weights: make([]float64, 4), Unsure: []float64{1, 1, 1, 1}}
	if d := weightsOf(t, g).Doubt(partsOf(0, 1, 2, 3)); math.Abs(d.Voters-3) > 1e-9 || !(d.Dispersion > 0) {
		t.Errorf("three of four parts without weight: %+v", d)
	}
}

// drawnUnit draws a unit of the ground: fractions of parts, precinct by precinct.
func drawnUnit(t *rapid.T, g Ground) (portions []Portion) {
	for b := range g.precincts() {
		for a := g.First[b]; a < g.First[b+1]; a++ {
			if f := rapid.SampledFrom([]float64{0, 0, 0.3, 1, 1}).Draw(t, "fraction"); f > 0 {
				portions = append(portions, Portion{int32(b), a, f})
			}
		}
	}
	return portions
}

func TestVotersRangeIsPossible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := unsureGround()
		unit := drawnUnit(t, g)
		d := weightsOf(t, g).Doubt(unit)
		if !(d.Dispersion >= 0) || !(d.Voters >= 0 && d.Voters <= 1500+1e-9) {
			t.Fatalf("%v: %+v", unit, d)
		}
		coarse := d.Coarse(16)
		if steps := 2 * math.Log2(coarse.Dispersion); coarse.Dispersion > 0 && math.Abs(steps-math.Round(steps)) > 1e-9 {
			t.Fatalf("%+v is %+v coarsely", d, coarse)
		}
		if x := coarse.Dispersion; x < d.Dispersion*math.Exp2(-0.25)-1e-9 || d.Dispersion*d.Voters > 16 && math.Abs(math.Log2(x/d.Dispersion)) > 0.25+1e-9 {
			t.Fatalf("%+v is %+v coarsely", d, coarse)
		}
		n := rapid.Int64Range(0, 1500).Draw(t, "n")
		for _, d := range []VotersDoubt{d, coarse} {
			r := d.Range(n, 1500)
			if !(0 <= r.Low90 && r.Low90 <= r.Low50 && r.Low50 <= n && n <= r.High50 && r.High50 <= r.High90 && r.High90 <= 1500) {
				t.Fatalf("%d of %+v: %+v", n, d, r)
			}
		}
	})
}

// Who is less sure of any part is not surer of a unit.
func TestVotersDoubtGrowsWithThatOfWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := unsureGround()
		unit := drawnUnit(t, g)
		before := weightsOf(t, g).Doubt(unit)
		part := rapid.IntRange(0, len(g.Unsure)-1).Draw(t, "part")
		g.Unsure[part] += rapid.Float64Range(0, 1).Draw(t, "more")
		after := weightsOf(t, g).Doubt(unit)
		if after.Dispersion < before.Dispersion-1e-9 {
			t.Fatalf("%v: %+v, and less sure of part %d %+v", unit, before, part, after)
		}
		n := int64(math.Round(before.Voters))
		if a, b := before.Range(n, 1500), after.Range(n, 1500); b.Low90 > a.Low90 || b.High90 < a.High90 {
			t.Fatalf("%v: %+v, and less sure %+v", unit, a, b)
		}
	})
}

// Worlds are drawn: true weights from Gamma distributions, the voters of each precinct one by one. Intervals hold what they say, or a little
// more.
func TestVotersRangeHoldsWhatIsDrawn(t *testing.T) {
	g := unsureGround()
	w := weightsOf(t, g)
	for _, c := range []struct {
		what string
		unit []Portion
	}{
		{"the longest street", partsOf(0, 0)},
		{"a street that one is sure of", partsOf(0, 3)},
		{"a street that one is not sure of", partsOf(0, 4)},
		{"a short street", partsOf(0, 6)},
		{"half of a precinct", partsOf(0, 0, 3, 5)},
		{"a precinct but two streets", partsOf(0, 0, 1, 2, 3, 4, 7)},
		{"a street in two precincts", append(partsOf(0, 2), partsOf(1, 9)...)},
		{"a whole precinct and a street", append(partsOf(0, 4), partsOf(1, 8, 9)...)},
		{"a cell of parts of streets", []Portion{{0, 0, 0.3}, {0, 1, 0.2}, {0, 4, 0.5}, {1, 8, 0.1}}},
	} {
		r := rand.New(rand.NewPCG(3, 14))
		d := w.Doubt(c.unit)
		n := int64(math.Round(d.Voters))
		bounds := d.Range(n, 1500)
		const draws = 4000
		in50, in90 := 0.0, 0.0
		for range draws {
			x := drawnVoters(r, g, c.unit)
			if bounds.Low50 <= x && x <= bounds.High50 {
				in50 += 100. / draws
			}
			if bounds.Low90 <= x && x <= bounds.High90 {
				in90 += 100. / draws
			}
		}
		t.Logf("%s: %d voters, %+v; %.1f and %.1f %%", c.what, n, bounds, in50, in90)
		if in50 < 47 || in50 > 62 || in90 < 88 || in90 > 95 {
			t.Errorf("%s: %d voters, %+v hold %.1f and %.1f %%", c.what, n, bounds, in50, in90)
		}
	}
}

// drawnVoters draws how many of the voters of a ground live in a unit.
func drawnVoters(r *rand.Rand, g Ground, unit []Portion) (n int64) {
	for b := range g.precincts() {
		all, inside, voters := 0.0, 0.0, 0.0
		for a := g.First[b]; a < g.First[b+1]; a++ {
			fraction := 0.0
			for _, p := range unit {
				if p.Part == a {
					fraction += p.Fraction
				}
			}
			own := max(0, square(g.Unsure[a])-square(g.Common[a]))
			if fraction > 0 {
				inside += fraction * g.Weights[a] * drawnGamma(r, own/fraction)
			}
			if fraction < 1 {
				all += (1 - fraction) * g.Weights[a] * drawnGamma(r, own/(1-fraction))
			}
			voters += g.Weights[a]
		}
		inside *= drawnGamma(r, square(0.15))
		all += inside
		for range int(voters) {
			if r.Float64()*all < inside {
				n++
			}
		}
	}
	return n
}

// drawnGamma draws from a Gamma distribution with mean 1 and a variance (Marsaglia and Tsang 2000).
func drawnGamma(r *rand.Rand, variance float64) float64 {
	if variance <= 0 {
		return 1
	}
	shape, boost := 1/variance, 1.0
	if shape < 1 {
		boost, shape = math.Pow(r.Float64(), 1/shape), shape+1
	}
	d := shape - 1./3
	for {
		x := r.NormFloat64()
		v := math.Pow(1+x/math.Sqrt(9*d), 3)
		if v > 0 && math.Log(r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return boost * d * v * variance
		}
	}
}
