package build

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// withGrid gives the village two squares of a grid in the north-west: one of 12 households, of which a third own their home, and one that is kept
// secret. Its districts have other figures, and are a file of dataset census-areas.
func withGrid(t *testing.T, dataset string) Options {
	t.Helper()
	o := makeVillage().options(t, 50)
	o.add(t, engine.KindCensusAreas, [][]any{
		{int64(2), "square-a", "", "99001", "", box(-300, 0, -100, 200)},
		{int64(3), "square-b", "", "99001", "", box(-100, 0, 0, 200)},
	}, engine.SourceSpec{Dataset: dataset})
	o.add(t, engine.KindCensus, [][]any{
		{int64(2), "square-a", "households", 12.0}, {int64(2), "square-a", "men", 12.0}, {int64(2), "square-a", "men_prop", 4.0},
		{int64(3), "square-b", "households", nil}, {int64(3), "square-b", "men", nil}, {int64(3), "square-b", "men_prop", nil},
	}, engine.SourceSpec{Dataset: "grid"})
	return o
}

func TestTheFinestCensusAreaThatKnowsCounts(t *testing.T) {
	for _, dataset := range []string{"grid", "census-areas"} {
		t.Run(dataset, func(t *testing.T) { finestCounts(t, dataset) })
	}
}

func finestCounts(t *testing.T, dataset string) {
	s, report := mustRun(t, withGrid(t, dataset))
	want := []engine.Tally{
		{Name: engine.DescribeHouseholds(engine.HouseholdsByCensusHouseholds), Count: 5},
		{Name: engine.DescribeHouseholds(engine.HouseholdsByCensus), Count: 63},
	}
	if !slices.Equal(report.Placing.HouseholdsFrom, want) || report.Placing.InCensusArea != 68 {
		t.Errorf("households from %v, %d in census areas; want %v: five houses of Rue Haute lie in the square that is known", report.Placing.HouseholdsFrom, report.Placing.InCensusArea, want)
	}
	areas := map[string]int{}
	for _, line := range lines(t, s, engine.Addresses, "census_area", "households_by", "households") {
		areas[strings.Join(strings.Fields(line)[:2], " ")]++
		if strings.HasPrefix(line, "square-a") && !strings.HasSuffix(line, " 2.4") {
			t.Errorf("%q: twelve households at five houses", line)
		}
	}
	for area, n := range map[string]int{"square-a census-households": 5, "square-b census": 12, "990010101 census": 17, "990010102 census": 34} {
		if areas[area] != n {
			t.Errorf("%d addresses in %s, want %d (all: %v)", areas[area], area, n, areas)
		}
	}
}

func TestARateThatIsNotKnownIsThatOfTheCommune(t *testing.T) {
	m := &material{census: &censusFigures{}, censusAreas: []censusArea{{code: "square"}, {code: "district"}}}
	p := &placed{
		addresses:  &addresses{lon: make([]float64, 4), commune: []int32{0, 0, 0, 1}, words: words{list: []string{"99001", "99002"}}},
		households: []float64{1, 3, 5, 5},
		census:     []int32{0, 1, 2, 2},
		censusSets: [][]int32{{0, 1}, {1}, nil},
	}
	r := censusRate{name: "men_prop", byArea: []float64{.6, .2}}
	r.averageByCommune(p)
	for i, want := range []float64{.6, .2, (1*.6 + 3*.2) / 4, math.NaN()} {
		if got := r.at(p, int32(i)); math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-12 {
			t.Errorf("address %d: %v, want %v of %d areas: square before district before the commune's mean", i, got, want, len(m.censusAreas))
		}
	}
}

// A figure of more than one to a head is a mean (euros, metres), and dwellings are parts of the households of a square. What is imputed is not
// known.
func TestGridFigures(t *testing.T) {
	m := &material{census: &censusFigures{}, censusAreas: []censusArea{{code: "a"}, {code: "b"}, {code: "small", kind: engine.AreaImputed}}}
	for name, values := range map[string][2]float64{
		"ind": {100, 50}, "ind_snv": {2e6, 1.5e6}, "men": {40, 20}, "men_surf": {2400, 2000}, "log_soc": {30, 0}, "men_pauv": {10, 1}, "i_est_200": {0, 1},
	} {
		m.census.add("a", name, values[0], fileRow{})
		m.census.add("b", name, values[1], fileRow{})
		m.census.add("small", name, values[0], fileRow{})
	}
	want := []struct {
		name string
		a, b float64
	}{
		{"ind_snv", math.Log(20000), math.Log(30000)}, {"men_surf", math.Log(60), math.Log(100)}, {"log_soc", .75, 0}, {"men_pauv", .25, .05},
	}
	got := censusRates(m)
	if len(got) != len(want) {
		t.Fatalf("%+v, want %d rates", got, len(want))
	}
	for i, w := range want {
		if g := got[i]; g.name != w.name || math.Abs(g.byArea[0]-w.a) > 1e-12 || math.Abs(g.byArea[1]-w.b) > 1e-12 || !math.IsNaN(g.byArea[2]) {
			t.Errorf("rate %d is %s %v, want %s %v %v", i, g.name, g.byArea, w.name, w.a, w.b)
		}
	}
}

// Households are spread by the doors that the register has at an address.
func TestHouseholdsAreSpreadByTheDoorsOfARegister(t *testing.T) {
	_, o := withRegister(t, door("99001_h_00001", "house", nil, "1", 33), door("99001_b_00025", "house", nil, "2", 3))
	s, _ := mustRun(t, o)
	homes := map[string]float64{}
	for _, line := range lines(t, s, engine.Addresses, "address_id", "households") {
		id, text, _ := strings.Cut(line, " ")
		homes[id], _ = strconv.ParseFloat(text, 64)
	}
	// 200 people of 15 and more in the west, at 33 doors and at 33 houses of which the register knows nothing.
	if one, other := homes["99001_h_00001"], homes["99001_h_00002"]; math.Abs(one-33*200/1.7/66) > 1e-9 || math.Abs(other-200/1.7/66) > 1e-9 {
		t.Errorf("%v households and %v, want 58.8 and 1.8", one, other)
	}
}

// What is unsure of a street's voters is less where the register counts their doors.
func TestDoorsOfARegisterMakeWeightsSurer(t *testing.T) {
	var doors [][]any
	for number := 27; number <= 40; number++ { // the north of Rue Basse
		doors = append(doors, door(fmt.Sprintf("99001_b_%05d", number), "house", nil, "1", 2))
	}
	_, o := withRegister(t, append(doors, door("99001_h_00040", "house", nil, "2", 1))...)
	w, _ := mustLayOut(t, o)
	g := w.votes[0].ground
	seen := 0
	for row, b := range g.precincts {
		for part := g.First[row]; part < g.First[row+1]; part++ {
			if w.placed.precincts[b].code != "1" || g.Y[part] < origin[1]+50 {
				continue
			}
			seen++
			if math.Abs(g.Unsure[part]-unsureDoors) > 1e-12 || math.Abs(g.Common[part]-unsureDoors) > 1e-12 || g.Chance[part] != doorChance {
				t.Errorf("unsure by %.4f, in common %.4f, chance %g; want %g twice and %g", g.Unsure[part], g.Common[part], g.Chance[part], unsureDoors, doorChance)
			}
		}
	}
	if seen != 1 {
		t.Errorf("%d streets have all their doors counted, want one", seen)
	}
}

// A row of the register without an address id stands for all addresses at its position, as the flats of a house: they share its doors.
func TestAddressesAtOnePositionShareItsDoors(t *testing.T) {
	v, o := withRegister(t, door("", "house", [2]float64{310, 10}, "2", 6), door("99001_h_00001", "house", nil, "1", 3))
	v.houseAt("99001_h_00039", 310, 10)
	v.houseAt("99001_h_00040", 310, 10)
	w, _ := mustLayOut(t, o)
	doors := map[string]float64{}
	for i, n := range w.placed.doors {
		doors[w.placed.addresses.id(int32(i))] = n
	}
	for id, want := range map[string]float64{"99001_h_00039": 3, "99001_h_00040": 3, "99001_h_00001": 3, "99001_h_00038": 0} {
		if doors[id] != want {
			t.Errorf("%s has %v doors, want %v", id, doors[id], want)
		}
	}
}

// A square of five houses has a hundred households, where others of the precinct have less than two: they stay, and the square is named.
func TestStaleCensusIsNamed(t *testing.T) {
	v := makeVillage()
	v.census[0][3] = 100.0
	o := v.options(t, 50)
	o.add(t, engine.KindCensusAreas, [][]any{{int64(2), "square-a", "", "99001", "", box(-300, 0, -100, 200)}}, engine.SourceSpec{Dataset: "grid"})
	o.add(t, engine.KindCensus, [][]any{{int64(2), "square-a", "households", 100.0}}, engine.SourceSpec{Dataset: "grid"})
	s, report := mustRun(t, o)
	if r := report.Placing; r.StaleAddresses != 5 || !slices.Equal(r.StaleCensus, []string{"square-a"}) {
		t.Errorf("%d addresses, areas %v; want the five of square-a", r.StaleAddresses, r.StaleCensus)
	}
	if homes := lines(t, s, engine.Addresses, "households", "census_area"); !slices.Contains(homes, "20 square-a") {
		t.Errorf("%v: a hundred households at five houses are twenty each", homes)
	}
	_, report = mustRun(t, makeVillage().options(t, 50))
	if r := report.Placing; r.StaleAddresses != 0 || r.StaleCensus != nil {
		t.Errorf("%d addresses, areas %v; want none", r.StaleAddresses, r.StaleCensus)
	}
}

// In the west all but five houses lie in a district of nobody: that the five have households says nothing of them.
func TestNobodyAroundIsNoMeasureOfStaleCensus(t *testing.T) {
	v := makeVillage()
	v.census[0][3] = 0.0
	o := v.options(t, 50)
	o.add(t, engine.KindCensusAreas, [][]any{{int64(2), "square-a", "", "99001", "", box(-300, 0, -100, 200)}}, engine.SourceSpec{Dataset: "grid"})
	o.add(t, engine.KindCensus, [][]any{{int64(2), "square-a", "households", 10.0}}, engine.SourceSpec{Dataset: "grid"})
	_, report := mustLayOut(t, o)
	if r := report.Placing; r.StaleAddresses != 0 || r.StaleCensus != nil {
		t.Errorf("%d addresses, areas %v; want none", r.StaleAddresses, r.StaleCensus)
	}
}
