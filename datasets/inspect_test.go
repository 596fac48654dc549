package datasets

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// inspect writes a file and inspects it.
func inspect(t *testing.T, name string, content []byte) (*Inspection, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return Inspect(context.Background(), path, engine.SourceSpec{Path: path}, nil)
}

// What cannot be data is refused in one sentence.
func TestInspectRefuses(t *testing.T) {
	for _, test := range []struct{ name, content, want string }{
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "neither a text nor of a container"},
		{"a program", "\x7fELF\x02\x01\x01\x00\x00\x00\x00", "neither a text nor of a container"},
		{"JSON of something else", `{"name":"web","type":"module"}`, `a GeoJSON "module"`},
		{"JSON lines of something else", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n", "a GeoJSON FeatureCollection is due"},
		{"a web page", "<!DOCTYPE html><title>404</title>", "is a web page"},
		{"nothing", "", "the file is empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := inspect(t, "file", []byte(test.content))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// A text in UTF-16 is full of zeros and a text all the same.
func TestInspectUTF16(t *testing.T) {
	var wide []byte
	for _, c := range banFile {
		wide = append(wide, byte(c), byte(c>>8))
	}
	for _, mark := range []string{"", "\xff\xfe"} {
		found, err := inspect(t, "ban.csv", append([]byte(mark), wide...))
		if err != nil || len(found.Matches) == 0 || found.Matches[0].Dataset != "ban" || !strings.HasSuffix(found.Container, "UTF-16LE") {
			t.Errorf("mark %q: %+v, %v", mark, found, err)
		}
	}
}

// Larger areas that a file can also be read for, in whatever it has: columns of precincts, of communes, or shapes.
func TestInspectFindsDistricts(t *testing.T) {
	for _, test := range []struct{ name, content, want string }{
		{"contours.geojson", collection(feature(`"codeCommune":"31555","numeroBureauVote":"0012","codeBureauVote":"31555_0012","codeCirconscription":"3104","nomCirconscription":"4e"`, square)),
			"set: constituency, division: YEAR, columns: {district: codecirconscription, name: nomcirconscription, commune: codecommune, precinct: numerobureauvote}}"},
		{"epci.csv", "insee,circo\n01004,0101\n", "set: constituency, columns: {district: circo, commune: insee}}"},
		{"senate.geojson", collection(feature(`"SLDUST":"D01","NAMELSAD":"First"`, square)), "set: state_senate, columns: {district: sldust, name: namelsad}}"},
		{"zones.geojson", collection(feature(`"zone":"D01"`, square)), "set: NAME, columns: {district: ..., name: ...}}"},
		{"points.geojson", collection(feature(`"ward":"1"`, `{"type":"Point","coordinates":[2,48]}`)), ""},
		{"numbers.csv", "ward,n\n1,2\n", ""},
	} {
		found, err := inspect(t, test.name, []byte(test.content))
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(found.Districts, "\n")
		if test.want == "" && got != "" || !strings.HasSuffix(got, test.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// A file with the columns of a dataset whose rows it rejects is told why, not only that it is unknown.
func TestInspectSaysWhatIsNearest(t *testing.T) {
	found, err := inspect(t, "ban.csv", []byte("id;numero;rep;nom_voie;code_insee;lon;lat\na;1;;Rue Basse;01001;Inf;46.1\nb;1;;Rue Basse;01001;1e308;46.1\n"))
	if err != nil || len(found.Matches) != 0 || !strings.Contains(found.Fault, "dataset ban") || !strings.Contains(found.Fault, "the coordinates are") {
		t.Errorf("%+v, %v", found, err)
	}
}

// FuzzInspect tries every dataset on whatever bytes.
func FuzzInspect(f *testing.F) {
	for _, seed := range []string{banFile, voieFile, ministryFile2014, eirelFile, openElectionsFile, osdiFile, `{"type":"Topology"}`, "{}\n{}\n", "PAR1", "a|b\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		found, err := inspect(t, "file", content)
		if err == nil && len(found.Matches) > 0 && found.Report.Rejected > found.Rows {
			t.Errorf("%d rows, %d rejected", found.Rows, found.Report.Rejected)
		}
	})
}
