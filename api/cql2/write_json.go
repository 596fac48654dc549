package cql2

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// JSON writes a filter as ParseJSON reads it: the same filter, the same bytes. Of a nil filter there are none.
func JSON(f *engine.Filter) []byte {
	if f == nil {
		return nil
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(jsonOf(f)); err != nil {
		return nil // no filter that was read has a number that JSON has not
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// jsonOf is what encoding/json makes the text of a node of.
func jsonOf(f *engine.Filter) any {
	switch f.Op {
	case engine.FilterProperty:
		return struct {
			Property string `json:"property"`
		}{f.Name}
	case engine.FilterLiteral:
		return jsonOfValue(f.Value)
	}
	args := make([]any, len(f.Args))
	for i, arg := range f.Args {
		args[i] = jsonOf(arg)
	}
	if f.Op == engine.FilterIn {
		args = []any{args[0], args[1:]}
	}
	return struct {
		Op   engine.FilterOp `json:"op"`
		Args []any           `json:"args"`
	}{f.Op, args}
}

func jsonOfValue(v engine.FilterValue) any {
	switch v.Type {
	case engine.FilterNumber:
		return v.Number
	case engine.FilterBool:
		return v.Bool
	case engine.FilterDate:
		return struct {
			Date string `json:"date"`
		}{v.Time.UTC().Format(time.DateOnly)}
	case engine.FilterTimestamp:
		return struct {
			Timestamp string `json:"timestamp"`
		}{v.Time.UTC().Format(time.RFC3339Nano)}
	case engine.FilterGeometry:
		return jsonOfGeometry(v.Geometry)
	}
	return v.Text
}

func jsonOfGeometry(g orb.Geometry) any {
	switch g := g.(type) {
	case orb.Bound:
		return struct {
			Box [4]float64 `json:"bbox"`
		}{[4]float64{g.Left(), g.Bottom(), g.Right(), g.Top()}}
	case orb.Collection:
		parts := make([]any, len(g))
		for i, part := range g {
			parts[i] = jsonOfGeometry(part)
		}
		return struct {
			Type       string `json:"type"`
			Geometries []any  `json:"geometries"`
		}{g.GeoJSONType(), parts}
	}
	return struct {
		Type        string       `json:"type"`
		Coordinates orb.Geometry `json:"coordinates"`
	}{g.GeoJSONType(), g}
}
