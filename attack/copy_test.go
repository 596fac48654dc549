package attack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// tableRow is a row of a table, by the names of the columns: int64, int32, float64, string, bool, []byte, or nil where it is absent.
type tableRow map[string]any

func (r tableRow) unit() unit { return unit{engine.Unit(r["unit"].(string)), r["unit_id"].(int64)} }

// copied copies a snapshot under another id, with the rows of some tables changed.
func copied(t *testing.T, s *engine.Snapshot, id string, change map[string]func(tableRow)) *engine.Snapshot {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.Dir)); err != nil {
		t.Fatal(err)
	}
	for _, table := range engine.Tables() {
		if change[table.Name] == nil {
			continue
		}
		path := filepath.Join(dir, table.File())
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		out, err := engine.NewTableWriter(path, table, memory.NewGoAllocator())
		if err != nil {
			t.Fatal(err)
		}
		err = s.ReadTable(t.Context(), table, memory.NewGoAllocator(), func(rows engine.Rows) error {
			for i := range rows.Len() {
				row := readRow(rows, table, i)
				change[table.Name](row)
				if err := writeRow(out, table, row); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Close(); err != nil {
			t.Fatal(err)
		}
	}
	made, err := engine.OpenSnapshot(dir)
	if err != nil {
		t.Fatal(err)
	}
	made.Manifest.ID = id
	return made
}

func readRow(rows engine.Rows, table engine.Table, i int) tableRow {
	row := tableRow{}
	for _, f := range table.Schema.Fields() {
		column := rows.Column(f.Name)
		if column.IsNull(i) {
			continue
		}
		switch column := column.(type) {
		case *array.Int64:
			row[f.Name] = column.Value(i)
		case *array.Int32:
			row[f.Name] = column.Value(i)
		case *array.Float64:
			row[f.Name] = column.Value(i)
		case *array.Boolean:
			row[f.Name] = column.Value(i)
		case *array.String, *array.Dictionary:
			row[f.Name] = strings.Clone(rows.Texts(f.Name).Value(i))
		case *array.Binary:
			row[f.Name] = append([]byte{}, column.Value(i)...)
		}
	}
	return row
}

func writeRow(out *engine.TableWriter, table engine.Table, row tableRow) error {
	for i, f := range table.Schema.Fields() {
		switch value := row[f.Name].(type) {
		case nil:
			if f.Name != table.Geometry && f.Name != "bbox" {
				out.Null(i)
			}
		case int64:
			out.Int(i, value)
		case int32:
			out.Int32(i, value)
		case float64:
			out.Float(i, value)
		case bool:
			out.Bool(i, value)
		case string:
			out.Text(i, value)
		case []byte:
			shape, err := wkb.Unmarshal(value)
			if err != nil {
				return err
			}
			if err := out.Geometry(shape); err != nil {
				return err
			}
		}
	}
	return out.EndRow()
}

// replanned copies a snapshot with other states.
func replanned(t *testing.T, s *engine.Snapshot, states map[unit]engine.State) *engine.Snapshot {
	t.Helper()
	return copied(t, s, "replanned", map[string]func(tableRow){engine.Estimates.Name: func(row tableRow) {
		if state, changed := states[row.unit()]; changed {
			row["state"], row["reason"] = string(state), ""
			if state == engine.Suppressed {
				row["reason"] = string(engine.ReasonComplement)
			}
		}
	}})
}

func open(t *testing.T, s *engine.Snapshot) api.City {
	t.Helper()
	city, err := live.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return city
}
