package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Names in a body are those that are described, to the letter: of "label" and "Label" Go would else take the last. huma offers this as a
// package variable, so it is set once, before any handler exists.
func init() { huma.ValidateStrictCasing = true }

// jsonFormat reads JSON bodies strictly.
var jsonFormat = huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: bodyJSON}

var (
	errNameTwice = errors.New("an object has a property twice: which of the two counts is not for the server to choose")
	errNoUTF8    = errors.New("it is not UTF-8")
	errValueKind = errors.New("a value is none that its property takes: the number is too large, or of another type than is described")
)

// bodyJSON is strictJSON for huma, which tells the errors to whoever asked: they name no type of Go.
func bodyJSON(raw []byte, into any) error {
	err := strictJSON(raw, into)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return errValueKind
	}
	return err
}

// strictJSON is json.Unmarshal that refuses an object with a property twice, of which the last would win, and texts that are not UTF-8, of which
// what cannot be read would be another sign.
func strictJSON(raw []byte, into any) error {
	if !utf8.Valid(raw) {
		return errNoUTF8
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return err
	}
	return namesOnce(json.NewDecoder(bytes.NewReader(raw)))
}

// plain refuses a packed body of an operation that does not say that it unpacks one.
func plain(ctx huma.Context, next func(huma.Context)) {
	const name = "Content-Encoding"
	coding := ctx.Header(name)
	described := slices.ContainsFunc(ctx.Operation().Parameters, func(p *huma.Param) bool { return p.In == "header" && p.Name == name })
	hasBody := ctx.Method() != http.MethodGet && ctx.Method() != http.MethodHead && ctx.Method() != http.MethodDelete
	if coding == "" || strings.EqualFold(coding, "identity") || described || !hasBody {
		next(ctx)
		return
	}
	_, w := humago.Unwrap(ctx)
	writeProblem(w, unsupported("header."+name, "send the body plain"))
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
