package export

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/geo"
)

// PMTiles is an archive of vector tiles in one file, of which a map reads the parts it needs by ranges of bytes: PMTiles, version 3
// (https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md). Its bytes follow from what it is made of.
type PMTiles struct {
	Metadata   any       // a JSON object: name, attribution, vector_layers as TileJSON has them
	Bound      orb.Bound // where features are, in degrees
	Center     orb.Point // what a map shows at first
	CenterZoom uint8     // taken into the zooms of the tiles
	Level      int       // of gzip, 1 to 9

	// Tiles are those that may have something, ascending by zoom and along the curve of geo.Tile.CurveIndex, with what Encode is to know of them.
	Tiles iter.Seq2[geo.Tile, []string]
	// Encode appends a tile to a buffer, and nothing where the tile is empty. It is called from several goroutines.
	Encode func(buffer []byte, tile geo.Tile, layers []string) ([]byte, error)
	// Hear is told how many of Tiles are done. It may be nil.
	Hear func(done int64)
}

// PMTilesMedia is the media type of an archive.
const PMTilesMedia = "application/vnd.pmtiles"

// PMTilesCounts say what is in an archive.
type PMTilesCounts struct {
	Tiles    int64 // that a map can ask for
	Contents int64 // of them that differ, each of which is there once
	Bytes    int64 // of all contents, compressed
}

// ErrNoTiles is returned for an archive in which there would be nothing.
var ErrNoTiles = errors.New("export: no tile has anything in it")

// Write encodes the tiles on all cores and writes the archive. The tiles go through scratch, an empty file, for what stands before them is known
// when the last one is. In memory are 24 bytes a tile that has a content of its own, a bounded number of hashes, and the directories.
func (p PMTiles) Write(ctx context.Context, out io.Writer, scratch io.ReadWriteSeeker) (PMTilesCounts, error) {
	spool := bufio.NewWriterSize(scratch, 1<<20)
	store := newTileStore(spool)
	if err := p.fill(ctx, store); err != nil {
		return PMTilesCounts{}, err
	}
	if store.tiles == 0 {
		return PMTilesCounts{}, ErrNoTiles
	}
	if err := spool.Flush(); err != nil {
		return PMTilesCounts{}, fmt.Errorf("export: tiles on their way to the archive: %w", err)
	}
	head, err := p.head(store)
	if err != nil {
		return PMTilesCounts{}, err
	}
	if _, err := out.Write(head); err != nil {
		return PMTilesCounts{}, fmt.Errorf("export: archive of tiles: %w", err)
	}
	if _, err := scratch.Seek(0, io.SeekStart); err != nil {
		return PMTilesCounts{}, fmt.Errorf("export: tiles on their way to the archive: %w", err)
	}
	if _, err := io.CopyN(out, scratch, int64(store.bytes)); err != nil {
		return PMTilesCounts{}, fmt.Errorf("export: archive of tiles: %w", err)
	}
	return PMTilesCounts{Tiles: int64(store.tiles), Contents: int64(store.contents), Bytes: int64(store.bytes)}, nil
}

// Sizes that the format fixes.
const (
	pmtilesHeader = 127
	pmtilesRoot   = 16384 - pmtilesHeader // at most: a map reads header and root with its first request
)

// head gives what stands before the tiles: header, root directory, metadata, leaf directories.
func (p PMTiles) head(store *tileStore) ([]byte, error) {
	metadata, err := json.Marshal(p.Metadata)
	if err != nil {
		return nil, fmt.Errorf("export: metadata of an archive of tiles: %w", err)
	}
	if metadata, err = gzipped(metadata); err != nil {
		return nil, err
	}
	root, leaves, err := store.directories(pmtilesRoot)
	if err != nil {
		return nil, err
	}
	head := append([]byte("PMTiles"), 3)
	at := uint64(pmtilesHeader)
	for _, length := range []int{len(root), len(metadata), len(leaves)} {
		head = binary.LittleEndian.AppendUint64(head, at)
		head = binary.LittleEndian.AppendUint64(head, uint64(length))
		at += uint64(length)
	}
	for _, number := range []uint64{at, store.bytes, store.tiles, uint64(len(store.entries)), store.contents} {
		head = binary.LittleEndian.AppendUint64(head, number)
	}
	const clustered, gzip, mvt = 1, 2, 1
	head = append(head, clustered, gzip, gzip, mvt, store.minZoom, store.maxZoom)
	head = appendE7(head, p.Bound.Min)
	head = appendE7(head, p.Bound.Max)
	head = append(head, min(max(p.CenterZoom, store.minZoom), store.maxZoom))
	head = appendE7(head, p.Center)
	head = append(head, root...)
	head = append(head, metadata...)
	return append(head, leaves...), nil
}

// appendE7 writes a position in ten-millionths of a degree.
func appendE7(buffer []byte, at orb.Point) []byte {
	for _, degrees := range at {
		buffer = binary.LittleEndian.AppendUint32(buffer, uint32(int32(math.Round(degrees*1e7))))
	}
	return buffer
}
