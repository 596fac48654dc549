package field

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// A day is what one canvasser noted, a door after the other.
func day(doors int, door func(n int, k *engine.Kept)) []engine.Kept {
	var all []engine.Kept
	at := noon
	for n := range doors {
		cell, _ := geo.CellAt(2, 48+float64(n/20)/1000, 11) // a street every twenty doors, 111 m from the last
		k := engine.Kept{Entry: engine.Entry{
			Kind: engine.Attempt, Happened: at, Team: "north", Day: 20783, Canvasser: engine.Key{1, 2, 3, 4, 5, 6, 7, 8, 9},
			Door: engine.Key{byte(n), byte(n >> 8), 1}, Segment: int64(n / 20), Cell: int64(cell), Result: "not_home", Support: engine.NotSaid, Turnout: engine.NotSaid,
		}}
		at = at.Add(2 * time.Minute)
		door(n, &k)
		all = append(all, k)
	}
	return all
}

func answers5(random *rand.Rand, share float64, k *engine.Kept) {
	if random.Float64() < share {
		k.Result, k.Support, k.Turnout = engine.ResultContact, int8(random.Intn(5)-2), int8(random.Intn(5)-2)
	}
}

func TestWalksThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		name  string
		doors int
		door  func(random *rand.Rand, n int, k *engine.Kept)
		want  []string
	}{
		{"an honest evening", 120, func(r *rand.Rand, _ int, k *engine.Kept) { answers5(r, 0.35, k) }, nil},
		{"a street where all say the same, one after the other", 60, func(_ *rand.Rand, n int, k *engine.Kept) {
			if n%3 == 0 {
				k.Result, k.Support = engine.ResultContact, 2
			}
		}, nil},
		{"a tower: 50 doors at one point", 50, func(r *rand.Rand, _ int, k *engine.Kept) {
			answers5(r, 0.3, k)
			k.Segment, k.AccuracyM = 1, 10
		}, nil},
		{"a note every ten seconds", 150, func(r *rand.Rand, n int, k *engine.Kept) {
			answers5(r, 0.3, k)
			k.Happened = noon.Add(time.Duration(n) * 10 * time.Second)
		}, []string{FlagPace}},
		{"a hundred doors in half an hour are still believed", 100, func(r *rand.Rand, n int, k *engine.Kept) {
			answers5(r, 0.3, k)
			k.Happened = noon.Add(time.Duration(n) * 18 * time.Second)
		}, nil},
		{"from one end of the town to the other", 40, func(r *rand.Rand, n int, k *engine.Kept) {
			answers5(r, 0.3, k)
			cell, _ := geo.CellAt(2+0.05*float64(n%2), 48, 11)
			k.Cell, k.Happened = int64(cell), noon.Add(time.Duration(n)*20*time.Second)
		}, []string{FlagJump}},
		{"a phone on a table", 80, func(r *rand.Rand, _ int, k *engine.Kept) {
			answers5(r, 0.3, k)
			k.Segment, k.AccuracyM = 1, 10
		}, []string{FlagStill}},
		{"the same answers thirty times", 90, func(r *rand.Rand, n int, k *engine.Kept) {
			if n%3 == 0 {
				k.Result, k.Support, k.Turnout, k.Issues = engine.ResultContact, 0, 1, 4
			}
		}, []string{FlagRun}},
		{"1, 2, 3, 1, 2, 3", 160, func(_ *rand.Rand, n int, k *engine.Kept) {
			if n%2 == 0 {
				k.Result, k.Support, k.Turnout = engine.ResultContact, int8(n/2%3-1), int8(n/2%3)
			}
		}, []string{FlagPeriod}},
		{"everybody is at home", 60, func(r *rand.Rand, _ int, k *engine.Kept) { answers5(r, 0.9, k) }, []string{FlagContact}},
	} {
		random := rand.New(rand.NewSource(1))
		flags := suspicions(day(c.doors, func(n int, k *engine.Kept) { c.door(random, n, k) }))
		var kinds []string
		for _, f := range flags {
			kinds = append(kinds, f.Kind)
			if f.Canvasser != "0102030405060708" || f.Team != "north" || f.Day != 20783 || f.Why == "" {
				t.Errorf("%s: %+v", c.name, f)
			}
		}
		if !slices.Equal(kinds, c.want) {
			t.Errorf("%s: %+v, not %v", c.name, flags, c.want)
		}
	}
}

// What people said raises no flag: turned round, the same evening has the same flags.
func TestFlagsDoNotDependOnWhatIsSaid(t *testing.T) {
	for seed := range int64(20) {
		random := rand.New(rand.NewSource(seed))
		walk := day(100, func(_ int, k *engine.Kept) { answers5(random, 0.7, k) })
		turned := slices.Clone(walk)
		for i := range turned {
			if turned[i].Answered() {
				turned[i].Support, turned[i].Turnout = -turned[i].Support, -turned[i].Turnout
			}
		}
		if a, b := fmt.Sprint(suspicions(walk)), fmt.Sprint(suspicions(turned)); a != b {
			t.Errorf("flags %s, and with answers turned round %s", a, b)
		}
	}
}

func TestFlagsAreOfEachCanvassersDay(t *testing.T) {
	w := newWorld(t)
	var all []engine.Return
	for n := range 150 {
		r := attempt(n)
		r.Canvasser, r.Happened = fmt.Sprintf("c%d", n%2), noon.Add(-time.Duration(n)*5*time.Second)
		if n%2 == 0 {
			r.Result, r.Support = "not_home", nil
		}
		all = append(all, r)
	}
	w.send(all...)
	flags, err := w.log.Flags(context.Background(), "blue")
	if err != nil {
		t.Fatal(err)
	}
	key, _ := w.offices.Key("blue")
	liar := keyer{key}.canvasser("c1")
	if len(flags) != 2 || flags[0].Kind != FlagRun || flags[1].Kind != FlagContact || !strings.HasPrefix(fmt.Sprintf("%x", liar), flags[0].Canvasser) {
		t.Errorf("flags %+v", flags)
	}
}
