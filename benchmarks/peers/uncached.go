package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/arpent/arpent/geo"
)

// uncached is what making tiles over HTTP came to at one zoom in one coding, by each of the sides.
type uncached struct {
	set    *tileSet
	coding string
	by     [sides]struct{ rate, spent series }
}

// The sides that make tiles over HTTP.
const (
	byPeer     = iota // PostGIS behind a server
	byPeerKept        // with the other kind of connection
	byUsFirst         // `arpent serve` that has not made the tile before
	byUsAgain         // when it has the geometry of the tile still, and nothing else
	sides
)

// measureUncached compares servers that make each tile they are asked for. The zooms of warm are asked for before, and not measured.
func measureUncached(ctx context.Context, space *workspace, database string, db *pgx.Conn, sets, warm []*tileSet) (string, error) {
	client := caller()
	defer client.CloseIdleConnections()
	var peers []*site
	for i := range connectionKinds {
		server, peer, err := startPeer(ctx, database, db, i, warm)
		if err != nil {
			return "", err
		}
		defer server.stop()
		peers = append(peers, peer)
	}
	var all []*uncached
	for _, set := range sets {
		for _, coding := range []string{identity, packed} {
			all = append(all, &uncached{set: set, coding: coding})
			for _, peer := range peers {
				if err := peer.check(ctx, client, set.tiles, coding, set.theirs); err != nil {
					return "", err
				}
			}
		}
	}
	for round := range rounds {
		for _, coding := range []string{identity, packed} {
			if err := uncachedRound(ctx, space, peers, client, warm, all, coding, round); err != nil {
				return "", err
			}
		}
	}
	return "Tiles a second:\n\n" + rateTable(all, sets) + "\nProcessor milliseconds a tile, of all processes of a server:\n\n" + spentTable(all, sets), nil
}

// startPeer starts this program as a server of tiles of PostGIS, and makes it ready.
func startPeer(ctx context.Context, database string, db *pgx.Conn, kind int, warm []*tileSet) (*child, *site, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, nil, fmt.Errorf("peers: %w", err)
	}
	server, err := start(ctx, syscall.SIGTERM, nil, "", program, postgisCommand, database, fmt.Sprint(kind))
	if err != nil {
		return nil, nil, err
	}
	url, err := server.whereItIs(ctx)
	if err != nil {
		return nil, nil, err
	}
	peer := &site{pids: []int{server.pid}, address: func(t geo.Tile) string { return fmt.Sprintf("%s/%s", url, t) }}
	err = peer.makeReady(ctx, warm)
	if err == nil {
		var backends []int
		backends, err = backendsOf(ctx, db, connectionKinds[kind].name)
		peer.pids = append(peer.pids, backends...)
	}
	if err != nil {
		server.stop()
		return nil, nil, err
	}
	return server, peer, nil
}

// backendsOf gives the processes of the database that serve a server's connections.
func backendsOf(ctx context.Context, db *pgx.Conn, server string) ([]int, error) {
	rows, err := db.Query(ctx, "SELECT pid FROM pg_stat_activity WHERE application_name = $1", server)
	if err != nil {
		return nil, fmt.Errorf("peers: who is connected: %w", err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return nil, fmt.Errorf("peers: who is connected: %w", err)
	}
	if len(pids) != connections {
		return nil, fmt.Errorf("peers: a server of PostGIS has %d connections, not %d", len(pids), connections)
	}
	return pids, nil
}

// uncachedRound asks all sides for all tiles in a coding. Ours has started anew: nothing of a tile is there.
func uncachedRound(ctx context.Context, space *workspace, peers []*site, client *http.Client, warm []*tileSet, all []*uncached, coding string, round int) error {
	server, ours, err := space.serve(ctx, "", "--tile-cache", "0")
	if err != nil {
		return err
	}
	defer server.stop()
	if err := ours.makeReady(ctx, warm); err != nil {
		return err
	}
	for _, u := range all {
		if u.coding != coding {
			continue
		}
		ask := func(of *site, side int, atLeast time.Duration) error {
			a, err := of.ask(ctx, u.set.tiles, coding, atLeast)
			u.by[side].rate, u.by[side].spent = append(u.by[side].rate, a.rate), append(u.by[side].spent, a.spent)
			return err
		}
		err := inTurn(round,
			func() error { return ask(peers[0], byPeer, time.Second) },
			func() error { return ask(peers[1], byPeerKept, time.Second) },
			func() error {
				if err := ask(ours, byUsFirst, 0); err != nil {
					return err
				}
				return ask(ours, byUsAgain, time.Second)
			})
		if err == nil && round == 0 {
			err = ours.check(ctx, client, u.set.tiles, coding, u.set.ours)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sideNames head the columns of both tables, with how many times as good each of ours is as each of theirs.
var sideNames = []string{
	"zoom", "coding", connectionKinds[0].name, connectionKinds[1].name, "Arpent, first", "again",
	"first, times " + connectionKinds[0].name, "again", "first, times " + connectionKinds[1].name, "again",
}

func rateTable(all []*uncached, sets []*tileSet) string {
	t := newTable(sideNames...)
	for _, u := range all {
		b, d := &u.by, u.set.differs
		t.row(fmt.Sprint(u.set.zoom), u.coding, b[byPeer].rate.String(), b[byPeerKept].rate.String(), b[byUsFirst].rate.String(), b[byUsAgain].rate.String(),
			times(b[byUsFirst].rate, b[byPeer].rate, d), times(b[byUsAgain].rate, b[byPeer].rate, d),
			times(b[byUsFirst].rate, b[byPeerKept].rate, d), times(b[byUsAgain].rate, b[byPeerKept].rate, d))
	}
	t.voids(sets)
	return t.out.String()
}

func spentTable(all []*uncached, sets []*tileSet) string {
	t := newTable(append(sideNames, "the compressor's share, first", "again")...)
	for i, u := range all {
		shareFirst, shareAgain := "", ""
		if u.coding == packed {
			plain := &all[i-1].by // of the same zoom
			shareFirst, shareAgain = shareOfRest(plain[byUsFirst].spent, u.by[byUsFirst].spent), shareOfRest(plain[byUsAgain].spent, u.by[byUsAgain].spent)
		}
		b, d := &u.by, u.set.differs
		t.row(fmt.Sprint(u.set.zoom), u.coding, b[byPeer].spent.String(), b[byPeerKept].spent.String(), b[byUsFirst].spent.String(), b[byUsAgain].spent.String(),
			times(b[byPeer].spent, b[byUsFirst].spent, d), times(b[byPeer].spent, b[byUsAgain].spent, d),
			times(b[byPeerKept].spent, b[byUsFirst].spent, d), times(b[byPeerKept].spent, b[byUsAgain].spent, d), shareFirst, shareAgain)
	}
	t.voids(sets)
	return t.out.String()
}

// shareOfRest is what of the whole is not a part, in percent.
func shareOfRest(part, whole series) string {
	if part.median() <= 0 || whole.median() <= 0 {
		return tooShort
	}
	return fmt.Sprintf("%.0f %%", 100*(1-part.median()/whole.median()))
}
