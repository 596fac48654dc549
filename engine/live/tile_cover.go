package live

import (
	"iter"

	"github.com/arpent/arpent/geo"
)

// TileCover gives the tiles of a zoom in which something of layers may be drawn, along the curve of [geo.Tile.CurveIndex], each with the names
// of those layers. A tile that has a feature is there; in one that is there the box of a feature may be all there is. Layers that are not made
// for the zoom are left out.
func (c *City) TileCover(names []string, zoom uint8) (iter.Seq2[geo.Tile, []string], error) {
	v := tileCover{zoom: zoom}
	for _, name := range names {
		l, err := c.layer(c.Layers(), name, int(zoom))
		if err != nil {
			return nil, err
		}
		if l != nil {
			v.names, v.layers = append(v.names, name), append(v.layers, l)
		}
	}
	return func(yield func(geo.Tile, []string) bool) {
		walk := v // so that the tiles may be asked for twice
		walk.begin()
		walk.visit(0, 0, yield)
	}, nil
}

// tileCover is a walk down the pyramid of tiles, from the one of zoom 0, that goes where features are.
type tileCover struct {
	zoom   uint8
	names  []string
	layers []*layer

	boxes  [][]geo.WorldBox // by layer and unit
	bounds []geo.WorldBox   // by layer: of all that is drawn
	met    [][]int32        // by layer: the features that meet the tiles on the way down, one list behind the other
	lists  [][]span         // by zoom + 1 and layer: those of the tile of that zoom; before them those of everything
}

// span is a part of a list.
type span struct{ start, end int }

func (v *tileCover) begin() {
	v.boxes, v.bounds = make([][]geo.WorldBox, len(v.layers)), make([]geo.WorldBox, len(v.layers))
	v.met, v.lists = make([][]int32, len(v.layers)), make([][]span, v.zoom+2)
	for z := range v.lists {
		v.lists[z] = make([]span, len(v.layers))
	}
	for i, l := range v.layers {
		v.boxes[i], v.bounds[i] = make([]geo.WorldBox, len(l.level.ids)), nowhere
		v.met[i] = make([]int32, 0, 2*len(l.level.ids))
		for u := range l.level.ids {
			box := l.box(u)
			v.boxes[i][u] = box
			if box != nowhere {
				v.met[i], v.bounds[i] = append(v.met[i], int32(u)), union(v.bounds[i], box)
			}
		}
		v.lists[0][i] = span{0, len(v.met[i])}
	}
}

// visit gives the tiles below one, and says whether more are wanted.
func (v *tileCover) visit(zoom uint8, index uint64, yield func(geo.Tile, []string) bool) bool {
	tile := geo.TileOnCurve(zoom, index)
	if !v.meet(tile) {
		return true
	}
	if zoom == v.zoom {
		return yield(tile, v.namesIn(v.lists[zoom+1]))
	}
	for child := range uint64(4) {
		if !v.visit(zoom+1, 4*index+child, yield) {
			return false
		}
	}
	return true
}

// meet lists what of the features of the tile above meets a tile, and says whether any does.
func (v *tileCover) meet(tile geo.Tile) (any bool) {
	box := tile.WorldBox(tileBuffer, geo.TileExtent)
	for i := range v.layers {
		above := v.lists[tile.Z][i]
		if union(box, v.bounds[i]) == box { // all of it is in the tile, as it is down to the zoom where the place has more than one
			v.lists[tile.Z+1][i] = above
			any = any || above.end > above.start
			continue
		}
		list := v.met[i][:above.end]
		for _, u := range v.met[i][above.start:above.end] {
			if meets(v.boxes[i][u], box) {
				list = append(list, u)
			}
		}
		v.met[i], v.lists[tile.Z+1][i] = list, span{above.end, len(list)}
		any = any || len(list) > above.end
	}
	return any
}

// namesIn names the layers that have features in a tile.
func (v *tileCover) namesIn(lists []span) []string {
	names := make([]string, 0, len(v.names))
	for i, list := range lists {
		if list.end > list.start {
			names = append(names, v.names[i])
		}
	}
	return names
}
