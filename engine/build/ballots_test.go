package build

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// Each case is a precinct of a contest whose source counts no registered voters; -1 is an empty field.
func TestBallotsStandForRegisteredVoters(t *testing.T) {
	type figures struct{ voters, blank, null, blankNull, candidates int64 }
	for _, c := range []struct {
		name    string
		in      figures
		ballots int64            // 0: left out
		want    map[string]int64 // the reserved choices
		told    string
	}{
		{"votes only", figures{-1, -1, -1, -1, 680}, 680, nil, ""},
		{"votes, blank and null", figures{-1, 15, 5, -1, 680}, 700, map[string]int64{"blank": 15, "null": 5}, ""},
		{"votes, and blanks as one figure", figures{-1, -1, -1, 20, 680}, 700, map[string]int64{"blank_null": 20}, ""},
		{"ballots cast", figures{700, -1, -1, -1, 680}, 700, map[string]int64{"blank_null": 20}, ""},
		{"all adds up", figures{700, 15, 5, -1, 680}, 700, map[string]int64{"blank": 15, "null": 5}, ""},
		{"three ballots in no choice", figures{703, 15, 5, -1, 680}, 703, map[string]int64{"blank": 15, "null": 5, "unreconciled": 3}, "3 voters are counted in no choice"},
		{"two votes more than ballots", figures{698, 15, 5, -1, 680}, 700, map[string]int64{"blank": 15, "null": 5}, "2 votes more than there are voters: they are taken for the ballots"},
		{"several names on a ballot", figures{700, 15, 5, -1, 2100}, 0, nil, "left out: candidates have more votes than there are voters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := &contestRows{choices: map[string]choiceRow{"a": {}, "b": {}}, stations: []stationRow{{
				key: engine.PrecinctKey{Commune: "25017", Station: "3-2A"}, code: "3-2A", line: 2, registered: -1,
				voters: c.in.voters, blank: c.in.blank, null: c.in.null, blankNull: c.in.blankNull,
				votes: []choiceVotes{{"a", c.in.candidates / 2, 2}, {"b", c.in.candidates - c.in.candidates/2, 3}},
			}}}
			got, err := reconcile(rows)
			if err != nil || got.base != engine.BaseBallots {
				t.Fatalf("base %q, %v", got.base, err)
			}
			told := append(slices.Clone(got.disagree), got.leftOut...)
			if (c.told == "") != (len(told) == 0) || c.told != "" && !strings.Contains(told[0].Action, c.told) {
				t.Errorf("told %+v, want %q", told, c.told)
			}
			if c.ballots == 0 {
				if len(got.precincts) != 0 {
					t.Errorf("%+v is not left out", got.precincts)
				}
				return
			}
			p, reserved, sum := got.precincts[0], map[string]int64{}, int64(0)
			for k, choice := range got.choices {
				sum += p.votes[k]
				if engine.IsReserved(choice.id) {
					reserved[choice.id] = p.votes[k]
				}
			}
			if p.registered != c.ballots || sum != c.ballots || !maps.Equal(reserved, c.want) {
				t.Errorf("%d ballots, choices sum to %d, reserved %v; want %d, %v", p.registered, sum, reserved, c.ballots, c.want)
			}
		})
	}
}

// A contest without registered voters is built on its ballots, and the report says so.
func TestAContestWithoutRegisteredVoters(t *testing.T) {
	v := makeVillage()
	for i := range v.results {
		for _, column := range []int{7, 8, 9, 10} { // registered, voters, blank, null
			v.results[i][column] = nil
		}
	}
	s, report := mustRun(t, v.options(t, 50))
	mustCheck(t, s)
	if c := report.Contests[0]; c.Base != engine.BaseBallots || c.Registered != 108+97 || c.NonTerritorial != 0 {
		t.Errorf("%+v", c)
	}
	if got := lines(t, s, engine.Choices, "choice"); !slices.Equal(got, []string{"jardins", "moulins", "ponts"}) {
		t.Errorf("choices %v: nobody is known to have abstained", got)
	}
	v = makeVillage()
	_, report = mustRun(t, v.options(t, 50))
	if report.Contests[0].Base != "" {
		t.Errorf("base %q where registered voters are counted", report.Contests[0].Base)
	}
	for i := range v.results {
		if v.results[i][2] == "2" {
			v.results[i][7] = nil
		}
	}
	if _, err := Run(t.Context(), v.options(t, 50)); err == nil || !strings.Contains(err.Error(), "precinct 2, as 1 of all 2, is left out: its registered voters are not counted, though those of others are:") {
		t.Errorf("%v", err)
	}
}

// Voters of small communes mark several names: those precincts are left out and told apart from errors of the source.
func TestPlurinominalCommunes(t *testing.T) {
	station := func(commune, number string, registered, votes int64) stationRow {
		return stationRow{
			key: engine.PrecinctKey{Commune: commune, Station: number}, code: commune + "_" + number, registered: registered, voters: -1, blank: -1, null: -1, blankNull: -1,
			votes: []choiceVotes{{"a", votes, 2}},
		}
	}
	turnout := func(s stationRow, voters int64) stationRow {
		s.voters = voters
		return s
	}
	for _, c := range []struct {
		name     string
		stations []stationRow
		usable   int
		several  int
		communes []string
		leftOut  []string
	}{
		{"a town alone with an error", []stationRow{station("01001", "1", 100, 50), station("01001", "2", 100, 150)}, 1, 0, nil, []string{"01001_2"}},
		{"a town alone of which all is wrong", []stationRow{station("01001", "1", 100, 150), station("01001", "2", 100, 150)}, 0, 0, nil, []string{"01001_1", "01001_2"}},
		{"a village beside a town", []stationRow{station("01001", "1", 100, 50), station("01002", "1", 90, 700)}, 1, 1, []string{"01002"}, nil},
		{"two seats of a second round", []stationRow{turnout(station("01001", "1", 100, 50), 50), turnout(station("01002", "1", 90, 85), 45)}, 1, 1, []string{"01002"}, nil},
		{"some votes more than voters", []stationRow{turnout(station("01001", "1", 100, 50), 45), turnout(station("01002", "1", 90, 40), 45)}, 2, 0, nil, nil},
		{"a village's second precinct voted little", []stationRow{station("01001", "1", 100, 50), station("01002", "1", 90, 700), station("01002", "2", 90, 600), station("01002", "3", 90, 80)}, 1, 3, []string{"01002"}, nil},
		{"an error in a town beside a village", []stationRow{station("01001", "1", 100, 50), station("01001", "2", 100, 60), station("01001", "3", 100, 101), station("01002", "1", 90, 700)}, 2, 1, []string{"01002"}, []string{"01001_3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := reconcile(&contestRows{choices: map[string]choiceRow{"a": {}}, stations: c.stations})
			if err != nil {
				t.Fatal(err)
			}
			var leftOut []string
			for _, d := range got.leftOut {
				leftOut = append(leftOut, d.Precinct)
			}
			if len(got.precincts) != c.usable || got.plurinominal != c.several || !slices.Equal(got.inCommunes, c.communes) || !slices.Equal(leftOut, c.leftOut) {
				t.Errorf("%d usable, %d plurinominal in %v, left out %v", len(got.precincts), got.plurinominal, got.inCommunes, leftOut)
			}
		})
	}
}

// They do not stop a build of many communes; a contest of nothing else is refused.
func TestPlurinominalCommunesDoNotStopABuild(t *testing.T) {
	v := makeVillage().department()
	for i := range v.results[6:] {
		v.results[6+i][15] = int64(500)
	}
	s, report := mustRun(t, v.options(t, 50))
	mustCheck(t, s)
	c := report.Contests[0]
	if c.Plurinominal != 1 || !slices.Equal(c.InCommunes, []string{"99002"}) || len(c.LeftOut) != 0 || c.Registered != 293 || len(c.NoResult) != 0 {
		t.Errorf("%+v", c)
	}
	for i := range v.results {
		v.results[i][15] = int64(500)
	}
	if _, err := Run(t.Context(), v.options(t, 50)); err == nil || !strings.Contains(err.Error(), "all 3 precincts are left out, as their voters mark several names") {
		t.Errorf("%v", err)
	}
}

// The best figure of the census is taken for each area.
func TestHouseholdsOfTheCensus(t *testing.T) {
	for _, c := range []struct {
		name    string
		figures map[string]float64 // of the western census area; the eastern has 190 people of 15 and over
		want    float64
		by      string
	}{
		{"households", map[string]float64{"households": 110, "pop15p": 200, "pop": 250}, 110, engine.HouseholdsByCensusHouseholds},
		{"people of 15 and over", map[string]float64{"pop15p": 200, "pop": 250}, 200 / 1.7, engine.HouseholdsByCensus},
		{"all people", map[string]float64{"pop": 250, "disp_med": 20000}, 250 / 2.2, engine.HouseholdsByCensusPeople},
		{"households kept secret", map[string]float64{"households": math.NaN(), "pop": 250}, 250 / 2.2, engine.HouseholdsByCensusPeople},
		{"no figure of use", map[string]float64{"disp_med": 20000}, 150 / 1.5, engine.HouseholdsByRegistered},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := makeVillage()
			v.census = [][]any{{int64(3), "990010102", "pop15p", 190.0}}
			for _, name := range slices.Sorted(maps.Keys(c.figures)) {
				row := []any{int64(2), "990010101", name, c.figures[name]}
				if math.IsNaN(c.figures[name]) {
					row[3] = nil
				}
				v.census = append(v.census, row)
			}
			s, report := mustRun(t, v.options(t, 50))
			mustCheck(t, s)
			if got := report.Placing.Households - 190/1.7; math.Abs(got-c.want) > 1e-9 {
				t.Errorf("%g households, want %g", got, c.want)
			}
			by := lines(t, s, engine.Addresses, "households_by")
			if n := len(slices.DeleteFunc(by, func(b string) bool { return b != c.by })); n < 34 {
				t.Errorf("%d addresses have households by %s", n, c.by)
			}
		})
	}
}
