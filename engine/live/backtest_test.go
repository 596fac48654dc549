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
			Disagree: []engine.Disagreement{{Precinct: "1"}, {Precinct: "2"}}, Backtest: []engine.Backtest{{Choice: "moulins", MAE: 1.2666, FlatMAE: 0.0049, Cover50: 47.5, Cover90: 86.4}, {Choice: "etangs", MAE: 3}},
		}
	}
	silent := contest(896)
	silent.Backtest = nil // too few neighbours
	got := backtestOf(&engine.Report{
		Placing:   engine.PlacingReport{Addresses: 10, ByName: 8, ByNearest: 2, Households: 99},
		Divisions: []engine.DivisionReport{{Division: "2020", Precincts: 900, ByTable: 1, ByArea: 2, ByStreet: 3, ByNearest: 4, InSeveral: 5, Unplaced: 6, Guessed: []string{"1", "2", "3"}}},
		Contests:  []engine.ContestReport{contest(11), contest(10), silent},
	}, 11, func(_, choice string, k int) bool { return k != 11 || choice == "etangs" })
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

// A choice on the ballot of a few precincts among many is rare; one that stands in all, however few, is not.
func TestAChoiceIsRare(t *testing.T) {
	c := &City{contestAt: map[string]int{"t1": 0}, contests: []Contest{{Choices: []Choice{{ID: "moulins"}, {ID: "etangs"}}}}}
	c.official = officialResults{
		registered: [][]int64{{100, 100, 100, -1}}, // the last has no result
		votes:      [][]int64{{10, -1, 10, 0, 10, -1, -1, -1}},
	}
	for choice, want := range map[string]bool{"moulins": false, "etangs": true, "nobody": true} {
		if got := c.rare("t1", choice, 2); got != want {
			t.Errorf("%s: %v", choice, got)
		}
	}
	if c.rare("t1", "etangs", 1) || !c.rare("t2", "moulins", 1) {
		t.Error("a choice in one precinct is not in fewer than one; of a contest that is not known every one is")
	}
}
