package depot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// newSnapshot writes a snapshot whose tables are of random bytes, which a depot does not look into.
func newSnapshot(t *testing.T, seed uint64) (engine.Workspace, *engine.Snapshot) {
	t.Helper()
	w := engine.Workspace{Dir: t.TempDir()}
	m := engine.NewManifest(&engine.Place{ID: "mirabel"}, engine.DefaultParameters())
	m.Name = fmt.Sprintf("Mirabel %d", seed)
	id, err := m.SnapshotID()
	if err != nil {
		t.Fatal(err)
	}
	dir := w.SnapshotDir(id)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	random := rand.NewChaCha8([32]byte{byte(seed)})
	write := func(name string, size int) (string, int64) {
		content := make([]byte, size)
		_, _ = random.Read(content) // it never fails
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
		sum, bytes, err := engine.HashFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return sum, bytes
	}
	for i, table := range engine.Tables() {
		sum, size := write(table.File(), 10_000*i) // the first has none
		m.Tables = append(m.Tables, engine.ManifestTable{Name: table.Name, Bytes: size, SHA256: sum})
	}
	m.Report, _ = write(engine.ReportFile, 1000)
	write(engine.BuiltFile, 100)
	m.ID = id
	content, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, engine.ManifestFile), content, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := engine.OpenSnapshot(dir)
	if err != nil {
		t.Fatal(err)
	}
	return w, s
}

func newDepot(t *testing.T) (d *Depot, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "depot")
	d, err := Create(t.Context(), "file://"+dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() }) // a folder holds nothing
	return d, dir
}

func silent(int64, int64) {}

// sameFiles compares the folders of a snapshot, but for the mark of one that was fetched.
func sameFiles(t *testing.T, got, want string) {
	t.Helper()
	entries, err := os.ReadDir(want)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		a, errA := os.ReadFile(filepath.Join(got, e.Name()))
		b, errB := os.ReadFile(filepath.Join(want, e.Name()))
		if err := errors.Join(errA, errB); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs: %v", e.Name(), err)
		}
	}
	fetched, err := os.ReadDir(got)
	if err != nil || len(fetched) != len(entries)+1 {
		t.Errorf("%d files were fetched of %d: %v", len(fetched)-1, len(entries), err)
	}
}

// What is pushed is fetched elsewhere as it was, and servers are told which one counts when somebody says so.
func TestPushAndFetch(t *testing.T) {
	d, _ := newDepot(t)
	pushAndFetch(t, d)
}

func pushAndFetch(t *testing.T, d *Depot) {
	_, s := newSnapshot(t, 1)
	id := s.Manifest.ID
	if names, err := d.Names(t.Context()); err != nil || names != (Names{}) {
		t.Fatalf("an empty depot names %+v, %v", names, err)
	}
	elsewhere := engine.Workspace{Dir: t.TempDir()}
	if err := d.Fetch(t.Context(), elsewhere, id, silent); err == nil || !strings.Contains(err.Error(), "snapshots/"+id+"/manifest.json") || !strings.Contains(err.Error(), "push it") {
		t.Errorf("a snapshot that is not there: %v", err)
	}
	var done, total int64
	if err := d.Push(t.Context(), s, func(n, of int64) { done, total = n, of }); err != nil {
		t.Fatal(err)
	}
	if done != total || total < 1_000_000 {
		t.Errorf("%d of %d bytes are done", done, total)
	}
	if err := errors.Join(d.SetNext(t.Context(), id), d.SetCurrent(t.Context(), id)); err != nil {
		t.Fatal(err)
	}
	if names, err := d.Names(t.Context()); err != nil || names != (Names{id, id}) {
		t.Errorf("named are %+v, %v", names, err)
	}
	if err := d.Fetch(t.Context(), elsewhere, id, func(n, of int64) { done, total = n, of }); err != nil {
		t.Fatal(err)
	}
	if done != total {
		t.Errorf("%d of %d bytes are done", done, total)
	}
	sameFiles(t, elsewhere.SnapshotDir(id), s.Dir)
	if ids, err := elsewhere.Fetched(); err != nil || !slices.Equal(ids, []string{id}) {
		t.Errorf("fetched are %v, %v", ids, err)
	}
	if err := elsewhere.Switch(id); err != nil {
		t.Error(err)
	}
	if err := d.Fetch(t.Context(), elsewhere, id, func(int64, int64) { t.Error("what is there is fetched again") }); err != nil {
		t.Error(err)
	}
}

// What is there is not sent twice; an object that is another file is.
func TestPushSendsWhatIsMissing(t *testing.T) {
	d, dir := newDepot(t)
	_, s := newSnapshot(t, 1)
	push := func() {
		t.Helper()
		if err := d.Push(t.Context(), s, silent); err != nil {
			t.Fatal(err)
		}
	}
	push()
	object := func(name string) string { return filepath.Join(dir, "snapshots", s.Manifest.ID, name) }
	before := map[string]os.FileInfo{}
	for _, name := range []string{"votes.parquet", "atoms.parquet", "plan.parquet", engine.ManifestFile} {
		info, err := os.Stat(object(name))
		if err != nil {
			t.Fatal(err)
		}
		before[name] = info
	}
	content, err := os.ReadFile(object("atoms.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	content[1000]++
	if err := errors.Join(os.WriteFile(object("atoms.parquet"), content, 0o644), os.Remove(object("plan.parquet"))); err != nil {
		t.Fatal(err)
	}
	push()
	for name, sent := range map[string]bool{"votes.parquet": false, "atoms.parquet": true, "plan.parquet": true, engine.ManifestFile: false} {
		info, err := os.Stat(object(name))
		if err != nil || os.SameFile(info, before[name]) == sent {
			t.Errorf("%s: sent again is to be %v: %v", name, sent, err)
		}
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "votes.parquet"), []byte("short"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := d.Push(t.Context(), s, silent); err == nil || !strings.Contains(err.Error(), "votes.parquet") {
		t.Errorf("a damaged snapshot is pushed: %v", err)
	}
}

// An object that is not what the manifest describes is named with what to do, nothing of the snapshot is seen, and all is well once it is repaired.
func TestDamagedObjects(t *testing.T) {
	_, s := newSnapshot(t, 1)
	id := s.Manifest.ID
	for name, damage := range map[string]struct {
		object string
		change func(content []byte) []byte // nil: it is deleted
		says   string
	}{
		"a byte":             {"votes.parquet", func(b []byte) []byte { b[5]++; return b }, "it is not the file that the manifest describes (SHA-256 "},
		"short":              {"votes.parquet", func(b []byte) []byte { return b[:len(b)-1] }, "bytes, and the manifest describes "},
		"long":               {"votes.parquet", func(b []byte) []byte { return append(b, 'x') }, "bytes, and the manifest describes "},
		"missing":            {"votes.parquet", nil, "it is missing"},
		"report":             {engine.ReportFile, func(b []byte) []byte { return b[:10] }, "it is not the file"},
		"missing report":     {engine.ReportFile, nil, "it is missing"},
		"no manifest":        {engine.ManifestFile, nil, "it is missing, so that the snapshot is not there, or not all of it"},
		"half a manifest":    {engine.ManifestFile, func(b []byte) []byte { return b[:len(b)/2] }, "it is damaged"},
		"another's manifest": {engine.ManifestFile, func(b []byte) []byte { return bytes.Replace(b, []byte("Mirabel 1"), []byte("Mirabel 2"), 1) }, "it is not the manifest of this id"},
		"another format":     {engine.ManifestFile, func(b []byte) []byte { return bytes.Replace(b, []byte(`"format":5`), []byte(`"format":6`), 1) }, "it has format 6, this version reads 5"},
		"table left out": {engine.ManifestFile, func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"name":"votes"`), []byte(`"name":"../votes"`), 1)
		}, "it does not describe votes.parquet"},
	} {
		t.Run(name, func(t *testing.T) {
			d, dir := newDepot(t)
			if err := d.Push(t.Context(), s, silent); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "snapshots", id, damage.object)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if damage.change == nil {
				err = os.Remove(path)
			} else {
				err = os.WriteFile(path, damage.change(content), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
			w := engine.Workspace{Dir: t.TempDir()}
			for range 2 {
				err = d.Fetch(t.Context(), w, id, silent)
				if err == nil || !strings.Contains(err.Error(), "snapshots/"+id+"/"+damage.object) || !strings.Contains(err.Error(), damage.says) || !strings.Contains(err.Error(), "push") {
					t.Errorf("it says %v", err)
				}
			}
			if list, err := w.List(); err != nil || len(list) != 0 {
				t.Errorf("seen are %v, %v", list, err)
			}
			if err := errors.Join(os.RemoveAll(path), d.Push(t.Context(), s, silent), d.Fetch(t.Context(), w, id, silent)); err != nil {
				t.Fatal(err)
			}
			sameFiles(t, w.SnapshotDir(id), s.Dir)
		})
	}
}

// A fetch that is interrupted goes on where it stopped, and one that finds nonsense there begins that file anew.
func TestFetchGoesOn(t *testing.T) {
	d, dir := newDepot(t)
	_, s := newSnapshot(t, 1)
	id := s.Manifest.ID
	if err := d.Push(t.Context(), s, silent); err != nil {
		t.Fatal(err)
	}
	w := engine.Workspace{Dir: t.TempDir()}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := d.Fetch(ctx, w, id, func(done, total int64) {
		if done > total/2 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	if list, err := w.List(); err != nil || len(list) != 0 {
		t.Fatalf("seen are %v, %v", list, err)
	}
	hidden := filepath.Join(w.Dir, "snapshots", ".fetching-"+id)
	// What was fetched is not read again: it could not be.
	first := engine.Tables()[1].File()
	if err := os.Remove(filepath.Join(dir, "snapshots", id, first)); err != nil {
		t.Fatal(err)
	}
	if err := d.Fetch(t.Context(), w, id, silent); err == nil || !strings.Contains(err.Error(), first) {
		t.Errorf("an object that has gone: %v", err)
	}
	if err := d.Push(t.Context(), s, silent); err != nil {
		t.Fatal(err)
	}
	// A machine that went off left nonsense in one file, and too much of another.
	last := engine.Tables()[3].File()
	for name, content := range map[string]string{first: "nonsense", last: strings.Repeat("too much", 10_000)} {
		if err := os.WriteFile(filepath.Join(hidden, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Fetch(t.Context(), w, id, silent); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, w.SnapshotDir(id), s.Dir)
	if _, err := os.Stat(hidden); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the hidden folder is there still: %v", err)
	}
}

// What is there is hashed, and only the rest is read.
func TestRestIsRead(t *testing.T) {
	d, dir := newDepot(t)
	content := make([]byte, 1_000_000)
	_, _ = rand.NewChaCha8([32]byte{9}).Read(content)
	if err := os.WriteFile(filepath.Join(dir, "object"), content, 0o644); err != nil {
		t.Fatal(err)
	}
	sum, size, err := engine.HashFile(filepath.Join(dir, "object"))
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(to, content[:700_000], 0o644); err != nil {
		t.Fatal(err)
	}
	first := int64(-1)
	if _, err := d.fetchFile(t.Context(), "object", to, file{"object", size, sum}, func(n int64) {
		if first < 0 {
			first = n
		}
	}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(to); err != nil || !bytes.Equal(got, content) || first <= 700_000 {
		t.Errorf("%d bytes, the first piece ends at %d: %v", len(got), first, err)
	}
}

// One that is there and damaged is fetched again.
func TestDamagedCopyIsReplaced(t *testing.T) {
	d, _ := newDepot(t)
	_, s := newSnapshot(t, 1)
	id := s.Manifest.ID
	w := engine.Workspace{Dir: t.TempDir()}
	if err := errors.Join(d.Push(t.Context(), s, silent), d.Fetch(t.Context(), w, id, silent)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.SnapshotDir(id), "votes.parquet"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := d.Fetch(t.Context(), w, id, silent); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, w.SnapshotDir(id), s.Dir)
}

// A snapshot that is built where it was fetched to is its own from then on.
func TestBuiltIsNotFetched(t *testing.T) {
	d, _ := newDepot(t)
	own, s := newSnapshot(t, 1)
	id := s.Manifest.ID
	w := engine.Workspace{Dir: t.TempDir()}
	if err := errors.Join(d.Push(t.Context(), s, silent), d.Fetch(t.Context(), w, id, silent)); err != nil {
		t.Fatal(err)
	}
	dir, release, err := w.Begin("key")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := os.CopyFS(dir, os.DirFS(own.SnapshotDir(id))); err != nil {
		t.Fatal(err)
	}
	if fresh, err := w.Finish(dir, id); fresh || err != nil {
		t.Errorf("fresh is %v, %v", fresh, err)
	}
	if ids, err := w.Fetched(); err != nil || len(ids) != 0 {
		t.Errorf("fetched are %v, %v", ids, err)
	}
}

func TestAddresses(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for address, says := range map[string]string{
		"":                                "give file:///DIR or s3://",
		"/srv/depot":                      "give file:///DIR or s3://",
		"https://depot.example.org":       "give file:///DIR or s3://",
		"file://" + dir + "?prefix=paris": "does not end with a slash: give prefix=paris/",
		"file://" + dir + "/nothing":      "`arpent snapshots push` makes a folder that is missing",
		"file://" + dir + "/file":         "not a directory",
		"file://" + dir + "?odd=1":        "odd",
	} {
		if d, err := Open(t.Context(), address); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, %v", address, d, err)
		}
	}
	d, err := Open(t.Context(), "file://"+dir+"?prefix=paris/")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.SetCurrent(t.Context(), "0123456789abcdef"); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(filepath.Join(dir, "paris", "current")); err != nil || string(content) != "0123456789abcdef\n" {
		t.Errorf("%q, %v", content, err)
	}
	// What somebody else wrote there never becomes the name of a folder.
	for _, content := range []string{"", "../../etc", "0123456789ABCDEF", strings.Repeat("0123456789abcdef", 1000)} {
		if err := os.WriteFile(filepath.Join(dir, "paris", "current"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if names, err := d.Names(t.Context()); err == nil || !strings.Contains(err.Error(), "current in file://") {
			t.Errorf("%.20q: %+v, %v", content, names, err)
		}
	}
	if err := d.Fetch(t.Context(), engine.Workspace{Dir: t.TempDir()}, "../../etc", silent); err == nil || !strings.Contains(err.Error(), "16 hex digits") {
		t.Errorf("%v", err)
	}
}
