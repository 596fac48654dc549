package build

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
)

// interrupted builds until a stage begins, keeping all that is done before.
func interrupted(t *testing.T, o Options, stage string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	o.KeepAfter = 1
	o.Progress = func(name string, _, _ int64) {
		if name == stage {
			stop()
		}
	}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted at %q: %v", stage, err)
	}
}

// again builds and gives what it says, and the stages that it went through.
func again(t *testing.T, o Options) (s *engine.Snapshot, notes, stages []string) {
	t.Helper()
	o.Note = func(text string) { notes = append(notes, text) }
	o.Progress = func(name string, _, _ int64) {
		if len(stages) == 0 || stages[len(stages)-1] != name {
			stages = append(stages, name)
		}
	}
	s, _ = mustRun(t, o)
	return s, notes, stages
}

func readManifest(t *testing.T, s *engine.Snapshot) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.Dir, engine.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// mustBeTidy wants nothing of a build but snapshots in a workspace.
func mustBeTidy(t *testing.T, w engine.Workspace) {
	t.Helper()
	for _, pattern := range []string{"cache", "snapshots/.building-*"} {
		if left, err := filepath.Glob(filepath.Join(w.Dir, pattern)); err != nil || len(left) > 0 {
			t.Errorf("%v is left: %v", left, err)
		}
	}
}

// A build that was interrupted anywhere goes on after what it had done, and ends with the bytes of one that was not.
func TestAnInterruptedBuildGoesOn(t *testing.T) {
	v := makeVillage()
	whole, _ := mustRun(t, v.options(t, 5))
	want := readManifest(t, whole)
	for _, c := range []struct {
		at    string
		notes []string
		first string // stage of the second build
	}{
		{stageRead("streets.csv"), nil, stageRead("addresses.csv")},
		{stagePlace, []string{"goes on after: read"}, stageCut},
		{stageParts, []string{"goes on after: place"}, stageWritePlaces}, // which is not broken off
		{stageEstimate, []string{"goes on after: place", "goes on after: write segments, "}, stageWritePlaces},
		{stageMeasure + " 2026_muni_t1", []string{"goes on after: place", "goes on after: write segments, "}, stageWritePlaces},
		{stageSettle, []string{"goes on after: place", "goes on after: write segments, ", "goes on after: estimate"}, stageWritePlaces},
		{stageCheck, []string{"goes on after: place", "goes on after: write segments, ", "goes on after: estimate"}, stageWritePlaces},
	} {
		o := v.options(t, 5)
		interrupted(t, o, c.at)
		s, notes, stages := again(t, o)
		if got := readManifest(t, s); got != want {
			t.Errorf("interrupted at %q: another snapshot:\n%s\nwant\n%s", c.at, got, want)
		}
		if !slices.EqualFunc(notes, c.notes, strings.HasPrefix) || stages[0] != c.first {
			t.Errorf("interrupted at %q: says %q and begins with %q, want %q and %q", c.at, notes, stages[0], c.notes, c.first)
		}
		mustBeTidy(t, o.Workspace)
	}
}

func TestTablesThatAreWrittenStay(t *testing.T) {
	o := makeVillage().options(t, 5)
	interrupted(t, o, stageCheck)
	building, err := filepath.Glob(filepath.Join(o.Workspace.Dir, "snapshots", ".building-*"))
	if err != nil || len(building) != 1 {
		t.Fatal(building, err)
	}
	old := time.Unix(1e9, 0)
	for _, table := range engine.Tables() {
		if err := os.Chtimes(filepath.Join(building[0], table.File()), old, old); err != nil {
			t.Fatal(err)
		}
	}
	damaged := filepath.Join(building[0], engine.Tables()[2].File())
	if err := os.WriteFile(damaged, []byte("half of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, _ := again(t, o)
	for i, table := range engine.Tables() {
		info, err := os.Stat(s.Path(table))
		if err != nil || info.ModTime().Equal(old) != (i < 2) {
			t.Errorf("%s is of %v: %v", table.Name, info.ModTime(), err)
		}
	}
}

func TestWhatIsKeptIsNotUsed(t *testing.T) {
	keptFiles := func(t *testing.T, o Options) []string {
		files, err := filepath.Glob(filepath.Join(o.Workspace.Dir, "cache", "build-*", "*.frozen"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		return files
	}
	for _, c := range []struct {
		name   string
		change func(t *testing.T, o *Options)
		note   string
	}{
		{"another file", func(t *testing.T, o *Options) {
			if err := os.WriteFile(o.Inputs[2].Path, []byte("areas of another year"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, ""},
		{"the same bytes at another time", func(t *testing.T, o *Options) {
			if err := os.Chtimes(o.Inputs[0].Path, time.Unix(1e9, 0), time.Unix(1e9, 0)); err != nil {
				t.Fatal(err)
			}
		}, ""},
		{"another parameter", func(_ *testing.T, o *Options) { o.Parameters.VotersPerHome = 1.6 }, ""},
		{"another licence", func(_ *testing.T, o *Options) { o.Inputs[0].Licence = "ODbL-1.0" }, ""},
		{"another name", func(_ *testing.T, o *Options) {
			place := *o.Place
			place.Name, o.Place = "Hamlet", &place
		}, ""},
		{"from scratch", func(_ *testing.T, o *Options) { o.FromScratch = true }, ""},
		{"damaged", func(t *testing.T, o *Options) {
			for _, file := range keptFiles(t, *o) {
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				content[len(content)-1] ^= 1
				if err := os.WriteFile(file, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}, "is damaged"},
		{"cut short", func(t *testing.T, o *Options) {
			for _, file := range keptFiles(t, *o) {
				info, err := os.Stat(file)
				if err == nil {
					err = os.Truncate(file, info.Size()-100)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}, "is damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := makeVillage().options(t, 5)
			interrupted(t, o, stageSettle)
			c.change(t, &o)
			_, notes, stages := again(t, o)
			if stages[0] != stageRead("addresses.csv") || !slices.Contains(stages, stageEstimate) {
				t.Errorf("the build goes through %q", stages)
			}
			if (c.note == "") != (len(notes) == 0) || c.note != "" && !strings.Contains(notes[0], c.note) {
				t.Errorf("says %q", notes)
			}
			mustBeTidy(t, o.Workspace)
		})
	}
}

// A file that is read beside another is no input of its own.
func TestAFileBesideIsWatched(t *testing.T) {
	beside := filepath.Join(t.TempDir(), "areas.dbf")
	if err := os.WriteFile(beside, []byte("names"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := sources{opened: []stamp{stampOf(beside)}}
	if !s.unchanged() {
		t.Error("a file that is as it was has changed")
	}
	if err := os.WriteFile(beside, []byte("other names"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s.unchanged() {
		t.Error("a file that has changed is as it was")
	}
}

// Where nothing can be kept, and where nothing is worth it, a build leaves nothing and goes through.
func TestABuildThatCannotKeep(t *testing.T) {
	o := makeVillage().options(t, 5)
	if err := os.MkdirAll(o.Workspace.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.Workspace.Dir, "cache"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o.KeepAfter = 1
	_, notes, _ := again(t, o)
	if len(notes) != 1 || !strings.Contains(notes[0], "cannot be kept") {
		t.Errorf("says %q", notes)
	}
}

func TestASmallBuildKeepsNothing(t *testing.T) {
	o := makeVillage().options(t, 5)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	o.KeepAfter = time.Hour
	o.Progress = func(name string, _, _ int64) {
		if name == stageCheck {
			stop()
		}
	}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	mustBeTidy(t, o.Workspace)
}

// What is kept is for its owner, as the numbers in it are not published.
func TestWhatIsKeptIsForItsOwner(t *testing.T) {
	o := makeVillage().options(t, 5)
	interrupted(t, o, stageCheck)
	dirs, err := filepath.Glob(filepath.Join(o.Workspace.Dir, "cache", "build-*"))
	if err != nil || len(dirs) != 1 {
		t.Fatal(dirs, err)
	}
	if info, err := os.Stat(dirs[0]); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v: %v", info.Mode(), err)
	}
	files, err := os.ReadDir(dirs[0])
	if err != nil || len(files) != 3 { // place, a contest, the tables
		t.Errorf("%d files are kept: %v", len(files), err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v: %v", f.Name(), info.Mode(), err)
		}
	}
}
