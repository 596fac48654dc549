package api

import (
	"github.com/danielgtaylor/huma/v2"
)

// KindBacktest is the kind of job that measures the estimates of the place.
const KindBacktest = "backtest"

// Backtest is what a backtest is asked with.
type Backtest struct {
	Method string `json:"method,omitempty" enum:"flat,gp,best" default:"best" doc:"flat: every area votes as its group; gp: from places alone; best: covariates as well, the one maps are made with"`
	Merge  int    `json:"merge,omitempty" minimum:"2" maximum:"50" default:"5" doc:"How many neighbouring precincts are merged"`
}

// BacktestRequest asks for a backtest.
type BacktestRequest struct {
	JobOptions
	Backtest
}

func (r BacktestRequest) parameters() any  { return r.Backtest }
func (r BacktestRequest) check(City) error { return nil }
func (r BacktestRequest) input() jobInput  { return nil }

func (s *server) registerBacktests(api huma.API) {
	registerKind[BacktestRequest](s, api, KindBacktest, "Measure what the estimates of the place are worth",
		"Neighbouring precincts are merged, their votes are estimated from the sums, and both are compared, as `arpent validate PLACE.yaml` does. "+
			"It reads the files that the snapshot was built from, and fails with sources_changed where they are others by now. The result is backtest.json.", "{}")
}
