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
	whole, fault := p.node(value, "")
	if fault != nil {
		return nil, fault
	}
	if problem := wholeFault(whole); problem != "" {
		return nil, jsonError("", "%s", problem)
	}
	return whole, nil
}

// jsonParser makes nodes of values, each of which has its pointer beside it.
type jsonParser struct{ tally tally }

// node reads a literal, or an object that is an operator, a property or another literal.
func (p *jsonParser) node(value any, pointer string) (*engine.Filter, *Error) {
	switch v := value.(type) {
	case object:
		return p.object(v, pointer)
	case string:
		text, problem := textValue(v)
		return p.literal(pointer, text, problem)
	case json.Number:
		number, problem := numberValue(v.String())
		return p.literal(pointer, number, problem)
	case bool:
		return p.literal(pointer, boolValue(v), "")
	case nil:
		return nil, jsonError(pointer, `null is no value: ask by {"op": "isNull", "args": [...]}`)
	}
	return nil, jsonError(pointer, "a list stands only where in has its second operand")
}

func (p *jsonParser) object(o object, pointer string) (*engine.Filter, *Error) {
	switch {
	case o["op"] != nil:
		return p.operator(o, pointer)
	case o["property"] != nil:
		return p.property(o, pointer)
	case o["date"] != nil:
		return p.instant(o, pointer, "date", dateValue)
	case o["timestamp"] != nil:
		return p.instant(o, pointer, "timestamp", timestampValue)
	case o["type"] != nil:
		shape, fault := p.geometry(o, pointer)
		if fault != nil {
			return nil, fault
		}
		return p.literal(pointer, geometryValue(shape), "")
	case o["interval"] != nil:
		return nil, jsonError(member(pointer, "interval"), "there is no interval here, nor operators on them: compare dates and timestamps by >= and <=")
	case o["bbox"] != nil:
		box, fault := p.box(o, pointer)
		if fault != nil {
			return nil, fault
		}
		return p.literal(pointer, geometryValue(box), "")
	}
	return nil, jsonError(pointer, "an object has op and args, or property, date, timestamp or bbox, or is a GeoJSON geometry with type")
}

func (p *jsonParser) operator(o object, pointer string) (*engine.Filter, *Error) {
	if fault := only(o, pointer, "op", "args"); fault != nil {
		return nil, fault
	}
	name, ok := o["op"].(string)
	if !ok {
		return nil, jsonError(member(pointer, "op"), `here stands %s, and it needs the name of an operator, such as "="`, kindOf(o["op"]))
	}
	known, ok := operatorOf(engine.FilterOp(name))
	if !ok {
		var there []string
		for _, o := range operators {
			there = append(there, string(o.op))
		}
		return nil, jsonError(member(pointer, "op"), "%s", noOperator(name, there))
	}
	at := member(pointer, "args")
	values, ok := o["args"].([]any)
	if !ok {
		return nil, jsonError(at, "here stands %s, and it needs a list of operands", kindOf(o["args"]))
	}
	pointers := elements(at, len(values))
	if known.op == engine.FilterIn {
		var fault *Error
		if values, pointers, fault = spread(values, at); fault != nil {
			return nil, fault
		}
	}
	f := &engine.Filter{Op: known.op}
	for i, value := range values {
		arg, fault := p.node(value, pointers[i])
		if fault != nil {
			return nil, fault
		}
		f.Args = append(f.Args, arg)
	}
	if wrong, problem := known.refuses(f.Args); problem != "" {
		if wrong >= 0 {
			at = pointers[wrong]
		}
		return nil, jsonError(at, "%s", problem)
	}
	return p.counted(f, pointer)
}

// spread puts the operands of in, a value and a list, into one list.
func spread(args []any, pointer string) (values []any, pointers []string, fault *Error) {
	var list []any
	ok := len(args) == 2
	if ok {
		list, ok = args[1].([]any)
	}
	if !ok {
		return nil, nil, jsonError(pointer, "in takes a value and a list of values")
	}
	if len(list) == 0 {
		return nil, nil, jsonError(element(pointer, 1), "the list of in has a value or more")
	}
	return append([]any{args[0]}, list...), append([]string{element(pointer, 0)}, elements(element(pointer, 1), len(list))...), nil
}

// elements are the pointers to the elements of a list.
func elements(pointer string, n int) []string {
	pointers := make([]string, n)
	for i := range pointers {
		pointers[i] = element(pointer, i)
	}
	return pointers
}

func (p *jsonParser) property(o object, pointer string) (*engine.Filter, *Error) {
	if fault := only(o, pointer, "property"); fault != nil {
		return nil, fault
	}
	name, ok := o["property"].(string)
	if !ok || name == "" {
		return nil, jsonError(member(pointer, "property"), "a property has a name, a text that is not empty")
	}
	return p.counted(&engine.Filter{Op: engine.FilterProperty, Name: name}, pointer)
}

// instant reads a date or a timestamp, which an object has in the member of this name.
func (p *jsonParser) instant(o object, pointer, name string, valueOf func(string) (engine.FilterValue, string)) (*engine.Filter, *Error) {
	if fault := only(o, pointer, name); fault != nil {
		return nil, fault
	}
	text, ok := o[name].(string)
	if !ok {
		return nil, jsonError(member(pointer, name), "here stands %s, and it needs a text", kindOf(o[name]))
	}
	v, problem := valueOf(text)
	return p.literal(member(pointer, name), v, problem)
}

func (p *jsonParser) literal(pointer string, v engine.FilterValue, problem string) (*engine.Filter, *Error) {
	if problem != "" {
		return nil, jsonError(pointer, "%s", problem)
	}
	return p.counted(&engine.Filter{Op: engine.FilterLiteral, Value: v}, pointer)
}

func (p *jsonParser) counted(f *engine.Filter, pointer string) (*engine.Filter, *Error) {
	if problem := p.tally.node(); problem != "" {
		return nil, jsonError(pointer, "%s", problem)
	}
	return f, nil
}

// only refuses members that are none of these.
func only(o object, pointer string, names ...string) *Error {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if !slices.Contains(names, name) {
			return jsonError(member(pointer, name), "there is no such member here: there are %s", strings.Join(names, ", "))
		}
	}
	return nil
}
