package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// thrift writes a footer by hand.
type thrift struct{ bytes.Buffer }

func (b *thrift) number(v uint64) *thrift {
	b.Write(binary.AppendUvarint(nil, v))
	return b
}

// field begins a field whose number is delta more than that of the field before.
func (b *thrift) field(delta, kind byte) *thrift {
	b.WriteByte(delta<<4 | kind)
	return b
}

func (b *thrift) list(n uint64, kind byte) *thrift {
	b.WriteByte(0xf0 | kind)
	return b.number(n)
}

// element writes an element of the schema with children.
func (b *thrift) element(children int64) *thrift {
	b.field(4, thriftBinary).number(1).WriteString("a")
	if children != 0 {
		b.field(1, thriftI32).number(uint64(children<<1) ^ uint64(children>>63))
	}
	b.WriteByte(thriftStop)
	return b
}

// parquetWith puts a footer into a file.
func parquetWith(footer []byte) []byte {
	file := append([]byte("PAR1"), footer...)
	return append(binary.LittleEndian.AppendUint32(file, uint32(len(footer))), "PAR1"...)
}

func TestParquetRefusesHostileFooters(t *testing.T) {
	version := func() *thrift { return new(thrift).field(1, thriftI32).number(2) }
	schema := func(n uint64) *thrift { return version().field(1, thriftList).list(n, thriftStruct) }
	whole := func() *thrift { return schema(2).element(1).element(0) }
	nested := schema(100_001)
	for range 100_000 {
		nested.element(1)
	}
	nested.element(0)
	structures := whole()
	for range 100_000 {
		structures.field(9, thriftStruct)
	}
	good := writeParquet(t, parquetTypes[:2], nil)
	for name, test := range map[string]struct {
		file []byte
		says string
	}{
		"nothing":                   {nil, "ends early"},
		"the magic only":            {[]byte("PAR1PAR1"), "ends early"},
		"cut off":                   {good[:len(good)-3], "ends early"},
		"encrypted":                 {append(bytes.Clone(good[:len(good)-4]), "PARE"...), "encrypted"},
		"a footer over its file":    {append(bytes.Clone(good[:len(good)-8]), "\xff\xff\xff\x7fPAR1"...), "longer than the file"},
		"an empty footer":           {parquetWith(nil), "damaged"},
		"no schema":                 {parquetWith([]byte{thriftStop}), "no schema"},
		"columns without end":       {parquetWith(schema(1 << 31).element(0).Bytes()), "damaged"},
		"a group of many":           {parquetWith(schema(2).element(1 << 30).element(0).Bytes()), "damaged"},
		"a group of less than none": {parquetWith(schema(2).element(-1).element(0).Bytes()), "damaged"},
		"a group that lacks":        {parquetWith(append(schema(2).element(5).element(0).Bytes(), thriftStop)), "lacks columns"},
		"columns outside":           {parquetWith(schema(3).element(1).element(0).element(0).Bytes()), "outside the schema"},
		"deep columns":              {parquetWith(append(nested.Bytes(), thriftStop)), "nested"},
		"deep structures":           {parquetWith(structures.Bytes()), "damaged"},
		"row groups without end":    {parquetWith(whole().field(1, thriftI64).number(2).field(1, thriftList).list(1<<31, thriftStruct).Bytes()), "damaged"},
		"too many parts":            {parquetWith(append(whole().field(9, thriftList).list(2<<20, thriftByte).Bytes(), make([]byte, 3<<20)...)), "parts"},
		"a name without end":        {parquetWith(version().field(1, thriftList).list(1, thriftStruct).field(4, thriftBinary).number(1 << 31).Bytes()), "damaged"},
		"pairs without end":         {parquetWith(whole().field(9, thriftMap).number(1 << 40).Bytes()), "damaged"},
		"half a number":             {parquetWith([]byte{0x15, 0x80}), "damaged"},
		"more rows than groups":     {parquetWith(append(whole().field(1, thriftI64).number(200).field(1, thriftList).list(0, thriftStruct).Bytes(), thriftStop)), "100 rows"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := openParquet(test.file)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "fixture.parquet") {
			t.Errorf("%s: %v; want an error that says %q", name, err, test.says)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > uint64(10*len(test.file)+1<<20) {
			t.Errorf("%s: %d bytes were taken for a file of %d", name, taken, len(test.file))
		}
	}
}

func TestParquetRefusesMoreRowsThanItHolds(t *testing.T) {
	footer := new(thrift)
	footer.field(1, thriftI32).number(2).field(1, thriftList).list(1, thriftStruct).element(0)
	footer.field(1, thriftI64).number(2 << 60)
	footer.field(1, thriftList).list(1, thriftStruct) // one row group: columns, bytes, rows
	footer.field(1, thriftList).list(0, thriftStruct).field(1, thriftI64).number(0).field(1, thriftI64).number(2 << 60).WriteByte(thriftStop)
	footer.WriteByte(thriftStop)
	if _, err := openParquet(parquetWith(footer.Bytes())); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "more rows") {
		t.Errorf("a row group of 2^60 rows: %v", err)
	}
}

// TestParquetPagesAreBounded packs a page that unpacks to more than its header and the bound say.
func TestParquetPagesAreBounded(t *testing.T) {
	large := make([]byte, maxPage+1)
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for kind, packed := range map[compress.Compression][]byte{
		compress.Codecs.Snappy: snappy.Encode(nil, large),
		compress.Codecs.Zstd:   encoder.EncodeAll(large, nil),
	} {
		codec, err := compress.GetCodec(kind)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := compress.Decode(codec, make([]byte, 10), packed); err == nil {
			t.Errorf("%v: %d bytes were unpacked", kind, len(got))
		}
		for _, size := range []int{0, 1, 1000} {
			again, err := compress.Decode(codec, make([]byte, size), codec.Encode(nil, large[:size]))
			if err != nil || len(again) != size {
				t.Errorf("%v: %d bytes packed and unpacked are %d, %v", kind, size, len(again), err)
			}
		}
	}
}

// readAll reads a file to its end or its first error, and all its fields.
func readAllParquet(content []byte) (rows int, err error) {
	p, err := openParquet(content)
	if err != nil {
		return 0, err
	}
	var wanted []Column
	for _, key := range p.Keys() {
		wanted = append(wanted, Column{Names: []string{key}, Optional: true})
	}
	places, err := p.Columns(wanted...)
	if err != nil {
		return 0, err
	}
	for {
		more, err := p.Next()
		if !more || err != nil {
			return rows, err
		}
		if rows++; rows > 10_000 {
			return rows, errors.New("rows without end")
		}
		for _, place := range places {
			p.Field(place)
		}
		p.Condition()
		if g, err := p.Geometry(); err == nil && g != nil {
			g.Bound()
		}
	}
}

// parquetWithGeometry is a file of three small columns, one of them of geometry.
func parquetWithGeometry(t testing.TB) []byte {
	t.Helper()
	columns := []parquetFixture{parquetTypes[0], parquetTypes[2], {"geometry", arrow.BinaryTypes.Binary, []string{`"AQEAAAAAAAAAAAAEQAAAAAAAQEhA"`, "null", `"AQ=="`}, nil}}
	return writeParquet(t, columns, nil, parquet.WithCompression(compress.Codecs.Snappy), parquet.WithDataPageVersion(parquet.DataPageV2))
}

// TestParquetMeetsDamage changes every byte of a file in turn: it is read or refused, and nothing panics. Each byte gets one of four
// values, for the library takes 8 MB to refuse a damaged page; FuzzParquet begins with the same file and tries the rest.
func TestParquetMeetsDamage(t *testing.T) {
	good := parquetWithGeometry(t)
	if rows, err := readAllParquet(good); rows != 3 || err != nil {
		t.Fatalf("%d rows, %v", rows, err)
	}
	refused := 0
	random := rand.New(rand.NewPCG(11, 1))
	for i := range good {
		damaged := bytes.Clone(good)
		damaged[i] = []byte{0, 0x7f, 0xff, good[i] ^ 1}[random.IntN(4)]
		if _, err := readAllParquet(damaged); err != nil {
			refused++
		}
	}
	if refused < len(good)/4 {
		t.Errorf("%d of %d damaged files were refused", refused, len(good))
	}
	for cut := range good {
		if _, err := readAllParquet(good[:cut]); err == nil {
			t.Errorf("the first %d of %d bytes are read without an error", cut, len(good))
		}
	}
}

func FuzzParquet(f *testing.F) {
	for _, options := range [][]parquet.WriterProperty{
		{parquet.WithCompression(compress.Codecs.Zstd)}, {parquet.WithDictionaryDefault(false)},
		{parquet.WithDictionaryDefault(false), parquet.WithEncoding(parquet.Encodings.DeltaByteArray), parquet.WithDataPageVersion(parquet.DataPageV2)},
	} {
		f.Add(writeParquet(f, parquetTypes[:1], nil, options...))
	}
	f.Add(writeParquet(f, parquetTypes, nil, parquet.WithCompression(compress.Codecs.Snappy)))
	f.Add(parquetWithGeometry(f))
	f.Fuzz(func(t *testing.T, content []byte) {
		_, _ = readAllParquet(content)
	})
}
