package city

import (
	"math"
	"math/rand/v2"
)

// field is a smooth random function of the plane with mean 0 and variance 1: random Fourier features of the squared-exponential
// kernel, whose values at a distance d have correlation exp(-d^2 / 2 scale^2) (A. Rahimi, B. Recht, NIPS 2007).
type field struct {
	waves  []wave
	height float64
}

type wave struct{ kx, ky, phase float64 }

func newField(r *rand.Rand, waves int, scale float64) field {
	f := field{waves: make([]wave, waves), height: math.Sqrt(2 / float64(waves))}
	for i := range f.waves {
		f.waves[i] = wave{r.NormFloat64() / scale, r.NormFloat64() / scale, uniform(r, 0, 2*math.Pi)}
	}
	return f
}

func (f *field) at(p point) float64 {
	sum := 0.0
	for _, w := range f.waves {
		sum += math.Cos(w.kx*p.x + w.ky*p.y + w.phase)
	}
	return f.height * sum
}
