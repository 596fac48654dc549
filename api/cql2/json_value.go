package cql2

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// object is an object of JSON, of which each member has its own name. The other values are those of encoding/json: []any, string, json.Number, bool, nil.
type object map[string]any

// decodeJSON reads the one value of a text. It refuses what encoding/json is lenient about: names that are there twice, and text that is no UTF-8.
func decodeJSON(body []byte) (any, *Error) {
	if len(body) > mostJSON {
		return nil, jsonError(nil, "the filter has more than %d bytes: ask in several parts", mostJSON)
	}
	if !utf8.Valid(body) {
		return nil, jsonError(nil, "this is not UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, notJSON(err)
	}
	r := jsonReader{tokens: json.NewDecoder(bytes.NewReader(body))}
	r.tokens.UseNumber()
	return r.value(nil, 0)
}

// notJSON says why a text is not well-formed.
func notJSON(err error) *Error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return jsonError(nil, "this is not well-formed JSON: %v, at byte %d", syntax, syntax.Offset)
	}
	return jsonError(nil, "this is not well-formed JSON: %v", err)
}

// jsonReader reads the tokens of a text that is well-formed.
type jsonReader struct {
	tokens *json.Decoder
	values int
}

func (r *jsonReader) value(at *pointer, depth int) (any, *Error) {
	if r.values++; r.values > mostValues {
		return nil, jsonError(at, "there are more than %d values: ask in several parts, and simplify geometries", mostValues)
	}
	token, err := r.tokens.Token()
	if err != nil {
		return nil, notJSON(err)
	}
	opens, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if depth == mostNested {
		return nil, jsonError(at, "%s", tooDeep())
	}
	if opens == '{' {
		return r.members(at, depth)
	}
	list := []any{}
	for r.tokens.More() {
		value, err := r.value(at.element(len(list)), depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, r.closing()
}

// members reads an object from behind its brace.
func (r *jsonReader) members(at *pointer, depth int) (any, *Error) {
	o := object{}
	for r.tokens.More() {
		token, err := r.tokens.Token()
		if err != nil {
			return nil, notJSON(err)
		}
		name, _ := token.(string)
		here := at.member(name)
		if _, twice := o[name]; twice {
			return nil, jsonError(here, "this member is there twice: leave one out")
		}
		value, fault := r.value(here, depth+1)
		if fault != nil {
			return nil, fault
		}
		o[name] = value
	}
	return o, r.closing()
}

// closing takes the bracket or brace at the end of a list or an object.
func (r *jsonReader) closing() *Error {
	if _, err := r.tokens.Token(); err != nil {
		return notJSON(err)
	}
	return nil
}

// kindOf is what a value is, in words.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null, or nothing"
	case bool:
		return "true or false"
	case string:
		return "a text"
	case json.Number:
		return "a number"
	case []any:
		return "a list"
	}
	return "an object"
}
