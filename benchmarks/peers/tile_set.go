package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// mostTiles are those of a zoom that are asked for.
const mostTiles = 400

// tileSet is what both sides make at a zoom.
type tileSet struct {
	zoom     uint8
	tiles    []geo.Tile
	ours     [][]byte // each tile
	theirs   [][]byte
	features int    // of all tiles
	edge     int    // features of one side alone, on the edge of a buffer
	differs  string // how one tile of the peer differs from ours; "" where all have the same features
}

// chooseTiles takes tiles of a zoom that have a segment, by chance and always the same, and compares what both sides make of them.
func chooseTiles(ctx context.Context, city *live.City, db queryRower, zoom uint8) (*tileSet, error) {
	cover, err := city.TileCover([]string{layerName}, zoom)
	if err != nil {
		return nil, err
	}
	var among []geo.Tile
	for t := range cover {
		among = append(among, t)
	}
	slices.SortFunc(among, func(a, b geo.Tile) int { return int(int64(a.X)<<zoom+int64(a.Y)) - int(int64(b.X)<<zoom+int64(b.Y)) })
	rand.New(rand.NewPCG(1, uint64(zoom))).Shuffle(len(among), func(i, j int) { among[i], among[j] = among[j], among[i] })
	set := &tileSet{zoom: zoom}
	for _, t := range among {
		if len(set.tiles) == mostTiles {
			break
		}
		tile, err := city.Tile(layerName, t, live.Query{})
		if err != nil {
			return nil, err
		}
		theirs, err := peerTile(ctx, db, t)
		if err != nil {
			return nil, err
		}
		if err := set.add(t, tile.Data, theirs, tile.Features); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// add takes a tile as both sides make it.
func (s *tileSet) add(t geo.Tile, ours, theirs []byte, features int) error {
	c, err := compare(ours, theirs)
	if err != nil {
		return fmt.Errorf("%w (tile %s)", err, t)
	}
	s.edge += c.edge
	if c.difference != "" && s.differs == "" {
		s.differs = fmt.Sprintf("tile %s: %s", t, c.difference)
	}
	s.tiles, s.ours, s.theirs, s.features = append(s.tiles, t), append(s.ours, ours), append(s.theirs, theirs), s.features+features
	return nil
}

// kilobytes is the mean size of tiles.
func kilobytes(tiles [][]byte) float64 {
	sum := 0
	for _, tile := range tiles {
		sum += len(tile)
	}
	return float64(sum) / 1000 / float64(max(1, len(tiles)))
}
