package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// add gives a build one more source, on the next line of the place file.
func (o *Options) add(t *testing.T, kind engine.Kind, rows [][]any, spec engine.SourceSpec) *engine.Input {
	t.Helper()
	if spec.Dataset == "" {
		spec.Dataset = string(kind)
	}
	spec.Path, spec.Line = fmt.Sprintf("more-%d.csv", len(o.Inputs)), len(o.Inputs)+3
	path := filepath.Join(filepath.Dir(o.Place.File), spec.Path)
	if err := os.WriteFile(path, []byte(spec.Path), 0o644); err != nil {
		t.Fatal(err)
	}
	o.Inputs = append(o.Inputs, engine.Input{Spec: spec, Kind: kind, Path: path, Source: rowSource{kind, rows, 5}})
	return &o.Inputs[len(o.Inputs)-1]
}

// lines reads a table: a line for each row, of the columns named.
func lines(t *testing.T, s *engine.Snapshot, table engine.Table, columns ...string) (list []string) {
	t.Helper()
	err := s.ReadTable(t.Context(), table, memory.NewGoAllocator(), func(r engine.Rows) error {
		for i := range r.Len() {
			var values []string
			for _, c := range columns {
				values = append(values, r.Column(c).ValueStr(i))
			}
			list = append(list, strings.Join(values, " "))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func mustCheck(t *testing.T, s *engine.Snapshot) {
	t.Helper()
	checked, err := Check(t.Context(), s)
	if err != nil || len(checked.Differences) > 0 {
		t.Errorf("%v, %v", checked.Differences, err)
	}
}

func passed(f *engine.FileReport, reason string) int64 {
	for _, p := range f.Passed {
		if p.Reason == reason {
			return p.Count
		}
	}
	return 0
}

func TestCommunesOfCities(t *testing.T) {
	for _, c := range []struct {
		asked   []engine.Code
		in, out []string
	}{
		{nil, []string{"75101", "01001", ""}, nil},
		{[]engine.Code{"75056"}, []string{"75056", "75101", "75120"}, []string{"75121", "93001", ""}},
		{[]engine.Code{"69123"}, []string{"69123", "69381", "69389"}, []string{"69390", "69380", "69001"}},
		{[]engine.Code{"13055"}, []string{"13201", "13216"}, []string{"13200", "13217", "13001"}},
		{[]engine.Code{"75119", "2a004"}, []string{"75119", "2A004", "2a004"}, []string{"75056", "75120"}},
	} {
		set := newCommunes(c.asked...)
		for _, code := range c.in {
			if !set.has(code) {
				t.Errorf("%v lacks %q", c.asked, code)
			}
		}
		for _, code := range c.out {
			if set.has(code) {
				t.Errorf("%v has %q", c.asked, code)
			}
		}
	}
}

// department adds what files of a whole department have besides the village: a town 20 km off, with streets, areas, results
// and census of its own.
func (v village) department() village {
	v.streets = append(v.streets, []any{int64(3), "3", "Rue du Bourg", "99002", geometry(orb.LineString{degrees(20000, 0), degrees(20200, 0)})},
		[]any{int64(4), "4", "", "", geometry(orb.LineString{degrees(0, 100), degrees(150, 150)})}, // a path without a name
		[]any{int64(5), "5", "", "", geometry(orb.LineString{degrees(19000, 100), degrees(19150, 150)})})
	for i := range 40 {
		p := degrees(20000+5*float64(i), 8)
		v.addresses = append(v.addresses, []any{int64(69 + i), fmt.Sprintf("99002_bourg_%05d", i+1), int32(i + 1), "", "Rue du Bourg", "99002", "Bourg", p[0], p[1], nil})
	}
	v.areas = append(v.areas, []any{int64(3), "99002", "1", "Bourg 1", "", nil, box(19900, -300, 20300, 300)})
	for i, choice := range []string{"jardins", "moulins"} {
		v.results = append(v.results, []any{int64(8 + i), "99002", "1", "Bourg 1", "Municipales 2026", "2026-03-15", int32(1), int64(80), int64(50), int64(0), int64(0), nil, choice, "Liste " + choice, nil, int64(25)})
	}
	v.censusAreas = append(v.censusAreas, []any{int64(3), "990020101", "Bourg", "99002", "H", box(19900, -300, 20300, 300)},
		[]any{int64(4), "CELL1", "", "9900199002", "", box(-10, -10, 10, 10)}, []any{int64(5), "CELL2", "", "", "", box(15000, 0, 15010, 10)})
	v.census = append(v.census, []any{int64(5), "990020101", "pop15p", 70.0}, []any{int64(5), "990020101", "disp_med", 20000.0}, []any{int64(6), "CELL1", "pop15p", 1.0})
	return v
}

// Files of a department make the same village as the village's own files, where only its commune is asked for.
func TestACommuneOfADepartment(t *testing.T) {
	alone, want := mustRun(t, makeVillage().options(t, 50))
	for name, ask := range map[string]func(o *Options){
		"communes of the place": func(o *Options) { o.Place.Communes = []engine.Code{"99001"} },
		"commune of each source": func(o *Options) {
			for i := range o.Inputs {
				o.Inputs[i].Spec.Commune = "99001"
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := makeVillage().department().options(t, 7)
			ask(&o)
			s, report := mustRun(t, o)
			mustCheck(t, s)
			for _, table := range []engine.Table{engine.Precincts, engine.Results, engine.Addresses} {
				a, b := lines(t, alone, table, table.Schema.Field(0).Name, table.Schema.Field(1).Name), lines(t, s, table, table.Schema.Field(0).Name, table.Schema.Field(1).Name)
				if len(a) == 0 || !slices.Equal(a, b) {
					t.Errorf("%s: %d rows, %d in the village alone", table.Name, len(b), len(a))
				}
			}
			if report.Contests[0].Registered != want.Contests[0].Registered || report.Placing.Segments != 6 {
				t.Errorf("%d registered, %d segments: the path without a name stays, and cuts Rue Basse", report.Contests[0].Registered, report.Placing.Segments)
			}
			for i, c := range []struct {
				reason string
				count  int64
			}{{passCommune, 1}, {passCommune, 40}, {passCommune, 1}, {passCommune, 2}, {passCommune, 1}, {passCensusArea, 2}} {
				if got := passed(report.Files[i], c.reason); got != c.count {
					t.Errorf("%s: %d passed %s, want %d (%+v)", report.Files[i].Path, got, c.reason, c.count, report.Files[i].Passed)
				}
			}
			if passed(report.Files[0], passFar) != 1 || passed(report.Files[4], passFar) != 1 || report.Files[1].Rejected != 0 {
				t.Errorf("far off: %+v, %+v", report.Files[0].Passed, report.Files[4].Passed)
			}
			if got := lines(t, s, engine.Census, "census_area", "variable"); len(got) != 4 {
				t.Errorf("census %v: the figures of three areas are kept", got)
			}
			if report.Placing.CensusWithoutArea != 1 {
				t.Errorf("%d figures without an area, want that of 990010199", report.Placing.CensusWithoutArea)
			}
		})
	}
}

// Without communes: addresses of a department and areas of one of its towns are refused, and the sentence says what to add.
func TestADepartmentIsRefusedWithoutCommunes(t *testing.T) {
	v := makeVillage()
	whole := v.department()
	v.addresses, v.streets = whole.addresses, whole.streets
	o := v.options(t, 50)
	_, err := Run(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "as 40 of all 108, is more than 5 km from every area of division 2026") || !strings.Contains(err.Error(), "add communes: to the place file") {
		t.Errorf("%v", err)
	}
	v.addresses, v.results = makeVillage().addresses, whole.results
	_, err = Run(t.Context(), v.options(t, 50))
	if err == nil || !strings.Contains(err.Error(), "have no area in division 2026") || !strings.Contains(err.Error(), "add communes:") || !strings.Contains(err.Error(), "crosswalk:") {
		t.Errorf("%v", err)
	}
	v = makeVillage().department()
	o = v.options(t, 50)
	o.Place.Communes = []engine.Code{"99003"}
	_, err = Run(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "addresses.csv: none of its 108 rows is of the place: they are of another commune: correct communes:") || !strings.Contains(err.Error(), "village.yaml line 4") {
		t.Errorf("%v", err)
	}
}

func TestTheCountryOfAPlace(t *testing.T) {
	o := makeVillage().options(t, 50)
	french, _ := mustRun(t, o)
	o.Inputs[1].Country, o.Inputs[3].Country = "us", "us"
	american, _ := mustRun(t, o)
	if french.Manifest.Country != "" || american.Manifest.Country != "us" || slices.Equal(lines(t, french, engine.Precincts, "precinct_id"), lines(t, american, engine.Precincts, "precinct_id")) {
		t.Errorf("countries %q, %q: precincts of another country have ids of their own", french.Manifest.Country, american.Manifest.Country)
	}
	o.Inputs[2].Country = "fr"
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "village.yaml line 5: areas is of country fr, and the place of us (") {
		t.Errorf("%v", err)
	}
	for i := range o.Inputs {
		o.Inputs[i].Country = ""
	}
	o.Place.Country = "FR"
	same, _ := mustRun(t, o)
	if !slices.Equal(lines(t, french, engine.Precincts, "precinct_id"), lines(t, same, engine.Precincts, "precinct_id")) {
		t.Error("precincts of France keep their ids")
	}
}

// Streets of several datasets are cut each by its own rule; the same id in two datasets is no clash, in two files of one it is the
// same street.
func TestStreetsOfSeveralDatasets(t *testing.T) {
	v := makeVillage()
	o := v.options(t, 50)
	paths := [][]any{
		{int64(1), "1", "", "", geometry(orb.LineString{degrees(-100, -50), degrees(100, 50)})}, // crosses Rue Basse without a common vertex
		{int64(2), "2", "", "", geometry(orb.LineString{degrees(100, 50), degrees(150, 60)})},
	}
	o.add(t, engine.KindStreets, paths, engine.SourceSpec{Dataset: "osm"})
	s, report := mustRun(t, o)
	mustCheck(t, s)
	if report.Placing.Segments != 4+2 {
		t.Errorf("%d segments, want the four of the village and two paths whole", report.Placing.Segments)
	}
	border := []any{int64(2), "9", "", "", geometry(orb.LineString{degrees(150, 60), degrees(180, 90)})}
	again := o.add(t, engine.KindStreets, [][]any{paths[0], border}, engine.SourceSpec{Dataset: "osm"})
	_, report = mustRun(t, o)
	if report.Placing.Segments != 7 || passed(report.Files[7], passRepeated) != 1 {
		t.Errorf("%d segments, passed %+v", report.Placing.Segments, report.Files[7].Passed)
	}
	again.Source = rowSource{engine.KindStreets, [][]any{{int64(1), "1", "", "", geometry(orb.LineString{degrees(0, 0), degrees(9, 9)})}}, 5}
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "street 1 is there twice") {
		t.Errorf("%v", err)
	}
}

// bothKinds emits figures and areas of one file, in the order given.
type bothKinds []rowSource

func (b bothKinds) Read(ctx context.Context, r engine.Reading) error {
	for _, source := range b {
		rows := r.Report.Rows
		if err := source.Read(ctx, r); err != nil {
			return err
		}
		if source.kind == engine.KindCensus {
			r.Report.Rows = rows
		}
	}
	return nil
}

// A file may give figures before the shapes of their areas.
func TestCensusAreasWithTheirFigures(t *testing.T) {
	v := makeVillage().department()
	for _, figuresFirst := range []bool{true, false} {
		o := v.options(t, 50)
		o.Place.Communes = []engine.Code{"99001"}
		areas, figures := rowSource{engine.KindCensusAreas, v.censusAreas, 2}, rowSource{engine.KindCensus, v.census, 3}
		both := bothKinds{areas, figures}
		if figuresFirst {
			both = bothKinds{figures, areas}
		}
		o.Inputs = o.Inputs[:5]
		o.Inputs[4].Source = both
		s, report := mustRun(t, o)
		if got := lines(t, s, engine.Census, "census_area", "variable"); len(got) != 4 || report.Placing.CensusWithoutArea != 1 {
			t.Errorf("census %v, %d without an area", got, report.Placing.CensusWithoutArea)
		}
		if passed(report.Files[4], passCommune) != 1 || passed(report.Files[4], passCensusArea) != 0 {
			t.Errorf("%+v: a row is passed once", report.Files[4].Passed)
		}
	}
}

// Returns of a canvass are counted and not built.
func TestCanvassReturnsAreNotBuilt(t *testing.T) {
	o := makeVillage().options(t, 50)
	o.add(t, engine.KindCanvass, [][]any{{int64(2), "a", "van", nil, nil, nil, nil, nil, nil, "2026-03-01T10:00:00+01:00", "contact", int32(1), nil, "none", nil}}, engine.SourceSpec{})
	s, report := mustRun(t, o)
	if report.Files[6].Rows != 1 {
		t.Errorf("%+v", report.Files[6])
	}
	if in := s.Manifest.Inputs[6]; in.Kind != engine.KindCanvass { // by which it is kept out of what is published
		t.Errorf("%+v", in)
	}
}

func TestExpectationsStopABuild(t *testing.T) {
	r := func(low, high float64, text string) *engine.Range {
		return &engine.Range{Low: low, High: high, Text: text}
	}
	o := makeVillage().options(t, 7)
	o.Inputs[3].Spec.Expect = &engine.Expectation{Rows: r(6, 6, "6"), Columns: map[string]engine.ColumnExpectation{"votes": {Sum: r(200, 210, "205 ± 5"), Min: r(0, 0, "0")}}}
	before, report := mustRun(t, o)
	if got := fmt.Sprint(report.Files[3].Expected); got != "[rows: 6 found, 6 expected sum of votes: 205 found, 205 ± 5 expected least votes: 0 found, 0 expected]" {
		t.Errorf("%s", got)
	}
	for want, expect := range map[string]*engine.Expectation{
		"village.yaml line 6: results.csv: rows: 6 found, 9856 ± 1% expected: is it the whole file?": {Rows: r(9757, 9955, "9856 ± 1%")},
		"village.yaml line 6: results.csv: greatest votes: 77 found, 0..50 expected":                 {Columns: map[string]engine.ColumnExpectation{"votes": {Max: r(0, 50, "0..50")}}},
		"village.yaml line 6: expect: ballots is no column of numbers of results: there are rows, ":  {Columns: map[string]engine.ColumnExpectation{"ballots": {}}},
	} {
		o.Inputs[3].Spec.Expect = expect
		_, err := Run(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if now, err := o.Workspace.Current(); err != nil || now != before.Manifest.ID {
			t.Errorf("current is %s, was %s (%v)", now, before.Manifest.ID, err)
		}
	}
	// What the file gave counts, not what is of the place.
	o = makeVillage().department().options(t, 7)
	o.Place.Communes = []engine.Code{"99001"}
	o.Inputs[1].Spec.Expect = &engine.Expectation{Rows: r(108, 108, "108")}
	mustRun(t, o)
}
