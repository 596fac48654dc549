package api

import (
	"testing"

	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/engine/livetest"
)

func TestBacktestOfASnapshot(t *testing.T) {
	handler := serving(livetest.Hamlet(t))
	want := `{"snapshot":"5eed0123","merged":5,
		"method":"Neighbouring precincts are merged, about 5 at a time, their sum is handed down to each again, and what each gets is compared with its own result.",
		"addresses":{"all":150,"by_name":147,"by_nearest":3},
		"divisions":[{"division":"2020","precincts":40,"by_table":90,"by_area":50,"by_street":4,"by_nearest":3,"in_several":2,"nowhere":1,"precincts_guessed":1}],
		"contests":[
		{"contest":"mayor_t1","name":"Mayor, first round","division":"2020","registered":176,"precincts":40,"precincts_disagree":1,"ballots_misplaced":4.2,"flat_ballots_misplaced":5.8,"choices":[
			{"choice":"durand","name":"Choice durand","reserved":false,"mae":0.09,"flat_mae":0.09,"cover50":53,"cover90":93},
			{"choice":"abstention","name":"Choice abstention","reserved":true,"mae":1.27,"flat_mae":1.79,"cover50":47,"cover90":87}]},
		{"contest":"mayor_t2","name":"Mayor, second round","division":"2020","registered":66,"precincts":6,"precincts_disagree":1,"ballots_misplaced":null,"flat_ballots_misplaced":null,"choices":[]}]}`
	pinned, current := ask(t, handler, "GET", "/v1/snapshots/5eed0123/backtest"), ask(t, handler, "GET", "/v1/snapshots/current/backtest")
	wantJSON(t, body(t, pinned), want)
	wantJSON(t, body(t, current), want)
	if pinned.Header.Get("Cache-Control") != immutable || current.Header.Get("Cache-Control") != "no-cache" || current.Header.Get("ETag") == "" {
		t.Errorf("%v %v", pinned.Header, current.Header)
	}
	wantProblem(t, ask(t, handler, "GET", "/v1/snapshots/0ld/backtest"), 410, CodeSnapshotGone, "")
	wantProblem(t, ask(t, New(Config{Current: func() City { return nil }, Log: quiet()}), "GET", "/v1/snapshots/current/backtest"), 503, CodeNotReady, "")
	wantProblem(t, ask(t, serving(unmeasured{newVillage()}), "GET", "/v1/snapshots/current/backtest"), 404, CodeNotAvailable, "")
	hidden := hiddenTotals{newVillage()}
	hidden.rows = livetest.Hamlet(t)
	for _, contest := range decode[SnapshotBacktest](t, ask(t, serving(hidden), "GET", "/v1/snapshots/current/backtest")).Contests {
		if contest.Registered != nil {
			t.Errorf("%s tells a total that is withheld: %d", contest.Contest, *contest.Registered)
		}
	}
}

type unmeasured struct{ *village }

func (unmeasured) Backtest() live.Backtest { return live.Backtest{} }

// hiddenTotals has a commune that is suppressed.
type hiddenTotals struct{ *village }

func (hiddenTotals) Contests() []live.Contest {
	return []live.Contest{{ID: "mayor_t1", Choices: []live.Choice{{ID: "durand", Votes: live.Hidden}}}, {ID: "mayor_t2", Choices: []live.Choice{{ID: "durand", Votes: live.Hidden}}}}
}
