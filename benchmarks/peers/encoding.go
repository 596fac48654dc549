package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// atLeast is how much processor time a side takes in a round, or how long it is asked: enough to be counted in hundredths of a second.
const atLeast = 600 * time.Millisecond

// measureEncoding compares the processor time that a tile takes to be made, and nothing else: PostGIS sends nothing of it, and here no geometry is kept
// from one tile to the next.
func measureEncoding(ctx context.Context, city *live.City, db *pgx.Conn, sets []*tileSet) (string, error) {
	theirs, ours := make([]series, len(sets)), make([]series, len(sets))
	backend := int(db.PgConn().PID())
	byThem := func(s *tileSet) (float64, error) {
		return processorMilliseconds(ctx, s.tiles, func() (time.Duration, error) { return spentBy(backend) }, func(t geo.Tile) error {
			var bytes int
			return db.QueryRow(ctx, tileBytesSQL, int(t.Z), int(t.X), int(t.Y)).Scan(&bytes)
		})
	}
	byUs := func(s *tileSet) (float64, error) {
		return processorMilliseconds(ctx, s.tiles, spentHere, func(t geo.Tile) error {
			_, err := city.Tile(layerName, t, live.Query{})
			return err
		})
	}
	for round := range rounds {
		for i, set := range sets {
			err := inTurn(round, func() error { return keep(&theirs[i], set, byThem) }, func() error { return keep(&ours[i], set, byUs) })
			if err != nil {
				return "", err
			}
		}
	}
	t := newTable("zoom", "tiles (left out)", "features a tile", "kB, PostGIS", "kB, Arpent", "cpu-ms, PostGIS", "cpu-ms, Arpent", "times PostGIS")
	for i, s := range sets {
		t.row(fmt.Sprint(s.zoom), fmt.Sprintf("%d (%d)", len(s.tiles), s.edge), fmt.Sprint(s.features/max(1, len(s.tiles))), threeDigits(kilobytes(s.theirs)),
			threeDigits(kilobytes(s.ours)), theirs[i].String(), ours[i].String(), times(theirs[i], ours[i], s.differs))
	}
	t.voids(sets)
	return t.out.String(), nil
}

// keep adds what is measured of a set to a series.
func keep(s *series, set *tileSet, measure func(*tileSet) (float64, error)) error {
	x, err := measure(set)
	*s = append(*s, x)
	return err
}

// inTurn does one and the other, and every second round the other first.
func inTurn(round int, one, other func() error) error {
	if round%2 == 1 {
		one, other = other, one
	}
	if err := one(); err != nil {
		return err
	}
	return other()
}

// processorMilliseconds is what one tile takes, as the mean of all of them, gone through until they took long enough.
func processorMilliseconds(ctx context.Context, tiles []geo.Tile, spent func() (time.Duration, error), encode func(geo.Tile) error) (float64, error) {
	before, err := spent()
	if err != nil {
		return 0, err
	}
	for times := 1; ; times++ {
		for _, t := range tiles {
			if err := encode(t); err != nil {
				return 0, fmt.Errorf("peers: encode tile %s: %w", t, err)
			}
		}
		now, err := spent()
		if err != nil {
			return 0, err
		}
		if took := now - before; took >= atLeast {
			return took.Seconds() * 1000 / float64(times*len(tiles)), ctx.Err()
		}
	}
}
