package datasets

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/arpent/arpent/engine"
)

// decoded is what a dataset makes of a file: a text per row, its values joined with |, geometries as WKT, absent values as ∅.
type decoded struct {
	rows   []string
	report engine.FileReport
	err    error
}

// decode reads a file with the content given. It fails the test if memory of Arrow is not given back.
func decode(t *testing.T, dataset, content string, spec engine.SourceSpec) decoded {
	t.Helper()
	path := filepath.Join(t.TempDir(), "published")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	got := decodeFile(t, dataset, path, spec)
	if got.err != nil {
		got.err = fmt.Errorf("%s", strings.ReplaceAll(got.err.Error(), path, "published"))
	}
	return got
}

func decodeFile(t *testing.T, dataset, path string, spec engine.SourceSpec) (got decoded) {
	t.Helper()
	allocator := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer allocator.AssertSize(t, 0)
	opened := open(t, dataset, path, spec)
	got.err = opened.Read(context.Background(), engine.Reading{
		Allocator: allocator,
		Report:    &got.report,
		Emit: func(b arrow.RecordBatch) error {
			if want := engine.RowSchema(opened.(*source).dataset.Kind); !b.Schema().Equal(want) {
				t.Errorf("a batch has the schema %v, want %v", b.Schema(), want)
			}
			for i := range int(b.NumRows()) {
				got.rows = append(got.rows, rowText(t, b, i))
			}
			return nil
		},
	})
	return got
}

func open(t testing.TB, dataset, path string, spec engine.SourceSpec) engine.Source {
	t.Helper()
	d, err := ByName(dataset)
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Open(path, spec)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rowText(t *testing.T, b arrow.RecordBatch, row int) string {
	t.Helper()
	var values []string
	for i, c := range b.Columns() {
		if c.IsNull(row) {
			if !b.Schema().Field(i).Nullable {
				t.Errorf("row %d: %s is absent", row, b.ColumnName(i))
			}
			values = append(values, "∅")
			continue
		}
		switch c := c.(type) {
		case *array.Binary:
			g, err := wkb.Unmarshal(c.Value(row))
			if err != nil {
				t.Fatalf("row %d: %v", row, err)
			}
			values = append(values, wkt.MarshalString(g))
		default:
			values = append(values, c.ValueStr(row))
		}
	}
	return strings.Join(values, "|")
}

// wantRows compares rows as texts.
func (d decoded) wantRows(t *testing.T, want ...string) {
	t.Helper()
	if d.err != nil {
		t.Fatal(d.err)
	}
	if got, want := strings.Join(d.rows, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("rows\n%s\nwant\n%s", got, want)
	}
}

// wantCounts compares counts of rows, as "line 3: no id", in the order in which they were first met.
func wantCounts(t *testing.T, what string, got []engine.RowCount, want ...string) {
	t.Helper()
	var texts []string
	for _, c := range got {
		lines := strings.Trim(strings.ReplaceAll(fmt.Sprint(c.Lines), " ", ", "), "[]")
		texts = append(texts, fmt.Sprintf("%s: %s", lines, c.Reason))
		if c.Count != int64(len(c.Lines)) && len(c.Lines) < 5 {
			t.Errorf("%s %q: count %d for lines %v", what, c.Reason, c.Count, c.Lines)
		}
	}
	if got, want := strings.Join(texts, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("%s\n%s\nwant\n%s", what, got, want)
	}
}

func (d decoded) wantError(t *testing.T, want string) {
	t.Helper()
	if d.err == nil {
		t.Fatalf("no error, want %q", want)
	}
	if d.err.Error() != want {
		t.Errorf("error\n%s\nwant\n%s", d.err, want)
	}
}

// packed is gzip.
func packed(t testing.TB, content []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
