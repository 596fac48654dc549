package estimate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A FieldStreet is a street as one may walk it.
type FieldStreet struct {
	ID           int64
	Voters       float64 // registered
	Doors        float64
	Turnout      float64 // share of the registered voters who choose a candidate
	Own, Rival   float64 // shares of those: the own choice, and whoever it must beat
	Doubt        float64 // standard deviation of the own choice's log odds
	Contact      float64 // chance that somebody talks at a door tried for the first time
	DoorsPerHour float64
	Tried        float64 // part of the doors tried before
}

func (s *FieldStreet) sound() bool {
	for _, share := range []float64{s.Turnout, s.Own, s.Rival, s.Contact, s.Tried} {
		if !(share >= 0 && share <= 1) {
			return false
		}
	}
	for _, size := range []float64{s.Voters, s.Doors, s.Doubt, s.DoorsPerHour} {
		if !(size >= 0) || math.IsInf(size, 1) {
			return false
		}
	}
	return true
}

// A RankedStreet is a street in the order of what an hour in it is worth.
type RankedStreet struct {
	ID int64
	// Votes is the margin over the rival that an hour gains, with its 50 and 90 % intervals. It is less than 0 where more of the rival's
	// voters would be mobilised than of one's own.
	Votes                        float64
	Low90, Low50, High50, High90 float64
	TopFifth                     float64 // chance of being among the best fifth of the streets
	// Group numbers, from 1, streets that cannot be told apart: what is known does not make the first of a group better than any other in it
	// in nine cases of ten. Where all are in one group the order says nothing.
	Group int
	// Explore marks streets that are to be walked whatever their rank, so that what knocking does, and who answers, can be measured.
	Explore bool
}

const (
	rankDraws = 200
	tellApart = 0.9
)

// explored is the part of the streets to explore.
const explored = 0.15

// RankStreets orders streets by the votes that an hour of knocking gains, best first. Streets without doors or voters are left out. explore
// chooses which streets are explored: another number, others.
//
// The votes are a mean over 200 draws: of the effects, which are the same for all streets and spread evenly (additive recurrence,
// M. Roberts 2018), and of each street's own share, by a hash of the street, as far below its middle in one draw as above it in the
// next. Nothing is random: the same streets have the same draws.
func RankStreets(streets []FieldStreet, effects FieldEffects, explore uint64) ([]RankedStreet, error) {
	var walkable []FieldStreet
	for _, s := range streets {
		if !s.sound() {
			return nil, fmt.Errorf("estimate: street %d has no sound numbers to rank it by: %+v", s.ID, s)
		}
		if s.Doors > 0 && s.Voters > 0 {
			walkable = append(walkable, s)
		}
	}
	slices.SortFunc(walkable, func(a, b FieldStreet) int { return cmp.Compare(a.ID, b.ID) })
	draws := make([][rankDraws]float64, len(walkable))
	topFifth, votes := make([]int, len(walkable)), make([]float64, len(walkable))
	for d := range rankDraws {
		pair := d / 2
		mobilise, persuade := effects.Mobilise.at(spread(pair, 0)), effects.Persuade.at(spread(pair, 1))
		for i := range walkable {
			s := &walkable[i]
			z := normalAt(part(uint64(s.ID) ^ mix(uint64(pair))))
			if d%2 == 1 {
				z = -z
			}
			draws[i][d] = s.votes(mobilise, persuade, z, &effects)
			votes[i] = draws[i][d]
		}
		countTopFifth(votes, topFifth)
	}
	ranked := make([]RankedStreet, len(walkable))
	order := make([]int, len(walkable))
	for i, s := range walkable {
		ranked[i], order[i] = describe(draws[i]), i
		ranked[i].ID, ranked[i].TopFifth = s.ID, float64(topFifth[i])/rankDraws
		ranked[i].Explore = part(uint64(s.ID)^mix(^explore)) < explored
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ranked[b].Votes, ranked[a].Votes) })
	group(order, draws, ranked)
	sorted := make([]RankedStreet, len(order))
	for place, i := range order {
		sorted[place] = ranked[i]
	}
	return sorted, nil
}

// votes is the margin that an hour gains, where z draws the own share.
func (s *FieldStreet) votes(mobilise, persuade, z float64, effects *FieldEffects) float64 {
	own, rival := s.Own, s.Rival
	if own > 0 && own < 1 {
		own = chance(math.Log(own/(1-own)) + z*s.Doubt)
		rival *= (1 - own) / (1 - s.Own) // the others keep their shares of what is left
	}
	perDoor := s.Voters / s.Doors
	reached := 1 + effects.Spill*max(0, perDoor-1)
	abstaining := (1 - s.Turnout) * mobilise * 4 * s.Turnout * (1 - s.Turnout) * (own - rival)
	voting := s.Turnout * persuade * (1 - own + rival) // one more for the own choice; of the rival's, one less for it
	contact := s.Contact * (1 - s.Tried + s.Tried*effects.Again)
	// Behind some doors nobody is registered: there are no more to reach than live behind a door on average.
	return s.DoorsPerHour * contact * min(perDoor, reached) * (abstaining + voting)
}

// describe sums up a street's draws.
func describe(draws [rankDraws]float64) (r RankedStreet) {
	for _, v := range draws {
		r.Votes += v / rankDraws
	}
	slices.Sort(draws[:])
	at := func(part float64) float64 { return draws[int(part*(rankDraws-1)+0.5)] }
	r.Low90, r.Low50, r.High50, r.High90 = min(r.Votes, at(.05)), min(r.Votes, at(.25)), max(r.Votes, at(.75)), max(r.Votes, at(.95))
	return r
}

// countTopFifth counts one more for the best fifth of the streets in one draw.
func countTopFifth(votes []float64, count []int) {
	if len(votes) == 0 {
		return
	}
	sorted := slices.Clone(votes)
	slices.Sort(sorted)
	least := sorted[len(sorted)-max(1, len(sorted)/5)]
	for i, v := range votes {
		if v >= least {
			count[i]++
		}
	}
}

// group numbers the streets, which order lists from the best.
func group(order []int, draws [][rankDraws]float64, ranked []RankedStreet) {
	first, number := -1, 0
	for _, i := range order {
		if first >= 0 {
			better := 0
			for d := range rankDraws {
				if draws[first][d] > draws[i][d] {
					better++
				}
			}
			if better < tellApart*rankDraws {
				ranked[i].Group = number
				continue
			}
		}
		first, number = i, number+1
		ranked[i].Group = number
	}
}

// roots are the steps of the additive recurrence in two dimensions: the powers of 1/x where x^3 = x + 1.
var roots = [2]float64{0.7548776662466927, 0.5698402909980532}

// spread gives the n-th number of a dimension, above 0 and below 1.
func spread(n, dimension int) float64 {
	_, u := math.Modf(0.5 + roots[dimension]*float64(n+1))
	return u
}

// part turns a number into one above 0 and below 1, unlike that of its neighbours.
func part(x uint64) float64 { return (float64(mix(x)>>12) + 0.5) / (1 << 52) }

// mix makes neighbouring numbers unlike (SplitMix64's finaliser, G. Steele, D. Lea, C. Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
