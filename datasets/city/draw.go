package city

import (
	"math"
	"math/rand/v2"
)

// purpose separates the streams of random numbers, so that drawing more in one place changes nothing in another.
type purpose uint64

const (
	drawPlan purpose = iota + 1
	drawNames
	drawStreets
	drawAddresses
	drawFields
	drawVoters
	drawSecrecy
	drawHouseholds
	drawRegister
	drawCanvass
)

// stream gives the random numbers of a commune (0-based; -1 for the plan) for a purpose.
func stream(seed uint64, commune int, why purpose) *rand.Rand {
	return rand.New(rand.NewPCG(scramble(seed), scramble(uint64(why)<<48^uint64(commune+1))))
}

// scramble is the finaliser of SplitMix64: neighbouring numbers become unlike.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// uniform draws from lo to hi.
func uniform(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }

// poisson draws a Poisson number: by multiplying uniforms (Knuth) for a small mean, rounded normal beyond 30.
func poisson(r *rand.Rand, mean float64) int {
	if mean > 30 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
	}
	limit, n := math.Exp(-mean), 0
	for p := r.Float64(); p > limit; p *= r.Float64() {
		n++
	}
	return n
}
