package api

import (
	"encoding/json"
	"slices"
	"testing"

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
