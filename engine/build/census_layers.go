package build

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/arpent/arpent/geo"
)

// censusLayer is the census areas of one file: a country's districts are one layer, the squares of a grid another.
type censusLayer struct {
	file  int32   // index in material.files
	index []int32 // of its areas in material.censusAreas
	areas *geo.Areas
	size  float64 // mean of its areas, square degrees
}

// censusLayers lists the layers of a place, the finest first.
func censusLayers(m *material) []censusLayer {
	var layers []censusLayer
	for i, a := range m.censusAreas {
		at := slices.IndexFunc(layers, func(l censusLayer) bool { return l.file == a.file })
		if at < 0 {
			at = len(layers)
			layers = append(layers, censusLayer{file: a.file})
		}
		layers[at].index = append(layers[at].index, int32(i))
	}
	for i := range layers {
		l := &layers[i]
		shapes := make([]orb.MultiPolygon, len(l.index))
		for k, area := range l.index {
			shapes[k] = m.censusAreas[area].shape
			l.size += planar.Area(shapes[k]) / float64(len(shapes))
		}
		l.areas = geo.NewAreas(shapes)
	}
	slices.SortFunc(layers, func(a, b censusLayer) int {
		return cmp.Or(cmp.Compare(a.size, b.size), cmp.Compare(a.file, b.file))
	})
	return layers
}

// containing gives the area of the layer that a point lies in, the first of several; noPlace where it lies in none.
func (l *censusLayer) containing(at orb.Point) int32 {
	if in := l.areas.Containing(at); len(in) > 0 {
		return l.index[in[0]]
	}
	return noPlace
}

// finestArea gives the census area of an address in the finest layer in which it is known; noPlace where it is in none.
func (p *placed) finestArea(address int32, known func(area int32) bool) int32 {
	for _, layer := range p.census {
		if area := layer[address]; area != noPlace && known(area) {
			return area
		}
	}
	return noPlace
}

func anyArea(int32) bool { return true }
