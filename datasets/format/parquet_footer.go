package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/parquet/metadata"
)

// Bounds of the footer of a Parquet file. The library takes memory for what a footer counts, so it is looked through before.
const (
	maxFooter        = 64 << 20 // bytes
	maxFooterParts   = 1 << 20  // structures and list elements; a column of a row group has about ten
	maxFooterNesting = 32       // structures in structures
	maxSchema        = 10_000   // columns and groups of columns
	maxSchemaNesting = 64       // groups in groups
	maxRowsPerByte   = 1 << 16  // a column of one value takes about a byte for 3,000 rows
)

var parquetMagic = []byte("PAR1")

// readFooter reads what the end of a Parquet file of size bytes says of it, and refuses a footer that is not plausible.
func readFooter(source io.ReaderAt, size int64) (*metadata.FileMetaData, error) {
	var end [8]byte
	if size < int64(len(end))+4 {
		return nil, ErrEndsEarly
	}
	if _, err := source.ReadAt(end[:], size-8); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case string(end[4:]) == "PARE":
		return nil, errors.New("it is encrypted: publish it in the clear")
	case !bytes.Equal(end[4:], parquetMagic):
		return nil, ErrEndsEarly
	}
	length := int64(binary.LittleEndian.Uint32(end[:4]))
	switch {
	case length > size-12:
		return nil, fmt.Errorf("%w (its footer is longer than the file)", ErrDamaged)
	case length > maxFooter:
		return nil, fmt.Errorf("the footer has %d bytes and %d are allowed: write it with fewer, larger row groups", length, maxFooter)
	}
	footer := make([]byte, length)
	if _, err := source.ReadAt(footer, size-8-length); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if err := checkFooter(footer); err != nil {
		return nil, err
	}
	var meta *metadata.FileMetaData
	err := guarded(func() (err error) {
		meta, err = metadata.NewFileMetaData(footer, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	meta.SetSourceFileSize(size)
	return meta, checkRows(meta, size)
}

// checkRows holds the numbers of rows and columns of the row groups together.
func checkRows(meta *metadata.FileMetaData, size int64) error {
	if meta.IsSetEncryptionAlgorithm() {
		return errors.New("it is encrypted: publish it in the clear")
	}
	var rows int64
	for _, group := range meta.GetRowGroups() {
		if group.NumRows < 0 || group.NumRows > size*maxRowsPerByte-rows {
			return fmt.Errorf("%w (it counts more rows than it can hold)", ErrDamaged)
		}
		rows += group.NumRows
		if len(group.Columns) != meta.Schema.NumColumns() {
			return fmt.Errorf("%w (a row group has %d columns, the file %d)", ErrDamaged, len(group.Columns), meta.Schema.NumColumns())
		}
	}
	if rows != meta.NumRows {
		return fmt.Errorf("%w (it counts %d rows, its row groups %d)", ErrDamaged, meta.NumRows, rows)
	}
	return nil
}

// checkFooter passes over a footer (a FileMetaData of parquet.thrift in the compact protocol of Thrift) and checks what it
// counts and how deep it nests, taking no memory.
func checkFooter(footer []byte) error {
	s := footerScan{rest: footer, parts: maxFooterParts}
	var groups []int64 // children still to come of the groups of the schema that are open
	elements := 0
	s.element = func(children int64) error {
		elements++
		for len(groups) > 0 && groups[len(groups)-1] == 0 {
			groups = groups[:len(groups)-1]
		}
		switch {
		case elements > maxSchema:
			return fmt.Errorf("it has more than %d columns", maxSchema)
		case children < 0 || children > maxSchema:
			return fmt.Errorf("%w (a group of %d columns)", ErrDamaged, children)
		case elements > 1 && len(groups) == 0:
			return fmt.Errorf("%w (columns outside the schema)", ErrDamaged)
		}
		if len(groups) > 0 {
			groups[len(groups)-1]--
		}
		if children > 0 {
			if groups = append(groups, children); len(groups) > maxSchemaNesting {
				return fmt.Errorf("its columns are nested more than %d deep", maxSchemaNesting)
			}
		}
		return nil
	}
	if err := s.structure(0, inFile); err != nil {
		return err
	}
	for _, due := range groups {
		if due > 0 {
			return fmt.Errorf("%w (its schema lacks columns)", ErrDamaged)
		}
	}
	if elements == 0 {
		return fmt.Errorf("%w (it has no schema)", ErrDamaged)
	}
	return nil
}

var errFooter = fmt.Errorf("%w (its footer cannot be read)", ErrDamaged)

// Where in the footer a structure is.
const (
	elsewhere = iota
	inFile    // the FileMetaData: field 2 is the list of the elements of the schema
	inElement // a SchemaElement: field 5 counts its children
)

// Types of the compact protocol.
const (
	thriftStop = iota
	thriftTrue
	thriftFalse
	thriftByte
	thriftI16
	thriftI32
	thriftI64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
	thriftUUID
)

type footerScan struct {
	rest    []byte
	parts   int                        // that may still come
	element func(children int64) error // is told of every element of the schema
}

func (s *footerScan) structure(depth, where int) error {
	if depth > maxFooterNesting {
		return errFooter
	}
	var field, children int64
	for {
		head, err := s.byte()
		if err != nil {
			return err
		}
		kind := head & 0x0f
		if kind == thriftStop {
			break
		}
		if delta := head >> 4; delta != 0 {
			field += int64(delta)
		} else if field, err = s.integer(); err != nil {
			return err
		}
		switch {
		case kind == thriftTrue || kind == thriftFalse:
		case where == inElement && field == 5 && kind == thriftI32:
			children, err = s.integer()
		case where == inFile && field == 2 && kind == thriftList:
			err = s.list(depth, inElement)
		default:
			err = s.value(kind, depth, elsewhere)
		}
		if err != nil {
			return err
		}
	}
	if where == inElement {
		return s.element(children)
	}
	return nil
}

// value passes over a value, which of a structure is where it says.
func (s *footerScan) value(kind byte, depth, where int) error {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		return s.pass(1)
	case thriftI16, thriftI32, thriftI64:
		_, err := s.unsigned()
		return err
	case thriftDouble:
		return s.pass(8)
	case thriftUUID:
		return s.pass(16)
	case thriftBinary:
		n, err := s.unsigned()
		if err != nil {
			return err
		}
		return s.pass(n)
	case thriftList, thriftSet:
		return s.list(depth, elsewhere)
	case thriftMap:
		return s.pairs(depth)
	case thriftStruct:
		if err := s.count(1); err != nil {
			return err
		}
		return s.structure(depth+1, where)
	}
	return errFooter
}

func (s *footerScan) list(depth, where int) error {
	head, err := s.byte()
	if err != nil {
		return err
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, err = s.unsigned(); err != nil {
			return err
		}
	}
	if err := s.count(n); err != nil {
		return err
	}
	for range n {
		if err := s.value(head&0x0f, depth+1, where); err != nil {
			return err
		}
	}
	return nil
}

func (s *footerScan) pairs(depth int) error {
	n, err := s.unsigned()
	if n == 0 || err != nil {
		return err
	}
	if err := s.count(2 * n); err != nil {
		return err
	}
	kinds, err := s.byte()
	if err != nil {
		return err
	}
	for range n {
		for _, kind := range []byte{kinds >> 4, kinds & 0x0f} {
			if err := s.value(kind, depth+1, elsewhere); err != nil {
				return err
			}
		}
	}
	return nil
}

// count takes note of n parts, each of a byte at least.
func (s *footerScan) count(n uint64) error {
	switch {
	case n > uint64(len(s.rest)):
		return errFooter
	case n > uint64(s.parts):
		return fmt.Errorf("the footer has more than %d parts: write it with fewer, larger row groups", maxFooterParts)
	}
	s.parts -= int(n)
	return nil
}

func (s *footerScan) byte() (byte, error) {
	if len(s.rest) == 0 {
		return 0, errFooter
	}
	b := s.rest[0]
	s.rest = s.rest[1:]
	return b, nil
}

func (s *footerScan) pass(n uint64) error {
	if n > uint64(len(s.rest)) {
		return errFooter
	}
	s.rest = s.rest[n:]
	return nil
}

func (s *footerScan) unsigned() (uint64, error) {
	v, n := binary.Uvarint(s.rest)
	if n <= 0 {
		return 0, errFooter
	}
	s.rest = s.rest[n:]
	return v, nil
}

// integer reads a signed number, whose sign is its lowest bit.
func (s *footerScan) integer() (int64, error) {
	v, err := s.unsigned()
	return int64(v>>1) ^ -int64(v&1), err
}
