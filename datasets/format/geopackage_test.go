package format

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// geoPackageTables are the tables of the standard (OGC 12-128, annex C) with the systems that it asks for and Lambert-93.
const geoPackageTables = `
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined cartesian SRS', -1, 'NONE', -1, 'undefined', NULL), ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', NULL),
	('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]', NULL),
	('RGF93 / Lambert-93', 2154, 'EPSG', 2154, 'undefined', NULL),
	('Lambert-93 of the IGN', 310024140, 'IGNF', 310024140, 'PROJCS["RGF93 / Lambert-93",GEOGCS["RGF93",DATUM["Reseau_Geodesique_Francais_1993",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic_2SP"],PARAMETER["standard_parallel_1",49],PARAMETER["standard_parallel_2",44],PARAMETER["latitude_of_origin",46.5],PARAMETER["central_meridian",3],PARAMETER["false_easting",700000],PARAMETER["false_northing",6600000],UNIT["metre",1],AUTHORITY["EPSG","2154"]]', NULL);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
`

// irisLayer is a layer of features in the system with a number in the file.
func irisLayer(name string, srs int) string {
	return fmt.Sprintf(`
INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('%[1]s', 'features', '%[1]s', %[2]d);
INSERT INTO gpkg_geometry_columns VALUES ('%[1]s', 'geom', 'POINT', %[2]d, 0, 0);
CREATE TABLE "%[1]s" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom POINT, code_iris TEXT(9), "Population Été" REAL, men MEDIUMINT, maj DATE, vu DATETIME, ouvert BOOLEAN, note BLOB);
INSERT INTO "%[1]s" VALUES (1, X'%[3]s', '751010101', 2057.93753915075, 1152921504606846976, '2024-06-30', '2024-06-30T08:00:00.000Z', 1, NULL),
	(5, NULL, ' 2A0040101 ', 1053.0, NULL, NULL, NULL, 0, X'FF'),
	(9, X'%[4]s', CAST(X'6368E2746561750A' AS TEXT), 1e6, -1, 'never', NULL, NULL, X'7061726973');
`, name, srs, hex.EncodeToString(geoPackagePoint(0, 2.5, 48.5)), hex.EncodeToString(geoPackagePoint(4, 2.5, 48.5)))
}

// geoPackagePoint writes a point with a box of a kind.
func geoPackagePoint(kind byte, x, y float64) []byte {
	blob := binary.LittleEndian.AppendUint32([]byte{'G', 'P', 0, 1 | kind<<1}, 2154)
	return append(append(blob, make([]byte, envelopes[kind])...), wkbOf(wkbPoint, x, y)...)
}

// writeGeoPackage makes a file by SQL.
func writeGeoPackage(t testing.TB, script ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a file #1 50%?.gpkg")
	database, err := sql.Open("sqlite", path[:len(path)-len("a file #1 50%?.gpkg")]+"plain.gpkg")
	if err != nil {
		t.Fatal(err)
	}
	for _, statements := range script {
		if _, err := database.Exec(statements); err != nil {
			t.Fatalf("%v: %s", err, statements)
		}
	}
	if err := errors.Join(database.Close(), os.Rename(filepath.Join(filepath.Dir(path), "plain.gpkg"), path)); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGeoPackage(t *testing.T) {
	path := writeGeoPackage(t, "PRAGMA journal_mode = WAL", geoPackageTables, irisLayer("contours_iris", 2154)) // as QGIS leaves it
	wanted := []struct {
		column string
		want   []string
	}{
		{"CODE_IRIS", []string{"751010101", "2A0040101", "ch\ufffdteau"}}, {"population ete", []string{"2057.93753915075", "1053", "1000000"}},
		{"men", []string{"1152921504606846976", "", "-1"}}, {"maj", []string{"2024-06-30", "", "never"}}, {"vu", []string{"2024-06-30T08:00:00.000Z", "", ""}},
		{"ouvert", []string{"1", "0", ""}}, {"note", []string{"", "", "paris"}}, {"fid", []string{"1", "5", "9"}},
	}
	for seed := range uint64(3) {
		rand.New(rand.NewPCG(seed, 3)).Shuffle(len(wanted), func(i, j int) { wanted[i], wanted[j] = wanted[j], wanted[i] })
		g, err := readGeoPackage("iris.gpkg", path, "")
		if err != nil {
			t.Fatal(err)
		}
		columns := []Column{{Names: []string{"absent"}, Optional: true}}
		for _, w := range wanted {
			columns = append(columns, Column{Names: []string{w.column}})
		}
		places, err := g.Columns(columns...)
		if err != nil {
			t.Fatal(err)
		}
		for row := range 3 {
			if more, err := g.Next(); !more || err != nil || g.Line() != int64(row+1) {
				t.Fatalf("row %d: %v, %v, line %d", row, more, err, g.Line())
			}
			for i, w := range wanted {
				if got := g.Field(places[i+1]); string(got) != w.want[row] {
					t.Errorf("row %d: %s is %q, want %q", row, w.column, got, w.want[row])
				}
			}
			shape, err := g.Geometry()
			if want := []orb.Geometry{orb.Point{2.5, 48.5}, nil, orb.Point{2.5, 48.5}}[row]; err != nil || shape != want || g.Field(places[0]) != nil {
				t.Errorf("row %d: %v, %v; want %v", row, shape, err, want)
			}
			fault, repair := g.Condition()
			if want := []string{"", "", repairCharacters}[row]; fault != "" || repair != want {
				t.Errorf("row %d: %q, %q; want %q", row, fault, repair, want)
			}
		}
		for range 2 {
			if more, err := g.Next(); more || err != nil {
				t.Errorf("after the last row: %v, %v", more, err)
			}
		}
		if left := g.Unread(); len(left) > 0 || g.CRS().Code() != 2154 {
			t.Errorf("%q were not read, in %v", left, g.CRS())
		}
	}
}

func TestGeoPackageReadsWhatIsAskedFor(t *testing.T) {
	g, err := readGeoPackage("iris.gpkg", writeGeoPackage(t, geoPackageTables, irisLayer("iris", 0)), "IRIS")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for {
		more, err := g.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		rows++
	}
	if rows != 3 || !g.CRS().IsZero() || !slices.Equal(g.Unread(), []string{"Population Été", "code_iris", "fid", "maj", "men", "note", "ouvert", "vu"}) {
		t.Errorf("%d rows in %v, %q were not read", rows, g.CRS(), g.Unread())
	}
	if keys := g.Keys(); !slices.Equal(keys, []string{"fid", "geom", "code_iris", "population ete", "men", "maj", "vu", "ouvert", "note"}) {
		t.Errorf("the keys are %q", keys)
	}
}

func TestGeoPackageLayers(t *testing.T) {
	const plain = `INSERT INTO gpkg_contents (table_name, data_type) VALUES ('filosofi', 'attributes'); CREATE TABLE filosofi (iris TEXT, med REAL); INSERT INTO filosofi VALUES ('751010101', 21000);`
	const quoted = `INSERT INTO gpkg_contents (table_name, data_type) VALUES ('a "b'';--', 'attributes'); CREATE TABLE "a ""b';--" ("x""y;" TEXT); INSERT INTO "a ""b';--" VALUES ('z');`
	for _, test := range []struct {
		name, script, layer string
		first               string // value of the first column but the number and the geometry
		says                string
	}{
		{"one table", plain, "", "751010101", ""},
		{"features and a table", plain + irisLayer("iris", 2154), "", "751010101", ""},
		{"the table by name", plain + irisLayer("iris", 2154), "filosofi", "751010101", ""},
		{"names to be quoted", quoted, "", "z", ""},
		{"several", irisLayer("iris", 2154) + irisLayer("grand_quartier", 2154), "", "", "layer: one of grand_quartier, iris"},
		{"several, one asked for", irisLayer("iris", 2154) + irisLayer("grand_quartier", 2154), "grand_quartier", "751010101", ""},
		{"not there", irisLayer("iris", 2154), "communes", "", `no layer "communes"`},
		{"none", "", "", "", "no layers"},
		{"a raster", `INSERT INTO gpkg_contents (table_name, data_type) VALUES ('photo', 'tiles'); CREATE TABLE photo (tile BLOB);`, "", "", "no layers"},
		{"no such table", `INSERT INTO gpkg_contents (table_name, data_type) VALUES ('gone', 'attributes');`, "", "", `no table "gone"`},
		{"a view", `CREATE VIEW v AS SELECT 1 AS code; INSERT INTO gpkg_contents (table_name, data_type) VALUES ('v', 'attributes');`, "", "", `no table "v"`},
		{"a virtual table", `CREATE VIRTUAL TABLE vt USING fts5(code); INSERT INTO gpkg_contents (table_name, data_type) VALUES ('vt', 'attributes');`, "", "", `"vt" is not a table`},
		{"no column of geometry", irisLayer("iris", 2154) + `DELETE FROM gpkg_geometry_columns;`, "", "", "no column of geometry"},
		{"another column of geometry", irisLayer("iris", 2154) + `UPDATE gpkg_geometry_columns SET column_name = 'shape';`, "", "", `no column "shape"`},
		{"a system that is not there", irisLayer("iris", 99), "", "", "no 99 in gpkg_spatial_ref_sys"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, err := readGeoPackage("x.gpkg", writeGeoPackage(t, geoPackageTables, test.script), test.layer)
			if test.says != "" {
				if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "x.gpkg") {
					t.Errorf("%v; want an error that says %q", err, test.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			key := slices.DeleteFunc(slices.Clone(g.Keys()), func(key string) bool { return key == "fid" || key == "geom" })[0]
			places, err := g.Columns(Column{Names: []string{key}})
			if err != nil {
				t.Fatal(err)
			}
			if more, err := g.Next(); !more || err != nil || string(g.Field(places[0])) != test.first {
				t.Errorf("%v, %v, %q", more, err, g.Field(places[0]))
			}
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestGeoPackageSystems(t *testing.T) {
	for srs, want := range map[int]int{4326: 4326, 2154: 2154, 310024140: 2154, 0: 0, -1: 0} {
		g, err := readGeoPackage("x.gpkg", writeGeoPackage(t, geoPackageTables, irisLayer("iris", srs)), "")
		if err != nil {
			t.Fatal(err)
		}
		if want == 0 && !g.CRS().IsZero() || want != 0 && g.CRS().Geographic() != (want == 4326) || g.CRS() == (geo.CRS{}) != (want == 0) {
			t.Errorf("the system %d is %v", srs, g.CRS())
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestGeoPackageRefusesWhatIsNone(t *testing.T) {
	const endless = `AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i AS srs_id, 't' AS table_name, 'features' AS data_type FROM n`
	changed := func(change string) string {
		return geoPackageTables + irisLayer("iris", 2154) + "PRAGMA writable_schema = ON; " + change + "; PRAGMA writable_schema = RESET"
	}
	for name, script := range map[string]string{
		"another database":           `CREATE TABLE t (a)`,
		"contents are a view":        `CREATE VIEW gpkg_contents ` + endless,
		"systems are a view":         contentsTables + irisLayer("iris", 2154) + `CREATE VIEW gpkg_spatial_ref_sys ` + endless,
		"contents became a view":     changed(`UPDATE sqlite_schema SET sql = 'CREATE VIEW gpkg_contents ` + strings.ReplaceAll(endless, "'", "''") + `' WHERE name = 'gpkg_contents'`),
		"the layer is a view too":    changed(`INSERT INTO sqlite_schema VALUES ('view', 'iris', 'iris', 0, 'CREATE VIEW iris ` + strings.ReplaceAll(endless, "'", "''") + `')`),
		"a column that calls itself": changed(`UPDATE sqlite_schema SET sql = 'CREATE TABLE iris (geom AS (randomblob(1000000000)))' WHERE name = 'iris'`),
	} {
		if _, err := readGeoPackage("x.gpkg", writeGeoPackage(t, script), ""); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	path := writeGeoPackage(t, geoPackageTables, irisLayer("iris", 2154))
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.gpkg")
	for _, size := range []int{20, 100, 4096, len(good) / 2} {
		if err := os.WriteFile(cut, good[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readAllGeoPackage(cut); err == nil {
			t.Errorf("%d of %d bytes are read without an error", size, len(good))
		}
	}
	if _, err := readGeoPackage("x.gpkg", filepath.Join(t.TempDir(), "nothing.gpkg"), ""); err == nil {
		t.Error("a file that is not there: no error")
	}
}

// contentsTables are those of the tables of the standard that list layers.
var contentsTables = "CREATE TABLE gpkg_contents" + strings.SplitN(geoPackageTables, "CREATE TABLE gpkg_contents", 2)[1]

func readAllGeoPackage(path string) (rows int, err error) {
	g, err := readGeoPackage("x.gpkg", path, "")
	if err != nil {
		return 0, err
	}
	var wanted []Column
	for _, key := range g.Keys() {
		wanted = append(wanted, Column{Names: []string{key}, Optional: true})
	}
	places, err := g.Columns(wanted...)
	if err != nil {
		return 0, errors.Join(err, g.Close())
	}
	for {
		more, err := g.Next()
		if !more || err != nil {
			return rows, err
		}
		rows++
		for _, place := range places {
			g.Field(place)
		}
		if shape, err := g.Geometry(); err == nil && shape != nil {
			shape.Bound()
		}
	}
}

// TestGeoPackageMeetsDamage changes bytes of a file: it is read or refused, and nothing panics or hangs.
func TestGeoPackageMeetsDamage(t *testing.T) {
	good, err := os.ReadFile(writeGeoPackage(t, geoPackageTables, irisLayer("iris", 2154)))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "damaged.gpkg")
	random := rand.New(rand.NewPCG(3, 7))
	refused := 0
	for range 300 {
		damaged := slices.Clone(good)
		for range 20 {
			damaged[16+random.IntN(len(damaged)-16)] = byte(random.Uint32())
		}
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if rows, err := readAllGeoPackage(path); err != nil {
			refused++
		} else if rows > 1000 {
			t.Errorf("%d rows of a file of three", rows)
		}
	}
	if refused == 0 {
		t.Error("no damaged file was refused")
	}
}

func TestGeoPackageGeometry(t *testing.T) {
	for kind := range envelopes {
		if g, err := parseGeoPackage(geoPackagePoint(byte(kind), 2.5, 48.5)); err != nil || g != (orb.Point{2.5, 48.5}) {
			t.Errorf("a box of kind %d: %v, %v", kind, g, err)
		}
	}
	empty := append([]byte{'G', 'P', 0, 0x11, 0, 0, 0, 0}, wkbOf(wkbPoint, math.NaN(), math.NaN())...)
	if g, err := parseGeoPackage(empty); err != nil || !orb.Equal(g, orb.Collection{}) {
		t.Errorf("a point without place: %v, %v", g, err)
	}
	for _, nothing := range [][]byte{nil, {'G', 'P', 0, 0x11, 0, 0, 0, 0}} {
		if g, err := parseGeoPackage(nothing); g != nil || err != nil {
			t.Errorf("%v: %v, %v", nothing, g, err)
		}
	}
	good := geoPackagePoint(1, 2.5, 48.5)
	change := func(place int, value byte) []byte {
		blob := slices.Clone(good)
		blob[place] = value
		return blob
	}
	for name, blob := range map[string][]byte{
		"plain WKB": wkbOf(wkbPoint, 2.5, 48.5), "half a header": good[:7], "another version": change(2, 1), "a type outside the standard": change(3, 0x23),
		"no such box": change(3, 0x0b), "half a box": good[:20], "half a point": good[:len(good)-1], "two points": append(slices.Clone(good), 0),
	} {
		if g, err := parseGeoPackage(blob); g != nil || !errors.Is(err, ErrGeometry) {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
}

func FuzzGeoPackageGeometry(f *testing.F) {
	for kind := range envelopes {
		f.Add(geoPackagePoint(byte(kind), 2.5, 48.5))
	}
	f.Add([]byte{'G', 'P', 0, 0x10, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, blob []byte) {
		g, err := parseGeoPackage(blob)
		switch {
		case err != nil:
			if g != nil || !errors.Is(err, ErrGeometry) {
				t.Fatalf("%x: %v, %v", blob, g, err)
			}
		case g != nil:
			eachPoint(g, func(p orb.Point) {
				if !isFinite(p) {
					t.Errorf("%x: the position %v is not finite", blob, p)
				}
			})
		}
	})
}

// TestBinaryContainersAreOpenedByContent opens Parquet and GeoPackage under names that say nothing, plain and in a zip, and closes
// them in the middle.
func TestBinaryContainersAreOpenedByContent(t *testing.T) {
	gpkg, err := os.ReadFile(writeGeoPackage(t, geoPackageTables, irisLayer("iris", 2154)))
	if err != nil {
		t.Fatal(err)
	}
	columns := []parquetFixture{{"code_iris", arrow.BinaryTypes.String, []string{`"751010101"`, `"2A0040101"`}, nil}}
	for name, content := range map[string][]byte{"geopackage": gpkg, "parquet": writeParquet(t, columns, nil)} {
		var packed bytes.Buffer
		archive := zip.NewWriter(&packed)
		member, err := archive.Create(name + ".dat")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := member.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		inZip := writeFile(t, name+".zip", packed.Bytes()) + "/" + name + ".dat"
		for _, path := range []string{writeFile(t, name, content), inZip} {
			file, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := NewRows(file, "")
			if err != nil {
				t.Fatal(err)
			}
			places, err := rows.Columns(Column{Names: []string{"code_iris"}})
			if err != nil {
				t.Fatal(err)
			}
			if more, err := rows.Next(); !more || err != nil || string(rows.Field(places[0])) != "751010101" {
				t.Errorf("%s: %v, %v, %q", path, more, err, rows.Field(places[0]))
			}
			if err := file.Close(); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}
