package api

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"github.com/maypok86/otter/v2"

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
	filter   filterHash
	form     string // mvt, arrow
	plain    bool   // not gzip
}

// packedTile is a tile as it is sent. The zero value is an empty tile.
type packedTile struct {
	body     []byte
	plain    bool // not gzip
	features int
	tag      []string // values of the headers ETag and Content-Length, the same for all who are answered
	length   []string
}

// tileCache keeps tiles that are asked for often or were lately, up to a number of bytes. A scan of tiles that nobody asks for twice drops no
// others.
type tileCache struct {
	kept *otter.Cache[tileKey, packedTile]

	hits    atomic.Int64 // that were there
	misses  atomic.Int64 // that had to be made
	waits   atomic.Int64 // that were being made for somebody else
	dropped atomic.Int64 // that had to go for others
}

// tileOverhead is about what a tile takes in the cache beside its bytes and the texts of its key.
const tileOverhead = 600

func (k *tileKey) texts() int {
	return len(k.snapshot) + len(k.campaign) + len(k.layer) + len(k.query.Contest) + len(k.query.Choice) + len(k.query.Measure) + len(k.query.Against) + len(k.query.Since)
}

// alone is the key without hold on anything larger: texts of a query are parts of an address, which may be long.
func (k tileKey) alone() tileKey {
	for _, text := range []*string{&k.snapshot, &k.campaign, &k.layer, &k.query.Contest, &k.query.Choice, &k.query.Measure, &k.query.Against, &k.query.Since} {
		*text = strings.Clone(*text)
	}
	return k
}

// weightOf is what a tile takes in the cache, in bytes.
func weightOf(k tileKey, t packedTile) uint32 { return uint32(len(t.body) + k.texts() + tileOverhead) }

// newTileCache makes one of so many bytes; of 0 it keeps nothing.
func newTileCache(budget int64) *tileCache {
	c := &tileCache{}
	c.kept = otter.Must(&otter.Options[tileKey, packedTile]{
		MaximumWeight: uint64(max(1, budget)),
		Weigher:       weightOf,
		Executor:      func(do func()) { do() }, // so that the bound holds when a write returns
		OnDeletion: func(e otter.DeletionEvent[tileKey, packedTile]) {
			if e.WasEvicted() {
				c.dropped.Add(1)
			}
		},
	})
	return c
}

// ready gives a tile that is there.
func (c *tileCache) ready(key tileKey) (packedTile, bool) {
	tile, there := c.kept.GetIfPresent(key)
	if there {
		c.hits.Add(1)
	}
	return tile, there
}

// get gives a tile, which is made where it is not there: once, however many ask for it at the same time. Who has gone does not wait, and
// leaves the others what they wait for.
func (c *tileCache) get(ctx context.Context, key tileKey, pack func() (packedTile, error)) (packedTile, error) {
	if tile, there := c.ready(key); there {
		return tile, nil
	}
	made := false
	tile, err := c.make(ctx, key, func() (packedTile, error) { made = true; return pack() })
	if made {
		c.misses.Add(1)
	} else {
		c.waits.Add(1)
	}
	return tile, err
}

// make is get, and counts nothing. Empty tiles are not kept: there is no end of them, and they are as quickly made.
func (c *tileCache) make(ctx context.Context, key tileKey, pack func() (packedTile, error)) (packedTile, error) {
	tile, err := c.kept.Get(ctx, key.alone(), otter.LoaderFunc[tileKey, packedTile](func(context.Context, tileKey) (packedTile, error) {
		tile, err := pack()
		if err == nil && len(tile.body) == 0 {
			err = otter.ErrNotFound
		}
		return tile, err
	}))
	if errors.Is(err, otter.ErrNotFound) {
		return packedTile{}, nil
	}
	return tile, err
}

// askedOf lists what everybody sees of a snapshot, without filters, those first that are asked for most.
func (c *tileCache) askedOf(snapshot string) (keys []tileKey) {
	for entry := range c.kept.Hottest() {
		if k := entry.Key; k.snapshot == snapshot && k.campaign == "" && k.filter == (filterHash{}) {
			keys = append(keys, k)
		}
	}
	return keys
}

// peek gives a tile that is there and counts nothing.
func (c *tileCache) peek(key tileKey) (packedTile, bool) {
	entry, there := c.kept.GetEntryQuietly(key)
	return entry.Value, there
}
