package live

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// Nobody learns by subtraction what few households have said: those whose answers are counted in the same units are eleven or more, and whatever
// is made of the units' counts, by adding and taking away, is made of such sums.
func TestAnswersOfFewAreNoDifference(t *testing.T) {
	apart := openHamlet(t)
	t.Run("segments by themselves", func(t *testing.T) { answersOfFewAreNoDifference(t, apart, apart) })
	t.Run("segments joined since the returns came", func(t *testing.T) { answersOfFewAreNoDifference(t, apart, stretchedHamlet(t)) })
}

func answersOfFewAreNoDifference(t *testing.T, then, c *City) {
	streets, cells := then.unitLevel(engine.UnitSegment, 0).ids, c.unitLevel(engine.UnitCell, engine.FinestResolution).ids
	rapid.Check(t, func(rt *rapid.T) {
		p := &pile{}
		var answers []engine.Entry
		for _, street := range streets {
			for range rapid.SampledFrom([]int{0, 3, 8, 11, 12, 25}).Draw(rt, "households") {
				n := len(answers) + 1
				e := visit(then, int64(n), street, door(n), n%60, "a", "contact", 2)
				switch rapid.IntRange(0, 15).Draw(rt, "place") {
				case 0: // with consent: not in the middle of the street
					e.Cell = cells[n%len(cells)]
				case 1: // in a street that the snapshot has no more
					e.Segment = 1
				}
				answers = append(answers, e)
				p.settle(e, engine.Counts)
			}
		}
		f := openField(t, c, p)
		questions := someQuestions(rt, c)
		counts := func() map[string]string {
			all := map[string]string{}
			tell := func(what string, told *fieldTally) {
				if heard := told.heard(); heard > 0 && heard < f.k {
					rt.Fatalf("%s tells of %d households", what, heard)
				}
				all[what] = fmt.Sprint(told.support)
			}
			for _, l := range c.levels {
				for u := range l.ids {
					unit, err := f.unit(t.Context(), l, u)
					if err != nil {
						rt.Fatal(err)
					}
					tell(fmt.Sprint(l.unit, " ", l.ids[u]), &unit.fieldTally)
				}
			}
			for _, q := range questions {
				places, err := f.hear(t.Context(), &q)
				if err != nil {
					rt.Fatal(err)
				}
				for place, told := range places {
					tell(fmt.Sprint(q, place), told)
				}
			}
			return all
		}
		before := counts()
		alike := map[string]int{} // households by the units and rows that their answer is counted in
		for _, e := range answers {
			other := e
			other.Support = -2
			f.Observe([]engine.Change{{Entry: &other, Before: engine.Counts, After: engine.Counts}, {Entry: &other, After: engine.Counts}})
			now, in := counts(), []string{}
			for what := range now {
				if now[what] != before[what] {
					in = append(in, what)
				}
			}
			f.Observe([]engine.Change{{Entry: &e, After: engine.Counts}})
			if slices.Sort(in); len(in) > 0 {
				alike[strings.Join(in, "\n")]++
			}
		}
		for in, n := range alike {
			if n < int(f.k) {
				rt.Fatalf("%d households can be told by the units %s", n, in)
			}
		}
	})
}

// someQuestions draws roll-ups of places, with and without filters.
func someQuestions(rt *rapid.T, c *City) []engine.Question {
	places := []engine.Dimension{engine.ByCell, engine.BySegment, engine.ByPrecinct}
	streets, precincts := c.unitLevel(engine.UnitSegment, 0).ids, c.unitLevel(engine.UnitPrecinct, 0).ids
	cells := c.unitLevel(engine.UnitCell, engine.FinestResolution).ids
	questions := make([]engine.Question, rapid.IntRange(1, 8).Draw(rt, "questions"))
	for i := range questions {
		q := &questions[i]
		q.Campaign, q.Resolution = "north", rapid.IntRange(engine.CoarsestResolution, engine.FinestResolution).Draw(rt, "resolution")
		q.By = rapid.Permutation(places).Draw(rt, "by")[:rapid.IntRange(0, 3).Draw(rt, "dimensions")]
		if rapid.Bool().Draw(rt, "of streets") {
			q.Segments = rapid.SliceOfN(rapid.SampledFrom(streets), 1, 3).Draw(rt, "streets")
		}
		if rapid.Bool().Draw(rt, "of precincts") {
			q.Precincts = rapid.SliceOfN(rapid.SampledFrom(precincts), 1, 2).Draw(rt, "precincts")
		}
		if rapid.Bool().Draw(rt, "of a cell") {
			cell := geo.Cell(rapid.SampledFrom(cells).Draw(rt, "cell"))
			q.Cell = int64(cell.Parent(rapid.IntRange(0, engine.FinestResolution).Draw(rt, "of resolution")))
		}
	}
	return questions
}

// What a roll-up tells of a place is what the map tells of it.
func TestHeardIsWhatUnitsAreToldOf(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	n := 0
	answer := func(street int64, households int, support int8) {
		for range households {
			n++
			p.settle(visit(c, int64(n), street, door(n), n%60, "a", "contact", support), engine.Counts)
		}
	}
	answer(haute, 11, 2)
	n++
	stored := visit(c, int64(n), haute, door(n), n, "a", "contact", 2) // with consent: not in the middle of the street
	stored.Cell = cellOf(t, haute, engine.AddressResolution)
	p.settle(stored, engine.Counts)
	answer(haute, 12, -1)
	answer(basse, 10, 1)
	answer(ferme, 11, 0)
	f := openField(t, c, p)
	for _, by := range []struct {
		dimension engine.Dimension
		unit      engine.Unit
		place     func(id int64) HeardPlace
		level     int
	}{
		{engine.BySegment, engine.UnitSegment, func(id int64) HeardPlace { return HeardPlace{Segment: id} }, 0},
		{engine.ByPrecinct, engine.UnitPrecinct, func(id int64) HeardPlace { return HeardPlace{Precinct: id} }, 0},
		{engine.ByCell, engine.UnitCell, func(id int64) HeardPlace { return HeardPlace{Cell: id} }, 7},
		{engine.ByCell, engine.UnitCell, func(id int64) HeardPlace { return HeardPlace{Cell: id} }, 5},
	} {
		heard, err := f.Heard(t.Context(), engine.Question{Campaign: "north", By: []engine.Dimension{by.dimension}, Resolution: by.level})
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, id := range c.unitLevel(by.unit, by.level).ids {
			s, err := f.Score(t.Context(), by.unit, id)
			if err != nil {
				t.Fatal(err)
			}
			h, some := heard[by.place(id)]
			if some {
				told++
			}
			if s.Support != nil && *s.Support != h.Support || s.Support == nil && some && !h.OneSided {
				t.Errorf("%s %d: the map tells %v, the roll-up %+v", by.unit, id, s.Support, h)
			}
		}
		if told == 0 || told != len(heard) {
			t.Errorf("by %s %d of %d places are units", by.dimension, told, len(heard))
		}
	}
	var cells []int64 // one at a time, of every resolution
	for resolution := engine.CoarsestResolution; resolution <= engine.FinestResolution; resolution++ {
		cells = append(cells, c.unitLevel(engine.UnitCell, resolution).ids...)
	}
	for _, id := range cells {
		s, err := f.Score(t.Context(), engine.UnitCell, id)
		if err != nil {
			t.Fatal(err)
		}
		heard, err := f.Heard(t.Context(), engine.Question{Campaign: "north", Cell: id})
		if err != nil {
			t.Fatal(err)
		}
		if h := heard[HeardPlace{}]; s.Support != nil && *s.Support != h.Support || s.Support == nil && len(heard) > 0 && !h.OneSided {
			t.Errorf("cell %x: the map tells %v, the roll-up %+v", id, s.Support, heard)
		}
	}
	all, err := f.Heard(t.Context(), engine.Question{Campaign: "north"})
	if err != nil {
		t.Fatal(err)
	}
	if h := all[HeardPlace{}]; len(all) != 1 || h.Households != 35 || h.Support != [5]int64{0, 12, 11, 0, 12} {
		t.Errorf("all that may be told, without the ten of the Rue Basse: %+v", all)
	}
}
