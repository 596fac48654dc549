package city

import "context"

// commune is one invented municipality, complete.
type commune struct {
	code, name string
	streets    []street
	addresses  []address
	moods      [][]mood // by street and segment
	precincts  []precinct
	areas      []censusArea
	grid       []gridCell // south to north, west to east
}

// precinct is the area votes are counted in.
type precinct struct {
	ring       []point
	parks      []convex // left out of its area
	registered int
	votes      [len(contests)][maxChoices]int
}

// censusArea is an IRIS.
type censusArea struct {
	ring   []point
	count  censusCount
	secret bool // its income is not published
}

// peoplePerCensusArea counts those of 15 and more: about 2,000 inhabitants.
const peoplePerCensusArea = 1650

// makeCommune makes everything of a commune, from the seed, the plan and its index alone.
func makeCommune(ctx context.Context, p *plan, index int) (*commune, error) {
	streetDraws := stream(p.seed, index, drawStreets)
	t := newTerrain(p, index, streetDraws)
	c := &commune{code: communeCode(index), name: t.name}
	c.streets = layOut(t, streetDraws, stream(p.seed, index, drawNames))
	markEstates(t, c.streets, streetDraws)
	c.moods = moods(t, c.streets, stream(p.seed, index, drawFields))
	addressDraws := stream(p.seed, index, drawAddresses)
	c.addresses = raiseAddresses(t, c.streets, addressDraws)
	settle(t, c.streets, c.moods, c.addresses, addressDraws)
	ofPrecinct := c.divideIntoPrecincts(t)
	ofArea := c.divideIntoCensusAreas(t)
	counts := make([]censusCount, len(c.areas))
	grid := newGrid(t.cell)
	homes := households{random: stream(p.seed, index, drawHouseholds)}
	settled := func(i int, residents []resident, _ []ballot) {
		a := &c.addresses[i]
		homes.count(grid.at(a.at), a, c.streets[a.street].segments[a.segment].estate, t.outness(a.at), residents)
	}
	if err := poll(ctx, c.moods, c.addresses, counts, ofArea, settled, stream(p.seed, index, drawVoters)); err != nil {
		return nil, err
	}
	c.grid = grid.cells(c.code)
	countDoors(c.addresses, stream(p.seed, index, drawRegister))
	secrecy := stream(p.seed, index, drawSecrecy)
	for i := range c.areas {
		c.areas[i].count = counts[i]
		c.areas[i].secret = counts[i].people < 250 || secrecy.Float64() < 0.04
	}
	for i := range c.addresses {
		a, pr := &c.addresses[i], &c.precincts[ofPrecinct[i]]
		a.precinct = ofPrecinct[i]
		pr.registered += a.registered
		for k := range contests {
			for j, v := range a.votes[k] {
				pr.votes[k][j] += int(v)
			}
		}
	}
	return c, nil
}

// divideIntoPrecincts cuts the commune into precincts of about a thousand registered voters. A park inside one is left out of it.
func (c *commune) divideIntoPrecincts(t *terrain) []int {
	registered := 0
	items := make([]item, len(c.addresses))
	for i := range c.addresses {
		items[i] = item{c.addresses[i].at, float64(c.addresses[i].registered)}
		registered += c.addresses[i].registered
	}
	d := divide(t.cell, items, precinctsFor(registered), t.parks)
	for i, ring := range rings(d.cells) {
		p := precinct{ring: ring}
		for k := range t.parks {
			if outline := t.parks[k].outline(0); d.cells[i].covers(outline) {
				p.parks = append(p.parks, outline)
			}
		}
		c.precincts = append(c.precincts, p)
	}
	return d.of
}

func (c *commune) divideIntoCensusAreas(t *terrain) []int {
	people := 0
	items := make([]item, len(c.addresses))
	for i := range c.addresses {
		a := &c.addresses[i]
		items[i] = item{a.at, float64(a.registered + a.others)}
		people += a.registered + a.others
	}
	d := divide(t.cell, items, max(1, (people+peoplePerCensusArea/2)/peoplePerCensusArea), nil)
	for _, ring := range rings(d.cells) {
		c.areas = append(c.areas, censusArea{ring: ring})
	}
	return d.of
}

// covers tells whether all points lie inside, a metre from the edge.
func (c convex) covers(points []point) bool {
	for _, p := range points {
		if c.depth(p) < 1 {
			return false
		}
	}
	return true
}
