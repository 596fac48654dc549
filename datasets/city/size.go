package city

import (
	"errors"
	"fmt"
	"strings"
)

// Size says how large an invented place is.
type Size string

// The sizes, by the precincts they come to.
const (
	Village    Size = "village"    // 3 precincts, 90 street segments
	Town       Size = "town"       // 20 precincts, 700 segments: a town and the villages around it
	City       Size = "city"       // 110 precincts, 3,600 segments: a city and its suburbs
	Metropolis Size = "metropolis" // 900 precincts, 30,000 segments, 48 communes
	Country    Size = "country"    // 69,000 precincts, 2 million segments, 26 million addresses, 48 million registered voters, 36,500 communes
)

// Sizes lists every size, smallest first.
func Sizes() []Size { return []Size{Village, Town, City, Metropolis, Country} }

// ErrSize is wrapped by errors about a size that is not one of [Sizes].
var ErrSize = errors.New("city: no such size")

// ParseSize reads the name of a size. The error wraps [ErrSize] and lists the names.
func ParseSize(text string) (Size, error) {
	names := make([]string, 0, len(Sizes()))
	for _, s := range Sizes() {
		if string(s) == text {
			return s, nil
		}
		names = append(names, string(s))
	}
	return "", fmt.Errorf("%w %q: choose one of %s", ErrSize, text, strings.Join(names, ", "))
}

// shape is what a size aims at.
type shape struct {
	communes   int
	registered float64 // voters of all communes
	largest    float64 // voters of the largest
	density    float64 // share of the ground that is built up
	spread     float64 // room around a built-up area, in its own radii
	frontage   float64 // how far apart doors are along a street, as a multiple of a town's
	centre     point   // Lambert-93
	extent     point   // half axes of the ellipse of ground, in metres; zero: as large as the communes need
}

// The ground is the Bay of Biscay: valid Lambert-93, and nobody's home.
var (
	seaSpot    = point{201_300, 6_621_000}
	seaCountry = point{195_000, 6_485_000}
)

var shapes = map[Size]shape{
	Village:    {communes: 1, registered: 2_900, largest: 2_900, density: 0.20, spread: 1, frontage: 1, centre: seaSpot},
	Town:       {communes: 5, registered: 20_000, largest: 15_400, density: 0.5, spread: 1.3, frontage: 1, centre: seaSpot},
	City:       {communes: 10, registered: 111_500, largest: 75_000, density: 0.42, spread: 1.15, frontage: 1, centre: seaSpot},
	Metropolis: {communes: 48, registered: 900_000, largest: 330_000, density: 0.50, spread: 1.05, frontage: 1, centre: seaSpot},
	Country: {communes: 36_500, registered: 48_000_000, largest: 900_000, density: 0, spread: 1.1, frontage: 0.63,
		centre: seaCountry, extent: point{95_000, 170_000}},
}

// communeSizes spreads the voters over the communes by Zipf's law, C / (rank + q), with q such that the largest has its size.
func (s shape) communeSizes() []int {
	if s.communes == 1 {
		return []int{int(s.registered)}
	}
	total := func(q float64) (sum float64) {
		for rank := 1; rank <= s.communes; rank++ {
			sum += s.largest * (1 + q) / (float64(rank) + q)
		}
		return sum
	}
	lo, hi := -0.999, 1e3 // total grows with q
	for range 100 {
		if q := (lo + hi) / 2; total(q) < s.registered {
			lo = q
		} else {
			hi = q
		}
	}
	sizes := make([]int, s.communes)
	for i := range sizes {
		sizes[i] = max(120, int(s.largest*(1+lo)/(float64(i+1)+lo)))
	}
	return sizes
}

// precinctsFor is how many precincts a commune with so many voters has: about a thousand voters each.
func precinctsFor(registered int) int { return max(1, (registered+500)/1000) }

// segmentsFor is how many street segments a commune with so many voters has.
func segmentsFor(registered int) float64 { return float64(registered) / 32 }
