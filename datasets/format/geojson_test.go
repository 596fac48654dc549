package format

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/paulmach/orb/encoding/wkt"
)

var stationColumns = []Column{{Names: []string{"id_bv", "code"}}, {Names: []string{"Numéro"}, Optional: true}}

// featuresOf reads features as texts: the number, then the columns and the geometry joined with |, or the fault.
func featuresOf(content string) (features *Features, rows []string, err error) {
	file, err := NewFile("areas.geojson", iotest.HalfReader(strings.NewReader(content)), int64(len(content)))
	if err != nil {
		return nil, nil, err
	}
	if features, err = NewFeatures(file); err != nil {
		return nil, nil, err
	}
	if _, err := features.Columns(stationColumns...); err != nil {
		return nil, nil, err
	}
	for {
		more, err := features.Next()
		if err != nil || !more {
			return features, rows, err
		}
		fault, repair := features.Condition()
		row := fmt.Sprintf("%d %s|%s|", features.Line(), features.Field(0), features.Field(1))
		switch g, err := features.Geometry(); {
		case err != nil:
			row += "!"
		case g != nil:
			row += wkt.MarshalString(g)
		}
		if fault != "" {
			row = fmt.Sprintf("%d (%s)", features.Line(), fault)
		}
		if repair != "" {
			row += " (" + repair + ")"
		}
		rows = append(rows, row)
	}
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + "]}"
}

func TestFeatures(t *testing.T) {
	const point = `{"type":"Point","coordinates":[1,2]}`
	tests := []struct {
		name, content string
		want          []string
	}{
		{"strings and numbers", collection(
			`{"type":"Feature","properties":{"id_bv":"19-5","numéro":"05"},"geometry":`+point+`}`,
			`{"type":"Feature","geometry":`+point+`,"properties":{"numero":5,"id_bv":195}}`,
			`{"type":"Feature","geometry":`+point+`,"properties":{"NUMERO":5.0,"id_bv":["195"]}}`,
		), []string{"1 19-5|05|POINT(1 2)", "2 195|5|POINT(1 2)", "3 195|5.0|POINT(1 2)"}},
		{"no value", collection(
			`{"type":"Feature","properties":{"id_bv":null,"numero":{"a":1}},"geometry":null}`,
			`{"type":"Feature","properties":{"id_bv":["1","2"],"numero":[]}}`,
			`{"type":"Feature","properties":{"id_bv":true,"numero":"  "},"geometry":{}}`,
			`{"type":"Feature","properties":null,"geometry":null}`,
		), []string{"1 ||", "2 ||", "3 true||!", "4 ||"}},
		{"properties differ", collection(
			`{"type":"Feature","properties":{"code":"a","other":1}}`,
			`{"type":"Feature","properties":{"id_bv":"b","more":[1,{"x":"}"}]}}`,
			`{"type":"Feature","properties":{"code":"worse","id_bv":"better"}}`,
			`{"type":"Feature","properties":{"id_bv":"better","code":"worse"}}`,
		), []string{"1 a||", "2 b||", "3 better||", "4 better||"}},
		{"escapes", collection(`{"type":"Feature","prop\u0065rties":{"id\u005fbv":"Ep\u00e9e \"x\" \\ }"}}`), []string{`1 Epée "x" \ }||`}},
		{"not features", collection(`null`, `5`, `"x"`, `[1]`, `{"properties":{"id_bv":"a"}}`), []string{"1 (this is not a feature)", "2 (this is not a feature)", "3 (this is not a feature)", "4 (this is not a feature)", "5 a||"}},
		{"no features", collection(), nil},
		{"members around", "\ufeff {\n\"name\":\"x]}\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"urn:ogc:def:crs:OGC:1.3:CRS84\"}},\r\n\"bbox\":[1,2,3,4], \"features\" : [\n{\"properties\":{\"id_bv\":\"a\"}}\n ,\n {\"properties\":{\"id_bv\":\"b\"}} ] , \"type\" : \"FeatureCollection\" }\n\n", []string{"1 a||", "2 b||"}},
		{"one feature", `{"type":"Feature","properties":{"id_bv":"a"},"geometry":` + point + `}`, []string{"1 a||POINT(1 2)"}},
		{"a feature a line", "{\"type\":\"Feature\",\"properties\":{\"id_bv\":\"a\"}}\n\n{\"properties\":{\"id_bv\":\"b\"}}\r\n5\n{\"geometry\":" + point + "}", []string{"1 a||", "2 b||", "3 (this is not a feature)", "4 ||POINT(1 2)"}},
		{"a text sequence", "\x1e{\"geometry\":null,\"properties\":{\"id_bv\":\"a\"}}\n\x1e{\"properties\":{\"id_bv\":\"b\"}}\n", []string{"1 a||", "2 b||"}},
		{"Windows-1252", collection("{\"properties\":{\"num\xe9ro\":\"\xc9p\xe9e\",\"id_bv\":\"a\"}}"), []string{"1 a|Épée|"}},
		{"a byte without a character", collection("{\"properties\":{\"num\xe9ro\":\"\xc9p\xe9e\",\"id_bv\":\"a\"}}", "{\"properties\":{\"id_bv\":\"\x81\"}}"), []string{"1 a|Épée|", "2 �|| (bytes that stand for no character read as U+FFFD)"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, got, err := featuresOf(test.content)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

// Arrays without end are in TestHostileSizes of datasets.
func TestFeaturesErrors(t *testing.T) {
	feature := `{"type":"Feature","properties":{"id_bv":"a"},"geometry":null}`
	tests := []struct {
		name, content, want string
		is                  error
	}{
		{"blank", "  \n", "areas.geojson line 2: the file is empty: download it again, or take it out of the place file", ErrEmpty},
		{"a table", "id_bv;numero\n", "areas.geojson line 1: this is not GeoJSON: download the GeoJSON of the dataset", nil},
		{"an array", "[1]", "areas.geojson line 1: this is not GeoJSON: download the GeoJSON of the dataset", nil},
		{"no features", `{"type":"FeatureCollection"}`, "areas.geojson line 1: this has no features: a GeoJSON FeatureCollection is due", nil},
		{"features that are none", `{"features":{}}`, "areas.geojson line 1: this has no features: a GeoJSON FeatureCollection is due", nil},
		{"the type after the features", `{"features":[` + feature + `],"type":"Topology"}`, "areas.geojson feature 1 (line 1, byte 93): this is a GeoJSON \"Topology\": a FeatureCollection is due", nil},
		{"another system of coordinates", `{"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::27572"}},"features":[]}`, `areas.geojson line 1: the coordinate reference system EPSG:27572 is not supported: convert the file to EPSG:4326, as with ogr2ogr -t_srs EPSG:4326 OUT IN`, nil},
		{"a system that follows the features", `{"features":[` + feature + `],"crs":{"type":"name","properties":{"name":"EPSG:3857"}}}`, "areas.geojson feature 1 (line 1, byte 131): the crs member, WGS 84 / Pseudo-Mercator (EPSG:3857), follows the features, which were read without it: move it to the beginning of the file", nil},
		{"no such property", collection(`{"properties":{"x":1}}`, `{"properties":{"y":1}}`), "areas.geojson feature 2 (line 1, byte 87): there is no property id_bv (accepted spellings: id_bv, code): check that this is the file of the dataset named, and not another's", nil},
		{"cut between features", `{"features":[` + feature + `,`, "areas.geojson feature 2 (line 1, byte 75): the file ends early: download it again", ErrEndsEarly},
		{"cut in a feature", `{"features":[` + feature + ",\n" + feature[:30], "areas.geojson feature 2 (line 2, byte 76): the file ends early: download it again", ErrEndsEarly},
		{"cut after the features", `{"features":[` + feature + `]`, "areas.geojson feature 1 (line 1, byte 75): the file ends early: download it again", ErrEndsEarly},
		{"a damaged feature", `{"features":[{"properties":{"id_bv":}}]}`, "areas.geojson feature 1 (line 1, byte 38): this is not well-formed JSON: download the file again", nil},
		{"a closing bracket too many", `{"features":[}]}`, "areas.geojson feature 1 (line 1, byte 13): this is not well-formed JSON: download the file again", nil},
		{"text after the end", collection(feature) + "<html>", "areas.geojson feature 1 (line 1, byte 103): there is text after the end of the collection: download the file again", nil},
		{"features twice", `{"features":[` + feature + `],"features":[]}`, "areas.geojson feature 1 (line 1, byte 88): this has features twice: take one out", nil},
		{"a feature without end", `{"features":[{"x":"` + strings.Repeat("x", maxFeature), "areas.geojson feature 1 (line 1, byte 13): a record is too long: more than 64 MiB: check that it is the file meant", ErrTooLong},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := featuresOf(test.content)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
		})
	}
}

func TestFeaturesUnread(t *testing.T) {
	features, _, err := featuresOf(collection(`{"properties":{"z":1,"id_bv":"a"}}`, `{"properties":{"Alias":1,"z":2}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := features.Unread(), []string{"Alias", "z"}; !slices.Equal(got, want) {
		t.Errorf("unread %q, want %q", got, want)
	}
}

// The first column that has a spelling counts, also for names beyond those that are remembered.
func TestFeaturesSpellings(t *testing.T) {
	var many strings.Builder
	for i := range 2 * maxNames {
		fmt.Fprintf(&many, `"p%d":0,`, i)
	}
	file, err := NewFile("f", strings.NewReader(collection(`{"properties":{`+many.String()+`"B":2,"a":1}}`)), 0)
	if err != nil {
		t.Fatal(err)
	}
	features, err := NewFeatures(file)
	if err != nil {
		t.Fatal(err)
	}
	at, err := features.Columns(Column{Names: []string{"A"}}, Column{Names: []string{"a", "b"}})
	if more, nextErr := features.Next(); err != nil || !more || nextErr != nil {
		t.Fatal(err, more, nextErr)
	}
	if one, two := string(features.Field(at[0])), string(features.Field(at[1])); one != "1" || two != "2" {
		t.Errorf("%q and %q", one, two)
	}
}

// A feature longer than what is in memory at first reads whole.
func TestFeaturesLong(t *testing.T) {
	long := strings.Repeat("é]}", 500_000)
	_, got, err := featuresOf(collection(`{"properties":{"id_bv":"`+long+`"}}`, `{"properties":{"id_bv":"b"}}`))
	if err != nil || !slices.Equal(got, []string{"1 " + long + "||", "2 b||"}) {
		t.Errorf("%d rows, %v", len(got), err)
	}
}

func FuzzFeatures(f *testing.F) {
	for _, seed := range []string{
		collection(), collection(`{"type":"Feature","properties":{"id_bv":"19-5","numero":5},"geometry":{"type":"Point","coordinates":[1,2]}}`),
		`{"type":"Topology"}`, `{"features":[{}],"type":"FeatureCollection"}`, `{"features":[`, `{"features":[null,"\"",[[]],{"properties":[]}]} `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := NewFile("x", bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		features, err := NewFeatures(file)
		if err != nil {
			return
		}
		if _, err := features.Columns(stationColumns...); err != nil {
			return
		}
		for want := int64(1); ; want++ {
			more, err := features.Next()
			if err != nil || !more {
				return
			}
			if features.Line() != want {
				t.Fatalf("feature %d after feature %d", features.Line(), want-1)
			}
			features.Field(0)
			features.Field(1)
			if g, err := features.Geometry(); err != nil && (g != nil || !errors.Is(err, ErrGeometry)) {
				t.Errorf("%v, %v", g, err)
			}
		}
	})
}
