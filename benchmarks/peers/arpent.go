package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/arpent/arpent/benchmarks/world"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// layerName is the layer that is measured.
const layerName = "segments"

// workspace is the city as `arpent serve` has it, with a campaign and a token that may read what everybody may.
type workspace struct {
	binary, dir, token string
}

// makeWorkspace writes the city into a folder.
func makeWorkspace(ctx context.Context, binary, dir string, w world.World) (*workspace, *engine.Snapshot, error) {
	space := engine.Workspace{Dir: dir}
	if err := os.MkdirAll(space.SnapshotDir(world.SnapshotID), 0o755); err != nil {
		return nil, nil, fmt.Errorf("peers: %w", err)
	}
	if err := w.WriteSnapshot(space.SnapshotDir(world.SnapshotID)); err != nil {
		return nil, nil, err
	}
	if err := space.Switch(world.SnapshotID); err != nil {
		return nil, nil, err
	}
	snapshot, err := space.OpenCurrent()
	if err != nil {
		return nil, nil, err
	}
	election := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	if _, err := run(ctx, nil, dir, binary, "campaign", "add", "bench", "--choice", world.Choices[0], "--election", election, "--workspace", dir); err != nil {
		return nil, nil, err
	}
	token, err := run(ctx, nil, dir, binary, "token", "new", "--campaign", "bench", "--scope", string(engine.ReadOpen), "--workspace", dir)
	if err != nil {
		return nil, nil, err
	}
	return &workspace{binary, dir, token}, snapshot, nil
}

// whereItIs is what a server says when it answers.
var whereItIs = regexp.MustCompile(`is on http://[a-z0-9.]+:(\d+)`)

// serve starts `arpent serve` with authorisation, limits and metrics as they are unless asked otherwise, but for a rate that nobody reaches. It may be kept on one core.
func (w *workspace) serve(ctx context.Context, cores string, flags ...string) (*child, *site, error) {
	command := append([]string{w.binary, "serve", "--addr", "127.0.0.1:0", "--workspace", w.dir, "--rate", "1000000000", "--seed-tiles", "0"}, flags...)
	if cores != "" {
		command = append([]string{"taskset", "-c", cores}, command...)
	}
	server, err := start(ctx, syscall.SIGTERM, nil, w.dir, command...)
	if err != nil {
		return nil, nil, err
	}
	url, err := server.whereItIs(ctx)
	if err != nil {
		return nil, nil, err
	}
	return server, &site{token: w.token, pids: []int{server.pid}, address: func(t geo.Tile) string { return url + tilePath(t) }}, nil
}

// whereItIs waits until a server says its address.
func (c *child) whereItIs(ctx context.Context) (url string, err error) {
	err = c.waitFor(ctx, func() bool {
		found := whereItIs.FindStringSubmatch(c.said.String())
		if found != nil {
			url = "http://127.0.0.1:" + found[1]
		}
		return found != nil
	})
	if err != nil {
		c.stop()
	}
	return url, err
}

// tilePath is where a tile stands, here and in the folder of a server of files.
func tilePath(t geo.Tile) string {
	return fmt.Sprintf("/v1/tiles/%s@%s/%d/%d/%d.mvt", layerName, world.SnapshotID, t.Z, t.X, t.Y)
}

// makeReady asks for tiles of other zooms, so that a server that has just started has the memory it works with.
func (s *site) makeReady(ctx context.Context, sets []*tileSet) error {
	for _, set := range sets {
		if _, err := s.ask(ctx, set.tiles, identity, 0); err != nil {
			return err
		}
	}
	return nil
}

// executable is the program that is measured, as a full path.
func executable(path string) (string, error) {
	full, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(full)
	}
	if err != nil {
		return "", fmt.Errorf("peers: %w: `make build` makes the program", err)
	}
	return full, nil
}
