package build

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// placeInPrecincts finds the precinct of every address in every division. What a register of voters' addresses says of the
// address itself comes first; then the area that contains it, in equal parts where several do, or the nearest area up to the
// limit; where a division has no areas, what the register says of its street, then the nearest point of the register up to the
// limit.
func placeInPrecincts(ctx context.Context, place *engine.Place, m *material, p *placed, limits engine.Parameters, progress func(done, total int64)) error {
	p.doors = make([]float64, p.addresses.len())
	for i := range p.divisions {
		d := &p.divisions[i]
		s := newSurvey(m, p, d.name, limits)
		for _, b := range p.precincts {
			if b.division == d.name {
				d.report.Precincts++
			}
		}
		d.report.WithArea = int64(len(s.index))
		table := make([]tableMatch, p.addresses.len())
		if err := d.place(ctx, s, table, progress); err != nil {
			return err
		}
		s.locate(d)
		for j := range p.precincts {
			if b := &p.precincts[j]; b.division == d.name && b.known() && b.addresses == 0 {
				d.report.NoAddress = append(d.report.NoAddress, b.code)
			}
		}
		slices.Sort(d.report.NoAddress)
		for j, guessed := range d.guessed(len(p.precincts)) {
			if guessed {
				d.report.Guessed = append(d.report.Guessed, p.precincts[j].code)
			}
		}
		slices.Sort(d.report.Guessed)
		d.reportOnePrecinct(p)
		if s.register != nil {
			s.register.countDoors(table, p.doors)
			d.report.Register = s.register.report(table)
		}
		if err := mustHavePrecincts(place, m, p, d, s, limits.UnmatchedPrecinct); err != nil {
			return err
		}
	}
	return nil
}

// place finds the placements of all addresses, and how each met the register.
func (d *division) place(ctx context.Context, s *survey, table []tableMatch, progress func(done, total int64)) error {
	n := s.p.addresses.len()
	d.placements = make([]placement, 0, n+n/64)
	const batch = 1 << 18 // lists of so many addresses wait to be taken in order
	lists := make([][]placement, batch)
	for start := 0; start < n; start += batch {
		end := min(n, start+batch)
		whole := func(done, _ int64) { progress(int64(start)+done, int64(n)) }
		err := inChunks(ctx, end-start, whole, func(from, to int) error {
			// One piece of memory for all lists of a chunk; a list that outgrows it is moved by append.
			memory, near := make([]placement, 0, 2*(to-from)), 0
			for i := from; i < to; i++ {
				first := len(memory)
				memory, table[start+i] = s.place(memory, int32(start+i), &near)
				lists[i] = memory[first:len(memory):len(memory)]
				slices.SortFunc(lists[i], func(a, b placement) int { return cmp.Compare(a.precinct, b.precinct) })
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, list := range lists[:end-start] {
			d.take(list, s.p)
		}
	}
	return nil
}

// take keeps and counts the placements of one address.
func (d *division) take(list []placement, p *placed) {
	r := &d.report
	if len(list) > 1 {
		r.InSeveral++
	}
	switch list[0].by {
	case byTable:
		r.ByTable++
	case byArea:
		r.ByArea++
	case byStreet:
		r.ByStreet++
	case byNearest:
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

// mostGuessed is the part of a precinct's addresses that may be guessed to be its own before its streets' weights count as less sure.
const mostGuessed = 0.05

// isGuess tells whether neither the register nor an area has the address itself.
func (pl placement) isGuess() bool { return pl.by == byStreet || pl.by == byNearest }

// guessed tells of which precincts of the place too many addresses are guessed to be their own.
func (d *division) guessed(precincts int) []bool {
	all, guesses := make([]float64, precincts), make([]float64, precincts)
	for _, pl := range d.placements {
		if pl.precinct == noPlace {
			continue
		}
		all[pl.precinct] += pl.part
		if pl.isGuess() {
			guesses[pl.precinct] += pl.part
		}
	}
	guessed := make([]bool, precincts)
	for b := range guessed {
		guessed[b] = guesses[b] > mostGuessed*all[b]
	}
	return guessed
}

// reportOnePrecinct counts the communes that are one precinct.
func (d *division) reportOnePrecinct(p *placed) {
	precincts := make([]int, len(p.communes))
	for _, b := range p.precincts {
		if b.division == d.name {
			precincts[b.commune]++
		}
	}
	var codes []string
	for i, n := range precincts {
		if n == 1 {
			codes = append(codes, p.communes[i].code)
		}
	}
	slices.Sort(codes)
	d.report.OnePrecinct = int64(len(codes))
	d.report.OnePrecinctFirst = slices.Clip(codes[:min(maxLines, len(codes))])
}

// survey is what says where the precincts of one division are.
type survey struct {
	p        *placed
	limits   engine.Parameters
	index    []int32    // precincts that have an area
	areas    *geo.Areas // in degrees, for what contains a point
	metres   *geo.Areas // the same in metres, for what is nearest
	register *register  // nil where the division has none
}

func newSurvey(m *material, p *placed, division string, limits engine.Parameters) *survey {
	s := &survey{p: p, limits: limits, register: newRegister(m, p, division)}
	var shapes, planar []orb.MultiPolygon
	for j, b := range p.precincts {
		if b.division == division && b.shape != nil {
			s.index = append(s.index, int32(j))
			shapes = append(shapes, b.shape)
			planar = append(planar, projectShape(p.projection, b.shape))
		}
	}
	if len(s.index) > 0 {
		s.areas, s.metres = geo.NewAreas(shapes), geo.NewAreas(planar)
	}
	return s
}

// tableMatch is how an address met the register and, where it did, the areas.
type tableMatch struct {
	group            int32 // of the register's rows; noPlace where the address is in none
	compared, agrees bool
}

// place appends the placements of an address, at least one. near is the place in the register of the address that was asked for before.
func (s *survey) place(list []placement, a int32, near *int) ([]placement, tableMatch) {
	all := s.p.addresses
	at := orb.Point{all.lon[a], all.lat[a]}
	x, y := s.p.projection.Forward(at[0], at[1])
	planar := orb.Point{x, y}
	var in []int
	if s.areas != nil {
		in = s.areas.Containing(at)
	}
	first := len(list)
	match := tableMatch{group: noPlace}
	if s.register != nil {
		if group, off := s.register.of(all.id(a), planar, s.limits.RegisterPointM, near); group != noPlace {
			list = s.register.placements(list, group, a, byTable, off)
			match = tableMatch{group: group, compared: len(in) > 0}
			for _, b := range in {
				match.agrees = match.agrees || slices.ContainsFunc(list[first:], func(pl placement) bool { return pl.precinct == s.index[b] })
			}
			return list, match
		}
	}
	if len(in) > 0 {
		for _, b := range in {
			list = append(list, placement{address: a, precinct: s.index[b], part: 1 / float64(len(in)), by: byArea})
		}
		return list, match
	}
	nearest := placement{address: a, precinct: noPlace, part: 1, by: byNone}
	switch {
	case s.metres != nil:
		b, off := s.metres.Nearest(planar)
		if nearest.offM = orFar(off); nearest.offM <= s.limits.NearestPrecinctM {
			nearest.precinct, nearest.by = s.index[b], byNearest
		}
	case s.register != nil:
		if list = s.register.ofStreet(list, a, all.id(a), planar); len(list) > first {
			return list, match
		}
		point, off := s.register.nearest(planar, s.register.all())
		if nearest.offM = orFar(off); point != noPlace && nearest.offM <= s.limits.NearestPrecinctM {
			return s.register.placements(list, point, a, byNearest, nearest.offM), match
		}
	}
	return append(list, nearest), match
}

// locate gives the precincts without an area a place: the mean of their addresses, else of their points of the register.
func (s *survey) locate(d *division) {
	sums := map[int32]*[3]float64{}
	add := func(precinct int32, at orb.Point, weight float64) {
		if sums[precinct] == nil {
			sums[precinct] = &[3]float64{}
		}
		sums[precinct][0] += at[0] * weight
		sums[precinct][1] += at[1] * weight
		sums[precinct][2] += weight
	}
	for _, pl := range d.placements {
		if pl.precinct == noPlace || s.p.precincts[pl.precinct].shape != nil {
			continue
		}
		x, y := s.p.projection.Forward(s.p.addresses.lon[pl.address], s.p.addresses.lat[pl.address])
		add(pl.precinct, orb.Point{x, y}, pl.part)
	}
	if s.register != nil {
		for i, g := range s.register.groups {
			for _, share := range s.register.sharesOf(int32(i)) {
				if b := s.p.precincts[share.precinct]; g.located && b.shape == nil && b.addresses == 0 {
					add(share.precinct, g.at, share.part)
				}
			}
		}
	}
	for precinct, sum := range sums {
		if b := &s.p.precincts[precinct]; sum[2] > 0 {
			b.x, b.y = sum[0]/sum[2], sum[1]/sum[2]
		}
	}
}

// mustHavePrecincts refuses areas that are elsewhere than the addresses: longitude and latitude swapped, or another place's.
func mustHavePrecincts(place *engine.Place, m *material, p *placed, d *division, s *survey, limit float64) error {
	if s.areas == nil && s.register == nil || float64(d.report.Unplaced) <= limit*float64(p.addresses.len()) {
		return nil
	}
	first := int32(noPlace)
	for _, pl := range d.placements {
		if pl.by == byNone && (first == noPlace || p.addresses.origin[pl.address] < p.addresses.origin[first]) {
			first = pl.address
		}
	}
	where := p.addresses.origin[first].row()
	from := ""
	for _, f := range m.files {
		if (f.kind == engine.KindAreas || f.kind == engine.KindRegister) && string(f.spec.Division) == d.name {
			from = f.path
		}
	}
	what := "area"
	if s.areas == nil {
		what = "point of the register"
	}
	return fmt.Errorf("build: %s: address %s, as %d of all %d, is more than %g km from every %s of division %s (%s): are longitude and latitude swapped, or are the files of different places? Where the addresses are of more communes than the place, add communes: to the place file (%s)",
		m.row(where), p.addresses.id(first), d.report.Unplaced, p.addresses.len(), s.limits.NearestPrecinctM/1000, what, d.name, from, place.Where(m.files[where.file].spec))
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
