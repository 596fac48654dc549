package estimate

import "math"

// An Effect is what knocking does to one person who talks, as a normal distribution cut off at 0.
type Effect struct{ Mean, Deviation float64 }

// at is the quantile of an effect that lies at u of its distribution.
func (e Effect) at(u float64) float64 {
	if e.Deviation <= 0 {
		return max(0, e.Mean)
	}
	below := normalBelow(-e.Mean / e.Deviation)
	return max(0, e.Mean+e.Deviation*normalAt(below+u*(1-below)))
}

// normalBelow is the part of the standard normal distribution below z, normalAt the place that so much of it is below.
func normalBelow(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }
func normalAt(u float64) float64    { return -math.Sqrt2 * math.Erfcinv(2*u) }

// FieldEffects are what a campaign takes for granted about the doors: wide, and its own to change.
type FieldEffects struct {
	// Mobilise is how many more of those talked to vote who would else not, where half vote; it falls to none where all or nobody
	// does. Experiments in Europe find little of it (Pons 2018 none, Bhatti and others 2016 little), in the USA 0.04 to 0.07.
	Mobilise Effect
	// Persuade is how many of the others' voters who are talked to come over (Pons 2018: 0.03, Kalla and Broockman 2018: none).
	Persuade Effect
	Spill    float64 // part of an effect that reaches each other voter of the household
	Again    float64 // part of the contacts of a first visit that a second one makes
}

// DefaultFieldEffects are assumed where a campaign has measured none itself.
func DefaultFieldEffects() FieldEffects {
	return FieldEffects{Mobilise: Effect{0.02, 0.015}, Persuade: Effect{0.01, 0.01}, Spill: 0.3, Again: 0.6}
}
