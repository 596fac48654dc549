package build

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// listPrecincts gathers the precincts of all divisions from areas and results, and gives them ids.
func listPrecincts(m *material, contests []*contest, p *placed) error {
	p.precinctIndex = map[precinctRef]int32{}
	add := func(division string, key engine.PrecinctKey, code, name string, electors int64, shape orb.MultiPolygon) {
		ref := precinctRef{division, key}
		if _, ok := p.precinctIndex[ref]; ok {
			return
		}
		p.precinctIndex[ref] = int32(len(p.precincts))
		b := precinct{id: key.ID(division), division: division, key: key, code: code, name: name, electors: electors, shape: shape}
		if shape != nil {
			center := shape.Bound().Center()
			b.x, b.y = p.projection.Forward(center[0], center[1])
		}
		p.precincts = append(p.precincts, b)
	}
	for _, a := range m.areas {
		add(a.division, a.key, a.code, a.name, a.electors, a.shape)
	}
	for _, c := range contests {
		for _, row := range c.precincts {
			add(c.division, row.key, row.code, "", -1, nil)
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
	for _, a := range m.addresses {
		if names[a.commune] == "" {
			names[a.commune] = a.communeName
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

// matchContests compares each contest's precincts with the areas of its division, and refuses results of another division:
// station numbers of two divisions look alike and mean other places. Precincts that were left out count as those without an area.
func matchContests(place *engine.Place, m *material, contests []*contest, p *placed, limit float64) ([]engine.ContestReport, error) {
	reports := make([]engine.ContestReport, len(contests))
	anyArea := false
	for i, c := range contests {
		r := engine.ContestReport{Contest: c.id, Division: c.division, Precincts: int64(len(c.precincts)), Disagree: c.disagree, LeftOut: c.leftOut}
		voted := map[string]bool{}
		result := map[engine.PrecinctKey]bool{}
		var firstNoArea *contestPrecinct
		for j := range c.precincts {
			row := &c.precincts[j]
			r.Registered += row.registered
			voted[row.key.Commune], result[row.key] = true, true
			if p.precincts[p.precinctIndex[precinctRef{c.division, row.key}]].shape != nil {
				r.Matched++
				continue
			}
			r.NoArea = append(r.NoArea, row.code)
			if firstNoArea == nil || row.line < firstNoArea.line {
				firstNoArea = row
			}
		}
		areas := 0
		for _, b := range p.precincts {
			if b.division != c.division || b.shape == nil {
				continue
			}
			areas++
			if voted[b.key.Commune] && !result[b.key] {
				r.NoResult = append(r.NoResult, b.code)
			}
		}
		slices.Sort(r.NoArea)
		slices.Sort(r.NoResult)
		r.ElectorsCompared, r.ElectorsMedianOff = compareElectors(c, p, areas)
		reports[i] = r
		noArea, total := len(r.NoArea), float64(len(c.precincts)+len(c.leftOut))
		if areas == 0 {
			noArea = 0 // a division without areas may be loaded
		}
		if unusable := float64(noArea + len(c.leftOut)); unusable > limit*total && len(c.leftOut) > noArea {
			first := slices.MinFunc(c.leftOut, func(a, b engine.Disagreement) int { return cmp.Compare(a.Line, b.Line) })
			return nil, fmt.Errorf("build: %s: precinct %s, as %d of all %d, is %s (by %d in this one): correct the counts, or download the file again (%s)",
				m.row(fileRow{c.file, first.Line}), first.Precinct, len(c.leftOut), int(total), first.Action, -first.Difference, place.Where(c.spec))
		} else if unusable > limit*total {
			return nil, fmt.Errorf("build: %s: precinct %s and %d others of %d have no area in division %s: give the division these results belong to, or its areas (%s)",
				m.row(fileRow{c.file, firstNoArea.line}), firstNoArea.code, noArea-1, int(total), c.division, place.Where(c.spec))
		}
		if areas == 0 {
			continue
		}
		anyArea = true
		if float64(len(r.NoResult)) > limit*float64(areas) {
			return nil, fmt.Errorf("build: %s: %d of the %d areas of division %s have no result though their commune voted (the first is %s): give the division these results belong to, or its areas (%s)",
				m.row(fileRow{c.file, 1}), len(r.NoResult), areas, c.division, r.NoResult[0], place.Where(c.spec))
		}
	}
	if !anyArea {
		c := contests[0]
		return nil, fmt.Errorf("build: %s: no areas of division %s are loaded, so no result can be placed: add the areas of that division, or correct division: (%s)", m.row(fileRow{c.file, 1}), c.division, place.Where(c.spec))
	}
	return reports, nil
}

// compareElectors gives how many precincts of a contest have an area whose publisher states its electors, and the median of the
// relative difference between those and the registered voters: 0, 0 where fewer than half of the areas state them.
//
// It is reported and refuses nothing, for it cannot tell divisions apart. With the areas of Paris of 2017 (and their electors of
// one day) it is 6 % for the results of 2017 and 8 % for those of 2020, which belong to them; 9 % for those of 2022, 5 % for
// 2012, 4 % for 2014 and 8 % for 2008, which do not. Precincts are all made for about the same number of voters, so that any
// division looks like any other.
func compareElectors(c *contest, p *placed, areas int) (compared int64, medianOff float64) {
	var off []float64
	for _, row := range c.precincts {
		if stated := p.precincts[p.precinctIndex[precinctRef{c.division, row.key}]].electors; stated > 0 {
			off = append(off, math.Abs(float64(row.registered-stated))/float64(stated))
		}
	}
	if len(off) == 0 || 2*len(off) < areas {
		return 0, 0
	}
	slices.Sort(off)
	return int64(len(off)), off[len(off)/2]
}

// mustHavePrecincts refuses areas that are elsewhere than the addresses: longitude and latitude swapped, or another place's.
func mustHavePrecincts(place *engine.Place, m *material, p *placed, d *division, limitM, limit float64) error {
	if float64(d.report.Unplaced) <= limit*float64(len(p.addresses)) {
		return nil
	}
	var first *address
	for _, pl := range d.placements {
		if a := &p.addresses[pl.address]; pl.by == byNone && (first == nil || byOrigin(a, first) < 0) {
			first = a
		}
	}
	areas := ""
	for _, f := range m.files {
		if f.kind == engine.KindAreas && string(f.spec.Division) == d.name {
			areas = f.path
		}
	}
	return fmt.Errorf("build: %s: address %s, as %d of all %d, is more than %g km from every area of division %s (%s): are longitude and latitude swapped, or are the files of different places? (%s)",
		m.row(first.origin), first.id, d.report.Unplaced, len(p.addresses), limitM/1000, d.name, areas, place.Where(m.files[first.origin.file].spec))
}

// placeInPrecincts finds the precinct of every address in every division: the area that contains it, equal parts where several
// do, else the nearest area up to the limit.
func placeInPrecincts(ctx context.Context, place *engine.Place, m *material, p *placed, limits engine.Parameters, progress func(done, total int64)) error {
	for i := range p.divisions {
		d := &p.divisions[i]
		var shapes, planar []orb.MultiPolygon
		var index []int32
		for j, b := range p.precincts {
			if b.division == d.name && b.shape != nil {
				index = append(index, int32(j))
				shapes = append(shapes, b.shape)
				planar = append(planar, projectShape(p.projection, b.shape))
			}
		}
		r := &d.report
		for _, b := range p.precincts {
			if b.division == d.name {
				r.Precincts++
			}
		}
		r.WithArea = int64(len(index))
		if len(index) == 0 {
			d.placements = make([]placement, len(p.addresses))
			for a := range d.placements {
				d.placements[a] = placement{address: int32(a), precinct: noPlace, part: 1, by: byNone}
			}
			r.Unplaced = int64(len(p.addresses))
			continue
		}
		areas, metres := geo.NewAreas(shapes), geo.NewAreas(planar)
		of := make([][]placement, len(p.addresses))
		err := inChunks(ctx, len(p.addresses), progress, func(a int) error {
			at := p.addresses[a]
			in := areas.Containing(orb.Point{at.lon, at.lat})
			for _, b := range in {
				of[a] = append(of[a], placement{int32(a), index[b], 1 / float64(len(in)), byArea, 0})
			}
			if len(in) > 0 {
				return nil
			}
			x, y := p.projection.Forward(at.lon, at.lat)
			b, off := metres.Nearest(orb.Point{x, y})
			if off = orFar(off); off > limits.NearestPrecinctM {
				of[a] = []placement{{int32(a), noPlace, 1, byNone, off}}
				return nil
			}
			of[a] = []placement{{int32(a), index[b], 1, byNearest, off}}
			return nil
		})
		if err != nil {
			return err
		}
		for _, list := range of {
			slices.SortFunc(list, func(a, b placement) int { return cmp.Compare(a.precinct, b.precinct) })
			switch {
			case len(list) > 1:
				r.InSeveral++
				r.ByArea++
			case list[0].by == byArea:
				r.ByArea++
			case list[0].by == byNearest:
				r.ByNearest++
				r.MaxOffM = math.Max(r.MaxOffM, list[0].offM)
			default:
				r.Unplaced++
			}
			for _, pl := range list {
				if pl.precinct != noPlace {
					p.precincts[pl.precinct].addresses += pl.part
				}
			}
			d.placements = append(d.placements, list...)
		}
		for _, b := range index {
			if p.precincts[b].addresses == 0 {
				r.NoAddress = append(r.NoAddress, p.precincts[b].code)
			}
		}
		slices.Sort(r.NoAddress)
		if err := mustHavePrecincts(place, m, p, d, limits.NearestPrecinctM, limits.UnmatchedPrecinct); err != nil {
			return err
		}
	}
	return nil
}

func projectShape(projection geo.Projection, shape orb.MultiPolygon) orb.MultiPolygon {
	planar := make(orb.MultiPolygon, len(shape))
	for i, polygon := range shape {
		planar[i] = make(orb.Polygon, len(polygon))
		for j, ring := range polygon {
			planar[i][j] = make(orb.Ring, len(ring))
			for k, point := range ring {
				planar[i][j][k][0], planar[i][j][k][1] = projection.Forward(point[0], point[1])
			}
		}
	}
	return planar
}
