package build

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

// A list that stands in precinct 1 only is counted, in a cell on the border, among the cell's households of that precinct. Where
// they are too few the cell must not be published, though as a whole it has enough.
func TestAListOfOnePrecinctKeepsTheThreshold(t *testing.T) {
	everywhere := makeVillage()
	onlyInOne := makeVillage()
	onlyInOne.results = nil
	for _, row := range makeVillage().results {
		if row[2] != "2" || row[12] != "ponts" { // it has no vote there, so that all sums stay
			onlyInOne.results = append(onlyInOne.results, row)
		}
	}
	if n := smallPublishedParts(t, everywhere); n == 0 {
		t.Fatal("no cell of the village has few households of precinct 1 among enough: the test shows nothing")
	}
	if n := smallPublishedParts(t, onlyInOne); n > 0 {
		t.Errorf("%d cells are published with fewer than 11 households of precinct 1", n)
	}
}

// smallPublishedParts counts the published cells that have some households of precinct 1, but fewer than the threshold.
func smallPublishedParts(t *testing.T, v village) int {
	t.Helper()
	s, _ := mustRun(t, v.options(t, 50))
	first := engine.PrecinctKey{Commune: "99001", Station: "1"}.ID("2026")
	homes, small := map[int64]float64{}, map[int64]bool{}
	read := func(table engine.Table, each func(r engine.Rows, i int)) {
		t.Helper()
		err := s.ReadTable(t.Context(), table, memory.NewGoAllocator(), func(r engine.Rows) error {
			for i := range r.Len() {
				each(r, i)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	read(engine.Atoms, func(r engine.Rows, i int) {
		if r.Ints("precinct_id").Value(i) == first {
			homes[r.Ints("cell").Value(i)] += r.Floats("households").Value(i)
		}
	})
	read(engine.Estimates, func(r engine.Rows, i int) {
		h, ok := homes[r.Ints("unit_id").Value(i)]
		if ok && h < 11 && r.Texts("unit").Value(i) == "cell" && r.Texts("state").Value(i) == string(engine.Published) {
			small[r.Ints("unit_id").Value(i)] = true
		}
	})
	return len(small)
}
