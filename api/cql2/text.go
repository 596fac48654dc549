package cql2

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/arpent/arpent/engine"
)

// ParseText reads a filter in CQL2 text. An error is an *Error with the offset.
func ParseText(text string) (*engine.Filter, error) {
	if len(text) > mostText {
		return nil, &Error{Problem: fmt.Sprintf("the filter has more than %d bytes: ask in several parts, or send it as JSON", mostText)}
	}
	for i, r := range text {
		if _, width := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && width == 1 {
			return nil, &Error{Offset: utf8.RuneCountInString(text[:i]), Problem: "this is not UTF-8"}
		}
	}
	p := &textParser{lexer: lexer{text: text}}
	p.advance()
	whole, err := p.condition()
	if err == nil && p.token.kind != tokenEnd {
		err = p.unexpected("AND, OR or the end of the filter")
	}
	if err != nil {
		return nil, err
	}
	if err := p.faultAt(whole.at, wholeFault(whole.Filter)); err != nil {
		return nil, err
	}
	return whole.Filter, nil
}

// textParser goes through the grammar by recursive descent, a method for each of its levels, the loosest first.
type textParser struct {
	lexer lexer
	token token // the next, which is not taken yet
	depth int   // of parentheses around it
	tally tally
}

// operand is a node, and where in the text it begins.
type operand struct {
	*engine.Filter
	at int
}

func (p *textParser) condition() (operand, error) { return p.joined(engine.FilterOr, p.conjunction) }

func (p *textParser) conjunction() (operand, error) { return p.joined(engine.FilterAnd, p.negation) }

// joined reads conditions with AND or OR between them.
func (p *textParser) joined(op engine.FilterOp, next func() (operand, error)) (operand, error) {
	first, err := next()
	args := []operand{first}
	for err == nil && p.accept(upper(string(op))) {
		var arg operand
		arg, err = next()
		args = append(args, arg)
	}
	if err != nil || len(args) == 1 {
		return first, err
	}
	return p.node(op, first.at, args...)
}

func (p *textParser) negation() (operand, error) {
	at := p.token.at
	if !p.accept("NOT") {
		return p.predicate()
	}
	denied, err := p.predicate()
	if err != nil {
		return operand{}, err
	}
	return p.node(engine.FilterNot, at, denied)
}

// comparisons are the operators with one value on each side.
var comparisons = []engine.FilterOp{engine.FilterEqual, engine.FilterNotEqual, engine.FilterLess, engine.FilterAtMost, engine.FilterGreater, engine.FilterAtLeast}

// predicate reads a value, and what is said of it where something is.
func (p *textParser) predicate() (operand, error) {
	value, err := p.sum()
	if err != nil {
		return operand{}, err
	}
	at := p.token.at
	if op := engine.FilterOp(p.token.text); p.token.kind == tokenSymbol && slices.Contains(comparisons, op) {
		p.advance()
		other, err := p.sum()
		if err != nil {
			return operand{}, err
		}
		return p.node(op, at, value, other)
	}
	var said operand
	isNull := p.accept("IS")
	not := p.accept("NOT")
	switch {
	case isNull:
		if err = p.expect("NULL"); err == nil {
			said, err = p.node(engine.FilterIsNull, at, value)
		}
	case p.accept("LIKE"):
		said, err = p.like(at, value)
	case p.accept("BETWEEN"):
		said, err = p.between(at, value)
	case p.accept("IN"):
		said, err = p.in(at, value)
	case not:
		err = p.unexpected("LIKE, BETWEEN or IN")
	default:
		return value, nil
	}
	if err != nil || !not {
		return said, err
	}
	return p.node(engine.FilterNot, at, said)
}

func (p *textParser) like(at int, value operand) (operand, error) {
	pattern, err := p.sum()
	if err != nil {
		return operand{}, err
	}
	return p.node(engine.FilterLike, at, value, pattern)
}

func (p *textParser) between(at int, value operand) (operand, error) {
	lowest, err := p.sum()
	if err != nil {
		return operand{}, err
	}
	if err := p.expect("AND"); err != nil {
		return operand{}, err
	}
	highest, err := p.sum()
	if err != nil {
		return operand{}, err
	}
	return p.node(engine.FilterBetween, at, value, lowest, highest)
}

func (p *textParser) in(at int, value operand) (operand, error) {
	list, err := listed(p, p.sum)
	if err != nil {
		return operand{}, err
	}
	return p.node(engine.FilterIn, at, append([]operand{value}, list...)...)
}

func (p *textParser) sum() (operand, error) {
	return p.leftToRight(p.product, engine.FilterPlus, engine.FilterMinus)
}

func (p *textParser) product() (operand, error) {
	return p.leftToRight(p.power, engine.FilterTimes, engine.FilterDividedBy, engine.FilterModulo, engine.FilterDiv)
}

// leftToRight reads operands with operators of one precedence between them.
func (p *textParser) leftToRight(next func() (operand, error), ops ...engine.FilterOp) (operand, error) {
	left, err := next()
	for err == nil {
		at := p.token.at
		i := slices.IndexFunc(ops, func(op engine.FilterOp) bool { return p.accept(upper(string(op))) })
		if i < 0 {
			return left, nil
		}
		var right operand
		if right, err = next(); err == nil {
			left, err = p.node(ops[i], at, left, right)
		}
	}
	return operand{}, err
}

func (p *textParser) power() (operand, error) {
	base, err := p.signed()
	at := p.token.at
	if err != nil || !p.accept(string(engine.FilterPower)) {
		return base, err
	}
	exponent, err := p.signed()
	if err != nil {
		return operand{}, err
	}
	if p.token.is(string(engine.FilterPower)) {
		return operand{}, p.faultAt(p.token.at, "a power of a power needs parentheses: write (a ^ b) ^ c or a ^ (b ^ c)")
	}
	return p.node(engine.FilterPower, at, base, exponent)
}

// signed reads a number with its sign, or a value with a minus before it or none.
func (p *textParser) signed() (operand, error) {
	at := p.token.at
	if p.token.is("-") || p.token.is("+") {
		sign := p.token.text
		p.advance()
		if p.token.kind == tokenNumber {
			return p.number(at, sign)
		}
		if sign == "+" {
			return operand{}, p.unexpected("a number after +")
		}
		minus, err := p.literal(at, engine.FilterValue{Type: engine.FilterNumber, Number: -1}, "")
		if err != nil {
			return operand{}, err
		}
		value, err := p.value()
		if err != nil {
			return operand{}, err
		}
		return p.node(engine.FilterTimes, at, minus, value)
	}
	return p.value()
}

// value reads a literal, a property, a call, or anything in parentheses.
func (p *textParser) value() (operand, error) {
	t := p.token
	switch {
	case t.kind == tokenNumber:
		return p.number(t.at, "")
	case t.kind == tokenText:
		p.advance()
		v, problem := textValue(t.text)
		return p.literal(t.at, v, problem)
	case t.kind == tokenName:
		p.advance()
		return p.property(t)
	case t.is("("):
		return p.inParentheses()
	case t.is("TRUE"), t.is("FALSE"):
		p.advance()
		return p.literal(t.at, boolValue(t.is("TRUE")), "")
	case t.kind != tokenWord, isReserved(t.text):
		return operand{}, p.unexpected("a property, a literal or (")
	}
	p.advance()
	isGeometry := slices.Contains(wktNames, upper(t.text))
	if p.token.is("(") || isGeometry && p.token.kind == tokenWord && !isReserved(p.token.text) { // POINT Z (...)
		return p.call(t)
	}
	return p.property(t)
}

func (p *textParser) inParentheses() (operand, error) {
	at := p.token.at
	if err := p.open(); err != nil {
		return operand{}, err
	}
	inner, err := p.condition()
	if err != nil {
		return operand{}, err
	}
	return operand{inner.Filter, at}, p.close("an operator or )")
}

// call reads what follows the name of an operator that is written like a function.
func (p *textParser) call(name token) (operand, error) {
	word := upper(name.text)
	if slices.Contains(wktNames, word) {
		shape, err := p.geometry(word)
		if err != nil {
			return operand{}, err
		}
		return p.literal(name.at, geometryValue(shape), "")
	}
	switch word {
	case "BBOX":
		box, err := p.box()
		if err != nil {
			return operand{}, err
		}
		return p.literal(name.at, geometryValue(box), "")
	case "DATE", "TIMESTAMP":
		return p.instant(name)
	}
	there := called()
	if !slices.Contains(there, word) {
		return operand{}, p.faultAt(name.at, noOperator(name.text, append(append(there, "DATE", "TIMESTAMP", "BBOX"), wktNames...)))
	}
	args, err := listed(p, p.condition)
	if err != nil {
		return operand{}, err
	}
	i := slices.IndexFunc(operators, func(o operator) bool { return upper(string(o.op)) == word })
	node, err := p.node(operators[i].op, name.at, args...)
	return operand{node.Filter, name.at}, err
}

// instant reads the text in the parentheses of DATE and TIMESTAMP.
func (p *textParser) instant(name token) (operand, error) {
	if err := p.open(); err != nil {
		return operand{}, err
	}
	said := p.token
	if said.kind != tokenText {
		return operand{}, p.unexpected("a text in single quotes")
	}
	p.advance()
	valueOf := dateValue
	if upper(name.text) == "TIMESTAMP" {
		valueOf = timestampValue
	}
	v, problem := valueOf(said.text)
	if err := p.faultAt(said.at, problem); err != nil {
		return operand{}, err
	}
	if err := p.close(")"); err != nil {
		return operand{}, err
	}
	return p.literal(name.at, v, "")
}

// number takes the number that comes next; its sign has been read.
func (p *textParser) number(at int, sign string) (operand, error) {
	v, problem := numberValue(sign + p.token.text)
	p.advance()
	return p.literal(at, v, problem)
}

func (p *textParser) literal(at int, v engine.FilterValue, problem string) (operand, error) {
	return p.leaf(at, &engine.Filter{Op: engine.FilterLiteral, Value: v}, problem)
}

func (p *textParser) property(name token) (operand, error) {
	return p.leaf(name.at, &engine.Filter{Op: engine.FilterProperty, Name: name.text}, "")
}

func (p *textParser) leaf(at int, f *engine.Filter, problem string) (operand, error) {
	if problem == "" {
		problem = p.tally.node()
	}
	return operand{f, at}, p.faultAt(at, problem)
}

// node makes an operator that stands at a place, and begins where its first operand does.
func (p *textParser) node(op engine.FilterOp, at int, args ...operand) (operand, error) {
	f := &engine.Filter{Op: op}
	for _, arg := range args {
		f.Args = append(f.Args, arg.Filter)
	}
	o, _ := operatorOf(op)
	wrong, problem := o.refuses(f.Args)
	if problem != "" && wrong >= 0 {
		at = args[wrong].at
	}
	if problem == "" {
		problem = p.tally.node()
	}
	return operand{f, min(at, args[0].at)}, p.faultAt(at, problem)
}

// listed reads one or more of something in parentheses, with commas between.
func listed[T any](p *textParser, next func() (T, error)) (list []T, err error) {
	if err := p.open(); err != nil {
		return nil, err
	}
	for {
		one, err := next()
		if err != nil {
			return nil, err
		}
		list = append(list, one)
		if !p.accept(",") {
			return list, p.close("a comma or )")
		}
	}
}

// open takes an opening parenthesis.
func (p *textParser) open() error {
	if p.depth++; p.depth > mostParentheses {
		return p.faultAt(p.token.at, tooDeep())
	}
	return p.expect("(")
}

// close takes the closing parenthesis; where there is none, what is said to be expected.
func (p *textParser) close(expected string) error {
	if !p.accept(")") {
		return p.unexpected(expected)
	}
	p.depth--
	return nil
}

func (p *textParser) advance() { p.token = p.lexer.token() }

// accept takes the next token if it is this word or symbol.
func (p *textParser) accept(word string) bool {
	if !p.token.is(word) {
		return false
	}
	p.advance()
	return true
}

func (p *textParser) expect(word string) error {
	if !p.accept(word) {
		return p.unexpected(word)
	}
	return nil
}

// unexpected is the error that the next token is something else than what is expected.
func (p *textParser) unexpected(expected string) error {
	switch p.token.kind {
	case tokenFault:
		return p.faultAt(p.token.at, p.token.text)
	case tokenEnd:
		return p.faultAt(p.token.at, "the filter ends where it needs "+expected)
	}
	return p.faultAt(p.token.at, fmt.Sprintf("here stands %s, and it needs %s", excerpt(p.lexer.text[p.token.at:p.lexer.next]), expected))
}

// faultAt is the error of a problem at a byte of the text; nil where there is none.
func (p *textParser) faultAt(at int, problem string) error {
	if problem == "" {
		return nil
	}
	return &Error{Offset: utf8.RuneCountInString(p.lexer.text[:at]), Problem: problem}
}
