package live

import (
	"math"

	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/engine"
)

// What a share may tell. The real-valued share of a unit in several precincts is a weighted mean of their official shares, and a
// dozen choices are as many equations: they give away how many of the unit's voters each precinct has. The publication plan
// counts those parts as published for segments, not for cells; and a share in a precinct that is suppressed would give away
// its result. In these cases only what the whole votes say is published, and bounds rounded outward.
const boundStep = 0.01

// coarsen replaces the shares and bounds that tell more than the plan allows. The units' own tables are the loader's.
func (r *loader) coarsen() error {
	c := r.city
	var group errgroup.Group
	for which, l := range c.levels {
		group.Go(func() error {
			for at, contest := range c.contests {
				n := &l.numbers[at]
				for row, modelled := range n.modelled {
					if modelled {
						n.coarsenModelled(row, len(contest.Choices))
					}
				}
				if l.unit == engine.UnitPrecinct {
					continue
				}
				for u, tells := range r.tellsTooMuch(which, at) {
					if row := l.toldAt(u); tells && row != untold && n.registered[row] > 0 {
						n.coarsen(row, len(contest.Choices))
					}
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// tellsTooMuch marks the units of a level whose real-valued shares are not published in a contest.
func (r *loader) tellsTooMuch(which, at int) []bool {
	c, l := r.city, r.city.levels[which]
	precincts := c.unitLevel(engine.UnitPrecinct, 0)
	tells := make([]bool, len(l.ids))
	first := make([]int32, len(l.ids)) // the first precinct seen in a unit, plus one
	for i, b := range c.atoms.precinct {
		u := r.units[which][i]
		if u == noUnit || c.official.registered[at][b] < 0 {
			continue
		}
		if first[u] == 0 {
			first[u] = b + 1
		}
		if precincts.state(int(b)) != engine.Published || l.unit != engine.UnitSegment && first[u] != b+1 {
			tells[u] = true
		}
	}
	return tells
}

// coarsen makes a unit's numbers a function of its whole votes, with bounds that hold them.
func (n *numbers) coarsen(unit, choices int) {
	voters := float64(n.registered[unit])
	step := max(1/voters, boundStep)
	down := func(x, share float64) float64 { return max(0, min(math.Floor(x/step)*step, share)) }
	up := func(x, share float64) float64 { return min(1, max(math.Ceil(x/step)*step, share)) }
	for row := unit * choices; row < (unit+1)*choices; row++ {
		if n.votes[row] < 0 {
			continue
		}
		r, share := n.shares[row], float64(n.votes[row])/voters
		n.shares[row] = Estimate{share, down(r.Low90, share), down(r.Low50, share), up(r.High50, share), up(r.High90, share)}
	}
}

// modelledStep is what shares are rounded to where nobody is counted: more digits would only tell how the unit's households are weighed.
const modelledStep = 0.001

// coarsenModelled rounds the predicted shares of a unit, and their bounds outward.
func (n *numbers) coarsenModelled(unit, choices int) {
	for row := unit * choices; row < (unit+1)*choices; row++ {
		if n.votes[row] < 0 {
			continue
		}
		r := n.shares[row]
		share := math.Round(r.Value/modelledStep) / (1 / modelledStep) // 0.208, where times 0.001 would be 0.20800000000000002
		down := func(x float64) float64 { return max(0, min(math.Floor(x/boundStep)/(1/boundStep), share)) }
		up := func(x float64) float64 { return min(1, max(math.Ceil(x/boundStep)/(1/boundStep), share)) }
		n.shares[row] = Estimate{share, down(r.Low90), down(r.Low50), up(r.High50), up(r.High90)}
	}
}
