package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// Features reads GeoJSON feature by feature: a FeatureCollection, or features that follow each other, a line each (newline-delimited
// GeoJSON) or as a text sequence (RFC 8142). It is Rows.
type Features struct {
	file    *File
	text    *textReader
	window  *window
	columns []Column
	wanted  map[string]place // by Key of the spellings of the columns
	ranks   map[string]place // by the name of a property as the file writes it
	names   []string         // those that are no column, in the order they were met
	found   []bool           // columns that some feature had

	number int64 // of the feature, from 1
	line   int64 // of the window's start, from 1
	inside bool  // the array of features
	loose  bool  // features that follow each other, in no collection
	crs    geo.CRS

	keys  []string // of the first feature
	first []byte   // which was read ahead; nil once it is taken
	early error    // what came instead of it

	object   bool // the feature is one
	replaced bool // bytes of it stand for no character
	geometry []byte
	values   [][]byte // of the columns
	spelling []int    // which name of the column the value came under
}

// place is the column and the spelling that the name of a property stands for.
type place struct{ column, spelling int }

const (
	maxFeature = 64 << 20
	maxNames   = 1000 // properties are remembered up to this many names
)

// NewFeatures finds the array of features and reads the first one ahead.
func NewFeatures(file *File) (*Features, error) {
	text := newTextReader(file)
	f := &Features{file: file, text: text, window: newWindow(text, maxFeature), line: 1, wanted: map[string]place{}, ranks: map[string]place{}}
	f.loose = startsWithFeature(file.Head())
	if !f.loose {
		if err := f.findFeatures(); err != nil {
			return nil, f.located(err)
		}
	}
	if f.first, f.early = f.readFeature(); f.early == nil && len(f.first) > 0 && f.first[0] == '{' {
		f.early = members(f.first, func(name string, value []byte) error {
			if name != "properties" || value[0] != '{' {
				return nil
			}
			return members(value, func(name string, _ []byte) error {
				if len(f.keys) == maxFields {
					return errManyProperties
				}
				f.keys = append(f.keys, Key(name))
				return nil
			})
		})
	}
	return f, nil
}

// Keys are the names of the properties of the first feature.
func (f *Features) Keys() []string { return f.keys }

// Columns asks for properties, before the first Next.
func (f *Features) Columns(wanted ...Column) ([]int, error) {
	places := make([]int, len(wanted))
	for i, c := range wanted {
		places[i] = len(f.columns)
		for j, spelling := range c.Names {
			if f.rank(spelling).column < 0 { // the first column that has a spelling counts
				f.wanted[Key(spelling)] = place{places[i], j}
			}
		}
		f.columns = append(f.columns, c)
		f.found = append(f.found, false)
		f.values, f.spelling = append(f.values, nil), append(f.spelling, 0)
	}
	return places, nil
}

// located says where in the file an error is.
func (f *Features) located(err error) error {
	if err == nil {
		return nil
	}
	if f.number > 0 {
		return fmt.Errorf("%s feature %d (line %d, byte %d): %w", f.file.Name(), f.number, f.line, f.window.offset, err)
	}
	return at(f.file.Name(), f.line, err)
}

// findFeatures reads the members before the features.
func (f *Features) findFeatures() error {
	switch c, err := f.peek(); {
	case errors.Is(err, ErrEndsEarly):
		return ErrEmpty
	case err != nil:
		return err
	case c != '{':
		return errors.New("this is not GeoJSON: download the GeoJSON of the dataset")
	}
	f.pass(1)
	for {
		end, err := f.member()
		if err != nil {
			return err
		}
		if end {
			return errors.New("this has no features: a GeoJSON FeatureCollection is due")
		}
		if f.inside {
			return nil
		}
	}
}

// member reads a member of the collection. It stops at the first feature, and at the end of the collection.
func (f *Features) member() (end bool, err error) {
	if c, err := f.peek(); err != nil {
		return false, err
	} else if c == '}' {
		f.pass(1)
		return true, nil
	}
	raw, err := f.value()
	if err != nil {
		return false, err
	}
	name := jsonString(raw)
	if len(raw) == 0 || raw[0] != '"' {
		return false, errNotJSON
	}
	c, err := f.peek()
	if err != nil {
		return false, err
	}
	if name == "features" && c == '[' {
		f.pass(1)
		f.inside = true
		return false, nil
	}
	value, err := f.value()
	if err != nil {
		return false, err
	}
	if err := checkMember(name, value); err != nil || name != "crs" || string(value) == "null" {
		return false, err
	}
	declared, err := declaredCRS(value)
	if err != nil {
		return false, err
	}
	if f.number > 0 && declared != f.crs && !declared.Geographic() {
		return false, fmt.Errorf("the crs member, %s, follows the features, which were read without it: move it to the beginning of the file", declared)
	}
	f.crs = declared
	return false, nil
}

// startsWithFeature tells whether a text begins with a feature, and not with a collection of them.
func startsWithFeature(head []byte) (feature bool) {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n\x1e")
	if len(head) == 0 || head[0] != '{' {
		return false
	}
	found := errors.New("found")
	_ = members(head, func(name string, value []byte) error { // the end of the head may cut a member: that one is not needed
		switch name {
		case "type":
			feature = jsonString(value) == "Feature"
			return found
		case "geometry", "properties":
			feature = true
			return found
		case "features":
			return found
		}
		return nil
	})
	return feature
}

// checkMember refuses what is not a FeatureCollection.
func checkMember(name string, value []byte) error {
	switch {
	case !json.Valid(value):
		return errNotJSON
	case name == "type" && jsonString(value) != "FeatureCollection":
		return fmt.Errorf("this is a GeoJSON %.40q: a FeatureCollection is due", jsonString(value))
	}
	return nil
}

// declaredCRS reads the crs member of the GeoJSON of 2008: {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}.
func declaredCRS(value []byte) (geo.CRS, error) {
	var member struct {
		Properties struct{ Name string }
	}
	if err := json.Unmarshal(value, &member); err != nil {
		return geo.CRS{}, fmt.Errorf("the crs member cannot be read (%.120s): convert the coordinates to WGS84 degrees and take it out", value)
	}
	return geo.CRSByName(member.Properties.Name)
}

// Next goes to the next feature. It gives false at the end of the collection.
func (f *Features) Next() (bool, error) {
	more, err := f.next()
	return more, f.located(err)
}

func (f *Features) next() (bool, error) {
	raw, err := f.first, f.early
	if raw == nil && err == nil {
		raw, err = f.readFeature()
	}
	f.first, f.early = nil, nil
	switch {
	case err != nil:
		f.number++
		return false, err
	case len(raw) == 0:
		return false, f.finish()
	}
	f.number++
	return true, f.takeFeature(raw)
}

// readFeature gives the text of the next feature, not nil and empty at the end of the array.
func (f *Features) readFeature() ([]byte, error) {
	c, err := f.peek()
	if f.loose && errors.Is(err, ErrEndsEarly) {
		return []byte{}, nil
	}
	if err != nil {
		return nil, err
	}
	if c == ']' && !f.loose {
		f.pass(1)
		return []byte{}, nil
	}
	raw, err := f.value()
	if err != nil {
		return nil, err
	}
	if !json.Valid(raw) {
		return nil, errNotJSON
	}
	return raw, nil
}

// finish reads the members after the features and checks that nothing follows.
func (f *Features) finish() error {
	f.inside = false
	for !f.loose {
		end, err := f.member()
		if err != nil {
			return err
		}
		if f.inside {
			return errors.New("this has features twice: take one out")
		}
		if end {
			break
		}
	}
	switch _, err := f.peek(); {
	case f.loose:
	case err == nil:
		return errors.New("there is text after the end of the collection: download the file again")
	case !errors.Is(f.window.err, io.EOF):
		return err
	}
	for i, found := range f.found {
		if !found && !f.columns[i].Optional && f.number > 0 {
			return missing("property", f.columns[i])
		}
	}
	return nil
}

// takeFeature sets what a feature has. One that is no object has nothing.
func (f *Features) takeFeature(raw []byte) error {
	f.geometry = nil
	clear(f.values)
	f.replaced = f.text.undefined > 0 && bytes.Contains(raw, []byte("\ufffd"))
	if f.object = raw[0] == '{'; !f.object {
		return nil
	}
	return members(raw, func(name string, value []byte) error {
		switch name {
		case "geometry":
			f.geometry = value
		case "properties":
			if value[0] == '{' {
				taken := 0
				return members(value, func(name string, value []byte) error {
					if taken++; taken > maxFields {
						return errManyProperties
					}
					return f.takeProperty(name, value)
				})
			}
		}
		return nil
	})
}

var errManyProperties = fmt.Errorf("a feature has more than %d properties: no published file does", maxFields)

func (f *Features) takeProperty(name string, value []byte) error {
	p, known := f.ranks[name]
	if !known {
		p = f.rank(name)
		if len(f.ranks) < maxNames {
			f.ranks[name] = p
			if p.column < 0 {
				f.names = append(f.names, name)
			}
		}
	}
	if p.column < 0 {
		return nil
	}
	f.found[p.column] = true
	if f.values[p.column] == nil || p.spelling < f.spelling[p.column] {
		f.values[p.column], f.spelling[p.column] = value, p.spelling
	}
	return nil
}

// rank finds the column and the spelling of a property's name.
func (f *Features) rank(name string) place {
	if p, ok := f.wanted[Key(name)]; ok {
		return p
	}
	return place{-1, 0}
}

// Line is the number of the feature in the file, from 1: many files are one line.
func (f *Features) Line() int64 { return f.number }

// Geometry is the feature's geometry, nil if it has none; see ParseGeometry.
func (f *Features) Geometry() (orb.Geometry, error) {
	if f.geometry == nil {
		return nil, nil
	}
	return parseGeometry(f.geometry, collectionDepth)
}

// CRS is what the crs member before the features declares.
func (f *Features) CRS() geo.CRS { return f.crs }

// Noun is what Line numbers.
func (f *Features) Noun() string { return "feature" }

// Field is the property of a column as text: a string, or a number as written ("19" and 19 are the same), or the only element of
// a list. It is empty where the property is missing or null.
func (f *Features) Field(place int) []byte {
	if place < 0 {
		return nil
	}
	return textValue(f.values[place])
}

func textValue(value []byte) []byte {
	if len(value) == 0 {
		return nil
	}
	switch value[0] {
	case '"':
		return trim([]byte(jsonString(value)))
	case 'n', '{':
		return nil
	case '[':
		var only []byte
		n := 0
		err := elements(value, func(element []byte) error {
			if n++; element[0] != '[' {
				only = textValue(element)
			}
			return nil
		})
		if err != nil || n != 1 {
			return nil
		}
		return only
	default:
		return value
	}
}

// Condition says why the feature cannot be read, and what was put right in it.
func (f *Features) Condition() (fault, repair string) {
	if f.replaced {
		repair = repairCharacters
	}
	if !f.object {
		fault = "this is not a feature"
	}
	return fault, repair
}

// Unread lists the properties met so far that are no column.
func (f *Features) Unread() []string { return unread(f.names, make([]bool, len(f.names))) }

// peek passes over separators and gives the byte after them.
func (f *Features) peek() (byte, error) {
	for {
		text := f.window.text()
		rest := skipSeparators(text)
		if f.loose {
			rest = bytes.TrimLeft(rest, "\x1e \t\r\n")
		}
		f.pass(len(text) - len(rest))
		if len(rest) > 0 {
			return rest[0], nil
		}
		if f.window.atEnd() {
			return 0, ErrEndsEarly
		}
		if err := f.window.more(); err != nil {
			return 0, err
		}
	}
}

// value reads the value that begins here. It is good until the next read.
func (f *Features) value() ([]byte, error) {
	var s valueScan
	for scanned := 0; ; {
		text := f.window.text()
		n, done := s.scan(text[scanned:])
		scanned += n
		if done {
			f.pass(scanned)
			return text[:scanned], nil
		}
		if f.window.atEnd() {
			return nil, ErrEndsEarly
		}
		if err := f.window.more(); err != nil {
			return nil, err
		}
	}
}

func (f *Features) pass(n int) {
	f.line += int64(bytes.Count(f.window.text()[:n], []byte{'\n'}))
	f.window.pass(n)
}
