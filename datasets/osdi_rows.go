package datasets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/geo"
)

// osdiRows reads JSON objects as rows: values of the object, of its address and of its location, by name. It is format.Rows.
type osdiRows struct {
	name    string
	objects []json.RawMessage // of a page, or of a line
	decoder *json.Decoder
	columns []format.Column
	values  map[string]json.RawMessage
	unread  map[string]bool
	number  int64
	dated   bool // an object had a date
	fault   string
}

// maxOSDI is the longest page in bytes.
const maxOSDI = 64 << 20

func startsWithJSON(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[')
}

func newOSDIRows(file *format.File) (*osdiRows, error) {
	o := &osdiRows{name: file.Name(), decoder: json.NewDecoder(io.LimitReader(file, maxOSDI)), unread: map[string]bool{}}
	if head := bytes.TrimLeft(file.Head(), "\xef\xbb\xbf \t\r\n"); len(head) > 0 && head[0] == '[' {
		if _, err := o.decoder.Token(); err != nil {
			return nil, o.damaged(err)
		}
	}
	return o, nil
}

func (o *osdiRows) damaged(err error) error {
	return fmt.Errorf("%s object %d: this is not well-formed JSON (%w), or more than 64 MiB: download the file again", o.name, o.number+1, err)
}

// Next goes to the next object; those of a page of the API follow each other.
func (o *osdiRows) Next() (bool, error) {
	for len(o.objects) == 0 {
		if !o.decoder.More() {
			return false, nil
		}
		var raw json.RawMessage
		if err := o.decoder.Decode(&raw); errors.Is(err, io.EOF) {
			return false, nil
		} else if err != nil {
			return false, o.damaged(err)
		}
		o.objects = embedded(raw)
	}
	raw := o.objects[0]
	o.objects = o.objects[1:]
	o.number++
	o.values, o.fault = map[string]json.RawMessage{}, ""
	if err := json.Unmarshal(raw, &o.values); err != nil {
		o.fault = "this is not an object"
		return true, nil
	}
	for _, inner := range []string{"address", "location", "postal_address"} {
		o.flatten(inner)
	}
	for name := range o.values {
		o.dated = o.dated || slices.Contains(osdiLayout.when, name)
		if len(o.unread) < 1000 && !o.asked(name) {
			o.unread[name] = true
		}
	}
	return true, nil
}

// flatten brings the values of an object in the object up.
func (o *osdiRows) flatten(name string) {
	var inner map[string]json.RawMessage
	if json.Unmarshal(o.values[name], &inner) != nil || inner == nil {
		return
	}
	delete(o.values, name)
	for key, value := range inner {
		if _, there := o.values[key]; !there {
			o.values[key] = value
		}
	}
	var nested map[string]json.RawMessage
	if json.Unmarshal(inner["location"], &nested) == nil {
		for key, value := range nested {
			o.values[key] = value
		}
	}
}

// embedded gives the objects of a page of the API, or the object itself.
func embedded(raw json.RawMessage) []json.RawMessage {
	var page struct {
		Embedded map[string][]json.RawMessage `json:"_embedded"`
	}
	if json.Unmarshal(raw, &page) != nil || page.Embedded == nil {
		return []json.RawMessage{raw}
	}
	for name, list := range page.Embedded {
		if strings.HasSuffix(name, "canvasses") {
			return list
		}
	}
	return nil
}

func (o *osdiRows) asked(name string) bool {
	for _, c := range o.columns {
		for _, n := range c.Names {
			if n == name {
				return true
			}
		}
	}
	return false
}

// Keys are not known before the objects are read.
func (o *osdiRows) Keys() []string { return nil }

// Columns takes every column: objects may each have other names.
func (o *osdiRows) Columns(wanted ...format.Column) ([]int, error) {
	at := make([]int, len(wanted))
	for i, c := range wanted {
		at[i] = len(o.columns)
		o.columns = append(o.columns, c)
	}
	return at, nil
}

// Field is a text or a number, or the first of a list of them.
func (o *osdiRows) Field(place int) []byte {
	if place < 0 {
		return nil
	}
	for _, name := range o.columns[place].Names {
		if raw, ok := o.values[name]; ok {
			if text := scalar(raw); len(text) > 0 {
				return text
			}
		}
	}
	return nil
}

func scalar(raw json.RawMessage) []byte {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return nil
	}
	switch raw[0] {
	case '"':
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return nil
		}
		return []byte(strings.TrimSpace(text))
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
			return nil
		}
		return scalar(list[0])
	case '{', 'n':
		return nil
	}
	return raw
}

// Geometry is none: positions are numbers of the object.
func (o *osdiRows) Geometry() (orb.Geometry, error) { return nil, nil }

// CRS is degrees.
func (o *osdiRows) CRS() geo.CRS { return geo.WGS84 }

// Line is the number of the object, from 1.
func (o *osdiRows) Line() int64 { return o.number }

// Noun is what Line numbers.
func (o *osdiRows) Noun() string { return "object" }

// Condition says why an object cannot be read.
func (o *osdiRows) Condition() (fault, repair string) { return o.fault, "" }

// Unread lists names that were met and not asked for.
func (o *osdiRows) Unread() []string {
	var names []string
	for name := range o.unread {
		names = append(names, name)
	}
	return names
}
