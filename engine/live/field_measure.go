package live

import (
	"math"

	"github.com/arpent/arpent/engine"
)

// FieldMeasure is a number that staff tiles and scores show of a unit.
type FieldMeasure struct {
	ID         string
	Title      string
	Unit       string // fraction 0..1, fraction -1..1, doors, attempts
	Diverging  bool   // from negative to positive, with zero in the middle
	Answers    bool   // it is made of answers: only units where K households answered that may be told of have it
	Definition string // what it is and what its interval holds, in words

	whole    bool
	model    bool                               // it needs what the model says of the unit
	estimate func(u fieldUnit) (Estimate, bool) // false where the unit has no such number
}

// FieldMeasures lists the measures of the field; the first is the default.
func FieldMeasures() []FieldMeasure {
	return []FieldMeasure{
		coverageMeasure, doorsMeasure, attemptsMeasure, contactsMeasure, contactRateMeasure, refusalsMeasure, supportMeasure,
		updatedMeasure, swingMeasure, forecastMeasure,
	}
}

func fieldMeasureByName(id string) (FieldMeasure, error) {
	var known []string
	for _, m := range FieldMeasures() {
		if id == "" || m.ID == id {
			return m, nil
		}
		known = append(known, m.ID)
	}
	return FieldMeasure{}, &QueryError{"measure", id, known}
}

// fieldUnit is what the field knows of a unit.
type fieldUnit struct {
	fieldTally
	addresses  int64
	households float64      // that live there
	shares     *fieldShares // what the model says; nil: nothing
}

// touched tells whether anybody lives in the unit or was looked for there.
func (u fieldUnit) touched() bool { return u.addresses > 0 || u.households > 0 || u.attempts > 0 }

// of is the measure of a unit, or why it has none: fewer than k households answered that may be told of, or there is nothing to measure.
func (m FieldMeasure) of(u fieldUnit, k int32) (Estimate, engine.State, engine.Reason) {
	if m.Answers && u.heard() < k {
		return Estimate{}, engine.Suppressed, engine.ReasonK
	}
	number, ok := m.estimate(u)
	if !ok {
		return Estimate{}, engine.Empty, engine.ReasonNone
	}
	return number, engine.Published, engine.ReasonNone
}

// n is how many a measure is of: the households whose answers it is made of, which are none where less is told; or doors tried.
func (m FieldMeasure) n(u fieldUnit) int64 {
	if m.Answers {
		return int64(u.heard())
	}
	return int64(u.doors)
}

var coverageMeasure = FieldMeasure{
	ID: "coverage", Title: "Doors tried", Unit: "fraction 0..1",
	Definition: "The different doors that were tried, by the households of the unit's addresses; 1 where there are more. It is counted: " +
		"its bounds are the number itself.",
	estimate: func(u fieldUnit) (Estimate, bool) {
		if u.households <= 0 {
			return Estimate{}, false
		}
		return withoutDoubt(min(1, float64(u.doors)/u.households)), true
	},
}

var doorsMeasure = countMeasure("doors", "Doors tried, in number", "doors", "The different doors that were tried.",
	func(t fieldTally) int32 { return t.doors })

var attemptsMeasure = countMeasure("attempts", "Attempts", "attempts", "The attempts at doors, of whatever result.",
	func(t fieldTally) int32 { return t.attempts })

var contactsMeasure = countMeasure("contacts", "Contacts", "attempts", "The attempts at which somebody was met and talked.",
	func(t fieldTally) int32 { return t.contacts })

var refusalsMeasure = countMeasure("refusals", "Refusals", "attempts",
	"The attempts at which somebody was met and did not want to talk. They count against nobody's support.",
	func(t fieldTally) int32 { return t.refusals })

func countMeasure(id, title, unit, definition string, count func(fieldTally) int32) FieldMeasure {
	return FieldMeasure{
		ID: id, Title: title, Unit: unit, Definition: definition + " It is counted: its bounds are the number itself.", whole: true,
		estimate: func(u fieldUnit) (Estimate, bool) { return withoutDoubt(float64(count(u.fieldTally))), u.touched() },
	}
}

func withoutDoubt(value float64) Estimate { return Estimate{value, value, value, value, value} }

var contactRateMeasure = FieldMeasure{
	ID: "contact_rate", Title: "Contacts by attempts", Unit: "fraction 0..1",
	Definition: "The attempts at which somebody was met and talked, by all attempts. The interval (Wilson's) is for the rate that more attempts " +
		"of the same kind would come to.",
	estimate: func(u fieldUnit) (Estimate, bool) {
		return heardShare(u.contacts, u.attempts), u.attempts > 0
	},
}

// Support is shown between these bounds where fewer than topCodedBelow households answered: that nearly all of a street say the same would
// tell what each of them said.
const (
	topCodedBelow = 50
	lowestShown   = 0.2
	highestShown  = 0.8
)

var supportMeasure = FieldMeasure{
	ID: "support", Title: "Support heard", Unit: "fraction 0..1", Answers: true,
	Definition: "Of the households that answered, those whose last answer was +1 or +2. It is what was heard at the doors that opened, and not " +
		"what the street votes. The interval (Wilson's) is for more answers of the same kind. Where fewer than 50 answered, what is above 0.8 " +
		"stands as 0.8 and what is below 0.2 as 0.2.",
	estimate: func(u fieldUnit) (Estimate, bool) {
		n := u.heard()
		share := heardShare(u.supporters(), n)
		if n >= topCodedBelow {
			return share, n > 0
		}
		switch {
		case share.Value > highestShown:
			atMost := wilson(highestShown, float64(n))
			return Estimate{highestShown, atMost.Low90, atMost.Low50, 1, 1}, true
		case share.Value < lowestShown:
			atLeast := wilson(lowestShown, float64(n))
			return Estimate{lowestShown, 0, 0, atLeast.High50, atLeast.High90}, n > 0
		}
		return share, true
	},
}

// supporters are the households whose last answer was +1 or +2.
func (t fieldTally) supporters() int32 { return t.support[3] + t.support[4] }

// uniform tells whether a few households said so much the same that their answers are not shown one by one.
func (t fieldTally) uniform() bool {
	share := float64(t.supporters()) / float64(t.heard())
	return t.heard() < topCodedBelow && (share > highestShown || share < lowestShown)
}

func heardShare(part, of int32) Estimate {
	if of == 0 {
		return Estimate{}
	}
	return wilson(float64(part)/float64(of), float64(of))
}

// Quantiles of the normal distribution: 90 and 50 % lie within so many standard deviations.
const (
	z90 = 1.6448536269514722
	z50 = 0.6744897501960817
)

// wilson is a share of n with its score intervals.
func wilson(share, n float64) Estimate {
	bounds := func(z float64) (low, high float64) {
		middle, half := share+z*z/(2*n), z*math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
		return max(0, min(share, (middle-half)/(1+z*z/n))), min(1, max(share, (middle+half)/(1+z*z/n)))
	}
	low90, high90 := bounds(z90)
	low50, high50 := bounds(z50)
	return Estimate{share, low90, low50, high50, high90}
}
