package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// Topology reads a layer (an object) of TopoJSON, whose features share their borders: https://github.com/topojson/topojson-specification.
// Unlike other formats it has to be in memory as a whole. It is Rows.
type Topology struct {
	file  *File
	arcs  []orb.LineString
	shift func(x, y float64) orb.Point // of points, which are quantised like arcs

	objects []topoObject
	names   []string // of properties, as written
	keys    []string
	taken   []bool
	at      int // the current object, from 1
}

// topoObject is a geometry of a layer with its properties.
type topoObject struct {
	Type        string
	ID          json.RawMessage
	Properties  map[string]json.RawMessage
	Arcs        json.RawMessage
	Coordinates json.RawMessage
	Geometries  []topoObject
}

type topoFile struct {
	Type      string
	Transform *struct {
		Scale, Translate [2]float64
	}
	Arcs    [][][]float64
	Objects map[string]topoObject
}

const (
	maxTopology  = 1 << 30 // bytes of text
	maxTopoDepth = 8
)

func newTopology(file *File, layer string) (Rows, error) {
	text, err := io.ReadAll(io.LimitReader(newTextReader(file), maxTopology+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	if len(text) > maxTopology {
		return nil, fmt.Errorf("%s: TopoJSON of more than 1 GiB is not read: convert it to GeoJSON", file.Name())
	}
	var f topoFile
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &f); err != nil {
		return nil, fmt.Errorf("%s: this is not well-formed TopoJSON (%w): download the file again", file.Name(), err)
	}
	t := &Topology{file: file, shift: func(x, y float64) orb.Point { return orb.Point{x, y} }}
	if tr := f.Transform; tr != nil {
		t.shift = func(x, y float64) orb.Point {
			return orb.Point{x*tr.Scale[0] + tr.Translate[0], y*tr.Scale[1] + tr.Translate[1]}
		}
	}
	if err := t.readArcs(f.Arcs, f.Transform != nil); err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	if err := t.chooseObject(f.Objects, layer); err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	t.nameProperties()
	return t, nil
}

// readArcs makes lines of the arcs. Positions of a quantised topology are each the difference from the one before.
func (t *Topology) readArcs(arcs [][][]float64, quantised bool) error {
	t.arcs = make([]orb.LineString, len(arcs))
	for i, arc := range arcs {
		line := make(orb.LineString, len(arc))
		var x, y float64
		for j, p := range arc {
			if len(p) < 2 {
				return fmt.Errorf("arc %d has a position without two coordinates: download the file again", i)
			}
			if quantised {
				x, y = x+p[0], y+p[1]
			} else {
				x, y = p[0], p[1]
			}
			if line[j] = t.shift(x, y); !isFinite(line[j]) {
				return fmt.Errorf("arc %d has a coordinate that is no number: download the file again", i)
			}
		}
		t.arcs[i] = line
	}
	return nil
}

// chooseObject takes the layer asked for, or the only one. A collection of geometries is a layer of its members.
func (t *Topology) chooseObject(objects map[string]topoObject, layer string) error {
	var names []string
	for name := range objects {
		names = append(names, name)
	}
	slices.Sort(names)
	if layer == "" && len(names) == 1 {
		layer = names[0]
	}
	object, ok := objects[layer]
	switch {
	case len(names) == 0:
		return errors.New("this TopoJSON has no objects")
	case layer == "":
		return fmt.Errorf("this TopoJSON has several layers: give layer: one of %s", strings.Join(names, ", "))
	case !ok:
		return fmt.Errorf("there is no layer %q: give layer: one of %s", layer, strings.Join(names, ", "))
	case object.Type == "GeometryCollection":
		t.objects = object.Geometries
	default:
		t.objects = []topoObject{object}
	}
	return nil
}

// nameProperties lists the properties of all objects; an id counts as one where no property has the name.
func (t *Topology) nameProperties() {
	seen := map[string]bool{}
	hasID := false
	for _, o := range t.objects {
		for name := range o.Properties {
			if !seen[name] && len(t.names) < maxNames {
				seen[name] = true
				t.names = append(t.names, name)
			}
		}
		hasID = hasID || len(o.ID) > 0
	}
	slices.Sort(t.names)
	if hasID && !seen["id"] {
		t.names = append(t.names, "id")
	}
	for _, name := range t.names {
		t.keys = append(t.keys, Key(name))
	}
	t.taken = make([]bool, len(t.names))
}

// Keys are the names of the properties.
func (t *Topology) Keys() []string { return t.keys }

// Columns finds properties by name.
func (t *Topology) Columns(wanted ...Column) ([]int, error) {
	places, err := resolve(t.keys, wanted)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.file.Name(), err)
	}
	for _, p := range places {
		if p >= 0 {
			t.taken[p] = true
		}
	}
	return places, nil
}

// Next goes to the next object.
func (t *Topology) Next() (bool, error) {
	if t.at == len(t.objects) {
		return false, nil
	}
	t.at++
	return true, nil
}

// Field is a property as text, as that of a GeoJSON feature.
func (t *Topology) Field(place int) []byte {
	if place < 0 {
		return nil
	}
	o := t.objects[t.at-1]
	if value, ok := o.Properties[t.names[place]]; ok {
		return textValue(bytes.TrimSpace(value))
	}
	if t.names[place] == "id" {
		return textValue(bytes.TrimSpace(o.ID))
	}
	return nil
}

// Geometry puts the object's arcs together.
func (t *Topology) Geometry() (orb.Geometry, error) {
	return t.geometry(t.objects[t.at-1], maxTopoDepth)
}

// CRS is none: positions are degrees, or in a system that the file cannot name.
func (t *Topology) CRS() geo.CRS { return geo.CRS{} }

// Line is the number of the object, from 1.
func (t *Topology) Line() int64 { return int64(t.at) }

// Noun is what Line numbers.
func (t *Topology) Noun() string { return "feature" }

// Condition says nothing: an object is what the file has.
func (t *Topology) Condition() (fault, repair string) { return "", "" }

// Unread lists the properties that were not asked for.
func (t *Topology) Unread() []string { return unread(t.names, t.taken) }
