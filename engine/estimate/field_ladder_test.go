package estimate

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestLadderRowsAreChances(t *testing.T) {
	for kind := range voterKinds {
		sum := 0.0
		for _, p := range DefaultLadder[kind] {
			sum += p
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("kind %d: %v", kind, sum)
		}
	}
	if DefaultLadder.mean(ownVoter) < 0.5 || DefaultLadder.mean(otherVoter) > -0.3 || math.Abs(DefaultLadder.mean(nonVoter)) > 0.2 {
		t.Error("the ladder does not go up from opponents over those who do not vote to supporters")
	}
}

// What is heard of a street of one kind is what that kind says; what moves it is the slope.
func TestHears(t *testing.T) {
	prior := DefaultFieldPrior()
	for _, c := range []struct {
		own, other, non float64
		want            float64
	}{
		{1, 0, 0, DefaultLadder.mean(ownVoter)},
		{0, 1, 0, DefaultLadder.mean(otherVoter)},
		{0, 0, 1, DefaultLadder.mean(nonVoter)},
		{0, 0, 0, 0},
		// 1.4 supporters answer where one opponent does.
		{0.5, 0.5, 0, (1.4*DefaultLadder.mean(ownVoter) + DefaultLadder.mean(otherVoter)) / 2.4},
	} {
		if h := prior.hears(c.own, c.other, c.non); math.Abs(h.mean-c.want) > 1e-12 {
			t.Errorf("%v, %v, %v: heard %.4f, want %.4f", c.own, c.other, c.non, h.mean, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		votes := rapid.Float64Range(0.1, 1).Draw(t, "votes")
		odds := rapid.Float64Range(-3, 3).Draw(t, "odds")
		at := func(odds, own, non float64) float64 {
			p := prior
			p.Own.Mean += own
			p.Non.Mean += non
			return p.hears(votes*chance(odds), votes*(1-chance(odds)), 1-votes).mean
		}
		const d = 1e-5
		h := prior.hears(votes*chance(odds), votes*(1-chance(odds)), 1-votes)
		for _, c := range []struct {
			name      string
			got, want float64
		}{
			{"odds", h.byOdds, (at(odds+d, 0, 0) - at(odds-d, 0, 0)) / 2 / d},
			{"own response", h.byOwn, (at(odds, d, 0) - at(odds, -d, 0)) / 2 / d},
			{"response of who does not vote", h.byNon, (at(odds, 0, d) - at(odds, 0, -d)) / 2 / d},
		} {
			if math.Abs(c.got-c.want) > 1e-7 {
				t.Fatalf("%s: slope %v, by differences %v", c.name, c.got, c.want)
			}
		}
	})
}
