package build

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/engine"
)

// A snapshot in which one number was changed is found out, and the place is named, even where the manifest was changed with it.
func TestCheckFindsOneChangedNumber(t *testing.T) {
	for _, c := range []struct {
		table  engine.Table
		column string
		row    int
		want   string
	}{
		{engine.Votes, "votes", 3, "precinct "},
		{engine.Results, "votes", 4, "precinct 1, contest 2026_muni_t1"},
		{engine.Estimates, "votes", 0, "cell 83"},
		{engine.Estimates, "registered", 40, "registered in estimates"},
		{engine.Estimates, "registered_low90", 0, "the interval of registered is out of order"},
		{engine.Segments, "addresses", 1, "addresses, "},
		{engine.Segments, "households", 2, "(Rue "},
		{engine.Atoms, "households", 2, "households, its addresses have"},
		{engine.Addresses, "households", 9, "households, its addresses have"},
		{engine.Addresses, "segment_id", 9, "which is not in segments"},
		{engine.Placements, "part", 11, "add up to"},
		{engine.Plan, "unit_id", 0, "plan: cell 59"},
	} {
		t.Run(c.table.Name+" "+c.column, func(t *testing.T) {
			s, _ := mustRun(t, makeVillage().options(t, 50))
			change(t, s, c.table, c.column, c.row)
			checked, err := Check(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(checked.Differences, "\n")
			if !strings.Contains(all, c.table.File()+": the file is not the one the manifest describes") {
				t.Errorf("the changed file is not named in:\n%s", all)
			}
			if !strings.Contains(all, c.want) {
				t.Errorf("nothing says %q in:\n%s", c.want, all)
			}
		})
	}
}

func TestCheckFindsAMissingRow(t *testing.T) {
	s, _ := mustRun(t, makeVillage().options(t, 50))
	rewrite(t, s, engine.Estimates, func(row int) bool { return row != 17 }, nil)
	checked, err := Check(t.Context(), s)
	if err != nil || !strings.Contains(strings.Join(checked.Differences, "\n"), "where its atoms make") {
		t.Errorf("%v, %v", checked.Differences, err)
	}
}

func TestCheckFindsATooSmallUnitPublished(t *testing.T) {
	o := makeVillage().options(t, 50)
	o.Parameters.K = 70 // cells have fewer than 70 households
	s, _ := mustRun(t, o)
	found := false
	rewriteText(t, s, engine.Estimates, "state", func(state string) string {
		if state == string(engine.Suppressed) {
			found = true
			return string(engine.Published)
		}
		return state
	})
	if !found {
		t.Fatal("nothing was suppressed")
	}
	checked, err := Check(t.Context(), s)
	if err != nil || !strings.Contains(strings.Join(checked.Differences, "\n"), "fewer than 70") {
		t.Errorf("%v, %v", checked.Differences, err)
	}
}

// What cannot be read is a difference beside those of the other tables.
func TestCheckOfDamagedTables(t *testing.T) {
	t.Run("votes cannot be read", func(t *testing.T) {
		s, _ := mustRun(t, makeVillage().options(t, 50))
		change(t, s, engine.Segments, "addresses", 1)
		if err := os.Truncate(filepath.Join(s.Dir, engine.Votes.File()), 100); err != nil {
			t.Fatal(err)
		}
		mustDiffer(t, s, "votes.parquet: the file is not", "addresses, ", "table votes: ", "are not compared")
	})
	t.Run("segments out of order", func(t *testing.T) {
		s, _ := mustRun(t, makeVillage().options(t, 50))
		const highest = 1<<63 - 1
		rewrite(t, s, engine.Segments, nil, func(w *engine.TableWriter, _ engine.Rows, field, _, row int) bool {
			if row != 0 || engine.Segments.Schema.Field(field).Name != "segment_id" {
				return false
			}
			w.Int(field, highest)
			return true
		})
		mustDiffer(t, s, "out of order", "is not where the order of the ids has it")
	})
	t.Run("no atoms", func(t *testing.T) {
		s, _ := mustRun(t, makeVillage().options(t, 50))
		rewrite(t, s, engine.Atoms, func(int) bool { return false }, nil)
		mustDiffer(t, s, "atoms.parquet: the file is not", "make no atom", "is not in atoms")
	})
	t.Run("stopped", func(t *testing.T) {
		s, _ := mustRun(t, makeVillage().options(t, 50))
		change(t, s, engine.Votes, "votes", 1)
		stopped, stop := context.WithCancel(t.Context())
		stop()
		if checked, err := Check(stopped, s); !errors.Is(err, context.Canceled) || len(checked.Differences) != 1 {
			t.Errorf("%v, %v", checked.Differences, err)
		}
	})
}

func mustDiffer(t *testing.T, s *engine.Snapshot, wants ...string) {
	t.Helper()
	checked, err := Check(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(checked.Differences, "\n")
	for _, want := range wants {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q in:\n%s", want, all)
		}
	}
}

// A snapshot that was damaged on the disk is replaced by building the place again.
func TestABuildRepairsADamagedSnapshot(t *testing.T) {
	flip := func(path string) error {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		content[len(content)/2] ^= 1
		return os.WriteFile(path, content, 0o644)
	}
	for name, damage := range map[string]func(dir string) error{
		"one byte of a table":    func(dir string) error { return flip(filepath.Join(dir, engine.Votes.File())) },
		"one byte of the report": func(dir string) error { return flip(filepath.Join(dir, engine.ReportFile)) },
		"a table missing":        func(dir string) error { return os.Remove(filepath.Join(dir, engine.Votes.File())) },
		"manifest missing":       func(dir string) error { return os.Remove(filepath.Join(dir, engine.ManifestFile)) },
		"half a manifest":        func(dir string) error { return os.Truncate(filepath.Join(dir, engine.ManifestFile), 300) },
		"another name in the manifest": func(dir string) error {
			path := filepath.Join(dir, engine.ManifestFile)
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, bytes.Replace(content, []byte(`"name": "`), []byte(`"name": "X`), 1), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := makeVillage().options(t, 50)
			s, _ := mustRun(t, o)
			if again, err := Run(t.Context(), o); err != nil || again.Fresh {
				t.Fatalf("a whole snapshot was replaced, or %v", err)
			}
			if err := damage(s.Dir); err != nil {
				t.Fatal(err)
			}
			again, err := Run(t.Context(), o)
			if err != nil || !again.Fresh || again.ID != s.Manifest.ID {
				t.Fatalf("%+v, %v", again, err)
			}
			if s, err = o.Workspace.OpenCurrent(); err != nil {
				t.Fatal(err)
			}
			if checked, err := Check(t.Context(), s); err != nil || len(checked.Differences) > 0 {
				t.Errorf("%v, %v", checked.Differences, err)
			}
			left, err := filepath.Glob(filepath.Join(filepath.Dir(s.Dir), ".[br]*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left are %v, %v", left, err)
			}
		})
	}
}

// change adds one to a number of a table.
func change(t *testing.T, s *engine.Snapshot, table engine.Table, column string, row int) {
	t.Helper()
	at := table.Schema.FieldIndices(column)[0]
	rewrite(t, s, table, nil, func(w *engine.TableWriter, r engine.Rows, field, i, n int) bool {
		if field != at || n != row {
			return false
		}
		switch table.Schema.Field(field).Type.Name() {
		case "int64":
			w.Int(field, r.Ints(column).Value(i)+1)
		case "int32":
			w.Int32(field, r.Int32s(column).Value(i)+1)
		default:
			w.Float(field, r.Floats(column).Value(i)+1)
		}
		return true
	})
}

func rewriteText(t *testing.T, s *engine.Snapshot, table engine.Table, column string, f func(string) string) {
	t.Helper()
	at := table.Schema.FieldIndices(column)[0]
	rewrite(t, s, table, nil, func(w *engine.TableWriter, r engine.Rows, field, i, _ int) bool {
		if field != at {
			return false
		}
		w.Text(field, f(r.Texts(column).Value(i)))
		return true
	})
}

// rewrite copies a table with some rows left out or some values written by the caller.
func rewrite(t *testing.T, s *engine.Snapshot, table engine.Table, keep func(row int) bool, write func(w *engine.TableWriter, r engine.Rows, field, i, row int) bool) {
	t.Helper()
	path := filepath.Join(s.Dir, table.File())
	w, err := engine.NewTableWriter(path+".new", table, memory.NewGoAllocator())
	if err != nil {
		t.Fatal(err)
	}
	n := -1
	err = s.ReadTable(t.Context(), table, memory.NewGoAllocator(), func(r engine.Rows) error {
		for i := range r.Len() {
			n++
			if keep != nil && !keep(n) {
				continue
			}
			for field, f := range table.Schema.Fields() {
				if f.Name == "bbox" || write != nil && write(w, r, field, i, n) {
					continue
				}
				if err := copyValue(w, r, f.Name, field, i); err != nil {
					return err
				}
			}
			if err := w.EndRow(); err != nil {
				return err
			}
		}
		return nil
	})
	_, closeErr := w.Close()
	if err := errors.Join(err, closeErr, os.Rename(path+".new", path)); err != nil {
		t.Fatal(err)
	}
}

func copyValue(w *engine.TableWriter, r engine.Rows, name string, field, i int) error {
	switch column := r.Column(name).(type) {
	case *array.Binary:
		if column.IsNull(i) {
			return w.Geometry(nil)
		}
		g, err := wkb.Unmarshal(column.Value(i))
		if err != nil {
			return err
		}
		return w.Geometry(g)
	case *array.Int64:
		if column.IsNull(i) {
			w.Null(field)
		} else {
			w.Int(field, column.Value(i))
		}
	case *array.Int32:
		if column.IsNull(i) {
			w.Null(field)
		} else {
			w.Int32(field, column.Value(i))
		}
	case *array.Float64:
		if column.IsNull(i) {
			w.Null(field)
		} else {
			w.Float(field, column.Value(i))
		}
	case *array.Boolean:
		w.Bool(field, column.Value(i))
	case *array.String, *array.Dictionary:
		if column.IsNull(i) {
			w.Null(field)
		} else {
			w.Text(field, r.Texts(name).Value(i))
		}
	}
	return nil
}
