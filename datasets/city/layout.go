package city

import "math/rand/v2"

// layOut draws the streets of a commune.
func layOut(t *terrain, r, names *rand.Rand) []street {
	bones := arterials(t, r)
	field := newOrientation(t, r)
	for i := range bones {
		switch bones[i].rank {
		case rankQuay:
			field.align(bones[i].points, 130, 0.45)
		case rankBridge, rankSquare, rankParkPath:
		default:
			field.align(bones[i].points, 100, 0.3)
		}
	}
	return join(t, traceStreets(t, field, r, bones)).nameStreets(t, names)
}
