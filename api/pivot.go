package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/live"
)

type pivotOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func pivotOffers() []offer {
	offers := []offer{{"json", mediaJSON}}
	for _, f := range export.Formats() {
		if f.Name == "csv" || f.Name == "arrow" || f.Name == "parquet" {
			offers = append(offers, offer{f.Name, f.MediaType})
		}
	}
	return offers
}

func pivotResponses(api huma.API) map[string]*huma.Response {
	binary := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	return map[string]*huma.Response{"200": {Description: "The groups. In tables a column for each property, then units, published, suppressed, empty, n, and CHOICE.votes, .n, .value, .low, .low50, .high50, .high of each choice",
		Content: map[string]*huma.MediaType{
			mediaJSON: {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Pivot](), true, "")},
			mediaCSV:  {Schema: &huma.Schema{Type: huma.TypeString}}, mediaArrow: {Schema: binary}, "application/vnd.apache.parquet": {Schema: binary},
		}}}
}

func (s *server) pivotUnits(ctx context.Context, in *pivotInput) (*pivotOutput, error) {
	form, err := negotiated(in.F, in.Accept, pivotOffers())
	if err != nil {
		return nil, err
	}
	city, query, none, err := s.ask(&in.Body.Question)
	if err != nil {
		return nil, err
	}
	areas, err := in.areas()
	if err != nil {
		return nil, err
	}
	rows, about, err := s.pivot(ctx, city, none, live.PivotQuery{ItemQuery: query, By: in.Body.By, Areas: areas})
	if err != nil {
		return nil, err
	}
	out := &pivotOutput{ContentType: form.mediaType}
	if form.name == "json" {
		out.Body, err = json.Marshal(pivotOf(city, in.Body.By, rows, about))
	} else {
		out.Body, err = pivotTable(form.name, in.Body.By, rows, s.memory)
	}
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	return out, nil
}

func pivotOf(city City, by []string, rows []live.PivotRow, about About) Pivot {
	out := Pivot{Snapshot: city.Snapshot(), Contest: about.Contest, By: append([]string{}, by...), Rows: []PivotRow{}}
	for _, row := range rows {
		group := map[string]string{}
		for i, name := range by {
			group[name] = row.Group[i]
		}
		one := PivotRow{Group: group, Units: row.Units, Published: row.Published, Suppressed: row.Suppressed, Empty: row.Empty, N: row.Registered, Choices: []PivotChoice{}}
		for _, c := range row.Choices {
			one.Choices = append(one.Choices, PivotChoice{c.Choice, c.Votes, c.Registered, c.Share, c.Low90, c.High90, c.Low50, c.High50})
		}
		out.Rows = append(out.Rows, one)
	}
	return out
}

// pivotTable writes the groups as a table, choices side by side.
func pivotTable(format string, by []string, rows []live.PivotRow, mem memory.Allocator) ([]byte, error) {
	f, err := export.FormatByName(format)
	if err != nil {
		return nil, err
	}
	var choices []string
	at := map[string]int{}
	for _, row := range rows {
		for _, c := range row.Choices {
			if _, there := at[c.Choice]; !there {
				at[c.Choice] = len(choices)
				choices = append(choices, c.Choice)
			}
		}
	}
	var fields []arrow.Field
	for _, name := range by {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String})
	}
	for _, name := range []string{"units", "published", "suppressed", "empty", "n"} {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int64})
	}
	for _, choice := range choices {
		for _, name := range []string{"votes", "n"} {
			fields = append(fields, arrow.Field{Name: choice + "." + name, Type: arrow.PrimitiveTypes.Int64, Nullable: true})
		}
		for _, name := range []string{"value", "low", "low50", "high50", "high"} {
			fields = append(fields, arrow.Field{Name: choice + "." + name, Type: arrow.PrimitiveTypes.Float64, Nullable: true})
		}
	}
	schema := arrow.NewSchema(fields, nil)
	builder := array.NewRecordBuilder(mem, schema)
	defer builder.Release()
	for _, row := range rows {
		for i, value := range row.Group {
			builder.Field(i).(*array.StringBuilder).Append(value)
		}
		for i, n := range []int64{int64(row.Units), int64(row.Published), int64(row.Suppressed), int64(row.Empty), row.Registered} {
			builder.Field(len(by) + i).(*array.Int64Builder).Append(n)
		}
		found := make([]*live.PivotChoice, len(choices))
		for i := range row.Choices {
			found[at[row.Choices[i].Choice]] = &row.Choices[i]
		}
		for k, c := range found {
			first := len(by) + 5 + 7*k
			if c == nil {
				for i := range 7 {
					builder.Field(first + i).AppendNull()
				}
				continue
			}
			for i, n := range []int64{c.Votes, c.Registered} {
				builder.Field(first + i).(*array.Int64Builder).Append(n)
			}
			for i, v := range []float64{c.Share, c.Low90, c.Low50, c.High50, c.High90} {
				builder.Field(first + 2 + i).(*array.Float64Builder).Append(v)
			}
		}
	}
	batch := builder.NewRecordBatch()
	defer batch.Release()
	var out bytes.Buffer
	w, err := f.Writer(&out, schema, export.Options{Memory: mem})
	if err != nil {
		return nil, err
	}
	if err := w.Write(batch); err != nil {
		return nil, fmt.Errorf("api: pivot: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("api: pivot: %w", err)
	}
	return out.Bytes(), nil
}
