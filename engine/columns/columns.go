package columns

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"sort"

	"github.com/arpent/arpent/engine"
)

var (
	errTooMany   = errors.New("there are more returns than may be held")
	errUnsettled = errors.New("some returns are not settled yet: the next question tries again")
)

// columns are the returns of a campaign, in the order of their positions.
type columns struct {
	blocks  []block
	returns int

	places  []place
	placeAt map[place]uint32
	whens   []when
	whenAt  map[when]uint32
	doors   map[engine.Key]uint32 // from 1
	homes   []uint32              // by door: the place of all its attempts, or astray
	strays  []uint32              // doors that were tried at several places
}

// astray is the home of a door that was tried at several places, as it is where another snapshot placed it anew.
const astray = ^uint32(0)

// place is where a return was, and when the day and team of one: what roll-ups group by.
type place struct{ cell, segment, precinct int64 }

type when struct {
	day  int32
	team string
}

// block is some returns, blockReturns but for the last. Its slices only grow in place, and counts is replaced where what is in it changes, so
// that a view stays as it was taken.
type block struct {
	base    int64    // of the positions
	offsets []uint32 // positions, from base
	places  []uint32
	whens   []uint32
	more    []uint32 // of an attempt the number of its door, 0: doors are not told apart; of an action its count
	counts  []class
}

const blockReturns = 1 << 14

// class is what a return counts as. What was settled to count for nothing has the bit for it.
type class uint8

const (
	contact class = iota
	refused
	notHome
	otherAttempt
	action
	neither
	classes
)

const forNothing class = 0x80

// attempt tells whether a class, with no bit, is of attempts.
func (c class) attempt() bool { return c <= otherAttempt }

func newColumns() *columns {
	return &columns{placeAt: map[place]uint32{}, whenAt: map[when]uint32{}, doors: map[engine.Key]uint32{}, homes: make([]uint32, 1)}
}

// take takes a commit, as far as it is of the campaign and not there yet.
func (c *columns) take(campaign string, batch engine.Batch) {
	last := c.last()
	for i := range batch.Entries {
		if e := &batch.Entries[i]; e.Campaign == campaign && e.Position > last {
			c.add(e)
		}
	}
	replaced := -1 // the block whose counts are the commit's own
	settlements := slices.Clone(batch.Settlements)
	slices.SortStableFunc(settlements, func(a, b engine.Settlement) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.At, b.At))
	})
	for _, s := range settlements {
		b, at, found := c.find(s.Position)
		if !found {
			continue // another campaign's
		}
		if b != replaced {
			c.blocks[b].counts = append(make([]class, 0, blockReturns), c.blocks[b].counts...)
			replaced = b
		}
		c.blocks[b].settle(at, s.Effect)
	}
}

// last is the highest position, -1 where there is none.
func (c *columns) last() int64 {
	if len(c.blocks) == 0 {
		return -1
	}
	b := &c.blocks[len(c.blocks)-1]
	return b.base + int64(b.offsets[len(b.offsets)-1])
}

// add takes an entry that comes after all others. It counts.
func (c *columns) add(e *engine.Entry) {
	if n := len(c.blocks); n == 0 || len(c.blocks[n-1].offsets) == blockReturns || e.Position-c.blocks[n-1].base > math.MaxUint32 {
		numbers := func() []uint32 { return make([]uint32, 0, blockReturns) }
		c.blocks = append(c.blocks, block{e.Position, numbers(), numbers(), numbers(), numbers(), make([]class, 0, blockReturns)})
	}
	b := &c.blocks[len(c.blocks)-1]
	b.offsets = append(b.offsets, uint32(e.Position-b.base))
	at := numberOf(&c.places, c.placeAt, place{e.Cell, e.Segment, e.Precinct})
	b.places = append(b.places, at)
	b.whens = append(b.whens, numberOf(&c.whens, c.whenAt, when{e.Day, e.Team}))
	counted, more := classOf(e), uint32(0)
	if counted == action {
		more = uint32(e.Count)
	} else if counted.attempt() && e.Door != (engine.Key{}) {
		more = c.door(e.Door, at)
	}
	b.more = append(b.more, more)
	b.counts = append(b.counts, counted)
	c.returns++
}

// door gives the number of a door that is tried at a place.
func (c *columns) door(key engine.Key, at uint32) uint32 {
	number, known := c.doors[key]
	if !known {
		number = uint32(len(c.doors)) + 1
		c.doors[key] = number
		c.homes = append(c.homes, at)
	}
	if home := c.homes[number]; home != at && home != astray {
		c.homes[number] = astray
		c.strays = append(c.strays, number)
	}
	return number
}

// numberOf gives the index of a value in a list that has each once.
func numberOf[T comparable](list *[]T, at map[T]uint32, value T) uint32 {
	number, known := at[value]
	if !known {
		number = uint32(len(*list))
		*list, at[value] = append(*list, value), number
	}
	return number
}

func classOf(e *engine.Entry) class {
	switch {
	case e.Kind == engine.Action:
		return action
	case e.Kind != engine.Attempt:
		return neither
	case e.Result == engine.ResultContact:
		return contact
	case e.Result == engine.ResultRefused:
		return refused
	case e.Result == engine.ResultNotHome:
		return notHome
	}
	return otherAttempt
}

// find gives the block of a position and where in it.
func (c *columns) find(position int64) (b, at int, found bool) {
	b = sort.Search(len(c.blocks), func(i int) bool { return c.blocks[i].base > position }) - 1
	if b < 0 || position-c.blocks[b].base > math.MaxUint32 {
		return 0, 0, false
	}
	at, found = slices.BinarySearch(c.blocks[b].offsets, uint32(position-c.blocks[b].base))
	return b, at, found
}

// settle says what a return counts for that was just added.
func (c *columns) settle(position int64, effect engine.Effect) {
	if b, at, found := c.find(position); found {
		c.blocks[b].settle(at, effect)
	}
}

func (b *block) settle(at int, effect engine.Effect) {
	if effect == engine.Nothing {
		b.counts[at] |= forNothing
	} else {
		b.counts[at] &^= forNothing
	}
}

// view is the columns as they were at one moment, as far as they were settled.
type view struct {
	blocks []block
	places []place
	whens  []when
	doors  int
	strays []uint32
}

func (c *columns) view(settledTo int64) view {
	v := view{slices.Clone(c.blocks), c.places, c.whens, len(c.doors), c.strays}
	for len(v.blocks) > 0 {
		b := &v.blocks[len(v.blocks)-1]
		settled := 0
		if settledTo >= b.base {
			settled = sort.Search(len(b.offsets), func(i int) bool { return b.base+int64(b.offsets[i]) > settledTo })
		}
		b.places, b.whens, b.more, b.counts = b.places[:settled], b.whens[:settled], b.more[:settled], b.counts[:settled]
		if settled > 0 {
			break
		}
		v.blocks = v.blocks[:len(v.blocks)-1]
	}
	return v
}
