package live

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/mvt"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// tally is one unit's result in a contest, as whole votes and as shares with intervals of this width to each side, half of it for 50 %. Without
// width the number of voters is known, else it may be 45 % less and 55.5 % more.
func tally(width float64, votes ...int64) numbers {
	n := int64(0)
	for _, v := range votes {
		n += max(0, v)
	}
	voters := exactly(float64(n))
	if width > 0 {
		voters = Estimate{voters.Value, 0.55 * voters.Value, 0.8 * voters.Value, 1.2 * voters.Value, 1.555 * voters.Value}
	}
	t := numbers{choices: len(votes), registered: []int64{n}, voters: []Estimate{voters}, modelled: []bool{false}, votes: votes}
	for _, v := range votes {
		s := float64(v) / float64(max(1, n))
		t.shares = append(t.shares, Estimate{s, s - width, s - width/2, s + width/2, s + width})
	}
	return t
}

func exactly(x float64) Estimate { return Estimate{x, x, x, x, x} }

// Rue Haute has 200 registered voters. In the first round: moulins 80, jardins 40, blank 10, abstention 70. In the second: moulins 90, blank 20,
// abstention 90, and jardins was not on the ballot. In a precinct the same is official.
func TestMeasures(t *testing.T) {
	first, second := tally(0.1, 80, 40, 10, 70), tally(0.05, 90, -1, 20, 90)
	const moulins, jardins, blank, abstention = 0, 1, 2, 3
	for _, c := range []struct {
		measure Measure
		asked   question
		exact   float64 // NaN: no number
		low     float64
		high    float64
	}{
		{shareMeasure, question{contest: 0, choice: moulins}, 0.4, 0.3, 0.5},
		{shareMeasure, question{contest: 1, choice: jardins}, math.NaN(), 0, 0},
		{votesMeasure, question{contest: 0, choice: moulins}, 80, 39, 129}, // 20 votes for the share, 36 and 44.4 for the voters
		{registeredMeasure, question{contest: 0}, 200, 110, 311},
		{turnoutMeasure, question{contest: 0, abstention: abstention}, 0.65, 0.55, 0.75},
		{turnoutMeasure, question{contest: 1, abstention: abstention}, 0.55, 0.5, 0.6},
		{marginMeasure, question{contest: 0, choice: moulins, against: jardins}, 0.2, 0.2 - 0.1677, 0.2 + 0.1677}, // correlation -0.41
		{marginMeasure, question{contest: 0, choice: jardins, against: moulins}, -0.2, -0.2 - 0.1677, -0.2 + 0.1677},
		{marginMeasure, question{contest: 1, choice: moulins, against: jardins}, math.NaN(), 0, 0},
		{changeMeasure, question{contest: 1, choice: moulins, since: 0, then: moulins}, 0.05, 0.05 - 0.1118, 0.05 + 0.1118}, // 0.1 and 0.05
		{changeMeasure, question{contest: 1, choice: blank, since: 0, then: blank}, 0.05, 0.05 - 0.1118, 0.05 + 0.1118},
		{changeMeasure, question{contest: 0, choice: jardins, since: 1, then: jardins}, math.NaN(), 0, 0},
		// 70 abstainers, of whom two in three lean to moulins. Relative widths: voters 0.45 and 0.555, abstention 0.286, the split 0.186.
		{potentialMeasure, question{contest: 0, choice: moulins, abstention: abstention, candidates: 2}, 140.0 / 3, 20.315, 77.067},
		{potentialMeasure, question{contest: 1, choice: moulins, abstention: abstention, candidates: 2}, 90, 48.284, 140.941},
		{potentialMeasure, question{contest: 1, choice: jardins, abstention: abstention, candidates: 2}, math.NaN(), 0, 0},
	} {
		street := (&level{unit: engine.UnitSegment, numbers: []numbers{first, second}}).publishedOf(0)
		got, ok := c.measure.estimate(street, c.asked)
		if ok == math.IsNaN(c.exact) {
			t.Errorf("%s %+v: there is a number: %v", c.measure.ID, c.asked, ok)
			continue
		}
		if !ok {
			continue
		}
		tolerance := 5e-4 * max(1, math.Abs(c.exact)/5)
		if math.Abs(got.Value-c.exact) > 1e-9 || math.Abs(got.Low90-c.low) > tolerance || math.Abs(got.High90-c.high) > tolerance {
			t.Errorf("%s %+v is %v, want %g, %g..%g", c.measure.ID, c.asked, got, c.exact, c.low, c.high)
		}
		if !(got.Low90 <= got.Low50 && got.Low50 <= got.Value && got.Value <= got.High50 && got.High50 <= got.High90) {
			t.Errorf("%s %+v: out of order: %v", c.measure.ID, c.asked, got)
		}

		official := (&level{unit: engine.UnitPrecinct, numbers: []numbers{tally(0, 80, 40, 10, 70), tally(0, 90, -1, 20, 90)}}).publishedOf(0)
		got, _ = c.measure.estimate(official, c.asked)
		for _, x := range []float64{got.Value, got.Low90, got.Low50, got.High50, got.High90} {
			if math.Abs(x-c.exact) > 1e-9 {
				t.Errorf("%s %+v of official numbers is %v, want %g without doubt", c.measure.ID, c.asked, got, c.exact)
			}
		}
	}
}

func TestMeasuresAtTheEdges(t *testing.T) {
	asked := question{contest: 0, choice: 0, against: 1, since: 1, then: 0, abstention: 2, candidates: 2}
	for _, c := range []struct {
		what         string
		now, before  numbers
		have, havent string // measures
	}{
		{"all voted for one", tally(0, 30, 0, 0), tally(0, 10, 10, 10), "share votes registered turnout margin change potential", ""},
		{"all stayed at home", tally(0, 0, 0, 30), tally(0, 10, 10, 10), "share votes registered turnout margin change", "potential"},
		{"nobody is registered", tally(0, 0, 0, 0), tally(0, 10, 10, 10), "", "share votes registered turnout margin change potential"},
		{"nobody was registered", tally(0, 10, 10, 10), tally(0, 0, 0, 0), "share votes registered turnout margin potential", "change"},
		{"bounds beyond what is possible", tally(0.9, 1, 28, 1), tally(0.9, 28, 1, 1), "share votes registered turnout margin change potential", ""},
		{"modelled only", numbers{choices: 3, registered: []int64{0}, voters: make([]Estimate, 1), modelled: []bool{true}, votes: []int64{0, 0, 0}, shares: tally(0.1, 30, 10, 10).shares}, tally(0, 10, 10, 10), "share turnout margin change", "votes registered potential"},
		{"no result here", numbers{choices: 3, registered: []int64{-1}, voters: make([]Estimate, 1), modelled: []bool{false}, votes: []int64{-1, -1, -1}, shares: make([]Estimate, 3)}, tally(0, 10, 10, 10), "", "share votes registered turnout margin change potential"},
	} {
		place := (&level{unit: engine.UnitSegment, numbers: []numbers{c.now, c.before}}).publishedOf(0)
		for _, m := range Measures() {
			got, ok := m.estimate(place, asked)
			if ok != slices.Contains(strings.Fields(c.have), m.ID) || ok == slices.Contains(strings.Fields(c.havent), m.ID) {
				t.Errorf("%s: %s is there: %v", c.what, m.ID, ok)
			}
			if !ok || m.ID == "share" { // whose interval is the published one
				continue
			}
			lowest, highest := 0.0, math.Inf(1)
			if strings.HasPrefix(m.Unit, "fraction") {
				highest = 1
			}
			if m.Diverging {
				lowest = -1
			}
			if !(lowest <= got.Low90 && got.Low90 <= got.Value && got.Value <= got.High90 && got.High90 <= highest) {
				t.Errorf("%s: %s is %v", c.what, m.ID, got)
			}
		}
	}
}

// ballots are contests on two divisions. Of 2017 there is no date; in 2020 two lists are of one family.
var ballots = []Contest{
	{ID: "2012_t1", Name: "2012", Date: "2012-04-22", Round: 1, Division: "2012", Base: engine.BaseRegistered,
		Choices: []Choice{{ID: "moulins"}, {ID: "abstention"}}},
	{ID: "2017_t1", Name: "2017", Round: 1, Division: "2017", Base: engine.BaseRegistered,
		Choices: []Choice{{ID: "moulins", Family: "centre"}, {ID: "jardins", Family: "green"}, {ID: "blank"}, {ID: "abstention"}}},
	{ID: "2017_t2", Name: "2017", Round: 2, Division: "2017", Base: engine.BaseRegistered,
		Choices: []Choice{{ID: "moulins", Family: "centre"}, {ID: "blank_null"}, {ID: "abstention"}}},
	{ID: "2020_t1", Name: "2020", Date: "2020-03-15", Round: 1, Division: "2017", Base: engine.BaseRegistered,
		Choices: []Choice{{ID: "verger", Family: "green"}, {ID: "potager", Family: "green"}, {ID: "centre", Family: "centre"}, {ID: "pont"}, {ID: "abstention"}}},
	{ID: "2020_t2", Name: "2020", Date: "2020-06-28", Round: 2, Division: "2017", Base: engine.BaseRegistered,
		Choices: []Choice{{ID: "verger", Family: "green"}, {ID: "centre2", Family: "centre"}, {ID: "abstention"}}},
	{ID: "2021_t1", Name: "2021", Date: "2021-06-20", Round: 1, Division: "2017", Base: engine.BaseRegistered,
		Choices: []Choice{{ID: "verger"}, {ID: "not_expressed"}}},
	{ID: "2022_t1", Name: "2022", Date: "2022-04-10", Round: 1, Division: "2017", Base: engine.BaseBallots,
		Choices: []Choice{{ID: "verger"}, {ID: "null"}}},
}

func TestMeasuresOfContests(t *testing.T) {
	for at, want := range []string{
		"share votes registered turnout margin potential",
		"share votes registered turnout margin change potential",
		"share votes registered turnout margin change potential",
		"share votes registered turnout margin change potential",
		"share votes registered turnout margin change potential",
		"share votes registered margin change",
		"share votes registered margin",
	} {
		if got := strings.Join(MeasuresOf(ballots, at), " "); got != want {
			t.Errorf("%s has %s, want %s", ballots[at].ID, got, want)
		}
	}
}

func TestContestsThatAChangeCanBeCountedFrom(t *testing.T) {
	for _, c := range []struct{ contest, choice, want string }{
		{"2012_t1", "moulins", ""},
		{"2017_t1", "moulins", "2020_t2 2020_t1"}, // may be before, for all that is known
		{"2017_t2", "moulins", "2017_t1 2020_t2 2020_t1"},
		{"2017_t2", "blank_null", ""},
		{"2020_t1", "verger", "2017_t1"},
		{"2020_t2", "verger", "2020_t1 2017_t1"},
		{"2020_t2", "centre2", "2020_t1 2017_t2 2017_t1"},
		{"2020_t2", "abstention", "2020_t1 2017_t2 2017_t1"},
		{"2021_t1", "verger", "2020_t2 2020_t1"},
		{"2022_t1", "verger", ""},
	} {
		at, _ := contestByName(ballots, c.contest)
		k, _ := choiceByName(ballots[at], byChoice, c.choice)
		if got := strings.Join(ChangeSince(ballots, at, k), " "); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.choice, c.contest, got, c.want)
		}
	}
}

func TestWhatIsAskedForIsFound(t *testing.T) {
	for _, c := range []struct {
		asked Query
		want  string // contest, choice, other choice or contest and choice; or what the error says
	}{
		{Query{}, "2012_t1 moulins"},
		{Query{Measure: "turnout", Contest: "2017_t1"}, "2017_t1 of abstention"},
		{Query{Measure: "margin", Contest: "2020_t1"}, "2020_t1 verger over potager"},
		{Query{Measure: "margin", Contest: "2020_t1", Choice: "pont"}, "2020_t1 pont over verger"},
		{Query{Measure: "margin", Contest: "2020_t1", Choice: "abstention"}, "2020_t1 abstention over verger"},
		{Query{Measure: "margin", Contest: "2017_t2", Against: "abstention"}, "2017_t2 moulins over abstention"},
		{Query{Measure: "change", Contest: "2020_t2"}, "2020_t2 verger since 2020_t1 verger"},
		{Query{Measure: "change", Contest: "2020_t2", Choice: "centre2", Since: "2017_t1"}, "2020_t2 centre2 since 2017_t1 moulins"},
		{Query{Measure: "change", Contest: "2017_t2"}, "2017_t2 moulins since 2017_t1 moulins"},

		{Query{Measure: "turnout", Contest: "2021_t1"}, "measure: the source of contest 2021_t1 does not tell abstention from blank and null votes"},
		{Query{Measure: "turnout", Contest: "2022_t1"}, "measure: the source of contest 2022_t1 counts ballots, not registered voters"},
		{Query{Measure: "potential", Contest: "2022_t1"}, "measure: the source of contest 2022_t1 counts ballots"},
		{Query{Measure: "potential", Contest: "2017_t1", Choice: "blank"}, "choice: blank is not a candidate that anybody could vote for: name one"},
		{Query{Measure: "margin", Contest: "2017_t2"}, "against: contest 2017_t2 has no other candidate than moulins: name a choice that is not one with against"},
		{Query{Measure: "margin", Contest: "2020_t1", Choice: "pont", Against: "pont"}, "against: pont has no margin over itself: name another choice"},
		{Query{Measure: "margin", Contest: "2020_t1", Against: "moulins"}, `there is no against "moulins": known are verger, potager`},
		{Query{Measure: "change", Contest: "2012_t1"}, "measure: no choice of contest 2012_t1 was in another contest on the precincts of 2012"},
		{Query{Measure: "change", Contest: "2017_t2", Choice: "blank_null"}, "choice: blank_null was in no other contest"},
		{Query{Measure: "change", Contest: "2017_t1"}, "since: no date tells which contest was before 2017_t1, so that since must name one: moulins has a change since 2020_t2, 2020_t1"},
		{Query{Measure: "change", Contest: "2017_t2", Since: "2012_t1"}, "since: contest 2012_t1 was counted on the precincts of 2012 and 2017_t2 on those of 2017"},
		{Query{Measure: "change", Contest: "2017_t2", Since: "2017_t2"}, "since: contest 2017_t2 has no change since itself"},
		{Query{Measure: "change", Contest: "2020_t1", Since: "2020_t2"}, "since: contest 2020_t2 was after 2020_t1"},
		{Query{Measure: "change", Contest: "2021_t1", Since: "2022_t1"}, "since: contest 2022_t1 has shares of ballots and 2021_t1 of registered"},
		{Query{Measure: "change", Contest: "2020_t1", Since: "2017_t2"}, "since: contest 2017_t2 has no verger, and none of the family green"},
		{Query{Measure: "change", Contest: "2020_t1", Choice: "pont", Since: "2017_t1"}, "since: contest 2017_t1 has no pont, which has no family to be known by: ask for another choice than pont"},
		{Query{Measure: "change", Contest: "2017_t1", Choice: "jardins", Since: "2020_t1"}, "since: contest 2020_t1 has no jardins, and 2 choices of the family green"},
		{Query{Measure: "change", Since: "2019_t1", Contest: "2020_t2"}, `there is no since "2019_t1": known are 2020_t1, 2017_t1`},
		{Query{Choice: "moulins", Against: "abstention"}, "against: it takes no against: leave it out"},
		{Query{Measure: "turnout", Choice: "moulins"}, "choice: it takes no choice: leave it out"},
		{Query{Measure: "margin", Since: "2017_t1"}, "since: it takes no since: leave it out"},
	} {
		m, found, err := settle(ballots, c.asked)
		if err != nil {
			got := err.Error()
			if e := (*MeasureError)(nil); errors.As(err, &e) {
				got = e.Parameter + ": " + e.Why
			}
			if !strings.Contains(got, c.want) || !errors.Is(err, ErrQuery) {
				t.Errorf("%+v: %s, want %s", c.asked, got, c.want)
			}
			continue
		}
		contest := ballots[found.contest]
		got := contest.ID + " " + contest.Choices[found.choice].ID
		switch m.ID {
		case "turnout":
			got = contest.ID + " of " + contest.Choices[found.abstention].ID
		case "margin":
			got += " over " + contest.Choices[found.against].ID
		case "change":
			then := ballots[found.since]
			got += " since " + then.ID + " " + then.Choices[found.then].ID
		}
		if got != c.want {
			t.Errorf("%+v is %s, want %s", c.asked, got, c.want)
		}
	}
}

func TestMeasuresSayWhatTheyAre(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Measures() {
		if m.ID == "" || seen[m.ID] || m.Title == "" || !strings.HasSuffix(m.Definition, ".") || !strings.Contains(m.Definition, "interval") && m.ID != "share" {
			t.Errorf("%+v", m)
		}
		seen[m.ID] = true
		if m.Diverging != (m.Unit == "fraction -1..1") {
			t.Errorf("%s: unit %s, diverging %v", m.ID, m.Unit, m.Diverging)
		}
		for _, p := range m.Parameters {
			if p != byChoice && p != byAgainst && p != bySince {
				t.Errorf("%s takes %s", m.ID, p)
			}
		}
	}
}

// hamletQueries asks for every measure of every choice and contest.
func hamletQueries(c *City) []Query {
	var all []Query
	for _, contest := range c.Contests() {
		for _, m := range Measures() {
			for _, choice := range append([]Choice{{}}, contest.Choices...) {
				q := Query{Contest: contest.ID, Choice: choice.ID, Measure: m.ID}
				if CheckQuery(c.Contests(), q) == nil {
					all = append(all, q)
				}
			}
		}
	}
	return all
}

// features are the properties of a whole layer by id, from the tiles that hold the hamlet where its streets are drawn.
func features(t *testing.T, c *City, layer string, q Query) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	first, last := geo.TileAt(1.99, 48.03, 12), geo.TileAt(2.06, 47.99, 12)
	for x := first.X; x <= last.X; x++ {
		for y := first.Y; y <= last.Y; y++ {
			tile, err := c.Tile(layer, geo.Tile{Z: 12, X: x, Y: y}, q)
			if err != nil {
				t.Fatal(err)
			}
			layers, err := mvt.Unmarshal(tile.Data)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range layers {
				for _, f := range l.Features {
					id := f.Properties["id"]
					if n, ok := id.(float64); ok {
						id = int64(n)
					}
					found[fmt.Sprint(id)] = f.Properties
				}
			}
		}
	}
	return found
}

// Suppressed and empty units have no measure anywhere.
func TestSuppressedUnitsHaveNoMeasure(t *testing.T) {
	c := openHamlet(t)
	hidden := 0
	for _, l := range c.levels {
		for u := range l.ids {
			if l.state(u) == engine.Published {
				continue
			}
			hidden++
			if s, err := c.Score(l.unit, l.ids[u], ScoreQuery{}); err != nil || len(s.Contests) != 0 || s.Households != 0 {
				t.Errorf("%s %s is %s: %+v, %v", l.unit, l.name(u), l.state(u), s, err)
			}
			for _, contest := range c.Contests() {
				if e, err := c.Explain(l.unit, l.ids[u], contest.ID); err != nil || len(e.Contests) != 0 {
					t.Errorf("%s %s is %s: %+v, %v", l.unit, l.name(u), l.state(u), e, err)
				}
			}
		}
	}
	queries := hamletQueries(c)
	for _, q := range queries {
		for _, layer := range Layers() {
			for id, properties := range features(t, c, layer.Name, q) {
				if properties["state"] == string(engine.Published) {
					continue
				}
				for _, name := range []string{"value", "low", "high", "n"} {
					if number, there := properties[name]; there {
						t.Errorf("%s %s is %v and has %s %v for %+v", layer.Name, id, properties["state"], name, number, q)
					}
				}
			}
		}
	}
	if hidden < 4 || len(queries) < 30 {
		t.Fatalf("%d hidden units, %d queries: the test has nothing to look at", hidden, len(queries))
	}
}

// Every measure of a tile can be computed from the registered voters with their interval, whole votes and shares that scores publish of the
// same unit.
func TestMeasuresAreMadeOfPublishedNumbers(t *testing.T) {
	c := openHamlet(t)
	compared := 0
	for _, q := range hamletQueries(c) {
		m, asked, err := settle(c.Contests(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, layer := range []Layer{Layers()[0], Layers()[2]} {
			for id, properties := range features(t, c, layer.Name, q) {
				value, there := properties["value"].(float64)
				if !there {
					continue
				}
				unit, err := strconv.ParseInt(id, 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				score, err := c.Score(layer.Unit, unit, ScoreQuery{})
				if err != nil {
					t.Fatal(err)
				}
				e, ok := m.estimate(fromScore(c, score), asked)
				if !ok || math.Abs(e.Value-value) > 1e-6*max(1, value) || math.Abs(e.Low90-properties["low"].(float64)) > 1e-5 || math.Abs(e.High90-properties["high"].(float64)) > 1e-5 {
					t.Errorf("%s %s, %+v: the tile has %v, what is published gives %v", layer.Name, id, q, properties, e)
				}
				compared++
			}
		}
	}
	if compared < 100 {
		t.Fatalf("%d numbers compared", compared)
	}
}

// fromScore is a unit made of nothing but its score.
func fromScore(c *City, s Score) published {
	l := &level{unit: s.Unit}
	for at, contest := range c.Contests() {
		n := numbers{registered: []int64{s.Contests[at].Registered}, voters: make([]Estimate, 1), modelled: []bool{s.Contests[at].ModelledOnly}, votes: slices.Repeat([]int64{-1}, len(contest.Choices)), shares: make([]Estimate, len(contest.Choices))}
		for _, m := range s.Contests[at].Measures {
			if m.Measure == registeredMeasure.ID {
				n.voters[0] = m.Estimate
			}
		}
		for k, choice := range contest.Choices {
			for _, number := range s.Contests[at].Choices {
				if number.Choice == choice.ID {
					n.votes[k], n.shares[k] = number.Votes, Estimate{number.Share, number.Low90, number.Low50, number.High50, number.High90}
				}
			}
		}
		l.numbers = append(l.numbers, n)
	}
	return l.publishedOf(0)
}

// A score has every measure that the contest and the choice have, and says what a margin is over and a change since.
func TestScoresHaveEveryMeasure(t *testing.T) {
	c := openHamlet(t)
	s, err := c.Score(engine.UnitPrecinct, precinct2, ScoreQuery{}) // moulins 23, jardins 6, abstention 14; then 26, 8, 9
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	list := func(of string, measures []MeasureScore) {
		for _, m := range measures {
			got = append(got, fmt.Sprintf("%s %s%s%s %.3f", of, m.Measure, m.Against, m.Since, m.Value))
		}
	}
	for _, contest := range s.Contests {
		list(contest.Contest, contest.Measures)
		for _, choice := range contest.Choices {
			list(choice.Choice, choice.Measures)
		}
	}
	want := []string{
		"t1 registered 43.000", "t1 turnout 0.674",
		"moulins votes 23.000", "moulins marginjardins 0.395", "moulins potential 11.103",
		"jardins votes 6.000", "jardins marginmoulins -0.395", "jardins potential 2.897",
		"abstention votes 14.000", "abstention marginmoulins -0.209",
		"t2 registered 43.000", "t2 turnout 0.791",
		"moulins votes 26.000", "moulins marginverger 0.419", "moulins changet1 0.070", "moulins potential 6.882",
		"verger votes 8.000", "verger marginmoulins -0.419", "verger changet1 0.047", "verger potential 2.118",
		"abstention votes 9.000", "abstention marginmoulins -0.395", "abstention changet1 -0.116",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

// A score of one contest has the margins over the choice and the changes since the contest that are asked for, as tiles and rows have.
func TestScoresAgainstAndSince(t *testing.T) {
	c := openHamlet(t)
	s, err := c.Score(engine.UnitPrecinct, precinct2, ScoreQuery{Contest: "t2", Against: engine.Abstention, Since: "t1"})
	if err != nil || len(s.Contests) != 1 {
		t.Fatal(s, err)
	}
	var got []string
	for _, choice := range s.Contests[0].Choices {
		for _, m := range choice.Measures {
			if m.Against+m.Since != "" {
				got = append(got, fmt.Sprintf("%s %s%s%s %.3f", choice.Choice, m.Measure, m.Against, m.Since, m.Value))
			}
		}
	}
	want := []string{"moulins marginabstention 0.395", "moulins changet1 0.070", "verger marginabstention -0.023", "verger changet1 0.047", "abstention changet1 -0.116"}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	for _, wrong := range []ScoreQuery{{Contest: "t3"}, {Against: "moulins"}, {Since: "t1"}, {Contest: "t2", Against: "nobody"}, {Contest: "t1", Since: "t2"}, {Contest: "t2", Since: "t2"}} {
		if _, err := c.Score(engine.UnitPrecinct, precinct2, wrong); !errors.Is(err, ErrQuery) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}
