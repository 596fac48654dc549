package columns

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// leftOut is the group of what is not asked for.
const leftOut = ^uint32(0)

// denseGroups is up to how many groups of places and of days and teams have a counter for every pair: 100 MB of them.
const denseGroups = 1 << 21

// counter is what is counted of a group.
type counter struct {
	of       [classes]uint32
	doors    uint32
	material int64
}

// groups numbers the groups of a question: those of places, times those of days and teams.
type groups struct {
	place  []uint32 // by place: its group, or leftOut
	when   []uint32 // by day and team, likewise
	places []place
	whens  []when
	sparse map[uint64]uint32 // numbers of pairs, where they are too many for a counter each; else nil
	pairs  []uint64          // by number
}

// rollUp counts what a question that was checked asks for, and gives its groups in their order.
func (v *view) rollUp(ctx context.Context, q *engine.Question, each func(*engine.RollupRow) error) error {
	g := v.group(q)
	counters := make([]counter, g.dense())
	doors := newDoorsOf(v, len(g.whens) > 1)
	var numbers [blockReturns]uint32
	for i := range v.blocks {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("columns: roll up: %w", err)
		}
		b := &v.blocks[i]
		g.number(b, &numbers)
		for len(counters) < len(g.pairs) {
			counters = append(counters, counter{})
		}
		count(b, numbers[:len(b.places)], counters, doors)
	}
	doors.countElsewhere(counters)
	var row engine.RollupRow
	for _, number := range g.inOrder(q, counters) {
		row = g.row(number, &counters[number])
		if err := each(&row); err != nil {
			return err
		}
	}
	return nil
}

// count adds the returns of a block to the counters of their groups.
func count(b *block, groups []uint32, counters []counter, doors *doorsOf) {
	more, counts := b.more[:len(groups)], b.counts[:len(groups)]
	for i, group := range groups {
		counted := counts[i]
		if group == leftOut || counted >= classes {
			continue
		}
		c := &counters[group]
		c.of[counted]++
		switch {
		case counted.attempt():
			if door := more[i]; door != 0 && doors.isNew(door, group) {
				c.doors++
			}
		case counted == action:
			c.material += int64(int32(more[i]))
		}
	}
}

// doorsOf tells which doors were tried in which groups. Where groups are of places alone, a door of one place is in one group, and a bit says that it
// was counted. Else its first group is noted, and most doors have no other.
type doorsOf struct {
	bits      []doorBits // by 64 doors
	first     []uint32   // not nil: groups are also of days and teams; by door: the group it was found in first + 1; 0: none
	elsewhere []uint64   // group and door, for those that may be in several; some several times
}

type doorBits struct{ counted, stray uint64 }

func newDoorsOf(v *view, ofWhens bool) *doorsOf {
	if ofWhens {
		return &doorsOf{first: make([]uint32, v.doors+1)}
	}
	d := &doorsOf{bits: make([]doorBits, v.doors/64+1)}
	for _, door := range v.strays {
		d.bits[door/64].stray |= 1 << (door % 64)
	}
	return d
}

// isNew tells whether a door is found for the first time at all. What is new to one group of several is told in the end.
func (d *doorsOf) isNew(door, group uint32) bool {
	if d.first != nil {
		return d.isNewAt(door, group)
	}
	bits, bit := &d.bits[door/64], uint64(1)<<(door%64)
	if bits.stray&bit != 0 {
		d.elsewhere = append(d.elsewhere, uint64(group)<<32|uint64(door))
		return false
	}
	counted := bits.counted&bit != 0
	bits.counted |= bit
	return !counted
}

// isNewAt is isNew where a door may be in any group.
func (d *doorsOf) isNewAt(door, group uint32) bool {
	switch d.first[door] {
	case 0:
		d.first[door] = group + 1
		return true
	case group + 1:
	default:
		d.elsewhere = append(d.elsewhere, uint64(group)<<32|uint64(door))
	}
	return false
}

// countElsewhere counts the doors that may be in several groups, in all of those where isNew has not.
func (d *doorsOf) countElsewhere(counters []counter) {
	slices.Sort(d.elsewhere)
	for _, pair := range slices.Compact(d.elsewhere) {
		counters[pair>>32].doors++
	}
}

// group numbers what a question groups by.
func (v *view) group(q *engine.Question) *groups {
	g := &groups{}
	segments, precincts, teams := setOf(q.Segments), setOf(q.Precincts), setOf(q.Teams)
	g.place, g.places = numbered(v.places, func(p place) (place, bool) {
		segment := p.segment
		if under, joined := q.Joined[segment]; joined {
			segment = under
		}
		asked := segments.has(segment) && precincts.has(p.precinct) &&
			(q.Cell == 0 || int64(geo.Cell(p.cell).Parent(geo.Cell(q.Cell).Resolution())) == q.Cell)
		var key place
		for _, by := range q.By {
			switch by {
			case engine.ByCell:
				key.cell = int64(geo.Cell(p.cell).Parent(q.Resolution))
			case engine.BySegment:
				key.segment = segment
			case engine.ByPrecinct:
				key.precinct = p.precinct
			}
		}
		return key, asked
	})
	g.when, g.whens = numbered(v.whens, func(w when) (when, bool) {
		asked := teams.has(w.team) && (q.FromDay == 0 || w.day >= q.FromDay) && (q.ToDay == 0 || w.day <= q.ToDay)
		var key when
		for _, by := range q.By {
			switch by {
			case engine.ByDay:
				key.day = w.day
			case engine.ByTeam:
				key.team = w.team
			}
		}
		return key, asked
	})
	if len(g.whens) > 1 && len(g.places)*len(g.whens) > denseGroups {
		g.sparse = map[uint64]uint32{}
	}
	return g
}

// numbered gives each value the number of its group, and the groups.
func numbered[T comparable](values []T, groupOf func(T) (group T, asked bool)) (numbers []uint32, groups []T) {
	numbers = make([]uint32, len(values))
	const room = 1 << 16 // for as many groups as streets of a city, so that nothing is moved for them
	at := make(map[T]uint32, min(len(values), room))
	groups = make([]T, 0, min(len(values), room))
	for i, value := range values {
		numbers[i] = leftOut
		if group, asked := groupOf(value); asked {
			numbers[i] = numberOf(&groups, at, group)
		}
	}
	return numbers, groups
}

// setOf is the values that one must be of, nil where any will do.
func setOf[T comparable](values []T) set[T] {
	if len(values) == 0 {
		return nil
	}
	s := set[T]{}
	for _, value := range values {
		s[value] = true
	}
	return s
}

type set[T comparable] map[T]bool

func (s set[T]) has(value T) bool { return s == nil || s[value] }

// dense is how many counters there are from the start.
func (g *groups) dense() int {
	if g.sparse != nil {
		return 0
	}
	return len(g.places) * len(g.whens)
}

// number writes the groups of a block's returns.
func (g *groups) number(b *block, numbers *[blockReturns]uint32) {
	if len(g.whens) == 1 && !slices.Contains(g.when, leftOut) {
		for i, place := range b.places {
			numbers[i] = g.place[place]
		}
		return
	}
	for i, place := range b.places {
		ofPlace, ofWhen := g.place[place], g.when[b.whens[i]]
		numbers[i] = leftOut
		if ofPlace == leftOut || ofWhen == leftOut {
			continue
		}
		if g.sparse == nil {
			numbers[i] = ofPlace*uint32(len(g.whens)) + ofWhen
			continue
		}
		numbers[i] = numberOf(&g.pairs, g.sparse, uint64(ofPlace)<<32|uint64(ofWhen))
	}
}

// of gives the groups of a number.
func (g *groups) of(number int) (place, when) {
	if g.sparse != nil {
		return g.places[g.pairs[number]>>32], g.whens[g.pairs[number]&(1<<32-1)]
	}
	return g.places[number/len(g.whens)], g.whens[number%len(g.whens)]
}

// inOrder gives the numbers of the groups that have a return, in the order of the question's groups.
func (g *groups) inOrder(q *engine.Question, counters []counter) []int {
	var numbers []int
	for number := range counters {
		if counters[number].of != [classes]uint32{} {
			numbers = append(numbers, number)
		}
	}
	slices.SortFunc(numbers, func(a, b int) int {
		placeA, whenA := g.of(a)
		placeB, whenB := g.of(b)
		for _, by := range q.By {
			if order := compareBy(by, placeA, placeB, whenA, whenB); order != 0 {
				return order
			}
		}
		return 0
	})
	return numbers
}

func compareBy(by engine.Dimension, placeA, placeB place, whenA, whenB when) int {
	switch by {
	case engine.ByCell:
		return cmp.Compare(placeA.cell, placeB.cell)
	case engine.BySegment:
		return cmp.Compare(placeA.segment, placeB.segment)
	case engine.ByPrecinct:
		return cmp.Compare(placeA.precinct, placeB.precinct)
	case engine.ByDay:
		return cmp.Compare(whenA.day, whenB.day)
	default: // the question was checked
		return cmp.Compare(whenA.team, whenB.team)
	}
}

func (g *groups) row(number int, c *counter) engine.RollupRow {
	p, w := g.of(number)
	return engine.RollupRow{
		Cell: p.cell, Segment: p.segment, Precinct: p.precinct, Day: w.day, Team: w.team,
		Attempts: int64(c.of[contact]) + int64(c.of[refused]) + int64(c.of[notHome]) + int64(c.of[otherAttempt]),
		Contacts: int64(c.of[contact]), Refusals: int64(c.of[refused]), NotHome: int64(c.of[notHome]),
		Doors: int64(c.doors), Actions: int64(c.of[action]), Material: c.material,
	}
}
