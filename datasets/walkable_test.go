package datasets

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestWalkableHighway(t *testing.T) {
	var streets []string
	for _, highway := range strings.Fields(`motorway motorway_link trunk trunk_link primary primary_link secondary secondary_link tertiary tertiary_link
		unclassified residential living_street pedestrian road service footway path steps track cycleway bridleway corridor elevator platform
		construction proposed raceway bus_guideway busway rest_area services`) {
		if walkableHighway(tagsOf("highway", highway)) {
			streets = append(streets, highway)
		}
	}
	want := slices.Sorted(maps.Keys(walkableHighways))
	if got := slices.Sorted(slices.Values(streets)); !slices.Equal(got, want) || len(want) != 13 {
		t.Errorf("streets %v, want %v", got, want)
	}
	for _, tags := range [][]string{{}, {"highway", ""}, {"highway", "residential", "area", "yes"}, {"indoor", "yes", "highway", "pedestrian"}, {"waterway", "residential"}} {
		if walkableHighway(tagsOf(tags...)) {
			t.Errorf("%v is a street", tags)
		}
	}
	if !walkableHighway(tagsOf("highway", "pedestrian", "area", "no", "access", "private")) {
		t.Error("a private street that is no area is none")
	}
}

func tagsOf(tags ...string) func(string) string {
	return func(key string) string {
		for i := 0; i+1 < len(tags); i += 2 {
			if tags[i] == key {
				return tags[i+1]
			}
		}
		return ""
	}
}
