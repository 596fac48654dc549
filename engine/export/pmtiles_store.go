package export

import (
	"fmt"
	"io"

	"github.com/arpent/arpent/geo"
)

// tileStore takes the tiles of an archive in the order of their ids. A content that it has it does not keep again.
type tileStore struct {
	data             io.Writer
	bytes            uint64
	entries          []tileEntry
	tiles, contents  uint64
	minZoom, maxZoom uint8

	// Where contents are, by hash. When recent is full it becomes older and what was older is forgotten: equal tiles are mostly close to each
	// other, as those in the middle of a large area, and a country must not take the memory for the hashes of all.
	recent, older map[tileSum]tileContent
	remember      int
}

// tileEntry is a line of a directory: tiles with ids that follow each other and the same content.
type tileEntry struct {
	id, offset  uint64
	length, run uint32
}

// tileSum is the beginning of a SHA-256: as many bytes as no two of any number of contents share.
type tileSum [16]byte

type tileContent struct {
	offset uint64
	length uint32
}

// rememberedTiles is how many hashes are held, twice: about 100 MB.
const rememberedTiles = 1 << 20

func newTileStore(data io.Writer) *tileStore {
	return &tileStore{data: data, recent: map[tileSum]tileContent{}, remember: rememberedTiles}
}

// add keeps a tile; sum is of its content before compression.
func (s *tileStore) add(tile geo.Tile, sum tileSum, packed []byte) error {
	id := tileID(tile)
	if last := len(s.entries) - 1; last < 0 {
		s.minZoom = tile.Z
	} else if e := s.entries[last]; id < e.id+uint64(e.run) {
		return fmt.Errorf("export: tile %v comes behind one that it should be before", tile)
	}
	content, known := s.recent[sum]
	if !known {
		if content, known = s.older[sum]; !known {
			if _, err := s.data.Write(packed); err != nil {
				return fmt.Errorf("export: tiles on their way to the archive: %w", err)
			}
			content = tileContent{s.bytes, uint32(len(packed))}
			s.bytes += uint64(len(packed))
			s.contents++
		}
		s.keep(sum, content)
	}
	if last := len(s.entries) - 1; last >= 0 && tile.Z == s.maxZoom && s.entries[last].goesOn(id, content) { // readers take the zooms from the ends of entries
		s.entries[last].run++
	} else {
		s.entries = append(s.entries, tileEntry{id, content.offset, content.length, 1})
	}
	s.tiles, s.maxZoom = s.tiles+1, tile.Z
	return nil
}

// keep remembers where a content is.
func (s *tileStore) keep(sum tileSum, content tileContent) {
	if len(s.recent) >= s.remember {
		s.recent, s.older = map[tileSum]tileContent{}, s.recent
	}
	s.recent[sum] = content
}

func (e tileEntry) goesOn(id uint64, content tileContent) bool {
	return id == e.id+uint64(e.run) && content == tileContent{e.offset, e.length}
}

// tileID numbers the tiles of all zooms, from that of zoom 0.
func tileID(t geo.Tile) uint64 {
	above := (uint64(1)<<(2*t.Z) - 1) / 3
	return above + t.CurveIndex()
}
