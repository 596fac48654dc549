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
func measureEncoding(ctx context.Context, city *live.City, database string, sets []*tileSet) (string, error) {
	type encoded struct{ peer, kept, ours series } // by the kinds of connections, and by Arpent
	figures := make([]encoded, len(sets))
	var peers []*pgx.Conn
	for _, kind := range connectionKinds {
		db, err := kind.connect(ctx, database)
		if err != nil {
			return "", err
		}
		defer db.Close(context.WithoutCancel(ctx))
		peers = append(peers, db)
	}
	for round := range rounds {
		for i, set := range sets {
			f := &figures[i]
			err := inTurn(round,
				func() error { return f.peer.add(encodeByPeer(ctx, peers[0], set.tiles)) },
				func() error { return f.kept.add(encodeByPeer(ctx, peers[1], set.tiles)) },
				func() error { return f.ours.add(encodeHere(ctx, city, set.tiles)) })
			if err != nil {
				return "", err
			}
		}
	}
	a, b := connectionKinds[0].name, connectionKinds[1].name
	t := newTable("zoom", "tiles", "features a tile", "features of one alone", "kB, PostGIS", "kB, Arpent", "cpu-ms, "+a, b, "Arpent", "times "+a, b)
	for i, s := range sets {
		f := &figures[i]
		t.row(fmt.Sprint(s.zoom), fmt.Sprint(len(s.tiles)), fmt.Sprint(s.features/max(1, len(s.tiles))), fmt.Sprint(s.edge), threeDigits(kilobytes(s.theirs)),
			threeDigits(kilobytes(s.ours)), f.peer.String(), f.kept.String(), f.ours.String(), times(f.peer, f.ours, s.differs), times(f.kept, f.ours, s.differs))
	}
	t.voids(sets)
	return t.out.String(), nil
}

// encodeByPeer gives the processor time of the process that serves a connection.
func encodeByPeer(ctx context.Context, db *pgx.Conn, tiles []geo.Tile) (float64, error) {
	pid := int(db.PgConn().PID())
	return processorMilliseconds(ctx, tiles, func() (time.Duration, error) { return spentBy(pid) }, func(t geo.Tile) error {
		var bytes int
		return db.QueryRow(ctx, tileBytesSQL, int(t.Z), int(t.X), int(t.Y)).Scan(&bytes)
	})
}

// encodeHere gives the processor time of this process, of which the collector's is a part.
func encodeHere(ctx context.Context, city *live.City, tiles []geo.Tile) (float64, error) {
	return processorMilliseconds(ctx, tiles, spentHere, func(t geo.Tile) error {
		_, err := city.Tile(layerName, t, live.Query{})
		return err
	})
}

// inTurn does one thing after the other, each round beginning with another.
func inTurn(round int, sides ...func() error) error {
	for i := range sides {
		if err := sides[(round+i)%len(sides)](); err != nil {
			return err
		}
	}
	return nil
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
