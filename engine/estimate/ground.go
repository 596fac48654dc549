package estimate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Ground is a place before any vote is counted: its parts, precinct by precinct.
type Ground struct {
	First      []int32     // by precinct: its first part; one more at the end
	X, Y       []float64   // by part: metres in any projection; NaN where unknown
	Weights    []float64   // by part: the registered voters of a precinct are in proportion to them
	Extent     []float64   // by part: mean distance between two of its homes, metres; NaN where unknown, which counts as a point; nil where all are points
	Unsure     []float64   // by part: standard deviation of its true weight, relative to it; nil where the voters of the parts are known
	Common     []float64   // by part: what its homes have of that in common with those around, likewise; nil for nothing
	Chance     []float64   // by part: variance of its voters over their mean where its homes are known; nil for 1 as of a Poisson number
	Covariates [][]float64 // by covariate, then by part; NaN where unknown
	Measured   int         // the first so many covariates are figures of a census; the others follow from places and weights
}

// chance is what a part's number of voters varies by when its homes are known.
func (g *Ground) chance(part int32) float64 {
	if g.Chance == nil {
		return 1
	}
	return g.Chance[part]
}

func (g Ground) precincts() int { return len(g.First) - 1 }

// check refuses a ground whose tables do not fit.
func (g Ground) check() error {
	if len(g.First) == 0 {
		return fmt.Errorf("estimate: a ground needs where the parts of its precincts begin")
	}
	parts := len(g.X)
	if g.First[0] != 0 || int(g.First[len(g.First)-1]) != parts || !slices.IsSorted(g.First) {
		return fmt.Errorf("estimate: the parts of %d precincts do not run from 0 to %d", g.precincts(), parts)
	}
	if len(g.Y) != parts || len(g.Weights) != parts || g.Measured > len(g.Covariates) {
		return fmt.Errorf("estimate: %d parts have %d and %d places and %d weights", parts, len(g.X), len(g.Y), len(g.Weights))
	}
	if g.Extent != nil && len(g.Extent) != parts {
		return fmt.Errorf("estimate: %d parts have %d extents", parts, len(g.Extent))
	}
	if g.Unsure != nil && len(g.Unsure) != parts {
		return fmt.Errorf("estimate: %d parts have %d weights that are unsure", parts, len(g.Unsure))
	}
	if g.Common != nil && len(g.Common) != parts {
		return fmt.Errorf("estimate: %d parts have something in common with those around in %d", parts, len(g.Common))
	}
	if g.Chance != nil && len(g.Chance) != parts {
		return fmt.Errorf("estimate: %d parts have %d chances", parts, len(g.Chance))
	}
	for j, values := range g.Covariates {
		if len(values) != parts {
			return fmt.Errorf("estimate: covariate %d has %d values for %d parts", j, len(values), parts)
		}
	}
	return nil
}

// mostSites is into how many sites a precinct is cut at most: a street or two
// each, where a precinct has 36 parts.
const mostSites = 8

// sites are the parts of each precinct gathered by neighbourhood, so that what
// varies in space is computed once for all parts of a site.
type sites struct {
	first    []int32   // by precinct: its first site; one more at the end
	of       []int32   // by part: its site
	x, y     []float64 // by site
	weight   []float64 // by site, as in the ground
	share    []float64 // by site: of its precinct's weight
	traits   []float64 // by site: its covariates, standardized
	mean     []float64 // by covariate, to standardize it
	scale    []float64 // by covariate: 1/sd
	width    int       // covariates
	measured int       // the first of them are figures of a census

	centres
}

// traitLimit cuts off what lies so many standard deviations from the mean.
const traitLimit = 4

// trait is covariate j of a part, standardized; 0 where it is unknown.
func (s *sites) trait(g *Ground, j int, part int32) float64 {
	v := (g.Covariates[j][part] - s.mean[j]) * s.scale[j]
	if math.IsNaN(v) {
		return 0
	}
	return max(-traitLimit, min(traitLimit, v))
}

// at gives the covariates of a site.
func (s *sites) at(site int) []float64 { return s.traits[site*s.width:][:s.width] }

// cutSites cuts every precinct into sites.
func cutSites(g *Ground) *sites {
	s := &sites{
		first: make([]int32, 1, len(g.First)), of: make([]int32, len(g.X)), width: len(g.Covariates), measured: g.Measured,
		mean: make([]float64, len(g.Covariates)), scale: make([]float64, len(g.Covariates)), centres: findCentres(g),
	}
	for j, values := range g.Covariates {
		s.mean[j], s.scale[j] = standard(values, g.Weights)
	}
	x, y := slices.Clone(g.X), slices.Clone(g.Y)
	var members []int32
	for b := range g.precincts() {
		members = members[:0]
		for a := g.First[b]; a < g.First[b+1]; a++ {
			members = append(members, a)
			if !placed(x[a], y[a]) { // what has no place stands in the middle of its precinct
				x[a], y[a] = s.cx[b], s.cy[b]
			}
		}
		if len(members) > 0 {
			for _, parts := range halve(x, y, members, min(mostSites, len(members))) {
				s.add(g, x, y, parts)
			}
		}
		s.first = append(s.first, int32(len(s.x)))
		sum := 0.0
		for _, w := range s.weight[s.first[b]:] {
			sum += w
		}
		for _, w := range s.weight[s.first[b]:] {
			if sum > 0 {
				s.share = append(s.share, w/sum)
			} else {
				s.share = append(s.share, 1/float64(len(s.weight)-int(s.first[b])))
			}
		}
	}
	return s
}

// standard gives the weighted mean of values and one over their standard
// deviation; zero where they do not vary.
func standard(values, weights []float64) (mean, scale float64) {
	var sum, squares, weight float64
	for a, v := range values {
		if w := usable(weights[a]); !math.IsNaN(v) && !math.IsInf(v, 0) {
			sum, weight = sum+w*v, weight+w
		}
	}
	if weight == 0 {
		return 0, 0
	}
	mean = sum / weight
	for a, v := range values {
		if w := usable(weights[a]); !math.IsNaN(v) && !math.IsInf(v, 0) {
			squares += w * (v - mean) * (v - mean)
		}
	}
	sd := math.Sqrt(squares / weight)
	if sd <= 1e-9*max(1, math.Abs(mean)) {
		return mean, 0
	}
	return mean, 1 / sd
}

// centres are the middles of the precincts; NaN where none of the parts has a place.
type centres struct{ cx, cy []float64 }

// findCentres finds the middle of each precinct, by weight.
func findCentres(g *Ground) centres {
	c := centres{make([]float64, g.precincts()), make([]float64, g.precincts())}
	for b := range c.cx {
		var x, y, weight float64
		for a := g.First[b]; a < g.First[b+1]; a++ {
			if w := usable(g.Weights[a]); placed(g.X[a], g.Y[a]) {
				x, y, weight = x+w*g.X[a], y+w*g.Y[a], weight+w
			}
		}
		c.cx[b], c.cy[b] = x/weight, y/weight
	}
	return c
}

func placed(x, y float64) bool { return !math.IsNaN(x+y) && !math.IsInf(x+y, 0) }

// halve cuts members into so many groups, each across its longer side, by number.
func halve(x, y []float64, members []int32, groups int) [][]int32 {
	if groups <= 1 {
		return [][]int32{slices.Sorted(slices.Values(members))}
	}
	along := x
	if extent(y, members) > extent(x, members) {
		along = y
	}
	slices.SortFunc(members, func(a, b int32) int { return cmp.Or(cmp.Compare(along[a], along[b]), cmp.Compare(a, b)) })
	at := len(members) * (groups / 2) / groups
	return append(halve(x, y, members[:at], groups/2), halve(x, y, members[at:], groups-groups/2)...)
}

func extent(along []float64, members []int32) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, m := range members {
		low, high = min(low, along[m]), max(high, along[m])
	}
	return high - low
}

// add makes a site of some parts, which stand at x and y.
func (s *sites) add(g *Ground, x, y []float64, parts []int32) {
	var atX, atY, weight float64
	traits := make([]float64, s.width)
	for _, a := range parts {
		s.of[a] = int32(len(s.x))
		w := usable(g.Weights[a])
		atX, atY, weight = atX+w*x[a], atY+w*y[a], weight+w
		for j := range traits {
			traits[j] += w * s.trait(g, j, a)
		}
	}
	if weight > 0 {
		atX, atY = atX/weight, atY/weight
		divide(traits, weight)
	} else {
		atX, atY = x[parts[0]], y[parts[0]]
	}
	s.x, s.y, s.weight, s.traits = append(s.x, atX), append(s.y, atY), append(s.weight, weight), append(s.traits, traits...)
}
