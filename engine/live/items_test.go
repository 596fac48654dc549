package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// What a filter is written with here.
func prop(name string) *engine.Filter {
	return &engine.Filter{Op: engine.FilterProperty, Name: name}
}
func text(s string) *engine.Filter {
	return &engine.Filter{Op: engine.FilterLiteral, Value: engine.FilterValue{Type: engine.FilterText, Text: s}}
}
func number(x float64) *engine.Filter {
	return &engine.Filter{Op: engine.FilterLiteral, Value: engine.FilterValue{Type: engine.FilterNumber, Number: x}}
}
func flag(b bool) *engine.Filter {
	return &engine.Filter{Op: engine.FilterLiteral, Value: engine.FilterValue{Type: engine.FilterBool, Bool: b}}
}
func drawn(g orb.Geometry) *engine.Filter {
	return &engine.Filter{Op: engine.FilterLiteral, Value: engine.FilterValue{Type: engine.FilterGeometry, Geometry: g}}
}
func op(name engine.FilterOp, args ...*engine.Filter) *engine.Filter {
	return &engine.Filter{Op: name, Args: args}
}

// rowsOf reads all rows of a query, each as its values by name.
func rowsOf(t *testing.T, city *City, q ItemQuery) []map[string]any {
	t.Helper()
	items, err := city.Items(q)
	if err != nil {
		t.Fatal(err)
	}
	rows, next := readRows(t, items, 0, 0)
	if next != -1 {
		t.Fatalf("there are rows behind the last: %d", next)
	}
	return rows
}

func readRows(t *testing.T, items *Items, from, limit int) (rows []map[string]any, next int) {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	next, err := items.Read(context.Background(), from, limit, mem, func(batch arrow.RecordBatch) error {
		for row := range int(batch.NumRows()) {
			values := map[string]any{}
			for i, column := range batch.Columns() {
				if column.IsNull(row) {
					continue
				}
				switch column := column.(type) {
				case *array.Int64:
					values[batch.ColumnName(i)] = column.Value(row)
				case *array.Float64:
					values[batch.ColumnName(i)] = column.Value(row)
				case *array.String:
					values[batch.ColumnName(i)] = strings.Clone(column.Value(row))
				case *array.Boolean:
					values[batch.ColumnName(i)] = column.Value(row)
				case *array.Binary:
					values[batch.ColumnName(i)] = slices.Clone(column.Value(row))
				}
			}
			rows = append(rows, values)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, next
}

func idsOf(rows []map[string]any) (ids []int64) {
	for _, row := range rows {
		ids = append(ids, row["id"].(int64))
	}
	return ids
}

func TestRowsOfTheStreets(t *testing.T) {
	city := openHamlet(t)
	rows := rowsOf(t, city, ItemQuery{Collection: "segments", Query: Query{Contest: "t1", Choice: "moulins"}})
	if got := idsOf(rows); !slices.Equal(got, []int64{haute, basse, impasse, chemin, ferme}) {
		t.Fatalf("streets %v", got)
	}
	for _, row := range rows {
		id := row["id"].(int64)
		score, err := city.Score(engine.UnitSegment, id, ScoreQuery{})
		if err != nil {
			t.Fatal(err)
		}
		if row["state"] != string(score.State) || row["name"] != score.Name || row["commune"] != "99001" || row["length_m"] != 700.0 {
			t.Errorf("street %d: %v, but its score is %+v", id, row, score)
		}
		if score.State != engine.Published {
			for _, number := range []string{"households", "n", "value", "low", "high", "low50", "high50", "modelled_only"} {
				if v, there := row[number]; there {
					t.Errorf("street %d is %s and has %s %v", id, score.State, number, v)
				}
			}
			continue
		}
		choice := score.Contests[0].Choices[0]
		want := []any{round6(choice.Share), round6(choice.Low90), round6(choice.Low50), round6(choice.High50), round6(choice.High90), score.Contests[0].Registered, score.Households}
		got := []any{row["value"], row["low"], row["low50"], row["high50"], row["high"], row["n"], row["households"]}
		if !slices.Equal(got, want) {
			t.Errorf("street %d: %v, but its score has %v", id, got, want)
		}
		shape, err := wkb.Unmarshal(row["geometry"].([]byte))
		if err != nil || shape.GeoJSONType() != "MultiLineString" {
			t.Errorf("street %d is drawn as %v, %v", id, shape, err)
		}
	}
}

// Every number of every row is the one that scores give, in every collection, for any measure.
func TestRowsSayWhatScoresSay(t *testing.T) {
	city := openHamlet(t)
	for _, of := range openHamlet(t).Collections() {
		resolutions := []int{0}
		if of.Unit == engine.UnitCell {
			resolutions = []int{3, 9, 11}
		}
		for _, resolution := range resolutions {
			properties := []string{"id", "state", "t1.*.votes", "t2.*.share.high", "t1.turnout.low50", "t2.registered"}
			for _, row := range rowsOf(t, city, ItemQuery{Collection: of.Name, Resolution: resolution, Properties: properties}) {
				score, err := city.Score(of.Unit, row["id"].(int64), ScoreQuery{})
				if err != nil {
					t.Fatal(err)
				}
				want := map[string]any{"id": row["id"], "state": string(score.State)}
				for at, contest := range score.Contests {
					for _, choice := range contest.Choices {
						if at == 0 {
							want["t1."+choice.Choice+".votes"] = choice.Votes
						} else {
							want["t2."+choice.Choice+".share.high"] = round6(choice.High90)
						}
					}
					for _, m := range contest.Measures {
						switch {
						case at == 0 && m.Measure == "turnout":
							want["t1.turnout.low50"] = round6(m.Low50)
						case at == 1 && m.Measure == "registered":
							want["t2.registered"] = contest.Registered
						}
					}
				}
				delete(row, "geometry")
				if fmt.Sprint(row) != fmt.Sprint(want) {
					t.Errorf("%s %v: %v, but scores say %v", of.Name, row["id"], row, want)
				}
			}
		}
	}
}

func TestFilters(t *testing.T) {
	city := openHamlet(t)
	around := func(x0, x1 float64) orb.Polygon {
		return orb.Polygon{{{x0, 47.99}, {x1, 47.99}, {x1, 48.01}, {x0, 48.01}, {x0, 47.99}}}
	}
	is := func(name string) *engine.Filter { return op(engine.FilterEqual, prop("name"), text(name)) }
	votes := op(engine.FilterGreater, prop("t1.moulins.votes"), number(15)) // 17 in Rue Haute, 12 in Rue Basse, 10 on the Ferme
	table := []struct {
		asks   string
		filter *engine.Filter
		want   []int64
	}{
		{"everything", nil, []int64{haute, basse, impasse, chemin, ferme}},
		{"name = 'Rue Haute'", is("Rue Haute"), []int64{haute}},
		{"name <> 'Rue Haute'", op(engine.FilterNotEqual, prop("name"), text("Rue Haute")), []int64{basse, impasse, chemin, ferme}},
		{"name < 'Ferme'", op(engine.FilterLess, prop("name"), text("Ferme")), []int64{chemin}},
		{"name LIKE 'Rue%'", op(engine.FilterLike, prop("name"), text("Rue%")), []int64{haute, basse}},
		{"name LIKE '_er%e'", op(engine.FilterLike, prop("name"), text("_er%e")), []int64{ferme}},
		{"CASEI(name) LIKE CASEI('RUE B%')", op(engine.FilterLike, op(engine.FilterCaseI, prop("name")), op(engine.FilterCaseI, text("RUE B%"))), []int64{basse}},
		{"ACCENTI('élève') = 'eleve'", op(engine.FilterEqual, op(engine.FilterAccentI, text("élève")), text("eleve")), []int64{haute, basse, impasse, chemin, ferme}},
		{"name IN ('Ferme', 'Impasse')", op(engine.FilterIn, prop("name"), text("Ferme"), text("Impasse")), []int64{impasse, ferme}},
		{"state = 'suppressed'", op(engine.FilterEqual, prop("state"), text("suppressed")), []int64{impasse}},
		{"reason IS NULL", op(engine.FilterIsNull, prop("reason")), []int64{haute, basse, chemin, ferme}},
		{"n IS NULL", op(engine.FilterIsNull, prop("n")), []int64{impasse, chemin}},
		{"votes of moulins in t1 > 15", votes, []int64{haute}},
		{"NOT (votes > 15): what is suppressed is unknown, not false", op(engine.FilterNot, votes), []int64{basse, ferme}},
		{"votes > 15 OR name = 'Impasse'", op(engine.FilterOr, votes, is("Impasse")), []int64{haute, impasse}},
		{"votes > 15 AND name = 'Impasse'", op(engine.FilterAnd, votes, is("Impasse")), nil},
		{"(votes > 15) = FALSE", op(engine.FilterEqual, votes, flag(false)), []int64{basse, ferme}},
		{"modelled_only = TRUE", op(engine.FilterEqual, prop("modelled_only"), flag(true)), nil},
		{"NOT modelled_only", op(engine.FilterNot, prop("modelled_only")), []int64{haute, basse, ferme}},
		{"n BETWEEN 18 AND 22", op(engine.FilterBetween, prop("n"), number(18), number(22)), []int64{basse, ferme}},
		{"n * 2 - 4 = 40", op(engine.FilterEqual, op(engine.FilterMinus, op(engine.FilterTimes, prop("n"), number(2)), number(4)), number(40)), []int64{basse}},
		{"n / 0 > 1 is unknown", op(engine.FilterGreater, op(engine.FilterDividedBy, prop("n"), number(0)), number(1)), nil},
		{"n % 10 = 5", op(engine.FilterEqual, op(engine.FilterModulo, prop("n"), number(10)), number(5)), []int64{haute}},
		{"n div 10 = 2", op(engine.FilterEqual, op(engine.FilterDiv, prop("n"), number(10)), number(2)), []int64{basse}},
		{"households ^ 2 = 225", op(engine.FilterEqual, op(engine.FilterPower, prop("households"), number(2)), number(225)), []int64{basse}},
		{"two choices compared", op(engine.FilterGreater, prop("t1.jardins.votes"), prop("t1.moulins.votes")), nil},
		{"a lasso around two streets", op(engine.FilterIntersect, prop("geometry"), drawn(around(2.0, 2.015))), []int64{haute, basse}},
		{"within the lasso", op(engine.FilterWithin, prop("geometry"), drawn(around(1.999, 2.0195))), []int64{haute, basse}},
		{"the lasso contains them", op(engine.FilterContains, drawn(around(1.999, 2.0195)), prop("geometry")), []int64{haute, basse}},
		{"outside the lasso", op(engine.FilterDisjoint, prop("geometry"), drawn(around(2.0, 2.015))), []int64{impasse, chemin, ferme}},
		{"a box that cuts a street", op(engine.FilterIntersect, prop("geometry"), drawn(orb.Bound{Min: orb.Point{2.041, 47.9}, Max: orb.Point{2.042, 48.1}})), []int64{ferme}},
		{"a box beside the street, in its bounds", op(engine.FilterIntersect, prop("geometry"), drawn(orb.Bound{Min: orb.Point{2.0405, 48.0015}, Max: orb.Point{2.041, 48.0019}})), nil},
	}
	for _, row := range table {
		if got := idsOf(rowsOf(t, city, ItemQuery{Collection: "segments", Filter: row.filter})); !slices.Equal(got, row.want) {
			t.Errorf("%s: streets %v, should be %v", row.asks, got, row.want)
		}
	}
}

func TestFiltersThatCannotBe(t *testing.T) {
	city := openHamlet(t)
	for _, row := range []struct {
		filter *engine.Filter
		says   string
	}{
		{op(engine.FilterEqual, prop("nobody"), number(1)), `no property "nobody"`},
		{op(engine.FilterEqual, prop("name"), number(1)), "compares the property \"name\", a text"},
		{op(engine.FilterGreater, prop("t1.moulins.fame"), number(1)), "names no measure"},
		{op(engine.FilterGreater, prop("t1.share"), number(1)), "CONTEST.CHOICE.share"},
		{op(engine.FilterGreater, prop("t1.abstention.potential"), number(1)), "not a candidate"},
		{prop("n"), "where a condition is needed"},
		{op(engine.FilterLike, prop("n"), text("1%")), "like is for texts"},
		{op(engine.FilterLike, prop("name"), prop("name")), "is to be a literal"},
		{op(engine.FilterWithin, prop("geometry"), prop("geometry")), "against a literal"},
		{op(engine.FilterWithin, prop("name"), drawn(orb.Point{2, 48})), "is for geometries"},
		{op(engine.FilterIntersect, prop("geometry"), drawn(orb.Polygon{{{0, 0}, {1, 1}, {1, 0}, {0, 1}, {0, 0}}})), "cannot be used"},
		{op(engine.FilterGreater, flag(true), flag(false)), "does not compare a boolean"},
		{op("s_touches", prop("geometry"), drawn(orb.Point{2, 48})), "is not known"},
		{op(engine.FilterAnd), "0 conditions"},
		{op(engine.FilterPlus, prop("name"), number(1)), "is for numbers"},
	} {
		_, err := city.Items(ItemQuery{Collection: "segments", Filter: row.filter})
		var wrong *ItemError
		if !errors.As(err, &wrong) || wrong.Parameter != "filter" || !strings.Contains(wrong.Why, row.says) {
			t.Errorf("%v, which should say %q", err, row.says)
		}
	}
}

func TestLike(t *testing.T) {
	for _, row := range []struct {
		text, pattern string
		want          bool
	}{
		{"", "", true}, {"", "%", true}, {"a", "", false}, {"a", "_", true}, {"ab", "_", false}, {"é", "_", true},
		{"abc", "a%c", true}, {"abd", "a%c", false}, {"aXbXc", "a%b%c", true}, {"100%", `100\%`, true}, {"1000", `100\%`, false},
		{"a_b", `a\_b`, true}, {"axb", `a\_b`, false}, {`a\b`, `a\\b`, true}, {"mississippi", "%iss%ip%", true}, {"mississippi", "%iss%iss%iss%", false},
	} {
		if got := matchesPattern(row.text, row.pattern); got != row.want {
			t.Errorf("%q LIKE %q is %v", row.text, row.pattern, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[ab%_é]{0,8}`)
		s, part := word.Draw(t, "text"), word.Draw(t, "part")
		literal := strings.NewReplacer("%", `\%`, "_", `\_`).Replace(part)
		if got := matchesPattern(s, "%"+literal+"%"); got != strings.Contains(s, part) {
			t.Fatalf("%q holds %q: %v", s, part, got)
		}
	})
}

func TestOrder(t *testing.T) {
	city := openHamlet(t)
	for _, row := range []struct {
		by   []SortKey
		want []int64
	}{
		{[]SortKey{{"name", false}}, []int64{chemin, ferme, impasse, basse, haute}},
		{[]SortKey{{"name", true}}, []int64{haute, basse, impasse, ferme, chemin}},
		{[]SortKey{{"n", false}}, []int64{ferme, basse, haute, impasse, chemin}},
		{[]SortKey{{"n", true}}, []int64{haute, basse, ferme, impasse, chemin}},
		{[]SortKey{{"state", false}, {"id", true}}, []int64{chemin, ferme, basse, haute, impasse}},
	} {
		if got := idsOf(rowsOf(t, city, ItemQuery{Collection: "segments", SortBy: row.by})); !slices.Equal(got, row.want) {
			t.Errorf("by %v: %v, should be %v", row.by, got, row.want)
		}
	}
	if _, err := city.Items(ItemQuery{Collection: "segments", SortBy: []SortKey{{"modelled_only", false}}}); err == nil {
		t.Error("rows are ordered by what is true or false")
	}
}

// However rows are read page by page, they are those of one reading.
func TestPagesAreTheWhole(t *testing.T) {
	city := openHamlet(t)
	rapid.Check(t, func(r *rapid.T) {
		q := ItemQuery{Collection: rapid.SampledFrom([]string{"segments", "precincts", "communes", "cells"}).Draw(r, "collection")}
		if rapid.Bool().Draw(r, "sorted") {
			q.SortBy = []SortKey{{"state", rapid.Bool().Draw(r, "down")}}
		}
		if rapid.Bool().Draw(r, "filtered") {
			q.Filter = op(engine.FilterGreater, prop("n"), number(20))
		}
		whole := idsOf(rowsOf(t, city, q))
		var paged []int64
		for from := 0; from != -1; {
			items, err := city.Items(q)
			if err != nil {
				r.Fatal(err)
			}
			limit := rapid.IntRange(1, 3).Draw(r, "limit")
			rows, next := readRows(t, items, from, limit)
			if len(rows) > limit || next != -1 && len(rows) != limit {
				r.Fatalf("%d rows where %d were asked for, and then %d", len(rows), limit, next)
			}
			paged, from = append(paged, idsOf(rows)...), next
		}
		if !slices.Equal(paged, whole) {
			r.Fatalf("page by page %v, at once %v", paged, whole)
		}
		items, err := city.Items(q)
		if err != nil {
			r.Fatal(err)
		}
		if count, err := items.Count(context.Background()); err != nil || count != len(whole) {
			r.Fatalf("%d rows are counted (%v), there are %d", count, err, len(whole))
		}
	})
}

func TestBoundAndGeometry(t *testing.T) {
	city := openHamlet(t)
	bound := orb.Bound{Min: orb.Point{2.0, 47.9}, Max: orb.Point{2.0055, 48.1}}
	if got := idsOf(rowsOf(t, city, ItemQuery{Collection: "precincts", Bounds: []orb.Bound{bound}})); !slices.Equal(got, []int64{precinct1, precinct2}) {
		t.Errorf("precincts %v in the bound", got)
	}
	for _, row := range rowsOf(t, city, ItemQuery{Collection: "precincts"}) {
		shape, err := wkb.Unmarshal(row["geometry"].([]byte))
		if err != nil || shape.GeoJSONType() != "MultiPolygon" {
			t.Errorf("precinct %v is drawn as %v, %v", row["id"], shape, err)
		}
	}
	if rows := rowsOf(t, city, ItemQuery{Collection: "precincts", Bare: true}); rows[0]["geometry"] != nil {
		t.Error("there is a geometry that nobody asked for")
	}
	if _, err := city.Items(ItemQuery{Collection: "communes", Bounds: []orb.Bound{bound}}); err == nil {
		t.Error("communes, which have no geometry, are asked for by a bound")
	}
	for _, row := range rowsOf(t, city, ItemQuery{Collection: "cells", Resolution: 7}) {
		if got := geo.Cell(row["id"].(int64)).Resolution(); got != 7 {
			t.Errorf("a cell of resolution %d", got)
		}
	}
}

func TestPropertiesOfACollection(t *testing.T) {
	city := openHamlet(t)
	for _, of := range openHamlet(t).Collections() {
		list, err := city.Properties(of.Name, 0, Query{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range list {
			if slices.Contains(names, p.Name) {
				t.Errorf("%s: %s is there twice", of.Name, p.Name)
			}
			names = append(names, p.Name)
			if p.About == "" {
				t.Errorf("%s: nothing is said of %s", of.Name, p.Name)
			}
		}
		// Each can be asked for.
		if rows := rowsOf(t, city, ItemQuery{Collection: of.Name, Properties: names}); len(rows) == 0 {
			t.Errorf("%s has no rows", of.Name)
		}
		for _, some := range []string{"value", "t1.moulins.share", "t1.moulins.share.low", "t2.turnout.high50", "t1.jardins.margin"} {
			if !slices.Contains(names, some) {
				t.Errorf("%s has no property %s among %d", of.Name, some, len(names))
			}
		}
	}
	for _, wrong := range []ItemQuery{
		{Collection: "houses"}, {Collection: "segments", Resolution: 9}, {Collection: "cells", Resolution: 12}, {Collection: "segments", Properties: []string{"nobody"}},
		{Collection: "segments", Properties: []string{"t1.*.fame"}}, {Collection: "segments", Query: Query{Measure: "fame"}},
	} {
		if _, err := city.Items(wrong); !errors.Is(err, ErrQuery) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

func TestSample(t *testing.T) {
	city := openHamlet(t)
	times := map[int64]int{}
	const draws = 2000
	for seed := range uint64(draws) {
		ids := idsOf(rowsOf(t, city, ItemQuery{Collection: "segments", Properties: []string{"id"}, Bare: true, Sample: &Sample{2, seed}}))
		if len(ids) != 2 || ids[0] >= ids[1] {
			t.Fatalf("a sample of two is %v", ids)
		}
		if seed < 5 {
			if again := idsOf(rowsOf(t, city, ItemQuery{Collection: "segments", Sample: &Sample{2, seed}})); !slices.Equal(ids, again) {
				t.Errorf("seed %d gives %v and %v", seed, ids, again)
			}
		}
		for _, id := range ids {
			times[id]++
		}
	}
	for id, n := range times { // two in five, and a standard deviation of 22
		if n < draws*2/5-110 || n > draws*2/5+110 {
			t.Errorf("street %d is in %d of %d samples of two in five", id, n, draws)
		}
	}
	if ids := idsOf(rowsOf(t, city, ItemQuery{Collection: "segments", Sample: &Sample{10, 1}, SortBy: []SortKey{{"id", true}}})); !slices.Equal(ids, []int64{ferme, chemin, impasse, basse, haute}) {
		t.Errorf("all, from the last: %v", ids)
	}
}
