package field

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// maxReturn is the longest text of a return.
const maxReturn = 16 << 10

// Decode reads one return, written in JSON as docs/field-protocol.md says. It refuses what JSON decoders are lenient about: a field
// twice, an unknown one, null, a number as text, text that is no UTF-8. Where there is a fault, the return has what was read before it.
func Decode(raw []byte) (engine.Return, *Fault) {
	var r engine.Return
	switch {
	case len(raw) > maxReturn:
		return r, &Fault{"", fmt.Sprintf("a return has at most %d bytes", maxReturn)}
	case !utf8.Valid(raw):
		return r, &Fault{"", "a return is UTF-8"}
	case !json.Valid(raw):
		return r, &Fault{"", "this is not well-formed JSON"}
	}
	d := decoder{json.NewDecoder(bytes.NewReader(raw))}
	d.tokens.UseNumber()
	var present []string
	fault := d.object("", func(name string) *Fault {
		present = append(present, name)
		return d.field(&r, name)
	})
	if fault != nil {
		return r, fault
	}
	if slices.Contains(engine.ReturnKinds(), r.Kind) {
		for _, name := range present { // also where its value is that of a field left out
			if fault := belongs(name, r.Kind); fault != nil {
				return r, fault
			}
		}
	}
	return r, check(&r)
}

// decoder reads the tokens of a text that is well-formed.
type decoder struct{ tokens *json.Decoder }

// field reads the value of a field of a return.
func (d decoder) field(r *engine.Return, name string) *Fault {
	switch name {
	case "id":
		return d.id(name, &r.ID)
	case "kind":
		return d.text(name, (*string)(&r.Kind))
	case "replaces":
		return d.id(name, &r.Replaces)
	case "happened_at":
		return d.time(name, &r.Happened)
	case "team":
		return d.text(name, &r.Team)
	case "canvasser":
		return d.text(name, &r.Canvasser)
	case "location":
		return d.location(&r.Location)
	case "result":
		return d.text(name, &r.Result)
	case "support":
		r.Support = new(int)
		return d.whole(name, r.Support)
	case "turnout":
		r.Turnout = new(int)
		return d.whole(name, r.Turnout)
	case "issues":
		return d.texts(name, &r.Issues)
	case "script":
		return d.text(name, &r.Script)
	case "action":
		return d.text(name, &r.Action)
	case "count":
		return d.whole(name, &r.Count)
	case "consent":
		return d.text(name, &r.Consent)
	case "consent_text":
		return d.text(name, &r.ConsentText)
	case "consent_at":
		return d.time(name, &r.ConsentAt)
	case "purpose":
		return d.text(name, &r.Purpose)
	case "expires_at":
		return d.time(name, &r.Expires)
	}
	return unknownField("")
}

// unknownField does not say the field's name: it is the client's, and could be anything.
func unknownField(path string) *Fault {
	return &Fault{path, "there is a field that a return does not have: no name, number or note has a place in it"}
}

// location reads the object of a location. A point has both coordinates.
func (d decoder) location(at *engine.Location) *Fault {
	lon, lat := false, false
	fault := d.object("location", func(name string) *Fault {
		path := "location." + name
		switch name {
		case "address_id":
			return d.text(path, &at.AddressID)
		case "segment_id":
			var segment int
			fault := d.whole(path, &segment)
			if at.Segment = int64(segment); fault == nil && segment <= 0 {
				fault = &Fault{path, "a segment id is positive"}
			}
			return fault
		case "lon":
			lon = true
			return d.number(path, &at.Lon)
		case "lat":
			lat = true
			return d.number(path, &at.Lat)
		case "accuracy_m":
			return d.number(path, &at.AccuracyM)
		case "door":
			return d.text(path, &at.Door)
		}
		return unknownField("location")
	})
	switch {
	case fault != nil:
		return fault
	case lon != lat:
		return &Fault{"location", "a point has lon and lat"}
	case lon && at.Lon == 0 && at.Lat == 0:
		return &Fault{"location", "lon and lat are both 0, which is no position of a phone"}
	}
	return nil
}

// object reads an object, and calls field at the value of each of its fields, of which none is there twice.
func (d decoder) object(path string, field func(name string) *Fault) *Fault {
	if d.next() != json.Delim('{') {
		if path == "" {
			return &Fault{"", "a return is an object"}
		}
		return &Fault{path, path + " is an object"}
	}
	seen := map[string]bool{}
	for d.tokens.More() {
		name, _ := d.next().(string)
		if seen[name] {
			return &Fault{path, "a field is there twice"}
		}
		seen[name] = true
		if fault := field(name); fault != nil {
			return fault
		}
	}
	d.next() // the closing brace
	return nil
}

// next gives the next token; nil where there is none, and for null.
func (d decoder) next() json.Token {
	token, err := d.tokens.Token()
	if err != nil {
		return nil
	}
	return token
}

// text reads a word that is not empty: what is not said is left out.
func (d decoder) text(path string, to *string) *Fault {
	value, ok := d.next().(string)
	if !ok || value == "" {
		return &Fault{path, path + " is a text that is not empty; leave the field out where there is none"}
	}
	*to = value
	return nil
}

func (d decoder) texts(path string, to *[]string) *Fault {
	if d.next() != json.Delim('[') {
		return &Fault{path, path + " is a list of texts"}
	}
	for d.tokens.More() {
		var value string
		if fault := d.text(fmt.Sprintf("%s[%d]", path, len(*to)), &value); fault != nil {
			return fault
		}
		*to = append(*to, value)
	}
	d.next() // the closing bracket
	return nil
}

func (d decoder) whole(path string, to *int) *Fault {
	number, ok := d.next().(json.Number)
	value, err := strconv.Atoi(number.String())
	if !ok || err != nil {
		return &Fault{path, path + " is a whole number"}
	}
	*to = value
	return nil
}

func (d decoder) number(path string, to *float64) *Fault {
	number, ok := d.next().(json.Number)
	value, err := number.Float64()
	if !ok || err != nil {
		return &Fault{path, path + " is a number"}
	}
	*to = value
	return nil
}

// id reads a UUID in its one usual form.
func (d decoder) id(path string, to *uuid.UUID) *Fault {
	text, _ := d.next().(string)
	value, err := uuid.Parse(text)
	if err != nil || len(text) != len("00000000-0000-0000-0000-000000000000") || value == uuid.Nil {
		return &Fault{path, path + " is a UUID such as 6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11"}
	}
	*to = value
	return nil
}

// time reads an instant of RFC 3339 with its offset.
func (d decoder) time(path string, to *time.Time) *Fault {
	text, _ := d.next().(string)
	value, err := time.Parse(time.RFC3339, text)
	_, offset := value.Zone()
	const longest = len("2006-01-02T15:04:05.999999999+07:00")
	if err != nil || value.IsZero() || len(text) > longest || len(text) < len("2006-01-02T15:04:05Z") || text[13] != ':' || offset < -18*3600 || offset > 18*3600 {
		return &Fault{path, path + " is a time with its offset, such as 2026-11-26T18:02:11+01:00"}
	}
	*to = value
	return nil
}
