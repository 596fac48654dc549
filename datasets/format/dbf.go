package format

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	pages "golang.org/x/text/encoding"
)

// dbf reads a table of dBase III: a header of fixed widths, then rows of text.
type dbf struct {
	name   string
	rows   *bufio.Reader
	page   pages.Encoding // nil: UTF-8 where the row is, else Windows-1252
	names  []string
	keys   []string
	fields []dbfField
	taken  []bool
	row    []byte
}

type dbfField struct {
	kind     byte
	from, to int
}

const maxDBFRow = 1 << 20

// newDBF reads the header. page is the encoding that a .cpg names; nil to take the one that the header does.
func newDBF(file *File, page pages.Encoding) (*dbf, error) {
	d := &dbf{name: file.Name(), rows: bufio.NewReaderSize(file, 1<<16), page: page}
	var head [32]byte
	if _, err := io.ReadFull(d.rows, head[:]); err != nil {
		return nil, fmt.Errorf("%s: %w", d.name, ErrEndsEarly)
	}
	length, width := int(binary.LittleEndian.Uint16(head[8:])), int(binary.LittleEndian.Uint16(head[10:]))
	if d.page == nil {
		d.page = languageDriver(head[29])
	}
	if length < 33 || width < 1 || width > maxDBFRow {
		return nil, fmt.Errorf("%s: its header is not one of dBase: download the file again", d.name)
	}
	descriptors := make([]byte, length-32)
	if _, err := io.ReadFull(d.rows, descriptors); err != nil {
		return nil, fmt.Errorf("%s: %w", d.name, ErrEndsEarly)
	}
	at := 1 // after the mark of deleted rows
	for ; len(descriptors) >= 32 && descriptors[0] != '\r'; descriptors = descriptors[32:] {
		size := int(descriptors[16])
		name, _, _ := bytes.Cut(descriptors[:11], []byte{0})
		d.names = append(d.names, d.decode(bytes.TrimSpace(name)))
		d.fields = append(d.fields, dbfField{descriptors[11], at, at + size})
		at += size
	}
	if at > width || len(d.fields) == 0 {
		return nil, fmt.Errorf("%s: its columns are wider than its rows: download the file again", d.name)
	}
	for i, name := range d.names {
		// Names of one beginning are the same when they are cut to ten characters: the second is told apart as GDAL does.
		for n := 1; n < 10 && slices.Contains(d.keys, Key(name)); n++ {
			suffix := "_" + strconv.Itoa(n)
			name = d.names[i][:min(len(d.names[i]), 10-len(suffix))] + suffix
		}
		d.keys = append(d.keys, Key(name))
	}
	d.taken, d.row = make([]bool, len(d.names)), make([]byte, width)
	return d, nil
}

var errFewRows = errors.New("the .dbf ends before the .shp: download the file again")

// next reads the next row.
func (d *dbf) next() (deleted bool, err error) {
	if _, err := io.ReadFull(d.rows, d.row); err != nil {
		return false, errFewRows
	}
	if d.row[0] == 0x1a {
		return false, errFewRows
	}
	return d.row[0] == '*', nil
}

// field is a value as text: numbers as written, dates as 2020-11-03, truth as true and false; nil where it is absent, as numbers
// of asterisks are.
func (d *dbf) field(place int) []byte {
	if place < 0 {
		return nil
	}
	f := d.fields[place]
	value := bytes.Trim(d.row[f.from:f.to], " \x00\t")
	if len(value) == 0 {
		return nil
	}
	switch f.kind {
	case 'N', 'F', 'I', 'O', 'B':
		if len(bytes.Trim(value, "*")) == 0 {
			return nil
		}
		return value
	case 'D':
		if len(value) == 8 && len(bytes.Trim(value, "0123456789")) == 0 {
			if bytes.Equal(value, []byte("00000000")) {
				return nil
			}
			return fmt.Appendf(nil, "%s-%s-%s", value[:4], value[4:6], value[6:])
		}
		return value
	case 'L':
		switch value[0] {
		case 'T', 't', 'Y', 'y':
			return []byte("true")
		case 'F', 'f', 'N', 'n':
			return []byte("false")
		}
		return nil
	}
	if !bytes.ContainsFunc(value, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return value // the same in every code page
	}
	return []byte(d.decode(value)) // its own: the text of another field may be in use
}

func (d *dbf) decode(value []byte) string {
	page := d.page
	if page == nil {
		if utf8.Valid(value) {
			return string(value)
		}
		page = codePage(1252)
	}
	text, err := page.NewDecoder().Bytes(value)
	if err != nil {
		return string(bytes.ToValidUTF8(value, []byte("\ufffd")))
	}
	return string(bytes.ToValidUTF8(text, []byte("\ufffd")))
}
