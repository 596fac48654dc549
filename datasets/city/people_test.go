package city

import (
	"context"
	"math"
	"testing"
)

// The spread of the first list's expected share is that of the reference city: 7.8 points between precincts and 6.7 within.
func TestSpreadOfShares(t *testing.T) {
	between, within := 0.0, 0.0
	for seed := uint64(1); seed <= 3; seed++ {
		_, s := generated(t, City, seed)
		if s.Between < 5.5 || s.Between > 11 || s.Within < 5.8 || s.Within > 8 {
			t.Errorf("seed %d: %.1f points between precincts, %.1f within", seed, s.Between, s.Within)
		}
		between, within = between+s.Between/3, within+s.Within/3
	}
	if math.Abs(between-7.8) > 1.2 || math.Abs(within-6.7) > 0.6 {
		t.Errorf("on average %.1f points between precincts and %.1f within, want about 7.8 and 6.7", between, within)
	}
}

// Many voters of one street choose as the quadrature says.
func TestVotesFollowTheExpectedShares(t *testing.T) {
	for _, street := range []mood{{}, {1.5, -0.8, 0.7}, {-2.1, 1.2, -1.3}} {
		const voters = 200_000
		addresses := []address{{registered: voters}}
		counts := make([]censusCount, 1)
		if err := poll(context.Background(), [][]mood{{street}}, addresses, counts, []int{0}, func(int, []resident, []ballot) {}, stream(1, 0, drawVoters)); err != nil {
			t.Fatal(err)
		}
		for k, contest := range contests {
			expected := expectedShares(contest.choices, street)
			for j, c := range contest.choices {
				p := expected[j]
				got := float64(addresses[0].votes[k][j]) / voters
				if tolerance := 4.5*math.Sqrt(p*(1-p)/voters) + 1e-4; math.Abs(got-p) > tolerance {
					t.Errorf("%+v, %s, %s: %.5f of the voters, expected %.5f", street, contest.id, c.code, got, p)
				}
			}
		}
		if counts[0].people != voters {
			t.Errorf("the census counted %d of %d", counts[0].people, voters)
		}
	}
}

// Who voted for a list in the first round mostly does so again: tastes are kept between rounds.
func TestVotersKeepTheirTaste(t *testing.T) {
	r := stream(1, 0, drawVoters)
	var clocks [maxChoices]float64
	again, first1 := 0, 0
	for range 50_000 {
		voter := mood{}.person(r)
		for k := range clocks {
			clocks[k] = r.ExpFloat64()
		}
		if first(contests[0].choices, voter, &clocks) == ownList {
			first1++
			if first(contests[1].choices, voter, &clocks) == ownList {
				again++
			}
		}
	}
	if share := float64(again) / float64(first1); share < 0.9 {
		t.Errorf("%.2f of the list's voters choose it again", share)
	}
}

func TestFieldIsStandardAndSmooth(t *testing.T) {
	const scale, points = 200, 400
	var sum, squares, near, far, n float64
	for seed := range uint64(60) {
		f := newField(stream(seed, 0, drawFields), 48, scale)
		for i := range points {
			p := point{float64(i%20) * 900, float64(i/20) * 900}
			v := f.at(p)
			sum, squares, n = sum+v, squares+v*v, n+1
			near += v * f.at(p.plus(point{scale, 0}))
			far += v * f.at(p.plus(point{0, 4 * scale}))
		}
	}
	for _, test := range []struct {
		name      string
		got, want float64
	}{
		{"mean", sum / n, 0},
		{"variance", squares / n, 1},
		{"covariance at its scale", near / n, math.Exp(-0.5)},
		{"covariance at four times its scale", far / n, math.Exp(-8)},
	} {
		if math.Abs(test.got-test.want) > 0.06 {
			t.Errorf("%s is %.3f, want %.3f", test.name, test.got, test.want)
		}
	}
}

func TestPoisson(t *testing.T) {
	r := stream(1, 0, drawVoters)
	for _, mean := range []float64{0, 0.3, 3, 29, 31, 400} {
		const n = 40_000
		sum, squares := 0.0, 0.0
		for range n {
			v := float64(poisson(r, mean))
			sum, squares = sum+v, squares+v*v
		}
		got := sum / n
		variance := squares/n - got*got
		if math.Abs(got-mean) > 5*math.Sqrt((mean+0.1)/n) || math.Abs(variance-mean) > 0.06*mean+0.01 {
			t.Errorf("mean %v: drawn with mean %.3f and variance %.3f", mean, got, variance)
		}
	}
}
