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
//	field/            the log of field returns
//	state/            campaigns, tokens, jobs, audit: small files
//	cache/            what an interrupted build has done, until it is run again; the columns of large snapshots as they are in memory; which
//	                  snapshot a server followed object storage to last
type Workspace struct{ Dir string }

// ErrNoSnapshot is returned where a workspace has no current snapshot, or its file "current" names none.
var ErrNoSnapshot = errors.New("engine: no snapshot")

func (w Workspace) snapshots() string   { return filepath.Join(w.Dir, "snapshots") }
func (w Workspace) currentFile() string { return filepath.Join(w.Dir, "current") }

// SnapshotDir is the folder of a snapshot.
func (w Workspace) SnapshotDir(id string) string { return filepath.Join(w.snapshots(), id) }

// Current gives the id of the current snapshot.
func (w Workspace) Current() (string, error) {
	content, err := os.ReadFile(w.currentFile())
	if errors.Is(err, fs.ErrNotExist) {
		return "", w.noSnapshot()
	}
	if err != nil {
		return "", fmt.Errorf("engine: read current snapshot: %w", err)
	}
	id := strings.TrimSpace(string(content))
	if !isID(id) {
		return "", fmt.Errorf("%w is named in %s: `arpent snapshots` lists those there are, `arpent snapshots switch ID` chooses one", ErrNoSnapshot, w.currentFile())
	}
	return id, nil
}

func (w Workspace) noSnapshot() error {
	return fmt.Errorf("%w in %s: run `arpent build PLACE.yaml --workspace %s`", ErrNoSnapshot, w.Dir, w.Dir)
}

// isID tells whether a text may be the name of a snapshot's folder. Hidden folders are not snapshots.
func isID(id string) bool {
	return id != "" && id == filepath.Base(id) && !strings.HasPrefix(id, ".")
}

// OpenCurrent opens the current snapshot.
func (w Workspace) OpenCurrent() (*Snapshot, error) {
	id, err := w.Current()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(w.SnapshotDir(id)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("engine: the current snapshot %s is not in %s: `arpent snapshots switch ID` chooses one that is there, or build the place again", id, w.snapshots())
	}
	return w.open(id)
}

// open opens a snapshot, whose folder must have the name that its manifest gives it.
func (w Workspace) open(id string) (*Snapshot, error) {
	s, err := OpenSnapshot(w.SnapshotDir(id))
	if err != nil {
		return nil, err
	}
	if s.Manifest.ID != id {
		return nil, fmt.Errorf("engine: the folder %s holds snapshot %s: give it that name, or delete it", s.Dir, s.Manifest.ID)
	}
	return s, nil
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
		l.Snapshot, l.Problem = w.open(e.Name())
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

// Switch makes a snapshot the current one. A reader sees the old name or the new one, never a part. The caller holds the
// workspace.
func (w Workspace) Switch(id string) error {
	if _, err := w.open(id); err != nil {
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
	return SyncDir(w.Dir)
}

// Remove deletes a snapshot that is not the current one. The caller holds the workspace.
func (w Workspace) Remove(id string) error {
	current, err := w.Current()
	if err != nil && !errors.Is(err, ErrNoSnapshot) {
		return err
	}
	if id == current {
		return fmt.Errorf("engine: %s is the current snapshot: switch to another before you remove it", id)
	}
	if !isID(id) {
		return fmt.Errorf("engine: %q is not a snapshot id: `arpent snapshots` lists them", id)
	}
	if _, err := os.Stat(w.SnapshotDir(id)); err != nil {
		return fmt.Errorf("engine: there is no snapshot %s in %s: `arpent snapshots` lists them", id, w.Dir)
	}
	hidden, err := w.hide(id)
	if err != nil {
		return fmt.Errorf("engine: remove %s: %w", id, err)
	}
	if err := os.Remove(w.CityFile(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("engine: remove %s: %w", id, err)
	}
	return os.RemoveAll(hidden)
}

// hide puts a snapshot's folder out of sight, so that nobody opens half of it while it is deleted.
func (w Workspace) hide(id string) (hidden string, err error) {
	hidden = filepath.Join(w.snapshots(), ".removed-"+id)
	if err := os.RemoveAll(hidden); err != nil { // what a removal left that was killed half-way
		return "", err
	}
	return hidden, os.Rename(w.SnapshotDir(id), hidden)
}

// ErrBusy is returned while another process holds a workspace.
var ErrBusy = errors.New("engine: another build, switch or removal is at work in this workspace")

// StateDir is the folder of campaigns, tokens and what else is kept in small files.
func (w Workspace) StateDir() string { return filepath.Join(w.Dir, "state") }

// ErrHeld is returned while another process holds the field of a workspace.
var ErrHeld = errors.New("engine: another server or command is at work with the field of this workspace")

// HoldField keeps other processes from whatever is in the folders field and state until release is called: a server holds it for as
// long as it runs, a command for a moment. It is held beside Hold, not instead: a place can be built while its field is served.
func (w Workspace) HoldField() (release func(), err error) {
	switch err := os.Mkdir(w.StateDir(), 0o700); {
	case errors.Is(err, fs.ErrNotExist): // no build was ever made there: the name may be misspelt, and no folder is left behind
		return nil, w.noSnapshot()
	case err != nil && !errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
	}
	return w.lock(filepath.Join(w.StateDir(), ".lock"), 0o600, ErrHeld, "wait for it to end, or stop it")
}

// Hold keeps other builds, switches and removals out of the workspace until release is called.
func (w Workspace) Hold() (release func(), err error) {
	if err := os.MkdirAll(w.snapshots(), 0o755); err != nil {
		return nil, fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
	}
	return w.lock(filepath.Join(w.snapshots(), ".lock"), 0o644, ErrBusy, "wait for it to end, or use another --workspace")
}

// lock locks a file of the workspace until release is called. Where another process has it locked, it returns busy with the remedy.
func (w Workspace) lock(path string, mode os.FileMode, busy error, remedy string) (release func(), err error) {
	lock, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, mode)
	if err != nil {
		return nil, fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
	}
	// The lock goes with the process, however it ends.
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close() // nothing was written
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w (%s): %s", busy, w.Dir, remedy)
		}
		return nil, fmt.Errorf("engine: workspace %s: lock: %w", w.Dir, err)
	}
	return func() {
		lock.Close() // nothing was written
	}, nil
}

// KeptDir is where a build keeps what it has done, for one of the same key.
func (w Workspace) KeptDir(key string) string { return filepath.Join(w.Dir, "cache", "build-"+key) }

// CityFile is where the columns of a large snapshot are kept as they are in memory. It may be deleted at any time.
func (w Workspace) CityFile(id string) string {
	return filepath.Join(w.Dir, "cache", "city-"+id+".frozen")
}

// Begin makes a hidden folder beside the snapshots to build in, and holds the workspace until release is called. A build that
// was interrupted may have left the folder and what it kept, for one of the same key; what others left is deleted.
func (w Workspace) Begin(key string) (dir string, release func(), err error) {
	release, err = w.Hold()
	if err != nil {
		return "", nil, err
	}
	dir = filepath.Join(w.snapshots(), ".building-"+key)
	for _, left := range []string{filepath.Join(w.snapshots(), ".building-*"), filepath.Join(w.snapshots(), ".removed-*"), w.KeptDir("*")} {
		dirs, err := filepath.Glob(left)
		if err != nil {
			release()
			return "", nil, fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
		}
		for _, left := range dirs {
			if left == dir || left == w.KeptDir(key) {
				continue
			}
			if err := os.RemoveAll(left); err != nil {
				release()
				return "", nil, fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
			}
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		release()
		return "", nil, fmt.Errorf("engine: workspace %s: %w", w.Dir, err)
	}
	return dir, release, nil
}

// Finish gives a built or fetched folder its id and makes it durable. Where the snapshot is there already, whole, the built folder is
// dropped; its manifest must be the same, or the build was not reproducible. One that is damaged is replaced. fresh tells
// whether the folder that is there now is the built one.
func (w Workspace) Finish(dir, id string) (fresh bool, err error) {
	final := w.SnapshotDir(id)
	if _, err := os.Stat(final); err == nil {
		damaged, err := w.damaged(dir, id)
		if err != nil {
			return false, err
		}
		if !damaged {
			if err := os.Remove(filepath.Join(final, FetchedFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return false, fmt.Errorf("engine: finish snapshot: %w", err)
			}
			return false, os.RemoveAll(dir)
		}
		hidden, err := w.hide(id)
		if err != nil {
			return false, fmt.Errorf("engine: replace damaged snapshot %s: %w", id, err)
		}
		defer os.RemoveAll(hidden) // what stays, the next build deletes
	}
	if err := SyncDir(dir); err != nil {
		return false, err
	}
	if err := os.Rename(dir, final); err != nil {
		return false, fmt.Errorf("engine: finish snapshot: %w", err)
	}
	return true, SyncDir(w.snapshots())
}

// damaged tells whether the snapshot that is there is not what its build wrote, by its own manifest or by that of the same
// snapshot built again in dir. A whole snapshot with another manifest is an error.
func (w Workspace) damaged(dir, id string) (bool, error) {
	now, err := os.ReadFile(filepath.Join(dir, ManifestFile))
	if err != nil {
		return false, fmt.Errorf("engine: finish snapshot: %w", err)
	}
	there, err := w.open(id)
	if err != nil || len(there.FileProblems()) > 0 {
		return true, nil
	}
	before, err := os.ReadFile(filepath.Join(there.Dir, ManifestFile))
	if err != nil || string(before) == string(now) {
		return err != nil, nil
	}
	// Where the files are those of the new manifest, only the old manifest can be at fault.
	if built, err := OpenSnapshot(dir); err == nil && len((&Snapshot{there.Dir, built.Manifest}).FileProblems()) == 0 {
		return true, nil
	}
	return false, fmt.Errorf("engine: snapshot %s exists with other contents: the same inputs must give the same bytes, so please report this; --workspace builds elsewhere meanwhile", id)
}

// SyncDir makes durable which files a folder has, and under which names.
func SyncDir(dir string) error {
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
