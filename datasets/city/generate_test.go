package city

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/arpent/arpent/engine"
)

// contents are the bytes of every file below a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSameSeedSameBytes(t *testing.T) {
	first, _ := generated(t, Town, 1)
	again := t.TempDir()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if _, err := Generate(context.Background(), Params{Seed: 1, Size: Town, Dir: again}); err != nil {
		t.Fatal(err)
	}
	a, b := contents(t, first), contents(t, again)
	for name, want := range a {
		if b[name] != want {
			t.Errorf("%s differs when made again on one processor", name)
		}
	}
	other, _ := generated(t, Town, 2)
	c := contents(t, other)
	if len(a) != 12 || len(b) != len(a) || len(c) != len(a) {
		t.Errorf("%d, %d and %d files, want 12", len(a), len(b), len(c))
	}
	for name, content := range a {
		if c[name] == content {
			t.Errorf("%s is the same for another seed", name)
		}
	}
}

func TestPlaceFile(t *testing.T) {
	dir, _ := generated(t, Village, 7)
	p, err := engine.ReadPlace(filepath.Join(dir, "place.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != "village-7" || p.Name == "" || p.Name == p.ID {
		t.Errorf("place %q, name %q", p.ID, p.Name)
	}
	var datasets []string
	for _, s := range p.Sources {
		datasets = append(datasets, s.Dataset)
		if _, err := os.Stat(p.Locate(s, "")); err != nil {
			t.Error(err)
		}
		if s.Dataset == "results" && (s.Contest == "" || s.Division != "2026" || s.Date == "") {
			t.Errorf("results without contest, division or date: %+v", s)
		}
	}
	if got := strings.Join(datasets, " "); got != "ban paris-voie contours table results results reu-addresses iris census-csp filosofi-iris grid-200m grid-200m-figures" {
		t.Errorf("sources %s", got)
	}
}

func TestSizes(t *testing.T) {
	for _, test := range []struct {
		size                Size
		communes            int
		precincts, segments int // about
	}{
		{Village, 1, 3, 80},
		{Town, 5, 20, 650},
		{City, 10, 110, 3500},
	} {
		_, s := generated(t, test.size, 1)
		if s.Communes != test.communes || !near(s.Precincts, test.precincts, 0.03) || !near(s.Segments, test.segments, 0.15) {
			t.Errorf("%s: %v, want %d communes, about %d precincts and %d segments", test.size, s, test.communes, test.precincts, test.segments)
		}
	}
}

func near(got, want int, part float64) bool {
	return float64(got) >= float64(want)*(1-part) && float64(got) <= float64(want)*(1+part)
}

var country = sync.OnceValue(func() *plan { return newPlan(1, Country) })

func TestPlanOfACountry(t *testing.T) {
	p := country()
	voters, precincts := 0, 0
	for i := range p.communes {
		voters += p.communes[i].registered
		precincts += precinctsFor(p.communes[i].registered)
	}
	if !near(voters, 48_000_000, 0.01) || !near(precincts, 69_000, 0.02) {
		t.Errorf("%d voters in %d precincts, want about 48,000,000 in 69,000", voters, precincts)
	}
	codes, names := map[string]bool{}, map[string]bool{}
	for i := range p.communes {
		if names[p.communes[i].name] {
			t.Fatalf("two communes are called %s", p.communes[i].name)
		}
		names[p.communes[i].name] = true
		code := communeCode(i)
		if _, err := strconv.Atoi(code); err != nil || len(code) != 5 || codes[code] {
			t.Fatalf("commune %d has the code %s", i, code)
		}
		codes[code] = true
	}
	// Communes can be made without the rest. These stand for all: there are 26 million addresses for 48 million voters.
	people, addresses := 0, 0
	for i := 50; i < len(p.communes); i += 1200 {
		c, err := makeCommune(context.Background(), p, i)
		if err != nil {
			t.Fatal(err)
		}
		addresses += len(c.addresses)
		for k := range c.addresses {
			people += c.addresses[k].registered
		}
	}
	if got := float64(addresses) / float64(people); got < 26.0/48*0.9 || got > 26.0/48*1.1 {
		t.Errorf("%d addresses for %d voters, want 26 for 48", addresses, people)
	}
}

// In commune 863 of the country of seed 1 a street would have had no length: two junctions are one point.
func TestNoStreetIsWithoutLength(t *testing.T) {
	draws := stream(1, 863, drawStreets)
	ground := newTerrain(country(), 863, draws)
	for _, s := range layOut(ground, draws, stream(1, 863, drawNames)) {
		if len(s.segments) == 0 {
			t.Errorf("%v has no segment", s.name)
		}
	}
}

func TestParseSize(t *testing.T) {
	for _, size := range Sizes() {
		if got, err := ParseSize(string(size)); got != size || err != nil {
			t.Errorf("ParseSize(%q) = %q, %v", size, got, err)
		}
	}
	for _, text := range []string{"", "Town", "paris"} {
		_, err := ParseSize(text)
		if !errors.Is(err, ErrSize) || !strings.Contains(err.Error(), "village, town, city, metropolis, country") {
			t.Errorf("ParseSize(%q): %v, want an error that lists the sizes", text, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	notAFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notAFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		params Params
		want   string
	}{
		{"a file where the folder should be", Params{Size: Village, Dir: notAFolder}, "choose a folder that you may write to"},
		{"no folder", Params{Size: Village}, "no folder to write to"},
		{"no size", Params{Dir: t.TempDir()}, "choose one of village"},
	} {
		if _, err := Generate(context.Background(), test.params); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func TestWriteErrorIsNamed(t *testing.T) {
	out := &outputs{dir: t.TempDir()}
	f, err := out.create("streets.csv")
	if err != nil {
		t.Fatal(err)
	}
	_ = f.file.Close() // as good as a full disk
	f.write(make([]byte, 1<<20))
	if err := out.failed(); err == nil || !strings.Contains(err.Error(), "streets.csv") || !strings.Contains(err.Error(), "make room") {
		t.Errorf("failed() = %v, want the file and what to do", err)
	}
	if err := out.commit(); err == nil {
		t.Error("a file that could not be written was given its name")
	}
	if left := contents(t, out.dir); len(left) != 0 {
		t.Errorf("left behind: %d files", len(left))
	}
}

func TestCancelLeavesWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	if _, err := Generate(context.Background(), Params{Seed: 1, Size: Village, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Generate(ctx, Params{Seed: 2, Size: Town, Dir: dir, Progress: func(_, _ int64) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
	after := contents(t, dir)
	if len(after) != len(before) {
		t.Errorf("%d files, %d before", len(after), len(before))
	}
	for name, content := range before {
		if after[name] != content {
			t.Errorf("%s was changed", name)
		}
	}
}

func TestProgress(t *testing.T) {
	last, calls := int64(0), 0
	_, err := Generate(context.Background(), Params{Size: Town, Dir: t.TempDir(), Progress: func(done, total int64) {
		if done <= last || done > total {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
		if calls++; calls == shapes[Town].communes && done != total {
			t.Errorf("ends at %d of %d", done, total)
		}
	}})
	if err != nil || calls != shapes[Town].communes {
		t.Errorf("%d calls, %v", calls, err)
	}
}
