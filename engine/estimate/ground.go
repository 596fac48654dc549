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
	Extent     []float64   // by part: mean distance between two of its homes, metres; nil where parts are points
	Unsure     []float64   // by part: standard deviation of its true weight, relative to it; nil where the voters of the parts are known
	Covariates [][]float64 // by covariate, then by part; NaN where unknown
	Measured   int         // the first so many covariates are figures of a census; the others follow from places and weights
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

	cx, cy []float64 // by precinct: its centre; NaN where it has none
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
		mean: make([]float64, len(g.Covariates)), scale: make([]float64, len(g.Covariates)),
		cx: make([]float64, g.precincts()), cy: make([]float64, g.precincts()),
	}
	for j, values := range g.Covariates {
		s.mean[j], s.scale[j] = standard(values, g.Weights)
	}
	var members []int32
	for b := range g.precincts() {
		members = members[:0]
		for a := g.First[b]; a < g.First[b+1]; a++ {
			members = append(members, a)
		}
		s.centre(g, b)
		s.cut(g, b, members, mostSites)
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

// centre finds the middle of a precinct, by weight.
func (s *sites) centre(g *Ground, b int) {
	var x, y, weight float64
	for a := g.First[b]; a < g.First[b+1]; a++ {
		if w := usable(g.Weights[a]); placed(g.X[a], g.Y[a]) {
			x, y, weight = x+w*g.X[a], y+w*g.Y[a], weight+w
		}
	}
	s.cx[b], s.cy[b] = x/weight, y/weight // NaN without a place
}

func placed(x, y float64) bool { return !math.IsNaN(x+y) && !math.IsInf(x+y, 0) }

// cut halves the members across their longer side until there are no more than
// most sites. What has no place stands in the middle of its precinct.
func (s *sites) cut(g *Ground, b int, members []int32, most int) {
	if len(members) == 0 {
		return
	}
	at := func(a int32) (x, y float64) {
		if placed(g.X[a], g.Y[a]) {
			return g.X[a], g.Y[a]
		}
		return s.cx[b], s.cy[b]
	}
	if most > 1 && len(members) > 1 {
		lowX, highX, lowY, highY := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
		for _, a := range members {
			x, y := at(a)
			lowX, highX, lowY, highY = min(lowX, x), max(highX, x), min(lowY, y), max(highY, y)
		}
		along := func(a int32) float64 { x, _ := at(a); return x }
		if highY-lowY > highX-lowX {
			along = func(a int32) float64 { _, y := at(a); return y }
		}
		slices.SortFunc(members, func(a, b int32) int { return cmp.Or(cmp.Compare(along(a), along(b)), cmp.Compare(a, b)) })
		half := most / 2
		middle := max(1, len(members)*half/most)
		s.cut(g, b, members[:middle], half)
		s.cut(g, b, members[middle:], most-half)
		return
	}
	var x, y, weight float64
	traits := make([]float64, s.width)
	for _, a := range members {
		s.of[a] = int32(len(s.x))
		w := usable(g.Weights[a])
		ax, ay := at(a)
		x, y, weight = x+w*ax, y+w*ay, weight+w
		for j := range traits {
			traits[j] += w * s.trait(g, j, a)
		}
	}
	if weight > 0 {
		x, y = x/weight, y/weight
		for j := range traits {
			traits[j] /= weight
		}
	} else {
		x, y = at(members[0])
	}
	s.x, s.y, s.weight, s.traits = append(s.x, x), append(s.y, y), append(s.weight, weight), append(s.traits, traits...)
}
