package export

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

// A row of a table is an object with its columns, in their order; a cell is a text, what is absent is null.
func TestLinesOfATable(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "row", Type: arrow.PrimitiveTypes.Int64}, engine.CellField("id"), {Name: "name", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "value", Type: arrow.PrimitiveTypes.Float64, Nullable: true}, {Name: "flag", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	}, nil)
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	b := array.NewRecordBuilder(mem, schema)
	defer b.Release()
	b.Field(0).(*array.Int64Builder).AppendValues([]int64{1, 3}, nil)
	b.Field(1).(*array.Int64Builder).AppendValues([]int64{0x881fb46751fffff, 0x881fb46751fffff}, nil)
	b.Field(2).(*array.StringBuilder).AppendValues([]string{`Impasse "du Puits"`, ""}, []bool{true, false})
	b.Field(3).(*array.Float64Builder).AppendValues([]float64{0.25, 0}, []bool{true, false})
	b.Field(4).(*array.BooleanBuilder).AppendValues([]bool{true, false}, []bool{true, false})
	batch := b.NewRecordBatch()
	defer batch.Release()
	format, err := FormatByName("ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	w, err := format.Writer(&out, schema, Options{Table: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(batch), w.Close()); err != nil {
		t.Fatal(err)
	}
	want := `{"row":1,"id":"881fb46751fffff","name":"Impasse \"du Puits\"","value":0.25,"flag":true}
{"row":3,"id":"881fb46751fffff","name":null,"value":null,"flag":null}
`
	if out.String() != want {
		t.Errorf("%swant\n%s", out.String(), want)
	}
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("%s is no JSON", line)
		}
	}
	if _, err := format.Writer(&out, schemaOfStreets(), Options{Table: true}); err == nil {
		t.Error("a table with a geometry is written")
	}
}
