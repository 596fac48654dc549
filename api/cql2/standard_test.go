package cql2

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// standard has a case for each form that the examples of OGC 21-065r2 (schema/examples, of these names) have, about the units of this house.
var standard = []struct {
	examples string
	text     string
	json     string
	tree     string
	written  string // as Text writes it
}{
	{"clause6_02a, 29", `commune='Toulouse'`,
		`{"op":"=","args":[{"property":"commune"},"Toulouse"]}`,
		`(= commune 'Toulouse')`, `commune = 'Toulouse'`},
	{"clause6_02c", `voters-150.0 > 0`,
		`{"op":">","args":[{"op":"-","args":[{"property":"voters"},150.0]},0]}`,
		`(> (- voters 150) 0)`, `voters - 150 > 0`},
	{"clause6_02d", `held >= date('2022-04-10')`,
		`{"op":">=","args":[{"property":"held"},{"date":"2022-04-10"}]}`,
		`(>= held 2022-04-10)`, `held >= DATE('2022-04-10')`},
	{"clause6_03", `geometry IS NOT NULL`,
		`{"op":"not","args":[{"op":"isNull","args":[{"property":"geometry"}]}]}`,
		`(not (isNull geometry))`, `geometry IS NOT NULL`},
	{"clause7_01, 11, 12, 35", `street LIKE 'Rue%'`,
		`{"op":"like","args":[{"property":"street"},"Rue%"]}`,
		`(like street 'Rue%')`, `street LIKE 'Rue%'`},
	{"clause7_02, 37", `turnout BETWEEN 0.25 and 0.5`,
		`{"op":"between","args":[{"property":"turnout"},0.25,0.5]}`,
		`(between turnout 0.25 0.5)`, `turnout BETWEEN 0.25 AND 0.5`},
	{"38", `NOT "turnout" BETWEEN 0.25 AND 0.5`,
		`{"op":"not","args":[{"op":"between","args":[{"property":"turnout"},0.25,0.5]}]}`,
		`(not (between turnout 0.25 0.5))`, `turnout NOT BETWEEN 0.25 AND 0.5`},
	{"38-alt01", `"turnout" NOT BETWEEN 0.25 AND 0.5`,
		`{"op":"not","args":[{"op":"between","args":[{"property":"turnout"},0.25,0.5]}]}`,
		`(not (between turnout 0.25 0.5))`, `turnout NOT BETWEEN 0.25 AND 0.5`},
	{"clause7_03a, 03, 05a", `commune IN ('Paris','Lyon','Le Mans')`,
		`{"op":"in","args":[{"property":"commune"},["Paris","Lyon","Le Mans"]]}`,
		`(in commune 'Paris' 'Lyon' 'Le Mans')`, `commune IN ('Paris', 'Lyon', 'Le Mans')`},
	{"clause7_03b, 05b, 39, 40-alt01", `round NOT IN (1,2.0)`,
		`{"op":"not","args":[{"op":"in","args":[{"property":"round"},[1,2.0]]}]}`,
		`(not (in round 1 2))`, `round NOT IN (1, 2)`},
	{"40", `NOT "round" IN (1, 2)`,
		`{"op":"not","args":[{"op":"in","args":[{"property":"round"},[1,2]]}]}`,
		`(not (in round 1 2))`, `round NOT IN (1, 2)`},
	{"clause7_04, 26", `CASEI(kind) IN (CASEI('Οδος'),CASEI('Straße'))`,
		`{"op":"in","args":[{"op":"casei","args":[{"property":"kind"}]},[{"op":"casei","args":["Οδος"]},{"op":"casei","args":["Straße"]}]]}`,
		`(in (casei kind) (casei 'Οδος') (casei 'Straße'))`, `CASEI(kind) IN (CASEI('Οδος'), CASEI('Straße'))`},
	{"clause7_05, 27, 70", `ACCENTI(street) = ACCENTI('Allée')`,
		`{"op":"=","args":[{"op":"accenti","args":[{"property":"street"}]},{"op":"accenti","args":["Allée"]}]}`,
		`(= (accenti street) (accenti 'Allée'))`, `ACCENTI(street) = ACCENTI('Allée')`},
	{"28", `CASEI(fr:NAME) LIKE casei('%pont%')`,
		`{"op":"like","args":[{"op":"casei","args":[{"property":"fr:NAME"}]},{"op":"casei","args":["%pont%"]}]}`,
		`(like (casei fr:NAME) (casei '%pont%'))`, `CASEI(fr:NAME) LIKE CASEI('%pont%')`},
	{"86", `"street" LIKE CASEI('PONT%')`,
		`{"op":"like","args":[{"property":"street"},{"op":"casei","args":["PONT%"]}]}`,
		`(like street (casei 'PONT%'))`, `street LIKE CASEI('PONT%')`},
	{"clause7_07", `S_INTERSECTS(geometry,POINT(2.35 48.85))`,
		`{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[2.35,48.85]}]}`,
		`(s_intersects geometry POINT(2.35 48.85))`, `S_INTERSECTS(geometry, POINT(2.35 48.85))`},
	{"clause7_19", `voters > (households-1)`,
		`{"op":">","args":[{"property":"voters"},{"op":"-","args":[{"property":"households"},1]}]}`,
		`(> voters (- households 1))`, `voters > households - 1`},
	{"04, 06b", "    fr:turnout >= 0.25\nAND fr:turnout <= 0.5\nAND fr:district=28",
		`{"op":"and","args":[{"op":">=","args":[{"property":"fr:turnout"},0.25]},{"op":"<=","args":[{"property":"fr:turnout"},0.5]},{"op":"=","args":[{"property":"fr:district"},28]}]}`,
		`(and (>= fr:turnout 0.25) (<= fr:turnout 0.5) (= fr:district 28))`, `fr:turnout >= 0.25 AND fr:turnout <= 0.5 AND fr:district = 28`},
	{"06a", `turnout BETWEEN 0.25 AND 0.5 AND district=28`,
		`{"op":"and","args":[{"op":"between","args":[{"property":"turnout"},0.25,0.5]},{"op":"=","args":[{"property":"district"},28]}]}`,
		`(and (between turnout 0.25 0.5) (= district 28))`, `turnout BETWEEN 0.25 AND 0.5 AND district = 28`},
	{"07, 08", `commune='Paris' AND s_intersects(geometry,POLYGON((2.33 48.88, 2.35 48.88,` + "\n" + `2.35 48.9, 2.33 48.88)))`,
		`{"op":"and","args":[{"op":"=","args":[{"property":"commune"},"Paris"]},{"op":"s_intersects","args":[{"property":"geometry"},
		{"type":"Polygon","coordinates":[[[2.33,48.88],[2.35,48.88],[2.35,48.9],[2.33,48.88]]]}]}]}`,
		`(and (= commune 'Paris') (s_intersects geometry POLYGON((2.33 48.88,2.35 48.88,2.35 48.9,2.33 48.88))))`,
		`commune = 'Paris' AND S_INTERSECTS(geometry, POLYGON((2.33 48.88,2.35 48.88,2.35 48.9,2.33 48.88)))`},
	{"09, 31", `voters>50`, `{"op":">","args":[{"property":"voters"},50]}`, `(> voters 50)`, `voters > 50`},
	{"30", `"contest" <> 'pr-2022-1'`, `{"op":"<>","args":[{"property":"contest"},"pr-2022-1"]}`, `(<> contest 'pr-2022-1')`, `contest <> 'pr-2022-1'`},
	{"13, 36-alt01", `street NOT LIKE '%Pont%'`,
		`{"op":"not","args":[{"op":"like","args":[{"property":"street"},"%Pont%"]}]}`,
		`(not (like street '%Pont%'))`, `street NOT LIKE '%Pont%'`},
	{"14, 15", `voters>50 AND published=true`,
		`{"op":"and","args":[{"op":">","args":[{"property":"voters"},50]},{"op":"=","args":[{"property":"published"},true]}]}`,
		`(and (> voters 50) (= published true))`, `voters > 50 AND published = TRUE`},
	{"16", "published=true AND (voters>50 \n OR street LIKE 'Rue%'\n OR street LIKE '%Pont')",
		`{"op":"and","args":[{"op":"=","args":[{"property":"published"},true]},{"op":"or","args":[{"op":">","args":[{"property":"voters"},50]},
		{"op":"like","args":[{"property":"street"},"Rue%"]},{"op":"like","args":[{"property":"street"},"%Pont"]}]}]}`,
		`(and (= published true) (or (> voters 50) (like street 'Rue%') (like street '%Pont')))`,
		`published = TRUE AND (voters > 50 OR street LIKE 'Rue%' OR street LIKE '%Pont')`},
	{"17, 19", `(voters>50 AND unit='cell') OR published=true`,
		`{"op":"or","args":[{"op":"and","args":[{"op":">","args":[{"property":"voters"},50]},{"op":"=","args":[{"property":"unit"},"cell"]}]},
		{"op":"=","args":[{"property":"published"},true]}]}`,
		`(or (and (> voters 50) (= unit 'cell')) (= published true))`, `voters > 50 AND unit = 'cell' OR published = TRUE`},
	{"18", `NOT (voters<50) OR published=true`,
		`{"op":"or","args":[{"op":"not","args":[{"op":"<","args":[{"property":"voters"},50]}]},{"op":"=","args":[{"property":"published"},true]}]}`,
		`(or (not (< voters 50)) (= published true))`, `NOT (voters < 50) OR published = TRUE`},
	{"41, 44-alt01", `"share" IS NULL OR "share" BETWEEN 0 AND 1`,
		`{"op":"or","args":[{"op":"isNull","args":[{"property":"share"}]},{"op":"between","args":[{"property":"share"},0,1]}]}`,
		`(or (isNull share) (between share 0 1))`, `share IS NULL OR share BETWEEN 0 AND 1`},
	{"45", `S_INTERSECTS("geometry", BBOX(-1.5, 43, -9999.0, 1.5, 44, 100000.0))`,
		`{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[-1.5,43,-9999.0,1.5,44,100000.0]}]}`,
		`(s_intersects geometry box[-1.5 43][1.5 44])`, `S_INTERSECTS(geometry, BBOX(-1.5, 43, 1.5, 44))`},
	{"47", `S_DISJOINT("geometry", MULTIPOLYGON (((1 45, 2 45, 2 46, 1 45))))`,
		`{"op":"s_disjoint","args":[{"property":"geometry"},{"type":"MultiPolygon","coordinates":[[[[1,45],[2,45],[2,46],[1,45]]]]}]}`,
		`(s_disjoint geometry MULTIPOLYGON(((1 45,2 45,2 46,1 45))))`, `S_DISJOINT(geometry, MULTIPOLYGON(((1 45,2 45,2 46,1 45))))`},
	{"49", `S_WITHIN(POLYGON Z((0 0 9, 9 0 9, 9 9 -9.5, 0 0 9), (1 1 9, 2 1 9, 2 2 9, 1 1 9)), "geometry")`,
		`{"op":"s_within","args":[{"type":"Polygon","coordinates":[[[0,0,9],[9,0,9],[9,9,-9.5],[0,0,9]],[[1,1,9],[2,1,9],[2,2,9],[1,1,9]]]},{"property":"geometry"}]}`,
		`(s_within POLYGON((0 0,9 0,9 9,0 0),(1 1,2 1,2 2,1 1)) geometry)`, `S_WITHIN(POLYGON((0 0,9 0,9 9,0 0),(1 1,2 1,2 2,1 1)), geometry)`},
	{"49-alt01", `S_WITHIN(POLYGON((0 0 9, 9 0 9, 9 9 -9.5, 0 0 9)), "geometry")`,
		`{"op":"s_within","args":[{"type":"Polygon","coordinates":[[[0,0,9],[9,0,9],[9,9,-9.5],[0,0,9]]],"bbox":[0,0,9,9]},{"property":"geometry"}]}`,
		`(s_within POLYGON((0 0,9 0,9 9,0 0)) geometry)`, `S_WITHIN(POLYGON((0 0,9 0,9 9,0 0)), geometry)`},
	{"52", `S_CONTAINS("geometry", POINT (-3.5 -1.75))`,
		`{"op":"s_contains","args":[{"property":"geometry"},{"type":"Point","coordinates":[-3.5,-1.75]}]}`,
		`(s_contains geometry POINT(-3.5 -1.75))`, `S_CONTAINS(geometry, POINT(-3.5 -1.75))`},
	{"48, 51", `S_CONTAINS(geometry, LINESTRING(1 2, 3 4)) OR S_CONTAINS(geometry, MULTILINESTRING ((1 2, 3 4),(5 6,7 8, 9 -0.0)))`,
		`{"op":"or","args":[{"op":"s_contains","args":[{"property":"geometry"},{"type":"LineString","coordinates":[[1,2],[3,4]]}]},
		{"op":"s_contains","args":[{"property":"geometry"},{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[5,6],[7,8],[9,-0.0]]]}]}]}`,
		`(or (s_contains geometry LINESTRING(1 2,3 4)) (s_contains geometry MULTILINESTRING((1 2,3 4),(5 6,7 8,9 0))))`,
		`S_CONTAINS(geometry, LINESTRING(1 2,3 4)) OR S_CONTAINS(geometry, MULTILINESTRING((1 2,3 4),(5 6,7 8,9 0)))`},
	{"83", `S_INTERSECTS(MULTIPOINT ((180.0 -0.5), (33 -1)), "geometry")`,
		`{"op":"s_intersects","args":[{"type":"MultiPoint","coordinates":[[180.0,-0.5],[33,-1]]},{"property":"geometry"}]}`,
		`(s_intersects MULTIPOINT((180 -0.5),(33 -1)) geometry)`, `S_INTERSECTS(MULTIPOINT((180 -0.5),(33 -1)), geometry)`},
	{"84", `S_INTERSECTS(GEOMETRYCOLLECTION (POINT (1.9 2), LINESTRING (179 1, -148 -65)), "geometry")`,
		`{"op":"s_intersects","args":[{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1.9,2]},
		{"type":"LineString","coordinates":[[179,1],[-148,-65]]}]},{"property":"geometry"}]}`,
		`(s_intersects GEOMETRYCOLLECTION(POINT(1.9 2),LINESTRING(179 1,-148 -65)) geometry)`,
		`S_INTERSECTS(GEOMETRYCOLLECTION(POINT(1.9 2),LINESTRING(179 1,-148 -65)), geometry)`},
	{"72", `"voters" > ("homes" + 10)`, `{"op":">","args":[{"property":"voters"},{"op":"+","args":[{"property":"homes"},10]}]}`,
		`(> voters (+ homes 10))`, `voters > homes + 10`},
	{"74, 75", `"voters" <> (22.1 * "homes" / 2)`,
		`{"op":"<>","args":[{"property":"voters"},{"op":"/","args":[{"op":"*","args":[22.1,{"property":"homes"}]},2]}]}`,
		`(<> voters (/ (* 22.1 homes) 2))`, `voters <> 22.1 * homes / 2`},
	{"76", `"voters" <= (2 ^ "doors")`, `{"op":"<=","args":[{"property":"voters"},{"op":"^","args":[2,{"property":"doors"}]}]}`,
		`(<= voters (^ 2 doors))`, `voters <= 2 ^ doors`},
	{"77", `0 = ("number" % 2)`, `{"op":"=","args":[0,{"op":"%","args":[{"property":"number"},2]}]}`, `(= 0 (% number 2))`, `0 = number % 2`},
	{"78", `1 = ("number" div 2)`, `{"op":"=","args":[1,{"op":"div","args":[{"property":"number"},2]}]}`, `(= 1 (div number 2))`, `1 = number div 2`},
	{"85", `"a" = ((((-1 * "b") * 2.0) + ("c" / 6.5)) - ("d" ^ 2.0))`,
		`{"op":"=","args":[{"property":"a"},{"op":"-","args":[{"op":"+","args":[{"op":"*","args":[{"op":"*","args":[-1,{"property":"b"}]},2.0]},
		{"op":"/","args":[{"property":"c"},6.5]}]},{"op":"^","args":[{"property":"d"},2.0]}]}]}`,
		`(= a (- (+ (* (* -1 b) 2) (/ c 6.5)) (^ d 2)))`, `a = -1 * b * 2 + c / 6.5 - d ^ 2`},
	{"82 in part", `seen = TIMESTAMP('2012-08-10T05:30:00.500000Z') AND FALSE`,
		`{"op":"and","args":[{"op":"=","args":[{"property":"seen"},{"timestamp":"2012-08-10T05:30:00.500000Z"}]},false]}`,
		`(and (= seen 2012-08-10T05:30:00.5Z) false)`, `seen = TIMESTAMP('2012-08-10T05:30:00.5Z') AND FALSE`},
}

func TestFormsOfTheStandard(t *testing.T) {
	for _, c := range standard {
		fromText, err := ParseText(c.text)
		if err != nil {
			t.Errorf("%s: %s: %v", c.examples, c.text, err)
			continue
		}
		fromJSON, err := ParseJSON([]byte(c.json))
		if err != nil {
			t.Errorf("%s: %s: %v", c.examples, c.json, err)
			continue
		}
		if got := tree(fromText); got != c.tree {
			t.Errorf("%s: %s\n  is     %s\n  wanted %s", c.examples, c.text, got, c.tree)
		}
		if !reflect.DeepEqual(fromText, fromJSON) {
			t.Errorf("%s: %s\n  in JSON is %s", c.examples, c.text, tree(fromJSON))
		}
		if got := Text(fromText); got != c.written {
			t.Errorf("%s: written  %s\n  wanted %s", c.examples, got, c.written)
		}
		if got := JSON(fromText); !sameJSON(t, got, c.json) {
			t.Errorf("%s: written %s", c.examples, got)
		}
	}
}

// sameJSON compares two texts of JSON by their values; heights, and the bbox of a geometry, are not written.
func sameJSON(t *testing.T, got []byte, want string) bool {
	t.Helper()
	want = strings.NewReplacer(`,-9999.0,`, `,`, `44,100000.0`, `44`, `,"bbox":[0,0,9,9]`, ``, `,9]`, `]`, `,-9.5]`, `]`, `500000Z`, `5Z`).Replace(want)
	var a, b any
	if err := errors.Join(json.Unmarshal(got, &a), json.Unmarshal([]byte(want), &b)); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(a, b)
}

// What the standard has and this house has not is refused by its name.
func TestWhatIsNotThere(t *testing.T) {
	for _, c := range []struct {
		text    string
		json    string
		named   string
		pointer string
	}{
		{`avg(voters) < 4`, `{"op":"<","args":[{"op":"avg","args":[{"property":"voters"}]},4]}`, "avg", "/args/0/op"},                                    // clause6_02b
		{`S_CROSSES(geometry,BBOX(0,0,1,1))`, `{"op":"s_crosses","args":[{"property":"geometry"},{"bbox":[0,0,1,1]}]}`, "s_crosses", "/op"},              // clause7_10
		{`S_EQUALS(geometry,geometry)`, `{"op":"s_equals","args":[{"property":"geometry"},{"property":"geometry"}]}`, "s_equals", "/op"},                 // 46
		{`S_TOUCHES(geometry,geometry)`, `{"op":"s_touches","args":[{"property":"geometry"},{"property":"geometry"}]}`, "s_touches", "/op"},              // 48
		{`S_OVERLAPS(geometry,geometry)`, `{"op":"s_overlaps","args":[{"property":"geometry"},{"property":"geometry"}]}`, "s_overlaps", "/op"},           // 50
		{`S_WITHIN(geometry,Buffer(geometry,10,'m'))`, `{"op":"s_within","args":[{"property":"g"},{"op":"Buffer","args":[1]}]}`, "Buffer", "/args/1/op"}, // clause7_18
		{`T_BEFORE(held, DATE('2015-01-01'))`, `{"op":"t_before","args":[{"property":"held"},{"date":"2015-01-01"}]}`, "t_before", "/op"},                // 20
		{`T_DURING(INTERVAL(a, b), INTERVAL('..', '..'))`, `{"op":"t_during","args":[{"interval":["..",".."]},{"property":"a"}]}`, "t_during", "/op"},    // 22
		{`A_CONTAINS(layers, ('a','b'))`, `{"op":"a_contains","args":[{"property":"layers"},["a","b"]]}`, "a_contains", "/op"},                           // clause7_15
		{`INTERVAL('2015-01-01', '..') IS NULL`, `{"op":"isNull","args":[{"interval":["2015-01-01",".."]}]}`, "interval", "/args/0/interval"},            // none
	} {
		_, err := ParseText(c.text)
		var fault *Error
		if !errors.As(err, &fault) || !strings.Contains(strings.ToLower(fault.Problem), strings.ToLower(c.named)) || !strings.Contains(fault.Problem, "S_INTERSECTS") {
			t.Errorf("%s: %v", c.text, err)
		}
		_, err = ParseJSON([]byte(c.json))
		if !errors.As(err, &fault) || !strings.Contains(fault.Problem, c.named) || fault.Pointer != c.pointer {
			t.Errorf("%s: %v", c.json, err)
		}
	}
}
