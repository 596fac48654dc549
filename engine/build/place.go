package build

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// placed is where everything is: each address on its segment, in its cell, census areas and precincts.
type placed struct {
	projection geo.Projection `frozen:"-"` // to place things only
	segments   []segment      // in id order
	addresses  *addresses

	// by address
	spots        []spot
	cells        []geo.Cell // resolution 12
	doors        []float64  // addresses of voters that a register counts there; 0 where none knows it
	households   []float64
	householdsBy []householdSource // see weigh
	census       []int32           // index in censusSets

	censusSets [][]int32 // census areas that lie over each other, see censusFinder

	precincts     []precinct // in id order, all divisions
	precinctIndex map[precinctRef]int32
	divisions     []division     // by name
	communes      []commune      // in id order
	sets          []*districtSet // by name
}

// spot is where an address is on the streets.
type spot struct {
	offM    float64 // metres from its segment
	segment int32   // index in placed.segments
	side    geo.Side
	by      geo.MatchedBy
	atEnd   bool
}

type segment struct {
	id        int64
	street    string
	commune   string
	lengthM   float64
	line      orb.LineString // degrees
	planar    orb.LineString // metres
	numbers   [2]numberRange // left, right
	addresses int32
	homes     float64
	lead      int32 // of the stretch that it is published in: an index in placed.segments, its own where it stands alone
}

// numberRange is the lowest and highest house number of a side; high < low where there is none.
type numberRange struct{ low, high int32 }

type precinctRef struct {
	division string
	key      engine.PrecinctKey
}

type precinct struct {
	id            int64
	division      string
	divisionIndex int32
	key           engine.PrecinctKey
	code          string
	name          string
	shape         orb.MultiPolygon // degrees; nil where no source has its area
	registered    bool             // stands in a register of voters' addresses
	x, y          float64          // metres: centre of the area's bound, else mean of its addresses; NaN where it has neither
	commune       int32            // index in placed.communes
	electors      int64            // as the area's publisher states them; -1 where it does not
	addresses     float64
	households    float64
}

type commune struct {
	id   int64
	code string
	name string
}

// division is one way of cutting the place into precincts.
type division struct {
	name       string
	placements []placement // by address, then precinct
	report     engine.DivisionReport
}

type placement struct {
	address  int32
	precinct int32   // index in placed.precincts, or noPlace
	part     float64 // of the address; several precincts share it equally
	offM     float64
	by       placedBy
}

// placedBy is a way of placing an address in a precinct.
type placedBy uint8

const (
	byTable   placedBy = iota // its own rows of the register
	byArea                    // the area that contains it
	byStreet                  // the register's rows of its street
	byNearest                 // the nearest area, or point of the register
	byNone
)

func (by placedBy) String() string {
	return [...]string{"table", "area", "street", "nearest", "none"}[by]
}

// strayM is how far in metres an address may lie from every street. No house is that far from its street where the two files are
// of one place, and a position whose longitude and latitude are swapped is thousands of kilometres off. (Of the addresses of
// Paris the one furthest off is at 492 m.)
const strayM = 5000

const reasonStray = "more than 5 km from every street"

// placeAddresses finds segment, cell and census areas of every address, on all processors. Strays are left out, and refused
// where they are more than the limit's share of all.
func placeAddresses(ctx context.Context, place *engine.Place, m *material, p *placed, limit float64, progress func(done, total int64)) error {
	a := m.addresses
	n := a.len()
	p.addresses = a
	p.spots = make([]spot, n)
	p.cells, p.census = make([]geo.Cell, n), make([]int32, n)

	keys := streetKeys{}
	lines := make([]orb.LineString, len(p.segments))
	names := make([]geo.StreetKey, len(p.segments))
	for i, s := range p.segments {
		lines[i], names[i] = s.planar, keys.of(s.street)
	}
	addressKeys := make([]geo.StreetKey, len(a.words.list))
	for i := range a.street {
		if of := &addressKeys[a.street[i]]; of.Normal == "" {
			*of = keys.of(a.streetOf(int32(i)))
		}
	}
	matcher := geo.NewMatcher(geo.NewNetwork(lines), names)
	census := newCensusFinder(m)

	err := inChunks(ctx, n, progress, func(from, to int) error {
		for i := from; i < to; i++ {
			x, y := p.projection.Forward(a.lon[i], a.lat[i])
			found := matcher.Match(orb.Point{x, y}, int(a.number[i]), addressKeys[a.street[i]])
			at := spot{orFar(found.OffM), int32(found.Segment), found.Side, found.By, found.AtEnd}
			if found.Segment < 0 {
				at.offM = math.Inf(1)
			}
			if p.spots[i] = at; at.offM > strayM {
				continue
			}
			cell, err := geo.CellAt(a.lon[i], a.lat[i], engine.AddressResolution)
			if err != nil {
				return fmt.Errorf("build: address %s (%s): %w", a.id(int32(i)), m.row(a.origin[i].row()), err)
			}
			p.cells[i] = cell
			p.census[i] = census.at(orb.Point{a.lon[i], a.lat[i]})
		}
		return nil
	})
	if err != nil {
		return err
	}
	p.censusSets = census.sets
	if err := dropStrays(place, m, p, limit); err != nil {
		return err
	}
	assignSides(p)
	return nil
}

// assignSides settles the sides of the addresses by what is on either side of their segments.
func assignSides(p *placed) {
	sides := geo.NewSides(len(p.segments))
	match := func(i int) geo.Match {
		at := &p.spots[i]
		return geo.Match{Segment: int(at.segment), By: at.by, Number: int(p.addresses.number[i]), Location: geo.Location{Side: at.side, AtEnd: at.atEnd}}
	}
	for i := range p.spots {
		sides.Count(match(i))
	}
	for i := range p.spots {
		p.spots[i].side = sides.Of(match(i))
	}
}

// orFar takes a distance that is no number, as projections give for points on the other side of the Earth, for a great one.
func orFar(metres float64) float64 {
	if math.IsNaN(metres) {
		return math.Inf(1)
	}
	return metres
}

// dropStrays takes the addresses that are far from every street out of what was placed, and counts them as rejected.
func dropStrays(place *engine.Place, m *material, p *placed, limit float64) error {
	a := p.addresses
	var strays, kept []int32
	for i := range p.spots {
		if p.spots[i].offM > strayM {
			strays = append(strays, int32(i))
		}
	}
	if len(strays) == 0 {
		return nil
	}
	slices.SortFunc(strays, func(i, j int32) int { return cmp.Compare(a.origin[i], a.origin[j]) })
	if first := strays[0]; float64(len(strays)) > limit*float64(a.len()) {
		from := a.origin[first].row()
		return fmt.Errorf("build: %s: address %s, as %d of all %d, is %s: are longitude and latitude swapped, or are the files of different places? (%s)",
			m.row(from), a.id(first), len(strays), a.len(), reasonStray, place.Where(m.files[from.file].spec))
	}
	for _, i := range strays {
		from := a.origin[i].row()
		m.files[from.file].report.Reject(from.line, reasonStray)
	}
	for i := range p.spots {
		if p.spots[i].offM <= strayM {
			kept = append(kept, int32(i))
		}
	}
	a.keep(kept)
	p.spots, p.cells, p.census = pick(p.spots, kept), pick(p.cells, kept), pick(p.census, kept)
	return nil
}

// streetKeys keeps the key of each street name. Communes stay out of it: a street on a border has addresses in two, and files of
// streets and of addresses do not always mean the same by a commune.
type streetKeys map[string]geo.StreetKey

func (k streetKeys) of(name string) geo.StreetKey {
	key, ok := k[name]
	if !ok {
		key = geo.NewStreetKey("", name)
		k[name] = key
	}
	return key
}

// inChunks calls do for 0..n-1, chunk by chunk from all processors. What do writes is by index, so that the order does not matter.
func inChunks(ctx context.Context, n int, progress func(done, total int64), do func(from, to int) error) error {
	const size = 4096
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for start := 0; start < n; start += size {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return do(start, min(n, start+size))
		})
		progress(int64(start), int64(n))
	}
	return group.Wait()
}

// onAllProcessors does pieces of work that have nothing to do with each other, as many at a time as there are processors: each may take memory.
func onAllProcessors(pieces int, do func(i int)) {
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	var working sync.WaitGroup
	for i := range pieces {
		limit <- struct{}{}
		working.Go(func() {
			defer func() { <-limit }()
			do(i)
		})
	}
	working.Wait()
}

// sideIndex is 0 for left, 1 for right; false for on the line.
func sideIndex(s geo.Side) (int, bool) {
	switch s {
	case geo.SideLeft:
		return 0, true
	case geo.SideRight:
		return 1, true
	}
	return 0, false
}
