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
	add := func(division string, key engine.PrecinctKey, code, name string, shape orb.MultiPolygon) {
		ref := precinctRef{division, key}
		if _, ok := p.precinctIndex[ref]; ok {
			return
		}
		p.precinctIndex[ref] = int32(len(p.precincts))
		b := precinct{id: key.ID(division), division: division, key: key, code: code, name: name, shape: shape}
		if shape != nil {
			center := shape.Bound().Center()
			b.x, b.y = p.projection.Forward(center[0], center[1])
		}
		p.precincts = append(p.precincts, b)
	}
	for _, a := range m.areas {
		add(a.division, a.key, a.code, a.name, a.shape)
	}
	for _, c := range contests {
		for _, row := range c.precincts {
			add(c.division, row.key, row.code, "", nil)
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
// station numbers of two divisions look alike and mean other places.
func matchContests(place *engine.Place, contests []*contest, p *placed, limit float64) ([]engine.ContestReport, error) {
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
		reports[i] = r
		if areas == 0 {
			continue
		}
		anyArea = true
		path := c.spec.Path
		if firstNoArea != nil && float64(len(r.NoArea)) > limit*float64(r.Precincts) {
			return nil, fmt.Errorf("build: %s line %d: precinct %s and %d others of %d have no area in division %s: give the division these results belong to, or its areas (%s)",
				path, firstNoArea.line, firstNoArea.code, len(r.NoArea)-1, r.Precincts, c.division, place.Where(c.spec))
		}
		if float64(len(r.NoResult)) > limit*float64(areas) {
			return nil, fmt.Errorf("build: %s line 1: %d of the %d areas of division %s have no result though their commune voted (the first is %s): give the division these results belong to, or its areas (%s)",
				path, len(r.NoResult), areas, c.division, r.NoResult[0], place.Where(c.spec))
		}
	}
	if !anyArea {
		c := contests[0]
		return nil, fmt.Errorf("build: %s line 1: no areas of division %s are loaded, so no result can be placed: add the areas of that division, or correct division: (%s)", c.spec.Path, c.division, place.Where(c.spec))
	}
	return reports, nil
}

// placeInPrecincts finds the precinct of every address in every division: the area that contains it, equal parts where several
// do, else the nearest area up to the limit.
func placeInPrecincts(ctx context.Context, p *placed, limitM float64, progress func(done, total int64)) error {
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
			if off > limitM {
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
