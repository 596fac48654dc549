package estimate

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

// country makes a ground of so many precincts with 36 parts each, in towns, and
// results of so many choices.
func country(precincts, choices, covariates int) (Ground, Precincts) {
	r := rand.New(rand.NewPCG(1, 2))
	g := Ground{First: []int32{0}, Covariates: make([][]float64, covariates), Measured: covariates - 2}
	p := Precincts{Choices: choices}
	for range precincts {
		// Towns of any size: the distance to the next precinct varies by a factor of 30.
		size := 300 * math.Exp(r.NormFloat64())
		x, y := 1e6*r.Float64(), 1e6*r.Float64()
		traits := make([]float64, covariates)
		for j := range traits {
			traits[j] = math.Sin(x/(2e4*float64(j+1))) + 0.5*r.NormFloat64()
		}
		for range 36 {
			g.X, g.Y = append(g.X, x+size*(r.Float64()-.5)), append(g.Y, y+size*(r.Float64()-.5))
			g.Weights = append(g.Weights, math.Exp(.6*r.NormFloat64()))
			for j := range traits {
				g.Covariates[j] = append(g.Covariates[j], traits[j]+0.5*r.NormFloat64())
			}
		}
		g.First = append(g.First, int32(len(g.X)))
		all := int64(700)
		left := all
		for k := range choices {
			v := int64(float64(left) * (0.15 + 0.05*math.Sin(x/3e4+float64(k)) + 0.02*traits[k%covariates]*r.Float64()))
			v = max(0, min(left, v))
			if k == choices-1 {
				v = left
			}
			p.Votes = append(p.Votes, v)
			left -= v
		}
		p.Registered = append(p.Registered, all)
	}
	return g, p
}

func BenchmarkCountry(b *testing.B) {
	g, p := country(69_000, 12, 10)
	b.ResetTimer()
	for b.Loop() {
		e, err := Estimate(g, p, Best, nil)
		if err != nil {
			b.Fatal(err)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.Sys)/1e6, "MB")
		_ = e
	}
}

func BenchmarkCity(b *testing.B) {
	g, p := country(900, 15, 12)
	b.ResetTimer()
	for b.Loop() {
		if _, err := Estimate(g, p, Best, nil); err != nil {
			b.Fatal(err)
		}
	}
}
