package datasets

import (
	"bytes"
	"strings"
)

// One rule says what a walkable street is, whoever publishes it: a public way that people live along and that a canvasser can walk
// from door to door. Roads for cars and streets for people are; motorways, and what is not built or not used, are not. Nor are
// ways that only lead somewhere - footpaths, tracks, stairs, driveways, parking aisles, alleys of service: doors along them are
// placed on the street by which they are reached. Each publisher has its own words for this; the words that are streets follow.

const reasonNotWalkable = "not a walkable street"

// walkableHighways are the values of OpenStreetMap's key highway.
var walkableHighways = map[string]bool{
	"trunk": true, "primary": true, "secondary": true, "tertiary": true, "unclassified": true, "residential": true,
	"living_street": true, "pedestrian": true, "road": true,
	"trunk_link": true, "primary_link": true, "secondary_link": true, "tertiary_link": true,
}

// walkableHighway tells whether a way of OpenStreetMap is a street. tag gives the value of a key, empty without one. Areas
// (squares drawn as such) and corridors are none.
func walkableHighway(tag func(key string) string) bool {
	return walkableHighways[tag("highway")] && tag("area") != "yes" && tag("indoor") != "yes"
}

// walkableMTFCC tells it of the feature class codes of the U.S. Census Bureau: S1100 primary roads (those that are motorways cannot
// be told apart, and few live along them: left out), S1200 secondary, S1400 local, S1640 service drives along a highway, S1740
// private roads, which are how many estates are reached. Ramps (S1630), trails, stairs, alleys and parking lots are none.
func walkableMTFCC(class []byte) bool {
	switch strings.ToUpper(string(class)) {
	case "S1200", "S1400", "S1640", "S1740":
		return true
	}
	return false
}

// walkableNature tells it of the nature of a troncon_de_route of BD TOPO.
func walkableNature(nature []byte) bool {
	for _, street := range [][]byte{
		[]byte("Route à 1 chaussée"), []byte("Route à 2 chaussées"), []byte("Rond-point"), []byte("Route empierrée"), []byte("Bretelle"),
	} {
		if bytes.EqualFold(bytes.TrimSpace(nature), street) {
			return true
		}
	}
	return false
}
