package format

import (
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// Values that are read of a column at a time. Of bytes they are few, for some encodings make each as long as a page from few.
const (
	numbersAtOnce = 1024
	bytesAtOnce   = 8
)

// parquetColumn reads the values of a column that has one for every row, in the order of the rows.
type parquetColumn struct {
	leaf  int   // its number among the columns that have values
	row   int64 // the row of the file its value is of, from 1; 0 before the first
	group int   // the row group that row is in
	left  int64 // rows of the group after it

	chunk  file.ColumnChunkReader
	null   int16   // the definition level of an absent value is below it
	levels []int16 // of the rows of the batch; nil if none can be absent
	rows   int     // in the batch
	at     int     // of them passed
	read   int     // values in the batch
	used   int     // of them passed
	load   func() (rows int64, values int, err error)
	value  func(dst []byte, place int) []byte
	binary func(place int) []byte // the bytes of a value as they are; nil if it is no column of bytes
	marked bool                   // as text

	buffer  []byte
	present bool
}

// newParquetColumn prepares to read a column; nil if it is of a kind that has no text.
func newParquetColumn(leaf int, described *schema.Column) *parquetColumn {
	c := &parquetColumn{leaf: leaf, group: -1, null: described.MaxDefinitionLevel()}
	logical := described.LogicalType()
	switch described.PhysicalType() {
	case parquet.Types.Boolean:
		read[bool, *file.BooleanColumnChunkReader](c, numbersAtOnce, func(dst []byte, v bool) []byte {
			if v {
				return append(dst, "true"...)
			}
			return append(dst, "false"...)
		})
	case parquet.Types.Int32:
		read[int32, *file.Int32ColumnChunkReader](c, numbersAtOnce, int32Text(logical))
	case parquet.Types.Int64:
		read[int64, *file.Int64ColumnChunkReader](c, numbersAtOnce, int64Text(logical))
	case parquet.Types.Int96:
		read[parquet.Int96, *file.Int96ColumnChunkReader](c, numbersAtOnce, int96Text)
	case parquet.Types.Float:
		read[float32, *file.Float32ColumnChunkReader](c, numbersAtOnce, func(dst []byte, v float32) []byte { return appendFloat(dst, float64(v), 32) })
	case parquet.Types.Double:
		read[float64, *file.Float64ColumnChunkReader](c, numbersAtOnce, func(dst []byte, v float64) []byte { return appendFloat(dst, v, 64) })
	case parquet.Types.ByteArray:
		text := bytesText(logical)
		if text == nil {
			return nil
		}
		c.readBytes(text)
		c.marked = isText(logical)
	case parquet.Types.FixedLenByteArray:
		text := fixedText(logical, described.TypeLength())
		if text == nil {
			return nil
		}
		read[parquet.FixedLenByteArray, *file.FixedLenByteArrayColumnChunkReader](c, numbersAtOnce, text)
	default:
		return nil
	}
	return c
}

// newGeometryColumn prepares to read a column of bytes as they are.
func newGeometryColumn(leaf int, described *schema.Column) *parquetColumn {
	c := &parquetColumn{leaf: leaf, group: -1, null: described.MaxDefinitionLevel()}
	c.readBytes(nil)
	return c
}

func (c *parquetColumn) readBytes(text func([]byte, parquet.ByteArray) []byte) {
	values := read[parquet.ByteArray, *file.ByteArrayColumnChunkReader](c, bytesAtOnce, text)
	c.binary = func(place int) []byte { return values[place] }
}

// read sets how a batch of values of type T is read by chunk readers of type R, and how a value is written. It gives the batch.
func read[T any, R interface {
	ReadBatchInPage(size int64, values []T, definitions, repetitions []int16) (int64, int, error)
}](c *parquetColumn, size int, text func(dst []byte, v T) []byte) []T {
	values := make([]T, size)
	if c.null > 0 {
		c.levels = make([]int16, size)
	}
	c.load = func() (int64, int, error) {
		return c.chunk.(R).ReadBatchInPage(int64(size), values, c.levels, nil)
	}
	c.value = func(dst []byte, place int) []byte { return text(dst, values[place]) }
	return values
}

// advance goes to a row of the file, from 1, that is not before the one it is at.
func (c *parquetColumn) advance(reader *file.Reader, row int64) error {
	return guarded(func() error {
		for c.row < row {
			if err := c.next(reader); err != nil {
				return err
			}
		}
		return nil
	})
}

// next goes to the next row.
func (c *parquetColumn) next(reader *file.Reader) error {
	for c.left == 0 {
		if err := c.open(reader); err != nil {
			return err
		}
	}
	if c.at == c.rows {
		if err := c.more(); err != nil {
			return err
		}
	}
	if c.present = c.levels == nil || c.levels[c.at] >= c.null; c.present {
		if c.used++; c.used > c.read {
			return fmt.Errorf("%w (column %s has fewer values than rows)", ErrDamaged, c.chunk.Descriptor().Name())
		}
	}
	c.at++
	c.left--
	c.row++
	return nil
}

// open begins the next row group.
func (c *parquetColumn) open(reader *file.Reader) error {
	if c.chunk != nil {
		if err := c.chunk.Close(); err != nil {
			return err
		}
		c.chunk = nil
	}
	if c.group++; c.group >= reader.NumRowGroups() {
		return ErrEndsEarly
	}
	group := reader.RowGroup(c.group)
	chunk, err := group.Column(c.leaf)
	if err != nil {
		return err
	}
	c.chunk, c.left = chunk, group.NumRows()
	c.rows, c.at, c.read, c.used = 0, 0, 0, 0
	return nil
}

// more reads the next batch.
func (c *parquetColumn) more() error {
	rows, values, err := c.load()
	switch {
	case err != nil:
		return err
	case c.chunk.Err() != nil:
		return c.chunk.Err()
	case rows == 0:
		return fmt.Errorf("%w (column %s has fewer values than rows)", ErrDamaged, c.chunk.Descriptor().Name())
	}
	c.rows, c.read, c.at, c.used = int(rows), values, 0, 0
	return nil
}

// text is the value of the row, nil if it is absent. It is good until the next row.
func (c *parquetColumn) text() []byte {
	if !c.present {
		return nil
	}
	c.buffer = c.value(c.buffer[:0], c.used-1)
	return trim(c.buffer)
}

// bytes are the value of the row as it is in the file, nil if it is absent. They are good until the next row.
func (c *parquetColumn) bytes() []byte {
	if !c.present || c.binary == nil {
		return nil
	}
	return c.binary(c.used - 1)
}

// repaired tells whether bytes of a text stand for no character.
func (c *parquetColumn) repaired() bool {
	return c.marked && c.present && !utf8.Valid(c.bytes())
}

// guarded turns a panic of the library, which meets what it does not expect in a damaged file, into an error.
func guarded(what func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w (%v)", ErrDamaged, r)
		}
	}()
	return what()
}
