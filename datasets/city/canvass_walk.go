package city

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	doorsOfWalk   = 45
	minutesOfDay  = 24 * 60
	leniencyOfAll = 0.3 // standard deviation of the teams' leniency, in steps of support
)

// walks deals the streets of a place out to teams and walks them.
type walks struct {
	CanvassParams
	teams []team
	due   float64 // doors to try before the commune ends, those of earlier communes included that were not
	next  int     // team whose turn it is
}

// team is a group of canvassers.
type team struct {
	Behaviour
	name     string
	leniency float64 // steps by which it notes more than was said, on average
	walked   int     // evenings of its canvassers
	last     int8    // what it noted last
}

func newWalks(p CanvassParams) *walks {
	r := stream(p.City^scramble(p.Seed), -1, drawCanvass)
	w := &walks{CanvassParams: p}
	for i, b := range p.Teams {
		w.teams = append(w.teams, team{Behaviour: b, name: fmt.Sprintf("team-%d", i+1), leniency: leniencyOfAll * r.NormFloat64()})
	}
	return w
}

// stretch is a street segment with addresses.
type stretch struct {
	street, segment int
	addresses       []int // in the order of the way: up one side and down the other
	doors           int
	middle          point
	support         float64 // what the first list can expect of the valid votes
}

func stretches(c *commune) []stretch {
	of := map[[2]int]int{}
	var all []stretch
	for i := range c.addresses {
		a := &c.addresses[i]
		key := [2]int{a.street, a.segment}
		at, known := of[key]
		if !known {
			at = len(all)
			of[key] = at
			middle := c.streets[a.street].segments[a.segment].middle()
			all = append(all, stretch{street: a.street, segment: a.segment, middle: middle, support: expectedOfValid(c.moods[a.street][a.segment])})
		}
		all[at].addresses = append(all[at].addresses, i)
		all[at].doors += a.dwellings
	}
	for i := range all {
		slices.SortStableFunc(all[i].addresses, func(x, y int) int { return cmp.Compare(c.addresses[x].onTheWay(), c.addresses[y].onTheWay()) })
	}
	return all
}

// onTheWay orders addresses: odd numbers up, then even numbers down.
func (a *address) onTheWay() int {
	if a.number%2 == 1 {
		return a.number
	}
	return math.MaxInt32 - a.number
}

// through walks one commune. It tells whether more is wanted.
func (w *walks) through(t *town, r *rand.Rand, yield func(Visit) bool) bool {
	left := stretches(t.commune)
	doors := 0
	for i := range left {
		doors += left[i].doors
	}
	for w.due += w.Doors * float64(doors); w.due >= 1 && len(left) > 0; {
		by := &w.teams[w.next]
		w.next = (w.next + 1) % len(w.teams)
		var turf []stretch
		turf, left = by.turf(left, r)
		if !w.evening(t, by, turf, r, yield) {
			return false
		}
	}
	return true
}

// turf takes what a team walks in an evening out of the streets that are left: one anywhere and those next to it, or the friendliest.
func (t *team) turf(left []stretch, r *rand.Rand) (turf, rest []stretch) {
	at := r.IntN(len(left))
	for doors := 0; doors < doorsOfWalk && len(left) > 0; {
		if t.Behaviour == Friendly {
			at = 0
			for i := range left {
				if left[i].support > left[at].support {
					at = i
				}
			}
		} else if len(turf) > 0 {
			at = 0
			from := turf[len(turf)-1].middle
			for i := range left {
				if left[i].middle.distance(from) < left[at].middle.distance(from) {
					at = i
				}
			}
		}
		turf = append(turf, left[at])
		doors += left[at].doors
		left[at] = left[len(left)-1]
		left = left[:len(left)-1]
	}
	return turf, left
}

// evening walks a turf, as far as doors are due.
func (w *walks) evening(t *town, by *team, turf []stretch, r *rand.Rand, yield func(Visit) bool) bool {
	canvasser := fmt.Sprintf("%s-%d", by.name, by.walked%w.Canvassers+1)
	minute := float64(by.walked/w.Canvassers*minutesOfDay) + uniform(r, 0, 30)
	by.walked++
	for _, s := range turf {
		minute += 2
		for _, a := range s.addresses {
			for door := range t.addresses[a].dwellings {
				if w.due < 1 {
					return true
				}
				w.due--
				var heard answer
				switch by.Behaviour {
				case Invented:
					heard = by.invent(r)
					minute++
				case Copied:
					heard = t.copied(a, r)
					minute++
				default:
					heard = t.knock(a, door, w.Swing, r)
					heard.Support = by.note(heard.Support, r)
					minute += heard.minutes(r)
				}
				v := Visit{
					AddressID: string(appendAddressID(nil, t.commune, &t.addresses[a])), Door: door + 1, Team: by.name, Canvasser: canvasser,
					Minute: int(minute), Result: heard.Result, Support: heard.Support, Turnout: heard.Turnout,
				}
				if !yield(v) {
					return false
				}
			}
		}
	}
	return true
}
