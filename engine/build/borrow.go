package build

import "math"

// borrowBallots adds a row without voters for every precinct that has addresses and no result though its commune voted, as a new
// station has: it has the ballot of the nearest precinct of its commune. The estimates borrow its shares from the precincts around; no
// vote is added to any sum.
func (c *contest) borrowBallots(p *placed) {
	inCommune := map[int32][]int{} // precincts with a result, by commune
	known := map[int32]bool{}
	for i, row := range c.precincts {
		b := p.precinctIndex[precinctRef{c.division, row.key}]
		known[b] = true
		if row.registered > 0 {
			inCommune[p.precincts[b].commune] = append(inCommune[p.precincts[b].commune], i)
		}
	}
	for i := range p.precincts {
		b := &p.precincts[i]
		if b.division != c.division || b.addresses == 0 || known[int32(i)] {
			continue
		}
		nearest, best := noPlace, math.Inf(1)
		for _, j := range inCommune[b.commune] {
			o := &p.precincts[p.precinctIndex[precinctRef{c.division, c.precincts[j].key}]]
			if off := math.Hypot(o.x-b.x, o.y-b.y); off < best {
				nearest, best = j, off
			}
		}
		if nearest == noPlace {
			continue
		}
		row := contestPrecinct{key: b.key, code: b.code, added: true, votes: make([]int64, len(c.choices)), lines: make([]int64, len(c.choices))}
		for k, votes := range c.precincts[nearest].votes {
			row.votes[k] = min(0, votes)
		}
		c.precincts = append(c.precincts, row)
	}
}

// expectVoters says how many voters each atom of a precinct that borrows its shares counts for, among others of the kind.
func (v *contestVotes) expectVoters(atoms []atom) {
	v.expected = map[int32]int64{}
	for row, borrowed := range v.estimates.Borrowed {
		if !borrowed {
			continue
		}
		b := v.ground.precincts[row]
		weight, inPart := weightOf(atoms[v.first[b]:v.first[b+1]]), map[int32]float64{}
		for a := v.first[b]; a < v.first[b+1]; a++ {
			inPart[v.ground.partOf[a]] += weight(atoms[a])
		}
		for a := v.first[b]; a < v.first[b+1]; a++ {
			part := v.ground.partOf[a]
			if w := weight(atoms[a]); w > 0 {
				voters := v.estimates.Voters[part]
				v.expected[a] = min(voters, max(1, int64(math.Round(float64(voters)*w/inPart[part]))))
			}
		}
	}
}
