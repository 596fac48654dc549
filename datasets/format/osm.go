package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
)

// OSM is an OpenStreetMap extract in its PBF format: nodes, ways and relations with tags, in blobs that are packed each by itself.
// It is read in passes from front to back. Memory does not grow with the file: a blob and what it unpacks to are at most 32 MiB each,
// as the format has it.
type OSM struct {
	name   string
	source io.ReaderAt
	size   int64
	kinds  []OSMKind // what the blobs hold, once they have been gone through
}

// OSMKind is a set of kinds of elements.
type OSMKind uint8

// The kinds of elements.
const (
	OSMNode OSMKind = 1 << iota
	OSMWay
	OSMRelation
)

// String is the kind in ids, as in way/123.
func (k OSMKind) String() string {
	switch k {
	case OSMNode:
		return "node"
	case OSMWay:
		return "way"
	case OSMRelation:
		return "relation"
	}
	return "element"
}

var errNoExtract = errors.New("this is not an OpenStreetMap extract (.osm.pbf): check that this is the file of the dataset named, and not another's")

// isProtocolBuffer tells whether a file begins as an OpenStreetMap extract does: a blob header that names OSMHeader.
func isProtocolBuffer(head []byte) bool {
	return len(head) > 16 && bytes.Contains(head[:min(len(head), 64)], []byte("OSMHeader"))
}

// NewOSM opens an extract and checks that it asks for no feature of the format that is not known here.
func NewOSM(file *File) (*OSM, error) {
	if !isProtocolBuffer(file.Head()) {
		return nil, fmt.Errorf("%s: %w", file.Name(), errNoExtract)
	}
	source, size, err := file.ReaderAt()
	if err != nil {
		return nil, err
	}
	return newOSM(file.Name(), source, size)
}

func newOSM(name string, source io.ReaderAt, size int64) (*OSM, error) {
	o := &OSM{name: name, source: source, size: size}
	reader := osmBlobs{source: source, size: size}
	err := reader.next()
	if err == io.EOF {
		err = ErrEmpty
	}
	if err == nil {
		err = o.checkHeader(&reader)
	}
	if err != nil {
		return nil, o.located(reader.at, err)
	}
	return o, nil
}

// located says where in the file an error is.
func (o *OSM) located(at int64, err error) error {
	return fmt.Errorf("%s byte %d: %w", o.name, at, err)
}

// checkHeader reads the first blob, and refuses what this reader would misread.
func (o *OSM) checkHeader(reader *osmBlobs) error {
	if reader.kind != "OSMHeader" {
		return errNoExtract
	}
	block, err := reader.unpack()
	if err != nil {
		return err
	}
	for message := (osmMessage{rest: block}); ; {
		more, err := message.next()
		if err != nil || !more {
			return err
		}
		if message.number != 4 || message.bytes == nil { // required_features
			continue
		}
		switch feature := string(message.bytes); feature {
		case "OsmSchema-V0.6", "DenseNodes":
		case "HistoricalInformation":
			return errors.New("this is a history of OpenStreetMap, with what was deleted: download an extract of one day")
		default:
			return fmt.Errorf("the extract asks for a feature that is not known here, %.40q: download it from another publisher", feature)
		}
	}
}

// osmDegrees is a coordinate in units of 1e-7 degrees, in which OpenStreetMap keeps them.
type osmDegrees int32

const osmNowhere = osmDegrees(math.MinInt32)

func (d osmDegrees) degrees() float64 { return float64(d) / 1e7 }
