package engine

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func writePlace(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "place.yaml")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadPlace(t *testing.T) {
	p, err := ReadPlace(writePlace(t, `# a village
place: ambert
name: Ambert
sources:
  - {dataset: ban, path: "adresses 63.csv.gz"}
  - dataset: results
    path: results/2017.csv
    contest: 2017_pres_t1
    division: 01001   # a code, not an octal number
    date: 2017-04-23
`))
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != "ambert" || p.Name != "Ambert" || len(p.Sources) != 2 {
		t.Fatalf("%+v", p)
	}
	s := p.Sources[1]
	if s.Division != "01001" || s.Contest != "2017_pres_t1" || s.Date != "2017-04-23" || s.Line != 6 {
		t.Errorf("%+v", s)
	}
	if got, want := p.Locate(s, ""), filepath.Join(filepath.Dir(p.File), "results", "2017.csv"); got != want {
		t.Errorf("path %s, want %s", got, want)
	}
	if got, want := p.Locate(s, "/data"), filepath.FromSlash("/data/results/2017.csv"); got != want {
		t.Errorf("path %s, want %s", got, want)
	}
}

func TestPlaceFilesThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"unknown key":    {"place: x\nsources:\n  - {dataset: ban, path: a, colour: red}\n", "[3:"},
		"key twice":      {"place: x\nplace: y\nsources: [{dataset: ban, path: a}]\n", "[2:"},
		"no sources":     {"place: x\n", "lists no sources"},
		"no id":          {"sources: [{dataset: ban, path: a}]\n", "not a short name"},
		"bad id":         {"place: Le Puy\nsources: [{dataset: ban, path: a}]\n", "not a short name"},
		"no dataset":     {"place: x\nsources:\n  - {path: a}\n", "line 3 names no dataset"},
		"no path":        {"place: x\nsources:\n  - {dataset: ban}\n", "line 3 gives no path"},
		"contest id":     {"place: x\nsources:\n  - {dataset: results, path: a, contest: Tour 1}\n", "line 3"},
		"date":           {"place: x\nsources:\n  - {dataset: results, path: a, date: 23/04/2017}\n", "YYYY-MM-DD"},
		"no such day":    {"place: x\nsources:\n  - {dataset: results, path: a, date: 2017-13-45}\n", "line 3: date \"2017-13-45\" is not a day"},
		"status":         {"place: x\nsources:\n  - {dataset: results, path: a, status: official}\n", "line 3: status \"official\" is neither final nor provisional"},
		"what is known":  {"place: x\nsources:\n  - {dataset: ban, pth: a}\n", "a source has dataset, path, "},
		"not YAML, help": {"place: [\n", "`arpent build --help` shows a place file"},
		"not YAML":       {"place: [\n", "place.yaml"},
		"nothing at all": {" \n", "is empty"},
	} {
		_, err := ReadPlace(writePlace(t, c.content))
		if err == nil {
			t.Errorf("%s: not refused", name)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "place.yaml") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q should be one line that says %q", name, err, c.want)
		}
	}
	folder := t.TempDir()
	if _, err := ReadPlace(folder); err == nil || !strings.Contains(err.Error(), folder+" is a folder: give the path of a place file") {
		t.Errorf("folder: %v", err)
	}
	if _, err := ReadPlace(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "no place file") {
		t.Errorf("missing file: %v", err)
	}
}

// The keys that messages list are those that are read.
func TestKeysOfAPlaceFile(t *testing.T) {
	for listed, of := range map[string]reflect.Type{placeKeys: reflect.TypeFor[Place](), sourceKeys: reflect.TypeFor[SourceSpec]()} {
		var keys []string
		for i := range of.NumField() {
			if key, _, _ := strings.Cut(of.Field(i).Tag.Get("yaml"), ","); key != "-" {
				keys = append(keys, key)
			}
		}
		told := strings.Split(listed, ", ")
		slices.Sort(told)
		slices.Sort(keys)
		if !slices.Equal(told, keys) {
			t.Errorf("%s are listed, %s are read", told, keys)
		}
	}
}

func FuzzReadPlace(f *testing.F) {
	f.Add("place: x\nsources:\n  - {dataset: ban, path: a}\n")
	f.Add("place: &a [*a]\n")
	f.Fuzz(func(t *testing.T, content string) {
		path := filepath.Join(t.TempDir(), "place.yaml")
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if p, err := ReadPlace(path); err == nil && (p.ID == "" || len(p.Sources) == 0) {
			t.Errorf("accepted %q", content)
		}
	})
}
