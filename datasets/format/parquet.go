package format

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// Parquet reads a Parquet file row by row, with the geometry that GeoParquet describes. Of the columns only those asked for are
// read, a few values at a time. Columns with lists or parts in them have no fields. It is Rows.
type Parquet struct {
	name   string
	meta   *metadata.FileMetaData
	reader *file.Reader
	fields []parquetField
	keys   []string // of the fields

	wanted []*parquetColumn // that go along with the rows
	row    int64

	geometryField int // among the fields, -1 for none
	geometry      *parquetColumn
	crs           geo.CRS
	late          error // of a column that was first read after Next; Next gives it
}

// parquetField is a column or a group of columns at the top of the schema.
type parquetField struct {
	name     string
	leaf     int // -1 for a group or a list
	covering bool
	column   *parquetColumn // once it is asked for
}

func newParquet(f *File) (Rows, error) {
	source, size, err := f.ReaderAt()
	if err != nil {
		return nil, err
	}
	return readParquet(f.Name(), source, size)
}

func readParquet(name string, source io.ReaderAt, size int64) (*Parquet, error) {
	p := &Parquet{name: name, geometryField: -1}
	err := p.open(io.NewSectionReader(source, 0, size), size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

func (p *Parquet) open(source *io.SectionReader, size int64) (err error) {
	if p.meta, err = readFooter(source, size); err != nil {
		return err
	}
	properties := parquet.NewReaderProperties(memory.NewGoAllocator())
	properties.BufferedStreamEnabled = true
	properties.PageStreamingEnabled = true
	properties.BufferSize = 64 << 10
	properties.MaxCompressedPageSize = min(maxPage, size)
	properties.MaxUncompressedPageSize = min(maxPage, size*maxPageRatio)
	return guarded(func() error {
		if p.reader, err = file.NewParquetReader(source, file.WithMetadata(p.meta), file.WithReadProps(properties)); err != nil {
			return err
		}
		p.nameFields()
		if described := p.meta.KeyValueMetadata().FindValue("geo"); described != nil {
			return p.findGeometry([]byte(*described))
		}
		return p.findGeometry(nil)
	})
}

// nameFields lists what is at the top of the schema.
func (p *Parquet) nameFields() {
	root := p.meta.Schema.Root()
	for i := range root.NumFields() {
		node := root.Field(i)
		field := parquetField{name: node.Name(), leaf: -1, covering: Key(node.Name()) == "bbox"}
		if leaf := p.meta.Schema.ColumnIndexByNode(node); leaf >= 0 && node.RepetitionType() != parquet.Repetitions.Repeated {
			field.leaf, field.covering = leaf, false
		}
		p.fields = append(p.fields, field)
		p.keys = append(p.keys, Key(node.Name()))
	}
}

// Keys are the names of the columns in the order of the file, as Key gives them; of columns with parts the name of the whole.
func (p *Parquet) Keys() []string { return p.keys }

// Columns asks for columns, before the first Next; -1 for an optional one that is not there.
func (p *Parquet) Columns(wanted ...Column) ([]int, error) {
	places, err := resolve(p.keys, wanted)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	for i, place := range places {
		if place < 0 {
			continue
		}
		field := &p.fields[place]
		if field.column != nil {
			continue
		}
		if field.leaf >= 0 {
			field.column = newParquetColumn(field.leaf, p.meta.Schema.Column(field.leaf))
		}
		switch {
		case field.column != nil:
			p.wanted = append(p.wanted, field.column)
		case wanted[i].Optional:
			places[i] = -1
		default:
			return nil, fmt.Errorf("%s: the column %q has lists, parts or bytes in it: write it as text or numbers", p.name, field.name)
		}
	}
	return places, nil
}

// Next goes to the next row. It gives false at the end.
func (p *Parquet) Next() (bool, error) {
	if p.late != nil {
		return false, p.late
	}
	if p.row >= p.meta.NumRows {
		return false, nil
	}
	if p.row == 0 && len(p.wanted) == 0 {
		p.takeAny()
	}
	p.row++
	for _, c := range p.wanted {
		if err := c.advance(p.reader, p.row); err != nil {
			return false, p.located(err)
		}
	}
	return true, nil
}

// takeAny reads some column where none is asked for, so that rows are counted which are there, not which the footer claims.
func (p *Parquet) takeAny() {
	for _, field := range p.fields {
		if field.leaf >= 0 {
			if c := newParquetColumn(field.leaf, p.meta.Schema.Column(field.leaf)); c != nil {
				p.wanted = append(p.wanted, c)
				return
			}
		}
	}
}

func (p *Parquet) located(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = ErrEndsEarly
	}
	return fmt.Errorf("%s row %d: %w", p.name, p.row, err)
}

// Field is the text of a value: dates and times as 2024-06-30T08:30:00, decimals and floating numbers as short as they are
// exact, true and false; nil where the place is -1 or the value absent. It is good until Next.
func (p *Parquet) Field(place int) []byte {
	if place < 0 || p.fields[place].column == nil {
		return nil
	}
	return p.fields[place].column.text()
}

// Geometry is the geometry of the row: WKB in bytes, or what a column of text holds; nil if there is no column of geometry.
func (p *Parquet) Geometry() (orb.Geometry, error) {
	if p.geometryField < 0 {
		return nil, nil
	}
	if p.geometry == nil {
		leaf := p.fields[p.geometryField].leaf
		p.geometry = newGeometryColumn(leaf, p.meta.Schema.Column(leaf))
		p.wanted = append(p.wanted, p.geometry)
		if err := p.geometry.advance(p.reader, p.row); err != nil {
			p.late = p.located(err)
			return nil, p.late
		}
	}
	content := p.geometry.bytes()
	if len(content) > 0 && content[0] <= 1 {
		return parseWKB(content)
	}
	return textGeometry(content)
}

// CRS is what the metadata declares: degrees of WGS84 if GeoParquet says nothing of it.
func (p *Parquet) CRS() geo.CRS { return p.crs }

// Noun is what Line numbers.
func (p *Parquet) Noun() string { return "row" }

// Line is the number of the row in the file, from 1.
func (p *Parquet) Line() int64 { return p.row }

// Condition says what was put right in the row.
func (p *Parquet) Condition() (fault, repair string) {
	for _, c := range p.wanted {
		if c.repaired() {
			return "", repairCharacters
		}
	}
	return "", ""
}

// Unread lists the columns that were not asked for. The geometry and the boxes of the geometry are none of them.
func (p *Parquet) Unread() []string {
	names := make([]string, len(p.fields))
	taken := make([]bool, len(p.fields))
	for i, field := range p.fields {
		names[i], taken[i] = field.name, field.column != nil || field.covering || i == p.geometryField
	}
	return unread(names, taken)
}
