package live

import (
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

func picker(t *testing.T, c *City, q ItemQuery) *Picker {
	t.Helper()
	p, err := c.Pick(q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A unit is found by its id, its code or a place in it; what is found has the row that everybody sees.
func TestPickFindsUnits(t *testing.T) {
	c := openHamlet(t)
	house := houses[basse]
	for _, l := range []struct {
		collection string
		resolution int
		id         int64
		found      bool
	}{
		{"segments", 0, basse, true},
		{"cells", 9, cellOf(t, basse, 9), true},
		{"cells", 5, cellOf(t, basse, 5), true},
		{"precincts", 0, precinct2, true},
		{"communes", 0, commune, true},
	} {
		p := picker(t, c, ItemQuery{Collection: l.collection, Resolution: l.resolution, Filter: op(engine.FilterEqual, prop("id"), number(1))})
		byID, there := p.At(l.id)
		if !there {
			t.Errorf("%s: %d is not there", l.collection, l.id)
		}
		byPlace, near := p.ByPlace(house[0], house[1])
		if !near || byPlace != byID {
			t.Errorf("%s: the house of Rue Basse is in unit %d, %v, want %d", l.collection, byPlace, near, byID)
		}
		if u, near := p.ByPlace(2.0, 40.0); near {
			t.Errorf("%s: a place in the sea is in unit %d", l.collection, u)
		}
	}
	precincts := picker(t, c, ItemQuery{Collection: "precincts"})
	for _, l := range []struct {
		code, commune string
		found         int
	}{{"2", "", 1}, {"2", "99001", 1}, {"2", "99002", 0}, {"02", "", 0}, {"9", "", 0}, {"", "", 0}} {
		u, found := precincts.ByCode(l.code, l.commune)
		if want, _ := precincts.At(precinct2); found != l.found || found == 1 && u != want {
			t.Errorf("precinct %q of %q: unit %d, %d found", l.code, l.commune, u, found)
		}
	}
	communes := picker(t, c, ItemQuery{Collection: "communes"})
	if u, found := communes.ByCode("99001", ""); found != 1 || u != 0 {
		t.Errorf("the commune: unit %d, %d found", u, found)
	}
	if streets := picker(t, c, ItemQuery{Collection: "segments"}); streets.HasCodes() || !precincts.HasCodes() {
		t.Error("streets have no codes, precincts have")
	}
}

// Precincts of two communes may have the same code; those of another division are none of them.
func TestCodesOfSeveralCommunes(t *testing.T) {
	l := &level{unit: engine.UnitPrecinct, communes: []int32{0, 1, 0}}
	for id := range int64(3) {
		l.add(id+1, "1", 0)
	}
	c := &City{communeCodes: []string{"99001", "99002"}}
	p := &Picker{Items: &Items{city: c, level: l, collection: Collection{Unit: engine.UnitPrecinct}, division: "2026", layer: &layer{divisions: []string{"2026", "2026", "2017"}}}}
	for _, one := range []struct {
		commune     string
		unit, found int
	}{{"", 1, 2}, {"99001", 0, 1}, {"99002", 1, 1}, {"99003", 0, 0}} {
		if u, found := p.ByCode("1", one.commune); u != one.unit || found != one.found {
			t.Errorf("code 1 of %q: unit %d, %d found", one.commune, u, found)
		}
	}
}

// The rows that are picked are those of Items, in any order and as often as they are asked for. What is suppressed has no number.
func TestPickedRowsAreThoseOfItems(t *testing.T) {
	c := openHamlet(t)
	q := ItemQuery{Collection: "segments", Query: Query{Contest: "t2", Choice: "verger"}, Properties: []string{"id", "state", "reason", "value", "low", "high", "n", "t1.*.share"}, Bare: true}
	want := map[int64]map[string]any{}
	for _, row := range rowsOf(t, c, q) {
		want[row["id"].(int64)] = row
	}
	p := picker(t, c, q)
	ids := []int64{ferme, impasse, haute, haute, chemin, basse}
	var units []int
	told := c.NewPublication()
	for _, id := range ids {
		u, _ := p.At(id)
		units = append(units, u)
		p.Tell(&told, u)
	}
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	batch := p.Rows(mem, units)
	defer batch.Release()
	if !batch.Schema().Equal(p.Schema()) || batch.NumRows() != int64(len(ids)) {
		t.Fatalf("%d rows of %v", batch.NumRows(), batch.Schema())
	}
	for row, id := range ids {
		for i, column := range batch.Columns() {
			got := any(nil)
			if !column.IsNull(row) {
				switch column := column.(type) {
				case *array.Int64:
					got = column.Value(row)
				case *array.Float64:
					got = column.Value(row)
				case *array.String:
					got = column.Value(row)
				}
			}
			if name := batch.ColumnName(i); got != want[id][name] {
				t.Errorf("%d %s: %v, want %v", id, name, got, want[id][name])
			}
		}
	}
	if told.Units != 6 || told.Published != 4 || told.Empty != 1 || told.Suppressed[engine.ReasonK] != 1 || told.Suppressed[engine.ReasonComplement] != 0 || told.Threshold != 11 {
		t.Errorf("%+v", told)
	}
}

// A publication counts the rows of the question, no others.
func TestPublication(t *testing.T) {
	c := openHamlet(t)
	for _, l := range []struct {
		q                                     ItemQuery
		units, published, k, complement, none int
	}{
		{ItemQuery{Collection: "segments"}, 5, 3, 1, 0, 1},
		{ItemQuery{Collection: "precincts"}, 3, 2, 0, 1, 0},
		{ItemQuery{Collection: "segments", Filter: op(engine.FilterGreater, prop("n"), number(0))}, 3, 3, 0, 0, 0},
		{ItemQuery{Collection: "segments", Sample: &Sample{Size: 5, Seed: 1}, SortBy: []SortKey{{Property: "name"}}}, 5, 3, 1, 0, 1},
	} {
		items, err := c.Items(l.q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := items.Publication(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		counts := []int{got.Units, got.Published, got.Suppressed[engine.ReasonK], got.Suppressed[engine.ReasonComplement], got.Empty}
		if want := []int{l.units, l.published, l.k, l.complement, l.none}; !slices.Equal(counts, want) {
			t.Errorf("%+v: %v, want %v", l.q, counts, want)
		}
	}
}
