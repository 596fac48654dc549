// Package osmtest writes small OpenStreetMap extracts (PBF) for tests.
package osmtest

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"google.golang.org/protobuf/encoding/protowire"
)

// Node is a point in degrees. Tags are keys and values in turn.
type Node struct {
	ID       int64
	Lon, Lat float64
	Tags     []string
}

// Way is a line through nodes.
type Way struct {
	ID    int64
	Nodes []int64
	Tags  []string
}

// Relation is a group of ways.
type Relation struct {
	ID   int64
	Ways []int64
	Tags []string
}

// Block is what a blob holds.
type Block struct {
	Nodes     []Node // written as columns of differences
	Loose     []Node // written one by one
	Ways      []Way
	Relations []Relation

	Granularity          int64 // nanodegrees; 0 stands for 100, as the format has it
	LonOffset, LatOffset int64 // nanodegrees
}

// Packing is how the content of a blob is packed, by the number of its field.
type Packing int

// The packings of the format.
const (
	Raw   Packing = 1
	Zlib  Packing = 3
	LZMA  Packing = 4
	Bzip2 Packing = 5
	LZ4   Packing = 6
	Zstd  Packing = 7
)

// Extract is a file of blocks that are all packed alike.
func Extract(how Packing, blocks ...Block) []byte {
	file := Header("OsmSchema-V0.6", "DenseNodes")
	for _, b := range blocks {
		file = append(file, Blob("OSMData", how, b.encode())...)
	}
	return file
}

// Header is the first blob of a file, which requires features of the format.
func Header(required ...string) []byte {
	var block []byte
	for _, feature := range required {
		block = text(block, 4, []byte(feature))
	}
	return Blob("OSMHeader", Raw, text(block, 16, []byte("osmtest")))
}

// Blob packs a content. What a test need not unpack (LZMA, Bzip2) is not packed in truth.
func Blob(kind string, how Packing, content []byte) []byte {
	packed := content
	switch how {
	case Zlib:
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		must(w.Write(content))
		must(0, w.Close())
		packed = b.Bytes()
	case LZ4:
		packed = make([]byte, lz4.CompressBlockBound(len(content)))
		var c lz4.Compressor
		n, err := c.CompressBlock(content, packed)
		must(n, err)
		packed = packed[:n]
	case Zstd:
		w, err := zstd.NewWriter(nil)
		must(0, err)
		packed = w.EncodeAll(content, nil)
		must(0, w.Close())
	}
	var blob []byte
	if how != Raw {
		blob = number(blob, 2, uint64(len(content)))
	}
	return Frame(kind, text(blob, protowire.Number(how), packed))
}

// Frame puts the header of a blob before it.
func Frame(kind string, blob []byte) []byte {
	header := number(text(nil, 1, []byte(kind)), 3, uint64(len(blob)))
	file := binary.BigEndian.AppendUint32(nil, uint32(len(header)))
	return append(append(file, header...), blob...)
}

func must(_ int, err error) {
	if err != nil {
		panic(err) // of a writer into memory: cannot be
	}
}

func text(b []byte, field protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), value)
}

func number(b []byte, field protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), value)
}

// texts is the table of a block's texts; the first stands for none.
type texts struct {
	places map[string]uint64
	table  []byte
}

func (t *texts) place(s string) uint64 {
	at, ok := t.places[s]
	if !ok {
		at = uint64(len(t.places))
		t.places[s] = at
		t.table = text(t.table, 1, []byte(s))
	}
	return at
}

func (b Block) encode() []byte {
	table := &texts{places: map[string]uint64{}}
	table.place("")
	granularity := b.Granularity
	if granularity == 0 {
		granularity = 100
	}
	lon := func(n Node) int64 {
		return (int64(math.Round(n.Lon*1e7))*100 - b.LonOffset) / granularity
	}
	lat := func(n Node) int64 {
		return (int64(math.Round(n.Lat*1e7))*100 - b.LatOffset) / granularity
	}
	var group []byte
	if len(b.Nodes) > 0 {
		var ids, lats, lons, tags []byte
		var last [3]int64
		for _, n := range b.Nodes {
			now := [3]int64{n.ID, lat(n), lon(n)}
			for i, column := range []*[]byte{&ids, &lats, &lons} {
				*column = protowire.AppendVarint(*column, protowire.EncodeZigZag(now[i]-last[i]))
			}
			last = now
			for _, tag := range n.Tags {
				tags = protowire.AppendVarint(tags, table.place(tag))
			}
			tags = append(tags, 0)
		}
		group = text(group, 2, text(text(text(text(nil, 1, ids), 8, lats), 9, lons), 10, tags))
	}
	for _, n := range b.Loose {
		node := tagged(number(nil, 1, protowire.EncodeZigZag(n.ID)), table, n.Tags)
		group = text(group, 1, number(number(node, 8, protowire.EncodeZigZag(lat(n))), 9, protowire.EncodeZigZag(lon(n))))
	}
	for _, w := range b.Ways {
		group = text(group, 3, text(tagged(number(nil, 1, uint64(w.ID)), table, w.Tags), 8, differences(w.Nodes)))
	}
	for _, r := range b.Relations {
		relation := tagged(number(nil, 1, uint64(r.ID)), table, r.Tags)
		group = text(group, 4, text(text(relation, 9, differences(r.Ways)), 10, bytes.Repeat([]byte{1}, len(r.Ways))))
	}
	block := text(text(nil, 1, table.table), 2, group)
	if b.Granularity != 0 {
		block = number(block, 17, uint64(b.Granularity))
	}
	return number(number(block, 19, uint64(b.LatOffset)), 20, uint64(b.LonOffset))
}

func tagged(element []byte, table *texts, tags []string) []byte {
	var keys, values []byte
	for i := 0; i < len(tags); i += 2 {
		keys, values = protowire.AppendVarint(keys, table.place(tags[i])), protowire.AppendVarint(values, table.place(tags[i+1]))
	}
	return text(text(element, 2, keys), 3, values)
}

func differences(ids []int64) []byte {
	var list []byte
	var last int64
	for _, id := range ids {
		list = protowire.AppendVarint(list, protowire.EncodeZigZag(id-last))
		last = id
	}
	return list
}
