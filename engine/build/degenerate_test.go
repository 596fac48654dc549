package build

import (
	"math"
	"slices"
	"testing"

	"github.com/arpent/arpent/engine"
)

// mustLayOut places everything of a village and casts no vote.
func mustLayOut(t *testing.T, o Options) (*world, *engine.Report) {
	t.Helper()
	m, _, _, err := read(t.Context(), o, o.Allocator)
	if err != nil {
		t.Fatal(err)
	}
	w, report, err := layOut(t.Context(), o, m)
	if err != nil {
		t.Fatal(err)
	}
	return w, report
}

// houseAt moves a house, and the eastern end of Rue Haute is at (200, 0).
func (v village) houseAt(id string, x, y float64) {
	i := slices.IndexFunc(v.addresses, func(a []any) bool { return a[1] == id })
	p := degrees(x, y)
	v.addresses[i][7], v.addresses[i][8] = p[0], p[1]
}

// Two houses of the 34 of the eastern precinct stand beyond its area. They are taken for its own, and its streets are less sure; one
// house is not worth it.
func TestAddressesGuessedToBeOfAPrecinct(t *testing.T) {
	v := makeVillage()
	eastOfHaute := func(w *world) float64 { // how unsure the weight of its 20 houses is
		g := w.votes[0].ground
		for row, b := range g.precincts {
			if w.placed.precincts[b].code != "2" {
				continue
			}
			for part := g.First[row]; part < g.First[row+1]; part++ {
				if g.X[part] > origin[0]+50 {
					return g.Unsure[part]
				}
			}
		}
		t.Fatal("there is no Rue Haute in precinct 2")
		return 0
	}
	v.houseAt("99001_Haute_00040", 310, -10)
	w, report := mustLayOut(t, v.options(t, 50))
	if d := report.Divisions[0]; d.ByNearest != 1 || len(d.Guessed) != 0 {
		t.Errorf("one of 34 addresses is guessed: %+v", d)
	}
	homes := unsureVoters*unsureVoters + unsureAround*unsureAround + unsureAddress*unsureAddress/20
	if got := eastOfHaute(w); math.Abs(got-math.Sqrt(homes)) > 1e-12 {
		t.Errorf("Rue Haute is unsure by %.4f, want %.4f", got, math.Sqrt(homes))
	}

	v.houseAt("99001_Haute_00039", 310, 10)
	w, report = mustLayOut(t, v.options(t, 50))
	if d := report.Divisions[0]; d.ByNearest != 2 || !slices.Equal(d.Guessed, []string{"2"}) {
		t.Errorf("two of 34 addresses are guessed: %+v", d)
	}
	if got, want := eastOfHaute(w), math.Sqrt(homes+0.1*0.1); math.Abs(got-want) > 1e-12 {
		t.Errorf("Rue Haute is unsure by %.4f, want %.4f: two of its 20 houses may be of another precinct", got, want)
	}
}

// The town beside the village is one precinct: what its streets have adds up to the town's result whatever they are.
func TestACommuneOfOnePrecinct(t *testing.T) {
	_, report := mustLayOut(t, makeVillage().department().options(t, 50))
	if d := report.Divisions[0]; d.OnePrecinct != 1 || !slices.Equal(d.OnePrecinctFirst, []string{"99002"}) {
		t.Errorf("%d communes of one precinct, %v; want 99002", d.OnePrecinct, d.OnePrecinctFirst)
	}
	_, report = mustLayOut(t, makeVillage().options(t, 50))
	if d := report.Divisions[0]; d.OnePrecinct != 0 || d.OnePrecinctFirst != nil {
		t.Errorf("%d communes of one precinct, %v; the village has two", d.OnePrecinct, d.OnePrecinctFirst)
	}
}
