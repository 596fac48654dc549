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

// ParseStation brings a station's number to its canonical form: 0001A and 1a are 1A, 5.0 is 5.
func ParseStation(text string) (string, error) {
	station := strings.TrimSuffix(strings.TrimSpace(text), ".0")
	digits := 0
	for digits < len(station) && station[digits] >= '0' && station[digits] <= '9' {
		digits++
	}
	letter := strings.ToUpper(station[digits:])
	if digits == 0 || len(letter) > 1 || letter != "" && (letter[0] < 'A' || letter[0] > 'Z') {
		return "", fmt.Errorf("engine: %q is not a station number: expected digits and at most one letter, as 5, 0005 or 136A", text)
	}
	first := 0
	for first < digits-1 && station[first] == '0' {
		first++
	}
	return station[first:digits] + letter, nil
}

// overseas are the codes of the Ministry for departments overseas, in files before 2024: what stands before the three digits of the
// commune is always 97 or 98, and the commune's first digit is the department's last.
var overseas = map[string]string{
	"ZA": "97", "ZB": "97", "ZC": "97", "ZD": "97", "ZM": "97", "ZS": "97", "ZX": "97", // 971 to 978
	"ZN": "98", "ZP": "98", "ZW": "98", // 988, 987, 986
	"971": "97", "972": "97", "973": "97", "974": "97", "975": "97", "976": "97", "977": "97", "978": "97",
	"986": "98", "987": "98", "988": "98",
}

// ParseCommune makes the INSEE code of a commune of the department and the commune as the Ministry writes them: 1 and 4 are 01004,
// ZA and 101 are 97101, 2A and 4 are 2A004; a commune of five characters is one already. ZZ, the French abroad, keeps its letters:
// it has no territory.
func ParseCommune(department, commune string) (string, error) {
	department = strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(department)), ".0")
	commune = strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(commune)), ".0")
	full := commune
	switch {
	case len(commune) == 5:
	case len(commune) == 4 && (strings.HasPrefix("0"+commune, department) || len(department) == 1 && strings.HasPrefix(commune, department)):
		full = "0" + commune // a spreadsheet took the zero
	case len(commune) >= 1 && len(commune) <= 3:
		if len(department) == 1 {
			department = "0" + department
		}
		if before, ok := overseas[department]; ok {
			department = before
		}
		full = department + strings.Repeat("0", 3-len(commune)) + commune
	}
	if !communeGrammar.MatchString(full) {
		return "", fmt.Errorf("engine: department %q and commune %q are no commune: expected a code as 75 and 056, or 75056", department, commune)
	}
	return full, nil
}

var communeGrammar = regexp.MustCompile(`^(?:[0-9]{5}|2[AB][0-9]{3}|ZZ[0-9]{3})$`)

// ParsePrecinctID reads a precinct that is written in one: 75056_1905 and 01001_1 (results, register, areas), ZA101_0001 (overseas
// before 2024), 19-5 (Paris) and 750190005 (Paris in 2012).
func ParsePrecinctID(id string) (PrecinctKey, error) {
	id = strings.TrimSpace(id)
	if commune, station, ok := strings.Cut(id, "_"); ok {
		if len(commune) == 5 && (commune[0] == 'Z' || commune[0] == 'z') {
			full, err := ParseCommune(commune[:2], commune[2:])
			if err != nil {
				return PrecinctKey{}, err
			}
			commune = full
		}
		return ParsePrecinctKey(commune, station)
	}
	if arrondissement, station, ok := strings.Cut(id, "-"); ok {
		n, err := strconv.Atoi(strings.TrimSuffix(arrondissement, ".0"))
		if err != nil || n < 1 || n > cities["75056"].last {
			return PrecinctKey{}, fmt.Errorf("engine: %.40q is not a station of Paris: expected arrondissement and number, as 19-5", id)
		}
		s, err := ParseStation(station)
		return PrecinctKey{Commune: strconv.Itoa(cities["75056"].base + n), Station: s}, err
	}
	if m := parisDigits.FindStringSubmatch(id); m != nil {
		s, err := ParseStation(m[2])
		return PrecinctKey{Commune: "751" + m[1], Station: s}, err
	}
	return PrecinctKey{}, fmt.Errorf("engine: %.40q is not a precinct: expected 75056_1905, 01001_1 or 19-5", id)
}

// parisDigits is the arrondissement's postcode before the station: 750190005.
var parisDigits = regexp.MustCompile(`^750(0[1-9]|1[0-9]|20)([0-9]{4}[A-Za-z]?)$`)

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
