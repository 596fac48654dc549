package format

import (
	"bytes"
	"encoding/json"
	"errors"
)

// What follows walks over JSON that json.Valid has found well formed, without building it in memory.

var errNotJSON = errors.New("this is not well-formed JSON: download the file again")

// members calls visit for each member of an object, in order.
func members(object []byte, visit func(name string, value []byte) error) error {
	object = bytes.TrimSpace(object)
	if len(object) < 2 || object[0] != '{' {
		return errNotJSON
	}
	for rest := object[1:]; ; {
		rest = skipSeparators(rest)
		if len(rest) == 0 || rest[0] == '}' {
			return nil
		}
		name, n := jsonValue(rest)
		rest = skipSeparators(rest[n:])
		value, n := jsonValue(rest)
		rest = rest[n:]
		if len(value) == 0 {
			return errNotJSON
		}
		if err := visit(jsonString(name), value); err != nil {
			return err
		}
	}
}

// elements calls visit for each element of an array, in order.
func elements(array []byte, visit func(value []byte) error) error {
	array = bytes.TrimSpace(array)
	if len(array) < 2 || array[0] != '[' {
		return errNotJSON
	}
	for rest := array[1:]; ; {
		rest = skipSeparators(rest)
		if len(rest) == 0 || rest[0] == ']' {
			return nil
		}
		value, n := jsonValue(rest)
		rest = rest[n:]
		if len(value) == 0 {
			return errNotJSON
		}
		if err := visit(value); err != nil {
			return err
		}
	}
}

// skipSeparators passes over spaces, commas and colons: which of them stands where, json.Valid has checked.
func skipSeparators(text []byte) []byte {
	for i, c := range text {
		switch c {
		case ' ', '\t', '\r', '\n', ',', ':':
		default:
			return text[i:]
		}
	}
	return nil
}

// jsonValue gives the value at the start of text and how long it is.
func jsonValue(text []byte) (value []byte, n int) {
	var s valueScan
	n, _ = s.scan(text)
	return text[:n], n
}

// valueScan finds the end of a JSON value that begins where it begins. It can be given the value in parts.
type valueScan struct {
	depth   int
	inText  bool
	escaped bool
}

// scan says how many bytes of text belong to the value, and whether it ends there. The end of a number or of true, false and
// null is seen only when something follows.
func (s *valueScan) scan(text []byte) (n int, done bool) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if s.inText {
			switch {
			case s.escaped:
				s.escaped = false
			case c == '\\':
				s.escaped = true
			case c == '"':
				s.inText = false
				if s.depth == 0 {
					return i + 1, true
				}
			}
			continue
		}
		switch structure[c] {
		case 0:
		case quote:
			s.inText = true
		case opening:
			s.depth++
		case closing:
			if s.depth == 0 {
				return i, true // of what holds the value
			}
			if s.depth--; s.depth == 0 {
				return i + 1, true
			}
		case separator:
			if s.depth == 0 {
				return i, true
			}
		}
	}
	return len(text), false
}

// structure says what a byte outside strings is for the extent of values.
var structure = [256]byte{
	'"': quote, '{': opening, '[': opening, '}': closing, ']': closing,
	',': separator, ':': separator, ' ': separator, '\t': separator, '\r': separator, '\n': separator,
}

const (
	quote = 1 + iota
	opening
	closing
	separator
)

// jsonString gives the text of a JSON string.
func jsonString(value []byte) string {
	if len(value) >= 2 && value[0] == '"' && bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1])
	}
	var s string
	if json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}
