package cql2

import (
	"fmt"

	"github.com/paulmach/orb"
)

// Bounds of what is read, so that no request costs more than a small one should.
const (
	mostText   = 64 << 10 // bytes of a filter in text
	mostJSON   = 1 << 20  // bytes of a filter in JSON
	mostDepth  = 64       // of operators in operators
	mostNodes  = 10_000   // operators, properties and literals
	mostPoints = 10_000   // of all geometries together
	mostValues = 100_000  // JSON values; next to no filter within the other bounds has as many

	mostParentheses = 2*mostDepth + 4 // in each other in text: two for a condition in the list of IN, and four of a geometry
	mostNested      = 3*mostDepth + 8 // objects and lists in each other in JSON: three for a condition in the list of in, and eight of a geometry
)

// tally counts what a filter is made of.
type tally struct{ nodes, points int }

// node counts a node; what it returns is the problem, "" for none.
func (t *tally) node() string {
	if t.nodes++; t.nodes > mostNodes {
		return fmt.Sprintf("the filter has more than %d operators, properties and values: ask in several parts", mostNodes)
	}
	return ""
}

// point counts a position of a geometry, and looks whether it is one.
func (t *tally) point(at orb.Point) string {
	if t.points++; t.points > mostPoints {
		return fmt.Sprintf("the geometries have more than %d points: simplify them", mostPoints)
	}
	return pointFault(at)
}
