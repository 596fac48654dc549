package live

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
	"github.com/arpent/arpent/geo"
)

// fieldPrecinct holds the attempts of a precinct, in an order that depends on nothing but what they are. What is counted of them is made
// anew from all of them when one has changed, which takes less than a millisecond.
type fieldPrecinct struct {
	carried *carriedUnits
	k       int32

	mu       sync.Mutex
	read     bool
	reading  chan struct{}   // closed when the reading that is under way ends; nil: none is
	meantime []engine.Change // observed while it was read
	attempts []attempt
	highest  int64    // position that was ever among them: what is later is new
	teams    []string // by attempt.team
	walkers  map[engine.Key]int32
	sums     *fieldSums // nil: to be made, and states too
	states   []estimate.FieldState
	statesBy *fieldModel // that made them
}

// attempt is what is kept of an entry.
type attempt struct {
	door     engine.Key
	position int64
	happened int64 // microseconds since 1970
	day      int32
	segment  int32 // in carried.segments; -1: not one of them
	cell     int32 // in carried.cells; -1: none of them
	team     int32
	walker   int32 // the canvasser; -1: not said
	outcome  outcome
	support  int8 // engine.NotSaid where nothing was, or where it does not count
}

type outcome uint8

const (
	otherOutcome outcome = iota
	contacted
	refused
	notHome
)

func outcomeOf(result string) outcome {
	switch result {
	case engine.ResultContact:
		return contacted
	case engine.ResultRefused:
		return refused
	case engine.ResultNotHome:
		return notHome
	}
	return otherOutcome
}

// counted tells whether an entry is an attempt of the precinct.
func counted(effect engine.Effect) bool {
	return effect == engine.Counts || effect == engine.AttemptOnly
}

// observe applies a change, and gives the segments whose counts it changes, by carried.segments. While the precinct is being read the change
// waits, and before that it does nothing: the reading will find it, and nobody has seen a count yet.
func (p *fieldPrecinct) observe(change engine.Change) (segments []int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.read {
		return p.apply(change.Entry, change.After)
	}
	if p.reading != nil {
		e := *change.Entry
		change.Entry = &e
		p.meantime = append(p.meantime, change)
	}
	if at, ok := p.carried.find(change.Entry.Segment); ok {
		segments = append(segments, int32(at))
	}
	return segments
}

// apply makes an entry count for what it does, whatever it did before: to do it twice changes nothing. It gives the segments whose counts change: its
// own, or those that its door was and is counted in.
func (p *fieldPrecinct) apply(e *engine.Entry, effect engine.Effect) (segments []int32) {
	segments = p.lastMet(e.Door, segments)
	done := false
	if e.Position <= p.highest {
		if at := slices.IndexFunc(p.attempts, func(a attempt) bool { return a.position == e.Position }); at >= 0 {
			segments = metNowhereElse(&p.attempts[at], segments)
			p.attempts = slices.Delete(p.attempts, at, at+1)
			done = true
		}
	}
	if counted(effect) {
		p.highest = max(p.highest, e.Position)
		a := p.attempt(e, effect)
		segments = metNowhereElse(&a, segments)
		at, _ := slices.BinarySearchFunc(p.attempts, a, p.order)
		p.attempts = slices.Insert(p.attempts, at, a)
		done = true
	}
	if !done {
		return nil
	}
	p.sums, p.states = nil, nil
	return p.lastMet(e.Door, segments)
}

// lastMet adds the segment that a door is counted in, see count. One without a key is none, see metNowhereElse.
func (p *fieldPrecinct) lastMet(door engine.Key, segments []int32) []int32 {
	after, _ := slices.BinarySearchFunc(p.attempts, door, func(a attempt, door engine.Key) int {
		if bytes.Compare(a.door[:], door[:]) <= 0 {
			return -1
		}
		return 1
	})
	if door == (engine.Key{}) || after == 0 || p.attempts[after-1].door != door || p.attempts[after-1].segment < 0 {
		return segments
	}
	return append(segments, p.attempts[after-1].segment)
}

// metNowhereElse adds the segment of an attempt at a door without a key.
func metNowhereElse(a *attempt, segments []int32) []int32 {
	if a.door != (engine.Key{}) || a.segment < 0 {
		return segments
	}
	return append(segments, a.segment)
}

// attempt places an entry among the units that the precinct carries.
func (p *fieldPrecinct) attempt(e *engine.Entry, effect engine.Effect) attempt {
	a := attempt{
		door: e.Door, position: e.Position, happened: e.Happened.UnixMicro(), day: e.Day, segment: -1, cell: -1,
		team: p.team(e.Team), walker: p.walker(e.Canvasser), outcome: outcomeOf(e.Result), support: engine.NotSaid,
	}
	if effect == engine.Counts && e.Support >= -2 && e.Support <= 2 {
		a.support = e.Support
	}
	if at, ok := p.carried.find(e.Segment); ok {
		a.segment, a.cell = int32(at), p.carried.middles[at]
	}
	// A point may lie in a cell that the precinct has nothing in: then the middle of its segment stands.
	if at, ok := slices.BinarySearch(p.carried.cells, int64(geo.Cell(e.Cell).Parent(engine.FinestResolution))); ok {
		a.cell = int32(at)
	}
	return a
}

// team finds a team's number in the precinct, or gives it one.
func (p *fieldPrecinct) team(name string) int32 {
	at := slices.Index(p.teams, name)
	if at < 0 {
		at = len(p.teams)
		p.teams = append(p.teams, name)
	}
	return int32(at)
}

// walker numbers the canvassers of the precinct.
func (p *fieldPrecinct) walker(canvasser engine.Key) int32 {
	if canvasser == (engine.Key{}) {
		return -1
	}
	if p.walkers == nil {
		p.walkers = map[engine.Key]int32{}
	}
	at, ok := p.walkers[canvasser]
	if !ok {
		at = int32(len(p.walkers))
		p.walkers[canvasser] = at
	}
	return at
}

// order is by door, then by time; the rest only settles what happened at the same moment. The position comes last: two attempts that
// differ in nothing else are the same to all counts.
func (p *fieldPrecinct) order(a, b attempt) int {
	return cmp.Or(
		bytes.Compare(a.door[:], b.door[:]), cmp.Compare(a.happened, b.happened), cmp.Compare(a.support, b.support), cmp.Compare(a.segment, b.segment),
		cmp.Compare(a.cell, b.cell), cmp.Compare(a.day, b.day), cmp.Compare(a.outcome, b.outcome), strings.Compare(p.teams[a.team], p.teams[b.team]),
		cmp.Compare(a.position, b.position),
	)
}

// fieldSums are the counts of a precinct. They do not change. What was answered is in them where it may be told, see tell.
type fieldSums struct {
	all      fieldTally
	segments []fieldTally // by carried.segments
	cells    []fieldTally // by carried.cells; without what was answered
	heard    []cellSpan   // by carried.segments
	rest     bool         // what was answered in segments of which nothing is told by themselves, and nowhere, is in all
}

// tells whether the answers of a household are in what is told, by the segment that it was last met in; -1 is nowhere.
func (s *fieldSums) tells(segment int32) bool {
	return s.rest || segment >= 0 && s.segments[segment].heard() > 0
}

// cellSpan is where in carried.cells the households of a segment that answered are, from the first to the last; from -1 where one is nowhere.
type cellSpan struct{ first, last int32 }

// count adds up the doors. A door is counted where it was last met.
func (p *fieldPrecinct) count() *fieldSums {
	segments, cells := make([]fieldTally, len(p.carried.segments)+1), make([]fieldTally, len(p.carried.cells)+1) // the last: nowhere
	heard := make([]cellSpan, len(segments))
	p.eachDoor(func(door []attempt) {
		var t fieldTally
		for i := range door {
			t.attempt(&door[i])
		}
		if door[0].door != (engine.Key{}) {
			t.doors = 1
		} else {
			t.answers = 0 // of no household that is known
		}
		last := &door[len(door)-1]
		segment := at(last.segment, segments)
		if said := lastAnswer(door); said != nil {
			t.answered = 1
			t.support[said.support+2] = 1
			span := &heard[segment]
			if segments[segment].answered == 0 {
				*span = cellSpan{last.cell, last.cell}
			}
			*span = cellSpan{min(span.first, last.cell), max(span.last, last.cell)}
		}
		segments[segment].add(&t)
		t.hush()
		cells[at(last.cell, cells)].add(&t)
	})
	s := &fieldSums{segments: segments[:len(segments)-1], cells: cells[:len(cells)-1], heard: heard}
	s.all, s.rest = tell(segments, p.k)
	return s
}

// tell adds up segments, and leaves in them what was answered where k households did. What was answered in the others and nowhere, which comes last, is
// told of the precinct where it is of k households together: else the precinct less its segments would tell of few.
func tell(segments []fieldTally, k int32) (all fieldTally, withRest bool) {
	var rest fieldTally
	for i := range segments {
		if segments[i].answered < k || i == len(segments)-1 {
			rest.hear(&segments[i])
			segments[i].hush()
		}
		all.add(&segments[i])
	}
	withRest = rest.heard() >= k
	if withRest {
		all.hear(&rest)
	}
	return all, withRest
}

// at is where -1 is the last.
func at(i int32, of []fieldTally) int {
	if i < 0 {
		return len(of) - 1
	}
	return int(i)
}

// eachDoor gives the attempts at each door, in their order. Those without a key are given one by one: whether two were at the same door is
// not known.
func (p *fieldPrecinct) eachDoor(do func(door []attempt)) {
	for start := 0; start < len(p.attempts); {
		end, first := start+1, &p.attempts[start]
		for first.door != (engine.Key{}) && end < len(p.attempts) && p.attempts[end].door == first.door {
			end++
		}
		do(p.attempts[start:end])
		start = end
	}
}

// attempt counts one more attempt.
func (t *fieldTally) attempt(a *attempt) {
	t.attempts++
	t.lastDay = max(t.lastDay, a.day)
	switch a.outcome {
	case contacted:
		t.contacts++
	case refused:
		t.refusals++
	case notHome:
		t.notHome++
	}
	if a.support != engine.NotSaid {
		t.answers++
	}
}

// lastAnswer is the last attempt at a door with an answer; nil where there is none. Without a key it is no household either.
func lastAnswer(door []attempt) *attempt {
	for i := len(door) - 1; i >= 0 && door[i].door != (engine.Key{}); i-- {
		if door[i].support != engine.NotSaid {
			return &door[i]
		}
	}
	return nil
}

// teamTally is what a team did in a segment and a cell of it.
type teamTally struct {
	segment, cell int32 // as of an attempt
	team          string
	fieldTally
}

// countTeams adds up the doors by the teams that were there, in the order of segments, cells and teams. What a household said is counted
// for the team that heard it last.
func (p *fieldPrecinct) countTeams() []teamTally {
	type place struct{ segment, cell, team int32 }
	rowOf := map[place]int{}
	var rows []teamTally
	p.eachDoor(func(door []attempt) {
		last := &door[len(door)-1]
		row := func(team int32) *teamTally {
			at := place{last.segment, last.cell, team}
			i, ok := rowOf[at]
			if !ok {
				i = len(rows)
				rowOf[at] = i
				rows = append(rows, teamTally{segment: at.segment, cell: at.cell, team: p.teams[team]})
			}
			return &rows[i]
		}
		for i := range door {
			r, a := row(door[i].team), &door[i]
			r.attempt(a)
			before := slices.ContainsFunc(door[:i], func(b attempt) bool { return b.team == a.team })
			if !before && a.door != (engine.Key{}) {
				r.doors++
			}
		}
		if said := lastAnswer(door); said != nil {
			r := row(said.team)
			r.answered++
			r.support[said.support+2]++
		}
	})
	slices.SortFunc(rows, func(a, b teamTally) int {
		return cmp.Or(cmp.Compare(a.segment, b.segment), cmp.Compare(a.cell, b.cell), strings.Compare(a.team, b.team))
	})
	return rows
}

// sums gives the counts of a precinct of the contest.
func (f *Field) sums(ctx context.Context, precinct int32) (sums *fieldSums, err error) {
	err = f.withRead(ctx, precinct, func(p *fieldPrecinct) { sums = p.counted() })
	return sums, err
}

// counted gives the counts as they are now. The caller holds the lock.
func (p *fieldPrecinct) counted() *fieldSums {
	if p.sums == nil {
		p.sums = p.count()
	}
	return p.sums
}

// isRead tells whether a precinct has been read.
func (f *Field) isRead(precinct int) bool {
	p := f.precincts[precinct]
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.read
}

// teams gives the counts of a precinct of the contest by team.
func (f *Field) teams(ctx context.Context, precinct int32) (rows []teamTally, err error) {
	err = f.withRead(ctx, precinct, func(p *fieldPrecinct) { rows = p.countTeams() })
	return rows, err
}

// withRead calls do with a precinct that has been read, which nobody changes meanwhile.
func (f *Field) withRead(ctx context.Context, precinct int32, do func(*fieldPrecinct)) error {
	p := f.precincts[precinct]
	for {
		p.mu.Lock()
		if p.read {
			defer p.mu.Unlock()
			do(p)
			return nil
		}
		under := p.reading
		p.mu.Unlock()
		if under == nil {
			if !p.begin() {
				continue
			}
			if err := f.read(ctx, p, f.city.unitLevel(engine.UnitPrecinct, 0).ids[precinct]); err != nil {
				return err
			}
			continue
		}
		select {
		case <-under:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// begin marks a precinct as being read, unless it has been, or is.
func (p *fieldPrecinct) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.read || p.reading != nil {
		return false
	}
	p.reading = make(chan struct{})
	return true
}

// read takes in the entries of a precinct that is being read.
func (f *Field) read(ctx context.Context, p *fieldPrecinct, id int64) error {
	found := fieldPrecinct{carried: p.carried}
	err := f.returns.Counted(ctx, f.campaign.ID, id, func(entries []engine.Kept) error {
		for i := range entries {
			found.add(&entries[i])
		}
		return nil
	})
	p.take(&found, err == nil)
	if err != nil {
		return fmt.Errorf("live: read the returns of precinct %d of campaign %s: %w", id, f.campaign.ID, err)
	}
	return nil
}

// add takes in an entry of the log.
func (p *fieldPrecinct) add(e *engine.Kept) {
	if e.Kind == engine.Attempt && counted(e.Effect) {
		p.attempts = append(p.attempts, p.attempt(&e.Entry, e.Effect))
		p.highest = max(p.highest, e.Position)
	}
}

// take ends the reading of a precinct: with what was found, where that is whole, and then what was observed meanwhile. Of an entry that is
// in both, the change says it last, or a change that is still to come does.
func (p *fieldPrecinct) take(found *fieldPrecinct, whole bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.reading)
	p.reading = nil
	meantime := p.meantime
	p.meantime = nil
	if !whole {
		return
	}
	slices.SortFunc(found.attempts, found.order)
	p.attempts, p.teams, p.walkers, p.highest, p.read = found.attempts, found.teams, found.walkers, found.highest, true
	for _, change := range meantime {
		p.apply(change.Entry, change.After)
	}
}
