package engine

import "testing"

// The spellings of one station in the files of France.
func TestParsePrecinctKey(t *testing.T) {
	for _, c := range []struct{ commune, station, want string }{
		{"75056", "1905", "75119_5"}, // Ministry, for the whole city
		{"75119", "5", "75119_5"},
		{"75119", "0005", "75119_5"},
		{"75056", "2001", "75120_1"},
		{"75056", "0101", "75101_1"},
		{"75056", "101", "75101_1"}, // lost its zero
		{"69123", "0312", "69383_12"},
		{"13055", "1614", "13216_14"},
		{"01001", "0001", "01001_1"},
		{"1001", "1", "01001_1"},
		{"01001", "0001A", "01001_1A"},
		{"01001", "1a", "01001_1A"},
		{"2A004", "12", "2A004_12"},
		{"2a004", "12.0", "2A004_12"},
		{"75056", "1905B", "75119_5B"},
		{"75056", "2101", ""}, // Paris has 20 arrondissements
		{"75056", "5", ""},    // of which arrondissement?
		{"75056", "1900", ""},
		{"75", "5", ""},
		{"75119", "", ""},
		{"75119", "5-2", ""},
		{"75119", "-5", ""},
	} {
		k, err := ParsePrecinctKey(c.commune, c.station)
		if c.want == "" {
			if err == nil {
				t.Errorf("%s %s: got %s, want an error", c.commune, c.station, k)
			}
			continue
		}
		if err != nil || k.String() != c.want {
			t.Errorf("%s %s: got %s, %v, want %s", c.commune, c.station, k, err, c.want)
		}
	}
}

func TestSamePrecinctInAnotherDivisionIsAnother(t *testing.T) {
	k := PrecinctKey{Commune: "75119", Station: "5"}
	if k.ID("2012") == k.ID("2017") {
		t.Error("a precinct of 2012 and one of 2017 have the same id")
	}
}

func FuzzParsePrecinctKey(f *testing.F) {
	f.Add("75056", "1905")
	f.Add("13055", "0001A")
	f.Fuzz(func(t *testing.T, commune, station string) {
		k, err := ParsePrecinctKey(commune, station)
		if err != nil {
			return
		}
		again, err := ParsePrecinctKey(k.Commune, k.Station)
		if err != nil || again != k {
			t.Errorf("%q %q: %s, parsed again %s, %v", commune, station, k, again, err)
		}
	})
}
