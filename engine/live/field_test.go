package live

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb/encoding/mvt"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// pile is a log of returns as Field sees it: what counts, by precinct.
type pile struct {
	mu      sync.Mutex
	entries []engine.Kept
}

func (p *pile) Counted(ctx context.Context, campaign string, precinct int64, each func([]engine.Kept) error) error {
	p.mu.Lock()
	var found []engine.Kept
	for _, e := range p.entries {
		if e.Campaign == campaign && (precinct == 0 || e.Precinct == precinct) && counted(e.Effect) {
			found = append(found, e)
		}
	}
	p.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	for batch := range slices.Chunk(found, 3) {
		if err := each(batch); err != nil {
			return err
		}
	}
	return nil
}

// settle gives an entry an effect, as the log does in a commit.
func (p *pile) settle(e engine.Entry, effect engine.Effect) engine.Change {
	p.mu.Lock()
	defer p.mu.Unlock()
	change := engine.Change{Entry: &e, After: effect}
	at := slices.IndexFunc(p.entries, func(k engine.Kept) bool { return k.Position == e.Position })
	if at >= 0 {
		change.Before = p.entries[at].Effect
		p.entries = slices.Delete(p.entries, at, at+1)
	}
	if effect != "" {
		p.entries = append(p.entries, engine.Kept{Entry: e, Effect: effect})
	}
	return change
}

var northern = engine.Campaign{ID: "north", Contest: "t2", Choice: "moulins"}

func openField(t *testing.T, c *City, returns Returns) *Field {
	t.Helper()
	f, err := NewField(c, northern, returns)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// door numbers the doors of a test; 0 is none.
func door(n int) engine.Key {
	var k engine.Key
	binary.BigEndian.PutUint64(k[:], uint64(n)*0x9e3779b97f4a7c15)
	return k
}

// visit is an attempt at a door of the hamlet, placed as the log places it.
func visit(c *City, position int64, segment int64, at engine.Key, minute int, team, result string, support int8) engine.Entry {
	place, _ := c.Locate("t2", engine.Location{Segment: segment})
	happened := time.Date(2026, 10, 1, 18, minute, 0, 0, time.UTC)
	return engine.Entry{
		Position: position, Campaign: "north", Kind: engine.Attempt, Happened: happened, Day: int32(happened.Unix() / 86400), Team: team, Door: at,
		Segment: segment, Precinct: place.Precinct, Cell: place.SegmentCell, Result: result, Support: support, Turnout: engine.NotSaid,
	}
}

const notSaid = engine.NotSaid

func TestCountsOfAnEvening(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	for i, v := range []struct {
		segment int64
		door    int
		team    string
		result  string
		support int8
		effect  engine.Effect
	}{
		{haute, 1, "a", "not_home", notSaid, engine.Counts},
		{haute, 1, "b", "contact", 1, engine.Counts},
		{haute, 1, "b", "contact", -1, engine.Counts}, // they changed their mind
		{haute, 2, "a", "refused", notSaid, engine.Counts},
		{haute, 3, "a", "contact", 2, engine.Counts},
		{haute, 3, "a", "contact", notSaid, engine.Counts}, // they did not say again
		{haute, 4, "a", "contact", 2, engine.AttemptOnly},  // in conflict: nobody knows what they said
		{haute, 0, "a", "contact", 2, engine.Counts},       // no door is known
		{haute, 5, "a", "contact", 2, engine.Nothing},      // withdrawn
		{basse, 6, "b", "wrong_address", notSaid, engine.Counts},
	} {
		p.settle(visit(c, int64(i+1), v.segment, door(v.door), i, v.team, v.result, v.support), v.effect)
	}
	f := openField(t, c, p)
	day := int32(time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	for _, u := range []struct {
		unit   engine.Unit
		id     int64
		counts FieldCounts
		teams  string // doors, attempts, contacts
	}{
		{engine.UnitSegment, haute, FieldCounts{Doors: 4, Attempts: 8, Contacts: 6, Refusals: 1, NotHome: 1, Households: 2, LastDay: day}, "a 4 6 4, b 1 2 2"},
		{engine.UnitSegment, basse, FieldCounts{Doors: 1, Attempts: 1, LastDay: day}, "b 1 1 0"},
		{engine.UnitSegment, ferme, FieldCounts{}, ""},
		{engine.UnitPrecinct, precinct1, FieldCounts{Doors: 4, Attempts: 8, Contacts: 6, Refusals: 1, NotHome: 1, Households: 2, LastDay: day}, "a 4 6 4, b 1 2 2"},
		{engine.UnitPrecinct, precinct2, FieldCounts{Doors: 1, Attempts: 1, LastDay: day}, "b 1 1 0"},
		{engine.UnitCommune, commune, FieldCounts{Doors: 5, Attempts: 9, Contacts: 6, Refusals: 1, NotHome: 1, Households: 2, LastDay: day}, "a 4 6 4, b 2 3 2"},
	} {
		s, err := f.Score(t.Context(), u.unit, u.id)
		if err != nil {
			t.Fatal(err)
		}
		var teams []string
		for _, team := range s.Teams {
			teams = append(teams, fmt.Sprint(team.Team, " ", team.Counts.Doors, " ", team.Counts.Attempts, " ", team.Counts.Contacts))
		}
		if s.Counts != u.counts || strings.Join(teams, ", ") != u.teams {
			t.Errorf("%s %d: %+v, teams %q", u.unit, u.id, s.Counts, teams)
		}
		if s.Support != nil {
			t.Errorf("%s %d tells what %d households said", u.unit, u.id, s.Counts.Households)
		}
	}
	if _, err := f.Score(t.Context(), engine.UnitSegment, 9); !errors.Is(err, ErrNotFound) {
		t.Errorf("segment 9: %v", err)
	}
}

// The cells of every resolution have the counts of the segments whose middle is in them, and of the addresses with consent.
func TestCountsOfCells(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	stored := visit(c, 1, haute, door(1), 1, "a", "contact", 1)
	stored.Cell = cellOf(t, haute, engine.AddressResolution)
	p.settle(stored, engine.Counts)
	p.settle(visit(c, 2, haute, door(2), 1, "a", "contact", 1), engine.Counts)
	nowhere := visit(c, 3, haute, door(3), 1, "a", "contact", 1)
	far, err := geo.CellAt(3, 40, engine.AddressResolution)
	if err != nil {
		t.Fatal(err)
	}
	nowhere.Cell = int64(far) // where precinct 1 has nothing
	p.settle(nowhere, engine.Counts)
	f := openField(t, c, p)
	middle := visit(c, 0, haute, door(2), 1, "a", "", 0).Cell
	for resolution := engine.CoarsestResolution; resolution <= engine.FinestResolution; resolution++ {
		own, other := cellOf(t, haute, resolution), int64(geo.Cell(middle).Parent(resolution))
		want := int64(1)
		if own == other {
			want = 3
		}
		s, err := f.Score(t.Context(), engine.UnitCell, own)
		if err != nil {
			t.Fatal(err)
		}
		if s.Counts.Doors != want {
			t.Errorf("resolution %d: %d doors, want %d", resolution, s.Counts.Doors, want)
		}
	}
}

// What Observe leaves is what reading the list again gives, and what counting it in the plainest way gives, whatever was corrected,
// withdrawn or erased, in which order, and whenever the precinct was read.
func TestObservedIsWhatIsRead(t *testing.T) {
	c := openHamlet(t)
	middles := map[int64]int64{}
	for _, s := range []int64{haute, basse, impasse, chemin, ferme} {
		middles[s] = visit(c, 0, s, door(1), 0, "", "", 0).Cell
	}
	rapid.Check(t, func(rt *rapid.T) {
		p := &pile{}
		open := func(returns Returns) *Field { // that tells everything
			f := openField(t, c, returns)
			for _, precinct := range f.precincts {
				if precinct != nil {
					precinct.k = 1
				}
			}
			return f
		}
		f := open(p)
		next := int64(0)
		draw := func(i int) engine.Entry {
			next++
			segment := rapid.SampledFrom([]int64{haute, basse, impasse, 7}).Draw(rt, "segment")
			e := visit(c, next, segment, door(rapid.IntRange(0, 4).Draw(rt, "door")), rapid.IntRange(0, 3).Draw(rt, "minute"),
				rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "team"), rapid.SampledFrom(engine.CanvassResults()).Draw(rt, "result"), notSaid)
			e.Precinct = rapid.SampledFrom([]int64{precinct1, precinct2}).Draw(rt, "precinct")
			e.Support = rapid.SampledFrom([]int8{notSaid, -2, -1, 0, 1, 2}).Draw(rt, "support")
			if rapid.Bool().Draw(rt, "stored") && segment != 7 {
				e.Cell = cellOf(t, segment, engine.AddressResolution)
			}
			return e
		}
		effects := []engine.Effect{engine.Counts, engine.AttemptOnly, engine.Nothing, ""}
		for i := range rapid.IntRange(1, 25).Draw(rt, "commits") {
			var changes []engine.Change
			for range rapid.IntRange(1, 4).Draw(rt, "entries") {
				if len(p.entries) > 0 && rapid.Bool().Draw(rt, "settles") {
					old := rapid.SampledFrom(p.entries).Draw(rt, "old").Entry
					changes = append(changes, p.settle(old, rapid.SampledFrom(effects).Draw(rt, "effect")))
					continue
				}
				changes = append(changes, p.settle(draw(i), rapid.SampledFrom(effects[:3]).Draw(rt, "effect")))
			}
			f.Observe(changes)
			if rapid.Bool().Draw(rt, "again") {
				f.Observe(changes)
			}
			if rapid.IntRange(0, 3).Draw(rt, "look") == 0 {
				if err := f.Load(t.Context()); err != nil {
					rt.Fatal(err)
				}
			}
		}
		// The same entries in another order, at other positions.
		shuffled := &pile{entries: rapid.Permutation(p.entries).Draw(rt, "order")}
		for i := range shuffled.entries {
			shuffled.entries[i].Position = int64(i + 1)
		}
		again := open(shuffled)
		for _, id := range []int64{precinct1, precinct2} {
			b, _ := c.unitLevel(engine.UnitPrecinct, 0).find(id)
			observed, err := f.sums(t.Context(), int32(b))
			if err != nil {
				rt.Fatal(err)
			}
			read, err := again.sums(t.Context(), int32(b))
			if err != nil {
				rt.Fatal(err)
			}
			if !reflect.DeepEqual(observed, read) {
				rt.Fatalf("observed\n%+v\nread\n%+v", observed, read)
			}
			rows, err := f.teams(t.Context(), int32(b))
			if err != nil {
				rt.Fatal(err)
			}
			readRows, err := again.teams(t.Context(), int32(b))
			if err != nil || !reflect.DeepEqual(rows, readRows) {
				rt.Fatalf("observed\n%+v\nread\n%+v", rows, readRows)
			}
			if want := plainly(p.entries, id, func(engine.Entry) bool { return true }); observed.all != want {
				rt.Fatalf("observed\n%+v\ncounted\n%+v", observed.all, want)
			}
			for at, segment := range f.ground.carried[b].ids {
				// The segment of a door is that of its last attempt, so that only doors of one segment can be counted plainly.
				if of := doorsOfOneSegment(p.entries, id); of {
					want := plainly(p.entries, id, func(e engine.Entry) bool { return e.Segment == segment })
					if observed.segments[at] != want {
						rt.Fatalf("segment %d: observed\n%+v\ncounted\n%+v", segment, observed.segments[at], want)
					}
				}
			}
			var cells, teams fieldTally
			for i := range observed.cells {
				cells.add(&observed.cells[i])
			}
			for i := range rows {
				teams.add(&rows[i].fieldTally)
			}
			if teams.attempts != observed.all.attempts || teams.answered != observed.all.answered || cells.doors > observed.all.doors {
				rt.Fatalf("of %+v teams have %+v, cells %+v", observed.all, teams, cells)
			}
		}
	})
}

func doorsOfOneSegment(entries []engine.Kept, precinct int64) bool {
	segments := map[engine.Key]int64{}
	for _, e := range entries {
		if !counted(e.Effect) || e.Precinct != precinct || e.Door == door(0) {
			continue
		}
		if s, ok := segments[e.Door]; ok && s != e.Segment {
			return false
		}
		segments[e.Door] = e.Segment
	}
	return true
}

// plainly counts as one would by hand: a door at a time, in a list.
func plainly(entries []engine.Kept, precinct int64, of func(engine.Entry) bool) fieldTally {
	var t fieldTally
	answers := map[engine.Key]engine.Kept{}
	doors := map[engine.Key]bool{}
	for _, e := range entries {
		if !counted(e.Effect) || e.Precinct != precinct || !of(e.Entry) {
			continue
		}
		t.attempts++
		t.lastDay = max(t.lastDay, e.Day)
		switch e.Result {
		case "contact":
			t.contacts++
		case "refused":
			t.refusals++
		case "not_home":
			t.notHome++
		}
		said := e.Support != notSaid && e.Effect == engine.Counts
		if e.Door == door(0) {
			continue
		}
		if said {
			t.answers++
		}
		doors[e.Door] = true
		before, ok := answers[e.Door]
		if said && (!ok || e.Happened.After(before.Happened) || e.Happened.Equal(before.Happened) && e.Support > before.Support) {
			answers[e.Door] = e
		}
	}
	t.doors, t.answered = int32(len(doors)), int32(len(answers))
	for _, e := range answers {
		t.support[e.Support+2]++
	}
	return t
}

// canvassed is a pile with households of a segment that answered, of doors first and on.
func canvassed(c *City, p *pile, segment int64, first int, answers ...int8) {
	for i, answer := range answers {
		n := first + i
		p.settle(visit(c, int64(n), segment, door(n), n%60, "a", "contact", answer), engine.Counts)
	}
}

func TestSupportNeedsElevenHouseholds(t *testing.T) {
	c := openHamlet(t)
	same := func(n int, answer int8) []int8 { return slices.Repeat([]int8{answer}, n) }
	for _, s := range []struct {
		what    string
		answers []int8
		state   engine.State
		value   float64
		counts  string // nil where they are not told
	}{
		{"ten", append(same(5, 2), same(5, -1)...), engine.Suppressed, 0, "<nil>"},
		{"eleven", append(same(5, 2), same(6, -1)...), engine.Published, 5.0 / 11, "&[0 6 0 0 5]"},
		{"eleven, of which one did not say", append(same(5, 2), append(same(5, -1), notSaid)...), engine.Suppressed, 0, "<nil>"},
		{"all the same", same(12, 2), engine.Published, 0.8, "<nil>"},
		{"nobody for", same(12, -2), engine.Published, 0.2, "<nil>"},
		{"all undecided", same(12, 0), engine.Published, 0.2, "<nil>"},
		{"fifty the same", same(50, 1), engine.Published, 1, "&[0 0 0 50 0]"},
	} {
		p := &pile{}
		canvassed(c, p, haute, 1, s.answers...)
		f := openField(t, c, p)
		score, err := f.Score(t.Context(), engine.UnitSegment, haute)
		if err != nil {
			t.Fatal(err)
		}
		m := measureIn(t, score, "support")
		if m.State != s.state || m.Value != s.value || fmt.Sprint(score.Support) != s.counts {
			t.Errorf("%s: %+v, counts %v", s.what, m, score.Support)
		}
		if (m.Reason == engine.ReasonK) != (s.state == engine.Suppressed) {
			t.Errorf("%s: reason %q", s.what, m.Reason)
		}
		if s.state == engine.Published && !(m.Low90 < m.High90 && m.Low90 <= m.Low50 && m.Low50 <= m.Value && m.Value <= m.High50 && m.High50 <= m.High90) {
			t.Errorf("%s: %+v", s.what, m)
		}
		if doors := measureIn(t, score, "doors"); doors.Value != float64(len(s.answers)) || doors.N != int64(len(s.answers)) {
			t.Errorf("%s: doors %+v", s.what, doors)
		}
	}
}

func measureIn(t *testing.T, s FieldScore, id string) FieldMeasureScore {
	t.Helper()
	for _, m := range s.Measures {
		if m.Measure == id {
			return m
		}
	}
	t.Fatalf("no measure %s", id)
	return FieldMeasureScore{}
}

// Nothing that Field gives depends on what was answered where fewer than eleven households did, or where a few said nearly all the same.
func TestAnswersOfFewAreNotTold(t *testing.T) {
	c := openHamlet(t)
	seen := func(haut, bas []int8) string {
		p := &pile{}
		canvassed(c, p, haute, 1, haut...)
		canvassed(c, p, impasse, 100, bas...)
		return everything(t, openField(t, c, p))
	}
	few := seen([]int8{2, 2, 1, 0, -1, -2, 2, 1}, []int8{1, 1})
	if other := seen([]int8{-2, -2, -2, -2, -2, -2, -2, -2}, []int8{-1, 2}); few != other {
		t.Error(firstDifference(few, other))
	}
	heard := func(answers []int8) string {
		p := &pile{}
		canvassed(c, p, haute, 1, answers...)
		s, err := openField(t, c, p).Score(t.Context(), engine.UnitSegment, haute)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%v %+v", s.Support, measureIn(t, s, "support"))
	}
	nearlyAll := heard(slices.Repeat([]int8{2}, 12))
	if other := heard(append(slices.Repeat([]int8{1}, 11), -2)); nearlyAll != other {
		t.Errorf("twelve of twelve: %s\neleven of twelve: %s", nearlyAll, other)
	}
	if other := heard(slices.Repeat([]int8{0}, 12)); nearlyAll == other {
		t.Error("the support of twelve households is not told at all")
	}
}

// firstDifference is the first line that two texts do not share.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d of %d:\n%.2000s\n%.2000s", i+1, len(x), x[i], y[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}

// everything is all that a Field answers, as text.
func everything(t *testing.T, f *Field) string {
	t.Helper()
	refresh(t, f, nextDay)
	var out strings.Builder
	learnt, _ := f.Learnt()
	fmt.Fprintf(&out, "%+v\n", learnt)
	for _, l := range f.city.levels {
		if l.unit == engine.UnitDistrict {
			continue // the field is told of precinct by precinct
		}
		for _, id := range l.ids {
			s, err := f.Score(t.Context(), l.unit, id)
			if err != nil {
				t.Fatal(err)
			}
			support := s.Support
			s.Support = nil
			fmt.Fprintf(&out, "%+v %v\n", s, support)
		}
	}
	for _, by := range []engine.Dimension{engine.BySegment, engine.ByPrecinct, engine.ByTeam} {
		covered, err := f.Coverage(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%+v\n", covered)
	}
	for _, layer := range Layers() {
		for _, m := range FieldMeasures() {
			tile, err := f.Tile(t.Context(), layer.Name, geo.TileAt(2.02, 48.001, 12), FieldQuery{Measure: m.ID})
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "%s %s %x\n", layer.Name, m.ID, tile.Data)
		}
	}
	return out.String()
}

func fieldFeatures(t *testing.T, f *Field, layer string, at geo.Tile, measure string) map[string]map[string]any {
	t.Helper()
	tile, err := f.Tile(t.Context(), layer, at, FieldQuery{Measure: measure})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]any{}
	if tile.Data == nil {
		return found
	}
	layers, err := mvt.Unmarshal(tile.Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, feature := range layers[0].Features {
		found[fmt.Sprint(feature.Properties["id"])] = feature.Properties
	}
	if len(found) != tile.Features {
		t.Errorf("%d features of %d", len(found), tile.Features)
	}
	return found
}

// Tiles show what scores say, of every unit that is drawn and every measure.
func TestFieldTilesShowTheScores(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	canvassed(c, p, haute, 1, 2, 2, 1, 1, 0, 0, -1, -1, -2, -2, 2, 1)
	canvassed(c, p, impasse, 100, 1, 2)
	f := openField(t, c, p)
	for _, layer := range Layers() {
		tile := geo.TileAt(2.02, 48.001, 12)
		for _, m := range FieldMeasures() {
			shown := fieldFeatures(t, f, layer.Name, tile, m.ID)
			if len(shown) < 2 {
				t.Fatalf("%s: %d features", layer.Name, len(shown))
			}
			for text, properties := range shown {
				var id int64
				if cell, err := geo.ParseCell(text); err == nil {
					id = int64(cell)
				} else if _, err := fmt.Sscan(text, &id); err != nil {
					t.Fatal(err)
				}
				score, err := f.Score(t.Context(), layer.Unit, id)
				if err != nil {
					t.Fatal(err)
				}
				want := measureIn(t, score, m.ID)
				var n any = float64(want.N)
				if m.Answers && want.State == engine.Suppressed {
					n = nil // how many of a few households answered is not for the map
				}
				if properties["state"] != string(want.State) || properties["n"] != n {
					t.Errorf("%s %s %s: %v, %+v", layer.Name, text, m.ID, properties, want)
				}
				if want.State != engine.Published {
					if properties["value"] != nil || properties["low"] != nil || properties["high"] != nil {
						t.Errorf("%s %s %s is %s: %v", layer.Name, text, m.ID, want.State, properties)
					}
					continue
				}
				for column, number := range map[string]float64{"value": want.Value, "low": want.Low90, "high": want.High90} {
					if got, ok := properties[column].(float64); !ok || float32(got) != float32(number) {
						t.Errorf("%s %s %s: %s is %v, want %v", layer.Name, text, m.ID, column, properties[column], number)
					}
				}
			}
		}
	}
	segments := fieldFeatures(t, f, "segments", geo.TileAt(2.02, 48.001, 12), "coverage")
	if v := segments[fmt.Sprint(haute)]["value"]; v != float64(float32(12.0/30)) {
		t.Errorf("12 of the 30 doors of Rue Haute were tried: %v", v)
	}
	segments = fieldFeatures(t, f, "segments", geo.TileAt(2.03, 48.001, 12), "coverage")
	if s := segments[fmt.Sprint(chemin)]["state"]; s != "empty" {
		t.Errorf("nobody lives on Chemin: %v", s)
	}
}

func TestFieldQueries(t *testing.T) {
	c := openHamlet(t)
	f := openField(t, c, &pile{})
	at := geo.TileAt(2.02, 48.001, 12)
	for parameter, ask := range map[string]func() error{
		"layer":   func() error { _, err := f.Tile(t.Context(), "voters", at, FieldQuery{}); return err },
		"measure": func() error { _, err := f.Tile(t.Context(), "cells", at, FieldQuery{Measure: "share"}); return err },
		"by":      func() error { _, err := f.Coverage(t.Context(), engine.ByDay); return err },
		"unit":    func() error { _, err := f.Score(t.Context(), "person", 1); return err },
		"contest": func() error { _, err := NewField(c, engine.Campaign{Contest: "t9"}, &pile{}); return err },
		"choice": func() error {
			_, err := NewField(c, engine.Campaign{Contest: "t1", Choice: "verger"}, &pile{})
			return err
		},
	} {
		var wrong *QueryError
		if err := ask(); !errors.As(err, &wrong) || wrong.Parameter != parameter {
			t.Errorf("%s: %v", parameter, err)
		}
	}
	if _, err := f.Version("voters", at); !errors.Is(err, ErrQuery) {
		t.Errorf("version of a layer that is not there: %v", err)
	}
	if tile, err := f.Tile(t.Context(), "segments", geo.TileAt(2, 48, 3), FieldQuery{}); err != nil || tile.Data != nil {
		t.Errorf("segments are not drawn at zoom 3: %v, %v", tile, err)
	}
	for _, m := range FieldMeasures() {
		if m.ID == "" || m.Title == "" || m.Unit == "" || m.Definition == "" {
			t.Errorf("%+v does not say what it is", m)
		}
	}
}

// The version of a tile changes with the tile and not otherwise; what Wait names covers every tile that changed.
func TestVersionsFollowTheTiles(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	f := openField(t, c, p)
	type key struct {
		layer string
		tile  geo.Tile
	}
	look := func() (tiles map[key]string, versions map[key]uint64) {
		tiles, versions = map[key]string{}, map[key]uint64{}
		for _, layer := range Layers() {
			for zoom := layer.MinZoom; zoom <= layer.MaxZoom; zoom++ {
				low, high := geo.TileAt(1.985, 48.012, uint8(zoom)), geo.TileAt(2.055, 47.985, uint8(zoom))
				for x := low.X; x <= high.X; x++ {
					for y := low.Y; y <= high.Y; y++ {
						k := key{layer.Name, geo.Tile{Z: uint8(zoom), X: x, Y: y}}
						version, err := f.Version(k.layer, k.tile)
						if err != nil {
							t.Fatal(err)
						}
						tile, err := f.Tile(t.Context(), k.layer, k.tile, FieldQuery{Measure: "attempts"})
						if err != nil {
							t.Fatal(err)
						}
						tiles[k], versions[k] = string(tile.Data), version
					}
				}
			}
		}
		return tiles, versions
	}
	since := f.Last()
	before, first := look()
	for n, segment := range []int64{haute, basse, ferme} {
		change := p.settle(visit(c, int64(n+1), segment, door(n+1), n, "a", "contact", 1), engine.Counts)
		f.Observe([]engine.Change{change})
		touched, next, err := f.Wait(t.Context(), since)
		if err != nil || len(touched.Precincts) != 1 || touched.Precincts[0].ID != change.Entry.Precinct || !slices.Equal(touched.Segments, []int64{segment}) || next <= since {
			t.Fatalf("touched %+v, next %d after %d, %v", touched, next, since, err)
		}
		since = next
		after, second := look()
		changed := 0
		for k := range after {
			if after[k] != before[k] {
				changed++
				if second[k] == first[k] {
					t.Errorf("%v has changed, its version not", k)
				}
				// Wait's bound holds the tile, that of cells a third of a tile farther.
				box := k.tile.WorldBox(64, 4096)
				if k.layer == "cells" {
					box = k.tile.WorldBox(4096/3, 4096)
				}
				west, north := geo.ToWorld(touched.Precincts[0].Bound.Min[0], touched.Precincts[0].Bound.Max[1])
				east, south := geo.ToWorld(touched.Precincts[0].Bound.Max[0], touched.Precincts[0].Bound.Min[1])
				if !meets(box, geo.WorldBox{MinX: west, MinY: north, MaxX: east, MaxY: south}) {
					t.Errorf("%v has changed outside of %v", k, touched.Precincts[0].Bound)
				}
			}
			if second[k] != first[k] && !carries(f, k.layer, k.tile, change.Entry.Precinct) {
				t.Errorf("the version of %v has changed, and it has nothing of precinct %d", k, change.Entry.Precinct)
			}
		}
		if changed == 0 || changed == len(after) {
			t.Errorf("%d of %d tiles have changed", changed, len(after))
		}
		before, first = after, second
	}
	// What counts for nothing touches nothing.
	other := visit(c, 9, haute, door(9), 1, "a", "contact", 1)
	other.Campaign = "south"
	action := visit(c, 10, haute, door(0), 1, "a", "", notSaid)
	action.Kind = engine.Action
	f.Observe([]engine.Change{p.settle(other, engine.Counts), p.settle(action, engine.Counts), p.settle(visit(c, 11, haute, door(9), 1, "a", "contact", 1), engine.Nothing)})
	if f.Last() != since {
		t.Error("another campaign, an action and a copy have changed the map")
	}
	all, _, err := f.Wait(t.Context(), 0)
	if err != nil || len(all.Precincts) != 3 || all.Segments != nil {
		t.Errorf("after a version of another process all precincts may have changed, and any segments: %+v, %v", all, err)
	}
}

// carries tells whether features of a tile have numbers from a precinct.
func carries(f *Field, layer string, tile geo.Tile, precinct int64) bool {
	l, err := f.city.layer(Layers(), layer, int(tile.Z))
	b, _ := f.city.unitLevel(engine.UnitPrecinct, 0).find(precinct)
	return err == nil && slices.Contains(f.precinctsIn(layer, l, tile), int32(b))
}

func TestWaitEndsWithItsContext(t *testing.T) {
	f := openField(t, openHamlet(t), &pile{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if touched, next, err := f.Wait(ctx, f.Last()); !errors.Is(err, context.Canceled) || touched.Precincts != nil || next != f.Last() {
		t.Errorf("%v, %d, %v", touched, next, err)
	}
	if err := f.Load(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("load: %v", err)
	}
	if err := f.Load(t.Context()); err != nil {
		t.Errorf("a reading that was given up is begun again: %v", err)
	}
}

// Readers and the log at the same time end with what is in the log.
func TestFieldFromManyGoroutines(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	f := openField(t, c, p)
	var group sync.WaitGroup
	group.Go(func() {
		random := rand.New(rand.NewPCG(1, 2))
		for i := range 300 {
			e := visit(c, int64(i+1), []int64{haute, basse}[i%2], door(random.IntN(40)), i%60, "a", "contact", int8(random.IntN(5)-2))
			f.Observe([]engine.Change{p.settle(e, engine.Counts)})
			if i%3 == 0 {
				f.Observe([]engine.Change{p.settle(e, engine.Nothing)})
			}
		}
	})
	for range 3 {
		group.Go(func() {
			since := uint64(0)
			for range 30 {
				_, next, err := f.Wait(t.Context(), since)
				if err != nil {
					t.Error(err)
				}
				if since = next; since == f.Last() {
					since = 0
				}
				if _, err := f.Tile(t.Context(), "segments", geo.TileAt(2.02, 48.001, 12), FieldQuery{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got, want := everything(t, f), everything(t, openField(t, c, p)); got != want {
		t.Error(firstDifference(got, want))
	}
}

// interrupted is a log that commits something between the reading of a precinct and its end.
type interrupted struct {
	*pile
	commit func()
}

func (r interrupted) Counted(ctx context.Context, campaign string, precinct int64, each func([]engine.Kept) error) error {
	err := r.pile.Counted(ctx, campaign, precinct, each)
	r.commit()
	return err
}

func TestCommitsWhileReturnsAreRead(t *testing.T) {
	c := openHamlet(t)
	for name, load := range map[string]func(*Field) error{
		"a precinct": func(*Field) error { return nil },
		"all":        func(f *Field) error { return f.Load(t.Context()) },
	} {
		p := &pile{}
		withdrawn, stays, late := visit(c, 1, basse, door(1), 1, "a", "contact", 1), visit(c, 2, basse, door(2), 1, "a", "contact", 1), visit(c, 3, basse, door(3), 1, "a", "contact", 1)
		p.settle(withdrawn, engine.Counts)
		p.settle(stays, engine.Counts)
		var f *Field
		f = openField(t, c, interrupted{p, func() {
			f.Observe([]engine.Change{p.settle(withdrawn, engine.Nothing), p.settle(late, engine.Counts)})
			f.Observe([]engine.Change{{Entry: &stays, After: engine.Counts}}) // of a commit that was read already
		}})
		if err := load(f); err != nil {
			t.Fatal(err)
		}
		s, err := f.Score(t.Context(), engine.UnitSegment, basse)
		if err != nil || s.Counts.Doors != 2 || s.Counts.Attempts != 2 {
			t.Errorf("reading %s: %+v, %v", name, s.Counts, err)
		}
	}
}

// Two teams at one door in the same minute with the same answer: it is counted for the same one whichever return came first.
func TestTheSameAnswerTwice(t *testing.T) {
	c := openHamlet(t)
	a, b := visit(c, 1, basse, door(1), 1, "a", "contact", 1), visit(c, 2, basse, door(1), 1, "b", "contact", 1)
	var seen []string
	for _, order := range [][2]engine.Entry{{a, b}, {b, a}} {
		f := openField(t, c, &pile{})
		if err := f.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, e := range order {
			e.Position = int64(i + 1)
			f.Observe([]engine.Change{{Entry: &e, After: engine.Counts}})
		}
		precinct, _ := c.unitLevel(engine.UnitPrecinct, 0).find(precinct2)
		rows, err := f.teams(t.Context(), int32(precinct))
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, fmt.Sprint(rows))
	}
	if seen[0] != seen[1] {
		t.Errorf("%s\n%s", seen[0], seen[1])
	}
}

// A street that nobody lives on is counted like any other: Chemin lies in precinct 2.
func TestAStreetWithoutHouseholds(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	canvassed(c, p, chemin, 1, slices.Repeat([]int8{1, -1}, 6)...)
	f := openField(t, c, p)
	s, err := f.Score(t.Context(), engine.UnitSegment, chemin)
	if err != nil || s.Counts.Doors != 12 || measureIn(t, s, "support").Value != 0.5 {
		t.Errorf("%+v, %v", s, err)
	}
	if m := measureIn(t, s, "coverage"); m.State != engine.Empty {
		t.Errorf("coverage of no households: %+v", m)
	}
}

// The mix compares where people were met with where the voters are: in the second round Rue Haute (19 of 45) is less for the mills than
// the three streets that are published (41 of 85), and votes more.
func TestMixOfThoseMet(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	canvassed(c, p, haute, 1, notSaid, notSaid, notSaid)
	p.settle(visit(c, 50, basse, door(50), 1, "b", "contact", notSaid), engine.Counts)
	p.settle(visit(c, 51, impasse, door(51), 1, "b", "contact", notSaid), engine.Counts) // whose shares are not published
	p.settle(visit(c, 52, basse, door(52), 1, "a", "not_home", notSaid), engine.Counts)
	f := openField(t, c, p)
	covered, err := f.Coverage(t.Context(), engine.ByTeam)
	if err != nil {
		t.Fatal(err)
	}
	share := func(segment int64, choice int) float64 {
		s, err := c.Score(engine.UnitSegment, segment, ScoreQuery{})
		if err != nil {
			t.Fatal(err)
		}
		return s.Contests[1].Choices[choice].Share
	}
	all := func(choice int) float64 {
		return (45*share(haute, choice) + 22*share(basse, choice) + 18*share(ferme, choice)) / 85
	}
	for i, want := range []Mix{
		{Team: "", Contacts: 4, Own: 100 * ((3*share(haute, 0)+share(basse, 0))/4 - all(0)), Turnout: -100 * ((3*share(haute, 2)+share(basse, 2))/4 - all(2))},
		{Team: "a", Contacts: 3, Own: 100 * (share(haute, 0) - all(0)), Turnout: -100 * (share(haute, 2) - all(2))},
		{Team: "b", Contacts: 1, Own: 100 * (share(basse, 0) - all(0)), Turnout: -100 * (share(basse, 2) - all(2))},
	} {
		got := covered.Mix[i]
		if got.Team != want.Team || got.Contacts != want.Contacts || !got.HasTurnout || math.Abs(got.Own-want.Own) > 1e-9 || math.Abs(got.Turnout-want.Turnout) > 1e-9 {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if covered.Mix[1].Own > -1 {
		t.Errorf("Rue Haute is less for the mills: %+v", covered.Mix[1])
	}
	if a := covered.All; a.Counts.Doors != 6 || a.Households != 61 || a.Name != "Hameau" {
		t.Errorf("%+v", a)
	}
	for by, want := range map[engine.Dimension]string{
		engine.ByTeam: "a 4, b 2", engine.BySegment: "Rue Haute 3, Rue Basse 2, Impasse 1", engine.ByPrecinct: "1 3, 2 3",
	} {
		covered, err := f.Coverage(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, r := range covered.Rows {
			rows = append(rows, fmt.Sprint(r.Name, " ", r.Counts.Doors))
		}
		if got := strings.Join(rows, ", "); got != want {
			t.Errorf("by %s: %s", by, got)
		}
	}
}
