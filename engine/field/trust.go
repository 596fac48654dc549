package field

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// Flag is something about a canvasser's day that somebody should look at. It drops nothing, and no flag is raised by what people said: only by
// how it was noted.
type Flag struct {
	Canvasser string // the first half of the keyed hash, in hex
	Team      string
	Kind      string // FlagPace and the like
	Day       int32
	Count     int
	Why       string
}

// The kinds of flags.
const (
	FlagPace    = "pace"    // more doors than anybody can knock at
	FlagJump    = "jump"    // from one place to another faster than anybody walks
	FlagStill   = "still"   // many doors, and a phone that never moved
	FlagRun     = "run"     // the same answers in a row
	FlagPeriod  = "period"  // the same answers again and again, in the same order
	FlagContact = "contact" // more people at home than there are
)

const (
	// Twenty to thirty doors an hour are usual, and a hundred in half an hour is one in 18 seconds.
	paceDoors  = 100
	paceWithin = 30 * time.Minute

	// Without consent a door stands in the middle of its street, which may be 200 m from a neighbour round the corner. Half a kilometre in 20
	// seconds is no walk, and three times is no clock that was set.
	jumpMetres = 500
	jumpWithin = 20 * time.Second
	jumpTimes  = 3

	// A tower has as many doors at one address, but a phone in it does not find itself equally well at all of them.
	stillDoors = 60

	// A pattern is flagged where chance gives it to one canvasser's day in a million: a campaign has thousands of days.
	unlikely = 1e-6
	// A street is of one mind more often than a city: half of its answers may be the same.
	sameInStreet = 0.5
	longestCycle = 8
	shortestRows = 30 // answers that a cycle is looked for in

	// Four to six of ten doors open in the best hours, fewer on the mean of a day.
	contactDoors = 50
	contactRate  = 0.6
	contactUsual = 0.45
)

// suspicions looks at the attempts of one canvasser on one day, in the order in which they happened.
func suspicions(attempts []engine.Kept) []Flag {
	var flags []Flag
	for _, look := range []func([]engine.Kept) (Flag, bool){pace, jumps, still, run, period, contacts} {
		if flag, found := look(attempts); found {
			first := attempts[0]
			flag.Canvasser, flag.Team, flag.Day = hex.EncodeToString(first.Canvasser[:8]), first.Team, first.Day
			flags = append(flags, flag)
		}
	}
	return flags
}

// pace finds the half hour with the most doors.
func pace(attempts []engine.Kept) (Flag, bool) {
	most, from := 0, 0
	for i := range attempts {
		for attempts[i].Happened.Sub(attempts[from].Happened) > paceWithin {
			from++
		}
		most = max(most, i-from+1)
	}
	return Flag{Kind: FlagPace, Count: most, Why: fmt.Sprintf("%d doors within %s", most, paceWithin)}, most > paceDoors
}

func jumps(attempts []engine.Kept) (Flag, bool) {
	count := 0
	for i := 1; i < len(attempts); i++ {
		a, b := &attempts[i-1], &attempts[i]
		if a.Cell > 0 && b.Cell > 0 && b.Happened.Sub(a.Happened) <= jumpWithin && metres(geo.Cell(a.Cell).Center(), geo.Cell(b.Cell).Center()) > jumpMetres {
			count++
		}
	}
	return Flag{Kind: FlagJump, Count: count, Why: fmt.Sprintf("%d times over %d m within %s", count, jumpMetres, jumpWithin)}, count >= jumpTimes
}

// metres is the distance between two places of a city, in degrees.
func metres(a, b orb.Point) float64 {
	const perDegree = 111_195
	return math.Hypot((a[0]-b[0])*math.Cos((a[1]+b[1])/2*math.Pi/180), a[1]-b[1]) * perDegree
}

// still finds the longest series of different doors at points that are all in one street and equally sure.
func still(attempts []engine.Kept) (Flag, bool) {
	most := 0
	doors := map[engine.Key]bool{}
	for i := range attempts {
		a := &attempts[i]
		if i > 0 && (a.Segment != attempts[i-1].Segment || a.AccuracyM != attempts[i-1].AccuracyM) {
			clear(doors)
		}
		if a.AccuracyM > 0 && a.Door != (engine.Key{}) {
			doors[a.Door] = true
		}
		most = max(most, len(doors))
	}
	return Flag{Kind: FlagStill, Count: most, Why: fmt.Sprintf("%d different doors in a row by a phone that did not move", most)}, most >= stillDoors
}

// said is all that somebody said.
type said struct {
	support, turnout int8
	issues           uint64
}

func answersOf(attempts []engine.Kept) []said {
	var all []said
	for i := range attempts {
		if a := &attempts[i]; a.Answered() {
			all = append(all, said{a.Support, a.Turnout, a.Issues})
		}
	}
	return all
}

// run finds the longest row of the same answers to everything.
func run(attempts []engine.Kept) (Flag, bool) {
	all := answersOf(attempts)
	longest, length := 0, 0
	for i := range all {
		if i == 0 || all[i] != all[i-1] {
			length = 0
		}
		length++
		longest = max(longest, length)
	}
	chance := float64(len(all)) * math.Pow(sameInStreet, float64(longest))
	return Flag{Kind: FlagRun, Count: longest, Why: fmt.Sprintf("%d times in a row the same was said to everything: by chance %s, where half of a street says the same", longest, odds(chance))},
		longest > 0 && chance < unlikely
}

// period finds whether answers repeat those of some doors before.
func period(attempts []engine.Kept) (Flag, bool) {
	all := answersOf(attempts)
	share := map[said]float64{}
	for _, s := range all {
		share[s] += 1 / float64(len(all))
	}
	same := 0.0 // the chance that two answers are the same
	for _, p := range share {
		same += p * p
	}
	for lag := 2; lag <= longestCycle && len(all)-lag >= shortestRows; lag++ {
		matches := 0
		for i := lag; i < len(all); i++ {
			if all[i] == all[i-lag] {
				matches++
			}
		}
		if chance := longestCycle * tail(matches, len(all)-lag, max(same, sameInStreet)); chance < unlikely {
			return Flag{Kind: FlagPeriod, Count: matches,
				Why: fmt.Sprintf("%d of %d answers are those of %d doors before: by chance %s", matches, len(all)-lag, lag, odds(chance))}, true
		}
	}
	return Flag{}, false
}

func contacts(attempts []engine.Kept) (Flag, bool) {
	count := 0
	for i := range attempts {
		if attempts[i].Result == engine.ResultContact {
			count++
		}
	}
	high := len(attempts) >= contactDoors && float64(count) > contactRate*float64(len(attempts))
	return Flag{Kind: FlagContact, Count: count,
		Why: fmt.Sprintf("%d of %d doors opened: by chance %s, where %.0f %% do", count, len(attempts), odds(tail(count, len(attempts), contactUsual)), 100*contactUsual)}, high
}

// tail bounds the chance that of n things with a chance of p each, at least k come (Chernoff).
func tail(k, n int, p float64) float64 {
	rate := float64(k) / float64(n)
	if rate <= p || p >= 1 {
		return 1
	}
	divergence := rate * math.Log(rate/p)
	if rate < 1 {
		divergence += (1 - rate) * math.Log((1-rate)/(1-p))
	}
	return math.Exp(-float64(n) * divergence)
}

func odds(chance float64) string {
	if chance >= 0.01 {
		return fmt.Sprintf("at most %.2f", min(1, chance))
	}
	return fmt.Sprintf("at most 1 in 10^%.0f", math.Floor(-math.Log10(max(chance, 1e-300))))
}

// Flags looks at all attempts of a campaign, a day at a time.
func (l *Log) Flags(ctx context.Context, campaign string) ([]Flag, error) {
	var days []int32
	question := engine.Question{Campaign: campaign, By: []engine.Dimension{engine.ByDay}}
	err := l.Rollup(ctx, question, func(row *engine.RollupRow) error {
		days = append(days, row.Day)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var flags []Flag
	for _, day := range days {
		walks, err := l.walks(ctx, campaign, day)
		if err != nil {
			return nil, fmt.Errorf("field: flags of %s: %w", campaign, err)
		}
		for _, walk := range walks {
			flags = append(flags, suspicions(walk)...)
		}
	}
	return flags, nil
}

// walks gives the attempts of a day that count, by canvasser, each in the order in which they happened.
func (l *Log) walks(ctx context.Context, campaign string, day int32) ([][]engine.Kept, error) {
	by := map[engine.Key][]engine.Kept{}
	err := l.config.Store.Replay(ctx, engine.Selection{Campaign: campaign, Day: day}, func(kept []engine.Kept) error {
		for i := range kept {
			counts := kept[i].Effect == engine.Counts || kept[i].Effect == engine.AttemptOnly
			if k := kept[i].Canvasser; counts && kept[i].Kind == engine.Attempt && kept[i].Day == day && k != (engine.Key{}) {
				by[k] = append(by[k], kept[i])
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	walks := make([][]engine.Kept, 0, len(by))
	for _, walk := range by {
		slices.SortFunc(walk, func(a, b engine.Kept) int {
			return cmp.Or(a.Happened.Compare(b.Happened), cmp.Compare(a.Position, b.Position))
		})
		walks = append(walks, walk)
	}
	slices.SortFunc(walks, func(a, b []engine.Kept) int { return bytes.Compare(a[0].Canvasser[:], b[0].Canvasser[:]) })
	return walks, nil
}
