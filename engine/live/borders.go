package live

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// Border is the outline of an area that is made of whole precincts, with a place for its name. It follows from the polygons of precincts and from what
// lies in what alone, both of which anybody has from tiles and rows. No number is in it, so that what may be published has no say here: an area
// has a border whether its numbers are published or not.
type Border struct {
	ID         int64
	Name, Code string
	Lines      orb.MultiLineString // closed, in degrees
	Label      orb.Point           // inside of its largest part
}

// BordersQuery asks for the borders of a set of areas.
type BordersQuery struct {
	Set     string // CommuneBorders, or a set of districts
	Contest string // whose precincts they are made of; "" is the first contest
}

// CommuneBorders is the name of the set of all communes.
const CommuneBorders = "commune"

// MostBorders is how many areas have their borders drawn at once: a country has 35,000 communes.
const MostBorders = 500

// BordersError says that a set has too many areas.
type BordersError struct {
	Set    string
	Areas  int
	Others []string // sets
}

func (e *BordersError) Error() string {
	return fmt.Sprintf("live: the set %s has %d areas, and borders are drawn of %d at most", e.Set, e.Areas, MostBorders)
}

// bordersKey names what is kept.
type bordersKey struct{ set, division string }

// keptBorders are made by the first who asks. Whoever asks meanwhile waits; where the first does not, the next goes about it.
type keptBorders struct {
	turn chan struct{} // has one, which who makes them takes
	made []Border      // nil until then
}

// borders keeps those that were asked for: as many as there are sets and divisions.
type borders struct {
	mu   sync.Mutex
	kept map[bordersKey]*keptBorders
}

func newBorders() *borders { return &borders{kept: map[bordersKey]*keptBorders{}} }

func (b *borders) at(key bordersKey) *keptBorders {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.kept[key]
	if k == nil {
		k = &keptBorders{turn: make(chan struct{}, 1)}
		k.turn <- struct{}{}
		b.kept[key] = k
	}
	return k
}

// Borders gives the borders of a set's areas, in the order of their ids, of the precincts of the contest asked for, with the contest. Areas without a
// precinct that is drawn have none. The caller changes nothing in them.
func (c *City) Borders(ctx context.Context, q BordersQuery) ([]Border, Contest, error) {
	at, err := contestByName(c.contests, q.Contest)
	if err != nil {
		return nil, Contest{}, err
	}
	contest := c.contests[at]
	level, in, codes, err := c.areas(q.Set)
	if err != nil {
		return nil, contest, err
	}
	kept := c.borders.at(bordersKey{q.Set, contest.Division})
	select {
	case <-ctx.Done():
		return nil, contest, ctx.Err()
	case <-kept.turn:
		defer func() { kept.turn <- struct{}{} }()
	}
	if kept.made != nil {
		return kept.made, contest, nil
	}
	units, areas := c.drawnAreas(in, contest.Division, level)
	if len(areas) > MostBorders {
		others := slices.DeleteFunc(c.BorderSets(), func(name string) bool { return name == q.Set })
		return nil, contest, &BordersError{q.Set, len(areas), others}
	}
	outlines, err := c.outlines(ctx, units, areas, in)
	if err != nil {
		return nil, contest, err
	}
	made := make([]Border, 0, len(areas))
	for i, u := range areas {
		if len(outlines[i].Ends) == 0 {
			continue
		}
		border := Border{ID: level.ids[u], Name: level.name(int(u)), Code: codes[u]}
		border.Lines, border.Label = c.layers["precincts"].degrees(outlines[i])
		made = append(made, border)
	}
	kept.made = made
	return made, contest, nil
}

// BorderSets names the sets of areas that have borders.
func (c *City) BorderSets() []string {
	names := []string{CommuneBorders}
	for _, set := range c.sets {
		names = append(names, set.name)
	}
	return names
}

// areas gives the level of a set, the unit of it that each precinct is in (less than 0: none) and the codes of its units.
func (c *City) areas(set string) (l *level, in []int32, codes []string, err error) {
	if set == CommuneBorders {
		return c.unitLevel(engine.UnitCommune, 0), c.unitLevel(engine.UnitPrecinct, 0).communes, c.communeCodes, nil
	}
	at := slices.IndexFunc(c.sets, func(d *districtSet) bool { return d.name == set })
	if at < 0 {
		return nil, nil, nil, &QueryError{"set", set, c.BorderSets()}
	}
	return c.sets[at].level, c.sets[at].ofPrecinct, c.sets[at].codes, nil
}

// drawnAreas lists the precincts of a division that are drawn and in an area, and these areas, both in order.
func (c *City) drawnAreas(in []int32, division string, areas *level) (precincts, list []int32) {
	l := c.layers["precincts"]
	drawn := make([]bool, len(areas.ids))
	for b, u := range in {
		if u >= 0 && l.place[b] != undrawn && l.divisions[b] == division {
			precincts, drawn[u] = append(precincts, int32(b)), true
		}
	}
	for u, is := range drawn {
		if is {
			list = append(list, int32(u))
		}
	}
	return precincts, list
}

// outlines gives the outline of each of the areas.
func (c *City) outlines(ctx context.Context, precincts, areas, in []int32) ([]geo.Outline, error) {
	l := c.layers["precincts"]
	var coords []uint32
	var ends, of []int32
	var holes []bool
	for _, b := range precincts {
		area, _ := slices.BinarySearch(areas, in[b])
		first, end := l.parts(b)
		for part := first; part < end; part++ {
			coords = append(coords, l.part(part).packed...)
			ends, of, holes = append(ends, int32(len(coords)/2)), append(of, int32(area)), append(holes, l.isHole(part))
		}
	}
	return l.frame.Outlines(coords, ends, holes, of, len(areas), ctx.Err)
}

// degrees gives an outline in longitude and latitude, each ring with its first vertex again.
func (l *layer) degrees(o geo.Outline) (lines orb.MultiLineString, inside orb.Point) {
	point := func(x, y uint32) orb.Point {
		lon, lat := geo.FromWorld(l.frame.Unpack(x, y))
		return orb.Point{lon, lat}
	}
	for _, ring := range o.Rings() {
		line := make(orb.LineString, 0, len(ring)/2+1)
		for v := 0; v < len(ring); v += 2 {
			line = append(line, point(ring[v], ring[v+1]))
		}
		lines = append(lines, append(line, line[0]))
	}
	return lines, point(o.Inside[0], o.Inside[1])
}
