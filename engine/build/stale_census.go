package build

import (
	"slices"

	"github.com/arpent/arpent/engine"
)

// staleTimes is how many times the households per door of its precinct's median address make an address doubtful.
const staleTimes = 5

// findStaleCensus reports the census areas (of those whose households are known) that give addresses so many households beside others of
// their precinct that census and addresses may be of different years: new buildings that have no address yet, or houses that are
// gone. Where most have none there is nothing to go by. They keep their weight: with a cap at five medians the precincts of Paris disagree
// more with their registered voters (16.0 % for 15.5 %), as most such areas are blocks of flats beside houses.
func findStaleCensus(m *material, p *placed, known func(area int32) bool, report *engine.PlacingReport) {
	perDoor := make([][]float64, len(p.precincts))
	stale := make([]bool, p.addresses.len())
	for i := range p.divisions {
		d := &p.divisions[i]
		for _, pl := range d.placements {
			if pl.precinct != noPlace {
				perDoor[pl.precinct] = append(perDoor[pl.precinct], p.perDoor(pl.address))
			}
		}
		for b := range perDoor {
			slices.Sort(perDoor[b])
		}
		for _, pl := range d.placements {
			if pl.precinct != noPlace && fromCensus(p.householdsBy[pl.address]) {
				around := perDoor[pl.precinct]
				median := around[len(around)/2]
				stale[pl.address] = stale[pl.address] || median > 0 && p.perDoor(pl.address) > staleTimes*median
			}
		}
	}
	areas := map[string]bool{}
	for i, is := range stale {
		if is {
			report.StaleAddresses++
			areas[m.censusAreas[p.smallestArea(int32(i), known)].code] = true
		}
	}
	for code := range areas {
		report.StaleCensus = append(report.StaleCensus, code)
	}
	slices.Sort(report.StaleCensus)
}

func (p *placed) perDoor(address int32) float64 { return p.households[address] / p.doorsOf(address) }
