package api

import (
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// tileKey names a tile's bytes for ever: a snapshot does not change, and a campaign's field has another version when it does.
type tileKey struct {
	snapshot string
	campaign string // "" of what everybody sees
	version  uint64
	layer    string
	tile     geo.Tile
	query    live.Query
	form     string // mvt, arrow
}

// packedTile is a tile as it is sent. The zero value is an empty tile.
type packedTile struct {
	gzipped  []byte
	hash     string // of the bytes before compression
	features int
}

// newTileCache keeps the tiles used last, up to a number of bytes.
func newTileCache(budget int64) *cache[tileKey, packedTile] {
	return newCache[tileKey](budget, func(t packedTile) int64 { return int64(len(t.gzipped)) })
}
