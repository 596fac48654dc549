package estimate

import (
	"math/rand/v2"
	"testing"
)

// One precinct of 36 parts, half of them with answers of three teams: what a return costs.
func BenchmarkFieldUpdate(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	p := FieldPrecinct{Own: 200}
	for i := range int32(36) {
		own := 0.1 + 0.2*r.Float64()
		p.Parts = append(p.Parts, FieldPart{Voters: 28, Own: own, Other: 0.6 - own, Doubt: 0.3, X: 600 * r.Float64(), Y: 600 * r.Float64()})
		for team := range int32(3) {
			if i%2 == 0 {
				p.Answers = append(p.Answers, FieldAnswers{Part: i, Team: team, Days: 3, Support: [5]int32{1, 1, 1, 0, 2}})
			}
		}
	}
	f := believing(1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Update(&p); err != nil {
			b.Fatal(err)
		}
	}
}

// All that is learnt of 900 precincts and 40 teams.
func BenchmarkFieldLearn(b *testing.B) {
	w := newFieldWorld(900)
	for team := range int32(40) {
		w.walk(team, 1, honestly)
	}
	prior := DefaultFieldPrior()
	sums := w.sums(prior)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := LearnField(prior, 40, 2, sums, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// A metropolis of 30,000 streets.
func BenchmarkRankStreets(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	var streets []FieldStreet
	for id := range int64(30_000) {
		streets = append(streets, flats(id+1, 0.2+0.3*r.Float64(), 0.3))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := RankStreets(streets, DefaultFieldEffects(), 1); err != nil {
			b.Fatal(err)
		}
	}
}
