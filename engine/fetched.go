package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// FetchedFile marks, beside its tables, a snapshot that was fetched and not built here: it can be fetched again. It is no part of the snapshot, and
// goes when the same is built here.
const FetchedFile = "fetched"

// fetching begins the name of the hidden folders that snapshots are fetched into.
const fetching = ".fetching-"

// FetchDir gives the hidden folder beside the snapshots to fetch one into, with what an interrupted fetch of the same has left there; what others
// left is deleted. The caller holds the workspace, and ends with Finish.
func (w Workspace) FetchDir(id string) (dir string, err error) {
	dir = filepath.Join(w.snapshots(), fetching+id)
	left, err := filepath.Glob(filepath.Join(w.snapshots(), fetching+"*"))
	if err != nil {
		return "", fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
	}
	for _, other := range left {
		if other == dir {
			continue
		}
		if err := os.RemoveAll(other); err != nil {
			return "", fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
	}
	return dir, nil
}

// Fetched gives the ids of the snapshots that were fetched and not built here.
func (w Workspace) Fetched() (ids []string, err error) {
	entries, err := os.ReadDir(w.snapshots())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("engine: list snapshots: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if _, err := os.Stat(filepath.Join(w.SnapshotDir(e.Name()), FetchedFile)); err == nil {
			ids = append(ids, e.Name())
		}
	}
	return ids, nil
}

// followedFile says which snapshot a server went over to last because object storage named it.
func (w Workspace) followedFile() string { return filepath.Join(w.Dir, "cache", "followed") }

// Followed gives the snapshot that a server went over to last because object storage named it; "" where there is none.
func (w Workspace) Followed() string {
	content, err := os.ReadFile(w.followedFile())
	id := strings.TrimSpace(string(content))
	if err != nil || !isID(id) {
		return ""
	}
	return id
}

// SetFollowed remembers that snapshot, for a start without object storage.
func (w Workspace) SetFollowed(id string) error {
	err := os.MkdirAll(filepath.Dir(w.followedFile()), 0o755)
	if err == nil {
		err = os.WriteFile(w.followedFile(), []byte(id+"\n"), 0o644)
	}
	if err != nil {
		return fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
	}
	return nil
}
