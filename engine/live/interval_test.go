package live

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/arpent/arpent/engine"
)

// The intervals of measures are made from the published intervals of shares and voters. Here the truth is drawn - the number of voters from a
// Poisson around a Gamma, their shares from a Dirichlet, what each does from the shares - and must lie in them about as often as they say.
func TestIntervalsOfMeasuresHoldTheTruth(t *testing.T) {
	for _, c := range []struct {
		what   string
		weight [3]int // of the Dirichlet: a, b, abstention
		voters int
	}{
		{"a close race in a street", [3]int{12, 11, 9}, 60},
		{"a choice with few votes", [3]int{24, 3, 9}, 80},
		{"a long street, of which little is known", [3]int{3, 2, 2}, 400},
		{"a cell that nearly all of whose voters stay at home", [3]int{3, 3, 34}, 200},
	} {
		random := rand.New(rand.NewPCG(11, uint64(c.voters)))
		const draws = 4000
		var truth [2][draws][3]float64 // shares in two contests
		var numbers [draws]float64     // of registered voters
		for i := range draws {
			numbers[i] = drawVoters(random, c.voters)
			truth[0][i], truth[1][i] = drawShares(random, c.weight, int(numbers[i])), drawShares(random, c.weight, int(numbers[i]))
		}
		place := &level{unit: engine.UnitSegment}
		for contest := range truth {
			n := tally(0, 0, 0, 0)
			n.registered[0] = int64(c.voters)
			for k := range n.shares {
				var shares []float64
				for _, s := range truth[contest] {
					shares = append(shares, s[k])
				}
				n.shares[k] = summary(shares)
			}
			place.numbers = append(place.numbers, n)
		}
		asked := question{contest: 0, choice: 0, against: 1, since: 1, then: 0, abstention: 2, candidates: 2}
		for _, m := range []struct {
			Measure
			unit engine.Unit // a precinct's number of voters is known
			real func(i int) float64
		}{
			{turnoutMeasure, engine.UnitSegment, func(i int) float64 { return 1 - truth[0][i][2] }},
			{marginMeasure, engine.UnitSegment, func(i int) float64 { return truth[0][i][0] - truth[0][i][1] }},
			{changeMeasure, engine.UnitSegment, func(i int) float64 { return truth[0][i][0] - truth[1][i][0] }},
			{potentialMeasure, engine.UnitPrecinct, func(i int) float64 { return support(truth[0][i], float64(c.voters)) }},
			{potentialMeasure, engine.UnitSegment, func(i int) float64 { return support(truth[0][i], numbers[i]) }},
			{votesMeasure, engine.UnitSegment, func(i int) float64 { return truth[0][i][0] * numbers[i] }},
		} {
			place.unit, place.numbers[0].voters[0] = m.unit, exactly(float64(c.voters))
			if m.unit == engine.UnitSegment {
				place.numbers[0].voters[0] = summary(slices.Clone(numbers[:]))
			}
			place.numbers[0].votes[0] = int64(math.Round(place.numbers[0].shares[0].Value * float64(c.voters)))
			e, ok := m.estimate(place.publishedOf(0), asked)
			if !ok {
				t.Fatalf("%s: no %s", c.what, m.ID)
			}
			in90, in50 := 0.0, 0.0
			for i := range draws {
				if x := m.real(i); x >= e.Low90-1e-9 && x <= e.High90+1e-9 {
					in90 += 100.0 / draws
				}
				if x := m.real(i); x >= e.Low50-1e-9 && x <= e.High50+1e-9 {
					in50 += 100.0 / draws
				}
			}
			t.Logf("%s: %s of a %s %.3f %.3f..%.3f holds %.1f %% and %.1f %%", c.what, m.ID, m.unit, e.Value, e.Low90, e.High90, in50, in90)
			if in90 < 87 || in90 > 95 || in50 < 44 || in50 > 59 {
				t.Errorf("%s: the intervals of %s of a %s hold %.1f %% and %.1f %% of the truth, which should be 50 and 90", c.what, m.ID, m.unit, in50, in90)
			}
		}
	}
}

// support is what potential estimates.
func support(shares [3]float64, voters float64) float64 {
	return voters * shares[2] * shares[0] / (shares[0] + shares[1])
}

// summary gives the mean and the quantiles, as a published share has them.
func summary(drawn []float64) Estimate {
	slices.Sort(drawn)
	mean := 0.0
	for _, x := range drawn {
		mean += x / float64(len(drawn))
	}
	at := func(q float64) float64 { return drawn[int(q*float64(len(drawn)-1))] }
	return Estimate{mean, at(0.05), at(0.25), at(0.75), at(0.95)}
}

// gamma draws from a Gamma of whole shape: so many waiting times.
func gamma(random *rand.Rand, shape int) float64 {
	sum := 0.0
	for range shape {
		sum += random.ExpFloat64()
	}
	return sum
}

func drawShares(random *rand.Rand, weight [3]int, voters int) [3]float64 {
	a, b, c := gamma(random, weight[0]), gamma(random, weight[1]), gamma(random, weight[2])
	sum := a + b + c
	var shares [3]float64
	for range voters {
		k := 2
		if at := random.Float64() * sum; at < a {
			k = 0
		} else if at < a+b {
			k = 1
		}
		shares[k] += 1 / float64(voters)
	}
	return shares
}

func drawVoters(random *rand.Rand, expected int) float64 {
	mean := float64(expected) * gamma(random, 11) / 11 // sd 0.3
	n := -1.0
	for at := 0.0; at < mean; n++ {
		at += random.ExpFloat64()
	}
	return n
}
