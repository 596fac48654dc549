package estimate

import (
	"math"
	"math/rand/v2"
)

// drawnCity draws 100 precincts on a grid, 400 m apart, with 16 streets each, as
// the model without covariates assumes them: a field of 480 m, another of
// 1,440 m, a chance of each street's own, and voters who decide by chance.
func drawnCity(seed uint64) (g Ground, p Precincts, truth []int64) {
	r := rand.New(rand.NewPCG(seed, 77))
	short, long := drawnField(r, 480, math.Sqrt(0.06)), drawnField(r, 1440, math.Sqrt(0.1))
	g.First, p.Choices = []int32{0}, 2
	for b := range 100 {
		var yes, all int64
		for i := range 16 {
			x, y := 400*float64(b%10)+100*float64(i%4), 400*float64(b/10)+100*float64(i/4)
			g.X, g.Y = append(g.X, x), append(g.Y, y)
			n := int64(30 + r.IntN(60))
			g.Weights = append(g.Weights, float64(n))
			share := chance(-0.4 + short(x, y) + long(x, y) + math.Sqrt(0.02)*r.NormFloat64())
			own := int64(0)
			for range n {
				if r.Float64() < share {
					own++
				}
			}
			truth = append(truth, own, n-own)
			yes, all = yes+own, all+n
		}
		g.First = append(g.First, int32(len(g.X)))
		p.Registered, p.Votes = append(p.Registered, all), append(p.Votes, yes, all-yes)
	}
	return g, p, truth
}

// drawnField is a Gaussian process with the kernel exp(-d/length), by its
// spectrum: wave numbers of a two-dimensional Cauchy distribution.
func drawnField(r *rand.Rand, length, deviation float64) func(x, y float64) float64 {
	const waves = 400
	type wave struct{ kx, ky, phase float64 }
	all := make([]wave, waves)
	for i := range all {
		u := r.Float64()
		k := math.Sqrt(1/(1-u)/(1-u)-1) / length // density k l^2 / (1 + k^2 l^2)^(3/2)
		direction := 2 * math.Pi * r.Float64()
		all[i] = wave{k * math.Cos(direction), k * math.Sin(direction), 2 * math.Pi * r.Float64()}
	}
	return func(x, y float64) float64 {
		sum := 0.0
		for _, w := range all {
			sum += math.Cos(w.kx*x + w.ky*y + w.phase)
		}
		return deviation * math.Sqrt(2./waves) * sum
	}
}
