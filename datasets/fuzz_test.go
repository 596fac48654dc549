package datasets

import (
	"bytes"
	"context"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// fuzz decodes whatever bytes: no panic, no memory kept, rows of the schema with text in UTF-8 and places on Earth, and a report
// that adds up.
func fuzz(f *testing.F, name string, seeds ...string) {
	fuzzSpec(f, name, engine.SourceSpec{}, seeds...)
}

// fuzzSpec is fuzz with a line of a place file.
func fuzzSpec(f *testing.F, name string, spec engine.SourceSpec, seeds ...string) {
	dataset, err := ByName(name)
	if err != nil {
		f.Fatal(err)
	}
	dataset.Kind = dataset.KindOf(spec)
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := format.NewFile("x", bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		allocator := memory.NewCheckedAllocator(memory.DefaultAllocator)
		defer allocator.AssertSize(t, 0)
		report := &engine.FileReport{}
		lines := map[int64]bool{}
		s := &source{dataset: dataset, spec: spec, path: "x"}
		err = s.readFile(context.Background(), engine.Reading{Allocator: allocator, Report: report, Emit: func(b arrow.RecordBatch) error {
			checkBatch(t, b, dataset.Kind, lines)
			return nil
		}}, file)
		if report.Rejected > report.Rows || err == nil && int64(len(lines)) > report.Rows-report.Rejected {
			t.Errorf("%d rows, %d rejected, %d emitted", report.Rows, report.Rejected, len(lines))
		}
	})
}

func checkBatch(t *testing.T, b arrow.RecordBatch, kind engine.Kind, lines map[int64]bool) {
	if !b.Schema().Equal(engine.RowSchema(kind)) {
		t.Fatalf("the schema is %v", b.Schema())
	}
	for i, c := range b.Columns() {
		if c.NullN() > 0 && !b.Schema().Field(i).Nullable {
			t.Errorf("%s is absent %d times", b.ColumnName(i), c.NullN())
		}
		for row := range c.Len() {
			switch c := c.(type) {
			case *array.String:
				if !utf8.ValidString(c.Value(row)) {
					t.Errorf("%s is %q, which is not UTF-8", b.ColumnName(i), c.Value(row))
				}
			case *array.Binary:
				if c.IsValid(row) {
					checkShape(t, c.Value(row))
				}
			case *array.Int64:
				if c.IsValid(row) && c.Value(row) < 0 {
					t.Errorf("%s is %d", b.ColumnName(i), c.Value(row))
				}
				if b.ColumnName(i) == "line" {
					lines[c.Value(row)] = true
				}
			}
		}
	}
}

func checkShape(t *testing.T, shape []byte) {
	g, err := wkb.Unmarshal(shape)
	if err != nil {
		t.Fatal(err)
	}
	for _, corner := range []orb.Point{g.Bound().Min, g.Bound().Max} {
		if geo.LooksProjected(corner[0], corner[1]) {
			t.Errorf("%v is not in degrees", corner)
		}
	}
}
