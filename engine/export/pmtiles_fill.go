package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/geo"
)

// tileBatch is some tiles that follow each other, on their way from being named over being encoded to the store.
type tileBatch struct {
	tiles  []geo.Tile
	layers [][]string
	sums   []tileSum
	ends   []int // in packed
	packed bytes.Buffer
	ready  chan struct{} // of one: that it is encoded
}

// tilesInBatch is how many tiles are handed on together: enough that handing on costs nothing, few enough that large ones keep no core idle.
const tilesInBatch = 16

// fill encodes and compresses the tiles on all cores, and stores them in their order.
func (p PMTiles) fill(ctx context.Context, store *tileStore) error {
	if p.Level < gzip.BestSpeed || p.Level > gzip.BestCompression {
		return fmt.Errorf("export: gzip has the levels %d to %d, and not %d", gzip.BestSpeed, gzip.BestCompression, p.Level)
	}
	workers := runtime.GOMAXPROCS(0)
	group, ctx := errgroup.WithContext(ctx)
	named := make(chan *tileBatch, workers)
	inOrder := make(chan *tileBatch, 4*workers) // a large tile holds up so many
	group.Go(func() error {
		defer close(named)
		defer close(inOrder)
		return p.name(ctx, named, inOrder)
	})
	for range workers {
		group.Go(func() error { return p.pack(named) })
	}
	group.Go(func() error { return p.collect(ctx, inOrder, store) })
	return group.Wait()
}

// name deals the tiles out in batches: to whoever encodes them, and in their order to the store.
func (p PMTiles) name(ctx context.Context, named, inOrder chan<- *tileBatch) error {
	batch := newTileBatch()
	deal := func() error {
		for _, to := range []chan<- *tileBatch{inOrder, named} {
			select {
			case to <- batch:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		batch = newTileBatch()
		return nil
	}
	for tile, layers := range p.Tiles {
		batch.tiles, batch.layers = append(batch.tiles, tile), append(batch.layers, layers)
		if len(batch.tiles) == tilesInBatch {
			if err := deal(); err != nil {
				return err
			}
		}
	}
	return deal()
}

func newTileBatch() *tileBatch {
	return &tileBatch{tiles: make([]geo.Tile, 0, tilesInBatch), layers: make([][]string, 0, tilesInBatch), ready: make(chan struct{}, 1)}
}

// pack encodes and compresses batches.
func (p PMTiles) pack(named <-chan *tileBatch) error {
	packer, err := gzip.NewWriterLevel(nil, p.Level)
	if err != nil {
		return fmt.Errorf("export: compress: %w", err)
	}
	var raw []byte
	for batch := range named {
		for i, tile := range batch.tiles {
			if raw, err = p.Encode(raw[:0], tile, batch.layers[i]); err != nil {
				return fmt.Errorf("export: tile %v: %w", tile, err)
			}
			if err := batch.add(raw, packer); err != nil {
				return fmt.Errorf("export: tile %v: compress: %w", tile, err)
			}
		}
		batch.ready <- struct{}{}
	}
	return nil
}

// add appends what a tile comes to, nothing where it is empty.
func (b *tileBatch) add(raw []byte, packer *gzip.Writer) error {
	var sum tileSum
	if len(raw) > 0 {
		whole := sha256.Sum256(raw)
		copy(sum[:], whole[:])
		packer.Reset(&b.packed)
		if _, err := packer.Write(raw); err != nil {
			return err
		}
		if err := packer.Close(); err != nil {
			return err
		}
	}
	b.sums, b.ends = append(b.sums, sum), append(b.ends, b.packed.Len())
	return nil
}

// collect keeps the tiles of the batches in the order that these were dealt in.
func (p PMTiles) collect(ctx context.Context, inOrder <-chan *tileBatch, store *tileStore) error {
	done := int64(0)
	for batch := range inOrder {
		select {
		case <-batch.ready:
		case <-ctx.Done():
			return ctx.Err()
		}
		start := 0
		for i, tile := range batch.tiles {
			packed := batch.packed.Bytes()[start:batch.ends[i]]
			start = batch.ends[i]
			if len(packed) == 0 {
				continue
			}
			if err := store.add(tile, batch.sums[i], packed); err != nil {
				return err
			}
		}
		done += int64(len(batch.tiles))
		if p.Hear != nil {
			p.Hear(done)
		}
	}
	return nil
}
