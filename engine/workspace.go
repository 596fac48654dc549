package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"
)

// Workspace is the folder of one place: its snapshots and the name of the current one.
//
//	snapshots/<id>/   immutable
//	current           the id that is served, switched by rename
type Workspace struct{ Dir string }

// ErrNoSnapshot is returned where a workspace has no current snapshot.
var ErrNoSnapshot = errors.New("engine: no snapshot")

func (w Workspace) snapshots() string   { return filepath.Join(w.Dir, "snapshots") }
func (w Workspace) currentFile() string { return filepath.Join(w.Dir, "current") }

// SnapshotDir is the folder of a snapshot.
func (w Workspace) SnapshotDir(id string) string { return filepath.Join(w.snapshots(), id) }

// Current gives the id of the current snapshot.
func (w Workspace) Current() (string, error) {
	content, err := os.ReadFile(w.currentFile())
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w in %s: run `arpent build PLACE.yaml --workspace %s`", ErrNoSnapshot, w.Dir, w.Dir)
	}
	if err != nil {
		return "", fmt.Errorf("engine: read current snapshot: %w", err)
	}
	return strings.TrimSpace(string(content)), nil
}

// OpenCurrent opens the current snapshot.
func (w Workspace) OpenCurrent() (*Snapshot, error) {
	id, err := w.Current()
	if err != nil {
		return nil, err
	}
	return OpenSnapshot(w.SnapshotDir(id))
}

// Listed is a snapshot of a workspace as `arpent snapshots` lists it.
type Listed struct {
	ID       string
	Built    time.Time // when its folder was switched in
	Current  bool
	Snapshot *Snapshot // nil where it cannot be opened
	Problem  error     // why it cannot be opened
}

// List gives the snapshots, newest first.
func (w Workspace) List() ([]Listed, error) {
	entries, err := os.ReadDir(w.snapshots())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("engine: list snapshots: %w", err)
	}
	current, err := w.Current()
	if err != nil && !errors.Is(err, ErrNoSnapshot) {
		return nil, err
	}
	var list []Listed
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		l := Listed{ID: e.Name(), Current: e.Name() == current}
		if info, err := os.Stat(filepath.Join(w.SnapshotDir(e.Name()), ManifestFile)); err == nil {
			l.Built = info.ModTime()
		}
		l.Snapshot, l.Problem = OpenSnapshot(w.SnapshotDir(e.Name()))
		list = append(list, l)
	}
	sort.SliceStable(list, func(i, j int) bool {
		if !list[i].Built.Equal(list[j].Built) {
			return list[i].Built.After(list[j].Built)
		}
		return list[i].ID < list[j].ID
	})
	return list, nil
}

// Switch makes a snapshot the current one. A reader sees the old name or the new one, never a part.
func (w Workspace) Switch(id string) error {
	if _, err := OpenSnapshot(w.SnapshotDir(id)); err != nil {
		return err
	}
	file, err := os.CreateTemp(w.Dir, ".current-*")
	if err != nil {
		return fmt.Errorf("engine: switch to %s: %w", id, err)
	}
	defer os.Remove(file.Name())
	_, err = file.WriteString(id + "\n")
	if err := errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("engine: switch to %s: %w", id, err)
	}
	if err := os.Rename(file.Name(), w.currentFile()); err != nil {
		return fmt.Errorf("engine: switch to %s: %w", id, err)
	}
	return syncDir(w.Dir)
}

// Remove deletes a snapshot that is not the current one.
func (w Workspace) Remove(id string) error {
	current, err := w.Current()
	if err != nil && !errors.Is(err, ErrNoSnapshot) {
		return err
	}
	if id == current {
		return fmt.Errorf("engine: %s is the current snapshot: switch to another before you remove it", id)
	}
	if id == "" || id != filepath.Base(id) || strings.HasPrefix(id, ".") {
		return fmt.Errorf("engine: %q is not a snapshot id: `arpent snapshots` lists them", id)
	}
	if _, err := os.Stat(w.SnapshotDir(id)); err != nil {
		return fmt.Errorf("engine: there is no snapshot %s in %s: `arpent snapshots` lists them", id, w.Dir)
	}
	// Out of sight first, so that nobody opens half of it.
	hidden := filepath.Join(w.snapshots(), ".removed-"+id)
	if err := os.Rename(w.SnapshotDir(id), hidden); err != nil {
		return fmt.Errorf("engine: remove %s: %w", id, err)
	}
	return os.RemoveAll(hidden)
}

// ErrBusy is returned while another build holds a workspace.
var ErrBusy = errors.New("engine: another build is at work in this workspace")

// Begin makes a hidden folder beside the snapshots to build in, and holds the workspace until release is called. What an
// earlier build left behind, killed half-way, is deleted.
func (w Workspace) Begin() (dir string, release func(), err error) {
	if err := os.MkdirAll(w.snapshots(), 0o755); err != nil {
		return "", nil, fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
	}
	lock, err := os.OpenFile(filepath.Join(w.snapshots(), ".lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return "", nil, fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
	}
	// The lock goes with the process, however it ends.
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close() // nothing was written
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return "", nil, fmt.Errorf("%w (%s): wait for it to end, or use another --workspace", ErrBusy, w.Dir)
		}
		return "", nil, fmt.Errorf("engine: workspace %s: lock: %w", w.Dir, err)
	}
	release = func() {
		lock.Close() // nothing was written
	}
	for _, left := range []string{".building-*", ".removed-*"} {
		dirs, err := filepath.Glob(filepath.Join(w.snapshots(), left))
		if err != nil {
			release()
			return "", nil, fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
		}
		for _, dir := range dirs {
			if err := os.RemoveAll(dir); err != nil {
				release()
				return "", nil, fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
			}
		}
	}
	if dir, err = os.MkdirTemp(w.snapshots(), ".building-"); err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		release()
		return "", nil, fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
	}
	return dir, release, nil
}

// Finish gives a built folder its id and makes it durable. Where the snapshot exists already, the built folder is dropped and
// the one that is there stays; its manifest must be the same, or the build was not reproducible.
func (w Workspace) Finish(dir, id string) (fresh bool, err error) {
	final := w.SnapshotDir(id)
	if _, err := os.Stat(final); err == nil {
		before, err := os.ReadFile(filepath.Join(final, ManifestFile))
		if err != nil {
			return false, fmt.Errorf("engine: finish snapshot: %w", err)
		}
		now, err := os.ReadFile(filepath.Join(dir, ManifestFile))
		if err != nil {
			return false, fmt.Errorf("engine: finish snapshot: %w", err)
		}
		if string(before) != string(now) {
			return false, fmt.Errorf("engine: snapshot %s exists with other contents: the same inputs must give the same bytes, so please report this; --workspace builds elsewhere meanwhile", id)
		}
		return false, os.RemoveAll(dir)
	}
	if err := syncDir(dir); err != nil {
		return false, err
	}
	if err := os.Rename(dir, final); err != nil {
		return false, fmt.Errorf("engine: finish snapshot: %w", err)
	}
	return true, syncDir(w.snapshots())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("engine: sync %s: %w", dir, err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("engine: sync %s: %w", dir, err)
	}
	return nil
}
