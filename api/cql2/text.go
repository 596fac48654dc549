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
	whole := p.condition()
	if p.token.kind != tokenEnd {
		p.unexpected("AND, OR or the end of the filter")
	}
	if p.fault == nil {
		p.fails(whole.at, wholeFault(whole.Filter))
	}
	if p.fault != nil {
		return nil, p.fault
	}
	return whole.Filter, nil
}

// textParser goes through the grammar by recursive descent, a method for each of its levels, the loosest first. After its first fault the text is as if it
// ended there: the methods come back by themselves, and what they give is not looked at.
type textParser struct {
	lexer lexer
	token token // the next, which is not taken yet
	depth int   // of parentheses around it
	tally tally
	fault *Error
}

// operand is a node, and where in the text it begins.
type operand struct {
	*engine.Filter
	at int
}

func (p *textParser) condition() operand { return p.joined(engine.FilterOr, p.conjunction) }

func (p *textParser) conjunction() operand { return p.joined(engine.FilterAnd, p.negation) }

// joined reads conditions with AND or OR between them.
func (p *textParser) joined(op engine.FilterOp, next func() operand) operand {
	args := []operand{next()}
	for p.accept(upper(string(op))) {
		args = append(args, next())
	}
	if len(args) == 1 {
		return args[0]
	}
	return p.node(op, args[0].at, args...)
}

func (p *textParser) negation() operand {
	if at := p.token.at; p.accept("NOT") {
		return p.node(engine.FilterNot, at, p.predicate())
	}
	return p.predicate()
}

// comparisons are the operators with one value on each side.
var comparisons = []engine.FilterOp{engine.FilterEqual, engine.FilterNotEqual, engine.FilterLess, engine.FilterAtMost, engine.FilterGreater, engine.FilterAtLeast}

// predicate reads a value, and what is said of it where something is.
func (p *textParser) predicate() operand {
	value, at := p.sum(), p.token.at
	if op := engine.FilterOp(p.token.text); p.token.kind == tokenSymbol && slices.Contains(comparisons, op) {
		p.advance()
		return p.node(op, at, value, p.sum())
	}
	var said operand
	isNull := p.accept("IS")
	not := p.accept("NOT")
	switch {
	case isNull:
		p.expect("NULL")
		said = p.node(engine.FilterIsNull, at, value)
	case p.accept("LIKE"):
		said = p.node(engine.FilterLike, at, value, p.sum())
	case p.accept("BETWEEN"):
		lowest := p.sum()
		p.expect("AND")
		said = p.node(engine.FilterBetween, at, value, lowest, p.sum())
	case p.accept("IN"):
		said = p.node(engine.FilterIn, at, append([]operand{value}, listed(p, p.sum)...)...)
	case not:
		p.unexpected("LIKE, BETWEEN or IN")
	default:
		return value
	}
	if not {
		return p.node(engine.FilterNot, at, said)
	}
	return said
}

func (p *textParser) sum() operand {
	return p.leftToRight(p.product, engine.FilterPlus, engine.FilterMinus)
}

func (p *textParser) product() operand {
	return p.leftToRight(p.power, engine.FilterTimes, engine.FilterDividedBy, engine.FilterModulo, engine.FilterDiv)
}

// leftToRight reads operands with operators of one precedence between them.
func (p *textParser) leftToRight(next func() operand, ops ...engine.FilterOp) operand {
	left := next()
	for {
		at := p.token.at
		i := slices.IndexFunc(ops, func(op engine.FilterOp) bool { return p.accept(upper(string(op))) })
		if i < 0 {
			return left
		}
		left = p.node(ops[i], at, left, next())
	}
}

func (p *textParser) power() operand {
	base, at := p.signed(), p.token.at
	if !p.accept("^") {
		return base
	}
	power := p.node(engine.FilterPower, at, base, p.signed())
	if p.token.is("^") {
		p.fails(p.token.at, "a power of a power needs parentheses: write (a ^ b) ^ c or a ^ (b ^ c)")
	}
	return power
}

// signed reads a number with its sign, or a value with a minus before it or none.
func (p *textParser) signed() operand {
	sign := p.token
	switch {
	case !sign.is("-") && !sign.is("+"):
		return p.value()
	case sign.is("+"):
		p.advance()
		return p.number(sign.at, "")
	}
	p.advance()
	if p.token.kind == tokenNumber {
		return p.number(sign.at, "-")
	}
	minus := p.literal(sign.at, engine.FilterValue{Type: engine.FilterNumber, Number: -1}, "")
	return p.node(engine.FilterTimes, sign.at, minus, p.value())
}

// value reads a literal, a property, a call, or anything in parentheses.
func (p *textParser) value() operand {
	t := p.token
	switch {
	case t.kind == tokenNumber:
		return p.number(t.at, "")
	case t.is("("):
		p.open()
		inner := p.condition()
		p.close("an operator or )")
		return operand{inner.Filter, t.at}
	case t.kind == tokenText:
		p.advance()
		v, problem := textValue(t.text)
		return p.literal(t.at, v, problem)
	case t.is("TRUE"), t.is("FALSE"):
		p.advance()
		return p.literal(t.at, boolValue(t.is("TRUE")), "")
	case t.kind == tokenName, t.kind == tokenWord && !isReserved(t.text):
		p.advance()
		isGeometry := slices.Contains(wktNames, upper(t.text)) && p.token.kind == tokenWord && !isReserved(p.token.text) // POINT Z (...)
		if t.kind == tokenWord && (p.token.is("(") || isGeometry) {
			return p.call(t)
		}
		return p.leaf(t.at, &engine.Filter{Op: engine.FilterProperty, Name: t.text}, "")
	}
	p.unexpected("a property, a literal or (")
	return operand{}
}

// call reads what follows the name of an operator or a literal that is written like a function.
func (p *textParser) call(name token) operand {
	word, there := upper(name.text), called()
	switch {
	case slices.Contains(wktNames, word):
		return p.literal(name.at, geometryValue(p.geometry(word)), "")
	case word == "BBOX":
		return p.literal(name.at, geometryValue(p.box()), "")
	case word == "DATE":
		return p.instant(name.at, dateValue)
	case word == "TIMESTAMP":
		return p.instant(name.at, timestampValue)
	case !slices.Contains(there, word):
		p.fails(name.at, noOperator(name.text, append(append(there, "DATE", "TIMESTAMP", "BBOX"), wktNames...)))
		return operand{}
	}
	i := slices.IndexFunc(operators, func(o operator) bool { return upper(string(o.op)) == word })
	return p.node(operators[i].op, name.at, listed(p, p.condition)...)
}

// instant reads the text in the parentheses of DATE and TIMESTAMP.
func (p *textParser) instant(at int, valueOf func(string) (engine.FilterValue, string)) operand {
	p.open()
	said := p.token
	if said.kind != tokenText {
		p.unexpected("a text in single quotes")
	}
	v, problem := valueOf(said.text)
	p.fails(said.at, problem)
	p.advance()
	p.close(")")
	return p.literal(at, v, "")
}

// number takes the number that comes next; its sign has been read.
func (p *textParser) number(at int, sign string) operand {
	if p.token.kind != tokenNumber {
		p.unexpected("a number")
	}
	v, problem := numberValue(sign + p.token.text)
	p.fails(at, problem)
	p.advance()
	return p.literal(at, v, "")
}

func (p *textParser) literal(at int, v engine.FilterValue, problem string) operand {
	return p.leaf(at, &engine.Filter{Op: engine.FilterLiteral, Value: v}, problem)
}

func (p *textParser) leaf(at int, f *engine.Filter, problem string) operand {
	p.fails(at, problem)
	p.fails(at, p.tally.node())
	return operand{f, at}
}

// node makes an operator that stands at a place; it begins there or where its first operand does.
func (p *textParser) node(op engine.FilterOp, at int, args ...operand) operand {
	if p.fault != nil {
		return operand{}
	}
	f := &engine.Filter{Op: op}
	for _, arg := range args {
		f.Args = append(f.Args, arg.Filter)
	}
	o, _ := operatorOf(op)
	if wrong, problem := o.refuses(f.Args); wrong < 0 {
		p.fails(at, problem)
	} else {
		p.fails(args[wrong].at, problem)
	}
	return p.leaf(min(at, args[0].at), f, "")
}

// listed reads one or more of something in parentheses, with commas between.
func listed[T any](p *textParser, next func() T) []T {
	p.open()
	list := []T{next()}
	for p.accept(",") {
		list = append(list, next())
	}
	p.close("a comma or )")
	return list
}

// open takes an opening parenthesis.
func (p *textParser) open() {
	if p.depth++; p.depth > mostParentheses {
		p.fails(p.token.at, tooDeep())
	}
	p.expect("(")
}

// close takes the closing parenthesis; where there is none, what is said to be expected.
func (p *textParser) close(expected string) {
	if !p.accept(")") {
		p.unexpected(expected)
	}
	p.depth--
}

// advance takes the next token. After a fault there is none.
func (p *textParser) advance() {
	if p.fault == nil {
		p.token = p.lexer.token()
	}
}

// accept takes the next token if it is this word or symbol.
func (p *textParser) accept(word string) bool {
	is := p.token.is(word)
	if is {
		p.advance()
	}
	return is
}

func (p *textParser) expect(word string) {
	if !p.accept(word) {
		p.unexpected(word)
	}
}

// unexpected is the fault that the next token is something else than what is expected.
func (p *textParser) unexpected(expected string) {
	switch p.token.kind {
	case tokenFault:
		p.fails(p.token.at, p.token.text)
	case tokenEnd:
		p.fails(p.token.at, "the filter ends where it needs "+expected)
	default:
		p.fails(p.token.at, fmt.Sprintf("here stands %s, and it needs %s", excerpt(p.lexer.text[p.token.at:p.lexer.next]), expected))
	}
}

// fails keeps the first problem, where there is one, with the byte of the text it is at, and ends the text.
func (p *textParser) fails(at int, problem string) {
	if problem != "" && p.fault == nil {
		p.fault = &Error{Offset: utf8.RuneCountInString(p.lexer.text[:at]), Problem: problem}
		p.token = token{kind: tokenEnd, at: p.token.at}
	}
}
