package geo

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// TestCutStreetsIsThatOfExactArithmetic compares with a reference that tries every two edges in rational numbers.
func TestCutStreetsIsThatOfExactArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		streets := drawStreets(t)
		pieces, _ := CutStreets(streets, CutCrossings)
		got := map[string]bool{}
		for _, p := range pieces {
			if text := roundedPath(p.Line); text != "" { // crossings of three lines can be a rounding apart
				got[text] = true
			}
		}
		want := slowPieces(streets)
		for text := range want {
			if !got[text] {
				t.Fatalf("%v lacks %s", streets, text)
			}
		}
		for text := range got {
			if !want[text] {
				t.Fatalf("%v has %s", streets, text)
			}
		}
	})
}

// roundedPath writes a line from its lower end, without repeated vertices; "" if nothing is left. Coordinates are rounded
// to about a thousandth, on a scale so odd that no crossing of lattice lines lies half-way between two values.
func roundedPath(line orb.LineString) string {
	var vertices []string
	var path orb.LineString
	for _, p := range line {
		q := orb.Point{math.Round(p[0]*1009.37 + 0.2113), math.Round(p[1]*1009.37 + 0.2113)}
		if len(path) == 0 || q != path[len(path)-1] {
			path = append(path, q)
		}
	}
	if len(path) < 2 {
		return ""
	}
	if startsHigh(path) {
		path.Reverse()
	}
	for _, q := range path {
		vertices = append(vertices, fmt.Sprintf("%.0f %.0f", q[0], q[1]))
	}
	return strings.Join(vertices, ", ")
}

type ratPoint [2]*big.Rat

func (p ratPoint) key() string { return p[0].RatString() + " " + p[1].RatString() }

func (p ratPoint) minus(q ratPoint) ratPoint {
	return ratPoint{new(big.Rat).Sub(p[0], q[0]), new(big.Rat).Sub(p[1], q[1])}
}

func (p ratPoint) dot(q ratPoint) *big.Rat {
	return new(big.Rat).Add(new(big.Rat).Mul(p[0], q[0]), new(big.Rat).Mul(p[1], q[1]))
}

func (p ratPoint) cross(q ratPoint) *big.Rat {
	return new(big.Rat).Sub(new(big.Rat).Mul(p[0], q[1]), new(big.Rat).Mul(p[1], q[0]))
}

func ratOf(p orb.Point) ratPoint {
	return ratPoint{new(big.Rat).SetFloat64(p[0]), new(big.Rat).SetFloat64(p[1])}
}

// slowPieces are the pieces of streets, as roundedPath writes them.
func slowPieces(streets []Street) map[string]bool {
	var lines [][]ratPoint
	for _, street := range streets {
		var line []ratPoint
		for i, v := range street.Line {
			if i == 0 || v != street.Line[i-1] {
				line = append(line, ratOf(v))
			}
		}
		if len(line) > 1 {
			lines = append(lines, line)
		}
	}
	// A place is a node or not, whichever line comes through it.
	nodes := map[string]bool{}
	cuts := make([][][]ratPoint, len(lines)) // by line and edge
	for i, line := range lines {
		nodes[line[0].key()], nodes[line[len(line)-1].key()] = true, true
		cuts[i] = make([][]ratPoint, len(line)-1)
		for e := range cuts[i] {
			for k, other := range lines {
				for f := range len(other) - 1 {
					if i == k && e == f {
						continue
					}
					points := meetings(line[e], line[e+1], other[f], other[f+1])
					if i == k && (f == e+1 || e == f+1) && len(points) == 1 {
						continue // only their common vertex
					}
					for _, p := range points {
						nodes[p.key()] = true
						cuts[i][e] = append(cuts[i][e], p)
					}
				}
			}
		}
	}
	pieces := map[string]bool{}
	for i, line := range lines {
		var path orb.LineString
		for e, points := range cuts[i] {
			points = append(points, line[e], line[e+1])
			along := line[e+1].minus(line[e])
			slices.SortFunc(points, func(p, q ratPoint) int { return p.dot(along).Cmp(q.dot(along)) })
			for _, p := range points {
				x, _ := p[0].Float64()
				y, _ := p[1].Float64()
				path = append(path, orb.Point{x, y})
				if nodes[p.key()] {
					if text := roundedPath(path); text != "" {
						pieces[text] = true
					}
					path = orb.LineString{{x, y}}
				}
			}
		}
	}
	return pieces
}

// meetings are the points that two edges share: none, one, or the two ends of a common stretch.
func meetings(a, b, c, d ratPoint) []ratPoint {
	r, s := b.minus(a), d.minus(c)
	if both := r.cross(s); both.Sign() != 0 {
		t := new(big.Rat).Quo(c.minus(a).cross(s), both)
		u := new(big.Rat).Quo(c.minus(a).cross(r), both)
		one := big.NewRat(1, 1)
		if t.Sign() < 0 || t.Cmp(one) > 0 || u.Sign() < 0 || u.Cmp(one) > 0 {
			return nil
		}
		step := ratPoint{new(big.Rat).Mul(t, r[0]), new(big.Rat).Mul(t, r[1])}
		return []ratPoint{{new(big.Rat).Add(a[0], step[0]), new(big.Rat).Add(a[1], step[1])}}
	}
	if c.minus(a).cross(r).Sign() != 0 {
		return nil
	}
	shared := map[string]ratPoint{}
	for _, p := range []ratPoint{a, b} {
		if p.minus(c).dot(p.minus(d)).Sign() <= 0 {
			shared[p.key()] = p
		}
	}
	for _, p := range []ratPoint{c, d} {
		if p.minus(a).dot(p.minus(b)).Sign() <= 0 {
			shared[p.key()] = p
		}
	}
	return slices.Collect(maps.Values(shared))
}
