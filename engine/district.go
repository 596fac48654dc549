package engine

import "regexp"

// Districts are areas larger than a precinct, in sets that the place file names: constituency, ward, a campaign's sectors. A district
// is a sum of whole precincts, so that its numbers are official; each precinct is in one district of a set at most. In the API a set is a
// collection of its own, and a property of segments, precincts and communes.

var setName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// TakenSetNames are what no set is called, for the API has a collection, or units a property, of that name.
func TakenSetNames() []string {
	return []string{
		"segments", "cells", "precincts", "communes", "segment", "cell", "precinct", "district", "area", "geometry",
		"id", "name", "commune", "code", "length_m", "state", "reason", "households", "n", "modelled_only",
		"value", "low", "low50", "high50", "high",
	}
}

// How a precinct came into its district.
const (
	InByTable   = "table"   // a table has the precinct
	InByCommune = "commune" // a table, or its code, has the commune of the precinct
	InByArea    = "area"    // most of its households live in the district's shape
)

// DistrictID is the stable identity of a district.
func DistrictID(set, code string) int64 { return StableID("district", set, code) }
