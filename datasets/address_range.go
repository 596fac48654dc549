package datasets

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math"
	"regexp"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/geo"
)

// Files of streets with address ranges do not say which house numbers there are, only from which to which they may run along a
// side. Every number of the parity of a range becomes an address, spread evenly along the side; where there is less room than
// frontM for each, every second, third ... number does. They are places to put households at, no list of doors.
const (
	frontM   = 5.0 // along the street for an address at least
	setbackM = 8.0 // from the centreline to the door

	mostOfRange = 1_000_000 // no house number is above
)

// side is one side of a street segment: numbers run from the beginning of its line to the end, and may fall.
type side struct {
	from, to int64
	left     bool
	name     string // of the side in the addresses' ids

	before string // the hyphen, "12" of 12-04; empty where numbers have none
	block  int32  // the same as a number
	digits int    // at least, behind the hyphen
}

// hyphenated is a house number as Queens has them: the cross street, and the number from there on.
var hyphenated = regexp.MustCompile(`^([0-9]+)-([0-9]+)$`)

// readSide reads the numbers of a side. A side with one end has one address.
func readSide(from, to []byte, left bool, name string) (s side, given bool, reason string) {
	// 0, -1 and nothing are how cities write that there are no numbers.
	none := func(text []byte) bool {
		return format.Absent(text) || text[0] == '-' || len(bytes.Trim(text, "0")) == 0
	}
	switch {
	case none(from) && none(to):
		return side{}, false, ""
	case none(from):
		from = to
	case none(to):
		to = from
	}
	s = side{left: left, name: name}
	a, b := hyphenated.FindSubmatch(from), hyphenated.FindSubmatch(to)
	if a != nil && b != nil && bytes.Equal(a[1], b[1]) {
		if block, _, wrong := houseNumber(a[1]); wrong == "" {
			s.before, s.block, s.digits, from, to = string(a[1]), block, min(len(a[2]), len(b[2])), a[2], b[2]
		}
	}
	first, _, noFirst := houseNumber(from)
	last, _, noLast := houseNumber(to)
	switch {
	case noFirst != "" || noLast != "":
		return side{}, false, "an address range has no end that is a house number"
	case max(first, last, s.block) > mostOfRange:
		return side{}, false, "an address range runs to more than a million"
	}
	s.from, s.to = int64(first), int64(last)
	return s, true, ""
}

// address gives the text, number and suffix of a house number of the side. The number of 12-34 is 12, as wherever a file has 12-34;
// -34 is its suffix, so that both together are what is on the door.
func (s side) address(number int64) (text string, whole int32, suffix string) {
	if s.before == "" {
		return strconv.FormatInt(number, 10), int32(number), ""
	}
	suffix = fmt.Sprintf("-%0*d", s.digits, number)
	return s.before + suffix, s.block, suffix
}

// besideAt gives the place off metres beside a line, along metres from its beginning.
func besideAt(line orb.LineString, along, off float64, left bool) (x, y float64) {
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		dx, dy := b[0]-a[0], b[1]-a[1]
		piece := math.Hypot(dx, dy)
		if piece == 0 {
			continue
		}
		if along <= piece || i == len(line)-1 {
			along = min(along, piece)
			if !left {
				off = -off
			}
			return a[0] + dx*along/piece - dy/piece*off, a[1] + dy*along/piece + dx/piece*off
		}
		along -= piece
	}
	return line[0][0], line[0][1]
}

// rangeReader takes the records of a file of streets as addresses.
type rangeReader struct {
	decoding
	rows      format.Rows
	shaper    *shaper
	addresses *addressRows
	seen      map[uint64]bool // hashes of the addresses' ids
}

func newRangeReader(file *format.File, d decoding, columns []format.Column) (r *rangeReader, at []int, err error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	if at, err = rows.Columns(columns...); err != nil {
		return nil, nil, err
	}
	shaper, err := newShaper(d, rows)
	if err != nil {
		return nil, nil, err
	}
	d.report.Layout = "address ranges along streets: an address for each number of a range, as far as the street has room"
	return &rangeReader{d, rows, shaper, newAddressRows(d), map[uint64]bool{}}, at, nil
}

const (
	reasonNoRange    = "no address range"
	reasonSeveral    = "the line is in several pieces: addresses cannot run along it"
	reasonDegenerate = "the line has no length"
)

// append adds the addresses of the current record.
func (r *rangeReader) append(line int64, sides []side, row address) (reason string, err error) {
	published, malformed := r.rows.Geometry()
	shape, reason, err := r.shaper.line(line, published, malformed)
	if reason != "" || err != nil {
		return reason, err
	}
	g, err := wkb.Unmarshal(shape) // in degrees
	if err != nil {
		return "", err
	}
	course, single := g.(orb.LineString)
	if several, ok := g.(orb.MultiLineString); ok && len(several) == 1 {
		course, single = several[0], true
	}
	if !single {
		return reasonSeveral, nil
	}
	return r.along(line, course, sides, row), nil
}

// along appends the addresses of the sides of a segment. course is in WGS84 degrees.
func (r *rangeReader) along(line int64, course orb.LineString, sides []side, row address) (reason string) {
	if len(course) < 2 {
		return reasonDegenerate
	}
	middle := course[len(course)/2]
	projection := geo.ProjectionAt(middle[0], middle[1])
	planar := make(orb.LineString, len(course))
	for i, p := range course {
		planar[i][0], planar[i][1] = projection.Forward(p[0], p[1])
	}
	length := geo.LineLength(planar)
	if !(length > 0) || math.IsInf(length, 0) {
		return reasonDegenerate
	}
	id := row.id
	for _, s := range sides {
		low, high := min(s.from, s.to), max(s.from, s.to)
		step := int64(2)
		if (low-high)%2 != 0 {
			step = 1 // numbers of both parities are on this side
		}
		count := (high-low)/step + 1
		room := max(int64(length/frontM), 1)
		every := (count + room - 1) / room
		for n := int64(0); n < count; n += every {
			number := s.from + n*step
			if s.to < s.from {
				number = s.from - n*step
			}
			x, y := besideAt(planar, length*(float64(n)+0.5)/float64(count), setbackM, s.left)
			text, whole, suffix := s.address(number)
			row.id = append(append(append(append(row.id[:0:0], id...), s.name...), '/'), text...)
			row.number, row.suffix = whole, []byte(suffix)
			row.lon, row.lat = projection.Inverse(x, y)
			if r.first(row.id) {
				r.addresses.append(line, row)
			}
		}
	}
	return ""
}

// first tells whether an address is there for the first time: ranges overlap, and files repeat them.
func (r *rangeReader) first(id []byte) bool {
	h := fnv.New64a()
	h.Write(id) // never fails
	if r.seen[h.Sum64()] {
		return false
	}
	r.seen[h.Sum64()] = true
	return true
}

// communeOf is the commune that the place file gives for all rows of a file that has none.
func communeOf(d decoding) []byte { return []byte(d.spec.Commune) }
