package engine

import (
	"errors"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// textsOf makes a column of listed texts, or of each row's own.
func textsOf(listed bool, rows ...string) Texts {
	if !listed {
		b := array.NewStringBuilder(memory.NewGoAllocator())
		b.AppendValues(rows, nil)
		column := b.NewStringArray()
		return Texts{Array: column, values: column}
	}
	b := array.NewDictionaryBuilder(memory.NewGoAllocator(), &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}).(*array.BinaryDictionaryBuilder)
	for _, row := range rows {
		if err := b.AppendString(row); err != nil {
			panic(err)
		}
	}
	column := b.NewDictionaryArray()
	return Texts{Array: column, codes: column.Indices().(*array.Int32).Int32Values(), values: column.Dictionary().(*array.String)}
}

func TestTextPairsAreLookedUpOnce(t *testing.T) {
	asked := map[string]int{}
	unknown := errors.New("unknown")
	pairs := TextPairs[string]{Find: func(a, b string) (string, error) {
		asked[a+b]++
		if b == "?" {
			return "", unknown
		}
		return a + b, nil
	}}
	for range 2 { // batches
		a, b := textsOf(true, "x", "y", "x", "y", "x", "x"), textsOf(true, "1", "1", "2", "?", "1", "?")
		pairs.Begin(a, b)
		for row := range 6 {
			got, err := pairs.At(row)
			if b.Value(row) == "?" != errors.Is(err, unknown) || err == nil && got != a.Value(row)+b.Value(row) {
				t.Errorf("row %d: %q, %v", row, got, err)
			}
		}
	}
	pairs.Begin(textsOf(false, "x", "x"), textsOf(true, "3", "3"))
	for row := range 2 {
		if got, err := pairs.At(row); got != "x3" || err != nil {
			t.Errorf("a column that lists nothing: %q, %v", got, err)
		}
	}
	if asked["x1"] != 2 || asked["y1"] != 2 || asked["x2"] != 2 || asked["y?"] != 2 || asked["x?"] != 2 {
		t.Errorf("asked %v, in two batches", asked)
	}
}
