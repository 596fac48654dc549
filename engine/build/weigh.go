package build

import (
	"math"

	"github.com/arpent/arpent/engine"
)

// Where an address's households come from.
const (
	fromSource     = "the address file"
	fromCensus     = "the census area's population"
	fromRegistered = "the precinct's registered voters"
	fromNothing    = "nothing: counted as none"
)

// weigh gives every address its households: as its source counts them; else the population aged 15 and over of its census
// area by people per household, spread over the area's addresses; else its precinct's registered voters by voters per
// household, spread likewise.
func weigh(m *material, contests []*contest, p *placed, parameters engine.Parameters, report *engine.PlacingReport) {
	population := map[string]float64{}
	for _, f := range m.census {
		if f.variable == "pop15p" && !math.IsNaN(f.value) {
			population[f.area] = f.value
		}
	}
	inArea := make([]float64, len(m.censusAreas))
	for _, c := range p.censusArea {
		if c != noPlace {
			inArea[c]++
			report.InCensusArea++
		}
	}
	registered := registeredByAddress(contests, p)

	p.households = make([]float64, len(p.addresses))
	from := map[string]int64{}
	for i, a := range p.addresses {
		c := p.censusArea[i]
		var people float64
		known := false
		if c != noPlace {
			people, known = population[m.censusAreas[c].code]
		}
		switch {
		case !math.IsNaN(a.households):
			p.households[i] = a.households
			from[fromSource]++
		case known:
			p.households[i] = people / parameters.PeoplePerHome / inArea[c]
			from[fromCensus]++
		case registered[i] >= 0:
			p.households[i] = registered[i] / parameters.VotersPerHome
			from[fromRegistered]++
		default:
			from[fromNothing]++
		}
		report.Households += p.households[i]
	}
	for _, name := range []string{fromSource, fromCensus, fromRegistered, fromNothing} {
		if from[name] > 0 {
			report.HouseholdsFrom = append(report.HouseholdsFrom, engine.Tally{Name: name, Count: from[name]})
		}
	}
	for i := range p.divisions {
		for _, pl := range p.divisions[i].placements {
			if pl.precinct != noPlace {
				p.precincts[pl.precinct].households += p.households[pl.address] * pl.part
			}
		}
	}
}

// registeredByAddress spreads the registered voters of the latest contest over the addresses of each precinct; -1 where an
// address has no precinct with a result. The latest contest is the one of the latest date, then of the highest id.
func registeredByAddress(contests []*contest, p *placed) []float64 {
	perAddress := make([]float64, len(p.addresses))
	for i := range perAddress {
		perAddress[i] = -1
	}
	latest := make(map[string]*contest)
	for _, c := range contests {
		if best := latest[c.division]; best == nil || c.date > best.date || c.date == best.date && c.id > best.id {
			latest[c.division] = c
		}
	}
	for i := range p.divisions {
		c := latest[p.divisions[i].name]
		if c == nil {
			continue
		}
		registered := map[int32]float64{}
		for _, row := range c.precincts {
			registered[p.precinctIndex[precinctRef{c.division, row.key}]] = float64(row.registered)
		}
		sums := make([]float64, len(p.addresses))
		known := make([]bool, len(p.addresses))
		for _, pl := range p.divisions[i].placements {
			if pl.precinct == noPlace {
				continue
			}
			if r, ok := registered[pl.precinct]; ok {
				sums[pl.address] += r / p.precincts[pl.precinct].addresses * pl.part
				known[pl.address] = true
			}
		}
		for a := range perAddress {
			if known[a] {
				perAddress[a] = sums[a] // later divisions stand last
			}
		}
	}
	return perAddress
}

// describeSegments counts addresses, households and house numbers of every segment.
func describeSegments(p *placed) {
	for i, a := range p.addresses {
		s := &p.segments[p.segmentOf[i]]
		s.addresses++
		s.homes += p.households[i]
		side, ok := sideIndex(p.location[i].Side)
		if !ok || a.number == 0 {
			continue
		}
		r := &s.numbers[side]
		if r.high < r.low {
			*r = numberRange{a.number, a.number}
		}
		r.low, r.high = min(r.low, a.number), max(r.high, a.number)
	}
}
