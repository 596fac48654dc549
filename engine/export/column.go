package export

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// geometryOf finds the geometry of a schema, -1 where it has none.
func geometryOf(schema *arrow.Schema) int {
	for i, f := range schema.Fields() {
		if engine.IsGeometry(f) {
			return i
		}
	}
	return -1
}

// writable tells whether every column is of a type that is written as text.
func writable(schema *arrow.Schema) error {
	for _, f := range schema.Fields() {
		switch f.Type.ID() {
		case arrow.INT64, arrow.INT32, arrow.FLOAT64, arrow.STRING, arrow.BOOL, arrow.DATE32:
		case arrow.BINARY:
			if !engine.IsGeometry(f) {
				return fmt.Errorf("export: column %s is binary and no geometry", f.Name)
			}
		default:
			return fmt.Errorf("export: column %s is %s, which no text is written for", f.Name, f.Type)
		}
	}
	return nil
}

// appendNumber writes a value that is a number or a boolean the same in every text; false for others.
func appendNumber(to []byte, column arrow.Array, row int) ([]byte, bool) {
	switch c := column.(type) {
	case *array.Int64:
		return strconv.AppendInt(to, c.Value(row), 10), true
	case *array.Int32:
		return strconv.AppendInt(to, int64(c.Value(row)), 10), true
	case *array.Float64:
		v := c.Value(row)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return append(to, "null"...), true
		}
		return appendFloat(to, v), true
	case *array.Boolean:
		return strconv.AppendBool(to, c.Value(row)), true
	}
	return to, false
}

// appendFloat writes the shortest decimal that is the number, with an exponent only beyond what JSON readers show in full.
func appendFloat(to []byte, v float64) []byte {
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(to, v, 'e', -1, 64)
	}
	return strconv.AppendFloat(to, v, 'f', -1, 64)
}

// appendCell writes the 15 hex digits of a cell.
func appendCell(to []byte, id int64) []byte { return append(to, geo.Cell(id).String()...) }

// appendJSONText writes a string as JSON has it.
func appendJSONText(to []byte, text string) []byte {
	for i := range len(text) {
		if b := text[i]; b < ' ' || b > '~' || b == '"' || b == '\\' {
			quoted, _ := json.Marshal(text) // of a string there is no error
			return append(to, quoted...)
		}
	}
	return append(append(append(to, '"'), text...), '"')
}

// appendJSON writes any value but a geometry.
func appendJSON(to []byte, f arrow.Field, column arrow.Array, row int) []byte {
	if column.IsNull(row) {
		return append(to, "null"...)
	}
	switch c := column.(type) {
	case *array.String:
		return appendJSONText(to, c.Value(row))
	case *array.Date32:
		return append(append(append(to, '"'), c.Value(row).ToTime().Format("2006-01-02")...), '"')
	case *array.Int64:
		if engine.IsCell(f) {
			return append(appendCell(append(to, '"'), c.Value(row)), '"')
		}
	}
	to, _ = appendNumber(to, column, row)
	return to
}
