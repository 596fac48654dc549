package live

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

// touchedBy gives the segments that changes touch.
func touchedBy(t testing.TB, f *Field, changes ...engine.Change) []int64 {
	t.Helper()
	since := f.Last()
	f.Observe(changes)
	if f.Last() == since {
		return []int64{}
	}
	touched, _, err := f.Wait(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	return touched.Segments
}

// A door is counted where it was last met: a return at another street touches both.
func TestTouchedSegments(t *testing.T) {
	for name, read := range map[string]bool{"of precincts that were read": true, "of precincts that nobody has asked for": false} {
		t.Run(name, func(t *testing.T) {
			c, p := openHamlet(t), &pile{}
			f := openField(t, c, p)
			if read {
				if err := f.Load(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			at := func(position int64, segment int64, n, minute int) engine.Entry {
				e := visit(c, position, segment, door(n), minute, "a", "contact", 1)
				e.Precinct = precinct2 // in which both streets have a part
				return e
			}
			for _, one := range []struct {
				what   string
				change engine.Change
				want   []int64 // nil: as where nothing was read, the return's own street
			}{
				{"a first return", p.settle(at(1, basse, 1, 10), engine.Counts), []int64{basse}},
				{"the door again, in another street", p.settle(at(2, impasse, 1, 20), engine.Counts), []int64{impasse, basse}},
				{"the door again, of before", p.settle(at(3, basse, 1, 5), engine.Counts), []int64{impasse}},
				{"another door", p.settle(at(4, basse, 2, 30), engine.Counts), []int64{basse}},
				{"no door", p.settle(at(5, impasse, 0, 40), engine.Counts), []int64{impasse}},
				{"no door, elsewhere", p.settle(at(6, basse, 0, 40), engine.Counts), []int64{basse}},
				{"the last at a door is taken back", p.settle(at(2, impasse, 1, 20), engine.Nothing), []int64{impasse, basse}},
				{"no door, taken back", p.settle(at(5, impasse, 0, 40), engine.Nothing), []int64{impasse}},
				{"a street that is not there", p.settle(at(7, 99, 3, 1), engine.Counts), []int64{}},
			} {
				slices.Sort(one.want)
				got := touchedBy(t, f, one.change)
				if !read && one.change.Entry.Segment != 99 {
					one.want = []int64{one.change.Entry.Segment}
				}
				if got == nil || !slices.Equal(got, one.want) {
					t.Errorf("%s: %v, want %v", one.what, got, one.want)
				}
			}
		})
	}
}

// What was joined is touched under the id that it stands under.
func TestTouchedSegmentsOfAStretch(t *testing.T) {
	then, c := openHamlet(t), stretchedHamlet(t)
	f, p := openField(t, c, &pile{}), &pile{}
	if got := touchedBy(t, f, p.settle(visit(then, 1, impasse, door(1), 1, "a", "contact", 1), engine.Counts)); !slices.Equal(got, []int64{basse}) {
		t.Errorf("%v, want %d", got, basse)
	}
	if got := touchedBy(t, f, p.settle(visit(then, 2, impasse, door(2), 1, "a", "contact", 1), engine.Counts), p.settle(visit(then, 3, haute, door(3), 1, "a", "contact", 1), engine.Counts)); len(got) != 2 {
		t.Errorf("two streets in one commit: %v", got)
	}
}

// Whatever was settled, every segment whose counts are others is among those touched, and those touched are where the return or its door was.
func TestTouchedSegmentsAreThoseThatChanged(t *testing.T) {
	c := openHamlet(t)
	streets := []int64{haute, basse, impasse, chemin, ferme}
	rapid.Check(t, func(rt *rapid.T) {
		p := &pile{}
		f := openField(t, c, p)
		if err := f.Load(t.Context()); err != nil {
			rt.Fatal(err)
		}
		counts := func() map[int64]string {
			all := map[int64]string{}
			for _, segment := range streets {
				s, err := f.Score(t.Context(), engine.UnitSegment, segment)
				if err != nil {
					rt.Fatal(err)
				}
				all[segment] = fmt.Sprintf("%+v %v", s.Counts, s.Support)
			}
			return all
		}
		before := counts()
		for n := range rapid.IntRange(1, 20).Draw(rt, "commits") {
			e := visit(c, int64(n+1), rapid.SampledFrom(streets).Draw(rt, "street"), door(rapid.IntRange(0, 3).Draw(rt, "door")), rapid.IntRange(0, 59).Draw(rt, "minute"), "a", "contact", 1)
			if len(p.entries) > 0 && rapid.Bool().Draw(rt, "settles") {
				e = rapid.SampledFrom(p.entries).Draw(rt, "old").Entry
			}
			near := map[int64]bool{e.Segment: true}
			for _, other := range p.entries {
				if other.Door == e.Door && e.Door != door(0) {
					near[other.Segment] = true
				}
			}
			effect := rapid.SampledFrom([]engine.Effect{engine.Counts, engine.AttemptOnly, engine.Nothing}).Draw(rt, "effect")
			touched := touchedBy(t, f, p.settle(e, effect))
			after := counts()
			for segment := range after {
				if after[segment] != before[segment] && !slices.Contains(touched, segment) {
					rt.Fatalf("segment %d has changed and is not touched: %v", segment, touched)
				}
			}
			for _, segment := range touched {
				if !near[segment] {
					rt.Fatalf("segment %d is touched, and its door was in %v", segment, slices.Collect(maps.Keys(near)))
				}
			}
			before = after
		}
	})
}

// More than a map is told of one by one are not told.
func TestMostTouched(t *testing.T) {
	c := openHamlet(t)
	f := openField(t, c, &pile{})
	b, _ := c.unitLevel(engine.UnitPrecinct, 0).find(precinct1)
	units := f.ground.carried[b]
	for _, count := range []int{MostTouched, MostTouched + 1} {
		units.ids, units.segments, f.moved[b] = make([]int64, count), make([]int32, count), nil
		all := make([]int32, count)
		for i := range all {
			units.ids[i], all[i] = int64(i+1), int32(i)
		}
		since := f.Last()
		f.touch([]int32{int32(b)}, map[int32][]int32{int32(b): all})
		touched, _, err := f.Wait(t.Context(), since)
		if err != nil || (touched.Segments == nil) != (count > MostTouched) || touched.Segments != nil && len(touched.Segments) != count {
			t.Errorf("of %d segments %d are told: %v", count, len(touched.Segments), err)
		}
	}
}
