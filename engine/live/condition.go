package live

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// truth is what a condition says of a unit. Where something it needs is absent, it is unknown.
type truth int8

const (
	no truth = iota
	yes
	unknown
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// condition tells whether a unit is asked for.
type condition func(u int) truth

// operand is a node of a filter made ready: the reader of its type is there.
type operand struct {
	is        engine.FilterType
	constant  bool
	text      func(u int) (string, bool)
	number    func(u int) (float64, bool)
	condition condition
	time      time.Time    // of dates and timestamps, which are literals alone
	geometry  orb.Geometry // a literal; nil is the geometry of the unit
}

// compiler makes a filter ready for the units of a level.
type compiler struct {
	properties *properties
	layer      *layer // nil where units have no geometry
}

// compile gives the condition of a filter. What is wrong with it is an *ItemError.
func (c compiler) compile(f *engine.Filter) (condition, error) {
	if f == nil {
		return nil, nil
	}
	made, err := c.condition(f)
	if err != nil {
		return nil, &ItemError{"filter", err.Error()}
	}
	return made, nil
}

func (c compiler) condition(f *engine.Filter) (condition, error) {
	made, err := c.operand(f)
	if err != nil {
		return nil, err
	}
	if made.is != engine.FilterBool {
		return nil, fmt.Errorf("%s is a %s where a condition is needed: compare it with something", describe(f), made.is)
	}
	return made.condition, nil
}

func (c compiler) operand(f *engine.Filter) (operand, error) {
	switch f.Op {
	case engine.FilterLiteral:
		return literal(f.Value), nil
	case engine.FilterProperty:
		return c.property(f.Name)
	case engine.FilterAnd, engine.FilterOr, engine.FilterNot:
		return c.connective(f)
	case engine.FilterEqual, engine.FilterNotEqual, engine.FilterLess, engine.FilterAtMost, engine.FilterGreater, engine.FilterAtLeast:
		return c.comparison(f)
	case engine.FilterLike:
		return c.like(f)
	case engine.FilterBetween:
		return c.between(f)
	case engine.FilterIn:
		return c.in(f)
	case engine.FilterIsNull:
		return c.isNull(f)
	case engine.FilterPlus, engine.FilterMinus, engine.FilterTimes, engine.FilterDividedBy, engine.FilterDiv, engine.FilterModulo, engine.FilterPower:
		return c.arithmetic(f)
	case engine.FilterCaseI, engine.FilterAccentI:
		return c.folded(f)
	case engine.FilterIntersect, engine.FilterDisjoint, engine.FilterWithin, engine.FilterContains:
		return c.spatial(f)
	}
	return operand{}, fmt.Errorf("the operator %q is not known", f.Op)
}

func describe(f *engine.Filter) string {
	switch f.Op {
	case engine.FilterProperty:
		return fmt.Sprintf("the property %q", f.Name)
	case engine.FilterLiteral:
		return "a literal"
	}
	return fmt.Sprintf("the operator %q", f.Op)
}

func literal(v engine.FilterValue) operand {
	o := operand{is: v.Type, constant: true}
	switch v.Type {
	case engine.FilterText:
		o.text = func(int) (string, bool) { return v.Text, true }
	case engine.FilterNumber:
		o.number = func(int) (float64, bool) { return v.Number, true }
	case engine.FilterBool:
		o.condition = func(int) truth { return truthOf(v.Bool) }
	case engine.FilterDate, engine.FilterTimestamp:
		o.time = v.Time
	case engine.FilterGeometry:
		o.geometry = v.Geometry
	}
	return o
}

// geometryProperty is the name of the geometry in a filter.
const geometryProperty = "geometry"

func (c compiler) property(name string) (operand, error) {
	if name == geometryProperty {
		return operand{is: engine.FilterGeometry}, nil
	}
	p, err := c.properties.find(name)
	if err != nil {
		return operand{}, err
	}
	switch {
	case p.text != nil:
		return operand{is: engine.FilterText, text: p.text}, nil
	case p.flag != nil:
		return operand{is: engine.FilterBool, condition: func(u int) truth {
			v, known := p.flag(u)
			if !known {
				return unknown
			}
			return truthOf(v)
		}}, nil
	case p.number != nil:
		return operand{is: engine.FilterNumber, number: p.number}, nil
	}
	return operand{is: engine.FilterNumber, number: func(u int) (float64, bool) {
		v, known := p.whole(u)
		return float64(v), known
	}}, nil
}

func (c compiler) connective(f *engine.Filter) (operand, error) {
	var of []condition
	for _, arg := range f.Args {
		one, err := c.condition(arg)
		if err != nil {
			return operand{}, err
		}
		of = append(of, one)
	}
	if len(of) == 0 || f.Op == engine.FilterNot && len(of) != 1 {
		return operand{}, fmt.Errorf("%q has %d conditions", f.Op, len(of))
	}
	made := func(u int) truth {
		switch of[0](u) {
		case yes:
			return no
		case no:
			return yes
		}
		return unknown
	}
	if f.Op != engine.FilterNot {
		decides := truthOf(f.Op == engine.FilterOr) // what one condition alone decides
		made = func(u int) truth {
			all := yes - decides
			for _, one := range of {
				switch one(u) {
				case decides:
					return decides
				case unknown:
					all = unknown
				}
			}
			return all
		}
	}
	return operand{is: engine.FilterBool, condition: made}, nil
}

// operands makes the arguments of an operator ready, of which there must be so many.
func (c compiler) operands(f *engine.Filter, count int) ([]operand, error) {
	if len(f.Args) != count {
		return nil, fmt.Errorf("%q has %d operands and needs %d", f.Op, len(f.Args), count)
	}
	list := make([]operand, count)
	for i, arg := range f.Args {
		var err error
		if list[i], err = c.operand(arg); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// holds gives the answer of a comparison of two values, from how they are ordered.
func holds(op engine.FilterOp, order int) bool {
	switch op {
	case engine.FilterEqual:
		return order == 0
	case engine.FilterNotEqual:
		return order != 0
	case engine.FilterLess:
		return order < 0
	case engine.FilterAtMost:
		return order <= 0
	case engine.FilterGreater:
		return order > 0
	}
	return order >= 0
}

func (c compiler) comparison(f *engine.Filter) (operand, error) {
	of, err := c.operands(f, 2)
	if err != nil {
		return operand{}, err
	}
	a, b, op := of[0], of[1], f.Op
	made := operand{is: engine.FilterBool, constant: a.constant && b.constant}
	switch {
	case isTime(a.is) && isTime(b.is):
		answer := truthOf(holds(op, a.time.Compare(b.time)))
		made.condition = func(int) truth { return answer }
	case a.is != b.is:
		return operand{}, fmt.Errorf("%q compares %s, a %s, with %s, a %s", op, describe(f.Args[0]), a.is, describe(f.Args[1]), b.is)
	case a.is == engine.FilterText:
		made.condition = func(u int) truth {
			x, known := a.text(u)
			y, there := b.text(u)
			if !known || !there {
				return unknown
			}
			return truthOf(holds(op, strings.Compare(x, y)))
		}
	case a.is == engine.FilterNumber:
		made.condition = func(u int) truth {
			x, known := a.number(u)
			y, there := b.number(u)
			if !known || !there {
				return unknown
			}
			return truthOf(holds(op, cmp.Compare(x, y)))
		}
	case a.is == engine.FilterBool && (op == engine.FilterEqual || op == engine.FilterNotEqual):
		made.condition = func(u int) truth {
			x, y := a.condition(u), b.condition(u)
			if x == unknown || y == unknown {
				return unknown
			}
			return truthOf(holds(op, cmp.Compare(x, y)))
		}
	default:
		return operand{}, fmt.Errorf("%q does not compare a %s", op, a.is)
	}
	return made, nil
}

func isTime(t engine.FilterType) bool { return t == engine.FilterDate || t == engine.FilterTimestamp }

func (c compiler) between(f *engine.Filter) (operand, error) {
	of, err := c.operands(f, 3)
	if err != nil {
		return operand{}, err
	}
	for i, o := range of {
		if o.is != engine.FilterNumber {
			return operand{}, fmt.Errorf("between is for numbers, and %s is a %s", describe(f.Args[i]), o.is)
		}
	}
	return operand{is: engine.FilterBool, condition: func(u int) truth {
		x, known := of[0].number(u)
		low, lowKnown := of[1].number(u)
		high, highKnown := of[2].number(u)
		switch {
		case !known:
			return unknown
		case lowKnown && x < low || highKnown && x > high: // whatever the other bound is
			return no
		case !lowKnown || !highKnown:
			return unknown
		}
		return yes
	}}, nil
}

// in tells whether a value is any of a list. The value is computed once for all of the list: both may be as large as a filter may be.
func (c compiler) in(f *engine.Filter) (operand, error) {
	if len(f.Args) < 2 {
		return operand{}, fmt.Errorf("in has no list")
	}
	of, err := c.operands(f, len(f.Args))
	if err != nil {
		return operand{}, err
	}
	value, list := of[0], of[1:]
	for i, item := range list {
		if item.is != value.is && !(isTime(item.is) && isTime(value.is)) {
			return operand{}, fmt.Errorf("in compares %s, a %s, with %s, a %s", describe(f.Args[0]), value.is, describe(f.Args[i+1]), item.is)
		}
	}
	made := operand{is: engine.FilterBool}
	switch {
	case value.is == engine.FilterText:
		made.condition = anyOf(value, list, func(o operand, u int) (string, bool) { return o.text(u) })
	case value.is == engine.FilterNumber:
		made.condition = anyOf(value, list, func(o operand, u int) (float64, bool) { return o.number(u) })
	case value.is == engine.FilterBool:
		made.condition = anyOf(value, list, func(o operand, u int) (truth, bool) { t := o.condition(u); return t, t != unknown })
	case isTime(value.is):
		made.condition = anyOf(value, list, func(o operand, _ int) ([2]int64, bool) {
			return [2]int64{o.time.Unix(), int64(o.time.Nanosecond())}, true
		})
	default:
		return operand{}, fmt.Errorf("in does not compare a %s", value.is)
	}
	return made, nil
}

// anyOf is the equality of a value with any of a list: unknown where it is none of those known, and something is not known.
func anyOf[T comparable](value operand, list []operand, read func(o operand, u int) (T, bool)) condition {
	return func(u int) truth {
		v, known := read(value, u)
		if !known {
			return unknown
		}
		answer := no
		for _, item := range list {
			switch one, there := read(item, u); {
			case !there:
				answer = unknown
			case one == v:
				return yes
			}
		}
		return answer
	}
}

func (c compiler) isNull(f *engine.Filter) (operand, error) {
	of, err := c.operands(f, 1)
	if err != nil {
		return operand{}, err
	}
	o := of[0]
	absent := func(int) bool { return false }
	switch o.is {
	case engine.FilterText:
		absent = func(u int) bool { _, known := o.text(u); return !known }
	case engine.FilterNumber:
		absent = func(u int) bool { _, known := o.number(u); return !known }
	case engine.FilterBool:
		absent = func(u int) bool { return o.condition(u) == unknown }
	case engine.FilterGeometry:
		if o.geometry == nil {
			absent = func(u int) bool { return !c.hasGeometry(u) }
		}
	}
	return operand{is: engine.FilterBool, condition: func(u int) truth { return truthOf(absent(u)) }}, nil
}

func (c compiler) arithmetic(f *engine.Filter) (operand, error) {
	of, err := c.operands(f, 2)
	if err != nil {
		return operand{}, err
	}
	for i, o := range of {
		if o.is != engine.FilterNumber {
			return operand{}, fmt.Errorf("%q is for numbers, and %s is a %s", f.Op, describe(f.Args[i]), o.is)
		}
	}
	a, b := of[0].number, of[1].number
	return operand{is: engine.FilterNumber, constant: of[0].constant && of[1].constant, number: func(u int) (float64, bool) {
		x, known := a(u)
		y, there := b(u)
		if !known || !there {
			return 0, false
		}
		v := calculate(f.Op, x, y)
		return v, !math.IsNaN(v) && !math.IsInf(v, 0) // such as what is divided by nothing
	}}, nil
}

func calculate(op engine.FilterOp, x, y float64) float64 {
	switch op {
	case engine.FilterPlus:
		return x + y
	case engine.FilterMinus:
		return x - y
	case engine.FilterTimes:
		return x * y
	case engine.FilterDividedBy:
		return x / y
	case engine.FilterDiv:
		return math.Trunc(x / y)
	case engine.FilterModulo:
		return math.Mod(x, y)
	}
	return math.Pow(x, y)
}

func (c compiler) folded(f *engine.Filter) (operand, error) {
	of, err := c.operands(f, 1)
	if err != nil {
		return operand{}, err
	}
	o := of[0]
	if o.is != engine.FilterText {
		return operand{}, fmt.Errorf("%q is for texts, and %s is a %s", f.Op, describe(f.Args[0]), o.is)
	}
	fold := withoutCase
	if f.Op == engine.FilterAccentI {
		fold = withoutAccents
	}
	made := operand{is: engine.FilterText, constant: o.constant, text: func(u int) (string, bool) {
		text, known := o.text(u)
		return fold(text), known
	}}
	if o.constant {
		text, known := made.text(0)
		made.text = func(int) (string, bool) { return text, known }
	}
	return made, nil
}

func withoutCase(text string) string { return cases.Fold().String(text) }

// withoutAccents takes away the marks that a letter can be taken apart from.
func withoutAccents(text string) string {
	apart := norm.NFD.String(text)
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f {
			return -1
		}
		return r
	}, apart))
}

func (c compiler) like(f *engine.Filter) (operand, error) {
	of, err := c.operands(f, 2)
	if err != nil {
		return operand{}, err
	}
	for i, o := range of {
		if o.is != engine.FilterText {
			return operand{}, fmt.Errorf("like is for texts, and %s is a %s", describe(f.Args[i]), o.is)
		}
	}
	if !of[1].constant {
		return operand{}, fmt.Errorf("the pattern of like is to be a literal")
	}
	pattern, _ := of[1].text(0)
	return operand{is: engine.FilterBool, condition: func(u int) truth {
		text, known := of[0].text(u)
		if !known {
			return unknown
		}
		return truthOf(matchesPattern(text, pattern))
	}}, nil
}

// matchesPattern holds a text against a pattern of CQL2: % is any text, _ any one character, and \ takes the next literally. It goes back to
// the last % alone, so that the work is at most the product of the lengths.
func matchesPattern(text, pattern string) bool {
	again, from := -1, 0 // the pattern behind the last %, and where in the text it is tried
	t, p := 0, 0
	for t < len(text) {
		if p < len(pattern) && pattern[p] == '%' {
			p++
			again, from = p, t
			continue
		}
		if p < len(pattern) {
			r, size := utf8.DecodeRuneInString(text[t:])
			want, length := utf8.DecodeRuneInString(pattern[p:])
			anyOne := want == '_'
			if want == '\\' && p+1 < len(pattern) {
				next, more := utf8.DecodeRuneInString(pattern[p+1:])
				want, length = next, 1+more
			}
			if anyOne || r == want {
				t, p = t+size, p+length
				continue
			}
		}
		if again < 0 {
			return false
		}
		_, size := utf8.DecodeRuneInString(text[from:])
		from += size
		t, p = from, again
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return p == len(pattern)
}

func (c compiler) hasGeometry(u int) bool { return c.layer != nil && c.layer.box(u) != nowhere }

// spatial holds the geometry of the unit against a literal. A unit without geometry is unknown.
func (c compiler) spatial(f *engine.Filter) (operand, error) {
	of, err := c.operands(f, 2)
	if err != nil {
		return operand{}, err
	}
	for i, o := range of {
		if o.is != engine.FilterGeometry {
			return operand{}, fmt.Errorf("%q is for geometries, and %s is a %s", f.Op, describe(f.Args[i]), o.is)
		}
	}
	if (of[0].geometry == nil) == (of[1].geometry == nil) {
		return operand{}, fmt.Errorf("%q holds the property %q against a literal", f.Op, geometryProperty)
	}
	op, drawn := f.Op, of[1].geometry
	if drawn == nil { // the literal stands first
		drawn = of[0].geometry
		switch op {
		case engine.FilterWithin:
			op = engine.FilterContains
		case engine.FilterContains:
			op = engine.FilterWithin
		}
	}
	shape, err := geo.NewShape(drawn)
	if err != nil {
		return operand{}, fmt.Errorf("the geometry of %q cannot be used: %w", f.Op, err)
	}
	around := worldBox(drawn.Bound())
	_, upright := drawn.(orb.Bound)
	var wkb []byte
	return operand{is: engine.FilterBool, condition: func(u int) truth {
		if !c.hasGeometry(u) {
			return unknown
		}
		box := c.layer.box(u)
		apart, inside := !meets(box, around), upright && holdsBox(around, box)
		switch {
		case apart:
			return truthOf(op == engine.FilterDisjoint)
		case inside && op != engine.FilterContains:
			return truthOf(op != engine.FilterDisjoint)
		}
		wkb = c.layer.appendWKB(wkb[:0], u)
		own, err := geo.ShapeOfWKB(wkb)
		if err != nil {
			return unknown
		}
		var answer bool
		switch op {
		case engine.FilterIntersect:
			answer = own.Intersects(shape)
		case engine.FilterDisjoint:
			answer = !own.Intersects(shape)
		case engine.FilterWithin:
			answer, err = own.Within(shape)
		default:
			answer, err = shape.Within(own)
		}
		if err != nil {
			return unknown
		}
		return truthOf(answer)
	}}, nil
}

// worldBox is a bound in world coordinates, a unit larger on each side: what lies on its edge is held against it exactly.
func worldBox(b orb.Bound) geo.WorldBox {
	minX, maxY := geo.ToWorld(b.Min[0], b.Min[1])
	maxX, minY := geo.ToWorld(b.Max[0], b.Max[1])
	return geo.WorldBox{MinX: minX - 1, MinY: minY - 1, MaxX: maxX + 1, MaxY: maxY + 1}
}

// holdsBox tells whether a box lies well inside another.
func holdsBox(outer, inner geo.WorldBox) bool {
	return outer.MinX+2 < inner.MinX && inner.MaxX < outer.MaxX-2 && outer.MinY+2 < inner.MinY && inner.MaxY < outer.MaxY-2
}
