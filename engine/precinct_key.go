package engine

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// PrecinctKey names a precinct inside a division: the country (fr, us; "" is taken for fr), the commune (INSEE code; in Paris, Lyon and Marseille the arrondissement's)
// and the station, zeros stripped and an upper-case letter kept: 1, 19, 136A.
type PrecinctKey struct {
	Country string
	Commune string
	Station string
}

// String gives 75119_5.
func (k PrecinctKey) String() string { return k.Commune + "_" + k.Station }

// ID is the precinct's stable identity in a division.
func (k PrecinctKey) ID(division string) int64 {
	if k.Country != "" && k.Country != "fr" {
		return StableID("precinct", k.Country, division, k.Commune, k.Station)
	}
	return StableID("precinct", division, k.Commune, k.Station)
}

var stationGrammar = regexp.MustCompile(`^0*([0-9]+)([A-Za-z]?)(?:\.0)?$`)

// ParseStation brings a station's number to its canonical form: 0001A and 1a are 1A, 5.0 is 5.
func ParseStation(text string) (string, error) {
	m := stationGrammar.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return "", fmt.Errorf("engine: %q is not a station number: expected digits and at most one letter, as 5, 0005 or 136A", text)
	}
	return m[1] + strings.ToUpper(m[2]), nil
}

// cities lists the communes whose stations are numbered by arrondissement or sector: two digits for it, two for the station.
var cities = map[string]struct {
	base, last int // arrondissement n is commune base+n
}{
	"75056": {75100, 20},
	"69123": {69380, 9},
	"13055": {13200, 16},
}

// ParsePrecinctKey reads a commune and a station as published. Stations of Paris, Lyon and Marseille written for the whole
// city (75056, 1905) become those of the arrondissement (75119, 5).
func ParsePrecinctKey(commune, station string) (PrecinctKey, error) {
	commune = strings.ToUpper(strings.TrimSpace(commune))
	if len(commune) == 4 {
		commune = "0" + commune // a spreadsheet took the zero
	}
	if len(commune) != 5 {
		return PrecinctKey{}, fmt.Errorf("engine: %q is not a commune code: expected five characters, as 75056 or 2A004", commune)
	}
	s, err := ParseStation(station)
	if err != nil {
		return PrecinctKey{}, err
	}
	city, ok := cities[commune]
	if !ok {
		return PrecinctKey{Commune: commune, Station: s}, nil
	}
	letter := ""
	digits := s
	if last := s[len(s)-1]; last >= 'A' && last <= 'Z' {
		letter, digits = s[len(s)-1:], s[:len(s)-1]
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 101 || n/100 > city.last || n%100 == 0 {
		return PrecinctKey{}, fmt.Errorf("engine: %q is not a station of %s: expected two digits for the arrondissement and two for the station, as 1905", station, commune)
	}
	return PrecinctKey{Commune: strconv.Itoa(city.base + n/100), Station: strconv.Itoa(n%100) + letter}, nil
}
