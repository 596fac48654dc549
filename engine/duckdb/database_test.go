//go:build duckdb_arrow

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// village writes a snapshot with two segments, three addresses and the estimates of the two segments; the other tables are
// there and empty.
func village(t *testing.T, dir string) *engine.Snapshot {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, table := range engine.Tables() {
		w, err := engine.NewTableWriter(filepath.Join(dir, table.File()), table, memory.DefaultAllocator)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range villageRows[table.Name] {
			writeRow(t, w, table, row)
		}
		if _, err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	manifest := fmt.Sprintf(`{"id": "village", "format": %d}`, engine.SnapshotFormat)
	if err := os.WriteFile(filepath.Join(dir, engine.ManifestFile), []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := engine.OpenSnapshot(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A row has the columns of its table in order; a geometry stands for the geometry and its box.
var villageRows = map[string][][]any{
	"segments": {
		{1, "Rue de l'Élysée", "75108", 210.5, 1, 9, 2, 8, 2, 24.0, nil, orb.LineString{{2.316, 48.87}, {2.3165, 48.8725}}},
		{2, "Impasse", "75108", 40.25, nil, nil, nil, nil, 1, 12.0, nil, nil},
	},
	"addresses": {
		{"75108_3186_00001", 1, "", "RUE DE L'ELYSEE", "75108", 2.3161, 48.8701, 1, "left", 6.5, "name", 631243192026431999, 12.0, "census", "751083101"},
		{"75108_3186_00002", 2, "bis", "Rue de l'Élysée", "75108", 2.3162, 48.8702, 1, "right", 7.5, "name", 631243192026432511, 12.0, "census", nil},
		{"75108_9999_00001", 1, "", "Impasse", "75108", 2.317, 48.8703, 2, "left", 3.0, "nearest", 631243192026433023, 12.0, "census", nil},
	},
	"estimates": {
		{"segment", 1, "2017_pres_t1", "macron", 30, 21, 0.7, 0.6, 0.65, 0.75, 0.8, "published", "", 24, 27, 33, 37, false},
		{"segment", 1, "2017_pres_t1", "abstention", 30, 9, 0.3, 0.2, 0.25, 0.35, 0.4, "published", "", 24, 27, 33, 37, false},
		{"segment", 2, "2017_pres_t1", "macron", 9, 4, nil, nil, nil, nil, nil, "suppressed", "k", 5, 7, 11, 14, false},
	},
}

func writeRow(t *testing.T, w *engine.TableWriter, table engine.Table, row []any) {
	t.Helper()
	for i, value := range row {
		if name := table.Schema.Field(i).Name; name == table.Geometry && name != "" {
			geometry, _ := value.(orb.Geometry)
			if err := w.Geometry(geometry); err != nil {
				t.Fatal(err)
			}
			break
		}
		switch v := value.(type) {
		case nil:
			w.Null(i)
		case int:
			if table.Schema.Field(i).Type.ID() == arrow.INT32 {
				w.Int32(i, int32(v))
			} else {
				w.Int(i, int64(v))
			}
		case float64:
			w.Float(i, v)
		case string:
			w.Text(i, v)
		case bool:
			w.Bool(i, v)
		}
	}
	if err := w.EndRow(); err != nil {
		t.Fatal(err)
	}
}

func openVillage(t *testing.T) *DB {
	t.Helper()
	return openSnapshot(t, village(t, t.TempDir()))
}

func openSnapshot(t *testing.T, s *engine.Snapshot) *DB {
	t.Helper()
	db, err := OpenSnapshot(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// answer gives every row as text, its values separated by " | ", NULL where there is none.
func answer(t *testing.T, db *DB, query string) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	var lines []string
	for rows.Next() {
		for row := range rows.Len() {
			var values []string
			for column := range rows.Columns() {
				text, ok := rows.Text(column, row)
				if !ok {
					text = "NULL"
				}
				values = append(values, text)
			}
			lines = append(lines, strings.Join(values, " | "))
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return lines
}

func expect(t *testing.T, db *DB, query string, want ...string) {
	t.Helper()
	got := answer(t, db, query)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\ngives %q\nwant  %q", query, got, want)
	}
}

func TestEveryTableIsAView(t *testing.T) {
	db := openVillage(t)
	for _, table := range engine.Tables() {
		expect(t, db, fmt.Sprintf(`SELECT count(*) FROM "%s"`, table.Name), fmt.Sprint(len(villageRows[table.Name])))
		var names []string
		for _, f := range table.Schema.Fields() {
			names = append(names, f.Name)
		}
		expect(t, db, fmt.Sprintf(`SELECT column_name FROM (DESCRIBE "%s")`, table.Name), names...)
	}
}

// The questions of an analyst who checks a snapshot against the published files.
func TestQuestionsOfAnAnalyst(t *testing.T) {
	db := openVillage(t)
	expect(t, db, "select count(*) n, sum(length_m)/1000 km from segments", "2 | 0.25075")
	expect(t, db, "select count(*) n, count(distinct address_id) d, count(case when segment_id>0 then 1 end) seg from addresses", "3 | 3 | 3")
	expect(t, db, `select avg(case when lower(strip_accents(a.street))=lower(strip_accents(s.street)) then 1.0 else 0 end) x
		from addresses a join segments s using (segment_id)`, "1")
	expect(t, db, "select sum(votes) v from estimates where unit='segment' and contest='2017_pres_t1'", "34")
	expect(t, db, "select (cell >> 52) & 15 r, count(*) n from addresses group by 1 order by 1", "12 | 3")
	expect(t, db, "select count(*) n from estimates where votes<>round(votes) or votes<0", "0")
	expect(t, db, "select sum(votes) from estimates where false", "NULL")
	expect(t, db, "select choice, votes from estimates order by votes desc; select 'the last one counts'", "the last one counts")
}

func TestGeometryIsWKT(t *testing.T) {
	db := openVillage(t)
	expect(t, db, "SELECT segment_id, geometry FROM segments ORDER BY 1",
		"1 | LINESTRING(2.316 48.87,2.3165 48.8725)", "2 | NULL")
	expect(t, db, "SELECT typeof(geometry) FROM segments LIMIT 1", "GEOMETRY('OGC:CRS84')")
	expect(t, db, "SELECT bbox FROM segments ORDER BY segment_id",
		`{"xmin":2.316,"ymin":48.87,"xmax":2.3165,"ymax":48.8725}`, "NULL")
	expect(t, db, "SELECT count(*) FROM segments WHERE bbox.xmin < 2.3164", "1")
}

// A path may hold what is special in SQL or in a file pattern.
func TestPathIsTakenAsItIs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `d'été [1] x`)
	expect(t, openSnapshot(t, village(t, dir)), "SELECT count(*) FROM addresses", "3")
}

func TestErrorsAreOneSentence(t *testing.T) {
	db := openVillage(t)
	for _, c := range []struct{ query, want string }{
		{"", "the query is empty"},
		{" ;\n", "the query is empty"},
		{"selec 1", `syntax error at or near "selec"`},
		{"select\nnope\nfrom segments", `"nope" not found`},
		{"select * from streets", "streets"},
		{"select error('at row ' || segment_id) from segments", "at row 1"},
		{"select 1.0 / x from (select 'a'::int x)", "Could not convert"},
		{"select st_distance(geometry, geometry) from segments", "not in the catalog"},
	} {
		rows, err := db.Query(t.Context(), c.query)
		if err == nil {
			t.Errorf("%q: no error", c.query)
			rows.Close()
			continue
		}
		if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "LINE 1") {
			t.Errorf("%q: %q, want one line with %q", c.query, err, c.want)
		}
	}
}

func TestQueryStopsWithItsContext(t *testing.T) {
	db := openVillage(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := db.Query(ctx, "SELECT sum(sqrt(a.range + b.range)) FROM range(1000000) a, range(1000000) b")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
	expect(t, db, "SELECT count(*) FROM segments", "2")
}

func TestDamagedTableIsNamed(t *testing.T) {
	s := village(t, t.TempDir())
	if err := os.WriteFile(filepath.Join(s.Dir, "votes.parquet"), []byte("PAR1 not really PAR1"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSnapshot(t.Context(), s); err == nil || !strings.Contains(err.Error(), "table votes of snapshot village") {
		t.Errorf("got %v, want an error that names the table votes", err)
	}
}
