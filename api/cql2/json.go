package cql2

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
)

// ParseJSON reads a filter in CQL2 JSON. An error is an *Error with the pointer.
func ParseJSON(body []byte) (*engine.Filter, error) {
	value, fault := decodeJSON(body)
	if fault != nil {
		return nil, fault
	}
	p := &jsonParser{}
	whole := p.node(value, nil)
	if p.fault == nil {
		p.fails(nil, wholeFault(whole))
	}
	if p.fault != nil {
		return nil, p.fault
	}
	return whole, nil
}

// jsonParser makes nodes of values, each of which has its pointer beside it. What its methods give after the first fault is not looked at.
type jsonParser struct {
	tally tally
	fault *Error
}

// fails keeps the first problem, where there is one.
func (p *jsonParser) fails(at *pointer, problem string) {
	if problem != "" && p.fault == nil {
		p.fault = jsonError(at, "%s", problem)
	}
}

// unexpected is the fault that a value is something else than what is expected.
func (p *jsonParser) unexpected(at *pointer, value any, expected string) {
	p.fails(at, fmt.Sprintf("here stands %s, and it needs %s", kindOf(value), expected))
}

// node reads a literal, or an object that is an operator, a property or another literal.
func (p *jsonParser) node(value any, at *pointer) *engine.Filter {
	switch v := value.(type) {
	case object:
		return p.object(v, at)
	case string:
		text, problem := textValue(v)
		return p.literal(at, text, problem)
	case json.Number:
		number, problem := numberValue(v.String())
		return p.literal(at, number, problem)
	case bool:
		return p.literal(at, boolValue(v), "")
	case nil:
		p.fails(at, `null is no value: ask by {"op": "isNull", "args": [...]}`)
	default:
		p.fails(at, "a list stands only where in has its second operand")
	}
	return nil
}

func (p *jsonParser) object(o object, at *pointer) *engine.Filter {
	switch {
	case o["op"] != nil:
		return p.operator(o, at)
	case o["property"] != nil:
		p.only(o, at, "property")
		name, ok := o["property"].(string)
		if !ok || name == "" {
			p.fails(at.member("property"), "a property has a name, a text that is not empty")
		}
		return p.leaf(at, &engine.Filter{Op: engine.FilterProperty, Name: name})
	case o["date"] != nil:
		return p.instant(o, at, "date", dateValue)
	case o["timestamp"] != nil:
		return p.instant(o, at, "timestamp", timestampValue)
	case o["type"] != nil:
		return p.literal(at, geometryValue(p.geometry(o, at)), "")
	case o["bbox"] != nil:
		return p.literal(at, geometryValue(p.box(o, at)), "")
	case o["interval"] != nil:
		p.fails(at.member("interval"), "there is no interval here, nor operators on them: compare dates and timestamps by >= and <=")
	default:
		p.fails(at, "an object has op and args, or property, date, timestamp or bbox, or is a GeoJSON geometry with type")
	}
	return nil
}

func (p *jsonParser) operator(o object, at *pointer) *engine.Filter {
	p.only(o, at, "op", "args")
	name, ok := o["op"].(string)
	if !ok {
		p.unexpected(at.member("op"), o["op"], `the name of an operator, such as "="`)
	}
	known, ok := operatorOf(engine.FilterOp(name))
	if !ok {
		var there []string
		for _, o := range operators {
			there = append(there, string(o.op))
		}
		p.fails(at.member("op"), noOperator(name, there))
	}
	list := at.member("args")
	// of finds an operand in the list: those of in are a value and a list.
	of := func(i int) *pointer {
		switch {
		case i < 0:
			return list
		case known.op == engine.FilterIn && i > 0:
			return list.element(1).element(i - 1)
		}
		return list.element(i)
	}
	f := &engine.Filter{Op: known.op}
	for i, value := range p.operands(known.op, o["args"], list) {
		f.Args = append(f.Args, p.node(value, of(i)))
		if p.fault != nil {
			return nil
		}
	}
	if p.fault == nil {
		wrong, problem := known.refuses(f.Args)
		p.fails(of(wrong), problem)
	}
	return p.leaf(at, f)
}

// operands are the values of the list args; those in the list of in are put behind its first.
func (p *jsonParser) operands(op engine.FilterOp, args any, at *pointer) []any {
	values, ok := args.([]any)
	switch {
	case !ok:
		p.unexpected(at, args, "a list of operands")
	case op != engine.FilterIn:
		return values
	case len(values) != 2:
		p.fails(at, "in takes a value and a list of values")
	default:
		if list, _ := values[1].([]any); len(list) > 0 {
			return append(values[:1:1], list...)
		}
		p.fails(at.element(1), "in takes a value and a list of values, one or more")
	}
	return nil
}

// instant reads a date or a timestamp, which an object has in the member of this name.
func (p *jsonParser) instant(o object, at *pointer, name string, valueOf func(string) (engine.FilterValue, string)) *engine.Filter {
	p.only(o, at, name)
	text, ok := o[name].(string)
	if !ok {
		p.unexpected(at.member(name), o[name], "a text")
	}
	v, problem := valueOf(text)
	return p.literal(at.member(name), v, problem)
}

func (p *jsonParser) literal(at *pointer, v engine.FilterValue, problem string) *engine.Filter {
	p.fails(at, problem)
	return p.leaf(at, &engine.Filter{Op: engine.FilterLiteral, Value: v})
}

// leaf counts a node.
func (p *jsonParser) leaf(at *pointer, f *engine.Filter) *engine.Filter {
	p.fails(at, p.tally.node())
	return f
}

// only refuses members that are none of these.
func (p *jsonParser) only(o object, at *pointer, names ...string) {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if !slices.Contains(names, name) {
			p.fails(at.member(name), "there is no such member here: there are "+strings.Join(names, ", "))
		}
	}
}
