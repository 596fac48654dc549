package build

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// The village: Rue Haute runs from west to east, Rue Basse crosses it in the middle from south to north, 400 m each, so there are
// four segments of 200 m. Precinct 1 is the western half, precinct 2 the eastern half. Houses stand every 20 m, 10 m off
// the street, odd numbers on the left.
//
//	                Basse
//	 precinct 1       |      precinct 2
//	----------------- + ----------------- Haute
//	                  |
type village struct {
	streets, addresses, areas, results, censusAreas, census [][]any
}

// origin is the crossing, in Lambert-93.
var origin = orb.Point{400000, 6700000}

func degrees(x, y float64) orb.Point {
	lon, lat := geo.Lambert93.Inverse(origin[0]+x, origin[1]+y)
	return orb.Point{lon, lat}
}

func geometry(g orb.Geometry) []byte { return wkb.MustMarshal(g) }

func box(x0, y0, x1, y1 float64) []byte {
	return geometry(orb.Polygon{{degrees(x0, y0), degrees(x1, y0), degrees(x1, y1), degrees(x0, y1), degrees(x0, y0)}})
}

func makeVillage() village {
	var v village
	v.streets = [][]any{
		{int64(1), "1", "Rue Haute", "99001", geometry(orb.LineString{degrees(-200, 0), degrees(200, 0)})},
		{int64(2), "2", "Rue Basse", "99001", geometry(orb.LineString{degrees(0, -200), degrees(0, 200)})},
	}
	line := int64(0)
	house := func(street string, number int, x, y float64) {
		line++
		p := degrees(x, y)
		v.addresses = append(v.addresses, []any{line, fmt.Sprintf("99001_%s_%05d", street[4:], number), int32(number), "", street, "99001", "Village", p[0], p[1], nil})
	}
	for i := range 20 {
		along := -190 + 20*float64(i)
		house("Rue Haute", 2*i+1, along, 10)  // left of west to east is north
		house("Rue Haute", 2*i+2, along, -10) // right
		if i < 7 || i > 12 {                  // none near the crossing
			house("Rue Basse", 2*i+1, -10, along) // left of south to north is west
			house("Rue Basse", 2*i+2, 10, along)
		}
	}
	v.areas = [][]any{
		{int64(1), "99001", "1", "1", "", nil, box(-300, -300, 0, 300)},
		{int64(2), "99001", "2", "2", "", nil, box(0, -300, 300, 300)},
	}
	row := func(station, choice string, registered, voters, blank, null, votes int64) {
		v.results = append(v.results, []any{int64(len(v.results) + 2), "99001", station, station, "Municipales 2026", "2026-03-15", int32(1), registered, voters, blank, null, nil, choice, "Liste " + choice, nil, votes})
	}
	for _, c := range []struct {
		choice     string
		one, other int64
	}{{"jardins", 61, 20}, {"moulins", 40, 77}, {"ponts", 7, 0}} {
		row("1", c.choice, 150, 113, 3, 2, c.one)
		row("2", c.choice, 143, 100, 1, 0, c.other) // two voters too many: 100 - 1 - 97
	}
	v.censusAreas = [][]any{
		{int64(1), "990010101", "Ouest", "99001", "H", box(-300, -300, 0, 300)},
		{int64(2), "990010102", "Est", "99001", "H", box(0, -300, 300, 300)},
	}
	v.census = [][]any{
		{int64(2), "990010101", "pop15p", 200.0}, {int64(3), "990010102", "pop15p", 190.0},
		{int64(2), "990010101", "disp_med", nil}, {int64(4), "990010199", "pop15p", 10.0},
	}
	return v
}

// rowSource is a source that holds its rows.
type rowSource struct {
	kind  engine.Kind
	rows  [][]any
	batch int
}

func (s rowSource) Read(ctx context.Context, r engine.Reading) error {
	b := array.NewRecordBuilder(r.Allocator, engine.RowSchema(s.kind))
	defer b.Release()
	flush := func() error {
		batch := b.NewRecordBatch()
		defer batch.Release()
		return r.Emit(batch)
	}
	for i, row := range s.rows {
		r.Report.Rows++
		for j, value := range row {
			appendValue(b.Field(j), value)
		}
		if (i+1)%s.batch == 0 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func appendValue(b array.Builder, value any) {
	switch value := value.(type) {
	case nil:
		b.AppendNull()
	case int64:
		b.(*array.Int64Builder).Append(value)
	case int32:
		b.(*array.Int32Builder).Append(value)
	case float64:
		b.(*array.Float64Builder).Append(value)
	case string:
		b.(*array.StringBuilder).Append(value)
	case []byte:
		b.(*array.BinaryBuilder).Append(value)
	}
}

// spoiling overwrites what is released, as memory that is used again is.
type spoiling struct{ memory.Allocator }

func (s spoiling) Free(b []byte) {
	for i := range b {
		b[i] = 0xdd
	}
	s.Allocator.Free(b)
}

// options makes a build of the village in a workspace of its own. Rows come in batches of any size.
func (v village) options(t *testing.T, batch int) Options {
	t.Helper()
	dir := t.TempDir()
	o := Options{
		Place:      &engine.Place{ID: "village", Name: "Village", File: filepath.Join(dir, "village.yaml")},
		Workspace:  engine.Workspace{Dir: filepath.Join(dir, "ws")},
		Parameters: engine.DefaultParameters(),
		Allocator:  memory.NewCheckedAllocator(spoiling{memory.NewGoAllocator()}),
	}
	t.Cleanup(func() { o.Allocator.(*memory.CheckedAllocator).AssertSize(t, 0) })
	for i, in := range []struct {
		kind     engine.Kind
		dataset  string
		rows     [][]any
		division engine.Code
		contest  engine.Code
	}{
		{engine.KindStreets, "streets", v.streets, "", ""},
		{engine.KindAddresses, "addresses", v.addresses, "", ""},
		{engine.KindAreas, "areas", v.areas, "2026", ""},
		{engine.KindResults, "results", v.results, "2026", "2026_muni_t1"},
		{engine.KindCensusAreas, "census-areas", v.censusAreas, "", ""},
		{engine.KindCensus, "census", v.census, "", ""},
	} {
		path := filepath.Join(dir, in.dataset+".csv")
		if err := os.WriteFile(path, []byte(in.dataset), 0o644); err != nil {
			t.Fatal(err)
		}
		o.Inputs = append(o.Inputs, engine.Input{
			Spec: engine.SourceSpec{Dataset: in.dataset, Path: in.dataset + ".csv", Division: in.division, Contest: in.contest, Line: i + 3},
			Kind: in.kind, Crossings: in.kind == engine.KindStreets, Path: path, Source: rowSource{in.kind, in.rows, batch},
		})
	}
	return o
}

func (v village) shuffled(r *rand.Rand) village {
	for _, rows := range []*[][]any{&v.streets, &v.addresses, &v.areas, &v.results, &v.censusAreas, &v.census} {
		copied := append([][]any(nil), *rows...)
		r.Shuffle(len(copied), func(i, j int) { copied[i], copied[j] = copied[j], copied[i] })
		*rows = copied
	}
	return v
}

// mustRun builds and opens the snapshot.
func mustRun(t *testing.T, o Options) (*engine.Snapshot, *engine.Report) {
	t.Helper()
	result, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := o.Workspace.OpenCurrent()
	if err != nil {
		t.Fatal(err)
	}
	return s, result.Report
}
