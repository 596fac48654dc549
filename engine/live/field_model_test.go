package live

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
)

// nextDay is the day after the visits of the tests.
var nextDay = time.Date(2026, 10, 2, 9, 0, 0, 0, time.UTC)

func refresh(t *testing.T, f *Field, now time.Time) {
	t.Helper()
	if err := f.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.Refresh(t.Context(), now); err != nil {
		t.Fatal(err)
	}
}

func scoreOf(t *testing.T, f *Field, unit engine.Unit, id int64, measure string) FieldMeasureScore {
	t.Helper()
	s, err := f.Score(t.Context(), unit, id)
	if err != nil {
		t.Fatal(err)
	}
	return measureIn(t, s, measure)
}

func TestTheModelNeedsARefresh(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	canvassed(c, p, basse, 1, slices.Repeat([]int8{2}, 12)...)
	canvassed(c, p, haute, 50, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	canvassed(c, p, ferme, 80, slices.Repeat([]int8{1, 2}, 6)...)
	for n := range 10 {
		p.settle(visit(c, int64(200+n), ferme, door(200+n), n, "few", "contact", 1), engine.Counts)
	}
	for n := range 12 { // more doors than the four households that are known of
		p.settle(visit(c, int64(300+n), impasse, door(300+n), n, "a", "contact", 1), engine.Counts)
	}
	f := openField(t, c, p)
	if m := scoreOf(t, f, engine.UnitSegment, basse, "updated"); m.State != engine.Empty {
		t.Errorf("before: %+v", m)
	}
	if _, ok := f.Learnt(); ok {
		t.Error("nothing is learnt yet")
	}
	refresh(t, f, nextDay)
	for _, u := range []struct {
		unit  engine.Unit
		id    int64
		state engine.State
	}{
		{engine.UnitSegment, basse, engine.Published},
		{engine.UnitPrecinct, precinct2, engine.Published},
		{engine.UnitSegment, haute, engine.Suppressed}, // ten households answered
		{engine.UnitSegment, impasse, engine.Empty},    // which is not published
		{engine.UnitSegment, ferme, engine.Empty},      // in a precinct whose result is not published
		{engine.UnitPrecinct, precinct3, engine.Empty},
		{engine.UnitCommune, commune, engine.Empty},
		{engine.UnitCell, visit(c, 0, basse, door(1), 0, "", "", 0).Cell, engine.Empty}, // nobody of the result is placed there
	} {
		if _, err := f.Score(t.Context(), u.unit, u.id); err != nil {
			continue // the middle of Rue Basse is in no cell of the hamlet
		}
		updated, swing, forecast := scoreOf(t, f, u.unit, u.id, "updated"), scoreOf(t, f, u.unit, u.id, "swing"), scoreOf(t, f, u.unit, u.id, "forecast")
		if updated.State != u.state || swing.State != u.state || forecast.State != u.state {
			t.Errorf("%s %d: %+v %+v %+v", u.unit, u.id, updated, swing, forecast)
		}
		if u.state != engine.Published {
			continue
		}
		for _, m := range []FieldMeasureScore{updated, swing, forecast} {
			if !(m.Low90 <= m.Low50 && m.Low50 <= m.Value && m.Value <= m.High50 && m.High50 <= m.High90) {
				t.Errorf("%s %d: %+v", u.unit, u.id, m)
			}
		}
		// Twelve of twelve are heard to be for it: what is not enthusiasm is swing.
		if swing.Value <= 0 || math.Abs(updated.Value+swing.Value-forecast.Value) > 0.0021 {
			t.Errorf("%s %d: %v and %v are %v", u.unit, u.id, updated.Value, swing.Value, forecast.Value)
		}
	}
	if m := scoreOf(t, f, engine.UnitPrecinct, precinct2, "updated"); m.Value != math.Round(1000*26.0/43)/1000 {
		t.Errorf("precinct 2 keeps its official 26 of 43: %+v", m)
	}
	learnt, ok := f.Learnt()
	if !ok || learnt.Separable || learnt.Why == "" || len(learnt.Teams) != 1 || learnt.Teams[0].Team != "a" {
		t.Errorf("%+v", learnt)
	}
}

func TestRefreshTouchesWhatMoved(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	canvassed(c, p, basse, 1, 2, 2, 2, 1, 1, 0, -1, 2, 1, 2, 1, 1)
	canvassed(c, p, haute, 50, 1, 1)
	f := openField(t, c, p)
	refresh(t, f, nextDay)
	since := f.Last()
	touched, _, err := f.Wait(t.Context(), since-1)
	if err != nil || len(touched.Precincts) != 1 || touched.Precincts[0].ID != precinct2 || touched.Segments == nil || len(touched.Segments) > 0 {
		t.Errorf("precinct 2 has enough answers, and it alone; nothing is counted anew: %v, %v", touched, err)
	}
	refresh(t, f, nextDay.Add(time.Minute))
	if f.Last() != since {
		t.Error("nothing has moved in a minute")
	}
	refresh(t, f, nextDay.Add(24*time.Hour))
	if f.Last() == since {
		t.Error("answers are a day older")
	}
}

// What is said of Rue Basse does not move with what fewer than eleven households of Impasse say, a street of the same precinct.
func TestFewAnswersNextDoor(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	canvassed(c, p, basse, 1, 2, 2, 2, 1, 1, 0, -1, 2, 1, 2, 1, 1)
	f := openField(t, c, p)
	refresh(t, f, nextDay)
	see := func() string {
		s, err := f.Score(t.Context(), engine.UnitSegment, basse)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%+v", s.Measures)
	}
	before := see()
	for n := range 10 {
		f.Observe([]engine.Change{p.settle(visit(c, int64(100+n), impasse, door(100+n), n, "a", "contact", -2), engine.Counts)})
	}
	if after := see(); after != before {
		t.Errorf("%s\n%s", before, after)
	}
	f.Observe([]engine.Change{p.settle(visit(c, 200, basse, door(1), 59, "a", "contact", -2), engine.Counts)})
	if after := see(); after == before {
		t.Error("a door of Rue Basse has changed its mind, and nothing is seen of it")
	}
}

// Answers are in a row where one canvasser noted them one after another on a day, for one team.
func TestAnswersInARow(t *testing.T) {
	p := &fieldPrecinct{carried: &carriedUnits{streets: &level{}}}
	for i, a := range []struct {
		walker  int
		team    string
		minute  int
		day     int32
		support int8
	}{
		{1, "a", 1, 1, 2}, {1, "a", 2, 1, 2}, {1, "a", 3, 1, 2}, // two pairs, both the same
		{2, "a", 1, 1, 1}, {2, "a", 3, 1, 1}, {2, "a", 2, 1, -1}, // by their time, not the same
		{1, "a", 4, 2, 2},                    // another day
		{1, "b", 5, 1, 2},                    // another team
		{0, "a", 1, 1, 2}, {0, "a", 2, 1, 2}, // nobody knows whose
		{1, "few", 1, 1, 1}, {1, "few", 2, 1, 1}, // of a team that is not learnt of
		{2, "a", 9, 1, notSaid},
	} {
		e := engine.Entry{
			Position: int64(i + 1), Door: door(i + 1), Canvasser: door(a.walker), Team: a.team, Happened: time.Unix(int64(a.minute*60), 0), Day: a.day, Support: a.support,
		}
		p.apply(&e, engine.Counts)
	}
	runs := make([]estimate.FieldRuns, 2)
	p.addRuns(runs, &fieldModel{teams: []string{"a", "b"}})
	if got := fmt.Sprintf("%d of %d, %d of %d", runs[0].Same, runs[0].Pairs, runs[1].Same, runs[1].Pairs); got != "2 of 4, 0 of 0" {
		t.Error(got)
	}
}
