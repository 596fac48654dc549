package city

import (
	"math"
	"math/rand/v2"

	"github.com/arpent/arpent/engine"
)

// answer is what comes of a door.
type answer struct {
	Result           string
	Support, Turnout int8
}

// kind is how a voter stands to the first list.
type kind int

const (
	supporter kind = iota
	opponent       // of another list
	absent         // abstained, blank or null
)

func kindOf(choice uint8) kind {
	switch {
	case choice == ownList:
		return supporter
	case choice >= firstList:
		return opponent
	}
	return absent
}

// ladder is what voters say when asked for their support, by kind, from -2 to +2: how often in a hundred.
var ladder = [...][5]float64{
	supporter: {3, 6, 17, 33, 41},
	opponent:  {24, 31, 29, 11, 5},
	absent:    {10, 17, 49, 17, 7},
}

// turnoutSaid is the same for the intention to vote: more say so than do.
var turnoutSaid = [...][5]float64{
	supporter: {1, 3, 9, 27, 60},
	opponent:  {1, 4, 10, 27, 58},
	absent:    {12, 21, 28, 23, 16},
}

// Of those who are at home.
const (
	talks          = 2.2  // odds that somebody talks
	talksSupporter = 1.6  // times, who is for the first list
	talksAbsent    = 0.55 // times, who abstained
	saysNothing    = 0.12 // part of those who talk and do not say whom they support
)

// atHome is the chance that a voter is at home in the evening: the older, the more.
func atHome(age float64) float64 { return 1 / (1 + math.Exp(-0.5*age)) }

// knock tries a door: the first voter of the household who is at home opens.
func (t *town) knock(address, door int, swing float64, r *rand.Rand) answer {
	a := &t.addresses[address]
	behind := t.inhabitants[t.first[address]:t.first[address+1]]
	for i := range behind {
		v := &behind[i]
		if int(v.door) != door || r.Float64() >= atHome(v.age) {
			continue
		}
		k := kindOf(v.intends(t.moods[a.street][a.segment].leaning, swing, r))
		odds := talks
		switch k {
		case supporter:
			odds *= talksSupporter
		case absent:
			odds *= talksAbsent
		}
		if r.Float64() >= odds/(1+odds) {
			return answer{engine.ResultRefused, engine.NotSaid, engine.NotSaid}
		}
		said := answer{engine.ResultContact, step(&ladder[k], r), step(&turnoutSaid[k], r)}
		if r.Float64() < saysNothing {
			said.Support = engine.NotSaid
		}
		return said
	}
	return answer{engine.ResultNotHome, engine.NotSaid, engine.NotSaid}
}

// step draws from a ladder.
func step(of *[5]float64, r *rand.Rand) int8 { return int8(draw(of[:], r)) - 2 }

// minutes is how long a door takes, with the way to the next.
func (a answer) minutes(r *rand.Rand) float64 {
	switch a.Result {
	case engine.ResultContact:
		return uniform(r, 3, 8)
	case engine.ResultRefused:
		return uniform(r, 1.5, 2.5)
	}
	return uniform(r, 1, 2)
}

// note is what a team writes down of the support it hears.
func (t *team) note(said int8, r *rand.Rand) int8 {
	if said == engine.NotSaid {
		return said
	}
	noted := said
	switch t.Behaviour {
	case Lenient:
		noted++
	case Hostile:
		noted = -said
	case Negative:
		noted = -2
		if r.IntN(3) == 0 {
			noted = -1
		}
	default:
		if r.Float64() < math.Abs(t.leniency) {
			noted += int8(math.Copysign(1, t.leniency))
		}
	}
	return max(-2, min(2, noted))
}

// madeUp is what seems plausible at a desk, from -2 to +2.
var madeUp = [5]float64{12, 16, 27, 27, 18}

// invent makes up what came of a door. Who has to think of many answers often gives the last again.
func (t *team) invent(r *rand.Rand) answer {
	made := madeUpResult(r)
	if made.Result == engine.ResultContact {
		if r.Float64() < 0.6 {
			t.last = step(&madeUp, r)
		}
		made.Support, made.Turnout = t.last, step(&turnoutSaid[supporter], r)
	}
	return made
}

// copied makes up what came of a door from how the precinct of an address voted.
func (t *town) copied(address int, r *rand.Rand) answer {
	made := madeUpResult(r)
	if made.Result == engine.ResultContact {
		var votes [maxChoices]float64
		for k, v := range t.precincts[t.addresses[address].precinct].votes[0] {
			votes[k] = float64(v)
		}
		k := kindOf(draw(votes[:], r))
		made.Support, made.Turnout = step(&ladder[k], r), step(&turnoutSaid[k], r)
	}
	return made
}

// madeUpResult is whether anybody is said to have talked.
func madeUpResult(r *rand.Rand) answer {
	made := answer{engine.ResultContact, engine.NotSaid, engine.NotSaid}
	switch u := r.Float64(); {
	case u < 0.45:
		made.Result = engine.ResultNotHome
	case u < 0.6:
		made.Result = engine.ResultRefused
	}
	return made
}
