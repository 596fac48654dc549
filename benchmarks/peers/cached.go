package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/arpent/arpent/geo"
)

// Servers have a core for themselves, and those who ask the other one.
const (
	serverCore = "0"
	callerCore = "1"
)

// cached is what sending tiles from memory came to at one zoom.
type cached struct {
	set         *tileSet
	paths       []string
	kilobytes   float64 // as they are sent
	peer, ours  series  // tiles a second
	their, mine series  // processor microseconds a tile
}

// measureCached compares `arpent serve` with nginx, tiles that are in memory, gzipped.
func measureCached(ctx context.Context, space *workspace, dir string, sets []*tileSet) (string, error) {
	// Of 64 MB unless asked otherwise; all tiles of all zooms are to fit.
	server, ours, err := space.serve(ctx, serverCore, "--tile-cache", "256")
	if err != nil {
		return "", err
	}
	defer server.stop()
	root, own := filepath.Join(dir, "tiles"), filepath.Join(dir, "nginx")
	for _, folder := range []string{root, own} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return "", fmt.Errorf("peers: %w", err)
		}
	}
	nginx, address, err := startNginx(ctx, own, root, serverCore)
	if err != nil {
		return "", err
	}
	defer nginx.stop()
	theirs := &site{address: func(t geo.Tile) string { return "http://" + address + tilePath(t) }, pids: []int{nginx.pid}}
	client := caller()
	var all []*cached
	for _, set := range sets {
		c := &cached{set: set}
		if err := c.fill(ctx, client, ours, theirs, root); err != nil {
			return "", err
		}
		all = append(all, c)
	}
	client.CloseIdleConnections()
	host := strings.TrimSuffix(strings.TrimPrefix(ours.address(geo.Tile{}), "http://"), tilePath(geo.Tile{}))
	accept := "Accept-Encoding: gzip"
	for round := range rounds {
		for _, c := range all {
			err := inTurn(round, func() error {
				a, err := askFast(ctx, own, callerCore, address, nginx.pid, c.paths, []string{accept})
				c.peer, c.their = append(c.peer, a.rate), append(c.their, 1000*a.spent)
				return err
			}, func() error {
				a, err := askFast(ctx, own, callerCore, host, server.pid, c.paths, []string{accept, "Authorization: Bearer " + space.token})
				c.ours, c.mine = append(c.ours, a.rate), append(c.mine, 1000*a.spent)
				return err
			})
			if err != nil {
				return "", err
			}
		}
	}
	t := newTable("zoom", "kB", "tiles/s, nginx", "Arpent", "of nginx", "cpu-us a tile, nginx", "Arpent", "of nginx, by processor time")
	for _, c := range all {
		t.row(fmt.Sprint(c.set.zoom), threeDigits(c.kilobytes), c.peer.String(), c.ours.String(), times(c.ours, c.peer, ""), c.their.String(), c.mine.String(), times(c.their, c.mine, ""))
	}
	return t.out.String(), nil
}

// fill puts the tiles into the cache of one and the folder of the other, and looks that both send the same.
func (c *cached) fill(ctx context.Context, client *http.Client, ours, theirs *site, root string) error {
	var sent [][]byte
	for i, t := range c.set.tiles {
		var mine, other bytes.Buffer
		if _, err := ours.get(ctx, client, t, packed, &mine); err != nil {
			return err
		}
		path := tilePath(t)
		file := filepath.Join(root, path)
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		if err == nil {
			err = os.WriteFile(file, c.set.ours[i], 0o644) // nginx looks for it before it sends the packed one
		}
		if err == nil {
			err = os.WriteFile(file+".gz", mine.Bytes(), 0o644)
		}
		if err != nil {
			return fmt.Errorf("peers: %w", err)
		}
		coding, err := theirs.get(ctx, client, t, packed, &other)
		if err != nil {
			return err
		}
		if coding != packed || !bytes.Equal(mine.Bytes(), other.Bytes()) {
			return fmt.Errorf("peers: nginx sends tile %s as %s with %d bytes, not the %d of Arpent", t, coding, other.Len(), mine.Len())
		}
		c.paths, sent = append(c.paths, path), append(sent, mine.Bytes())
	}
	c.kilobytes = kilobytes(sent)
	return nil
}
