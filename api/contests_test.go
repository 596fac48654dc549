package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// The totals of a place are null where the engine withholds them.
func TestWithheldTotals(t *testing.T) {
	var got ContestList
	handler := New(Config{Current: func() City { return &discreet{newVillage()} }, Log: quiet()})
	if err := json.Unmarshal(body(t, ask(t, handler, "GET", "/v1/contests")), &got); err != nil {
		t.Fatal(err)
	}
	for _, contest := range got.Contests {
		if contest.N != nil || len(contest.Choices) == 0 {
			t.Errorf("%s: n is %v", contest.ID, *contest.N)
		}
		for _, choice := range contest.Choices {
			if choice.Votes != nil {
				t.Errorf("%s: %d votes", choice.ID, *choice.Votes)
			}
		}
	}
}

// discreet is a village whose totals would give a commune away.
type discreet struct{ *village }

func (d *discreet) Contests() []live.Contest {
	contests := d.village.Contests()
	for i := range contests {
		contests[i].Choices = slices.Clone(contests[i].Choices)
		for j := range contests[i].Choices {
			contests[i].Choices[j].Votes = live.Hidden
		}
	}
	return contests
}

// Both rounds are of the registered voters, so that a change can be counted from one to the other.
func TestContestsThatAChangeCanBeCountedFromAreListed(t *testing.T) {
	handler := New(Config{Current: func() City { return &registeredTwice{newVillage()} }, Log: quiet()})
	contests := decode[ContestList](t, ask(t, handler, "GET", "/v1/contests")).Contests
	for i, want := range []string{"[[] [mayor_t2] [mayor_t2]]", "[[mayor_t1] [mayor_t1]]"} {
		var since [][]string
		for _, choice := range contests[i].Choices {
			since = append(since, choice.Since)
		}
		if got := fmt.Sprint(since); got != want || !slices.Contains(contests[i].Measures, "change") {
			t.Errorf("%s: %s, want %s", contests[i].ID, got, want)
		}
	}
	wantProblem(t, ask(t, handler, "GET", "/v1/tiles/cells.json?measure=change&contest=mayor_t2&choice=martin"), 400, CodeNotAvailable, "query.since") // no date
	got := decode[TileJSON](t, ask(t, handler, "GET", "/v1/tiles/cells.json?measure=change&contest=mayor_t2&choice=martin&since=mayor_t1"))
	if !strings.HasSuffix(got.Tiles[0], ".mvt?choice=martin&contest=mayor_t2&measure=change&since=mayor_t1") {
		t.Errorf("tiles %v", got.Tiles)
	}
}

type registeredTwice struct{ *village }

func (r *registeredTwice) Contests() []live.Contest {
	contests := r.village.Contests()
	contests[1].Base = engine.BaseRegistered
	return contests
}
