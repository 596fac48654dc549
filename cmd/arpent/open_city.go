package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
)

// openCity reads a snapshot of the workspace into memory. One that is not there is jobs.SnapshotGone.
func openCity(ctx context.Context, w engine.Workspace, id string, note func(text string)) (*live.City, error) {
	snapshot, err := engine.OpenSnapshot(w.SnapshotDir(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, jobs.SnapshotGone(id)
	}
	if err != nil {
		return nil, err
	}
	return openedCity(ctx, w, snapshot, note)
}

// openedCity reads a snapshot into memory, a large one from what was kept of its columns, and bounds the garbage beside it unless who runs the
// program does. What of it is worth telling goes to note.
func openedCity(ctx context.Context, w engine.Workspace, s *engine.Snapshot, note func(text string)) (*live.City, error) {
	city, err := readCity(ctx, w, s, readTables, note)
	if err == nil && os.Getenv("GOGC") == "" {
		live.LimitGarbage()
	}
	return city, err
}

// readCity keeps the columns of a large snapshot when its tables are read for the first time.
func readCity(ctx context.Context, w engine.Workspace, s *engine.Snapshot, read func(context.Context, *engine.Snapshot) (*live.City, error), note func(text string)) (*live.City, error) {
	if !live.IsLarge(s) {
		return read(ctx, s)
	}
	path := w.CityFile(s.Manifest.ID)
	city, err := live.OpenKept(s, path)
	if err == nil {
		return city, nil
	}
	note(fmt.Sprintf("the columns of snapshot %s are made from its tables and kept, so that it opens in seconds the next time", s.Manifest.ID))
	if city, err = read(ctx, s); err != nil {
		return nil, err
	}
	if err := city.Keep(path); err != nil {
		note(fmt.Sprintf("the columns of snapshot %s cannot be kept, and will be made again the next time: %v", s.Manifest.ID, err))
	}
	return city, nil
}

// readTables opens a snapshot unless it is damaged: such a Parquet file can ask its reader for any amount of memory.
func readTables(ctx context.Context, s *engine.Snapshot) (*live.City, error) {
	if err := s.Whole(); err != nil {
		return nil, err
	}
	return live.Open(ctx, s)
}
