package live

import (
	"testing"

	"github.com/arpent/arpent/engine"
)

// A list is held against a value that is computed once for a unit, however long the list is: a filter of a few kilobytes took minutes.
func TestInComputesItsValueOnce(t *testing.T) {
	read := 0
	value := operand{is: engine.FilterNumber, number: func(int) (float64, bool) { read++; return 3, true }}
	var list []operand
	for i := range 1000 {
		list = append(list, literal(engine.FilterValue{Type: engine.FilterNumber, Number: float64(i + 10)}))
	}
	if answer := anyOf(value, list, func(o operand, u int) (float64, bool) { return o.number(u) })(0); answer != no || read != 1 {
		t.Errorf("it is %v, and its value was computed %d times", answer, read)
	}
	// Nor is it made ready more than once.
	sum := prop("n")
	for range 12 {
		sum = op(engine.FilterPlus, sum, sum)
	}
	in := op(engine.FilterIn, sum)
	for range 3000 {
		in.Args = append(in.Args, number(-1))
	}
	if found := rowsOf(t, openHamlet(t), ItemQuery{Collection: "segments", Filter: in}); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

// A list with something unknown in it is unknown where nothing else of it is the value, and a range with an unknown end where the other does not
// decide: as the equalities and comparisons that they stand for.
func TestListsAndRangesOfWhatIsAbsent(t *testing.T) {
	city := openHamlet(t)
	absent := op(engine.FilterDividedBy, number(1), number(0))
	for _, row := range []struct {
		asks   string
		filter *engine.Filter
		want   int
	}{
		{"n IN (22, absent)", op(engine.FilterIn, prop("n"), number(22), absent), 1},
		{"NOT n IN (22, absent)", op(engine.FilterNot, op(engine.FilterIn, prop("n"), number(22), absent)), 0},
		{"NOT n IN (22): n of two is absent", op(engine.FilterNot, op(engine.FilterIn, prop("n"), number(22))), 2},
		{"(n IN (22)) IS NULL", op(engine.FilterIsNull, op(engine.FilterIn, prop("n"), number(22))), 2},
		{"n NOT BETWEEN 100 AND absent: it is below 100", op(engine.FilterNot, op(engine.FilterBetween, prop("n"), number(100), absent)), 3},
		{"n NOT BETWEEN 1 AND absent", op(engine.FilterNot, op(engine.FilterBetween, prop("n"), number(1), absent)), 0},
		{"modelled_only IN (TRUE, FALSE)", op(engine.FilterIn, prop("modelled_only"), flag(true), flag(false)), 3},
	} {
		if got := idsOf(rowsOf(t, city, ItemQuery{Collection: "segments", Filter: row.filter})); len(got) != row.want {
			t.Errorf("%s: streets %v", row.asks, got)
		}
	}
}
