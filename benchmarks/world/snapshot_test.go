package world

import (
	"slices"
	"testing"

	"github.com/arpent/arpent/engine"
)

func TestSnapshotIsWholeAndHasTheSegments(t *testing.T) {
	dir := t.TempDir()
	w := New(500)
	if err := w.WriteSnapshot(dir); err != nil {
		t.Fatal(err)
	}
	snapshot, err := engine.OpenSnapshot(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range snapshot.FileProblems() {
		t.Error(problem)
	}
	at := slices.IndexFunc(snapshot.Manifest.Tables, func(m engine.ManifestTable) bool { return m.Name == engine.Segments.Name })
	if at < 0 || snapshot.Manifest.Tables[at].Rows != 500 {
		t.Errorf("the snapshot has tables %+v, not 500 segments", snapshot.Manifest.Tables)
	}
}

func TestSegmentsHaveIdsInOrderAndStandInTheCity(t *testing.T) {
	w := New(10_000)
	ground, before, segments := w.Bound(), int64(0), 0
	for s := range w.All() {
		if s.ID <= before || s.ID >= 1<<53 {
			t.Fatalf("segment %d comes after %d", s.ID, before)
		}
		before = s.ID
		segments++
		for _, p := range s.Line {
			if !ground.Contains(p) {
				t.Errorf("segment %d has a position outside the city: %v", s.ID, p)
			}
		}
	}
	if segments != 10_000 {
		t.Errorf("the city has %d segments", segments)
	}
}
