package live

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// addressRegister is where each address of the snapshot is, in the order of ids: about 50 bytes an address with one division, 8 MB in Paris
// and 1.3 GB in a country of 26 million.
type addressRegister struct {
	ids       []byte // of all, one after the other
	ends      []uint32
	segments  []int32 // -1: none
	cells     []geo.Cell
	x, y      []uint32           // world coordinates
	precincts map[string][]int32 // by division; -1: none. Of several it is the one with the largest part
	order     []int32            // by the square of the map they are in
}

// placing is what Locate needs beside the columns of a City; each is made on its first use.
type placing struct {
	parts     func() *segmentParts
	reading   sync.Mutex // held while the register is read
	addresses atomic.Pointer[addressRegister]
	naming    addressNaming
}

func (c *City) segmentParts() *segmentParts { return c.placing.parts() }

// LoadPlaces reads the address register, which Locate does on its first call otherwise: a second for a million addresses. The files of the
// snapshot must still be there.
func (c *City) LoadPlaces(ctx context.Context) error {
	c.placing.reading.Lock()
	defer c.placing.reading.Unlock()
	if c.placing.addresses.Load() != nil {
		return nil
	}
	r, err := readRegister(ctx, c)
	if err != nil {
		return fmt.Errorf("live: read the address register: %w", err)
	}
	c.placing.addresses.Store(r)
	return nil
}

func (c *City) addressRegister() (*addressRegister, error) {
	if r := c.placing.addresses.Load(); r != nil {
		return r, nil
	}
	err := c.LoadPlaces(context.Background())
	return c.placing.addresses.Load(), err
}

func readRegister(ctx context.Context, c *City) (*addressRegister, error) {
	r := &addressRegister{precincts: map[string][]int32{}}
	segments, precincts := c.unitLevel(engine.UnitSegment, 0), c.unitLevel(engine.UnitPrecinct, 0)
	if err := c.checkTables(engine.Addresses, engine.Placements); err != nil {
		return nil, err
	}
	mem := memory.NewGoAllocator()
	err := c.snapshot.ReadTable(ctx, engine.Addresses, mem, func(rows engine.Rows) error {
		ids, at, cells, lons, lats := rows.Texts("address_id"), rows.Ints("segment_id"), rows.Ints("cell"), rows.Floats("lon"), rows.Floats("lat")
		for i := range rows.Len() {
			id := ids.Value(i)
			if n := len(r.ends); n > 0 && string(r.id(n-1)) >= id {
				return fmt.Errorf("addresses: %s is not in the order of ids: build the place again", id)
			}
			if len(r.ids)+len(id) > math.MaxUint32 {
				return fmt.Errorf("addresses: the ids are longer than 4 GB: build the place in parts")
			}
			r.ids = append(r.ids, id...)
			r.ends = append(r.ends, uint32(len(r.ids)))
			segment := int32(-1)
			if u, ok := segments.find(at.Value(i)); ok {
				segment = int32(u)
			}
			x, y := geo.ToWorld(lons.Value(i), lats.Value(i))
			r.segments, r.cells = append(r.segments, segment), append(r.cells, geo.Cell(cells.Value(i)))
			r.x, r.y = append(r.x, worldUint(x)), append(r.y, worldUint(y))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	// Placements list every address at least once in each division, in the same order.
	division, at, part := "", -1, 0.0
	var of []int32
	err = c.snapshot.ReadTable(ctx, engine.Placements, mem, func(rows engine.Rows) error {
		addresses, divisions, ids, shares := rows.Texts("address_id"), rows.Texts("division"), rows.Ints("precinct_id"), rows.Floats("part")
		for i := range rows.Len() {
			if divisions.Value(i) != division || of == nil {
				division, at = clone(divisions, i), -1
				of = make([]int32, len(r.ends))
				for a := range of {
					of[a] = -1
				}
				r.precincts[division] = of
			}
			if at < 0 || string(r.id(at)) != addresses.Value(i) {
				at, part = at+1, 0
			}
			if at >= len(r.ends) || string(r.id(at)) != addresses.Value(i) {
				return fmt.Errorf("placements: address %s is not in addresses: build the place again", addresses.Value(i))
			}
			if b, ok := precincts.find(ids.Value(i)); ok && shares.Value(i) > part {
				of[at], part = int32(b), shares.Value(i)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.index()
	return r, nil
}

// worldUint keeps a coordinate of the square of the map in 32 bits.
func worldUint(v int64) uint32 { return uint32(min(max(v, 0), math.MaxUint32)) }

func (r *addressRegister) id(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = r.ends[i-1]
	}
	return r.ids[start:r.ends[i]]
}

func (r *addressRegister) find(id string) (int, bool) {
	low, high := 0, len(r.ends)
	for low < high {
		if middle := (low + high) / 2; string(r.id(middle)) < id {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < len(r.ends) && string(r.id(low)) == id
}

func (r *addressRegister) precinct(i int, division string) (int, bool) {
	of, ok := r.precincts[division]
	if !ok || of[i] < 0 {
		return -1, false
	}
	return int(of[i]), true
}

// squareBits is the size of the squares that addresses are looked up by: 8,192 units of the map, 50 m in Paris.
const squareBits = 13

func squareOf(x, y uint32) uint64 { return uint64(x>>squareBits)<<32 | uint64(y>>squareBits) }

func (r *addressRegister) index() {
	r.order = make([]int32, len(r.ends))
	for i := range r.order {
		r.order[i] = int32(i)
	}
	slices.SortFunc(r.order, func(a, b int32) int {
		if s, t := squareOf(r.x[a], r.y[a]), squareOf(r.x[b], r.y[b]); s != t {
			if s < t {
				return -1
			}
			return 1
		}
		return int(a - b)
	})
}

// nearest is the address nearest to a point, no farther than a distance in metres; of several as near the first in the order of ids.
func (r *addressRegister) nearest(ruler geo.Projection, lon, lat, within float64) (address int, ok bool) {
	px, py := ruler.Forward(lon, lat)
	box, nearest := boxAround(lon, lat, within), within
	for sx := worldUint(box.MinX) >> squareBits; sx <= worldUint(box.MaxX)>>squareBits; sx++ {
		for sy := worldUint(box.MinY) >> squareBits; sy <= worldUint(box.MaxY)>>squareBits; sy++ {
			square := uint64(sx)<<32 | uint64(sy)
			start, _ := slices.BinarySearchFunc(r.order, square, func(i int32, square uint64) int {
				if s := squareOf(r.x[i], r.y[i]); s != square {
					if s < square {
						return -1
					}
					return 1
				}
				return 0
			})
			for _, i := range r.order[start:] {
				if squareOf(r.x[i], r.y[i]) != square {
					break
				}
				x, y := ruler.Forward(geo.FromWorld(int64(r.x[i]), int64(r.y[i])))
				off := math.Hypot(x-px, y-py)
				if off < nearest || off == nearest && (!ok || int(i) < address) {
					address, nearest, ok = int(i), off, true
				}
			}
		}
	}
	return address, ok
}
