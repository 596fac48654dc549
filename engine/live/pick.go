package live

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// Picker finds units of a query one by one - by id, by code, by place - and gives their rows in any order, one as often as it is asked for. It is made
// for one caller, as Items are.
type Picker struct {
	*Items
	contest string
	codes   map[string][]int32 // of communes and precincts; nil until it is asked for
	units   []int32
}

// Pick gives the picker of a query, which neither filters nor orders.
func (c *City) Pick(q ItemQuery) (*Picker, error) {
	q.Filter, q.Bounds, q.SortBy, q.Sample, q.Tile, q.Bare = nil, nil, nil, nil, nil, true
	items, err := c.Items(q)
	if err != nil {
		return nil, err
	}
	_, asked, err := settle(c.contests, q.Query)
	if err != nil {
		return nil, err
	}
	return &Picker{Items: items, contest: c.contests[asked.contest].ID}, nil
}

// ByCode finds the precinct or the commune of a code: of precincts as it is published, of the division of the contest. Where precincts of
// several communes have the same, the commune's code says which. found is 0 where there is none, more than 1 where there are several.
func (p *Picker) ByCode(code, commune string) (unit, found int) {
	if p.codes == nil {
		p.codes = p.readCodes()
	}
	for _, u := range p.codes[code] {
		if !p.asks(int(u)) || commune != "" && p.communeOf(int(u)) != commune {
			continue
		}
		unit = int(u)
		found++
	}
	return unit, found
}

// HasCodes tells whether the units have codes.
func (p *Picker) HasCodes() bool {
	return p.Unit() == engine.UnitPrecinct || p.Unit() == engine.UnitCommune
}

func (p *Picker) readCodes() map[string][]int32 {
	codes := map[string][]int32{}
	for u := range p.level.ids {
		switch p.Unit() {
		case engine.UnitPrecinct:
			codes[p.level.name(u)] = append(codes[p.level.name(u)], int32(u))
		case engine.UnitCommune:
			codes[p.city.communeCodes[u]] = []int32{int32(u)}
		}
	}
	return codes
}

func (p *Picker) communeOf(u int) string {
	switch at := p.level.communes[u]; {
	case p.Unit() == engine.UnitCommune:
		return p.city.communeCodes[u]
	case at >= 0:
		return p.city.communeCodes[at]
	}
	return ""
}

// ByPlace finds the unit of a point, placed as City.Locate places one: in the segment of the nearest address or of the nearest street, in the
// precinct and the commune that are told of that, and in the cell of the point. It is false where nothing is near.
func (p *Picker) ByPlace(lon, lat float64) (unit int, there bool) {
	located, near := p.city.Locate(p.contest, engine.Location{Lon: lon, Lat: lat})
	if !near {
		return 0, false
	}
	switch p.Unit() {
	case engine.UnitSegment:
		return p.At(located.Segment)
	case engine.UnitCell:
		return p.At(int64(geo.Cell(located.Cell).Parent(p.level.resolution)))
	case engine.UnitPrecinct:
		return p.At(located.Precinct)
	}
	segments := p.city.unitLevel(engine.UnitSegment, 0)
	segment, _ := segments.find(located.Segment) // Locate gives one that is there
	commune := segments.communes[segment]
	return int(commune), commune >= 0
}

// Rows gives the rows of some units, which the caller releases.
func (p *Picker) Rows(mem memory.Allocator, units []int) arrow.RecordBatch {
	builder := array.NewRecordBuilder(mem, p.schema)
	defer builder.Release()
	p.units = p.units[:0]
	for _, u := range units {
		p.units = append(p.units, int32(u))
	}
	p.fill(builder, p.units)
	return builder.NewRecordBatch()
}
