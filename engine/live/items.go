package live

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// ItemQuery asks for units of a collection as rows.
type ItemQuery struct {
	Collection string // see Collections
	Resolution int    // of cells; 0 is DefaultResolution
	Query             // what the properties value, low, low50, high50, high and n are of

	Properties []string       // names as in City.Properties, with * for all choices; nil: the default ones
	Filter     *engine.Filter // units for which it is true; nil: all
	Bounds     []orb.Bound    // units whose geometry meets one of them; none: all
	SortBy     []SortKey      // then by id
	Bare       bool           // without geometry
	Sample     *Sample        // so many of the units that all else asks for; nil: all
	Tile       *geo.Tile      // units that are drawn in this tile, cells of the resolution of its zoom; then neither order nor resolution is asked for
}

// Sample takes units by chance: each as likely as another, the same for the same seed.
type Sample struct {
	Size int
	Seed uint64
}

// SortKey orders rows by a property; what is absent comes last.
type SortKey struct {
	Property   string
	Descending bool
}

// Items are the rows of a query. They are made for one caller: they are not safe for several goroutines.
type Items struct {
	city       *City
	collection Collection
	level      *level
	layer      *layer // nil without geometry
	division   string // of precincts: the only one that is asked for
	columns    []property
	estimates  []*estimates
	about      [][2]string
	schema     *arrow.Schema
	wanted     condition // nil: all
	keys       []sortReader
	sample     *Sample
	order      []int32 // sorted, once it is needed, or those of a tile; nil: all that asks says yes to, by id
	wkb        []byte
}

// batchRows is how many rows a batch has at most.
const batchRows = 8192

// Items gives the rows of a query. A name it does not know is a *QueryError, a *MeasureError or an *ItemError.
func (c *City) Items(q ItemQuery) (*Items, error) {
	if q.Tile != nil && q.Collection == "cells" {
		q.Resolution = CellResolution(int(q.Tile.Z))
	}
	of, level, layer, err := c.collection(q.Collection, q.Resolution)
	if err != nil {
		return nil, err
	}
	p, err := c.propertiesOf(of, level, q.Query)
	if err != nil {
		return nil, err
	}
	it := &Items{city: c, collection: of, level: level, layer: layer, about: c.about(p.asked.measure, p.asked.asked), sample: q.Sample}
	if it.columns, err = p.choose(q.Properties); err != nil {
		return nil, err
	}
	if it.keys, err = p.sortReaders(q.SortBy); err != nil {
		return nil, err
	}
	filter := q.Filter
	if len(q.Bounds) > 0 {
		if layer == nil {
			return nil, &ItemError{"bbox", of.Name + " have no geometry: leave it out"}
		}
		filter = both(filter, boundFilter(q.Bounds))
	}
	if it.wanted, err = (compiler{p, layer}).compile(filter); err != nil {
		return nil, err
	}
	for _, e := range p.estimates {
		if slices.ContainsFunc(it.columns, func(one property) bool { return one.estimate == e }) {
			it.estimates = append(it.estimates, e)
		}
	}
	if of.Unit == engine.UnitPrecinct {
		it.division = c.contests[p.contest].Division
	}
	it.schema = it.makeSchema(!q.Bare && layer != nil)
	if q.Tile != nil {
		return it, it.cut(*q.Tile)
	}
	return it, nil
}

// cut leaves the units that are drawn in a tile.
func (it *Items) cut(t geo.Tile) error {
	layer, err := it.city.layer(it.city.Layers(), it.collection.Layer, int(t.Z))
	if err != nil {
		return err
	}
	it.order = []int32{}
	if layer == nil {
		return nil // above the smallest zoom nothing is drawn
	}
	e := tileEncoders.Get().(*tileEncoder)
	defer tileEncoders.Put(e)
	for _, place := range it.city.drawn(layer, it.division, t, e).places {
		u := layer.units[place]
		if it.asks(int(u)) {
			it.order = append(it.order, u)
		}
	}
	slices.Sort(it.order)
	return nil
}

// boundFilter is the condition that a geometry meets one of some bounds.
func boundFilter(bounds []orb.Bound) *engine.Filter {
	any := &engine.Filter{Op: engine.FilterOr}
	for _, b := range bounds {
		any.Args = append(any.Args, &engine.Filter{Op: engine.FilterIntersect, Args: []*engine.Filter{
			{Op: engine.FilterProperty, Name: geometryProperty},
			{Op: engine.FilterLiteral, Value: engine.FilterValue{Type: engine.FilterGeometry, Geometry: b}},
		}})
	}
	return any
}

func both(a, b *engine.Filter) *engine.Filter {
	if a == nil {
		return b
	}
	return &engine.Filter{Op: engine.FilterAnd, Args: []*engine.Filter{b, a}}
}

// Unit is what a row is of.
func (it *Items) Unit() engine.Unit { return it.collection.Unit }

// At finds the position of a unit among rows in the order of their ids; false where it is not one of them.
func (it *Items) At(id int64) (position int, there bool) {
	u, known := it.level.find(id)
	return u, known && id != 0 && it.asks(u)
}

// Properties lists the columns but for the geometry.
func (it *Items) Properties() []Property {
	list := make([]Property, len(it.columns))
	for i, p := range it.columns {
		list[i] = p.Property
	}
	return list
}

// Schema is that of the batches: the properties, then the geometry, where it is asked for.
func (it *Items) Schema() *arrow.Schema { return it.schema }

func (it *Items) makeSchema(geometry bool) *arrow.Schema {
	var fields []arrow.Field
	for _, p := range it.columns {
		switch p.Type {
		case CellProperty:
			fields = append(fields, engine.CellField(p.Name))
		case WholeProperty:
			fields = append(fields, arrow.Field{Name: p.Name, Type: arrow.PrimitiveTypes.Int64, Nullable: p.Name != "id"})
		case NumberProperty:
			fields = append(fields, arrow.Field{Name: p.Name, Type: arrow.PrimitiveTypes.Float64, Nullable: true})
		case BooleanProperty:
			fields = append(fields, arrow.Field{Name: p.Name, Type: arrow.FixedWidthTypes.Boolean, Nullable: true})
		default:
			fields = append(fields, arrow.Field{Name: p.Name, Type: arrow.BinaryTypes.String, Nullable: true})
		}
	}
	if geometry {
		fields = append(fields, engine.GeometryField(geometryProperty))
	}
	keys, values := []string{"arpent:snapshot", "arpent:collection"}, []string{it.city.Snapshot(), it.collection.Name}
	for _, of := range it.about {
		keys, values = append(keys, "arpent:"+of[0]), append(values, of[1])
	}
	metadata := arrow.NewMetadata(keys, values)
	return arrow.NewSchema(fields, &metadata)
}

// About says what value is of, by the names of the parameters: contest, measure, and choice, against and since where the measure takes them.
func (it *Items) About() [][2]string { return it.about }

// about names what a question came to.
func (c *City) about(m Measure, asked question) [][2]string {
	contest := c.contests[asked.contest]
	list := [][2]string{{"contest", contest.ID}, {"measure", m.ID}}
	for _, parameter := range m.Parameters {
		switch parameter {
		case byChoice:
			list = append(list, [2]string{parameter, contest.Choices[asked.choice].ID})
		case byAgainst:
			list = append(list, [2]string{parameter, contest.Choices[asked.against].ID})
		case bySince:
			list = append(list, [2]string{parameter, c.contests[asked.since].ID})
		}
	}
	return list
}

// asks tells whether a unit is one of the rows.
func (it *Items) asks(u int) bool {
	if it.division != "" && it.layer.divisions[u] != it.division {
		return false
	}
	return it.wanted == nil || it.wanted(u) == yes
}

// askEvery is how many units are looked at before it is asked whether the caller is still there: a shape of 10,000 points takes a tenth of a second for
// one of them.
const askEvery = 1 << 4

// Count tells how many rows there are.
func (it *Items) Count(ctx context.Context) (int, error) {
	if err := it.sort(ctx); err != nil {
		return 0, err
	}
	if it.order != nil {
		return len(it.order), nil
	}
	count := 0
	for u := range it.level.ids {
		if u%askEvery == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if it.asks(u) {
			count++
		}
	}
	return count, nil
}

// Rows lists the units of all rows in their order, for Take.
func (it *Items) Rows(ctx context.Context) ([]int32, error) {
	if err := it.sort(ctx); err != nil {
		return nil, err
	}
	if it.order == nil {
		rows := []int32{}
		if _, err := it.walk(ctx, 0, 0, func(u int32) error { rows = append(rows, u); return nil }); err != nil {
			return nil, err
		}
		it.order = rows
	}
	return it.order, nil
}

// Take takes the rows that Rows has listed for the same query in the same snapshot, so that they are not looked for again. It keeps them, and
// changes nothing of them. Positions are then those in the list.
func (it *Items) Take(rows []int32) { it.order = rows }

// Skip tells how many rows Read gives with the same from and limit, and the position to go on from, or -1.
func (it *Items) Skip(ctx context.Context, from, limit int) (rows, next int, err error) {
	next, err = it.walk(ctx, from, limit, func(int32) error { rows++; return nil })
	return rows, next, err
}

// walk goes over the units of the rows from a position on.
func (it *Items) walk(ctx context.Context, from, limit int, each func(u int32) error) (next int, err error) {
	if err := it.sort(ctx); err != nil {
		return 0, err
	}
	end := len(it.level.ids)
	if it.order != nil {
		end = len(it.order)
	}
	rows := 0
	for at := max(from, 0); at < end; at++ {
		if at%askEvery == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		u := at
		if it.order != nil {
			u = int(it.order[at])
		} else if !it.asks(u) {
			continue
		}
		if limit > 0 && rows == limit {
			return at, nil
		}
		rows++
		if err := each(int32(u)); err != nil {
			return 0, err
		}
	}
	return -1, nil
}

// Read gives batches of the rows from a position on, at most limit rows; 0 is no limit. Each batch is released when each returns, and an error
// of each ends it. It returns the position to go on from, or -1 after the last row. Positions are those of this query in this snapshot;
// the first is 0.
func (it *Items) Read(ctx context.Context, from, limit int, mem memory.Allocator, each func(arrow.RecordBatch) error) (next int, err error) {
	builder := array.NewRecordBuilder(mem, it.schema)
	defer builder.Release()
	units := make([]int32, 0, batchRows)
	flush := func() error {
		if len(units) == 0 {
			return nil
		}
		it.fill(builder, units)
		units = units[:0]
		batch := builder.NewRecordBatch()
		defer batch.Release()
		return each(batch)
	}
	next, err = it.walk(ctx, from, limit, func(u int32) error {
		if units = append(units, u); len(units) < batchRows {
			return nil
		}
		return flush()
	})
	if err != nil {
		return 0, err
	}
	return next, flush()
}

// fill appends the rows of some units.
func (it *Items) fill(builder *array.RecordBuilder, units []int32) {
	for _, e := range it.estimates {
		e.fill(units)
	}
	for i := range it.columns {
		it.columns[i].fill(builder.Field(i), units)
	}
	if len(it.columns) == len(builder.Fields()) {
		return
	}
	shapes := builder.Field(len(it.columns)).(*array.BinaryBuilder)
	shapes.Reserve(len(units))
	for _, u := range units {
		if it.wkb = it.layer.appendWKB(it.wkb[:0], int(u)); len(it.wkb) == 0 {
			shapes.AppendNull()
			continue
		}
		shapes.Append(it.wkb)
	}
}

// fill appends the values of a property. Estimates of the units are filled before.
func (p *property) fill(to array.Builder, units []int32) {
	to.Reserve(len(units))
	switch column := to.(type) {
	case *array.Int64Builder:
		for i, u := range units {
			if v, known := p.wholeAt(i, int(u)); known {
				column.UnsafeAppend(v)
			} else {
				column.UnsafeAppendBoolToBitmap(false)
			}
		}
	case *array.Float64Builder:
		for i, u := range units {
			if v, known := p.numberAt(i, int(u)); known {
				column.UnsafeAppend(v)
			} else {
				column.UnsafeAppendBoolToBitmap(false)
			}
		}
	case *array.BooleanBuilder:
		for _, u := range units {
			if v, known := p.flag(int(u)); known {
				column.Append(v)
			} else {
				column.AppendNull()
			}
		}
	case *array.StringBuilder:
		for _, u := range units {
			if v, known := p.text(int(u)); known {
				column.Append(v)
			} else {
				column.AppendNull()
			}
		}
	}
}

func (p *property) wholeAt(i, u int) (int64, bool) {
	if p.estimate == nil {
		return p.whole(u)
	}
	return int64(p.bound.of(p.estimate.values[i])), p.estimate.known[i]
}

func (p *property) numberAt(i, u int) (float64, bool) {
	if p.estimate == nil {
		return p.number(u)
	}
	return p.bound.of(p.estimate.values[i]), p.estimate.known[i]
}

// sortReader reads what rows are ordered by: a number or a text.
type sortReader struct {
	property
	descending bool
}

func (p *properties) sortReaders(by []SortKey) ([]sortReader, error) {
	var list []sortReader
	for _, key := range by {
		found, err := p.find(key.Property)
		if err != nil {
			return nil, &ItemError{"sortby", err.Error()}
		}
		if found.number == nil && found.text == nil && found.whole == nil {
			return nil, &ItemError{"sortby", fmt.Sprintf("nothing is ordered by %s, which is true or false", key.Property)}
		}
		list = append(list, sortReader{found, key.Descending})
	}
	return list, nil
}

// sort orders the rows, once.
func (it *Items) sort(ctx context.Context) error {
	if it.keys == nil && it.sample == nil || it.order != nil {
		return nil
	}
	it.order = []int32{}
	for u := range it.level.ids {
		if u%askEvery == 0 && ctx.Err() != nil {
			it.order = nil
			return ctx.Err()
		}
		if it.asks(u) {
			it.order = append(it.order, int32(u))
		}
	}
	if it.sample != nil {
		it.order = it.sample.of(it.order)
	}
	if it.keys == nil {
		return nil
	}
	columns := make([]sortColumn, len(it.keys))
	for i, key := range it.keys {
		columns[i] = key.read(it.order)
	}
	ranks := make([]int32, len(it.order))
	for i := range ranks {
		ranks[i] = int32(i)
	}
	slices.SortFunc(ranks, func(a, b int32) int {
		for i := range columns {
			if order := columns[i].compare(a, b); order != 0 {
				return order
			}
		}
		return cmp.Compare(a, b)
	})
	sorted := make([]int32, len(ranks))
	for i, rank := range ranks {
		sorted[i] = it.order[rank]
	}
	it.order = sorted
	return nil
}

// of gives the sample of some units, in their order.
func (s *Sample) of(units []int32) []int32 {
	if s.Size >= len(units) {
		return units
	}
	dice := rand.New(rand.NewPCG(s.Seed, 0))
	for i := range s.Size { // the first steps of a shuffle
		j := i + dice.IntN(len(units)-i)
		units[i], units[j] = units[j], units[i]
	}
	chosen := units[:s.Size]
	slices.Sort(chosen)
	return chosen
}

// sortColumn has the values that rows are ordered by, by row.
type sortColumn struct {
	numbers    []float64
	texts      []string
	known      []bool
	descending bool
}

func (key sortReader) read(units []int32) sortColumn {
	c := sortColumn{known: make([]bool, len(units)), descending: key.descending}
	if key.text != nil {
		c.texts = make([]string, len(units))
		for i, u := range units {
			c.texts[i], c.known[i] = key.text(int(u))
		}
		return c
	}
	c.numbers = make([]float64, len(units))
	for i, u := range units {
		if key.number != nil {
			c.numbers[i], c.known[i] = key.number(int(u))
			continue
		}
		var whole int64
		whole, c.known[i] = key.whole(int(u))
		c.numbers[i] = float64(whole) // of at most 53 bits: cells are ordered by their text
	}
	return c
}

func (c *sortColumn) compare(a, b int32) int {
	if c.known[a] != c.known[b] {
		if c.known[a] {
			return -1
		}
		return 1
	}
	if !c.known[a] {
		return 0
	}
	var order int
	if c.texts != nil {
		order = strings.Compare(c.texts[a], c.texts[b])
	} else {
		order = cmp.Compare(c.numbers[a], c.numbers[b])
	}
	if c.descending {
		return -order
	}
	return order
}
