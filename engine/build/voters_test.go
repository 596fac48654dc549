package build

import (
	"math"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/disclose"
	"github.com/arpent/arpent/engine/estimate"
)

// Of a precinct of 100 voters in two streets, bounds stop at 100 only where the precinct publishes that.
func TestBoundsOfVotersKeepWhatIsSuppressed(t *testing.T) {
	g := &ground{precincts: []int32{0, 1}}
	g.First, g.X, g.Y = []int32{0, 2, 3}, make([]float64, 3), make([]float64, 3)
	g.Weights, g.Unsure = []float64{95, 5, 50}, []float64{0.3, 0.3, 0.3}
	var err error
	if g.shares, err = estimate.NewWeights(g.Ground); err != nil {
		t.Fatal(err)
	}
	v := &contestVotes{contest: &contest{precincts: []contestPrecinct{{registered: 100}, {registered: 50}}}, rowOf: []int32{0, 1}, ground: g}
	precincts := &level{unit: engine.UnitPrecinct, decided: disclose.Units{State: []disclose.State{disclose.Published, disclose.Published}}}
	b := newBounder([]*level{{unit: engine.UnitSegment}, precincts}, engine.DefaultParameters())
	bounds := func(registered int64, portions ...estimate.Portion) estimate.VotersRange {
		row := unitRow{registered: registered, portions: portions}
		b.bound(v, &row)
		return row.bounds
	}
	most, rest, other := estimate.Portion{Part: 0, Fraction: 1}, estimate.Portion{Part: 1, Fraction: 1}, estimate.Portion{Precinct: 1, Part: 2, Fraction: 1}
	open := bounds(95, most)
	// What is left is too small to be told of: its doubt is that of 16 voters, or nearly.
	if open.High90 != 100 || open.Low90 > 89 || bounds(145, most, other).High90 != 150 {
		t.Errorf("95 of 100 voters: %+v", open)
	}
	precincts.decided.State[0] = disclose.Suppressed
	hidden := bounds(95, most)
	if hidden.High90 <= 100 || hidden.Low90 != open.Low90 {
		t.Errorf("95 voters of a suppressed precinct: %+v, of a published one: %+v", hidden, open)
	}
	if got := bounds(150, most, rest, other); got != (estimate.VotersRange{Low50: 150, High50: 150, Low90: 150, High90: 150}) {
		t.Errorf("two whole precincts: %+v", got)
	}
}

// In a snapshot precincts and communes have the voters they have, and streets and cells that are not made of whole precincts
// are in doubt, alike in all contests but for how many voters there are.
func TestVotersOfStreetsAndCellsAreInDoubt(t *testing.T) {
	s, _ := mustRun(t, makeVillage().options(t, 1000))
	exact, doubtful := 0, 0
	err := s.ReadTable(t.Context(), engine.Estimates, memory.NewGoAllocator(), func(r engine.Rows) error {
		units, registered := r.Texts("unit"), r.Ints("registered")
		low90, high90 := r.Ints("registered_low90"), r.Ints("registered_high90")
		for i := range r.Len() {
			n, low, high := registered.Value(i), low90.Value(i), high90.Value(i)
			switch unit := engine.Unit(units.Value(i)); {
			case unit == engine.UnitPrecinct || unit == engine.UnitCommune:
				exact++
				if low != n || high != n {
					t.Errorf("%s of %d registered voters: %d to %d", unit, n, low, high)
				}
			case low < n && n < high:
				doubtful++
			}
			if spread := float64(high - low); spread > 4*math.Max(4, float64(n)) {
				t.Errorf("%s of %d registered voters: %d to %d", units.Value(i), n, low, high)
			}
		}
		return nil
	})
	if err != nil || exact == 0 || doubtful == 0 {
		t.Errorf("%d exact, %d in doubt, %v", exact, doubtful, err)
	}
}
