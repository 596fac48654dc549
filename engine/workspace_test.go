package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// makeSnapshot puts an empty snapshot into a workspace.
func makeSnapshot(t *testing.T, w Workspace, id string, format int) {
	t.Helper()
	dir, release, err := w.Begin("1")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	m := Manifest{ID: id, Format: format}
	for _, table := range Tables() {
		out, err := NewTableWriter(filepath.Join(dir, table.File()), table, memory.NewGoAllocator())
		if err != nil {
			t.Fatal(err)
		}
		written, err := out.Close()
		if err != nil {
			t.Fatal(err)
		}
		m.Tables = append(m.Tables, written)
	}
	report := []byte("{}")
	sum := sha256.Sum256(report)
	m.Report = hex.EncodeToString(sum[:])
	content, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, ReportFile), string(report))
	write(t, filepath.Join(dir, ManifestFile), string(content))
	if _, err := w.Finish(dir, id); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
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
	for _, id := range []string{"aaaa", "bbbb"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(w.CityFile(id)), 0o700), os.WriteFile(w.CityFile(id), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Remove("bbbb"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(w.CityFile("bbbb")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the columns of a snapshot that was removed stay: %v", err)
	}
	if _, err := os.Stat(w.CityFile("aaaa")); err != nil {
		t.Errorf("the columns of another snapshot: %v", err)
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
	dir, release, err := w.Begin("1")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Begin("1"); !errors.Is(err, ErrBusy) {
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
	dir, release, err := w.Begin("1")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	write(t, filepath.Join(dir, ManifestFile), "other")
	if _, err := w.Finish(dir, "aaaa"); err == nil {
		t.Error("a snapshot was replaced by another of the same id")
	}
}

// A folder that was copied under another name is not taken for a snapshot of that name.
func TestSnapshotUnderAnotherName(t *testing.T) {
	w := Workspace{t.TempDir()}
	makeSnapshot(t, w, "aaaa", SnapshotFormat)
	if err := os.CopyFS(w.SnapshotDir("copy"), os.DirFS(w.SnapshotDir("aaaa"))); err != nil {
		t.Fatal(err)
	}
	if err := w.Switch("copy"); err == nil {
		t.Error("switched to it")
	}
	write(t, w.currentFile(), "copy\n")
	if _, err := w.OpenCurrent(); err == nil || !strings.Contains(err.Error(), "holds snapshot aaaa: give it that name") {
		t.Errorf("opened as the current one: %v", err)
	}
	list, err := w.List()
	if err != nil || len(list) != 2 || list[0].Problem == nil && list[1].Problem == nil {
		t.Errorf("list %+v, %v", list, err)
	}
	if err := w.Switch("aaaa"); err != nil {
		t.Error(err)
	}
}

// What "current" names may be nothing, no id, or gone; every message says what to do, and switching mends it.
func TestDamagedCurrent(t *testing.T) {
	w := Workspace{t.TempDir()}
	makeSnapshot(t, w, "aaaa", SnapshotFormat)
	for content, want := range map[string]string{
		"":            "`arpent snapshots switch ID` chooses one",
		"\n":          "`arpent snapshots switch ID` chooses one",
		"../x\n":      "`arpent snapshots switch ID` chooses one",
		".building\n": "`arpent snapshots switch ID` chooses one",
		"bbbb\n":      "the current snapshot bbbb is not in ",
	} {
		write(t, w.currentFile(), content)
		if _, err := w.OpenCurrent(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("current %q: %v", content, err)
		}
		if list, err := w.List(); err != nil || len(list) != 1 || list[0].Current {
			t.Errorf("current %q: list %+v, %v", content, list, err)
		}
		if err := w.Switch("aaaa"); err != nil {
			t.Errorf("current %q: %v", content, err)
		}
	}
}

func TestRemovalThatWasInterrupted(t *testing.T) {
	w := Workspace{t.TempDir()}
	makeSnapshot(t, w, "aaaa", SnapshotFormat)
	if err := os.MkdirAll(filepath.Join(w.snapshots(), ".removed-aaaa", "left"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove("aaaa"); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(filepath.Join(w.snapshots(), "*aaaa")); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// Whoever holds the field keeps others from it, and builds go on beside.
func TestFieldIsHeldByOne(t *testing.T) {
	w := Workspace{filepath.Join(t.TempDir(), "ws")}
	if _, err := w.HoldField(); !errors.Is(err, ErrNoSnapshot) {
		t.Errorf("a workspace that is not there is held: %v", err)
	}
	makeSnapshot(t, w, "aaaa", SnapshotFormat)
	release, err := w.HoldField()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.HoldField(); !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), w.Dir) {
		t.Errorf("held twice: %v", err)
	}
	makeSnapshot(t, w, "bbbb", SnapshotFormat)
	for path, want := range map[string]os.FileMode{w.StateDir(): 0o700, filepath.Join(w.StateDir(), ".lock"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want mode %o", path, info, err, want)
		}
	}
	release()
	again, err := w.HoldField()
	if err != nil {
		t.Fatal(err)
	}
	again()
}
