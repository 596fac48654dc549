package build

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// listPrecincts gathers the precincts of all divisions from areas, registers and results, and gives them ids.
func listPrecincts(m *material, contests []*contest, p *placed) error {
	p.precinctIndex = map[precinctRef]int32{}
	add := func(division string, key engine.PrecinctKey, code, name string, electors int64, shape orb.MultiPolygon, registered bool) {
		ref := precinctRef{division, key}
		if at, ok := p.precinctIndex[ref]; ok {
			p.precincts[at].registered = p.precincts[at].registered || registered
			return
		}
		p.precinctIndex[ref] = int32(len(p.precincts))
		b := precinct{id: key.ID(division), division: division, key: key, code: code, name: name, electors: electors, shape: shape, registered: registered, x: math.NaN(), y: math.NaN()}
		if shape != nil {
			center := shape.Bound().Center()
			b.x, b.y = p.projection.Forward(center[0], center[1])
		}
		p.precincts = append(p.precincts, b)
	}
	for _, a := range m.areas {
		add(a.division, a.key, a.code, a.name, a.electors, a.shape, false)
	}
	for _, s := range m.register.stations {
		add(s.division, s.key, s.code, "", -1, nil, true)
	}
	for _, c := range contests {
		for _, row := range c.precincts {
			add(c.division, row.key, row.code, "", -1, nil, false)
		}
	}
	slices.SortFunc(p.precincts, func(a, b precinct) int { return cmp.Compare(a.id, b.id) })
	divisions := map[string]bool{}
	for i, b := range p.precincts {
		if i > 0 && b.id == p.precincts[i-1].id {
			return fmt.Errorf("build: precincts %s and %s have the same id %d: please report this", b.code, p.precincts[i-1].code, b.id)
		}
		p.precinctIndex[precinctRef{b.division, b.key}] = int32(i)
		divisions[b.division] = true
	}
	for name := range divisions {
		p.divisions = append(p.divisions, division{name: name, report: engine.DivisionReport{Division: name}})
	}
	slices.SortFunc(p.divisions, func(a, b division) int { return strings.Compare(a.name, b.name) })
	for i := range p.precincts {
		b := &p.precincts[i]
		b.divisionIndex = int32(slices.IndexFunc(p.divisions, func(d division) bool { return d.name == b.division }))
	}
	listCommunes(m, p)
	return nil
}

// listCommunes gathers the communes of the precincts; their names come from the addresses.
func listCommunes(m *material, p *placed) {
	names := map[string]string{}
	last := int32(noPlace) // the commune that was named last: most addresses have that of the one before
	for i := range int32(m.addresses.len()) {
		name := m.addresses.communeNameOf(i)
		if m.addresses.commune[i] == last || name == "" {
			continue
		}
		last = m.addresses.commune[i]
		if code := m.addresses.communeOf(i); names[code] == "" {
			names[code] = name
		}
	}
	seen := map[string]bool{}
	for _, b := range p.precincts {
		code := b.key.Commune
		if seen[code] {
			continue
		}
		seen[code] = true
		name := names[code]
		if name == "" {
			name = code
		}
		p.communes = append(p.communes, commune{engine.StableID("commune", code), code, name})
	}
	slices.SortFunc(p.communes, func(a, b commune) int { return cmp.Compare(a.id, b.id) })
	index := map[string]int32{}
	for i, c := range p.communes {
		index[c.code] = int32(i)
	}
	for i := range p.precincts {
		p.precincts[i].commune = index[p.precincts[i].key.Commune]
	}
}
