package main

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/build"
	"github.com/arpent/arpent/engine/duckdb"
)

// publishedData is a folder of the published files: paris, validation.
func publishedData(t *testing.T, folder string) string {
	t.Helper()
	root := os.Getenv("ARPENT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir, err := filepath.Abs(filepath.Join(root, folder))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("published files are not there (%v): set ARPENT_DATA to a folder that has them under %s/, with the names that examples and tests give them", err, folder)
	}
	return dir
}

// TestParis builds Paris from the published files and compares with the files themselves, read once more without Arpent's decoders.
func TestParis(t *testing.T) {
	data := publishedData(t, "paris")
	p := &program{workspace: filepath.Join(t.TempDir(), "ws"), stderr: io.Discard}
	place := filepath.Join("..", "..", "examples", "paris.yaml")
	result, err := p.build(t.Context(), place, buildOptions{data: data})
	if err != nil {
		t.Fatal(err)
	}
	s, db := openCurrent(t, p)

	t.Run("segments", func(t *testing.T) {
		n := number(t, db, "select count(*) from segments")
		km := number(t, db, "select sum(length_m) / 1000 from segments")
		if n < 24570*0.99 || n > 24570*1.01 || km < 1967.5*0.999 || km > 1967.5*1.001 {
			t.Errorf("%g segments of %g km in all, want 24,570 and 1,967.5", n, km)
		}
	})
	t.Run("addresses", func(t *testing.T) {
		for query, want := range map[string]float64{
			"select count(*) from addresses":                                                                         158048,
			"select count(*) from addresses join segments using (segment_id)":                                        158048,
			"select count(distinct address_id) from placements join precincts using (precinct_id)":                   158048,
			"select count(*) from placements where placed_by = 'nearest' and off_m > 0":                              2015,
			"select count(*) from placements where placed_by = 'area' and off_m = 0 and part = 1":                    158048 - 2015,
			"select count(*) from addresses where segment_by not in ('name', 'nearest') or not (segment_off_m >= 0)": 0,
		} {
			if got := number(t, db, query); got != want {
				t.Errorf("%s: %g, want %g", query, got, want)
			}
		}
		named := number(t, db, "select avg((lower(strip_accents(a.street)) = lower(strip_accents(s.street)))::int) from addresses a join segments s using (segment_id)")
		if named < 0.95 {
			t.Errorf("%.1f %% of the addresses are on a segment of their own street's name, want 95 %%", 100*named)
		}
	})
	t.Run("addresses by area", func(t *testing.T) {
		got := counts(t, db, "select b.code, count(*) from placements join precincts b using (precinct_id) where placed_by = 'area' group by 1")
		if want := addressesByArea(t, data); !maps.Equal(got, want) {
			t.Errorf("%d areas, a count point by point gives %d: %v", len(got), len(want), firstDifference(got, want))
		}
	})
	t.Run("official results", func(t *testing.T) {
		registered, votes := parisResults(t, data)
		if got := counts(t, db, "select b.code, sum(votes)::bigint from results join precincts b using (precinct_id) group by 1"); !maps.Equal(got, registered) {
			t.Errorf("registered voters: %s", firstDifference(got, registered))
		}
		candidates := counts(t, db, `select b.code, sum(votes)::bigint from results join precincts b using (precinct_id)
			where choice not in ('abstention', 'blank', 'null', 'blank_null', 'not_expressed', 'unreconciled') group by 1`)
		if !maps.Equal(candidates, votes) {
			t.Errorf("candidates' votes: %s", firstDifference(candidates, votes))
		}
		for _, atoms := range []string{
			"select b.code, sum(v.votes)::bigint from votes v join atoms using (atom_id) join precincts b using (precinct_id) where segment_id > 0 group by 1",
			"select b.code, sum(v.votes)::bigint from votes v join atoms using (atom_id) join precincts b using (precinct_id) where cell > 0 group by 1",
		} {
			if got := counts(t, db, atoms); !maps.Equal(got, registered) {
				t.Errorf("%s: %s", atoms, firstDifference(got, registered))
			}
		}
		if n := number(t, db, "select count(*) from estimates where votes < 0 or registered < 0"); n != 0 {
			t.Errorf("%g negative numbers", n)
		}
	})
	t.Run("constituencies and the department are sums of official results", func(t *testing.T) {
		want := constituencyResults(t, data)
		got := counts(t, db, `select d.code || ' ' || choice, sum(votes)::bigint from results join district_precincts using (precinct_id) join districts d using (district_id)
			where d.set = 'constituency' and choice not in ('abstention', 'blank', 'null', 'unreconciled') group by 1`)
		if !maps.Equal(got, want) || len(want) != 18*11 {
			t.Errorf("%d votes by constituency and candidate: %s", len(want), firstDifference(got, want))
		}
		if n := number(t, db, "select count(*) from district_precincts join districts using (district_id) where code = '75' and name = 'Paris'"); n != 896 {
			t.Errorf("%g precincts are in the department of Paris", n)
		}
	})
	t.Run("the five stations", func(t *testing.T) {
		want := map[string]int64{"13-34": 3, "12-63": 10, "12-62": -7, "13-21": -8, "12-8": -30}
		got := map[string]int64{}
		for _, d := range result.Report.Contests[0].Disagree {
			got[d.Precinct] = d.Difference
		}
		if !maps.Equal(got, want) {
			t.Errorf("disagreements %v, want %v", got, want)
		}
		unreconciled := counts(t, db, "select b.code, votes from results join precincts b using (precinct_id) where choice = 'unreconciled'")
		if !maps.Equal(unreconciled, map[string]int64{"13-34": 3, "12-63": 10}) {
			t.Errorf("unreconciled %v", unreconciled)
		}
	})
	t.Run("results join all areas", func(t *testing.T) {
		if c := result.Report.Contests[0]; c.Matched != 896 || c.Precincts != 896 || len(c.NoResult) != 0 {
			t.Errorf("%d of %d precincts matched, %d areas without a result", c.Matched, c.Precincts, len(c.NoResult))
		}
	})
	t.Run("check", func(t *testing.T) {
		checked, err := build.Check(t.Context(), s)
		if err != nil || len(checked.Differences) > 0 || checked.Sums < 1e6 {
			t.Errorf("%d sums, %v, %v", checked.Sums, checked.Differences, err)
		}
	})
	t.Run("short segments join, so that little is suppressed", func(t *testing.T) {
		r := published(t, result.Report, engine.UnitSegment)
		if all := r.Published + r.K + r.Complement + r.Empty + r.Joined; all != result.Report.Placing.Segments || r.Joined < 3000 {
			t.Errorf("%+v are not %d segments", r, result.Report.Placing.Segments)
		}
		if share := r.HouseholdsPublished / (r.HouseholdsPublished + r.HouseholdsK + r.HouseholdsComplement); share < 0.95 {
			t.Errorf("%.1f %% of the households are published by street: %+v", 100*share, r)
		}
	})
	t.Run("tiles", func(t *testing.T) { checkTiles(t, p.space(), result.Report) })
	t.Run("same bytes in another process on one processor", func(t *testing.T) {
		again := buildElsewhere(t, place, data)
		if again.Manifest.ID != s.Manifest.ID || !slices.Equal(again.Manifest.Tables, s.Manifest.Tables) || again.Manifest.Report != s.Manifest.Report {
			t.Errorf("snapshot %s with %v, want %s with %v", again.Manifest.ID, again.Manifest.Tables, s.Manifest.ID, s.Manifest.Tables)
		}
	})
}

// buildElsewhere builds in a process of its own with GOMAXPROCS=1.
func buildElsewhere(t *testing.T, place, data string) *engine.Snapshot {
	t.Helper()
	absolute, err := filepath.Abs(place)
	if err != nil {
		t.Fatal(err)
	}
	ws := filepath.Join(t.TempDir(), "ws")
	again := exec.CommandContext(t.Context(), "arpent", "build", absolute, "--data", data, "--workspace", ws) // TestMain put it on the PATH
	again.Env = append(os.Environ(), "GOMAXPROCS=1")
	if out, err := again.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s, err := engine.Workspace{Dir: ws}.OpenCurrent()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// openCurrent opens what a test has built, for SQL too.
func openCurrent(t *testing.T, p *program) (*engine.Snapshot, *duckdb.DB) {
	t.Helper()
	s, err := p.space().OpenCurrent()
	if err != nil {
		t.Fatal(err)
	}
	db, err := duckdb.OpenSnapshot(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, db
}

func query(t *testing.T, db *duckdb.DB, sql string) [][]string {
	t.Helper()
	rows, err := db.Query(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all [][]string
	for rows.Next() {
		for i := range rows.Len() {
			row := make([]string, len(rows.Columns()))
			for c := range row {
				row[c], _ = rows.Text(c, i)
			}
			all = append(all, row)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func number(t *testing.T, db *duckdb.DB, sql string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(query(t, db, sql)[0][0], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func counts(t *testing.T, db *duckdb.DB, sql string) map[string]int64 {
	t.Helper()
	m := map[string]int64{}
	for _, row := range query(t, db, sql) {
		n, err := strconv.ParseInt(row[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		m[row[0]] = n
	}
	return m
}

func firstDifference(got, want map[string]int64) string {
	keys := slices.Sorted(maps.Keys(want))
	for _, k := range append(keys, slices.Sorted(maps.Keys(got))...) {
		if got[k] != want[k] {
			return fmt.Sprintf("%s has %d, want %d", k, got[k], want[k])
		}
	}
	return "none"
}

// addressesByArea counts the addresses in each area, each ring's edges crossed by a ray to the east, in longitude and latitude.
func addressesByArea(t *testing.T, data string) map[string]int64 {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(data, "secteurs-des-bureaux-de-vote_2017.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	var areas struct {
		Features []struct {
			Geometry   struct{ Coordinates [][][2]float64 }
			Properties struct {
				Code string `json:"id_bv"`
			}
		}
	}
	if err := json.Unmarshal(content, &areas); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(data, "adresses-75.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	south, north := make([]float64, len(areas.Features)), make([]float64, len(areas.Features))
	for i, area := range areas.Features {
		south[i], north[i] = math.Inf(1), math.Inf(-1)
		for _, p := range area.Geometry.Coordinates[0] {
			south[i], north[i] = min(south[i], p[1]), max(north[i], p[1])
		}
	}
	counts := map[string]int64{}
	eachRow(t, unpacked, ';', func(row func(string) string) {
		lon, lat := parse(t, row("lon")), parse(t, row("lat"))
		for i, area := range areas.Features {
			if lat < south[i] || lat > north[i] {
				continue
			}
			inside := false
			for _, ring := range area.Geometry.Coordinates {
				for i := 1; i < len(ring); i++ {
					a, b := ring[i-1], ring[i]
					if (a[1] > lat) != (b[1] > lat) && lon < (b[0]-a[0])*(lat-a[1])/(b[1]-a[1])+a[0] {
						inside = !inside
					}
				}
			}
			if inside {
				counts[area.Properties.Code]++
			}
		}
	})
	return counts
}

// parisResults reads the registered voters and the candidates' votes of each station.
func parisResults(t *testing.T, data string) (registered, votes map[string]int64) {
	t.Helper()
	file, err := os.Open(filepath.Join(data, "results", "elections-presidentielles-2017-1ertour.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	registered, votes = map[string]int64{}, map[string]int64{}
	eachRow(t, file, ',', func(row func(string) string) {
		code := row("num_arrond") + "-" + row("num_bureau")
		registered[code] = int64(parse(t, row("nb_inscr")))
		votes[code] += int64(parse(t, row("votes")))
	})
	return registered, votes
}

// constituencyResults gives the votes by constituency and candidate, straight from the file.
func constituencyResults(t *testing.T, data string) map[string]int64 {
	t.Helper()
	file, err := os.Open(filepath.Join(data, "results", "elections-presidentielles-2017-1ertour.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	votes := map[string]int64{}
	eachRow(t, file, ',', func(row func(string) string) {
		votes[row("num_circ")+" "+row("candidate")] += int64(parse(t, row("votes")))
	})
	return votes
}

func eachRow(t *testing.T, r io.Reader, comma rune, each func(row func(column string) string)) {
	t.Helper()
	reader := csv.NewReader(r)
	reader.Comma = comma
	header, err := reader.Read()
	if err != nil {
		t.Fatal(err)
	}
	for {
		fields, err := reader.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		each(func(column string) string { return fields[slices.Index(header, column)] })
	}
}

func parse(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
