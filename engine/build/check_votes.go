package build

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/arpent/arpent/engine"
)

type checkedContest struct {
	id       string
	division string
	choices  []string // in id order
	official []tally  // by precinct
	votes    atomVotes
}

// tally is votes by choice in ascending order. Choices that are not on the ballot are not in it: a contest may have hundreds, each on few
// ballots.
type tally []choiceCount

type choiceCount struct {
	choice int32
	votes  int64
}

// add adds to a choice.
func (t *tally) add(choice int, votes int64) {
	at, found := t.find(choice)
	if !found {
		*t = slices.Insert(*t, at, choiceCount{choice: int32(choice)})
	}
	(*t)[at].votes += votes
}

func (t tally) find(choice int) (int, bool) {
	return slices.BinarySearchFunc(t, int32(choice), func(c choiceCount, choice int32) int { return cmp.Compare(c.choice, choice) })
}

// votes of a choice, -1 where it is on no ballot.
func (t tally) votes(choice int) int64 {
	if at, found := t.find(choice); found {
		return t[at].votes
	}
	return -1
}

// atomVotes are the votes of a contest by atom: rows of the table votes, in its order.
type atomVotes struct {
	start  []int // by atom, up to the last that has any: its first row
	choice []int32
	votes  []int32
}

// of gives the rows of an atom.
func (v *atomVotes) of(atom int32) (choices, votes []int32) {
	if int(atom) >= len(v.start) {
		return nil, nil
	}
	from, to := v.start[atom], len(v.choice)
	if int(atom)+1 < len(v.start) {
		to = v.start[atom+1]
	}
	return v.choice[from:to], v.votes[from:to]
}

// unitTally adds up the votes of a unit by choice. Its memory is used from unit to unit.
type unitTally struct {
	votes  []int64 // by choice, where now is its epoch
	epoch  []int32
	now    int32
	listed []int32 // choices on the ballot of an atom
	total  int64
}

// add sums the atoms of a unit.
func (t *unitTally) add(contest *checkedContest, atoms []int32) {
	if n := len(contest.choices); n > len(t.votes) {
		t.votes, t.epoch, t.now = make([]int64, n), make([]int32, n), 0
	}
	t.now++
	t.listed, t.total = t.listed[:0], 0
	for _, atom := range atoms {
		choices, votes := contest.votes.of(atom)
		for i, k := range choices {
			if t.epoch[k] != t.now {
				t.epoch[k], t.votes[k] = t.now, 0
				t.listed = append(t.listed, k)
			}
			t.votes[k] += int64(votes[i])
			t.total += int64(votes[i])
		}
	}
}

// of gives the votes of a choice, -1 where it is on no ballot.
func (t *unitTally) of(choice int) int64 {
	if t.epoch[choice] != t.now {
		return -1
	}
	return t.votes[choice]
}

// loadVotes reads the votes of the atoms.
func (c *checker) loadVotes() error {
	last := -1 // contest of the row before
	done := map[int]bool{}
	known := c.choicesOf("votes")
	each := c.rowsOf(engine.Votes) / max(1, len(c.contests)) // about
	return c.eachBatch(engine.Votes, func(r engine.Rows) error {
		contests, atoms, choices, votes := r.Texts("contest"), r.Ints("atom_id"), r.Texts("choice"), r.Ints("votes")
		known.Begin(contests, choices)
		for i := range r.Len() {
			found, err := known.At(i)
			a, n := atoms.Value(i)-1, votes.Value(i)
			if err != nil || a < 0 || a >= int64(len(c.atoms.homes)) {
				c.differ("votes: atom %d of contest %s is not in atoms", a+1, contests.Value(i))
				continue
			}
			if n < 0 || n > math.MaxInt32 {
				c.differ("votes: precinct %s, contest %s, choice %s: an atom has %d votes", c.precincts.names[c.atoms.precinct[a]], contests.Value(i), choices.Value(i), n)
				n = 0
			}
			at := found.at
			of := &c.contests[at].votes
			if at != last && done[at] || int(a) < len(of.start)-1 {
				c.differ("votes: atom %d of contest %s is out of order", a+1, contests.Value(i))
				continue
			}
			if of.choice == nil {
				of.choice, of.votes = make([]int32, 0, each+each/8), make([]int32, 0, each+each/8)
			}
			last, done[at] = at, true
			for len(of.start) <= int(a) {
				of.start = append(of.start, len(of.choice))
			}
			of.choice, of.votes = append(of.choice, int32(found.k)), append(of.votes, int32(n))
		}
		return nil
	})
}

func (c *checker) choice(table, contest, choice string) (at, k int, ok bool) {
	if at, ok = c.contestAt[contest]; !ok {
		c.differ("%s: contest %s is not in contests", table, contest)
		return 0, 0, false
	}
	if k, ok = slices.BinarySearch(c.contests[at].choices, choice); !ok {
		c.differ("%s: choice %s is not among the choices of contest %s", table, choice, contest)
	}
	return at, k, ok
}

// rowsOf is how many rows the manifest says that a table has.
func (c *checker) rowsOf(t engine.Table) int {
	at := slices.IndexFunc(c.snapshot.Manifest.Tables, func(m engine.ManifestTable) bool { return m.Name == t.Name })
	if at < 0 {
		return 0
	}
	return int(min(max(0, c.snapshot.Manifest.Tables[at].Rows), mostRoom)) // a damaged manifest is not to ask for any memory
}

// mostRoom is for how many rows room is made at the most before they are read.
const mostRoom = 1 << 27

// contestChoice is a contest and one of its choices.
type contestChoice struct{ at, k int }

var errUnknown = errors.New("not known") // and said already

// choicesOf finds contests and choices by what rows of a table call them.
func (c *checker) choicesOf(table string) *engine.TextPairs[contestChoice] {
	return &engine.TextPairs[contestChoice]{Find: func(contest, choice string) (contestChoice, error) {
		at, k, ok := c.choice(table, contest, choice)
		if !ok {
			return contestChoice{}, errUnknown
		}
		return contestChoice{at, k}, nil
	}}
}

// checkResults compares the official results with the atoms of each precinct.
func (c *checker) checkResults() error {
	for i := range c.contests {
		c.contests[i].official = make([]tally, len(c.precincts.ids))
	}
	err := c.eachBatch(engine.Results, func(r engine.Rows) error {
		contests, precincts, choices, votes := r.Texts("contest"), r.Ints("precinct_id"), r.Texts("choice"), r.Ints("votes")
		for i := range r.Len() {
			at, k, ok := c.choice("results", contests.Value(i), choices.Value(i))
			if !ok {
				continue
			}
			b, ok := c.precincts.find(precincts.Value(i))
			if !ok {
				c.differ("results: precinct %d of contest %s has no atom", precincts.Value(i), contests.Value(i))
				continue
			}
			c.contests[at].official[b].add(k, votes.Value(i))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for at := range c.contests {
		contest := &c.contests[at]
		for b, official := range contest.official {
			c.tally.add(contest, nil)
			if l, u := c.level(engine.UnitPrecinct, c.precincts.ids[b]); l != nil {
				c.tally.add(contest, l.atoms(u))
			}
			differ := func(choice int, votes, sum int64) {
				c.differ("precinct %s, contest %s, choice %s: %s votes officially, %s over its segments and cells",
					c.precincts.names[b], contest.id, contest.choices[choice], orNone(votes), orNone(sum))
			}
			for _, o := range official {
				c.Sums++
				if sum := c.tally.of(int(o.choice)); sum != o.votes {
					differ(int(o.choice), o.votes, sum)
				}
			}
			for _, k := range c.tally.listed {
				if official.votes(int(k)) < 0 {
					differ(int(k), -1, c.tally.of(int(k)))
				}
			}
		}
	}
	return nil
}

func orNone(votes int64) string {
	if votes < 0 {
		return "no"
	}
	return strconv.FormatInt(votes, 10)
}
