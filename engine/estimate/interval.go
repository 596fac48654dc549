package estimate

import "math"

// Quantiles: half and nine tenths of all cases lie within. Those of the model
// are of a Student distribution with 5 degrees of freedom brought to variance 1:
// its variances are estimates themselves, and some places are unlike all others.
const (
	z50 = 0.674489750196082
	z90 = 1.644853626951473
	t50 = 0.726686844 * studentScale
	t90 = 2.015048373 * studentScale

	studentScale = 0.774596669241483 // the root of 3/5
)

// A Range is a share with its doubt: the realised share of the unit lies
// between Low50 and High50 in about half of all cases, between Low90 and High90
// in about nine of ten. All lie from 0 to 1, and
// Low90 <= Low50 <= Share <= High50 <= High90.
type Range struct {
	Share                        float64
	Low50, High50, Low90, High90 float64
}

// sum gathers what a unit (segment, cell, precinct or larger) has in each
// precinct, for one choice. The zero value is an empty unit.
type sum struct {
	voters    int64
	expected  float64 // votes
	unknown   float64 // variance of the votes that are expected: what the model does not know
	sampling  float64 // variance of the votes around those
	unsure    float64 // variance of the voters
	low, high int64   // bounds of the votes
}

// deviation is the standard deviation of the share.
func (s *sum) deviation() float64 { return math.Sqrt(s.unknown+s.drawn()) / float64(s.voters) }

// mostUnsure is where the doubt of the voters ends, as the square of their
// relative deviation.
const mostUnsure = 0.75

// drawn is the variance of the votes by the chance of drawing voters, who may be
// more or fewer than expected: the mean of 1/n of a gamma distribution is
// 1/(1-c^2) of one over its mean, where c is its relative deviation.
func (s *sum) drawn() float64 {
	n := float64(s.voters)
	return s.sampling / (1 - min(mostUnsure, s.unsure/n/n))
}

// Range returns the share and its intervals: normal on the arcsine-root scale,
// where the doubt is nearly the same for small and large shares; down to 0 where
// no vote at all is likely enough, for few votes lie in lumps, and up to 1
// likewise; cut off at the bounds that the official totals leave. A unit without
// voters has no share: all is NaN.
func (s *sum) Range() Range {
	if s.voters == 0 {
		nan := math.NaN()
		return Range{nan, nan, nan, nan, nan}
	}
	n := float64(s.voters)
	share := s.expected / n
	if s.drawn()+s.unknown <= 0 || share <= 0 || share >= 1 {
		return Range{share, share, share, share, share}
	}
	none, all := s.none(s.expected), s.none(n-s.expected)
	r := Range{Share: share}
	r.Low50, r.High50 = s.within(share, z50, t50, none > .25, all > .25)
	r.Low90, r.High90 = s.within(share, z90, t90, none > .05, all > .05)
	return r
}

// within gives an interval, which may reach down to no vote and up to all.
func (s *sum) within(share, z, t float64, toNone, toAll bool) (low, high float64) {
	n := float64(s.voters)
	angle := math.Asin(math.Sqrt(share))
	half := math.Sqrt(z*z*s.drawn()+t*t*s.unknown) / n / 2 / math.Sqrt(share*(1-share))
	if !toNone {
		root := math.Sin(max(0, angle-half))
		low = root * root
	}
	high = 1
	if !toAll {
		root := math.Sin(min(math.Pi/2, angle+half))
		high = root * root
	}
	low = min(share, max(low, float64(s.low)/n))
	high = max(share, min(high, float64(s.high)/n))
	return low, high
}

// none is the chance that not one of the unit's voters makes a choice of some
// expected votes. Drawn, they are nearly binomial with that mean and the variance
// of drawing, which is less the more of its precincts the unit has; and what is
// expected is itself a gamma distribution, of the doubts of voters and share.
func (s *sum) none(votes float64) float64 {
	n := float64(s.voters)
	doubt := s.unknown/(votes*votes) + s.unsure/(n*n)
	likely := votes
	if variance := s.sampling / votes; variance < 1 {
		likely *= -math.Log(variance) / (1 - variance)
	}
	if doubt <= 0 {
		return math.Exp(-likely)
	}
	return math.Pow(1+likely*doubt, -1/doubt)
}
