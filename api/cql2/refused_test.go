package cql2

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestRefusedText(t *testing.T) {
	for _, c := range []struct {
		text   string
		offset int
		says   string
	}{
		// Incomplete.
		{``, 0, "the filter ends where it needs a property, a literal or ("},
		{"  \t\n", 4, "the filter ends"},
		{`a =`, 3, "the filter ends"},
		{`a = 1 AND`, 9, "the filter ends"},
		{`(a = 1`, 6, "the filter ends where it needs an operator or )"},
		{`NOT`, 3, "the filter ends"},
		{`a IN (1, 2`, 10, "needs a comma or )"},
		{`a BETWEEN 1`, 11, "needs AND"},
		{`a IS`, 4, "needs NULL"},
		{`casei(`, 6, "the filter ends"},
		{`DATE(`, 5, "needs a text in single quotes"},

		// Something else than is expected.
		{`a = 1 b = 2`, 6, `here stands "b", and it needs AND, OR or the end`},
		{`é = 1 é = 2`, 6, `here stands "é"`}, // characters, not bytes
		{`a = 1)`, 5, `here stands ")"`},
		{`a = b = c`, 6, `here stands "="`},
		{`a > 1 IS NULL`, 6, `here stands "IS"`},
		{`NOT NOT a = 1`, 4, `here stands "NOT"`},
		{`a NOT = 1`, 6, `needs LIKE, BETWEEN or IN`},
		{`a NOT NULL`, 6, `needs LIKE, BETWEEN or IN`},
		{`a IS 1`, 5, `needs NULL`},
		{`a IN 1`, 5, `needs (`},
		{`a IN ()`, 6, `here stands ")"`},
		{`a IN (1,)`, 8, `here stands ")"`},
		{`AND = 1`, 0, `here stands "AND"`},
		{`a == 1`, 3, `here stands "="`},
		{`a != 1`, 2, "not equal is <>"},
		{`a = #1`, 4, `"#" has no meaning here`},
		{`a = +b`, 5, `here stands "b", and it needs a number`},
		{`a = --1`, 5, `here stands "-"`},
		{`a = b ^ c ^ d`, 10, "needs parentheses"},
		{`"f"(a) = 1`, 3, `here stands "("`},
		{`a = "`, 4, "does not end"},
		{`a = ""`, 4, "a property has a name"},
		{`a = 'b`, 4, "does not end"},
		{`a = 'b\'`, 4, "does not end"},
		{`a = '\\'`, 4, "does not end"},
		{`a = 1.2.3`, 4, `"1.2." is not a number`},
		{`a = 1e`, 4, `"1e" is not a number`},
		{`a = 0x10`, 4, `"0x" is not a number`},
		{`a = 5AND b = 6`, 4, "set a space after it"},
		{`a = .`, 4, `"." has no meaning`},
		{`a = 1e400`, 4, "too large a number"},
		{`a = -1e400`, 4, "too large a number"},
		{`a = ` + strings.Repeat("x", 100) + ` b`, 105, `here stands "b"`},
		{`a = 1 ` + strings.Repeat("x", 100), 6, strings.Repeat("x", 40) + `..."`},

		// Types.
		{`a`, 0, `"a" is a property, not a condition: write "a" = TRUE`},
		{`1`, 0, "a filter is a condition, and this is a number"},
		{`  'x'`, 2, "a filter is a condition, and this is a text"},
		{`casei(a)`, 0, "a filter is a condition, and this is a text"},
		{`a + 1`, 0, "a filter is a condition, and this is a number"},
		{`a AND b = 1`, 0, `"a" is a property, not a condition`},
		{`b = 1 OR a`, 9, `"a" is a property, not a condition`},
		{`NOT a`, 4, `"a" is a property, not a condition`},
		{`b = 1 AND 2`, 10, "and takes a condition, and this is a number"},
		{`1 = 'x'`, 4, "= compares values of one type: this is a text, and a number stands before it"},
		{`a IN (b, 1, 'x')`, 12, "in compares values of one type"},
		{`casei(a) > 1`, 11, "> compares values of one type"},
		{`a + 1 = DATE('2022-04-10')`, 8, "this is a date or timestamp"},
		{`g = POINT(1 2)`, 4, "= does not compare geometries: use one of the operators on them, such as s_intersects"},
		{`a + 'x' = 1`, 4, "+ takes a number, and this is a text"},
		{`(a > 1) * 2 = 1`, 0, "* takes a number, and this is a condition"},
		{`-'x' = 1`, 1, "* takes a number, and this is a text"},
		{`1 LIKE 'x'`, 0, "like takes a text, and this is a number"},
		{`a LIKE b`, 7, "the pattern of like is a text"},
		{`a LIKE casei(b)`, 7, "the pattern of like is a text"},
		{`a LIKE 'x' + 1`, 7, "+ takes a number, and this is a text"},
		{`a BETWEEN DATE('2022-04-10') AND DATE('2022-04-24')`, 10, "between takes numbers, and this is a date or timestamp: compare it by >= and <="},
		{`casei(1) = 'x'`, 6, "casei takes a text, and this is a number"},
		{`casei(a, b) = 'x'`, 0, "casei takes one operand, not 2"},
		{`S_WITHIN(g)`, 0, "s_within takes 2 operands, not 1"},
		{`S_WITHIN(g, 'x')`, 12, "s_within takes a geometry, and this is a text"},
		{`a LIKE 'x' AND S_WITHIN(g, h > 1)`, 27, "s_within takes a geometry, and this is a condition"},

		// Instants.
		{`a = DATE(2022)`, 9, "needs a text in single quotes"},
		{`a = DATE('2022-02-30')`, 9, "is not a date"},
		{`a = DATE('2022-4-1')`, 9, "is not a date such as 2026-03-15"},
		{`a = TIMESTAMP('2022-04-10')`, 14, "is not a timestamp in UTC such as"},
		{`a = TIMESTAMP('2022-04-10T08:00:00+02:00')`, 14, "is not a timestamp in UTC"},
		{`a = TIMESTAMP('2022-04-10T8:00:00Z')`, 14, "is not a timestamp in UTC"},
		{`a = TIMESTAMP('2022-04-10T24:00:00Z')`, 14, "is not a timestamp in UTC"},
		{`a = TIMESTAMP('2022-04-10T08:00:00,5Z')`, 14, "is not a timestamp in UTC"},
		{`a = TIMESTAMP('2022-04-10T08:00:00.0123456789Z')`, 14, "is not a timestamp in UTC"},
		{`a = DATE('2022-04-10', 1)`, 21, "needs )"},

		// Geometries.
		{`S_WITHIN(g, POINT(48.85))`, 23, `here stands ")", and it needs a number`},
		{`S_WITHIN(g, POINT(1 2 3 4))`, 24, `here stands "4", and it needs )`},
		{`S_WITHIN(g, POINT(1, 2))`, 19, `here stands ",", and it needs a number`},
		{`S_WITHIN(g, POINT Z(1 2))`, 23, "needs a number"},
		{`S_WITHIN(g, POINT M(1 2 3))`, 18, `here stands "M"`},
		{`S_WITHIN(g, POINT EMPTY)`, 18, `here stands "EMPTY", and it needs (`},
		{`S_WITHIN(g, POINT(48.85 182))`, 18, "48.85 182 is not on the Earth"},
		{`S_WITHIN(g, POINT(1e999 2))`, 18, "too large a number"},
		{`S_WITHIN(g, POINT(a 2))`, 18, `here stands "a"`},
		{`S_WITHIN(g, LINESTRING(1 2))`, 22, "a line has two positions or more"},
		{`S_WITHIN(g, POLYGON(1 2))`, 20, `here stands "1", and it needs (`},
		{`S_WITHIN(g, POLYGON((0 0, 1 0, 0 0)))`, 20, "a ring of a polygon has four positions or more"},
		{`S_WITHIN(g, POLYGON((0 0, 1 0, 1 1, 0 1)))`, 20, "repeat the first position at its end"},
		{`S_WITHIN(g, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 2))))`, 31, "a geometry that is no collection"},
		{`S_WITHIN(g, GEOMETRYCOLLECTION(BBOX(1, 2, 3, 4)))`, 31, "a geometry that is no collection"},
		{`S_WITHIN(g, CIRCULARSTRING(1 2, 3 4))`, 12, `there is no operator or function "CIRCULARSTRING" here`},
		{`S_WITHIN(g, BBOX(1,2,3))`, 16, "four numbers, west, south, east and north, or six with heights, not 3"},
		{`S_WITHIN(g, BBOX(170,-20,-170,-10))`, 16, "join two boxes by OR"},
		{`S_WITHIN(g, BBOX(0,10,1,-10))`, 16, "west, south, east, north"},
		{`S_WITHIN(g, BBOX(0,0,1,91))`, 16, "not on the Earth"},

		// Bounds.
		{"a = '\xff'", 5, "not UTF-8"},
		{strings.Repeat(" ", mostText+1), 0, "more than 65536 bytes"},
		{strings.Repeat("(", mostParentheses+1) + "a=1" + strings.Repeat(")", mostParentheses+1), mostParentheses, "at most 64 operators stand in each other"},
		{"a = " + strings.Repeat("1+", mostDepth) + "1", 0, "at most 64 operators stand in each other"},
		{"a IN (" + strings.Repeat("1,", mostNodes) + "1)", 6 + 2*(mostNodes-1), "more than 10000 operators, properties and values"},
		{"S_WITHIN(g, MULTIPOINT(" + strings.Repeat("1 1,", mostPoints) + "1 1))", 23 + 4*mostPoints, "more than 10000 points"},
	} {
		f, err := ParseText(c.text)
		var fault *Error
		if !errors.As(err, &fault) {
			t.Errorf("%.80s was read as %s", c.text, tree(f))
			continue
		}
		if fault.Offset != c.offset || !strings.Contains(fault.Problem, c.says) {
			t.Errorf("%.80s\n  said   %d %s\n  wanted %d ...%s...", c.text, fault.Offset, fault.Problem, c.offset, c.says)
		}
		if len(fault.Problem) > 400 {
			t.Errorf("%.80s: the message has %d bytes", c.text, len(fault.Problem))
		}
	}
}

func TestRefusedJSON(t *testing.T) {
	deep := func(n int) string {
		return strings.Repeat(`{"op":"not","args":[`, n) + `true` + strings.Repeat(`]}`, n)
	}
	within := func(geometry string) string {
		return `{"op":"s_within","args":[{"property":"g"},` + geometry + `]}`
	}
	for _, c := range []struct{ json, pointer, says string }{
		// Not JSON, or not one value.
		{``, "", "not well-formed JSON: unexpected end of JSON input"},
		{`a = 1`, "", "not well-formed JSON: invalid character 'a'"},
		{`true false`, "", "at byte 6"},
		{`{"op":"not","args":[true]}}`, "", "at byte 27"},
		{`[true,]`, "", "not well-formed JSON"},
		{"\"\xff\"", "", "not UTF-8"},
		{"\xef\xbb\xbftrue", "", "not well-formed JSON"},
		{`{"op":"not","args":[true],"op":"not"}`, "/op", "there twice"},
		{`{"op":"not","args":[{"property":"a","property":"a"}]}`, "/args/0/property", "there twice"},
		{`{"a/b~":1,"a/b~":2}`, "/a~1b~0", "there twice"},

		// Objects.
		{`{}`, "", "an object has op and args, or property, date, timestamp or bbox, or is a GeoJSON geometry"},
		{`{"op":"not"}`, "/args", "here stands null, or nothing, and it needs a list of operands"},
		{`{"op":"not","args":true}`, "/args", "here stands true or false, and it needs a list of operands"},
		{`{"op":7,"args":[]}`, "/op", "here stands a number, and it needs the name of an operator"},
		{`{"op":"NOT","args":[true]}`, "/op", `there is no operator or function "NOT" here: there are and, or, not,`},
		{`{"op":"==","args":[1,1]}`, "/op", `there is no operator or function "==" here`},
		{`{"op":"property","args":[]}`, "/op", `there is no operator or function "property" here`},
		{`{"op":"not","args":[true],"why":1}`, "/why", "there is no such member here: there are op, args"},
		{`{"like":["a","b"]}`, "", "an object has op and args"}, // as drafts of the standard had it
		{`{"property":"a","op":"not","args":[]}`, "/property", "no such member"},
		{`{"op":"isNull","args":[{"property":""}]}`, "/args/0/property", "a property has a name"},
		{`{"op":"isNull","args":[{"property":["a"]}]}`, "/args/0/property", "a property has a name"},
		{`{"op":"isNull","args":{"property":"a"}}`, "/args", "here stands an object"},
		{`null`, "", "null is no value"},
		{`[]`, "", "a list stands only where in has its second operand"},

		// Operands.
		{`{"op":"and","args":[true]}`, "/args", "and takes 2 operands or more, not 1"},
		{`{"op":"not","args":[true,true]}`, "/args", "not takes one operand, not 2"},
		{`{"op":"<","args":[1]}`, "/args", "< takes 2 operands, not 1"},
		{`{"op":"between","args":[{"property":"a"},1]}`, "/args", "between takes 3 operands, not 2"},
		{`{"op":"=","args":[{"property":"a"},null]}`, "/args/1", `null is no value: ask by {"op": "isNull"`},
		{`{"op":"=","args":[1,"x"]}`, "/args/1", "= compares values of one type"},
		{`{"op":"in","args":[{"property":"a"},1,2]}`, "/args", "in takes a value and a list of values"},
		{`{"op":"in","args":[{"property":"a"},1]}`, "/args/1", "in takes a value and a list of values"},
		{`{"op":"in","args":[{"property":"a"},[]]}`, "/args/1", "in takes a value and a list of values, one or more"},
		{`{"op":"in","args":[{"property":"a"},[1,"x"]]}`, "/args/1/1", "in compares values of one type"},
		{`{"op":"in","args":[{"property":"a"},[1,[2]]]}`, "/args/1/1", "a list stands only where"},
		{`{"op":"not","args":[{"op":"like","args":[{"property":"a"},{"property":"b"}]}]}`, "/args/0/args/1", "the pattern of like is a text"},
		{`{"op":"and","args":[true,{"property":"a"}]}`, "/args/1", `"a" is a property, not a condition: write "a" = TRUE`},
		{`{"property":"a"}`, "", `"a" is a property, not a condition`},
		{`"x"`, "", "a filter is a condition, and this is a text"},
		{`{"op":"=","args":[{"property":"a"},"x\\"]}`, "/args/1", "a text does not end in a backslash"},
		{`{"op":"=","args":[{"property":"a"},1e400]}`, "/args/1", "too large a number"},
		{`{"op":"=","args":[{"property":"a"},{"date":"2022-04-10T00:00:00Z"}]}`, "/args/1/date", "is not a date"},
		{`{"op":"=","args":[{"property":"a"},{"date":20220410}]}`, "/args/1/date", "here stands a number, and it needs a text"},
		{`{"op":"=","args":[{"property":"a"},{"timestamp":"2022-04-10T08:00:00"}]}`, "/args/1/timestamp", "is not a timestamp"},

		// Geometries.
		{within(`{"type":"Circle","coordinates":[1,2]}`), "/args/1/type", "type is one of GeoJSON geometries"},
		{within(`{"type":"Feature","geometry":null,"properties":{}}`), "/args/1/geometry", "there is no such member here: there are type, coordinates, bbox"},
		{within(`{"type":["Point"],"coordinates":[1,2]}`), "/args/1/type", "type is one of GeoJSON geometries"},
		{within(`{"type":"Point"}`), "/args/1/coordinates", "here stands null, or nothing, and it needs a list"},
		{within(`{"type":"Point","coordinates":[]}`), "/args/1/coordinates", "an empty list is no geometry"},
		{within(`{"type":"Point","coordinates":[1]}`), "/args/1/coordinates", "a position has a longitude, a latitude"},
		{within(`{"type":"Point","coordinates":[1,2,3,4]}`), "/args/1/coordinates", "not 4 numbers"},
		{within(`{"type":"Point","coordinates":[1,"2"]}`), "/args/1/coordinates/1", "here stands a text, and it needs a number"},
		{within(`{"type":"Point","coordinates":[1,2e999]}`), "/args/1/coordinates/1", "too large a number"},
		{within(`{"type":"Point","coordinates":[48.85,182]}`), "/args/1/coordinates", "not on the Earth"},
		{within(`{"type":"LineString","coordinates":[[1,2]]}`), "/args/1/coordinates", "a line has two positions or more"},
		{within(`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}`), "/args/1/coordinates/0", "repeat the first position"},
		{within(`{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[0,0]]]]}`), "/args/1/coordinates/0/0", "four positions or more"},
		{within(`{"type":"GeometryCollection","geometries":[1]}`), "/args/1/geometries/0", "here stands a number"},
		{within(`{"type":"GeometryCollection","geometries":[{"type":"GeometryCollection","geometries":[]}]}`), "/args/1/geometries/0", "a geometry that is no collection"},
		{within(`{"type":"Point","coordinates":[1,2],"crs":{}}`), "/args/1/crs", "no such member"},
		{within(`{"bbox":[170,-20,-170,-10]}`), "/args/1/bbox", "join two boxes by OR"},
		{within(`{"bbox":[0,0,1]}`), "/args/1/bbox", "four numbers"},
		{within(`{"bbox":[0,0,1,1],"crs":4326}`), "/args/1/crs", "no such member"},

		// Bounds.
		{strings.Repeat(" ", mostJSON+1), "", "more than 1048576 bytes"},
		{deep(mostDepth), "", "at most 64 operators stand in each other"},
		{deep(150), strings.Repeat("/args/0", mostNested/2), "at most 64 operators stand in each other"},
		{strings.Repeat("[", 100_000), "", "not well-formed JSON"},
		{`{"op":"in","args":[1,[` + strings.Repeat("1,", mostNodes) + `1]]}`, fmt.Sprintf("/args/1/%d", mostNodes-1), "more than 10000 operators"},
		{within(`{"type":"MultiPoint","coordinates":[` + strings.Repeat("[1,1],", mostPoints) + `[1,1]]}`), fmt.Sprintf("/args/1/coordinates/%d", mostPoints), "more than 10000 points"},
		{`[` + strings.Repeat("1,", mostValues) + `1]`, fmt.Sprintf("/%d", mostValues-1), "more than 100000 values"},
	} {
		f, err := ParseJSON([]byte(c.json))
		var fault *Error
		if !errors.As(err, &fault) {
			t.Errorf("%.80s was read as %s", c.json, tree(f))
			continue
		}
		if fault.Offset != -1 || fault.Pointer != c.pointer || !strings.Contains(fault.Problem, c.says) {
			t.Errorf("%.120s\n  said   %s: %s\n  wanted %s: ...%s...", c.json, fault.Pointer, fault.Problem, c.pointer, c.says)
		}
		if len(fault.Problem) > 400 {
			t.Errorf("%.80s: the message has %d bytes", c.json, len(fault.Problem))
		}
	}
}

// What is exactly at a bound is read.
func TestWithinBounds(t *testing.T) {
	for _, text := range []string{
		"a = '" + strings.Repeat("x", mostText-6) + "'",
		strings.Repeat("(", mostParentheses) + "a=1" + strings.Repeat(")", mostParentheses),
		strings.Repeat("NOT (", mostDepth-2) + "a=1" + strings.Repeat(")", mostDepth-2),
		strings.Repeat("NOT (", mostDepth-2) + "S_WITHIN(g, GEOMETRYCOLLECTION(MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))))" + strings.Repeat(")", mostDepth-2),
		strings.Repeat("a IN ((", mostDepth-2) + "S_WITHIN(g, GEOMETRYCOLLECTION(MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))))" + strings.Repeat("))", mostDepth-2),
		"a IN (" + strings.Repeat("1,", mostNodes-3) + "1)",
		"S_WITHIN(g, MULTIPOINT(" + strings.Repeat("1 1,", mostPoints-1) + "1 1))",
		"S_WITHIN(g, GEOMETRYCOLLECTION(" + strings.Repeat("POINT(1 1 1),", 4999) + "POINT(1 1)))",
	} {
		f, err := ParseText(text)
		if err != nil {
			t.Errorf("%.80s: %v", text, err)
			continue
		}
		if problem := writtenAndRead(f); problem != "" {
			t.Errorf("%.200s", problem)
		}
	}
}

func TestErrorSaysWhere(t *testing.T) {
	for _, c := range []struct {
		err  error
		says string
	}{
		{&Error{Offset: 12, Problem: "a line has two positions or more"}, "cql2: at character 12: a line has two positions or more"},
		{&Error{Offset: -1, Pointer: "/args/1", Problem: "null is no value"}, "cql2: at /args/1: null is no value"},
		{&Error{Offset: -1, Problem: "this is not UTF-8"}, "cql2: this is not UTF-8"},
	} {
		if got := c.err.Error(); got != c.says {
			t.Errorf("%s, wanted %s", got, c.says)
		}
	}
}
