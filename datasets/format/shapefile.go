package format

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// Shapefile reads a layer record by record: geometry from the .shp, attributes from the .dbf, the system from the .prj beside it.
// The format is ESRI's white paper of July 1998. It is Rows.
type Shapefile struct {
	file   *File
	shapes *bufio.Reader
	table  *dbf
	crs    geo.CRS

	number int64 // of the record, from 1
	shape  []byte
}

// maxShape is the longest record in bytes: two million vertices.
const maxShape = 64 << 20

func newShapefile(file *File) (Rows, error) {
	s := &Shapefile{file: file, shapes: bufio.NewReaderSize(file, 1<<16)}
	header := make([]byte, 100)
	if _, err := io.ReadFull(s.shapes, header); err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name(), ErrEndsEarly)
	}
	beside, err := file.Sibling(".dbf")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no .dbf beside it, which holds its columns: put the whole Shapefile in one folder", file.Name())
	}
	if err != nil {
		return nil, err
	}
	file.closers = append(file.closers, beside)
	file.beside = append(file.beside, beside.DiskPath())
	page, err := readCodePage(file)
	if err != nil {
		return nil, err
	}
	if s.table, err = newDBF(beside, page); err != nil {
		return nil, err
	}
	s.crs, err = readProjection(file)
	return s, err
}

// readProjection reads the .prj; without one no system is declared.
func readProjection(file *File) (geo.CRS, error) {
	text, err := readSibling(file, ".prj")
	if err != nil || text == "" {
		return geo.CRS{}, err
	}
	crs, err := geo.CRSByWKT(text)
	if err != nil {
		return geo.CRS{}, fmt.Errorf("%s: %w", file.Name(), err)
	}
	return crs, nil
}

// readSibling reads a small text beside a file; empty where there is none.
func readSibling(file *File, ext string) (string, error) {
	beside, err := file.Sibling(ext)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrEmpty) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer beside.Close()
	file.beside = append(file.beside, beside.DiskPath())
	text, err := io.ReadAll(io.LimitReader(beside, 1<<16))
	return string(text), err
}

// Next goes to the next record that is not deleted.
func (s *Shapefile) Next() (bool, error) {
	for {
		more, err := s.nextShape()
		if !more || err != nil {
			return false, err
		}
		deleted, err := s.table.next()
		if err != nil {
			return false, fmt.Errorf("%s record %d: %w", s.table.name, s.number, err)
		}
		if !deleted {
			return true, nil
		}
	}
}

func (s *Shapefile) nextShape() (bool, error) {
	var header [8]byte
	switch _, err := io.ReadFull(s.shapes, header[:]); {
	case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("%s record %d: %w", s.file.Name(), s.number+1, ErrEndsEarly)
	}
	s.number++
	length := int64(int32(binary.BigEndian.Uint32(header[4:]))) * 2
	if length < 4 || length > maxShape {
		return false, fmt.Errorf("%s record %d: its length is stated as %d bytes: download it again", s.file.Name(), s.number, length)
	}
	if int64(cap(s.shape)) < length {
		s.shape = make([]byte, 0, min(length, 1<<20))
	}
	s.shape = s.shape[:0]
	for int64(len(s.shape)) < length { // grows with what is there, not with what is stated
		piece := min(length-int64(len(s.shape)), 1<<20)
		at := len(s.shape)
		s.shape = append(s.shape, make([]byte, piece)...)
		if _, err := io.ReadFull(s.shapes, s.shape[at:]); err != nil {
			return false, fmt.Errorf("%s record %d: %w", s.file.Name(), s.number, ErrEndsEarly)
		}
	}
	return true, nil
}

// Geometry is the record's geometry in two dimensions; nil for a null shape.
func (s *Shapefile) Geometry() (orb.Geometry, error) { return parseShape(s.shape) }

// Keys are the names of the columns.
func (s *Shapefile) Keys() []string { return s.table.keys }

// Columns finds columns by name.
func (s *Shapefile) Columns(wanted ...Column) ([]int, error) {
	places, err := resolve(s.table.keys, wanted)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.file.Name(), err)
	}
	for _, p := range places {
		if p >= 0 {
			s.table.taken[p] = true
		}
	}
	return places, nil
}

// Field is a value as text.
func (s *Shapefile) Field(place int) []byte { return s.table.field(place) }

// CRS is what the .prj declares.
func (s *Shapefile) CRS() geo.CRS { return s.crs }

// Line is the number of the record, from 1, deleted ones included.
func (s *Shapefile) Line() int64 { return s.number }

// Noun is what Line numbers.
func (s *Shapefile) Noun() string { return "record" }

// Condition says nothing of a record: what is wrong with it is wrong with the file.
func (s *Shapefile) Condition() (fault, repair string) { return "", "" }

// Unread lists the columns that were not asked for.
func (s *Shapefile) Unread() []string { return unread(s.table.names, s.table.taken) }
