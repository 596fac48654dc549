package build

import (
	"math"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
)

// A bounder bounds units' registered voters such that the bounds tell little of how a unit is made up of precincts, which is not
// published for cells: their doubt follows from weights, the same for all contests on the same precincts, rounded to a few steps, and is no less than that
// of the voters of the fewest households that may be told of. What is possible cuts the bounds off only where all precincts publish how
// many voters they have.
type bounder struct {
	precincts *level
	least     float64 // registered voters of the fewest households that may be told of
}

func newBounder(levels []*level, p engine.Parameters) bounder {
	b := bounder{least: float64(p.K) * p.VotersPerHome}
	for _, l := range levels {
		if l.unit == engine.UnitPrecinct {
			b.precincts = l
		}
	}
	return b
}

// bound fills the bounds of a unit's registered voters in a contest.
func (b bounder) bound(v *contestVotes, row *unitRow) {
	row.bounds = v.ground.shares.Doubt(row.portions).Coarse(b.least).Range(row.registered, b.most(v, row.portions))
}

// most is how many registered voters the precincts of a unit have; without limit where one of them does not publish it.
func (b bounder) most(v *contestVotes, portions []estimate.Portion) (most int64) {
	for i, portion := range portions {
		if i > 0 && portion.Precinct == portions[i-1].Precinct {
			continue
		}
		precinct := v.ground.precincts[portion.Precinct]
		if b.precincts.state(int(precinct)) != engine.Published {
			return math.MaxInt64
		}
		most += v.precincts[v.rowOf[precinct]].registered
	}
	return most
}
