package datasets

import (
	"strconv"
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

const (
	reasonStation  = "the station is not one: as 19-5 or 75056_1905"
	reasonDisagree = "the station's id is not that of its arrondissement and number"
)

// stationKey reads a station as Paris writes it (19-5, 1905 with the arrondissement beside) or as the Ministry does (75056_1905,
// 01001_0001): the commune in canonical form. Where the publisher gives arrondissement and number beside the id, they have to be
// the same station; without an id they make it.
func stationKey(id, arrondissement, number string) (key engine.PrecinctKey, reason string) {
	beside, hasBeside := parisStation(arrondissement, number)
	if id == "" {
		if !hasBeside {
			return key, "no station"
		}
		return beside, ""
	}
	key, err := engine.ParsePrecinctID(id)
	if err != nil && hasBeside && len(id) <= 5 { // 0211 of arrondissement 2, as the Ministry numbers Paris
		key, err = engine.ParsePrecinctKey(parisCommune, id)
	}
	if err != nil {
		return key, reasonStation
	}
	if hasBeside && strings.HasPrefix(key.Commune, "751") && key != beside {
		return key, reasonDisagree
	}
	return key, ""
}

// parisStation makes the key of a station of Paris. Both numbers may have gone through a spreadsheet: 05, 5, 5.0.
func parisStation(arrondissement, number string) (engine.PrecinctKey, bool) {
	n, given, err := format.Whole([]byte(arrondissement))
	if !given || err != nil || n < 1 || n > 20 {
		return engine.PrecinctKey{}, false
	}
	station, err := engine.ParseStation(number)
	if err != nil {
		return engine.PrecinctKey{}, false
	}
	// 0211 is station 11: no arrondissement has a hundred.
	if whole, err := engine.ParsePrecinctKey(parisCommune, station); err == nil && whole.Commune == strconv.FormatInt(75100+n, 10) {
		return whole, true
	}
	return engine.PrecinctKey{Commune: strconv.FormatInt(75100+n, 10), Station: station}, true
}

// arrondissement is the number of a commune of Paris: 75119 is 19.
func arrondissement(key engine.PrecinctKey) string {
	return strings.TrimLeft(strings.TrimPrefix(key.Commune, "751"), "0")
}

// parisStationCode is how Paris writes a station: 19-5.
func parisStationCode(key engine.PrecinctKey) string { return arrondissement(key) + "-" + key.Station }

// parisStationName is how people name a station of Paris.
func parisStationName(key engine.PrecinctKey) string {
	ordinal := "e"
	if key.Commune == "75101" {
		ordinal = "er"
	}
	return "Paris " + arrondissement(key) + ordinal + ", bureau " + key.Station
}
