package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
)

// shapeContent writes the content of a record: its type, bounds, and parts of points.
func shapeContent(kind uint32, parts ...[]orb.Point) []byte {
	out := binary.LittleEndian.AppendUint32(nil, kind)
	if kind == 0 {
		return out
	}
	var points []orb.Point
	var starts []byte
	for _, part := range parts {
		starts = binary.LittleEndian.AppendUint32(starts, uint32(len(points)))
		points = append(points, part...)
	}
	if kind%10 != 1 {
		out = append(out, make([]byte, 32)...)
		if kind%10 != 8 {
			out = binary.LittleEndian.AppendUint32(out, uint32(len(parts)))
		}
		out = binary.LittleEndian.AppendUint32(out, uint32(len(points)))
		if kind%10 != 8 {
			out = append(out, starts...)
		}
	}
	for _, p := range points {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(p[0]))
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(p[1]))
	}
	return out
}

// shapesOf writes a .shp.
func shapesOf(contents ...[]byte) []byte {
	out := make([]byte, 100)
	binary.BigEndian.PutUint32(out, 9994)
	binary.LittleEndian.PutUint32(out[28:], 1000)
	for i, c := range contents {
		out = binary.BigEndian.AppendUint32(out, uint32(i+1))
		out = binary.BigEndian.AppendUint32(out, uint32(len(c)/2))
		out = append(out, c...)
	}
	binary.BigEndian.PutUint32(out[24:], uint32(len(out)/2))
	return out
}

// tableOfDBF writes a .dbf: columns as NAME:C:10, rows whose first character marks the deleted ones.
func tableOfDBF(columns []string, language byte, rows ...[]string) []byte {
	header := make([]byte, 32)
	header[0], header[29] = 3, language
	width := 1
	var widths []int
	for _, c := range columns {
		part := strings.Split(c, ":")
		n, err := strconv.Atoi(part[2])
		if err != nil {
			panic(err)
		}
		field := make([]byte, 32)
		copy(field, part[0])
		field[11], field[16] = part[1][0], byte(n)
		header = append(header, field...)
		widths, width = append(widths, n), width+n
	}
	header = append(header, '\r')
	binary.LittleEndian.PutUint32(header[4:], uint32(len(rows)))
	binary.LittleEndian.PutUint16(header[8:], uint16(len(header)))
	binary.LittleEndian.PutUint16(header[10:], uint16(width))
	for _, row := range rows {
		header = append(header, row[0]...)
		for i, n := range widths {
			cell := bytes.Repeat([]byte{' '}, n)
			copy(cell, row[i+1])
			header = append(header, cell...)
		}
	}
	return append(header, 0x1a)
}

const lambert93 = `PROJCS["RGF_1993_Lambert_93",GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",700000.0],PARAMETER["False_Northing",6600000.0],PARAMETER["Central_Meridian",3.0],PARAMETER["Standard_Parallel_1",49.0],PARAMETER["Standard_Parallel_2",44.0],PARAMETER["Latitude_Of_Origin",46.5],UNIT["Meter",1.0]]`

var (
	outerRing = []orb.Point{{0, 0}, {0, 10}, {10, 10}, {10, 0}, {0, 0}} // clockwise
	holeRing  = []orb.Point{{2, 2}, {4, 2}, {4, 4}, {2, 2}}
	farRing   = []orb.Point{{20, 0}, {20, 1}, {21, 1}, {20, 0}}
)

// layerIn writes a Shapefile of files by extension into a folder.
func layerIn(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for ext, content := range files {
		if err := os.WriteFile(filepath.Join(dir, "IRIS"+ext), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "IRIS.shp")
}

func shapefileRows(path string) (rows []string, crs string, err error) {
	file, err := Open(path)
	if err != nil {
		return nil, "", err
	}
	defer file.Close()
	layer, err := NewRows(file, "")
	if err != nil {
		return nil, "", err
	}
	for {
		more, err := layer.Next()
		if err != nil || !more {
			return rows, layer.CRS().String(), err
		}
		row := []string{fmt.Sprint(layer.Line())}
		fields := make([][]byte, len(layer.Keys()))
		for i := range fields {
			fields[i] = layer.Field(i) // good until Next, whichever is asked for after it
		}
		for _, field := range fields {
			row = append(row, string(field))
		}
		shape := "null"
		if g, err := layer.Geometry(); err != nil {
			shape = "!"
		} else if g != nil {
			shape = wkt.MarshalString(g)
		}
		rows = append(rows, strings.Join(append(row, shape), "|"))
	}
}

func TestShapefile(t *testing.T) {
	shapes := shapesOf(
		shapeContent(5, outerRing, holeRing), shapeContent(0), shapeContent(5, outerRing, farRing, holeRing),
		shapeContent(15, outerRing), shapeContent(5, outerRing), shapeContent(3, outerRing[:2], farRing[:2]), shapeContent(1, outerRing[1:2]), shapeContent(28, outerRing[:2]),
	)
	columns := []string{"CODE:C:9", "POP:N:6", "JOUR:D:8", "VRAI:L:1"}
	row := func(mark, name string) []string { return []string{mark, name, "  1234", "20201103", "T"} }
	table := tableOfDBF(columns, 0x57, row(" ", "751010101"), []string{" ", "", "******", "00000000", "?"}, row(" ", "\xc9p\xe9e"), row(" ", "d"), row("*", "deleted"), row(" ", "f"), row(" ", "g"), row(" ", "h"))
	want := []string{
		"1|751010101|1234|2020-11-03|true|POLYGON((0 0,0 10,10 10,10 0,0 0),(2 2,4 2,4 4,2 2))",
		"2|||||null",
		"3|Épée|1234|2020-11-03|true|MULTIPOLYGON(((0 0,0 10,10 10,10 0,0 0),(2 2,4 2,4 4,2 2)),((20 0,20 1,21 1,20 0)))",
		"4|d|1234|2020-11-03|true|POLYGON((0 0,0 10,10 10,10 0,0 0))",
		"6|f|1234|2020-11-03|true|MULTILINESTRING((0 0,0 10),(20 0,20 1))",
		"7|g|1234|2020-11-03|true|POINT(0 10)",
		"8|h|1234|2020-11-03|true|MULTIPOINT((0 0),(0 10))",
	}
	files := map[string][]byte{".shp": shapes, ".dbf": table, ".prj": []byte(lambert93)}
	rows, crs, err := shapefileRows(layerIn(t, files))
	if err != nil || strings.Join(rows, "\n") != strings.Join(want, "\n") || crs != "RGF_1993_Lambert_93" {
		t.Errorf("%s\nin %s, %v; want\n%s", strings.Join(rows, "\n"), crs, err, strings.Join(want, "\n"))
	}

	// The same in an archive, its extensions in capitals.
	path := filepath.Join(t.TempDir(), "iris.zip")
	if err := os.WriteFile(path, zipOf(t, "A/IRIS.SHP", string(shapes), "A/IRIS.DBF", string(table), "A/IRIS.PRJ", lambert93), 0o600); err != nil {
		t.Fatal(err)
	}
	if packed, _, err := shapefileRows(path); err != nil || strings.Join(packed, "\n") != strings.Join(want, "\n") {
		t.Errorf("in an archive: %q, %v", packed, err)
	}
}

// Columns of one name, as cutting to ten characters leaves them, are told apart as GDAL does.
func TestShapefileCutNames(t *testing.T) {
	table := tableOfDBF([]string{"nom_voie_b:C:3", "NOM_VOIE_B:C:3", "nom_voie_b:C:3", "ID:C:1", "ID:C:1"}, 0, []string{" ", "a", "b", "c", "1", "2"})
	file, err := Open(layerIn(t, map[string][]byte{".shp": shapesOf(shapeContent(5, outerRing)), ".dbf": table}))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	layer, err := NewRows(file, "")
	if err != nil || strings.Join(layer.Keys(), " ") != "nom_voie_b nom_voie_1 nom_voie_2 id id_1" {
		t.Errorf("%q, %v", layer.Keys(), err)
	}
}

func TestShapefileCodePages(t *testing.T) {
	shapes := shapesOf(shapeContent(0))
	for _, test := range []struct {
		name, text, cpg string
		language        byte
		want            string
	}{
		{"by .cpg", "Épée", "UTF-8", 0x57, "Épée"},
		{"Latin-1 by .cpg", "\xc9p\xe9e", "ISO-8859-1", 0, "Épée"},
		{"1252 by .cpg", "\x80", "ANSI 1252", 0, "€"},
		{"DOS by .cpg", "\x90p\x82e", "850", 0, "Épée"},
		{"DOS by the header", "\x90p\x82e", "", 2, "Épée"},
		{"UTF-8 unsaid", "Épée", "", 0, "Épée"},
		{"Windows-1252 unsaid", "\xc9p\xe9e", "", 0, "Épée"},
	} {
		files := map[string][]byte{".shp": shapes, ".dbf": tableOfDBF([]string{"NOM:C:20"}, test.language, []string{" ", test.text})}
		if test.cpg != "" {
			files[".cpg"] = []byte(test.cpg + "\n")
		}
		rows, _, err := shapefileRows(layerIn(t, files))
		if err != nil || len(rows) != 1 || rows[0] != "1|"+test.want+"|null" {
			t.Errorf("%s: %q, %v", test.name, rows, err)
		}
	}
}

func TestShapefileErrors(t *testing.T) {
	table := tableOfDBF([]string{"CODE:C:2"}, 0, []string{" ", "a"})
	huge := shapesOf(shapeContent(5, outerRing))
	binary.BigEndian.PutUint32(huge[104:], 1<<30)
	for _, test := range []struct {
		name  string
		files map[string][]byte
		want  string
	}{
		{"no .dbf", map[string][]byte{".shp": shapesOf(shapeContent(0))}, "there is no .dbf beside it"},
		{"a short .dbf", map[string][]byte{".shp": shapesOf(shapeContent(0), shapeContent(0)), ".dbf": table}, "the .dbf ends before the .shp"},
		{"cut", map[string][]byte{".shp": shapesOf(shapeContent(5, outerRing))[:150], ".dbf": table}, "the file ends early"},
		{"a stated length", map[string][]byte{".shp": huge, ".dbf": table}, "its length is stated as 2147483648 bytes"},
		{"another system", map[string][]byte{".shp": shapesOf(shapeContent(0)), ".dbf": table, ".prj": []byte(`GEOGCS["NTF",DATUM["NTF",SPHEROID["Clarke 1880 (IGN)",6378249.2,293.4660212936269]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]`)}, "NTF, of datum NTF, is not supported"},
		{"another encoding", map[string][]byte{".shp": shapesOf(shapeContent(0)), ".dbf": table, ".cpg": []byte("BIG5")}, "names the encoding"},
		{"no table", map[string][]byte{".shp": shapesOf(shapeContent(0)), ".dbf": []byte("Not found. Not found. Not found. Not found.")}, "the file ends early"},
		{"a web page for a table", map[string][]byte{".shp": shapesOf(shapeContent(0)), ".dbf": []byte("<html>not found</html>")}, "is a web page"},
	} {
		if _, _, err := shapefileRows(layerIn(t, test.files)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
	// Counts of a shape that are larger than it is.
	for at, count := range map[int]uint32{36: 1 << 31, 40: 1 << 31, 44: 77} {
		shape := shapeContent(5, outerRing)
		binary.LittleEndian.PutUint32(shape[at:], count)
		if g, err := parseShape(shape); !errors.Is(err, ErrGeometry) {
			t.Errorf("count at %d: %v, %v", at, g, err)
		}
	}
	if g, err := parseShape(shapeContent(1, []orb.Point{{math.NaN(), 1}})); !errors.Is(err, ErrGeometry) {
		t.Errorf("NaN: %v, %v", g, err)
	}
}

// A polygon of a million vertices is read, and its record alone is in memory.
func TestShapefileMillionVertices(t *testing.T) {
	ring := make([]orb.Point, 1_000_001)
	for i := range ring {
		sin, cos := math.Sincos(-2 * math.Pi * float64(i) / 1_000_000)
		ring[i] = orb.Point{cos, sin}
	}
	ring[len(ring)-1] = ring[0]
	path := layerIn(t, map[string][]byte{".shp": shapesOf(shapeContent(5, ring)), ".dbf": tableOfDBF([]string{"CODE:C:2"}, 0, []string{" ", "a"})})
	file, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	layer, err := NewRows(file, "")
	if err != nil {
		t.Fatal(err)
	}
	if more, err := layer.Next(); !more || err != nil {
		t.Fatal(more, err)
	}
	g, err := layer.Geometry()
	if polygon, ok := g.(orb.Polygon); err != nil || !ok || len(polygon[0]) != len(ring) {
		t.Errorf("%T, %v", g, err)
	}
}

func FuzzShapefile(f *testing.F) {
	f.Add(shapesOf(shapeContent(5, outerRing, holeRing), shapeContent(0)), tableOfDBF([]string{"CODE:C:9", "POP:N:6"}, 0x57, []string{" ", "a", "1"}, []string{"*", "b", "2"}), lambert93, "UTF-8")
	f.Add(shapesOf(shapeContent(8, outerRing)), tableOfDBF([]string{"JOUR:D:8"}, 2, []string{" ", "20201103"}), "", "")
	f.Fuzz(func(t *testing.T, shapes, table []byte, prj, cpg string) {
		rows, _, err := shapefileRows(layerIn(t, map[string][]byte{".shp": shapes, ".dbf": table, ".prj": []byte(prj), ".cpg": []byte(cpg)}))
		if bytes.HasPrefix(shapes, []byte{0, 0, 0x27, 0x0a}) && len(rows) > len(shapes)/12+1 {
			t.Errorf("%d records in %d bytes, %v", len(rows), len(shapes), err)
		}
	})
}
