package engine

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// makeSnapshot puts an empty snapshot into a workspace.
func makeSnapshot(t *testing.T, w Workspace, id string, format int) {
	t.Helper()
	dir, release, err := w.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	for _, table := range Tables() {
		out, err := NewTableWriter(filepath.Join(dir, table.File()), table, memory.NewGoAllocator())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Close(); err != nil {
			t.Fatal(err)
		}
	}
	content, err := json.Marshal(Manifest{ID: id, Format: format})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ManifestFile), content, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(dir, id); err != nil {
		t.Fatal(err)
	}
}

func TestWorkspaceSwitchesAndRemoves(t *testing.T) {
	w := Workspace{filepath.Join(t.TempDir(), "ws")}
	if _, err := w.OpenCurrent(); !errors.Is(err, ErrNoSnapshot) {
		t.Errorf("a new workspace has no snapshot: %v", err)
	}
	makeSnapshot(t, w, "aaaa", SnapshotFormat)
	makeSnapshot(t, w, "bbbb", SnapshotFormat)
	for _, id := range []string{"aaaa", "bbbb", "aaaa"} {
		if err := w.Switch(id); err != nil {
			t.Fatal(err)
		}
		if s, err := w.OpenCurrent(); err != nil || s.Manifest.ID != id {
			t.Fatalf("current is %+v, %v, want %s", s, err, id)
		}
	}
	if err := w.Switch("cccc"); err == nil {
		t.Error("switched to a snapshot that is not there")
	}
	if now, err := w.Current(); err != nil || now != "aaaa" {
		t.Errorf("a failed switch changed the current snapshot to %q, %v", now, err)
	}
	if err := w.Remove("aaaa"); err == nil {
		t.Error("the current snapshot was removed")
	}
	for _, id := range []string{"", ".", "..", "../ws", "cccc"} {
		if err := w.Remove(id); err == nil {
			t.Errorf("removed %q", id)
		}
	}
	if err := w.Remove("bbbb"); err != nil {
		t.Error(err)
	}
	list, err := w.List()
	if err != nil || len(list) != 1 || list[0].ID != "aaaa" || !list[0].Current {
		t.Errorf("list %+v, %v", list, err)
	}
}

func TestSnapshotOfAnotherFormat(t *testing.T) {
	w := Workspace{t.TempDir()}
	makeSnapshot(t, w, "0ld", SnapshotFormat-1)
	if err := w.Switch("0ld"); !errors.Is(err, ErrFormat) {
		t.Errorf("switched to an older format: %v", err)
	}
	list, err := w.List()
	if err != nil || len(list) != 1 || !errors.Is(list[0].Problem, ErrFormat) {
		t.Errorf("list %+v, %v", list, err)
	}
}

func TestSnapshotWithoutATable(t *testing.T) {
	w := Workspace{t.TempDir()}
	makeSnapshot(t, w, "aaaa", SnapshotFormat)
	if err := os.Remove(filepath.Join(w.SnapshotDir("aaaa"), Votes.File())); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSnapshot(w.SnapshotDir("aaaa")); err == nil {
		t.Error("opened without votes.parquet")
	}
}

// A build that was killed leaves a hidden folder, which the next build deletes; a finished one stays.
func TestWhatAKilledBuildLeft(t *testing.T) {
	w := Workspace{t.TempDir()}
	dir, release, err := w.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Begin(); !errors.Is(err, ErrBusy) {
		t.Errorf("two builds at once: %v", err)
	}
	release() // as the end of the process does
	if list, err := w.List(); err != nil || len(list) != 0 {
		t.Errorf("half a snapshot is listed: %+v, %v", list, err)
	}
	makeSnapshot(t, w, "aaaa", SnapshotFormat)
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

func TestFinishRefusesOtherBytesUnderOneID(t *testing.T) {
	w := Workspace{t.TempDir()}
	makeSnapshot(t, w, "aaaa", SnapshotFormat)
	dir, release, err := w.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := os.WriteFile(filepath.Join(dir, ManifestFile), []byte("other"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(dir, "aaaa"); err == nil {
		t.Error("a snapshot was replaced by another of the same id")
	}
}
