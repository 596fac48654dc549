package live

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// FoundKind is what a search has found.
type FoundKind string

// The kinds.
const (
	FoundStreet   FoundKind = "street"
	FoundAddress  FoundKind = "address"
	FoundPrecinct FoundKind = "precinct"
	FoundCommune  FoundKind = "commune"
)

// Found is a place that a question may mean.
type Found struct {
	Kind     FoundKind
	Name     string
	Detail   string // tells it from others of its name: the commune, of a commune its code; "" where there is none
	Unit     engine.Unit
	ID       int64   // of the unit; of a street that of its segment in the middle (of those with numbers, where some have), of an address that of its segment
	Lon, Lat float64 // of an address where it is, of a street the middle of its segment in the middle
	Bound    orb.Bound
}

// MostFound bounds what a search gives.
const MostFound = 20

// Search finds streets, addresses, precincts and communes by what somebody types, the likeliest first: at most limit, which is 1 to MostFound. A
// name has all the words that are typed, of the last at least the beginning, in any order and without regard to case, accents, articles and usual
// abbreviations; where no name has all of them, the others are to be in the name of the commune. A whole name comes before one that begins with the words, and that before others;
// of streets the longer first. More than 16 words, articles apart, find nothing. A street is one in each commune that it is in. A number before a street finds its address in the published registers, or,
// where there is none, the street and the numbers next to it. Precincts are found by the beginning of their code.
//
// The first search lays out the names, 1 s for two million segments, the first for an address reads the register, 1 s for a million addresses. Of a place with
// more than MostSearched addresses none is found.
func (c *City) Search(ctx context.Context, text string, limit int) ([]Found, error) {
	limit = max(1, min(limit, MostFound))
	x := c.searched()
	ways := x.typed(text)
	streets, err := x.findStreets(ctx, ways, limit)
	if err != nil {
		return nil, err
	}
	addresses, err := c.findAddresses(ctx, x, text, limit)
	if err != nil {
		return nil, err
	}
	groups := [][]rankedFound{c.describeStreets(x, streets), c.findCommunes(x, ways), c.findPrecincts(x, text)}
	return merge(addresses, groups, limit), nil
}

// rankedFound is what was found, and how well it meets the question.
type rankedFound struct {
	Found
	rank int
}

// merge puts all that was found in its order. Communes and precincts leave room for streets, of which they may not take more than half.
func merge(addresses []Found, groups [][]rankedFound, limit int) []Found {
	var first, rest []rankedFound
	for i, group := range groups {
		most := limit
		if i > 0 {
			most = (limit + 1) / 2
		}
		first, rest = append(first, group[:min(most, len(group))]...), append(rest, group[min(most, len(group)):]...)
	}
	byRank := func(a, b rankedFound) int { return cmp.Compare(a.rank, b.rank) }
	slices.SortStableFunc(first, byRank)
	slices.SortStableFunc(rest, byRank)
	var found []Found
	add := func(one Found) {
		if len(found) < limit && !slices.Contains(found, one) {
			found = append(found, one)
		}
	}
	for _, one := range first {
		if one.rank == int(isName) {
			add(one.Found)
		}
	}
	for _, one := range addresses {
		add(one)
	}
	for _, one := range append(first, rest...) {
		add(one.Found)
	}
	return found
}

// streetFound is a street that meets a question.
type streetFound struct {
	searchStreet
	name int
	rank int
}

func (a streetFound) compare(b streetFound) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.length, a.length), cmp.Compare(a.name, b.name), cmp.Compare(a.commune, b.commune))
}

// withCommune is how much worse a name is that needs its commune to have all the words.
const withCommune = int(notInName)

// searchedAtOnce is after how many names it is asked whether anybody still waits.
const searchedAtOnce = 1 << 16

// findStreets gives the streets that meet a question best. Words are looked for in names of communes only where no name has them all.
func (x *searchIndex) findStreets(ctx context.Context, ways [][]typedWord, limit int) (best []streetFound, err error) {
	scratch := &metWords{}
	for name := range x.names.len() {
		if name%searchedAtOnce == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for _, typed := range ways {
			how := meet(typed, x.names.of(name), scratch)
			if how == notInName {
				continue
			}
			for _, street := range x.streetsOf(name) {
				if !scratch.areOf(street.commune) {
					continue
				}
				one := streetFound{street, name, int(how)}
				if len(scratch.out) > 0 {
					one.rank += withCommune
				}
				if scratch.mixed {
					one.rank += withCommune
				}
				if len(best) == limit && one.compare(best[limit-1]) >= 0 {
					break // the others of this name are shorter
				}
				at, _ := slices.BinarySearchFunc(best, one, streetFound.compare)
				best = slices.Insert(best[:min(len(best), limit-1)], at, one)
			}
			break
		}
	}
	if len(best) > 0 && best[0].rank < withCommune {
		best = slices.DeleteFunc(best, func(one streetFound) bool { return one.rank >= withCommune })
	}
	return best, nil
}

func (c *City) describeStreets(x *searchIndex, streets []streetFound) []rankedFound {
	list := make([]rankedFound, len(streets))
	for i := range streets {
		list[i] = rankedFound{c.describeStreet(x, &streets[i]), streets[i].rank}
	}
	return list
}

// describeStreet gives a street by the segment that is the nearest to the middle of all, of those that have numbers where some have.
func (c *City) describeStreet(x *searchIndex, street *streetFound) Found {
	l, segments := c.layers["segments"], x.segments[street.first:street.end]
	around := nowhere
	for _, u := range segments {
		around = union(around, l.box(int(u)))
	}
	middle, nearest, told := segments[0], int64(-1), false
	for _, u := range segments {
		box := l.box(int(u))
		off := max(magnitude(box.MinX+box.MaxX-around.MinX-around.MaxX), magnitude(box.MinY+box.MaxY-around.MinY-around.MaxY))
		published := l.level.state(int(u)) == engine.Published
		if nearest < 0 || published && !told || published == told && off < nearest {
			middle, nearest, told = u, off, published
		}
	}
	found := Found{Kind: FoundStreet, Name: l.level.names.at(int(middle)), Detail: c.communeName(street.commune), Unit: engine.UnitSegment, ID: l.level.ids[middle], Bound: boundOfBox(around)}
	found.Lon, found.Lat = geo.FromWorld(c.middle(int(middle)))
	return found
}

func magnitude(v int64) int64 { return max(v, -v) }

// communeName is that of a commune; "" where there is none.
func (c *City) communeName(commune int32) string {
	if commune < 0 {
		return ""
	}
	return c.unitLevel(engine.UnitCommune, 0).names.at(int(commune))
}

func boundOfBox(box geo.WorldBox) orb.Bound {
	west, north := geo.FromWorld(box.MinX, box.MinY)
	east, south := geo.FromWorld(box.MaxX, box.MaxY)
	return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
}

// findCommunes gives the communes whose names have all words, by rank and code.
func (c *City) findCommunes(x *searchIndex, ways [][]typedWord) (list []rankedFound) {
	level, scratch := c.unitLevel(engine.UnitCommune, 0), &metWords{}
	for u, id := range level.ids {
		if x.communeBox[u] == nowhere {
			continue
		}
		for _, typed := range ways {
			how := meet(typed, x.communes.of(u), scratch)
			if how == notInName || len(scratch.out) > 0 {
				continue
			}
			list = append(list, inMiddle(Found{Kind: FoundCommune, Name: level.names.at(u), Detail: c.communeCodes[u], Unit: engine.UnitCommune, ID: id}, x.communeBox[u], how))
			break
		}
	}
	slices.SortFunc(list, func(a, b rankedFound) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.Detail, b.Detail))
	})
	return list
}

// findPrecincts gives the precincts whose codes begin with a text, by rank, code and division.
func (c *City) findPrecincts(x *searchIndex, text string) (list []rankedFound) {
	typed := codeOfSearch(text)
	if typed == "" {
		return nil
	}
	l := c.layers["precincts"]
	for u, code := range x.codes {
		if !strings.HasPrefix(code, typed) || l.box(u) == nowhere {
			continue
		}
		how := beginsName
		if code == typed {
			how = isName
		}
		found := Found{Kind: FoundPrecinct, Name: l.level.names.at(u), Detail: c.communeName(l.level.communes[u]), Unit: engine.UnitPrecinct, ID: l.level.ids[u]}
		if x.divided {
			found.Detail = strings.TrimPrefix(found.Detail+", "+l.divisions[u], ", ")
		}
		list = append(list, inMiddle(found, l.box(u), how))
	}
	slices.SortFunc(list, func(a, b rankedFound) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.Name, b.Name), strings.Compare(a.Detail, b.Detail), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// inMiddle places what was found in the middle of what it takes up.
func inMiddle(found Found, box geo.WorldBox, how nameRank) rankedFound {
	found.Lon, found.Lat = geo.FromWorld((box.MinX+box.MaxX)/2, (box.MinY+box.MaxY)/2)
	found.Bound = boundOfBox(box)
	return rankedFound{found, int(how)}
}
