package datasets

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"github.com/arpent/arpent/engine"
)

// publishedFile finds a real published file, or skips the test. They are not part of the project.
func publishedFile(t testing.TB, path ...string) string {
	t.Helper()
	for _, folder := range dataFolders(t) {
		file := filepath.Join(append([]string{folder}, path...)...)
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	t.Skipf("the published file %s is not here: set ARPENT_DATA to the folder that has it, or put that folder beside the checkout as shared/data", filepath.Join(path...))
	return ""
}

func dataFolders(t testing.TB) []string {
	t.Helper()
	if folder := os.Getenv("ARPENT_DATA"); folder != "" {
		return []string{folder}
	}
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for {
		folders = append(folders, filepath.Join(at, "shared", "data"))
		up := filepath.Dir(at)
		if up == at {
			return folders
		}
		at = up
	}
}

// readPublished decodes a real file, none of whose rows may be rejected.
func readPublished(t *testing.T, dataset string, path ...string) decoded {
	t.Helper()
	got := decodeFile(t, dataset, publishedFile(t, path...), engine.SourceSpec{})
	if got.err != nil {
		t.Fatal(got.err)
	}
	wantCounts(t, "rejected", got.report.Reasons)
	return got
}

// values gives a column of the rows.
func (d decoded) values(column int) []string {
	var values []string
	for _, row := range d.rows {
		values = append(values, strings.Split(row, "|")[column])
	}
	return values
}

func distinct(values []string) int {
	slices.Sort(values)
	return len(slices.Compact(values))
}

func wantNumber(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d", what, got, want)
	}
}

func TestPublishedBAN(t *testing.T) {
	got := readPublished(t, "ban", "paris", "adresses-75.csv.gz")
	wantNumber(t, "addresses", len(got.rows), 158_048)
	wantNumber(t, "ids", distinct(got.values(1)), 158_048)
	wantNumber(t, "suffixes and none", distinct(got.values(3)), 159)
	wantNumber(t, "communes", distinct(got.values(5)), 20)
	named := 0
	for i, street := range got.values(4) {
		number := strings.Join(strings.Split(got.rows[i], "|")[2:4], "")
		if strings.HasPrefix(strings.ToLower(street), number+" ") {
			named++
		}
	}
	wantNumber(t, "streets that still have their number", named, 0)
	wantNumber(t, "ignored columns", len(got.report.Ignored), 13)
}

func TestPublishedParisVoie(t *testing.T) {
	got := readPublished(t, "paris-voie", "paris", "voie.csv")
	wantNumber(t, "streets", len(got.rows), 6_564)
	wantNumber(t, "ids", distinct(got.values(1)), 6_564)
	single := 0
	for _, shape := range got.values(4) {
		if strings.HasPrefix(shape, "LINESTRING") {
			single++
		}
	}
	wantNumber(t, "of one line", single, 5_484)
	wantCounts(t, "repaired", got.report.Repaired, "750, 1739, 1740, 2050, 3013: the commune is not an INSEE code: taken as 75056")
}

func TestPublishedParisSecteurs(t *testing.T) {
	got := readPublished(t, "paris-secteurs", "paris", "secteurs-des-bureaux-de-vote_2017.geojson")
	wantNumber(t, "areas", len(got.rows), 896)
	wantNumber(t, "codes", distinct(got.values(3)), 896)
	wantNumber(t, "arrondissements", distinct(got.values(1)), 20)
	if want := "1|75119|5|19-5|Paris 19e, bureau 5|1267|POLYGON((2.377124723311967 48.880979291570846,"; !strings.HasPrefix(got.rows[0], want) {
		t.Errorf("the first is %.120s, want %s", got.rows[0], want)
	}
}

// The census areas come in Lambert-93 metres; in degrees they are in Paris, and the larger part of them are dwellings.
func TestPublishedIRIS(t *testing.T) {
	got := readPublished(t, "iris", "paris", "census", "ParisIris.geojson")
	wantNumber(t, "areas", len(got.rows), 992)
	wantNumber(t, "codes", distinct(got.values(1)), 992)
	types := map[string]int{}
	for _, kind := range got.values(4) {
		types[kind]++
	}
	if fmt.Sprint(types) != "map[A:88 D:43 H:861]" {
		t.Errorf("types %v", types)
	}
	paris := orb.Bound{Min: orb.Point{2.2238, 48.8155}, Max: orb.Point{2.4699, 48.9022}}
	for _, row := range got.rows {
		g, err := wkt.Unmarshal(strings.Split(row, "|")[5])
		if err != nil {
			t.Fatal(err)
		}
		if b := g.Bound(); !paris.Contains(b.Min) || !paris.Contains(b.Max) {
			t.Errorf("%.60s lies at %v, outside Paris", row, b)
		}
	}
}

func TestPublishedCensus(t *testing.T) {
	got := readPublished(t, "census-csp", "paris", "census", "RP_2011_CS8_Paris.csv")
	wantNumber(t, "figures", len(got.rows), 992*9)
	wantNumber(t, "areas", distinct(got.values(1)), 992)
	nobody := 0
	for _, row := range got.rows {
		if strings.HasSuffix(row, "|pop15p|0") {
			nobody++
		}
	}
	wantNumber(t, "areas without people", nobody, 47)

	got = readPublished(t, "filosofi-iris", "paris", "census", "BASE_TD_FILO_DISP_IRIS_2018_extract.csv")
	wantNumber(t, "figures", len(got.rows), 12_395*28)
	wantNumber(t, "areas", distinct(got.values(1)), 12_395)
	inParis, absent := 0, 0
	for _, row := range got.rows {
		if strings.Contains(row, "|75") && strings.Contains(row, "|disp_med|") {
			inParis++
		}
		if strings.HasSuffix(row, "∅") {
			absent++
		}
	}
	wantNumber(t, "areas in Paris", inParis, 870)
	wantNumber(t, "secret figures", absent, 4_224)
}

func TestPublishedResults(t *testing.T) {
	tests := []struct {
		file                    string
		rows, stations, choices int
		voters                  bool
	}{
		{"elections-legislatives-2025-1ertour", 918, 54, 17, true},
		{"elections-municipales-2008-1ertour", 7514, 850, 166, false},
		{"elections-municipales-2008-2emetour", 1408, 643, 36, false},
		{"elections-municipales-2014-1ertour", 7298, 869, 164, false},
		{"elections-municipales-2014-2emetour", 1536, 709, 35, false},
		{"elections-municipales-2020-1ertour", 9561, 897, 182, false},
		{"elections-municipales-2020-2emetour", 2674, 872, 49, false},
		{"elections-presidentielles-2012-1ertour", 8690, 869, 10, true},
		{"elections-presidentielles-2012-2emetour", 1738, 869, 2, true},
		{"elections-presidentielles-2017-1ertour", 9856, 896, 11, true},
		{"elections-presidentielles-2017-2emetour", 1792, 896, 2, true},
		{"elections-presidentielles-2022-2emetour", 1798, 899, 2, true},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			got := readPublished(t, "results", "paris", "results", test.file+".csv")
			wantNumber(t, "rows", len(got.rows), test.rows)
			wantNumber(t, "choices", distinct(got.values(12)), test.choices)
			wantNumber(t, "choice names", distinct(got.values(13)), test.choices)
			var stations []string
			for _, row := range got.rows {
				fields := strings.Split(row, "|")
				stations = append(stations, fields[1]+"_"+fields[2])
				if hasVoters := fields[8] != "∅"; hasVoters != test.voters {
					t.Fatalf("%s: voters given %v, want %v", row, hasVoters, test.voters)
				}
			}
			wantNumber(t, "stations", distinct(stations), test.stations)
		})
	}
}
