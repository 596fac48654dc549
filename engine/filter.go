package engine

import (
	"time"

	"github.com/paulmach/orb"
)

// Filter is a condition on the properties of a unit: a tree of operators over properties and literals, as CQL2 has them (OGC 21-065r2).
// A nil filter holds for every unit. Where a property is absent, what is made of it is unknown, and a filter that is unknown does not hold.
type Filter struct {
	Op    FilterOp
	Args  []*Filter   // the operands, in the order of CQL2
	Name  string      // of FilterProperty
	Value FilterValue // of FilterLiteral
}

// FilterOp is what a node of a filter does. But for property and literal, its text is the name that CQL2-JSON has for it.
type FilterOp string

// Leaves.
const (
	FilterProperty FilterOp = "property" // Name
	FilterLiteral  FilterOp = "literal"  // Value
)

// Operators that give true, false or unknown.
const (
	FilterAnd FilterOp = "and" // two or more conditions
	FilterOr  FilterOp = "or"
	FilterNot FilterOp = "not"

	FilterEqual     FilterOp = "=" // of two values of one type; also of two conditions
	FilterNotEqual  FilterOp = "<>"
	FilterLess      FilterOp = "<"
	FilterAtMost    FilterOp = "<="
	FilterGreater   FilterOp = ">"
	FilterAtLeast   FilterOp = ">="
	FilterLike      FilterOp = "like"    // text, pattern: % is any text, _ any one character, \ takes the next literally
	FilterBetween   FilterOp = "between" // number, lowest, highest
	FilterIn        FilterOp = "in"      // value, then the list, spread out
	FilterIsNull    FilterOp = "isNull"
	FilterIntersect FilterOp = "s_intersects" // of two geometries, as the next
	FilterDisjoint  FilterOp = "s_disjoint"
	FilterWithin    FilterOp = "s_within"
	FilterContains  FilterOp = "s_contains"
)

// Operators that give a number or a text.
const (
	FilterPlus      FilterOp = "+"
	FilterMinus     FilterOp = "-"
	FilterTimes     FilterOp = "*"
	FilterDividedBy FilterOp = "/"
	FilterDiv       FilterOp = "div" // whole quotient, towards zero
	FilterModulo    FilterOp = "%"
	FilterPower     FilterOp = "^"
	FilterCaseI     FilterOp = "casei"   // text without regard to case
	FilterAccentI   FilterOp = "accenti" // text without regard to accents
)

// FilterValue is a literal; Type says which field it has.
type FilterValue struct {
	Type     FilterType
	Text     string
	Number   float64
	Bool     bool
	Time     time.Time    // of a date: midnight UTC
	Geometry orb.Geometry // longitude, latitude in degrees; of a BBOX: an orb.Bound
}

// FilterType is a type of values.
type FilterType string

// The types.
const (
	FilterText      FilterType = "text"
	FilterNumber    FilterType = "number"
	FilterBool      FilterType = "boolean"
	FilterDate      FilterType = "date"
	FilterTimestamp FilterType = "timestamp"
	FilterGeometry  FilterType = "geometry"
)
