package city

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/arpent/arpent/engine"
)

// Who lives in a street: class and age are seen by the census, leaning by nobody. All three are in standard deviations.
type mood struct{ class, age, leaning float64 }

// How people of one street differ, in the same units.
const (
	classSpread = 0.70
	ageSpread   = 0.80
)

// choice is a way to answer at the polls and what its utility is made of.
type choice struct {
	code, name, family        string
	base, class, age, leaning float64
}

// contest is an election of the place.
type contest struct {
	id, name, election, date string
	round                    int
	choices                  []choice
}

const (
	maxChoices = 8
	ownList    = 3 // index of the list that the spread of shares is stated for
	firstList  = 3 // lists follow abstention, blank and null
)

// The lists are parties nobody has founded.
var (
	abstention = choice{code: engine.Abstention, base: 0.95, class: -0.34, age: -0.42}
	blank      = choice{code: engine.Blank, base: -3.3, class: 0.05, age: 0.05}
	null       = choice{code: engine.Null, base: -3.7, class: -0.15, age: 0.02}
	jardins    = choice{"liste_des_jardins", "Les Jardins", "LJAR", 0.45, -0.16, -0.10, 0.44}
	ponts      = choice{"liste_des_ponts", "Les Ponts", "LPON", 0.20, 0.34, 0.14, -0.22}
	marche     = choice{"liste_du_marche", "Le Marché", "LMAR", -0.15, 0.10, 0.30, -0.14}
	gare       = choice{"liste_de_la_gare", "La Gare", "LGAR", -0.45, -0.34, -0.10, -0.08}
	collines   = choice{"liste_des_collines", "Les Collines", "LCOL", -0.70, 0.26, -0.35, 0.22}
)

var contests = [2]contest{
	{"2026_muni_t1", "Municipales 2026, premier tour", "Municipales", "2026-03-15", 1,
		[]choice{abstention, blank, null, jardins, ponts, marche, gare, collines}},
	{"2026_muni_t2", "Municipales 2026, second tour", "Municipales", "2026-03-22", 2,
		[]choice{abstention.easier(0.12), blank.easier(0.35), null.easier(0.3), jardins.easier(0.3), ponts.easier(0.25), marche}},
}

// easier gives the same choice, more attractive by so much.
func (c choice) easier(by float64) choice {
	c.base += by
	return c
}

func (c *choice) utility(m mood) float64 {
	return c.base + c.class*m.class + c.age*m.age + c.leaning*m.leaning
}

// moods gives every segment its people: fields at two scales that anyone can see in the census, one that nobody can, and for
// the latter a part that is each segment's own.
func moods(t *terrain, streets []street, r *rand.Rand) [][]mood {
	class := [2]field{newField(r, 48, 200), newField(r, 48, 1200)}
	age := [2]field{newField(r, 48, 200), newField(r, 48, 900)}
	leaning := [2]field{newField(r, 48, 120), newField(r, 48, 700)}
	all := make([][]mood, len(streets))
	for i := range streets {
		all[i] = make([]mood, len(streets[i].segments))
		for k := range all[i] {
			s := &streets[i].segments[k]
			p := s.middle().minus(t.centre)
			m := mood{
				class:   0.70*class[0].at(p) + 0.60*class[1].at(p),
				age:     0.50*age[0].at(p) + 0.45*age[1].at(p),
				leaning: 0.50*leaning[0].at(p) + 0.66*leaning[1].at(p) + 0.40*r.NormFloat64(),
			}
			if s.estate {
				m.class, m.age = m.class-1.1, m.age-0.3
			}
			all[i][k] = m
		}
	}
	return all
}

// markEstates sets social-housing estates in clusters around the town.
func markEstates(t *terrain, streets []street, r *rand.Rand) {
	type estate struct {
		at     point
		radius float64
	}
	var estates []estate
	for range int(math.Round(segmentsFor(t.registered) / 230)) {
		at := t.centre.plus(towards(uniform(r, 0, 2*math.Pi)).times(t.radius * uniform(r, 0.35, 0.9)))
		estates = append(estates, estate{at, uniform(r, 100, 180)})
	}
	for i := range streets {
		for k := range streets[i].segments {
			s := &streets[i].segments[k]
			for _, e := range estates {
				s.estate = s.estate || s.middle().distance(e.at) < e.radius
			}
		}
	}
}

// registeredPerDwelling and adultsPerDwelling (15 and more) depend on who lives in a street.
func registeredPerDwelling(m mood, estate bool) float64 {
	rate := 1.22 * math.Exp(0.09*m.class+0.08*m.age)
	if estate {
		rate *= 0.85
	}
	return rate
}

func adultsPerDwelling(estate bool) float64 {
	if estate {
		return 1.95
	}
	return 1.72
}

// settle draws dwellings and people for every address so that the commune has about the voters it should have.
func settle(t *terrain, streets []street, moods [][]mood, addresses []address, r *rand.Rand) {
	weight := make([]float64, len(addresses))
	for i := range addresses {
		a := &addresses[i]
		u := t.outness(a.at)
		weight[i] = math.Exp(0.75*r.NormFloat64()) * (0.45 + 1.5*math.Exp(-square(u/0.55)))
		if streets[a.street].segments[a.segment].estate {
			weight[i] *= 3
		}
		if u > 1.05 {
			weight[i] *= 0.4
		}
	}
	rate := func(a *address) float64 {
		return registeredPerDwelling(moods[a.street][a.segment], streets[a.street].segments[a.segment].estate)
	}
	lo, hi := 0.0, 1e4 // dwellings at an address of weight 1
	for range 50 {
		scale, expected := (lo+hi)/2, 0.0
		for i := range addresses {
			expected += float64(dwellings(scale*weight[i])) * rate(&addresses[i])
		}
		if expected < float64(t.registered) {
			lo = scale
		} else {
			hi = scale
		}
	}
	for i := range addresses {
		a := &addresses[i]
		a.dwellings = dwellings(lo * weight[i])
		perDwelling := rate(a)
		a.registered = poisson(r, float64(a.dwellings)*perDwelling)
		estate := streets[a.street].segments[a.segment].estate
		a.others = poisson(r, float64(a.dwellings)*max(0.15, adultsPerDwelling(estate)-perDwelling))
	}
}

func dwellings(mean float64) int { return max(1, int(math.Round(mean))) }

// person draws one who lives in a street.
func (m mood) person(r *rand.Rand) mood {
	return mood{m.class + classSpread*r.NormFloat64(), m.age + ageSpread*r.NormFloat64(), m.leaning}
}

func (m mood) resident() resident { return resident{m.class, m.age} }

// ballot is what a registered voter chose in each contest, as an index of its choices.
type ballot [len(contests)]uint8

// poll lets every registered voter choose in every contest, one by one, and counts everybody for the census. It tells settled who
// lives at each address, the registered first, and what these chose; the slices are used again.
//
// A voter takes the choice of the greatest utility plus a Gumbel taste (D. McFadden 1974). The taste is the voter's own and is
// kept for the next round. It is drawn as the first arrival among exponential clocks: taste = -log(clock).
func poll(ctx context.Context, moods [][]mood, addresses []address, counts []censusCount, area []int, settled func(address int, residents []resident, ballots []ballot), r *rand.Rand) error {
	var clocks [maxChoices]float64
	var residents []resident
	var ballots []ballot
	for i := range addresses {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		a := &addresses[i]
		street := moods[a.street][a.segment]
		count := &counts[area[i]]
		residents, ballots = residents[:0], ballots[:0]
		for range a.registered {
			voter := street.person(r)
			residents = append(residents, voter.resident())
			count.add(voter, r)
			for k := range clocks {
				clocks[k] = r.ExpFloat64()
			}
			var chosen ballot
			for c := range contests {
				k := first(contests[c].choices, voter, &clocks)
				chosen[c] = uint8(k)
				a.votes[c][k]++
			}
			ballots = append(ballots, chosen)
		}
		for range a.others {
			other := street.person(r)
			residents = append(residents, other.resident())
			count.add(other, r)
		}
		settled(i, residents, ballots)
	}
	return nil
}

func first(choices []choice, voter mood, clocks *[maxChoices]float64) int {
	best, at := math.Inf(1), 0
	for k := range choices {
		if arrival := clocks[k] * math.Exp(-choices[k].utility(voter)); arrival < best {
			best, at = arrival, k
		}
	}
	return at
}
