package benchmarks

import (
	"bufio"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// features are GeoJSON with a geometry and properties formatted from their number.
func features(n int, geometry func(i int) string, properties string) func(b *testing.B) string {
	return generated("features.geojson", func(w *bufio.Writer) {
		fmt.Fprint(w, `{"type":"FeatureCollection","features":[`)
		for i := range n {
			if i > 0 {
				fmt.Fprint(w, ",")
			}
			fmt.Fprintf(w, "\n"+`{"type":"Feature","properties":{`+properties+`},"geometry":%[2]s}`, i, geometry(i))
		}
		fmt.Fprint(w, "\n]}\n")
	})
}

// topology is the areas of features as TopoJSON, an arc each.
func topology(n int) func(b *testing.B) string {
	return generated("contours.topojson", func(w *bufio.Writer) {
		fmt.Fprint(w, `{"type":"Topology","transform":{"scale":[0.00001,0.00001],"translate":[0,40]},"objects":{"contours":{"type":"GeometryCollection","geometries":[`)
		for i := range n {
			if i > 0 {
				fmt.Fprint(w, ",")
			}
			fmt.Fprintf(w, `{"type":"Polygon","arcs":[[%d]],"properties":{"codeBureauVote":"%05d_0001","nomCommune":"Imaginaire"}}`, i, i)
		}
		fmt.Fprint(w, `]}},"arcs":[`)
		for i := range n {
			if i > 0 {
				fmt.Fprint(w, ",\n")
			}
			x, y := 0, 0
			for j, p := range corners(i) {
				toX, toY := int(math.Round(p[0]*1e5)), int(math.Round((p[1]-40)*1e5))
				fmt.Fprintf(w, "%c[%d,%d]", "[,"[min(j, 1)], toX-x, toY-y)
				x, y = toX, toY
			}
			fmt.Fprint(w, "]")
		}
		fmt.Fprint(w, "]}")
	})
}

// parquet is a CSV file as Parquet, written by DuckDB.
func parquet(csv func(b *testing.B) string) func(b *testing.B) string {
	return func(b *testing.B) string {
		path := filepath.Join(b.TempDir(), "table.parquet")
		run(b, "duckdb", "", fmt.Sprintf("COPY (FROM read_csv('%s', all_varchar = true)) TO '%s' (FORMAT parquet, COMPRESSION zstd)", csv(b), path))
		return path
	}
}

// run has a database carry out statements.
func run(b *testing.B, driver, database string, statements ...string) {
	b.Helper()
	db, err := sql.Open(driver, database)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			b.Fatal(err)
		}
	}
}

// geoPackage is the layer of streets of BD TOPO, in degrees.
func geoPackage(streets int) func(b *testing.B) string {
	return func(b *testing.B) string {
		path := filepath.Join(b.TempDir(), "bdtopo.gpkg")
		run(b, "sqlite", path, `
			PRAGMA application_id = 0x47504B47;
			CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT, organization_coordsys_id INTEGER, definition TEXT);
			INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, 'undefined');
			CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, srs_id INTEGER);
			INSERT INTO gpkg_contents VALUES ('troncon_de_route', 'features', 'troncon_de_route', 4326);
			CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);
			INSERT INTO gpkg_geometry_columns VALUES ('troncon_de_route', 'geom', 'LINESTRING', 4326, 0, 0);
			CREATE TABLE troncon_de_route (fid INTEGER PRIMARY KEY, geom BLOB, cleabs TEXT, nature TEXT, nom_voie_ban_gauche TEXT, nom_voie_ban_droite TEXT, insee_commune_gauche TEXT, insee_commune_droite TEXT)`,
			fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO troncon_de_route SELECT i, X'%X', 'TRONROUT' || i, 'Route à 1 chaussée', 'Rue Imaginaire', 'Rue Imaginaire', '31555', '31555' FROM n`, streets-1, geoPackageLine()))
		return path
	}
}

// geoPackageLine is a line in the encoding of GeoPackage (OGC 12-128, 2.1.3): a head without a box, then WKB.
func geoPackageLine() []byte {
	out := binary.LittleEndian.AppendUint32([]byte{'G', 'P', 0, 1}, 4326)
	out = binary.LittleEndian.AppendUint32(append(out, 1), 2)
	out = binary.LittleEndian.AppendUint32(out, 2)
	for _, v := range []float64{1.44, 43.6, 1.45, 43.61} {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
	}
	return out
}

// shapefile is the edges of a county: lines and their table (ESRI, 1998; dBASE III).
func shapefile(edges int) func(b *testing.B) string {
	return func(b *testing.B) string {
		shapes := make([]byte, 100)
		binary.BigEndian.PutUint32(shapes, 9994)
		binary.LittleEndian.PutUint32(shapes[28:], 1000)
		binary.LittleEndian.PutUint32(shapes[32:], 3)
		fields := []struct {
			name  string
			width byte
		}{{"TLID", 10}, {"FULLNAME", 40}, {"MTFCC", 5}, {"ROADFLG", 1}}
		table := make([]byte, 32)
		table[0] = 3
		binary.LittleEndian.PutUint32(table[4:], uint32(edges))
		binary.LittleEndian.PutUint16(table[8:], uint16(32+32*len(fields)+1))
		binary.LittleEndian.PutUint16(table[10:], 1+10+40+5+1)
		for _, f := range fields {
			field := make([]byte, 32)
			copy(field, f.name)
			field[11], field[16] = 'C', f.width
			table = append(table, field...)
		}
		table = append(table, '\r')
		for i := range edges {
			shapes = binary.BigEndian.AppendUint32(shapes, uint32(i+1))
			shapes = binary.BigEndian.AppendUint32(shapes, (4+32+4+4+4+32)/2)
			shapes = binary.LittleEndian.AppendUint32(shapes, 3)
			x, y := -71.1-float64(i%1000)/1e3, 42.3+float64(i/1000)/1e3
			line := []float64{x, y, x + 0.001, y + 0.001}
			for _, v := range line {
				shapes = binary.LittleEndian.AppendUint64(shapes, math.Float64bits(v))
			}
			for _, v := range []uint32{1, 2, 0} {
				shapes = binary.LittleEndian.AppendUint32(shapes, v)
			}
			for _, v := range line {
				shapes = binary.LittleEndian.AppendUint64(shapes, math.Float64bits(v))
			}
			table = fmt.Appendf(table, " %-10d%-40s%-5s%-1s", i, "Main St", "S1400", "Y")
		}
		binary.BigEndian.PutUint32(shapes[24:], uint32(len(shapes)/2))
		dir := b.TempDir()
		prj := `GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["Degree",0.017453292519943295]]`
		for name, content := range map[string][]byte{"edges.shp": shapes, "edges.dbf": append(table, 0x1a), "edges.prj": []byte(prj)} {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
				b.Fatal(err)
			}
		}
		return filepath.Join(dir, "edges.shp")
	}
}
