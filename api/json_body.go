package api

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/danielgtaylor/huma/v2"
)

// Names in a body are those that are described, to the letter: of "label" and "Label" Go would else take the last. huma offers this as a
// package variable, so it is set once, before any handler exists.
func init() { huma.ValidateStrictCasing = true }

// jsonFormat reads JSON bodies strictly.
var jsonFormat = huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: strictJSON}

var errNameTwice = errors.New("an object has a property twice: which of the two counts is not for the server to choose")

// strictJSON is json.Unmarshal that refuses an object with a property twice, of which the last would win.
func strictJSON(raw []byte, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return err
	}
	return namesOnce(json.NewDecoder(bytes.NewReader(raw)))
}

// namesOnce reads the next value, which is known to be well-formed, and refuses an object in it that has a property twice. The error says no
// name: it could be anything.
func namesOnce(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	inside, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	names := map[any]bool{}
	for d.More() {
		if inside == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			if names[name] {
				return errNameTwice
			}
			names[name] = true
		}
		if err := namesOnce(d); err != nil {
			return err
		}
	}
	_, err = d.Token() // the closing bracket
	return err
}
