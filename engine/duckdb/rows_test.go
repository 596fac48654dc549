//go:build duckdb_arrow

package duckdb

import (
	"errors"
	"strconv"
	"testing"
)

var valueCases = []struct{ sql, text, json string }{
	{"true", "true", "true"},
	{"NULL", "NULL", "null"},
	{"(-128)::TINYINT", "-128", "-128"},
	{"9223372036854775807", "9223372036854775807", "9223372036854775807"},
	{"18446744073709551615::UBIGINT", "18446744073709551615", "18446744073709551615"},
	{"170141183460469231731687303715884105727::HUGEINT", "170141183460469231731687303715884105727", "170141183460469231731687303715884105727"},
	{"-170141183460469231731687303715884105727::HUGEINT", "-170141183460469231731687303715884105727", "-170141183460469231731687303715884105727"},
	{"sum(9007199254740993::BIGINT)", "9007199254740993", "9007199254740993"},
	{"-0.05::DECIMAL(3,2)", "-0.05", "-0.05"},
	{"0::DECIMAL(9,2)", "0.00", "0.00"},
	{"12345678901234567890.123456789::DECIMAL(38,9)", "12345678901234567890.123456789", "12345678901234567890.123456789"},
	{"0.1::DOUBLE", "0.1", "0.1"},
	{"0.1::FLOAT", "0.1", "0.1"},
	{"2::DOUBLE", "2", "2"},
	{"1e-9::DOUBLE", "1e-09", "1e-09"},
	{"1e300::DOUBLE", "1e+300", "1e+300"},
	{"'nan'::DOUBLE", "NaN", `"NaN"`},
	{"'-inf'::DOUBLE", "-Inf", `"-Inf"`},
	{`'L''été <à> "Paris"'`, `L'été <à> "Paris"`, `"L'été <à> \"Paris\""`},
	{"DATE '2017-04-23'", "2017-04-23", `"2017-04-23"`},
	{"TIMESTAMP '2017-04-23 19:59:59.5'", "2017-04-23T19:59:59.5", `"2017-04-23T19:59:59.5"`},
	{"'second'::ENUM('first', 'second')", "second", `"second"`},
	{`'\x01\xAB'::BLOB`, "01ab", `"01ab"`},
	{"'POINT(2.35 48.85)'::GEOMETRY", "POINT(2.35 48.85)", `"POINT(2.35 48.85)"`},
	{"['POINT(2.35 48.85)'::GEOMETRY]", `["POINT(2.35 48.85)"]`, `["POINT(2.35 48.85)"]`},
	{"[1, NULL, 3]", "[1,null,3]", "[1,null,3]"},
	{"[0.5, 0.25]::DOUBLE[2]", "[0.5,0.25]", "[0.5,0.25]"},
	{"[]::INTEGER[]", "[]", "[]"},
	{"{'low': 0.25, 'state': 'published'}", `{"low":0.25,"state":"published"}`, `{"low":0.25,"state":"published"}`},
	{"[{'a': [1]}, NULL]", `[{"a":[1]},null]`, `[{"a":[1]},null]`},
	{"MAP {'k': 11}", `[{"key":"k","value":11}]`, `[{"key":"k","value":11}]`},
}

func TestValues(t *testing.T) {
	db := openVillage(t)
	for _, c := range valueCases {
		rows, err := db.Query(t.Context(), "SELECT "+c.sql)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if !rows.Next() || rows.Len() != 1 {
			t.Fatalf("%s: no row: %v", c.sql, rows.Err())
		}
		text, ok := rows.Text(0, 0)
		if !ok {
			text = "NULL"
		}
		if json := string(rows.AppendJSON(nil, 0, 0)); text != c.text || json != c.json {
			t.Errorf("%s: text %s, JSON %s; want %s, %s", c.sql, text, json, c.text, c.json)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Errorf("%s: %v", c.sql, err)
		}
	}
}

// An answer of many batches comes whole and in order.
func TestManyBatches(t *testing.T) {
	db := openVillage(t)
	rows, err := db.Query(t.Context(), "SELECT range AS n, NULL::INTEGER AS nothing FROM range(100000) ORDER BY n")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.IsNumber(0) || rows.Columns()[1] != "nothing" {
		t.Errorf("columns %v, first is a number: %v", rows.Columns(), rows.IsNumber(0))
	}
	batches, next := 0, int64(0)
	for rows.Next() {
		batches++
		for row := range rows.Len() {
			if got := string(rows.AppendJSON(nil, 0, row)); got != strconv.FormatInt(next, 10) {
				t.Fatalf("row %d is %s", next, got)
			}
			next++
		}
	}
	if rows.Err() != nil || next != 100000 || batches < 2 {
		t.Errorf("%d rows in %d batches, error %v", next, batches, rows.Err())
	}
}
