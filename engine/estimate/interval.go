package estimate

import "math"

// Normal quantiles: half and nine tenths of all cases lie within.
const (
	z50 = 0.674489750196082
	z90 = 1.644853626951473
)

// A Range is a share with its doubt: the realised share of the unit lies
// between Low50 and High50 in about half of all cases, between Low90 and High90
// in about nine of ten. All lie from 0 to 1, and
// Low90 <= Low50 <= Share <= High50 <= High90.
type Range struct {
	Share                        float64
	Low50, High50, Low90, High90 float64
}

// A Sum gathers what a unit (segment, cell, precinct or larger) has in each
// precinct, for one contest and choice, and gives its range. The zero value is
// an empty unit.
type Sum struct {
	voters    int64
	expected  float64 // votes
	variance  float64 // of the votes
	low, high int64   // bounds of the votes
}

// Add adds the n registered voters that the unit has in one precinct, where the
// choice got votes among registered voters, and spread is what [Spread] found
// for it. A unit must add each precinct once, with all it has there: the parts
// of a precinct make up for each other.
//
// Under the flat model the unit has the precinct's share p, with the variance
//
//	p(1-p) ((1-n/R)/n + spread*max(1-n/R, 0.8 ln(R/n)/ln 5))
//
// that is, the chance of drawing n of R without putting back, plus the true
// difference between areas. The latter was measured on fifths; down to those it
// is taken as constant but for what the unit itself is of the precinct, below
// it grows as the logarithm of R/n (as de Wijs 1951 found for ores). A whole
// precinct has no doubt left. What is added in a precinct without voters counts
// as nothing.
func (s *Sum) Add(n, votes, registered int64, spread float64) {
	if n <= 0 || registered <= 0 {
		return
	}
	s.voters += n
	low, high := Bounds(n, votes, registered)
	s.low += low
	s.high += high
	voters, part := float64(n), float64(n)/float64(registered)
	p := float64(votes) / float64(registered)
	s.expected += voters * p
	if n < registered {
		differ := spread * max(1-part, -math.Log(part)*0.8/math.Log(5))
		s.variance += voters * voters * p * (1 - p) * ((1-part)/voters + differ)
	}
}

// Range returns the share and its intervals: normal on the arcsine-root scale,
// where the doubt is nearly the same for small and large shares, cut off at the
// bounds that the official totals leave. A unit without voters has no share:
// all is NaN.
func (s *Sum) Range() Range {
	if s.voters == 0 {
		nan := math.NaN()
		return Range{nan, nan, nan, nan, nan}
	}
	n := float64(s.voters)
	r := Range{Share: s.expected / n}
	r.Low50, r.High50 = s.within(r.Share, z50)
	r.Low90, r.High90 = s.within(r.Share, z90)
	return r
}

func (s *Sum) within(share, z float64) (low, high float64) {
	if s.variance <= 0 || share <= 0 || share >= 1 {
		return share, share
	}
	n := float64(s.voters)
	angle := math.Asin(math.Sqrt(share))
	half := z / 2 * math.Sqrt(s.variance/(share*(1-share))) / n
	low = math.Pow(math.Sin(max(0, angle-half)), 2)
	high = math.Pow(math.Sin(min(math.Pi/2, angle+half)), 2)
	low = min(share, max(low, float64(s.low)/n))
	high = max(share, min(high, float64(s.high)/n))
	return low, high
}
