package live

import (
	"container/list"
	"slices"
	"sync"

	"github.com/arpent/arpent/geo"
	"github.com/arpent/arpent/geo/mvt"
)

// drawing is what of a tile does not depend on what is asked: its features, in the order they are written, and their geometry.
type drawing struct {
	places []int32 // in the layer
	shapes mvt.Geometries
}

func (d *drawing) bytes() int64 { return int64(4*len(d.places)+d.shapes.Size()) + drawingOverhead }

// drawingOverhead is about what the map and the list take for a drawing, in bytes.
const drawingOverhead = 300

// drawingKey names a drawing.
type drawingKey struct {
	layer    *layer
	division string // "" where the layer has none
	tile     geo.Tile
}

// drawings keeps those used last, up to a number of bytes: a tile of another measure, and one of a field that has changed, takes its geometry
// from here.
type drawings struct {
	mu      sync.Mutex
	counts  DrawingCounts
	entries map[drawingKey]*list.Element
	recent  *list.List // of *keptDrawing, the one used last in front
}

type keptDrawing struct {
	key drawingKey
	drawing
}

// DrawingCounts says how the geometry of tiles is kept.
type DrawingCounts struct {
	Hits, Misses int64 // drawings that were there, and that were not
	Dropped      int64 // that had to go for others
	Kept         int64
	Bytes        int64 // that they take
	Budget       int64 // that they may take
}

// drawingBudget is what a City keeps where nothing else is asked: all tiles of a city from zoom 10 on, ten times.
const drawingBudget = 64 << 20

func newDrawings() *drawings {
	return &drawings{entries: map[drawingKey]*list.Element{}, recent: list.New(), counts: DrawingCounts{Budget: drawingBudget}}
}

// KeepDrawings sets how many bytes of tiles' geometry are kept for tiles that show something else of the same places. Of 0 nothing
// is, which is best where each tile is made once.
func (c *City) KeepDrawings(bytes int64) {
	k := c.drawings
	k.mu.Lock()
	defer k.mu.Unlock()
	k.counts.Budget = bytes
	k.shrink()
}

// Drawings counts the drawings.
func (c *City) Drawings() DrawingCounts {
	c.drawings.mu.Lock()
	defer c.drawings.mu.Unlock()
	return c.drawings.counts
}

func (k *drawings) get(key drawingKey) *drawing {
	k.mu.Lock()
	defer k.mu.Unlock()
	e, there := k.entries[key]
	if !there {
		k.counts.Misses++
		return nil
	}
	k.counts.Hits++
	k.recent.MoveToFront(e)
	return &e.Value.(*keptDrawing).drawing
}

// put keeps a copy of a drawing.
func (k *drawings) put(key drawingKey, d *drawing) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, there := k.entries[key]; there || d.bytes() > k.counts.Budget {
		return
	}
	kept := &keptDrawing{key, drawing{slices.Clone(d.places), d.shapes.Clone()}}
	k.entries[key] = k.recent.PushFront(kept)
	k.counts.Kept++
	k.counts.Bytes += kept.bytes()
	k.shrink()
}

// shrink drops those not used for longest until all fit the budget.
func (k *drawings) shrink() {
	for k.counts.Bytes > k.counts.Budget {
		dropped := k.recent.Remove(k.recent.Back()).(*keptDrawing)
		delete(k.entries, dropped.key)
		k.counts.Kept--
		k.counts.Dropped++
		k.counts.Bytes -= dropped.bytes()
	}
}

// drawn gives the drawing of a tile, valid until the encoder is used again. It has no feature where nothing touches the tile.
func (c *City) drawn(l *layer, division string, t geo.Tile, e *tileEncoder) *drawing {
	key := drawingKey{layer: l, tile: t}
	if l.divisions != nil {
		key.division = division
	}
	if d := c.drawings.get(key); d != nil {
		return d
	}
	e.draw(l, division, t)
	if len(e.drawing.places) > 0 { // empty ones are as quickly found to be empty, and there is no end of them
		c.drawings.put(key, &e.drawing)
	}
	return &e.drawing
}
