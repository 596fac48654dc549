package live

import (
	"reflect"
	"testing"

	"github.com/arpent/arpent/engine"
)

// Of a report no precinct is named, no digit is told beyond what a mean over many precincts tells, and nothing measured of fewer than K.
func TestBacktestOfAReport(t *testing.T) {
	contest := func(precincts int64) engine.ContestReport {
		return engine.ContestReport{
			Contest: "t1", Division: "2020", Precincts: precincts, Registered: 123, BallotsMisplaced: 4.1815, FlatMisplaced: 5.85,
			Disagree: []engine.Disagreement{{Precinct: "1"}, {Precinct: "2"}}, Backtest: []engine.Backtest{{Choice: "moulins", MAE: 1.2666, FlatMAE: 0.0049, Cover50: 47.5, Cover90: 86.4}},
		}
	}
	silent := contest(896)
	silent.Backtest = nil // too few neighbours
	got := backtestOf(&engine.Report{
		Placing:   engine.PlacingReport{Addresses: 10, ByName: 8, ByNearest: 2, Households: 99},
		Divisions: []engine.DivisionReport{{Division: "2020", Precincts: 900, ByTable: 1, ByArea: 2, ByStreet: 3, ByNearest: 4, InSeveral: 5, Unplaced: 6, Guessed: []string{"1", "2", "3"}}},
		Contests:  []engine.ContestReport{contest(11), contest(10), silent},
	}, 11)
	want := Backtest{
		Merged: engine.BacktestMerged, Addresses: 10, ByName: 8, ByNearest: 2,
		Divisions: []DivisionPlacing{{Division: "2020", Precincts: 900, ByTable: 1, ByArea: 2, ByStreet: 3, ByNearest: 4, InSeveral: 5, Nowhere: 6, Guessed: 3}},
		Contests: []ContestBacktest{
			{Contest: "t1", Precincts: 11, Disagree: 2, Measured: true, Misplaced: 4.2, FlatMisplaced: 5.9, Choices: []ChoiceBacktest{{"moulins", 1.27, 0, 48, 86}}},
			{Contest: "t1", Precincts: 10, Disagree: 2}, {Contest: "t1", Precincts: 896, Disagree: 2},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
}
