package live

import (
	"math"

	"github.com/arpent/arpent/engine"
)

var registeredMeasure = Measure{
	ID: "registered", Title: "Registered voters", Unit: "voters", whole: true,
	Definition: "The registered voters of the unit (ballots cast, where the contest's base is ballots). Those of precincts and communes are official; those " +
		"of streets and cells are handed down by households, as if each household had as many voters. The interval takes streets to differ in that " +
		"by 30 %, and a cell to be made of streets of 160 voters; that a precinct's total is known is not made use of, so it is rather too wide.",
	estimate: func(u published, q question) (Estimate, bool) {
		n, ok := u.voters(q.contest)
		if !ok {
			return Estimate{}, false
		}
		return votersAround(u.level.unit, n), true
	},
}

const (
	weightDoubt  = 0.3 // sd of a street's voters per household relative to its precinct's, without the dwellings of each address
	streetVoters = 160 // registered voters of the street that the average voter of Paris lives in
	z90, z50     = 1.6448536269514722, 0.6744897501960817
)

// votersAround is a unit's number of registered voters with its interval, which is a function of that number alone: how much a unit has of
// each precinct is not public. The real number is taken as Poisson around a Gamma, of variance n (1 + m s^2), with s the doubt of
// a street's weight and m the voters of one street; the factor 1 - n/R for a precinct of R voters, which lessens it, is left out.
// Its quantiles are those of the Gamma with the same variance, by Wilson and Hilferty's cube roots.
func votersAround(unit engine.Unit, n int64) Estimate {
	value, street := float64(n), float64(n)
	switch unit {
	case engine.UnitPrecinct, engine.UnitCommune:
		return Estimate{value, value, value, value, value}
	case engine.UnitCell:
		street = min(value, streetVoters)
	}
	v := (1 + street*weightDoubt*weightDoubt) / value / 9
	at := func(z float64) float64 { return value * math.Pow(max(0, 1-v+z*math.Sqrt(v)), 3) }
	return Estimate{value, at(-z90), at(-z50), at(z50), at(z90)}.whole(n)
}
