package api

import (
	"container/list"
	"sync"

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

// tileCache keeps the tiles used last, up to a number of bytes.
type tileCache struct {
	mu      sync.Mutex
	budget  int64
	size    int64
	hits    int64
	misses  int64
	entries map[tileKey]*list.Element
	recent  *list.List // of *tileEntry, the one used last in front
}

type tileEntry struct {
	key  tileKey
	tile packedTile
}

// entryOverhead is about what the maps and lists take for a tile, in bytes.
const entryOverhead = 400

func (e *tileEntry) size() int64 { return int64(len(e.tile.gzipped)) + entryOverhead }

func newTileCache(budget int64) *tileCache {
	return &tileCache{budget: budget, entries: map[tileKey]*list.Element{}, recent: list.New()}
}

func (c *tileCache) get(key tileKey) (packedTile, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok {
		c.misses++
		return packedTile{}, false
	}
	c.hits++
	c.recent.MoveToFront(e)
	return e.Value.(*tileEntry).tile, true
}

// put keeps a tile and drops those not used for longest until all fit the budget.
func (c *tileCache) put(key tileKey, tile packedTile) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.entries[key]; ok {
		return // the same bytes
	}
	added := &tileEntry{key, tile}
	c.entries[key] = c.recent.PushFront(added)
	c.size += added.size()
	for c.size > c.budget {
		last := c.recent.Back()
		dropped := c.recent.Remove(last).(*tileEntry)
		delete(c.entries, dropped.key)
		c.size -= dropped.size()
	}
}

// counts says how often a tile was there and was not, and what all of them take.
func (c *tileCache) counts() (hits, misses, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hits, c.misses, c.size
}
