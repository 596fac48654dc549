package cql2

import (
	"fmt"

	"github.com/paulmach/orb"
)

// What holds for geometries in both encodings is said here; each function returns the problem, "" for none.

func pointFault(at orb.Point) string {
	if at.Lon() < -180 || at.Lon() > 180 || at.Lat() < -90 || at.Lat() > 90 {
		return fmt.Sprintf("%v %v is not on the Earth: a position is longitude (-180 to 180), then latitude (-90 to 90), in degrees", at.Lon(), at.Lat())
	}
	return ""
}

func lineFault(line orb.LineString) string {
	if len(line) < 2 {
		return "a line has two positions or more"
	}
	return ""
}

func ringFault(ring orb.Ring) string {
	if len(ring) < 4 || !ring.Closed() {
		return "a ring of a polygon has four positions or more, and ends where it begins: repeat the first position at its end"
	}
	return ""
}

// boundOf makes a box of its four numbers, or of six with heights.
func boundOf(numbers []float64) (box orb.Bound, problem string) {
	switch len(numbers) {
	case 4:
		box = orb.Bound{Min: orb.Point{numbers[0], numbers[1]}, Max: orb.Point{numbers[2], numbers[3]}}
	case 6:
		box = orb.Bound{Min: orb.Point{numbers[0], numbers[1]}, Max: orb.Point{numbers[3], numbers[4]}}
	default:
		return box, fmt.Sprintf("a box has four numbers, west, south, east and north, or six with heights, not %d", len(numbers))
	}
	for _, corner := range []orb.Point{box.Min, box.Max} {
		if problem := pointFault(corner); problem != "" {
			return box, problem
		}
	}
	if box.Left() > box.Right() {
		return box, "the west of a box is not east of its east: where it crosses the 180th meridian, join two boxes by OR, one on each side of it"
	}
	if box.Bottom() > box.Top() {
		return box, "the south of a box is not north of its north: its numbers are west, south, east, north"
	}
	return box, ""
}
