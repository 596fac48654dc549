package format

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// Table reads a table of text row by row: the first line that is not blank names the columns, and the delimiter (semicolon,
// comma, tab or vertical bar) is the one it has most of. Fields may be quoted as in RFC 4180. Blank lines are passed over; rows whose
// number of fields is not the header's cannot be read. It is Rows.
type Table struct {
	file     *File
	text     *textReader
	window   *window
	comma    byte
	header   []string // as written
	keys     []string // as Key gives them
	taken    []bool
	fields   [][]byte
	line     int64 // of the row's first character
	passed   int64 // lines before the window
	fault    string
	replaced bool // bytes of the row stand for no character

	geometry int // the column with geometry; see Geometry
	sought   bool

	shape TableShape
}

// TableShape says in what a table differs from one with a header and rows as wide as that.
type TableShape struct {
	Columns []string // the names of the columns, where the file has no header
	Comment string   // lines that begin with it are passed over
	Ragged  bool     // rows may be wider or narrower than the header
}

const (
	maxRow    = 8 << 20
	maxFields = 4096
)

// Faults of a row, as reasons to leave it out.
const (
	faultFew    = "the row has fewer fields than the header"
	faultMany   = "the row has more fields than the header"
	faultQuotes = "text follows a closing quote"

	repairCharacters = "bytes that stand for no character read as U+FFFD"
)

var errOpenQuote = errors.New("a quote is opened and not closed: put it right, or download the file again")

// NewTable reads the header of a file.
func NewTable(file *File) (*Table, error) { return NewShapedTable(file, TableShape{}) }

// NewShapedTable reads the header of a file, if it has one.
func NewShapedTable(file *File, shape TableShape) (*Table, error) {
	text := newTextReader(file)
	t := &Table{file: file, text: text, window: newWindow(text, maxRow), shape: shape}
	if shape.Columns != nil {
		t.name(shape.Columns)
		return t, nil
	}
	row, quoted, err := t.nextRow()
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, fmt.Errorf("%s: %w", file.Name(), ErrEmpty)
	}
	if row[0] == '{' || row[0] == '[' {
		return nil, at(file.Name(), t.line, errors.New("this is JSON, not a table: download the CSV of the dataset"))
	}
	t.split(row, quoted)
	if t.fault != "" {
		return nil, at(file.Name(), t.line, fmt.Errorf("the header cannot be read: %s", t.fault))
	}
	header := make([]string, len(t.fields))
	for i, f := range t.fields {
		header[i] = string(f)
	}
	t.name(header)
	return t, nil
}

// name gives the columns their names.
func (t *Table) name(header []string) {
	t.header = header
	for _, name := range header {
		t.keys = append(t.keys, Key(name))
	}
	t.taken = make([]bool, len(header))
}

// Width is how many fields the row has.
func (t *Table) Width() int { return len(t.fields) }

// Named tells whether the file itself names its columns.
func (t *Table) Named() bool { return t.shape.Columns == nil }

// Keys are the names of the columns in the order of the file, as Key gives them.
func (t *Table) Keys() []string { return t.keys }

// Columns finds columns by name, -1 for an optional one that is not there. What it finds is no longer among Unread.
func (t *Table) Columns(wanted ...Column) ([]int, error) {
	places, err := resolve(t.keys, wanted)
	if err != nil {
		return nil, at(t.file.Name(), t.line, err)
	}
	for _, p := range places {
		if p >= 0 {
			t.taken[p] = true
		}
	}
	return places, nil
}

// Unread lists the columns that were not asked for.
func (t *Table) Unread() []string { return unread(t.header, t.taken) }

// Next goes to the next row. It gives false at the end of the file.
func (t *Table) Next() (bool, error) {
	row, quoted, err := t.nextRow()
	if row == nil || err != nil {
		return false, err
	}
	t.split(row, quoted)
	if t.fault == "" && !t.shape.Ragged {
		t.checkWidth()
	}
	t.replaced = t.text.undefined > 0 && bytes.Contains(row, []byte("\ufffd"))
	return true, nil
}

// Field is the text of a field, without spaces around it; nil where place is -1 or beyond the row. It is good until Next.
func (t *Table) Field(place int) []byte {
	if place < 0 || place >= len(t.fields) {
		return nil
	}
	return trim(t.fields[place])
}

// geometryColumn is the column in which tables have geometry, under the names of the open-data portals.
var geometryColumn = Column{Names: []string{"geometry", "geom", "geo_shape", "Geo Shape", "the_geom", "wkt", "wkb", "wkb_geometry", "shape"}, Optional: true}

// Geometry is what the column of geometry holds: GeoJSON, WKT or WKB in hexadecimal digits; nil if there is no such column or
// it is empty.
func (t *Table) Geometry() (orb.Geometry, error) {
	if !t.sought {
		t.sought = true
		places, err := t.Columns(geometryColumn)
		if err != nil {
			return nil, err
		}
		t.geometry = places[0]
	}
	return textGeometry(t.Field(t.geometry))
}

// CRS is the zero one: a table declares none.
func (t *Table) CRS() geo.CRS { return geo.CRS{} }

// Noun is what Line numbers.
func (t *Table) Noun() string { return "line" }

// Line is the line of the file on which the row begins, from 1.
func (t *Table) Line() int64 { return t.line }

// Condition says why the row cannot be read (its fields are not to be asked for then), and what was put right in it.
func (t *Table) Condition() (fault, repair string) {
	if t.replaced {
		repair = repairCharacters
	}
	return t.fault, repair
}

// checkWidth allows empty fields beyond the header's, as programs write that end every line with a delimiter.
func (t *Table) checkWidth() {
	if len(t.fields) < len(t.header) {
		t.fault = faultFew
		return
	}
	for _, extra := range t.fields[len(t.header):] {
		if len(trim(extra)) > 0 {
			t.fault = faultMany
			return
		}
	}
}

// nextRow gives the text of the next row that is not blank, without its end of line, and whether it has quotes; nil at the end
// of the file.
func (t *Table) nextRow() (row []byte, quoted bool, err error) {
	for {
		end, size, err := t.findEnd()
		if err != nil {
			return nil, false, at(t.file.Name(), t.passed+1, err)
		}
		if size == 0 {
			return nil, false, nil
		}
		row, t.line = t.window.text()[:end], t.passed+1
		t.window.pass(size)
		quoted = bytes.IndexByte(row, '"') >= 0
		t.passed++
		if quoted {
			t.passed += int64(bytes.Count(row, []byte{'\n'}))
		}
		if n := len(row); n > 0 && row[n-1] == '\r' {
			row = row[:n-1]
		}
		if len(trim(row)) == 0 && (t.comma == 0 || bytes.IndexByte(row, t.comma) < 0) {
			continue
		}
		if t.shape.Comment != "" && bytes.HasPrefix(row, []byte(t.shape.Comment)) {
			continue
		}
		if t.comma == 0 {
			t.comma = mostFrequent(row)
		}
		return row, quoted, nil
	}
}

// findEnd finds where the row at the start of the window ends, and how many bytes to pass to come to the next. It reads on as
// needed, and leaves the text as it is.
func (t *Table) findEnd() (end, size int, err error) {
	seen := 0 // bytes without an end of line
	for {
		text := t.window.text()
		if i := bytes.IndexByte(text[seen:], '\n'); i >= 0 {
			end = seen + i
			if bytes.IndexByte(text[:end], '"') < 0 {
				return end, end + 1, nil
			}
			end, open, whole := t.endOfQuoted(text)
			switch {
			case whole:
				return end, end + 1, nil
			case t.window.atEnd() && open:
				return 0, 0, errOpenQuote
			case t.window.atEnd():
				return len(text), len(text), nil
			}
			seen = 0 // quotes decide, so look again from the start
		} else {
			seen = len(text)
			if t.window.atEnd() {
				if _, open, _ := t.endOfQuoted(text); open {
					return 0, 0, errOpenQuote
				}
				return seen, seen, nil
			}
		}
		switch err := t.window.more(); {
		case errors.Is(err, ErrTooLong) && bytes.IndexByte(text, '"') >= 0:
			return 0, 0, fmt.Errorf("%w (%w)", errOpenQuote, err)
		case err != nil:
			return 0, 0, err
		}
	}
}

// endOfQuoted finds the end of line that is outside quotes. Otherwise open tells whether the text ends inside quotes.
func (t *Table) endOfQuoted(text []byte) (end int, open, whole bool) {
	comma := t.comma
	if comma == 0 { // the header itself
		comma = mostFrequent(firstLine(text))
	}
	atStart := true // of a field
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' && atStart:
			close := closingQuote(text[i+1:])
			if close < 0 {
				return 0, true, false
			}
			i += 1 + close
			atStart = false
		case c == '\n':
			return i, false, true
		default:
			atStart = c == comma
		}
	}
	return 0, false, false
}

// closingQuote finds the quote that closes a field, -1 if there is none. Two quotes stand for one.
func closingQuote(text []byte) int {
	for i := 0; ; {
		j := bytes.IndexByte(text[i:], '"')
		if j < 0 {
			return -1
		}
		i += j
		if i+1 >= len(text) || text[i+1] != '"' {
			return i
		}
		i += 2
	}
}

// split sets fields. Quoted fields are unquoted in place.
func (t *Table) split(row []byte, quoted bool) {
	t.fields, t.fault = t.fields[:0], ""
	for {
		if len(t.fields) == maxFields {
			t.fault = faultMany
			return
		}
		if quoted && len(row) > 0 && row[0] == '"' {
			close := closingQuote(row[1:])
			if close < 0 {
				t.fault = faultQuotes
				return
			}
			content := row[1 : 1+close]
			row = row[close+2:]
			if len(row) > 0 && row[0] != t.comma {
				t.fault = faultQuotes
				return
			}
			t.fields = append(t.fields, unquote(content))
		} else {
			end := bytes.IndexByte(row, t.comma)
			if end < 0 {
				end = len(row)
			}
			t.fields = append(t.fields, row[:end])
			row = row[end:]
		}
		if len(row) == 0 {
			return
		}
		row = row[1:]
	}
}

// unquote makes two quotes one, in place.
func unquote(content []byte) []byte {
	kept := bytes.IndexByte(content, '"')
	if kept < 0 {
		return content
	}
	for i := kept; i < len(content); i++ {
		content[kept] = content[i]
		kept++
		if content[i] == '"' {
			i++
		}
	}
	return content[:kept]
}

// delimiters may stand between fields.
const delimiters = ";,\t|"

// mostFrequent finds the delimiter of a line, outside quotes; the semicolon wins a tie.
func mostFrequent(line []byte) byte {
	var counts [len(delimiters)]int
	inside := false
	for _, c := range line {
		if c == '"' {
			inside = !inside
		}
		if i := strings.IndexByte(delimiters, c); i >= 0 && !inside {
			counts[i]++
		}
	}
	best := 0
	for i, n := range counts {
		if n > counts[best] {
			best = i
		}
	}
	return delimiters[best]
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	return line
}

// trim drops ASCII and no-break spaces around a field.
func trim(field []byte) []byte {
	if n := len(field); n == 0 || field[0] > ' ' && field[0] < 0x80 && field[n-1] > ' ' && field[n-1] < 0x80 {
		return field
	}
	return bytes.TrimSpace(field)
}
