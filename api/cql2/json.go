package cql2

import (
	"encoding/json"
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
	whole, fault := p.node(value, nil)
	if fault != nil {
		return nil, fault
	}
	if fault := faultAt(nil, wholeFault(whole)); fault != nil {
		return nil, fault
	}
	return whole, nil
}

// jsonParser makes nodes of values, each of which has its pointer beside it.
type jsonParser struct{ tally tally }

// node reads a literal, or an object that is an operator, a property or another literal.
func (p *jsonParser) node(value any, at *pointer) (*engine.Filter, *Error) {
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
		return nil, jsonError(at, `null is no value: ask by {"op": "isNull", "args": [...]}`)
	}
	return nil, jsonError(at, "a list stands only where in has its second operand")
}

func (p *jsonParser) object(o object, at *pointer) (*engine.Filter, *Error) {
	switch {
	case o["op"] != nil:
		return p.operator(o, at)
	case o["property"] != nil:
		return p.property(o, at)
	case o["date"] != nil:
		return p.instant(o, at, "date", dateValue)
	case o["timestamp"] != nil:
		return p.instant(o, at, "timestamp", timestampValue)
	case o["type"] != nil:
		shape, fault := p.geometry(o, at)
		if fault != nil {
			return nil, fault
		}
		return p.literal(at, geometryValue(shape), "")
	case o["interval"] != nil:
		return nil, jsonError(at.member("interval"), "there is no interval here, nor operators on them: compare dates and timestamps by >= and <=")
	case o["bbox"] != nil:
		box, fault := p.box(o, at)
		if fault != nil {
			return nil, fault
		}
		return p.literal(at, geometryValue(box), "")
	}
	return nil, jsonError(at, "an object has op and args, or property, date, timestamp or bbox, or is a GeoJSON geometry with type")
}

func (p *jsonParser) operator(o object, at *pointer) (*engine.Filter, *Error) {
	if fault := only(o, at, "op", "args"); fault != nil {
		return nil, fault
	}
	name, ok := o["op"].(string)
	if !ok {
		return nil, jsonError(at.member("op"), `here stands %s, and it needs the name of an operator, such as "="`, kindOf(o["op"]))
	}
	known, ok := operatorOf(engine.FilterOp(name))
	if !ok {
		var there []string
		for _, o := range operators {
			there = append(there, string(o.op))
		}
		return nil, faultAt(at.member("op"), noOperator(name, there))
	}
	args, fault := operands(known.op, o["args"], at.member("args"))
	if fault != nil {
		return nil, fault
	}
	// of finds an operand in the text: those of in are a value and a list.
	of := func(i int) *pointer {
		switch list := at.member("args"); {
		case i < 0:
			return list
		case known.op == engine.FilterIn && i > 0:
			return list.element(1).element(i - 1)
		default:
			return list.element(i)
		}
	}
	f := &engine.Filter{Op: known.op}
	for i, value := range args {
		arg, fault := p.node(value, of(i))
		if fault != nil {
			return nil, fault
		}
		f.Args = append(f.Args, arg)
	}
	if i, problem := known.refuses(f.Args); problem != "" {
		return nil, faultAt(of(i), problem)
	}
	return p.counted(f, at)
}

// operands are the values in the list args; those in the list of in are put behind its first.
func operands(op engine.FilterOp, args any, at *pointer) ([]any, *Error) {
	values, ok := args.([]any)
	switch {
	case !ok:
		return nil, jsonError(at, "here stands %s, and it needs a list of operands", kindOf(args))
	case op != engine.FilterIn:
		return values, nil
	case len(values) != 2:
		return nil, jsonError(at, "in takes a value and a list of values")
	}
	list, ok := values[1].([]any)
	if !ok || len(list) == 0 {
		return nil, jsonError(at.element(1), "in takes a value and a list of values, one or more")
	}
	return append(values[:1:1], list...), nil
}

func (p *jsonParser) property(o object, at *pointer) (*engine.Filter, *Error) {
	if fault := only(o, at, "property"); fault != nil {
		return nil, fault
	}
	name, ok := o["property"].(string)
	if !ok || name == "" {
		return nil, jsonError(at.member("property"), "a property has a name, a text that is not empty")
	}
	return p.counted(&engine.Filter{Op: engine.FilterProperty, Name: name}, at)
}

// instant reads a date or a timestamp, which an object has in the member of this name.
func (p *jsonParser) instant(o object, at *pointer, name string, valueOf func(string) (engine.FilterValue, string)) (*engine.Filter, *Error) {
	if fault := only(o, at, name); fault != nil {
		return nil, fault
	}
	text, ok := o[name].(string)
	if !ok {
		return nil, jsonError(at.member(name), "here stands %s, and it needs a text", kindOf(o[name]))
	}
	v, problem := valueOf(text)
	return p.literal(at.member(name), v, problem)
}

func (p *jsonParser) literal(at *pointer, v engine.FilterValue, problem string) (*engine.Filter, *Error) {
	if problem != "" {
		return nil, faultAt(at, problem)
	}
	return p.counted(&engine.Filter{Op: engine.FilterLiteral, Value: v}, at)
}

func (p *jsonParser) counted(f *engine.Filter, at *pointer) (*engine.Filter, *Error) {
	return f, faultAt(at, p.tally.node())
}

// only refuses members that are none of these.
func only(o object, at *pointer, names ...string) *Error {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if !slices.Contains(names, name) {
			return jsonError(at.member(name), "there is no such member here: there are %s", strings.Join(names, ", "))
		}
	}
	return nil
}
