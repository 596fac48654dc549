package cql2

import (
	"fmt"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
)

// operator is what an operator takes and gives.
type operator struct {
	op          engine.FilterOp
	least, most int               // operands
	takes       engine.FilterType // each operand is this, or a property; a condition is no property
	gives       engine.FilterType
}

const (
	scalars  = engine.FilterType("scalars")  // values of one type, which is not geometry
	anything = engine.FilterType("anything") // one value of any type
	unknown  = engine.FilterType("")         // the type of a property
)

// operators lists what there is.
var operators = []operator{
	{engine.FilterAnd, 2, mostNodes, engine.FilterBool, engine.FilterBool},
	{engine.FilterOr, 2, mostNodes, engine.FilterBool, engine.FilterBool},
	{engine.FilterNot, 1, 1, engine.FilterBool, engine.FilterBool},
	{engine.FilterEqual, 2, 2, scalars, engine.FilterBool},
	{engine.FilterNotEqual, 2, 2, scalars, engine.FilterBool},
	{engine.FilterLess, 2, 2, scalars, engine.FilterBool},
	{engine.FilterAtMost, 2, 2, scalars, engine.FilterBool},
	{engine.FilterGreater, 2, 2, scalars, engine.FilterBool},
	{engine.FilterAtLeast, 2, 2, scalars, engine.FilterBool},
	{engine.FilterLike, 2, 2, engine.FilterText, engine.FilterBool},
	{engine.FilterBetween, 3, 3, engine.FilterNumber, engine.FilterBool},
	{engine.FilterIn, 2, mostNodes, scalars, engine.FilterBool},
	{engine.FilterIsNull, 1, 1, anything, engine.FilterBool},
	{engine.FilterIntersect, 2, 2, engine.FilterGeometry, engine.FilterBool},
	{engine.FilterDisjoint, 2, 2, engine.FilterGeometry, engine.FilterBool},
	{engine.FilterWithin, 2, 2, engine.FilterGeometry, engine.FilterBool},
	{engine.FilterContains, 2, 2, engine.FilterGeometry, engine.FilterBool},
	{engine.FilterPlus, 2, 2, engine.FilterNumber, engine.FilterNumber},
	{engine.FilterMinus, 2, 2, engine.FilterNumber, engine.FilterNumber},
	{engine.FilterTimes, 2, 2, engine.FilterNumber, engine.FilterNumber},
	{engine.FilterDividedBy, 2, 2, engine.FilterNumber, engine.FilterNumber},
	{engine.FilterDiv, 2, 2, engine.FilterNumber, engine.FilterNumber},
	{engine.FilterModulo, 2, 2, engine.FilterNumber, engine.FilterNumber},
	{engine.FilterPower, 2, 2, engine.FilterNumber, engine.FilterNumber},
	{engine.FilterCaseI, 1, 1, engine.FilterText, engine.FilterText},
	{engine.FilterAccentI, 1, 1, engine.FilterText, engine.FilterText},
}

// operatorOf finds an operator by the name it has in JSON.
func operatorOf(op engine.FilterOp) (operator, bool) {
	i := slices.IndexFunc(operators, func(o operator) bool { return o.op == op })
	if i < 0 {
		return operator{}, false
	}
	return operators[i], true
}

// called are the operators that text writes like a function.
func called() (names []string) {
	for _, o := range operators {
		if o.takes == engine.FilterGeometry || o.gives == engine.FilterText {
			names = append(names, upper(string(o.op)))
		}
	}
	return names
}

// typeOf is the type of a node's value as far as it is known without the properties. A date is a timestamp here: they compare.
func typeOf(f *engine.Filter) engine.FilterType {
	switch {
	case f.Op == engine.FilterProperty:
		return unknown
	case f.Op == engine.FilterLiteral && f.Value.Type == engine.FilterDate:
		return engine.FilterTimestamp
	case f.Op == engine.FilterLiteral:
		return f.Value.Type
	}
	o, _ := operatorOf(f.Op)
	return o.gives
}

// inWords is a type as a message says it.
func inWords(t engine.FilterType) string {
	switch t {
	case unknown:
		return "a property"
	case engine.FilterBool:
		return "a condition"
	case engine.FilterTimestamp:
		return "a date or timestamp"
	}
	return "a " + string(t)
}

// refuses says why an operator does not take these operands, and which of them it is, -1 for their number; "" where it takes them.
func (o operator) refuses(args []*engine.Filter) (at int, problem string) {
	if len(args) < o.least || len(args) > o.most {
		return -1, fmt.Sprintf("%s takes %s, not %d", o.op, o.number(), len(args))
	}
	known := unknown
	for i, arg := range args {
		is := typeOf(arg)
		switch {
		case o.takes == anything:
		case o.takes == scalars && is == engine.FilterGeometry:
			return i, fmt.Sprintf("%s does not compare geometries: use one of the operators on them, such as %s", o.op, engine.FilterIntersect)
		case o.takes == scalars && known == unknown:
			known = is
		case o.takes == scalars && is != unknown && is != known:
			return i, fmt.Sprintf("%s compares values of one type: this is %s, and %s stands before it", o.op, inWords(is), inWords(known))
		case o.takes == scalars:
		case o.takes == engine.FilterBool && is == unknown:
			return i, noCondition(arg.Name)
		case is != o.takes && is != unknown && o.op == engine.FilterBetween:
			return i, fmt.Sprintf("between takes numbers, and this is %s: compare it by >= and <=", inWords(is))
		case is != o.takes && is != unknown:
			return i, fmt.Sprintf("%s takes %s, and this is %s", o.op, inWords(o.takes), inWords(is))
		}
	}
	if o.op == engine.FilterLike && !isPattern(args[1]) {
		return 1, "the pattern of like is a text, or casei or accenti of one"
	}
	return 0, ""
}

// number is how many operands an operator takes, in words.
func (o operator) number() string {
	switch {
	case o.most > o.least:
		return fmt.Sprintf("%d operands or more", o.least)
	case o.least == 1:
		return "one operand"
	}
	return fmt.Sprintf("%d operands", o.least)
}

// noCondition says that a property stands where a condition is needed.
func noCondition(property string) string {
	return fmt.Sprintf("%s is a property, not a condition: write %[1]s = TRUE, or compare it with something else", excerpt(property))
}

// isPattern tells whether a node is a text as it stands in the filter.
func isPattern(f *engine.Filter) bool {
	for f.Op == engine.FilterCaseI || f.Op == engine.FilterAccentI {
		f = f.Args[0]
	}
	return f.Op == engine.FilterLiteral && f.Value.Type == engine.FilterText
}

// wholeFault says why a node is no filter; "" where it is one.
func wholeFault(f *engine.Filter) string {
	switch is := typeOf(f); {
	case is == unknown:
		return noCondition(f.Name)
	case is != engine.FilterBool:
		return fmt.Sprintf("a filter is a condition, and this is %s: compare it with something", inWords(is))
	case depth(f) > mostDepth:
		return tooDeep()
	}
	return ""
}

func tooDeep() string {
	return fmt.Sprintf("the filter is too deep: at most %d operators stand in each other; of a long sum, put each half in parentheses", mostDepth)
}

func depth(f *engine.Filter) int {
	deepest := 0
	for _, arg := range f.Args {
		deepest = max(deepest, depth(arg))
	}
	return deepest + 1
}

// noOperator says that there is no operator of a name, and which there are.
func noOperator(name string, there []string) string {
	return fmt.Sprintf("there is no operator or function %s here: there are %s", excerpt(name), strings.Join(there, ", "))
}
