package datasets

import (
	"errors"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/arpent/arpent/engine"
)

// licences are the SPDX names in use; public-domain for works of the government of the United States, and see-publisher for files
// that many publish, each under a licence of its own.
var licences = []string{"etalab-2.0", "ODbL-1.0", "MIT", "public-domain", "see-publisher"}

func TestAll(t *testing.T) {
	shortName := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, d := range All() {
		if !shortName.MatchString(d.Name) || seen[d.Name] {
			t.Errorf("%q is not a short name of its own", d.Name)
		}
		seen[d.Name] = true
		if !slices.Contains(engine.Kinds(), d.Kind) && d.Name != table.Name {
			t.Errorf("%s: the kind %q is not one", d.Name, d.Kind)
		}
		for what, text := range map[string]string{"title": d.Title, "publisher": d.Publisher, "attribution": d.Attribution} {
			if text == "" {
				t.Errorf("%s has no %s", d.Name, what)
			}
		}
		if !slices.Contains(licences, d.Licence) {
			t.Errorf("%s: the licence %q is not one that is known here", d.Name, d.Licence)
		}
		if !strings.HasPrefix(d.Address, "https://") {
			t.Errorf("%s: the address %q is not one", d.Name, d.Address)
		}
		if d.decode == nil {
			t.Errorf("%s cannot be decoded", d.Name)
		}
	}
}

// Every dataset refuses what is no file of its own, in one sentence that names the file.
func TestEveryDatasetRefuses(t *testing.T) {
	for _, d := range All() {
		spec := engine.SourceSpec{}
		if d.Name == table.Name {
			spec = engine.SourceSpec{Kind: engine.KindStreets, Columns: map[string]string{"street": "name"}}
		}
		for what, content := range map[string]string{
			"nothing": "", "blank lines": "\n\n", "a table of something else": "a;b\n1;2\n", "features of something else": collection(feature(`"a":1`, square)),
			"a page that says no": "<!DOCTYPE html>\n<html><body>404</body></html>\n", "an archive": "PK\x03\x04\x00\x00", "bytes": "\x00\x01\x02\x03\xff\xfe\xfd",
		} {
			got := decode(t, d.Name, content, spec)
			if got.err == nil {
				t.Errorf("%s takes %s", d.Name, what)
			} else if text := got.err.Error(); !strings.HasPrefix(text, "published") || strings.Contains(text, "\n") {
				t.Errorf("%s, %s: %q does not begin with the file or is more than a line", d.Name, what, text)
			}
			if len(got.rows) > 0 {
				t.Errorf("%s makes rows of %s: %q", d.Name, what, got.rows)
			}
		}
	}
}

func TestByName(t *testing.T) {
	var list []string
	for _, d := range All() {
		list = append(list, d.Name)
	}
	names := " (the datasets are " + strings.Join(list, ", ") + ")"
	tests := []struct{ name, want string }{
		{"bna", `there is no dataset "bna", did you mean ban?` + names},
		{"Paris_Voie", `there is no dataset "Paris_Voie", did you mean paris-voie?` + names},
		{"resultats", `there is no dataset "resultats", did you mean results?` + names},
		{"paris-secteur", `there is no dataset "paris-secteur", did you mean paris-secteurs?` + names},
		{"mysociety", `there is no dataset "mysociety"` + names},
		{"", `there is no dataset ""` + names},
		{strings.Repeat("ban", 50), `there is no dataset "` + strings.Repeat("ban", 50) + `"` + names},
	}
	for _, test := range tests {
		if _, err := ByName(test.name); err == nil || err.Error() != test.want {
			t.Errorf("%q: %v, want %s", test.name, err, test.want)
		}
	}
	for _, d := range All() {
		if got, err := ByName(d.Name); err != nil || got.Name != d.Name {
			t.Errorf("%s: %v, %v", d.Name, got.Name, err)
		}
	}
}

func TestOpenMissing(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "adresses-75.csv.gz")
	_, err := ban.Open(absent, engine.SourceSpec{})
	if want := "there is no file " + absent + ": check path: in the place file, or the folder given with --data"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
	folder := t.TempDir()
	_, err = ban.Open(folder, engine.SourceSpec{})
	if want := folder + " is a folder: path: has to give the file of dataset ban"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// A name that YAML would read as something else stands in quotes.
func TestPlaceText(t *testing.T) {
	for text, want := range map[string]string{
		"adresses.csv.gz": "adresses.csv.gz", "../votes/candidats_results.parquet": "../votes/candidats_results.parquet", "/srv/Évry.csv": "/srv/Évry.csv",
		"31.osm.pbf": `"31.osm.pbf"`, "a b.csv": `"a b.csv"`, "a, b": `"a, b"`, "a: b": `"a: b"`, `q"q`: `"q\"q"`, "it's": `"it's"`, "0x10": `"0x10"`, "null": `"null"`,
		"~": `"~"`, ".inf": `".inf"`, "*x": `"*x"`, "a\nb": `"a\nb"`, "": `""`,
	} {
		if got := PlaceText(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		var back struct{ Path string }
		if err := yaml.Unmarshal([]byte("{path: "+PlaceText(text)+", x: 1}"), &back); err != nil || back.Path != text {
			t.Errorf("%q is read back as %q (%v)", text, back.Path, err)
		}
	}
}
