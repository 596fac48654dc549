package city

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
)

// Behaviour is how a team of canvassers does its work.
type Behaviour string

// The behaviours.
const (
	Honest   Behaviour = "honest"   // notes what it hears, a little too kindly or too severely as every team does
	Lenient  Behaviour = "lenient"  // hears a step more of support than was said
	Friendly Behaviour = "friendly" // notes what it hears, but walks only where most support is expected
	Hostile  Behaviour = "hostile"  // notes the opposite of what it hears
	Negative Behaviour = "negative" // notes opposition, whatever it hears
	Invented Behaviour = "invented" // knocks nowhere: it makes up answers at a desk
	Copied   Behaviour = "copied"   // the same, after the published result of each precinct
)

// Behaviours lists every behaviour.
func Behaviours() []Behaviour {
	return []Behaviour{Honest, Lenient, Friendly, Hostile, Negative, Invented, Copied}
}

// CanvassParams say which invented canvass is walked in which invented place.
type CanvassParams struct {
	City uint64 // seed of the place, as in [Params]
	Size Size
	Seed uint64 // of the canvass: another number is another canvass of the same people

	Doors      float64     // part of all doors (dwellings) that are tried once, 0 to 1
	Teams      []Behaviour // a team each, called team-1 and on
	Canvassers int         // of each team, called team-1-1 and on

	// Swing moves everybody since the first contest: the log odds of choosing the first list, whose supporters the canvass is of.
	Swing float64
}

// Visit is one attempt at one door of an address, as its canvasser notes it.
type Visit struct {
	AddressID       string
	Door            int // 1 to the dwellings of the address
	Team, Canvasser string
	Minute          int    // since the canvass began; a canvasser walks one evening a day, and a day has 1440 minutes
	Result          string // one of engine.CanvassResults
	Support         int8   // -2 strong opposition to the first list .. +2 strong support, or engine.NotSaid
	Turnout         int8   // -2 certain not to vote .. +2 certain to, or engine.NotSaid
}

// Canvass walks an invented canvass and gives its visits walk by walk: all of one canvasser's evening in the order of the doors, then
// another's. No door comes twice. Who is met was drawn with the place: a voter at the address who chose in the first contest what the
// truth counts there, and lives behind a door that the register counts. The same params give the same visits.
//
// A walk is about 45 doors of neighbouring street segments; every commune has its part of them. People are more often at home the
// older they are. Of those who are, supporters of the first list talk at 1.6 times the odds of others and those who abstained at 0.55
// times. What they say of their support passes through a ladder on which all kinds of voters use all steps.
//
// An error is the last thing that comes. It is one of params, or wraps [ErrSize] or the context's.
func Canvass(ctx context.Context, p CanvassParams) iter.Seq2[Visit, error] {
	return func(yield func(Visit, error) bool) {
		if err := p.check(); err != nil {
			yield(Visit{}, err)
			return
		}
		layout := newPlan(p.City, p.Size)
		walks := newWalks(p)
		for index := range layout.communes {
			t, err := makeTown(ctx, layout, index)
			if err != nil {
				yield(Visit{}, fmt.Errorf("city: the canvass stopped at %s: %w", layout.communes[index].name, err))
				return
			}
			draws := stream(p.City^scramble(p.Seed), index, drawCanvass)
			if !walks.through(t, draws, func(v Visit) bool { return yield(v, nil) }) {
				return
			}
		}
	}
}

func (p CanvassParams) check() error {
	if _, err := ParseSize(string(p.Size)); err != nil {
		return err
	}
	if !(p.Doors >= 0 && p.Doors <= 1) {
		return fmt.Errorf("city: a canvass of %v of the doors: give a part from 0 to 1", p.Doors)
	}
	if len(p.Teams) == 0 || p.Canvassers < 1 {
		return errors.New("city: a canvass without canvassers: give a team or more, and one canvasser each or more")
	}
	for _, b := range p.Teams {
		if !slices.Contains(Behaviours(), b) {
			return fmt.Errorf("city: no team is %q: choose of %v", b, Behaviours())
		}
	}
	return nil
}

// inhabitant is a registered voter as the canvass meets one.
type inhabitant struct {
	class, age float64
	choice     uint8 // in the first contest
	door       int32 // 0-based
}

// town is a commune and who lives behind its doors.
type town struct {
	*commune
	inhabitants []inhabitant // address by address
	first       []int        // by address: its first inhabitant; one more than there are addresses
}

// makeTown makes a commune and asks its voters once more, with the same draws, what they chose.
func makeTown(ctx context.Context, p *plan, index int) (*town, error) {
	c, err := makeCommune(ctx, p, index)
	if err != nil {
		return nil, err
	}
	t := &town{commune: c, first: make([]int, len(c.addresses)+1)}
	homes := stream(p.seed, index, drawRegister)
	met := func(i int, residents []resident, ballots []ballot) {
		for k, b := range ballots {
			door := homes.IntN(c.addresses[i].dwellings) // as in countDoors
			t.inhabitants = append(t.inhabitants, inhabitant{residents[k].class, residents[k].age, b[0], int32(door)})
		}
		t.first[i+1] = len(t.inhabitants)
	}
	again := slices.Clone(c.addresses)
	everywhere := make([]int, len(again))
	if err := poll(ctx, c.moods, again, make([]censusCount, 1), everywhere, met, stream(p.seed, index, drawVoters)); err != nil {
		return nil, err
	}
	return t, nil
}

// intends draws what a voter would choose after a swing of the first list: people keep their tastes, so that a list which gains
// gains the same part of all the others' voters in a street, and one that loses gives its own up to them as they were.
func (v *inhabitant) intends(leaning, swing float64, r *rand.Rand) uint8 {
	if swing == 0 {
		return v.choice
	}
	of := mood{v.class, v.age, leaning}
	choices := contests[0].choices
	odds, sum := oddsOf(choices, of)
	before := odds[ownList] / sum
	after := odds[ownList] * math.Exp(swing)
	after /= after + sum - odds[ownList]
	switch {
	case v.choice == ownList && r.Float64() >= after/before:
		odds[ownList] = 0
		return draw(odds[:len(choices)], r)
	case v.choice != ownList && r.Float64() < (after-before)/(1-before):
		return ownList
	}
	return v.choice
}

// draw draws an index in proportion to weights.
func draw(weights []float64, r *rand.Rand) uint8 {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	u := sum * r.Float64()
	for k, w := range weights {
		if u -= w; u < 0 {
			return uint8(k)
		}
	}
	return uint8(len(weights) - 1)
}
