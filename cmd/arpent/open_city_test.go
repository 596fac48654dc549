package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/datasets/city"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// TestLargeSnapshotIsKeptInMemoryForm opens a snapshot that is said to be large: its columns are kept the first time, read the second, and made again
// where they are damaged.
func TestLargeSnapshotIsKeptInMemoryForm(t *testing.T) {
	dir := t.TempDir()
	if _, err := city.Generate(t.Context(), city.Params{Seed: 5, Size: city.Village, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	w := engine.Workspace{Dir: filepath.Join(dir, "ws")}
	p := &program{workspace: w.Dir, stderr: io.Discard}
	if _, err := p.build(t.Context(), filepath.Join(dir, "place.yaml"), buildOptions{}); err != nil {
		t.Fatal(err)
	}
	s, err := w.OpenCurrent()
	if err != nil {
		t.Fatal(err)
	}
	s.Manifest.Tables = slices.Clone(s.Manifest.Tables)
	for i, of := range s.Manifest.Tables {
		if of.Name == engine.Estimates.Name {
			s.Manifest.Tables[i].Rows = live.KeepFrom
		}
	}
	var notes []string
	open := func() *live.City {
		t.Helper()
		notes = nil
		opened, err := openedCity(t.Context(), w, s, func(text string) { notes = append(notes, text) })
		if err != nil {
			t.Fatal(err)
		}
		return opened
	}
	path := w.CityFile(s.Manifest.ID)

	first := open()
	if len(notes) != 1 || !strings.Contains(notes[0], "kept") {
		t.Errorf("the first time: %q", notes)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("columns are kept as %v (%v), expected a file for the owner alone", info, err)
	}
	second := open()
	if len(notes) > 0 {
		t.Errorf("the second time: %q", notes)
	}
	if a, b := first.Contests(), second.Contests(); len(a) != len(b) || a[0].Choices[0] != b[0].Choices[0] {
		t.Errorf("contests %v, kept as %v", a, b)
	}

	// Nobody has looked at the tables: who reads one does.
	addresses := s.Path(engine.Addresses)
	content, err := os.ReadFile(addresses)
	if err != nil {
		t.Fatal(err)
	}
	damaged := slices.Clone(content)
	damaged[len(damaged)/2] ^= 1
	if err := os.WriteFile(addresses, damaged, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := open().LoadPlaces(t.Context()); err == nil || !strings.Contains(err.Error(), "is damaged: addresses.parquet") {
		t.Errorf("of a damaged table: %v", err)
	}
	if err := os.WriteFile(addresses, content, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := open().LoadPlaces(t.Context()); err != nil {
		t.Error(err)
	}

	if err := os.Truncate(path, info.Size()/2); err != nil {
		t.Fatal(err)
	}
	open()
	if len(notes) != 1 {
		t.Errorf("of damaged columns: %q", notes)
	}

	// A disk that takes no more does not keep a server from its snapshot.
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Dir(path), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	open()
	if len(notes) != 2 || !strings.Contains(notes[1], "cannot be kept") {
		t.Errorf("where nothing can be kept: %q", notes)
	}
}
