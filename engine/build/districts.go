package build

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// districtSet is a set of districts, and which of them each precinct is in.
type districtSet struct {
	name      string
	districts []district      // that have a precinct, by code
	of        []precinctPlace // by precinct
}

type district struct {
	id         int64
	code, name string
	shape      orb.MultiPolygon
}

// precinctPlace is where a precinct is in a set.
type precinctPlace struct {
	district int32 // index in districtSet.districts, or noPlace
	by       string
	part     float64 // of the precinct's households, or of its addresses where it has none; 1 where a table says where it is
	tied     bool
}

// placeInDistricts finds the district of every precinct in every set, as a table of precincts says, else one of communes, else the shapes:
// where most of its households live. Places of France get the set of departments, if no source names them.
func placeInDistricts(ctx context.Context, place *engine.Place, m *material, p *placed, report *engine.Report, progress func(done, total int64)) error {
	sets := m.districts
	if m.country == "fr" && !slices.ContainsFunc(sets, func(d *districtRows) bool { return d.set == engine.Department }) {
		sets = append(slices.Clone(sets), departments(p))
		sortDistricts(sets)
	}
	owner := map[int64]string{}
	for _, rows := range sets {
		set, err := rows.place(ctx, m, p, progress)
		if err != nil {
			return err
		}
		if len(set.districts) == 0 && rows.source.Path != "" {
			return fmt.Errorf("build: %s: no precinct is in a district of %s: are the codes those of this place's precincts, and the division theirs, or are the shapes of another place? (%s)",
				rows.source.Path, rows.set, place.Where(rows.source))
		}
		for _, d := range set.districts {
			name := set.name + " " + d.code
			if other, ok := owner[d.id]; ok {
				return fmt.Errorf("build: districts %s and %s have the same id %d: please report this", other, name, d.id)
			}
			owner[d.id] = name
		}
		if len(set.districts) > 0 {
			p.sets = append(p.sets, set)
		}
	}
	for _, set := range p.sets {
		for i, d := range p.divisions {
			report.Districts = append(report.Districts, set.report(p, int32(i), d.name))
		}
	}
	return nil
}

// departments are the districts that the codes of the communes of France name.
func departments(p *placed) *districtRows {
	rows := &districtRows{set: engine.Department, known: map[string]*districtRow{}, communes: map[string]inDistrict{}}
	for _, c := range p.communes {
		if code := engine.DepartmentOf(c.code); code != "" {
			rows.district(code).name = engine.DepartmentName(code)
			rows.communes[c.code] = inDistrict{code: code}
		}
	}
	return rows
}

// place finds the districts of a set.
func (d *districtRows) place(ctx context.Context, m *material, p *placed, progress func(done, total int64)) (*districtSet, error) {
	codes := slices.Sorted(maps.Keys(d.known))
	index := make(map[string]int32, len(codes))
	shapes, drawn := make([]orb.MultiPolygon, len(codes)), false
	for i, code := range codes {
		index[code], shapes[i] = int32(i), d.known[code].shape
		drawn = drawn || shapes[i] != nil
	}
	set := &districtSet{name: d.set, of: make([]precinctPlace, len(p.precincts))}
	if drawn {
		areas := geo.NewAreas(shapes)
		if err := set.placeByArea(ctx, areas, len(codes), p, progress); err != nil {
			return nil, err
		}
	} else {
		for b := range set.of {
			set.of[b].district = noPlace
		}
	}
	communes := d.wholeCommunes()
	for b, precinct := range p.precincts {
		if in, ok := d.precincts[precinctRef{precinct.division, precinct.key}]; ok {
			set.of[b] = precinctPlace{district: index[in.code], by: engine.InByTable, part: 1}
		} else if code, ok := communes[precinct.key.Commune]; ok {
			set.of[b] = precinctPlace{district: index[code], by: engine.InByCommune, part: 1}
		}
	}
	set.keep(codes, d)
	return set, nil
}

// wholeCommunes gives the districts by commune. A city stands for its arrondissements, where those are not named themselves.
func (d *districtRows) wholeCommunes() map[string]string {
	whole := map[string]string{}
	for _, city := range slices.Sorted(maps.Keys(d.communes)) {
		if _, ok := cityParts[city]; ok {
			for part := range newCommunes(engine.Code(city)) {
				whole[part] = d.communes[city].code
			}
		}
	}
	for commune, in := range d.communes {
		whole[commune] = in.code
	}
	return whole
}

// keep leaves out the districts that have no precinct.
func (s *districtSet) keep(codes []string, d *districtRows) {
	kept := make([]int32, len(codes))
	for _, in := range s.of {
		if in.district != noPlace {
			kept[in.district] = 1
		}
	}
	for i, code := range codes {
		if kept[i] == 0 {
			continue
		}
		kept[i] = int32(len(s.districts))
		row := d.known[code]
		s.districts = append(s.districts, district{engine.DistrictID(s.name, code), code, cmp.Or(row.name, code), row.shape})
	}
	for b := range s.of {
		if s.of[b].district != noPlace {
			s.of[b].district = kept[s.of[b].district]
		}
	}
}

// inside is what a precinct has in a district.
type inside struct{ households, addresses float64 }

// compare compares by households, and where those are the same, but for the digits that adding up loses, by addresses.
func (a inside) compare(b inside) int {
	if math.Abs(a.households-b.households) > 1e-9*math.Max(1, a.households) {
		return cmp.Compare(a.households, b.households)
	}
	if math.Abs(a.addresses-b.addresses) > 1e-9*math.Max(1, a.addresses) {
		return cmp.Compare(a.addresses, b.addresses)
	}
	return 0
}

// placeByArea puts each precinct into the district where most of its households live, or into none where most live outside all; of two that
// have as much it is in the first. One without an address is where the middle of its area is.
func (s *districtSet) placeByArea(ctx context.Context, areas *geo.Areas, n int, p *placed, progress func(done, total int64)) error {
	at := make([][]int, p.addresses.len())
	err := inChunks(ctx, len(at), progress, func(from, to int) error {
		for a := from; a < to; a++ {
			at[a] = areas.Containing(orb.Point{p.addresses.lon[a], p.addresses.lat[a]})
		}
		return nil
	})
	if err != nil {
		return err
	}
	has := make([]map[int]inside, len(p.precincts))
	all := make([]inside, len(p.precincts))
	for _, d := range p.divisions {
		for _, pl := range d.placements {
			if pl.precinct == noPlace {
				continue
			}
			if has[pl.precinct] == nil {
				has[pl.precinct] = map[int]inside{}
			}
			homes := p.households[pl.address] * pl.part
			add := func(where int) {
				sum := has[pl.precinct][where]
				has[pl.precinct][where] = inside{sum.households + homes, sum.addresses + pl.part}
			}
			all[pl.precinct] = inside{all[pl.precinct].households + homes, all[pl.precinct].addresses + pl.part}
			for _, i := range at[pl.address] {
				add(i)
			}
			if len(at[pl.address]) == 0 {
				add(n) // outside, the last of the candidates
			}
		}
	}
	for b, precinct := range p.precincts {
		s.of[b] = precinctPlace{district: noPlace}
		if has[b] == nil {
			if precinct.shape == nil {
				continue
			}
			if in := areas.Containing(precinct.shape.Bound().Center()); len(in) > 0 {
				s.of[b] = precinctPlace{district: int32(in[0]), by: engine.InByArea, part: 1, tied: len(in) > 1}
			}
			continue
		}
		best, tied := -1, false
		for _, i := range slices.Sorted(maps.Keys(has[b])) {
			if best < 0 {
				best = i
				continue
			}
			switch order := has[b][i].compare(has[b][best]); {
			case order > 0:
				best, tied = i, false
			case order == 0 && i != n:
				tied = true
			}
		}
		if best == n {
			continue
		}
		part := has[b][best].addresses / all[b].addresses
		if all[b].households > 0 {
			part = has[b][best].households / all[b].households
		}
		s.of[b] = precinctPlace{district: int32(best), by: engine.InByArea, part: min(part, 1), tied: tied}
	}
	return nil
}

// wholePart is the part of a precinct's households from which on nobody calls it cut.
const wholePart = 0.99

func (s *districtSet) report(p *placed, division int32, name string) engine.DistrictReport {
	r := engine.DistrictReport{Set: s.name, Division: name}
	seen := map[int32]bool{}
	for b, precinct := range p.precincts {
		if precinct.divisionIndex != division {
			continue
		}
		r.Precincts++
		in := s.of[b]
		if in.district == noPlace {
			r.Outside = append(r.Outside, precinct.code)
			continue
		}
		r.Inside++
		seen[in.district] = true
		if in.part < wholePart {
			r.Cut = append(r.Cut, precinct.code)
			r.MostCut = math.Max(r.MostCut, 1-in.part)
		}
		if in.tied {
			r.Tied = append(r.Tied, precinct.code)
		}
	}
	r.Districts = int64(len(seen))
	if r.Inside == 0 {
		r.Outside = nil // the set is not of this division
	}
	for _, list := range [][]string{r.Outside, r.Cut, r.Tied} {
		slices.Sort(list)
	}
	return r
}
