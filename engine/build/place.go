package build

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// placed is where everything is: each address on its segment, in its cell, census areas and precincts.
type placed struct {
	projection geo.Projection
	segments   []segment // in id order
	addresses  []address // in id order

	// by address
	segmentOf    []int32
	location     []geo.Match
	cells        []geo.Cell // resolution 12
	doors        []float64  // addresses of voters that a register counts there; 0 where none knows it
	households   []float64
	householdsBy []string // where they come from, see weigh
	census       []int32  // index in censusSets

	censusSets [][]int32 // census areas that lie over each other, see censusFinder

	precincts     []precinct // in id order, all divisions
	precinctIndex map[precinctRef]int32
	divisions     []division     // by name
	communes      []commune      // in id order
	sets          []*districtSet // by name
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
	by       string
	offM     float64
}

// Ways of placing an address in a precinct.
const (
	byTable   = "table"   // its own rows of the register
	byArea    = "area"    // the area that contains it
	byStreet  = "street"  // the register's rows of its street
	byNearest = "nearest" // the nearest area, or point of the register
	byNone    = "none"
)

// strayM is how far in metres an address may lie from every street. No house is that far from its street where the two files are
// of one place, and a position whose longitude and latitude are swapped is thousands of kilometres off. (Of the addresses of
// Paris the one furthest off is at 492 m.)
const strayM = 5000

const reasonStray = "more than 5 km from every street"

// placeAddresses finds segment, cell and census areas of every address, on all processors. Strays are left out, and refused
// where they are more than the limit's share of all.
func placeAddresses(ctx context.Context, place *engine.Place, m *material, p *placed, limit float64, progress func(done, total int64)) error {
	n := len(m.addresses)
	p.addresses = m.addresses
	p.location = make([]geo.Match, n)
	p.cells, p.census = make([]geo.Cell, n), make([]int32, n)

	keys := streetKeys{}
	lines := make([]orb.LineString, len(p.segments))
	names := make([]geo.StreetKey, len(p.segments))
	for i, s := range p.segments {
		lines[i], names[i] = s.planar, keys.of(s.street)
	}
	addressKeys := make([]geo.StreetKey, n)
	for i, a := range m.addresses {
		addressKeys[i] = keys.of(a.street)
	}
	matcher := geo.NewMatcher(geo.NewNetwork(lines), names)
	census := newCensusFinder(m)

	err := inChunks(ctx, n, progress, func(i int) error {
		a := m.addresses[i]
		x, y := p.projection.Forward(a.lon, a.lat)
		p.location[i] = matcher.Match(orb.Point{x, y}, int(a.number), addressKeys[i])
		if p.location[i].Segment < 0 {
			p.location[i].OffM = math.Inf(1)
		}
		if p.location[i].OffM = orFar(p.location[i].OffM); p.location[i].OffM > strayM {
			return nil
		}
		cell, err := geo.CellAt(a.lon, a.lat, engine.AddressResolution)
		if err != nil {
			return fmt.Errorf("build: address %s (%s): %w", a.id, m.row(a.origin), err)
		}
		p.cells[i] = cell
		p.census[i] = census.at(orb.Point{a.lon, a.lat})
		return nil
	})
	if err != nil {
		return err
	}
	p.censusSets = census.sets
	if err := dropStrays(place, m, p, limit); err != nil {
		return err
	}
	geo.AssignSides(p.location)
	p.segmentOf = make([]int32, len(p.location))
	for i := range p.location {
		p.segmentOf[i] = int32(p.location[i].Segment)
	}
	return nil
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
	var strays []*address
	for i := range p.addresses {
		if p.location[i].OffM > strayM {
			strays = append(strays, &p.addresses[i])
		}
	}
	if len(strays) == 0 {
		return nil
	}
	slices.SortFunc(strays, byOrigin)
	if first := strays[0]; float64(len(strays)) > limit*float64(len(p.addresses)) {
		return fmt.Errorf("build: %s: address %s, as %d of all %d, is %s: are longitude and latitude swapped, or are the files of different places? (%s)",
			m.row(first.origin), first.id, len(strays), len(p.addresses), reasonStray, place.Where(m.files[first.origin.file].spec))
	}
	for _, a := range strays {
		m.files[a.origin.file].report.Reject(a.origin.line, reasonStray)
	}
	kept := 0
	for i := range p.addresses {
		if p.location[i].OffM > strayM {
			continue
		}
		p.addresses[kept], p.location[kept], p.cells[kept], p.census[kept] = p.addresses[i], p.location[i], p.cells[i], p.census[i]
		kept++
	}
	p.addresses, p.location, p.cells, p.census = p.addresses[:kept], p.location[:kept], p.cells[:kept], p.census[:kept]
	m.addresses = p.addresses
	return nil
}

// byOrigin is the order of the place file, then of the file.
func byOrigin(a, b *address) int {
	return cmp.Or(cmp.Compare(a.origin.file, b.origin.file), cmp.Compare(a.origin.line, b.origin.line))
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

// inChunks calls do for 0..n-1 from all processors. What do writes is by index, so that the order does not matter.
func inChunks(ctx context.Context, n int, progress func(done, total int64), do func(i int) error) error {
	const size = 4096
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for start := 0; start < n; start += size {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			for i := start; i < min(n, start+size); i++ {
				if err := do(i); err != nil {
					return err
				}
			}
			return nil
		})
		progress(int64(start), int64(n))
	}
	return group.Wait()
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
