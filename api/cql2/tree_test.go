package cql2

import (
	"fmt"
	"strings"
	"time"

	"github.com/paulmach/orb/encoding/wkt"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// tree writes a filter so that a table can say it without either writer of the package: an operator and its operands in parentheses.
func tree(f *engine.Filter) string {
	switch f.Op {
	case engine.FilterProperty:
		return f.Name
	case engine.FilterLiteral:
		return literal(f.Value)
	}
	parts := []string{string(f.Op)}
	for _, arg := range f.Args {
		parts = append(parts, tree(arg))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func literal(v engine.FilterValue) string {
	switch v.Type {
	case engine.FilterText:
		return "'" + v.Text + "'"
	case engine.FilterNumber:
		return fmt.Sprint(v.Number)
	case engine.FilterBool:
		return fmt.Sprint(v.Bool)
	case engine.FilterDate:
		return v.Time.Format(time.DateOnly)
	case engine.FilterTimestamp:
		return v.Time.Format(time.RFC3339Nano)
	}
	if box, ok := v.Geometry.(orb.Bound); ok {
		return fmt.Sprintf("box%v%v", box.Min, box.Max)
	}
	return wkt.MarshalString(v.Geometry)
}
