//go:build duckdb_arrow

package duckdb

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/encoding/wkt"
)

func valueText(field arrow.Field, values arrow.Array, row int) string {
	switch values.(type) {
	case array.ListLike, *array.Struct:
		return string(appendJSON(nil, field, values, row))
	}
	text, _ := scalarText(field, values, row)
	return strings.Clone(text) // the array's own text is in memory that goes with its batch
}

// scalarText gives the text of a value that is not NULL; bare is true where JSON writes it without quotes.
func scalarText(field arrow.Field, values arrow.Array, row int) (text string, bare bool) {
	switch v := values.(type) {
	case *array.Boolean:
		return strconv.FormatBool(v.Value(row)), true
	case *array.Int8, *array.Int16, *array.Int32, *array.Int64, *array.Uint8, *array.Uint16, *array.Uint32, *array.Uint64:
		return v.ValueStr(row), true
	case *array.Float32:
		return floatText(float64(v.Value(row)), 32)
	case *array.Float64:
		return floatText(v.Value(row), 64)
	case *array.Decimal128: // HUGEINT, the sum of BIGINT, comes as a decimal without fraction
		return v.Value(row).ToString(v.DataType().(*arrow.Decimal128Type).Scale), true
	case *array.String:
		return v.Value(row), false
	case *array.Dictionary:
		return scalarText(field, v.Dictionary(), v.GetValueIndex(row))
	case *array.Binary:
		return binaryText(field, v.Value(row)), false
	}
	return values.ValueStr(row), false
}

func floatText(v float64, bits int) (text string, bare bool) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'g', -1, bits), false
	}
	format := byte('f')
	if size := math.Abs(v); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.FormatFloat(v, format, -1, bits), true
}

// extensionName is where Arrow's C interface puts the name of a type that is stored as another one.
const extensionName = "ARROW:extension:name"

func binaryText(field arrow.Field, value []byte) string {
	if name, _ := field.Metadata.GetValue(extensionName); name == "geoarrow.wkb" {
		if geometry, err := wkb.Unmarshal(value); err == nil {
			return wkt.MarshalString(geometry)
		}
	}
	return hex.EncodeToString(value)
}

func appendJSON(to []byte, field arrow.Field, values arrow.Array, row int) []byte {
	if values.IsNull(row) {
		return append(to, "null"...)
	}
	switch v := values.(type) {
	case array.ListLike:
		element := v.DataType().(arrow.ListLikeType).ElemField()
		start, end := v.ValueOffsets(row)
		to = append(to, '[')
		for i := start; i < end; i++ {
			if i > start {
				to = append(to, ',')
			}
			to = appendJSON(to, element, v.ListValues(), int(i))
		}
		return append(to, ']')
	case *array.Struct:
		to = append(to, '{')
		for i, f := range v.DataType().(*arrow.StructType).Fields() {
			if i > 0 {
				to = append(to, ',')
			}
			to = append(AppendQuoted(to, f.Name), ':')
			to = appendJSON(to, f, v.Field(i), row)
		}
		return append(to, '}')
	}
	text, bare := scalarText(field, values, row)
	if bare {
		return append(to, text...)
	}
	return AppendQuoted(to, text)
}

// AppendQuoted appends text as a JSON string.
func AppendQuoted(to []byte, text string) []byte {
	buffer := bytes.NewBuffer(to)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text)                              // a string always encodes
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")) // which Encode adds
}
