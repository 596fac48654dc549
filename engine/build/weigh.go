package build

import (
	"math"
	"slices"

	"github.com/arpent/arpent/engine"
)

// weigh gives every address its households: as its source counts them; else those of its census area, the smallest that
// knows them, spread over the area's addresses by doors: as the census counts them, else its population aged 15 and over by
// people per household, else all its population by the size of households; else its precinct's registered voters (byPrecinct) by
// voters per household, spread likewise. The doors of an address are the addresses of voters that a register has there, one where none
// does. A census area of nobody is taken for unknown where all of a precinct that has registered voters would be without a household:
// they live somewhere.
func weigh(m *material, byPrecinct []float64, p *placed, parameters engine.Parameters, report *engine.PlacingReport) {
	census := censusHouseholds(m, parameters)
	doorsIn := make([]float64, len(m.censusAreas))
	for i := range p.addresses.len() {
		in := p.censusAreas(int32(i))
		for _, c := range in {
			doorsIn[c] += p.doorsOf(int32(i))
		}
		if len(in) > 0 {
			report.InCensusArea++
		}
	}
	registered := spreadRegistered(byPrecinct, p)

	p.households = make([]float64, p.addresses.len())
	p.householdsBy = make([]householdSource, p.addresses.len())
	from := p.householdsBy
	counted := func(area int32) bool { return census[area].by != "" }
	for i, homes := range p.addresses.households {
		c := p.smallestArea(int32(i), counted)
		switch {
		case !math.IsNaN(homes):
			p.households[i] = homes
			from[i] = sourceOf(engine.HouseholdsByAddress)
		case c != noPlace:
			p.households[i] = census[c].households * p.doorsOf(int32(i)) / doorsIn[c]
			from[i] = sourceOf(census[c].by)
		case registered[i] >= 0:
			p.households[i] = registered[i] / parameters.VotersPerHome
			from[i] = sourceOf(engine.HouseholdsByRegistered)
		default:
			from[i] = sourceOf(engine.HouseholdsByNothing)
		}
	}
	for _, i := range inDesertedPrecincts(byPrecinct, p) {
		if fromCensus(from[i]) && p.households[i] == 0 && registered[i] > 0 {
			p.households[i], from[i] = registered[i]/parameters.VotersPerHome, sourceOf(engine.HouseholdsByDeserted)
		}
	}
	findStaleCensus(m, p, counted, report)
	count := make([]int64, len(householdSources))
	for i, source := range from {
		count[source]++
		report.Households += p.households[i]
	}
	for source, name := range householdSources {
		if count[source] > 0 {
			report.HouseholdsFrom = append(report.HouseholdsFrom, engine.Tally{Name: engine.DescribeHouseholds(name), Count: count[source]})
		}
	}
	for i, homes := range precinctHouseholds(p) {
		p.precincts[i].households = homes
	}
}

// householdSource says where the households of an address come from: a place in the list of them.
type householdSource uint8

var householdSources = engine.HouseholdSources()

func sourceOf(name string) householdSource {
	return householdSource(slices.Index(householdSources, name))
}

func (s householdSource) String() string { return householdSources[s] }

// censusCount is the households of a census area, and the figure they come from.
type censusCount struct {
	households float64
	by         string
}

// doorsOf gives the doors of an address: as a register of voters counts them, else one.
func (p *placed) doorsOf(address int32) float64 {
	if doors := p.doors[address]; doors > 0 {
		return doors
	}
	return 1
}

// censusHouseholds gives the households of every census area by the best figure there is; by is empty where there is none.
func censusHouseholds(m *material, parameters engine.Parameters) []censusCount {
	index := indexCensusAreas(m)
	figures := []struct {
		variable, by string
		people       float64 // by household
	}{
		{"households", engine.HouseholdsByCensusHouseholds, 1},
		{"pop15p", engine.HouseholdsByCensus, parameters.PeoplePerHome},
		{"pop", engine.HouseholdsByCensusPeople, parameters.EveryonePerHome},
	}
	counts := make([]censusCount, len(m.censusAreas))
	for _, figure := range figures {
		variable, known := m.census.variables.number[figure.variable]
		if !known {
			continue
		}
		for i, value := range m.census.value {
			at := index[m.census.area[i]]
			if m.census.variable[i] == variable && at != noPlace && counts[at].by == "" && !math.IsNaN(value) {
				counts[at] = censusCount{value / figure.people, figure.by}
			}
		}
	}
	return counts
}

func fromCensus(source householdSource) bool {
	by := source.String()
	return by == engine.HouseholdsByCensusHouseholds || by == engine.HouseholdsByCensus || by == engine.HouseholdsByCensusPeople
}

func precinctHouseholds(p *placed) []float64 {
	homes := make([]float64, len(p.precincts))
	for i := range p.divisions {
		for _, pl := range p.divisions[i].placements {
			if pl.precinct != noPlace {
				homes[pl.precinct] += p.households[pl.address] * pl.part
			}
		}
	}
	return homes
}

// inDesertedPrecincts gives the addresses in precincts that have registered voters and no household.
func inDesertedPrecincts(registered []float64, p *placed) []int32 {
	homes := precinctHouseholds(p)
	var addresses []int32
	for i := range p.divisions {
		for _, pl := range p.divisions[i].placements {
			if pl.precinct != noPlace && registered[pl.precinct] > 0 && homes[pl.precinct] == 0 {
				addresses = append(addresses, pl.address)
			}
		}
	}
	return addresses
}

// registeredByPrecinct gives the registered voters of every precinct in the latest contest of its division; -1 where it has no
// result. The latest contest is the one of the latest date, then of the highest id; one that counts ballots only is taken where there is no
// other.
func registeredByPrecinct(contests []*contest, p *placed) []float64 {
	latest := make(map[string]*contest)
	for _, c := range contests {
		best := latest[c.division]
		if best == nil || best.base != "" && c.base == "" || best.base == c.base && (c.date > best.date || c.date == best.date && c.id > best.id) {
			latest[c.division] = c
		}
	}
	registered := make([]float64, len(p.precincts))
	for i := range registered {
		registered[i] = -1
	}
	for _, c := range latest {
		for _, row := range c.precincts {
			registered[p.precinctIndex[precinctRef{c.division, row.key}]] = float64(row.registered)
		}
	}
	return registered
}

// spreadRegistered spreads the registered voters of the precincts over their addresses by doors; -1 where an address has no precinct with
// a result. Of several divisions the last that knows counts.
func spreadRegistered(registered []float64, p *placed) []float64 {
	perAddress := make([]float64, p.addresses.len())
	for i := range perAddress {
		perAddress[i] = -1
	}
	doors := make([]float64, len(p.precincts))
	for _, d := range p.divisions {
		for _, pl := range d.placements {
			if pl.precinct != noPlace {
				doors[pl.precinct] += p.doorsOf(pl.address) * pl.part
			}
		}
		last := int32(noPlace) // the address whose parts in this division are being added
		for _, pl := range d.placements {
			if pl.precinct == noPlace || registered[pl.precinct] < 0 {
				continue
			}
			if pl.address != last {
				perAddress[pl.address], last = 0, pl.address
			}
			perAddress[pl.address] += registered[pl.precinct] * p.doorsOf(pl.address) / doors[pl.precinct] * pl.part
		}
	}
	return perAddress
}

// describeSegments counts addresses, households and house numbers of every segment.
func describeSegments(p *placed) {
	for i, number := range p.addresses.number {
		s := &p.segments[p.spots[i].segment]
		s.addresses++
		s.homes += p.households[i]
		side, ok := sideIndex(p.spots[i].side)
		if !ok || number == 0 {
			continue
		}
		r := &s.numbers[side]
		if r.high < r.low {
			*r = numberRange{number, number}
		}
		r.low, r.high = min(r.low, number), max(r.high, number)
	}
}
