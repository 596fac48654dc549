package estimate

import "math"

// The doubt of parts' log odds that are told from intervals: where an interval is cut off or known exactly.
const (
	assumedDoubt   = 0.25
	narrowestDoubt = 0.10
	widestDoubt    = 0.80
)

// FieldDoubt reads the doubt of a part's log odds, own choice against other candidates, off the interval of its unit: range is of the own
// choice's share of so many registered voters, of a precinct of all, and other the other candidates' share. What is
// left of the interval without the chance of drawing voters is put down to the own choice's share of the votes.
func FieldDoubt(r Range, other, voters, all float64) float64 {
	if !(voters > 0 && r.Share > 0 && r.Share < 1 && r.High90 < 1) {
		return assumedDoubt
	}
	half := math.Asin(math.Sqrt(r.High90)) - math.Asin(math.Sqrt(r.Share))
	variance := square(2*half) * r.Share * (1 - r.Share) // of the share, times the squared quantile
	drawn := z90 * z90 * r.Share * (1 - r.Share) / voters * max(0, 1-voters/max(voters, all))
	unknown := math.Sqrt(max(0, variance-drawn)) / t90
	ofVotes := r.Share / (r.Share + max(0, other))
	move := r.Share * (1 - ofVotes) // of the share, by a unit of log odds
	if move <= 0 {
		return assumedDoubt
	}
	return min(widestDoubt, max(narrowestDoubt, unknown/move))
}
