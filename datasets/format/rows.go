package format

import (
	"bytes"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// Rows are the records of a file of any container: the rows of a table, the features of a layer. Decoders read them without
// knowing which.
type Rows interface {
	// Keys are the names of the columns in the order of the file, as Key gives them; of GeoJSON those that its first feature has.
	Keys() []string
	// Columns finds columns by name, -1 for an optional one that is not there, and counts them as read. Features may each have
	// other properties: they find every column, and say only at the end of the file if no feature had one that is needed.
	Columns(wanted ...Column) ([]int, error)
	// Next goes to the next record. It gives false at the end.
	Next() (bool, error)
	// Field is a value of the record as text, without spaces around it; nil where the place is -1 or the value absent. Numbers are
	// written with a point and without groups, as long as needed to be exact. It is good until Next.
	Field(place int) []byte
	// Geometry is the geometry of the record as published, in the system CRS gives; nil if it has none. It is the caller's.
	Geometry() (orb.Geometry, error)
	// CRS is the system that the file declares; the zero CRS where it declares none. GeoJSON without a crs member declares none,
	// for many such files are in metres against the standard.
	CRS() geo.CRS
	// Line numbers the record for messages, from 1, in what Noun names: the line of a text, the feature, the row.
	Line() int64
	Noun() string
	// Condition says why the record cannot be read (its fields are not to be asked for then), and what was put right in it.
	Condition() (fault, repair string)
	// Unread lists the columns that were not taken.
	Unread() []string
}

// NewRows reads a file of any container; its content says which. layer names a layer of a file that has several, and is empty
// for the only one.
func NewRows(file *File, layer string) (Rows, error) {
	head := file.Head()
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return newParquet(file)
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		return newGeoPackage(file, layer)
	case bytes.HasPrefix(head, []byte{0, 0, 0x27, 0x0a}):
		return newShapefile(file)
	case isProtocolBuffer(head):
		return nil, fmt.Errorf("%s is an OpenStreetMap extract: only the datasets osm and osm-addresses read it", file.Name())
	case looksLikeJSON(head):
		return newJSON(file, layer)
	}
	if isBinary(head) {
		return nil, fmt.Errorf("%s is neither a text nor of a container known here (CSV, GeoJSON, TopoJSON, Shapefile, GeoPackage, Parquet, .osm.pbf): give the data in one of them", file.Name())
	}
	if layer != "" {
		return nil, fmt.Errorf("%s is a table and has no layers: take layer: off the line", file.Name())
	}
	return NewTable(file)
}

// isBinary tells a picture or a program from a text: it begins with zeros among its characters.
func isBinary(head []byte) bool {
	head = head[:min(len(head), 512)]
	var text textReader
	text.takeMark(head)
	return text.encoding == undecided && wideText(head) == undecided && bytes.IndexByte(head, 0) >= 0
}

// newJSON reads GeoJSON, a feature to a line or all in a collection, or TopoJSON: the first member that names a type decides.
func newJSON(file *File, layer string) (Rows, error) {
	if isTopology(file.Head()) {
		return newTopology(file, layer)
	}
	if layer != "" {
		return nil, fmt.Errorf("%s is GeoJSON and has no layers: take layer: off the line", file.Name())
	}
	return NewFeatures(file)
}

// looksLikeJSON tells whether a text begins with a brace or bracket, in UTF-8 or UTF-16.
func looksLikeJSON(head []byte) bool {
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		head = bytes.TrimPrefix(head, []byte(mark))
	}
	head = bytes.TrimLeft(head, " \t\r\n\x00\x1e")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[')
}

// isTopology tells whether the beginning of a JSON text names the type Topology.
func isTopology(head []byte) bool {
	i := bytes.Index(head, []byte(`"Topology"`))
	j := bytes.Index(head, []byte(`"Feature`))
	return i >= 0 && (j < 0 || i < j)
}
