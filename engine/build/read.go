package build

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/engine"
)

// reader gathers the sources' rows.
type reader struct {
	material
	place *engine.Place
	texts interner

	streetsSeen   map[string]fileRow // where an id was first seen
	addressesSeen map[string]fileRow
	areasSeen     map[string]fileRow
	censusSeen    map[string]fileRow
	figuresSeen   map[[2]string]fileRow
}

// fileRow is where a row came from.
type fileRow struct {
	file int32 // index in material.files
	line int64 // or the number of the feature
}

// read decodes every input, in the order of engine.Kinds, and describes the files for manifest and report.
func read(ctx context.Context, o Options, mem memory.Allocator) (*material, []engine.ManifestInput, []*engine.FileReport, error) {
	if err := complete(o); err != nil {
		return nil, nil, nil, err
	}
	r := &reader{
		place: o.Place, texts: interner{}, streetsSeen: map[string]fileRow{}, addressesSeen: map[string]fileRow{},
		areasSeen: map[string]fileRow{}, censusSeen: map[string]fileRow{}, figuresSeen: map[[2]string]fileRow{},
	}
	r.files = make([]sourceFile, len(o.Inputs))
	inputs := make([]engine.ManifestInput, len(o.Inputs))
	reports := make([]*engine.FileReport, len(o.Inputs))
	for _, kind := range engine.Kinds() {
		for i, in := range o.Inputs {
			if in.Kind != kind {
				continue
			}
			report := &engine.FileReport{Dataset: in.Spec.Dataset, Path: in.Spec.Path}
			r.files[i] = sourceFile{in.Path, in.Kind, in.Spec, report}
			stage := "read " + filepath.Base(in.Path)
			reading := engine.Reading{
				Allocator: mem,
				Report:    report,
				Emit:      func(b arrow.RecordBatch) error { return r.take(in, int32(i), b) },
				Progress:  func(done, total int64) { o.progress(stage, done, total) },
			}
			if err := in.Source.Read(ctx, reading); err != nil {
				return nil, nil, nil, fmt.Errorf("%w (%s)", err, o.Place.Where(in.Spec))
			}
			if report.Rows == report.Rejected {
				return nil, nil, nil, fmt.Errorf("build: %s: none of its %d rows can be used%s: is it a %s file? (%s)",
					in.Path, report.Rows, firstReason(report), in.Spec.Dataset, o.Place.Where(in.Spec))
			}
			sum, size, err := engine.HashFile(in.Path)
			if err != nil {
				return nil, nil, nil, fmt.Errorf("build: read %s: %w", in.Path, err)
			}
			reports[i] = report
			inputs[i] = engine.ManifestInput{
				Dataset: in.Spec.Dataset, Path: in.Spec.Path, Division: string(in.Spec.Division), Contest: string(in.Spec.Contest),
				Name: in.Spec.Name, Date: string(in.Spec.Date), Publisher: in.Publisher, Licence: in.Licence, Attribution: in.Attribution,
				Bytes: size, SHA256: sum,
			}
		}
	}
	slices.SortFunc(r.addresses, func(a, b address) int { return strings.Compare(a.id, b.id) })
	slices.SortFunc(r.censusAreas, func(a, b censusArea) int { return strings.Compare(a.code, b.code) })
	slices.SortFunc(r.census, func(a, b censusFigure) int {
		if c := strings.Compare(a.area, b.area); c != 0 {
			return c
		}
		return strings.Compare(a.variable, b.variable)
	})
	return &r.material, inputs, reports, nil
}

// complete refuses a place that lacks what a build needs, before anything is read.
func complete(o Options) error {
	seen := map[engine.Kind]bool{}
	contests := map[engine.Code]bool{}
	for _, in := range o.Inputs {
		seen[in.Kind] = true
		switch in.Kind {
		case engine.KindAreas, engine.KindResults:
			if in.Spec.Division == "" {
				return fmt.Errorf("build: %s: %s needs division:, the year or name of the precincts' borders, as division: 2017", o.Place.Where(in.Spec), in.Spec.Dataset)
			}
		}
		if in.Kind != engine.KindResults {
			if in.Spec.Contest != "" || in.Spec.Date != "" || in.Spec.Name != "" || in.Kind != engine.KindAreas && in.Spec.Division != "" {
				return fmt.Errorf("build: %s: %s takes no contest:, name:, date: and, unless it is of areas, no division: take them off the line", o.Place.Where(in.Spec), in.Spec.Dataset)
			}
			continue
		}
		if in.Spec.Contest == "" {
			return fmt.Errorf("build: %s: %s needs contest:, an id of its own, as contest: 2017_pres_t1", o.Place.Where(in.Spec), in.Spec.Dataset)
		}
		if contests[in.Spec.Contest] {
			return fmt.Errorf("build: %s: contest %s is there twice: give each results file a contest of its own", o.Place.Where(in.Spec), in.Spec.Contest)
		}
		contests[in.Spec.Contest] = true
	}
	for _, kind := range []engine.Kind{engine.KindStreets, engine.KindAddresses, engine.KindAreas, engine.KindResults} {
		if !seen[kind] {
			return fmt.Errorf("build: place file %s has no source of %s: add one (`arpent build --help` lists the datasets)", o.Place.File, kind)
		}
	}
	return nil
}

func firstReason(r *engine.FileReport) string {
	if len(r.Reasons) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s %d: %s)", r.Word(), r.Reasons[0].Lines[0], r.Reasons[0].Reason)
}

// take keeps what a build needs of a batch, which is released afterwards.
func (r *reader) take(in engine.Input, file int32, batch arrow.RecordBatch) error {
	rows := engine.NewRows(batch)
	switch engine.KindOf(batch) {
	case engine.KindStreets:
		return r.takeStreets(file, rows)
	case engine.KindAddresses:
		return r.takeAddresses(file, rows)
	case engine.KindAreas:
		return r.takeAreas(in, file, rows)
	case engine.KindCensusAreas:
		return r.takeCensusAreas(file, rows)
	case engine.KindCensus:
		return r.takeCensus(file, rows)
	case engine.KindResults:
		return r.takeResults(in, file, rows)
	}
	return fmt.Errorf("build: dataset %s is of no known kind", in.Spec.Dataset)
}

// row says where a row is, as "streets.csv line 4" or "areas.geojson feature 4".
func (m *material) row(at fileRow) string {
	f := m.files[at.file]
	return fmt.Sprintf("%s %s %d", f.path, f.report.Word(), at.line)
}

// twice refuses a key that is there two times, in a file or in two of a kind: which row is right cannot be known.
func (m *material) twice(what, key string, first, again fileRow) error {
	where := fmt.Sprintf("on %s %d", m.files[first.file].report.Word(), first.line)
	if first.file != again.file {
		where = "in " + m.row(first)
	}
	return fmt.Errorf("build: %s: %s %s is there twice (first %s): remove one of the two", m.row(again), what, key, where)
}

func (r *reader) takeStreets(file int32, rows engine.Rows) error {
	lines, ids, names, communes, shapes := rows.Ints("line"), rows.Texts("street_id"), rows.Texts("street"), rows.Texts("commune"), rows.Binary("geometry")
	for i := range rows.Len() {
		at := fileRow{file, lines.Value(i)}
		id := r.texts.keep(ids.Value(i))
		if first, ok := r.streetsSeen[id]; ok {
			return r.twice("street", id, first, at)
		}
		r.streetsSeen[id] = at
		g, err := wkb.Unmarshal(shapes.Value(i))
		if err != nil {
			return fmt.Errorf("build: %s: geometry: %w", r.row(at), err)
		}
		s := street{name: r.texts.keep(names.Value(i)), commune: r.texts.keep(communes.Value(i))}
		switch g := g.(type) {
		case orb.LineString:
			s.lines = []orb.LineString{g}
		case orb.MultiLineString:
			s.lines = g
		default:
			return fmt.Errorf("build: %s: a street is a %s: expected a LineString or MultiLineString", r.row(at), g.GeoJSONType())
		}
		r.streets = append(r.streets, s)
	}
	return nil
}

func (r *reader) takeAddresses(file int32, rows engine.Rows) error {
	lines, ids, numbers, suffixes := rows.Ints("line"), rows.Texts("address_id"), rows.Int32s("number"), rows.Texts("suffix")
	streets, communes, names := rows.Texts("street"), rows.Texts("commune"), rows.Texts("commune_name")
	lons, lats, households := rows.Floats("lon"), rows.Floats("lat"), rows.Floats("households")
	for i := range rows.Len() {
		a := address{
			id: string(append([]byte(nil), ids.Value(i)...)), number: numbers.Value(i), suffix: r.texts.keep(suffixes.Value(i)),
			street: r.texts.keep(streets.Value(i)), commune: r.texts.keep(communes.Value(i)), communeName: r.texts.keep(names.Value(i)),
			lon: lons.Value(i), lat: lats.Value(i), households: math.NaN(), origin: fileRow{file, lines.Value(i)},
		}
		if !households.IsNull(i) {
			a.households = households.Value(i)
		}
		if first, ok := r.addressesSeen[a.id]; ok {
			return r.twice("address", a.id, first, a.origin)
		}
		r.addressesSeen[a.id] = a.origin
		r.addresses = append(r.addresses, a)
	}
	return nil
}

func (r *reader) takeAreas(in engine.Input, file int32, rows engine.Rows) error {
	lines, communes, stations := rows.Ints("line"), rows.Texts("commune"), rows.Texts("station")
	codes, names, registered, shapes := rows.Texts("code"), rows.Texts("name"), rows.Ints("registered"), rows.Binary("geometry")
	for i := range rows.Len() {
		at := fileRow{file, lines.Value(i)}
		shape, err := multiPolygon(shapes.Value(i))
		if err != nil {
			return fmt.Errorf("build: %s: %w", r.row(at), err)
		}
		a := area{
			division: string(in.Spec.Division), key: engine.PrecinctKey{Commune: r.texts.keep(communes.Value(i)), Station: r.texts.keep(stations.Value(i))},
			code: r.texts.keep(codes.Value(i)), name: r.texts.keep(names.Value(i)), shape: shape,
			electors: orAbsent(registered, i),
		}
		key := a.division + "/" + a.key.String()
		if first, ok := r.areasSeen[key]; ok {
			return r.twice("precinct", a.code, first, at)
		}
		r.areasSeen[key] = at
		r.areas = append(r.areas, a)
	}
	return nil
}

func multiPolygon(content []byte) (orb.MultiPolygon, error) {
	g, err := wkb.Unmarshal(content)
	if err != nil {
		return nil, fmt.Errorf("geometry: %w", err)
	}
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}, nil
	case orb.MultiPolygon:
		return g, nil
	}
	return nil, fmt.Errorf("an area is a %s: expected a Polygon or MultiPolygon", g.GeoJSONType())
}

func (r *reader) takeCensusAreas(file int32, rows engine.Rows) error {
	lines, codes, names := rows.Ints("line"), rows.Texts("census_area"), rows.Texts("name")
	communes, kinds, shapes := rows.Texts("commune"), rows.Texts("type"), rows.Binary("geometry")
	for i := range rows.Len() {
		at := fileRow{file, lines.Value(i)}
		shape, err := multiPolygon(shapes.Value(i))
		if err != nil {
			return fmt.Errorf("build: %s: %w", r.row(at), err)
		}
		a := censusArea{
			code: r.texts.keep(codes.Value(i)), name: r.texts.keep(names.Value(i)), commune: r.texts.keep(communes.Value(i)),
			kind: r.texts.keep(kinds.Value(i)), shape: shape,
		}
		if first, ok := r.censusSeen[a.code]; ok {
			return r.twice("census area", a.code, first, at)
		}
		r.censusSeen[a.code] = at
		r.censusAreas = append(r.censusAreas, a)
	}
	return nil
}

func (r *reader) takeCensus(file int32, rows engine.Rows) error {
	lines, areas, variables, values := rows.Ints("line"), rows.Texts("census_area"), rows.Texts("variable"), rows.Floats("value")
	for i := range rows.Len() {
		f := censusFigure{area: r.texts.keep(areas.Value(i)), variable: r.texts.keep(variables.Value(i)), value: math.NaN()}
		if !values.IsNull(i) {
			f.value = values.Value(i)
		}
		key, at := [2]string{f.area, f.variable}, fileRow{file, lines.Value(i)}
		if first, ok := r.figuresSeen[key]; ok {
			return r.twice("census area "+f.area+", variable", f.variable, first, at)
		}
		r.figuresSeen[key] = at
		r.census = append(r.census, f)
	}
	return nil
}
