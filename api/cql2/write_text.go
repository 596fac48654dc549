package cql2

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/arpent/arpent/engine"
)

// Text writes a filter as ParseText reads it, with as few parentheses as that takes: the same filter, the same text. Of a nil filter it is empty.
// A filter that came as JSON can be longer in text than ParseText reads: what is kept is kept as JSON.
func Text(f *engine.Filter) string {
	if f == nil {
		return ""
	}
	var w textWriter
	w.write(f)
	return w.out.String()
}

// binding is how tightly the operators of a node hold their operands together.
type binding int

const (
	bindsOr binding = iota
	bindsAnd
	bindsNot
	bindsPredicate
	bindsSum
	bindsProduct
	bindsPower
	bindsValue
)

func bindingOf(f *engine.Filter) binding {
	switch f.Op {
	case engine.FilterOr:
		return bindsOr
	case engine.FilterAnd:
		return bindsAnd
	case engine.FilterNot:
		if isDeniedBehind(f.Args[0].Op) {
			return bindsPredicate
		}
		return bindsNot
	case engine.FilterEqual, engine.FilterNotEqual, engine.FilterLess, engine.FilterAtMost, engine.FilterGreater, engine.FilterAtLeast,
		engine.FilterLike, engine.FilterBetween, engine.FilterIn, engine.FilterIsNull:
		return bindsPredicate
	case engine.FilterPlus, engine.FilterMinus:
		return bindsSum
	case engine.FilterTimes, engine.FilterDividedBy, engine.FilterDiv, engine.FilterModulo:
		return bindsProduct
	case engine.FilterPower:
		return bindsPower
	}
	return bindsValue
}

// isDeniedBehind tells whether the NOT of an operator stands behind its first operand.
func isDeniedBehind(op engine.FilterOp) bool {
	return op == engine.FilterLike || op == engine.FilterBetween || op == engine.FilterIn || op == engine.FilterIsNull
}

type textWriter struct{ out strings.Builder }

// operand writes a node, in parentheses where its own operators hold less tightly than is needed here.
func (w *textWriter) operand(f *engine.Filter, needed binding) {
	if bindingOf(f) >= needed {
		w.write(f)
		return
	}
	w.out.WriteByte('(')
	w.write(f)
	w.out.WriteByte(')')
}

func (w *textWriter) write(f *engine.Filter) {
	switch b := bindingOf(f); {
	case f.Op == engine.FilterProperty:
		w.out.WriteString(nameText(f.Name))
	case f.Op == engine.FilterLiteral:
		w.value(f.Value)
	case f.Op == engine.FilterNot && b == bindsNot:
		w.out.WriteString("NOT ")
		w.operand(f.Args[0], bindsValue)
	case f.Op == engine.FilterNot:
		w.predicate(f.Args[0], "NOT ")
	case isDeniedBehind(f.Op):
		w.predicate(f, "")
	case b == bindsValue:
		w.out.WriteString(upper(string(f.Op)))
		w.list(f.Args, bindsOr)
	case b <= bindsAnd:
		w.between(f.Args, " "+upper(string(f.Op))+" ", b+1, b+1)
	case b == bindsPredicate:
		w.between(f.Args, " "+string(f.Op)+" ", bindsSum, bindsSum)
	case b == bindsPower:
		w.between(f.Args, " ^ ", bindsValue, bindsValue)
	default: // left to right: on the right an operator of the same precedence has parentheses
		w.between(f.Args, " "+string(f.Op)+" ", b, b+1)
	}
}

// between writes operands with an operator between them.
func (w *textWriter) between(args []*engine.Filter, operator string, first, others binding) {
	for i, arg := range args {
		if i == 0 {
			w.operand(arg, first)
			continue
		}
		w.out.WriteString(operator)
		w.operand(arg, others)
	}
}

// predicate writes one of the operators that are words behind a value.
func (w *textWriter) predicate(f *engine.Filter, not string) {
	w.operand(f.Args[0], bindsSum)
	switch f.Op {
	case engine.FilterIsNull:
		w.out.WriteString(" IS " + not + "NULL")
	case engine.FilterLike:
		w.out.WriteString(" " + not + "LIKE ")
		w.operand(f.Args[1], bindsSum)
	case engine.FilterBetween:
		w.out.WriteString(" " + not + "BETWEEN ")
		w.between(f.Args[1:], " AND ", bindsSum, bindsSum)
	default:
		w.out.WriteString(" " + not + "IN ")
		w.list(f.Args[1:], bindsSum)
	}
}

func (w *textWriter) list(args []*engine.Filter, needed binding) {
	w.out.WriteByte('(')
	w.between(args, ", ", needed, needed)
	w.out.WriteByte(')')
}

func (w *textWriter) value(v engine.FilterValue) {
	switch v.Type {
	case engine.FilterText:
		w.out.WriteString(quotedText(v.Text))
	case engine.FilterNumber:
		w.out.WriteString(numberText(v.Number))
	case engine.FilterBool:
		w.out.WriteString(strings.ToUpper(strconv.FormatBool(v.Bool)))
	case engine.FilterDate:
		fmt.Fprintf(&w.out, "DATE('%s')", v.Time.UTC().Format(time.DateOnly))
	case engine.FilterTimestamp:
		fmt.Fprintf(&w.out, "TIMESTAMP('%s')", v.Time.UTC().Format(time.RFC3339Nano))
	case engine.FilterGeometry:
		w.out.WriteString(geometryText(v.Geometry))
	}
}

func numberText(n float64) string { return strconv.FormatFloat(n, 'g', -1, 64) }

// nameText quotes the name of a property where it is a keyword or no identifier.
func nameText(name string) string {
	if identifierLength(name) == len(name) && !isReserved(name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// quotedText doubles apostrophes; one behind a backslash has a backslash instead, or the first would be taken with the apostrophe.
func quotedText(text string) string {
	doubled := strings.ReplaceAll(text, `'`, `''`)
	return "'" + strings.ReplaceAll(doubled, `\''`, `\\'`) + "'"
}

// geometryText writes a geometry as WKT, a box as BBOX.
func geometryText(g orb.Geometry) string {
	if box, ok := g.(orb.Bound); ok {
		return fmt.Sprintf("BBOX(%s, %s, %s, %s)", numberText(box.Left()), numberText(box.Bottom()), numberText(box.Right()), numberText(box.Top()))
	}
	return wkt.MarshalString(g)
}
