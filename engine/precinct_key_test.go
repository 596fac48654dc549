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

// Every spelling of the reference for one precinct leads to one key.
func TestParsePrecinctID(t *testing.T) {
	for id, want := range map[string]string{
		"75056_1905": "75119_5", "19-5": "75119_5", "750190005": "75119_5", "75119_5": "75119_5", "75119_0005": "75119_5", "19-05": "75119_5",
		"01001_0001": "01001_1", "01001_1": "01001_1", "1001_1": "01001_1", "01001_0136A": "01001_136A",
		"ZA101_0001": "97101_1", "97101_0001": "97101_1", "ZD411_0012": "97411_12", "ZN818_1": "98818_1", "ZX701_1": "97701_1",
		"2A004_0012": "2A004_12", "69123_0312": "69383_12", "13055_0101": "13201_1",
	} {
		if k, err := ParsePrecinctID(id); err != nil || k.String() != want {
			t.Errorf("%s is %s, %v, want %s", id, k, err, want)
		}
	}
	for _, id := range []string{"", "5", "21-5", "0-5", "19-", "75056", "750210005", "75056_5", "_1", "75056_", "ZQ101_1"} {
		if k, err := ParsePrecinctID(id); err == nil {
			t.Errorf("%q is %s", id, k)
		}
	}
}

func TestParseCommune(t *testing.T) {
	for _, c := range []struct{ department, commune, want string }{
		{"75", "056", "75056"}, {"75", "75056", "75056"}, {"75", "56", "75056"}, {"1", "4", "01004"}, {"01", "004", "01004"}, {"1", "1004", "01004"}, {"01", "1004", "01004"}, {"", "1004", "01004"},
		{"1.0", "4.0", "01004"}, {"2A", "004", "2A004"}, {"2a", "4", "2A004"}, {"2B", "2B033", "2B033"},
		{"ZA", "101", "97101"}, {"ZB", "209", "97209"}, {"ZC", "302", "97302"}, {"ZD", "411", "97411"}, {"ZM", "608", "97608"}, {"ZS", "502", "97502"},
		{"ZN", "818", "98818"}, {"ZP", "735", "98735"}, {"ZW", "611", "98611"}, {"ZX", "701", "97701"}, {"ZX", "801", "97801"},
		{"971", "101", "97101"}, {"974", "97411", "97411"}, {"ZZ", "1", "ZZ001"},
		{"", "056", ""}, {"75", "", ""}, {"XX", "056", ""}, {"75", "123456", ""}, {"75", "0a6", ""}, {"75", "1004", ""},
	} {
		got, err := ParseCommune(c.department, c.commune)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s %s is %s, %v, want %s", c.department, c.commune, got, err, c.want)
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
