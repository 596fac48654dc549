package estimate

// Bounds returns the fewest and the most votes that n registered voters can
// have cast for a choice that got votes among registered voters of their
// precinct: max(0, V-(R-n)) to min(n, V), the method of bounds (Duncan and
// Davis 1953, An Alternative to Ecological Correlation). All are counts, with
// 0 <= n <= registered and 0 <= votes <= registered.
func Bounds(n, votes, registered int64) (low, high int64) {
	return max(0, votes-(registered-n)), min(n, votes)
}
