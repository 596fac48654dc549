package format

import (
	"bytes"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// OSMSelection says which elements of an extract are rows.
type OSMSelection struct {
	Kinds OSMKind
	Key   string                                 // the elements that have this key
	Keep  func(tag func(key string) string) bool // those of them whose geometry is asked for; nil for all
}

// OSMRows are elements of an extract with their geometry. A column is a tag, or several of which the first that is there counts.
// The file is gone through for the ways that are kept, then for the nodes of those, then for the rows: memory is for the nodes of
// the ways kept, and no order of the elements is relied on. It is Rows.
type OSMRows struct {
	osm       *OSM
	selection OSMSelection
	columns   []Column

	nodes   *osmNodes
	ways    map[int64][]int64 // the nodes of the ways that relations kept are made of
	rows    *OSMPass
	refs    []int64
	parts   orb.MultiLineString
	missing int
	fault   string
	keep    bool
}

// NewOSMRows opens an extract.
func NewOSMRows(file *File, selection OSMSelection) (*OSMRows, error) {
	osm, err := NewOSM(file)
	if err != nil {
		return nil, err
	}
	return newOSMRows(osm, selection), nil
}

func newOSMRows(osm *OSM, selection OSMSelection) *OSMRows {
	return &OSMRows{osm: osm, selection: selection, nodes: newOSMNodes(osm.size), ways: map[int64][]int64{}}
}

// gather goes through the file for all that the geometries need.
func (r *OSMRows) gather() error {
	if err := r.gatherRefs(); err != nil {
		return err
	}
	if err := r.gatherMembers(); err != nil {
		return err
	}
	r.nodes.settle()
	if len(r.nodes.ids) == 0 {
		return nil
	}
	pass := r.osm.Pass(OSMNode)
	for {
		more, err := pass.Next()
		if err != nil || !more {
			return err
		}
		if pass.onEarth {
			r.nodes.put(pass.id, pass.lon, pass.lat)
		}
	}
}

// gatherRefs finds the nodes of the ways and the ways of the relations that are kept.
func (r *OSMRows) gatherRefs() error {
	pass := r.osm.Pass(r.selection.Kinds &^ OSMNode)
	var members int
	for {
		more, err := pass.Next()
		if err != nil || !more {
			return err
		}
		if !r.kept(pass) {
			continue
		}
		if pass.kind == OSMWay {
			var ok bool
			before := len(r.nodes.ids)
			if r.nodes.ids, ok, err = pass.addRefs(r.nodes.ids); !ok {
				r.nodes.ids = r.nodes.ids[:before]
			}
			if err == nil && !r.nodes.tidy() {
				err = r.osm.located(pass.blobs.at, errTooManyNodes)
			}
		} else {
			err = pass.eachMember(func(way int64) {
				if members < r.nodes.limit {
					r.ways[way] = nil
					members++
				}
			})
		}
		if err != nil {
			return err
		}
	}
}

// gatherMembers finds the nodes of the ways that the relations kept are made of.
func (r *OSMRows) gatherMembers() error {
	if len(r.ways) == 0 {
		return nil
	}
	pass := r.osm.Pass(OSMWay)
	var total int
	for {
		more, err := pass.Next()
		if err != nil || !more {
			return err
		}
		if refs, wanted := r.ways[pass.id]; !wanted || refs != nil {
			continue
		}
		refs, ok, err := pass.addRefs(nil)
		if err != nil {
			return err
		}
		if total += len(refs); total > r.nodes.limit {
			return r.osm.located(pass.blobs.at, errTooManyNodes)
		}
		if ok {
			r.ways[pass.id] = refs
			r.nodes.ids = append(r.nodes.ids, refs...)
			if !r.nodes.tidy() {
				return r.osm.located(pass.blobs.at, errTooManyNodes)
			}
		}
	}
}

func (r *OSMRows) kept(pass *OSMPass) bool {
	return len(pass.Tag(r.selection.Key)) > 0 && (r.selection.Keep == nil || r.selection.Keep(pass.tag))
}

// Keys are not known: every element has tags of its own.
func (r *OSMRows) Keys() []string { return nil }

// Columns gives each column its place. No tag is needed.
func (r *OSMRows) Columns(wanted ...Column) ([]int, error) {
	places := make([]int, len(wanted))
	for i, c := range wanted {
		places[i] = len(r.columns)
		r.columns = append(r.columns, c)
	}
	return places, nil
}

// Next goes to the next element that has the key, kept or not.
func (r *OSMRows) Next() (bool, error) {
	if r.rows == nil {
		if err := r.gather(); err != nil {
			return false, err
		}
		r.rows = r.osm.Pass(r.selection.Kinds)
	}
	for {
		more, err := r.rows.Next()
		if err != nil || !more {
			return false, err
		}
		if len(r.rows.Tag(r.selection.Key)) > 0 {
			break
		}
	}
	r.parts, r.missing, r.fault = nil, 0, ""
	if r.keep = r.kept(r.rows); !r.keep {
		return true, nil
	}
	return true, r.shape()
}

const (
	faultRefs     = "it has too many nodes"
	faultID       = "its id is below 1, as editors number what is not in OpenStreetMap yet"
	faultPosition = "it has a position that is not on Earth"
)

// shape makes the line of a way or the lines of a relation.
func (r *OSMRows) shape() error {
	if r.rows.id < 1 {
		r.fault = faultID
		return nil
	}
	switch r.rows.kind {
	case OSMNode:
		if !r.rows.onEarth {
			r.fault = faultPosition
		}
	case OSMWay:
		var ok bool
		var err error
		if r.refs, ok, err = r.rows.addRefs(r.refs[:0]); err != nil {
			return err
		}
		if !ok {
			r.fault = faultRefs
			return nil
		}
		r.parts, r.missing = r.nodes.line(r.refs)
	case OSMRelation:
		points := 0
		return r.rows.eachMember(func(way int64) {
			refs := r.ways[way]
			if refs == nil {
				r.missing++
			}
			if points += len(refs); points > maxOSMRefs {
				r.parts, r.fault = nil, faultRefs
				return
			}
			parts, missing := r.nodes.line(refs)
			r.parts = append(r.parts, parts...)
			r.missing += missing
		})
	}
	return nil
}

// Kind is the kind of the element, and Line its number among those of its kind.
func (r *OSMRows) Kind() OSMKind { return r.rows.kind }

// Kept tells whether the element is one of those kept; others have no geometry.
func (r *OSMRows) Kept() bool { return r.keep }

// Missing counts the nodes of the way, and the ways and their nodes of a relation, that the file does not have, as where an extract
// was cut out: the geometry is broken there.
func (r *OSMRows) Missing() int { return r.missing }

// Pieces counts what the way is cut into where ways that are kept meet, and those of them that cannot be drawn for want of nodes.
func (r *OSMRows) Pieces() (all, undrawn int) { return r.nodes.pieces(r.refs) }

// Field is the value of the first of the column's tags that the element has.
func (r *OSMRows) Field(place int) []byte {
	if place < 0 {
		return nil
	}
	for _, key := range r.columns[place].Names {
		if value := trim(r.rows.Tag(key)); len(value) > 0 {
			return bytes.ToValidUTF8(value, []byte("\ufffd"))
		}
	}
	return nil
}

// Geometry is the point of a node, the line of a way, its parts where it is broken, or the lines of a relation; nil without one.
func (r *OSMRows) Geometry() (orb.Geometry, error) {
	switch {
	case r.rows.kind == OSMNode && r.rows.onEarth:
		return orb.Point{r.rows.lon.degrees(), r.rows.lat.degrees()}, nil
	case len(r.parts) == 1:
		return r.parts[0], nil
	case len(r.parts) > 1:
		return r.parts, nil
	}
	return nil, nil
}

// CRS is WGS84, as all of OpenStreetMap.
func (r *OSMRows) CRS() geo.CRS { return geo.WGS84 }

// Line is the id of the element.
func (r *OSMRows) Line() int64 { return r.rows.id }

// Noun is the kind of the elements, if they are of one.
func (r *OSMRows) Noun() string { return r.selection.Kinds.String() }

// Condition tells a way that is too long, a node that is nowhere and an element that is not OpenStreetMap's.
func (r *OSMRows) Condition() (fault, repair string) { return r.fault, "" }

// Unread is empty: the tags of an extract are no list.
func (r *OSMRows) Unread() []string { return nil }
