package build

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/arpent/arpent/geo"
)

// censusFinder finds the census areas that a point lies in: those of one census cover the ground once, those of several (districts, the
// squares of a grid) lie over each other. Few sets of them differ, so that each is kept once.
type censusFinder struct {
	areas *geo.Areas
	size  []float64 // by area: square degrees

	lock  sync.Mutex
	known map[string]int32 // place in sets
	sets  [][]int32        // indexes in material.censusAreas, the smallest area first
}

func newCensusFinder(m *material) *censusFinder {
	f := &censusFinder{size: make([]float64, len(m.censusAreas)), known: map[string]int32{}}
	shapes := make([]orb.MultiPolygon, len(m.censusAreas))
	for i, a := range m.censusAreas {
		shapes[i], f.size[i] = a.shape, planar.Area(a.shape)
	}
	f.areas = geo.NewAreas(shapes)
	return f
}

// at gives the place in sets of the areas that contain a point, from any goroutine. Places depend on who came first; sets do not.
func (f *censusFinder) at(point orb.Point) int32 {
	var set []int32
	for _, area := range f.areas.Containing(point) {
		set = append(set, int32(area))
	}
	slices.SortFunc(set, func(a, b int32) int { return cmp.Or(cmp.Compare(f.size[a], f.size[b]), cmp.Compare(a, b)) })
	var key []byte
	for _, area := range set {
		key = binary.LittleEndian.AppendUint32(key, uint32(area))
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	place, ok := f.known[string(key)]
	if !ok {
		place = int32(len(f.sets))
		f.known[string(key)], f.sets = place, append(f.sets, set)
	}
	return place
}

// censusAreas gives the census areas that an address lies in, the smallest first.
func (p *placed) censusAreas(address int32) []int32 { return p.censusSets[p.census[address]] }

// smallestArea gives the smallest census area of an address that is known; noPlace where there is none.
func (p *placed) smallestArea(address int32, known func(area int32) bool) int32 {
	for _, area := range p.censusAreas(address) {
		if known(area) {
			return area
		}
	}
	return noPlace
}

func anyArea(int32) bool { return true }
