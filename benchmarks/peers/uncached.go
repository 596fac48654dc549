package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/arpent/arpent/geo"
)

// uncached is what making tiles over HTTP came to, at one zoom in one coding: by PostGIS behind a server, by `arpent serve` for the first time, and again,
// when it has the geometry of the tiles still and nothing else.
type uncached struct {
	set                 *tileSet
	coding              string
	peer, first, second struct{ rate, spent series }
}

// measureUncached compares servers that make each tile they are asked for. The zooms of warm are asked for before, and not measured.
func measureUncached(ctx context.Context, space *workspace, postgres string, db *pgx.Conn, sets, warm []*tileSet) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("peers: %w", err)
	}
	client := caller()
	server, err := start(ctx, syscall.SIGTERM, nil, "", program, postgisCommand, postgres)
	if err != nil {
		return "", err
	}
	defer server.stop()
	url, err := server.whereItIs(ctx)
	if err != nil {
		return "", err
	}
	peer := &site{pids: []int{server.pid}, address: func(t geo.Tile) string { return fmt.Sprintf("%s/%s", url, t) }}
	if err := peer.makeReady(ctx, client, append(slices.Clone(warm), sets...)); err != nil {
		return "", err
	}
	backends, err := backendsOf(ctx, db, poolName)
	if err != nil {
		return "", err
	}
	if len(backends) != connections {
		return "", fmt.Errorf("peers: the server of PostGIS has %d connections, not %d", len(backends), connections)
	}
	peer.pids = append(peer.pids, backends...)

	var all []*uncached
	for _, set := range sets {
		for _, coding := range []string{identity, packed} {
			all = append(all, &uncached{set: set, coding: coding})
			if err := peer.check(ctx, client, set.tiles, coding, set.theirs); err != nil {
				return "", err
			}
		}
	}
	for round := range rounds {
		for _, coding := range []string{identity, packed} {
			if err := uncachedRound(ctx, space, peer, warm, all, coding, round); err != nil {
				return "", err
			}
		}
	}
	return uncachedTable(all, sets), nil
}

// uncachedRound asks both servers for all tiles in a coding. Ours has started anew: nothing of a tile is there.
func uncachedRound(ctx context.Context, space *workspace, peer *site, warm []*tileSet, all []*uncached, coding string, round int) error {
	client := caller()
	defer client.CloseIdleConnections()
	server, ours, err := space.serve(ctx, "", "--tile-cache", "0")
	if err != nil {
		return err
	}
	defer server.stop()
	if err := ours.makeReady(ctx, client, warm); err != nil {
		return err
	}
	for _, u := range all {
		if u.coding != coding {
			continue
		}
		err := inTurn(round, func() error {
			a, err := peer.ask(ctx, client, u.set.tiles, coding, time.Second)
			u.peer.rate, u.peer.spent = append(u.peer.rate, a.rate), append(u.peer.spent, a.spent)
			return err
		}, func() error {
			a, err := ours.ask(ctx, client, u.set.tiles, coding, 0)
			if err != nil {
				return err
			}
			b, err := ours.ask(ctx, client, u.set.tiles, coding, time.Second)
			u.first.rate, u.first.spent = append(u.first.rate, a.rate), append(u.first.spent, a.spent)
			u.second.rate, u.second.spent = append(u.second.rate, b.rate), append(u.second.spent, b.spent)
			return err
		})
		if err != nil {
			return err
		}
		if round == 0 {
			if err := ours.check(ctx, client, u.set.tiles, coding, u.set.ours); err != nil {
				return err
			}
		}
	}
	return nil
}

// backendsOf gives the processes of the database that serve a program.
func backendsOf(ctx context.Context, db *pgx.Conn, program string) ([]int, error) {
	rows, err := db.Query(ctx, "SELECT pid FROM pg_stat_activity WHERE application_name = $1", program)
	if err != nil {
		return nil, fmt.Errorf("peers: who is connected: %w", err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return nil, fmt.Errorf("peers: who is connected: %w", err)
	}
	return pids, nil
}

func uncachedTable(all []*uncached, sets []*tileSet) string {
	t := newTable("zoom", "coding", "tiles/s, PostGIS", "first", "again", "times, first", "again", "cpu-ms a tile, PostGIS", "first", "again", "times, first", "again",
		"the compressor's share, first", "again")
	for i, u := range all {
		shares := []string{"", ""}
		if u.coding == packed {
			plain := all[i-1] // the same zoom as it is
			shares = []string{shareOfRest(plain.first.spent, u.first.spent), shareOfRest(plain.second.spent, u.second.spent)}
		}
		d := u.set.differs
		t.row(fmt.Sprint(u.set.zoom), u.coding, u.peer.rate.String(), u.first.rate.String(), u.second.rate.String(), times(u.first.rate, u.peer.rate, d), times(u.second.rate, u.peer.rate, d),
			u.peer.spent.String(), u.first.spent.String(), u.second.spent.String(), times(u.peer.spent, u.first.spent, d), times(u.peer.spent, u.second.spent, d), shares[0], shares[1])
	}
	t.voids(sets)
	return t.out.String()
}

// shareOfRest is what of the whole is not a part, in percent.
func shareOfRest(part, whole series) string {
	if whole.median() <= 0 {
		return "too short to measure"
	}
	return fmt.Sprintf("%.0f %%", 100*(1-part.median()/whole.median()))
}
