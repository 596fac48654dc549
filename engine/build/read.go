package build

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// reader gathers the sources' rows.
type reader struct {
	material
	place    *engine.Place
	texts    interner
	communes communes // of the place
	ofSource communes // of the line of the place file that is being read
	extent   extent   // of the addresses and areas
	around   orb.Bound
	passed   int64   // rows that are not of the place, over all files
	stamps   []stamp // of the files, before they were read

	streetsSeen    map[streetRef]seenStreet
	areasSeen      map[string]fileRow
	censusSeen     map[string]fileRow
	censusPassed   map[int64]bool // census areas that are not of the place, by the hash of their code
	hasCensusAreas bool
	lastFigure     fileRow       // the last row of figures that was passed
	early          []earlyFigure // figures of census areas whose shape may follow

	share atomic.Uint64                             // of the file that is being read: how much of it is, as the bits of a float64
	first struct{ addresses, register, census int } // how many there were before it
}

// key makes the key of a precinct of the place.
func (r *reader) key(commune, station string) engine.PrecinctKey {
	return engine.PrecinctKey{Country: r.country, Commune: r.texts.keep(commune), Station: r.texts.keep(station)}
}

// pass counts a row that is not of the place.
func (r *reader) pass(file int32, line int64, reason string) {
	r.passed++
	r.files[file].passed.Pass(line, reason)
}

// reportPassed adds the rows of a file that were passed to its report, which its decoder counts in while it reads.
func (r *reader) reportPassed(file int32) {
	f := &r.files[file]
	f.report.Add(f.passed)
	f.passed = engine.FileReport{}
}

// read decodes every input, in the order of engine.Kinds, and describes the files for manifest and report.
func read(ctx context.Context, o Options, mem memory.Allocator) (*sources, error) {
	if err := complete(o); err != nil {
		return nil, err
	}
	r := &reader{
		material: material{addresses: newAddresses(), register: newRegisterRows(), census: &censusFigures{}}, place: o.Place, texts: interner{}, communes: newCommunes(o.Place.Communes...), streetsSeen: map[streetRef]seenStreet{},
		areasSeen: map[string]fileRow{}, censusSeen: map[string]fileRow{}, censusPassed: map[int64]bool{},
	}
	var err error
	if r.country, err = countryOf(o.Place, o.Inputs); err != nil {
		return nil, err
	}
	r.files = make([]sourceFile, len(o.Inputs))
	inputs := make([]engine.ManifestInput, len(o.Inputs))
	reports := make([]*engine.FileReport, len(o.Inputs))
	r.hasCensusAreas = slices.ContainsFunc(o.Inputs, func(in engine.Input) bool { return in.Kind == engine.KindCensusAreas })
	for _, kind := range engine.Kinds() {
		if kind == engine.KindStreets { // addresses and areas are read
			o.progress(stageSortAddresses, 0, 0)
			if first, again, twice := r.addresses.sort(); twice {
				at := r.addresses.origin[again].row()
				return nil, fmt.Errorf("%w (%s)", r.twice("address", r.addresses.id(again), r.addresses.origin[first].row(), at), o.Place.Where(r.files[at.file].spec))
			}
			r.around = r.extent.widened(o.Parameters.AroundM)
		}
		for i, in := range o.Inputs {
			if in.Kind != kind {
				continue
			}
			report := &engine.FileReport{Dataset: in.Spec.Dataset, Path: in.Spec.Path}
			reports[i] = report
			r.stamps = append(r.stamps, stampOf(in.Path))
			r.files[i] = sourceFile{path: in.Path, kind: in.Kind, spec: in.Spec, report: report, crossings: in.Crossings}
			opened, err := r.readFile(ctx, o, in, int32(i), mem)
			if err != nil {
				return nil, err
			}
			// While the file is in the system's memory still: after all the others it would be read from the disk again.
			if inputs[i], err = describeInput(in, opened); err != nil {
				return nil, err
			}
		}
	}
	o.progress(stageSort, 0, 0)
	r.settleEarlyFigures(true)
	for i := range r.files {
		r.reportPassed(int32(i))
	}
	if first, again, twice := r.census.sort(); twice {
		f, at := r.census, r.census.origin[again].row()
		return nil, fmt.Errorf("%w (%s)", r.twice("census area "+f.areaOf(int(again))+", variable", f.variableOf(int(again)), f.origin[first].row(), at), o.Place.Where(r.files[at.file].spec))
	}
	r.register.sort()
	sortDistricts(r.districts)
	slices.SortFunc(r.censusAreas, func(a, b censusArea) int { return strings.Compare(a.code, b.code) })
	read := r.material // without what only reading needs
	return &sources{&read, inputs, reports, r.stamps}, nil
}

// describeInput keeps of a source what the numbers or the report depend on; opened are the files on disk that it read.
func describeInput(in engine.Input, opened []string) (engine.ManifestInput, error) {
	if len(opened) == 0 {
		opened = []string{in.Path}
	}
	sum, size, err := engine.HashFile(opened[0])
	if err != nil {
		return engine.ManifestInput{}, fmt.Errorf("build: read %s: %w", opened[0], err)
	}
	var beside []engine.ManifestPart
	for _, path := range opened[1:] {
		sum, size, err := engine.HashFile(path)
		if err != nil {
			return engine.ManifestInput{}, fmt.Errorf("build: read %s: %w", path, err)
		}
		beside = append(beside, engine.ManifestPart{Name: filepath.Base(path), Bytes: size, SHA256: sum})
	}
	s := in.Spec
	if in.Kind == engine.KindCanvass {
		s.Kind = in.Kind
	}
	return engine.ManifestInput{
		Dataset: s.Dataset, Path: s.Path, Layer: s.Layer, CRS: string(s.CRS), Commune: string(s.Commune),
		Division: string(s.Division), Contest: string(s.Contest), Election: s.Election, Round: s.Round, Name: s.Name, Date: string(s.Date), Crosswalk: string(s.Crosswalk), Provisional: s.Provisional(),
		Set: s.Set, Kind: s.Kind, Columns: s.Columns, Expect: s.Expect.Lines(),
		Publisher: in.Publisher, Licence: in.Licence, Attribution: in.Attribution, Bytes: size, SHA256: sum, Beside: beside,
	}, nil
}

// readFile reads one file and compares it with what the place file expects of it. It gives the files on disk that were read.
func (r *reader) readFile(ctx context.Context, o Options, in engine.Input, file int32, mem memory.Allocator) (opened []string, err error) {
	report := r.files[file].report
	r.ofSource = newCommunes(in.Spec.Commune)
	tallied, err := engine.Expect(in.Spec.Expect, in.Kind)
	if err != nil {
		return nil, fmt.Errorf("build: %s: %w", o.Place.Where(in.Spec), err)
	}
	emitted, passed := int64(0), r.passed
	stage := stageRead(in.Path)
	o.progress(stage, 0, 0)
	r.share.Store(0)
	r.first.addresses, r.first.register, r.first.census = r.addresses.len(), r.register.len(), r.census.len()
	reading := engine.Reading{
		Allocator: mem,
		Report:    report,
		Progress: func(done, total int64) {
			o.progress(stage, done, total)
			r.share.Store(math.Float64bits(float64(done) / float64(max(1, total))))
		},
		Opened: func(path string) {
			if !slices.Contains(opened, path) {
				opened = append(opened, path)
				r.stamps = append(r.stamps, stampOf(path))
			}
		},
	}
	err = readBeside(ctx, in.Source, reading, func(b arrow.RecordBatch) error {
		tallied.Take(b)
		emitted += b.NumRows()
		return r.take(in, file, b)
	})
	r.reportPassed(file)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, o.Place.Where(in.Spec))
	}
	if report.Rows == report.Rejected {
		return nil, fmt.Errorf("build: %s: none of its %d rows can be used%s: is it a %s file? (%s)",
			in.Path, report.Rows, firstReason(report), in.Spec.Dataset, o.Place.Where(in.Spec))
	}
	report.Expected = tallied.Found()
	for _, e := range report.Expected {
		if !e.Holds {
			return nil, fmt.Errorf("build: %s: %s: %s: is it the whole file? Download it again, or correct what is expected", o.Place.Where(in.Spec), in.Spec.Path, e)
		}
	}
	if emitted == r.passed-passed {
		return opened, r.mustBeOfPlace(o, in, report)
	}
	return opened, nil
}

// room is for how many more rows columns are to make room where they have len, can have cap, get more and had first before the file that is being
// read: for those that the rest of the file seems to have. To grow by parts costs a large file more than to read it.
func (r *reader) room(len, cap, more, first int) int {
	if len+more <= cap {
		return more
	}
	const slack, least = 1.02, 1.0 / 64 // before so much is read, nothing is known
	share := math.Float64frombits(r.share.Load())
	if share < least {
		return max(more, len)
	}
	return max(more, int(float64(len-first+more)/share*slack)-(len-first))
}

// readBeside reads a source while what it gave is taken: take is called with one batch after the other, which is released afterwards. It does
// not touch the report, which the source fills meanwhile.
func readBeside(ctx context.Context, source engine.Source, r engine.Reading, take func(arrow.RecordBatch) error) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	batches, done := make(chan arrow.RecordBatch, 1), make(chan error, 1)
	r.Emit = func(b arrow.RecordBatch) error {
		b.Retain()
		select {
		case batches <- b:
			return nil
		case <-reading.Done():
			b.Release()
			return reading.Err()
		}
	}
	go func() {
		err := source.Read(reading, r)
		close(batches)
		done <- err
	}()
	var failed error
	for b := range batches {
		if failed == nil {
			if failed = take(b); failed != nil {
				stop()
			}
		}
		b.Release()
	}
	if err := <-done; failed == nil {
		return err
	}
	return failed
}

// mustBeOfPlace refuses a file of which no row is left: it is of other communes, or of another place.
func (r *reader) mustBeOfPlace(o Options, in engine.Input, report *engine.FileReport) error {
	switch in.Kind {
	case engine.KindCensusAreas, engine.KindCensus, engine.KindCanvass:
		return nil // a place can be built without
	}
	why := ""
	if len(report.Passed) > 0 {
		why = ": they are " + report.Passed[0].Reason
	}
	remedy := "correct communes:, commune:, election: or round:, or take another file"
	if in.Kind == engine.KindStreets {
		remedy = "are longitude and latitude swapped, or are the files of different places?"
	}
	return fmt.Errorf("build: %s: none of its %d rows is of the place%s: %s (%s)", in.Path, report.Rows, why, remedy, o.Place.Where(in.Spec))
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
		return r.takeStreets(in, file, rows)
	case engine.KindAddresses:
		return r.takeAddresses(in, file, rows)
	case engine.KindAreas:
		return r.takeAreas(in, file, rows)
	case engine.KindRegister:
		return r.takeRegister(in, file, rows)
	case engine.KindCensusAreas:
		return r.takeCensusAreas(in, file, rows)
	case engine.KindCensus:
		return r.takeCensus(file, rows)
	case engine.KindResults:
		return r.takeResults(in, file, rows)
	case engine.KindDistricts:
		return r.takeDistricts(in, file, rows)
	case engine.KindCanvass:
		return nil // read for its report only: returns are imported, not built
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
