package datasets

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

// Inspection is what a file is found to be.
type Inspection struct {
	Path      string    `json:"path"`
	Container string    `json:"container"`
	Columns   []string  `json:"columns,omitempty"`
	Headless  bool      `json:"headless,omitempty"` // the first line is values, not names of columns
	CRS       string    `json:"crs,omitempty"`      // that the file declares
	Matches   []Match   `json:"matches"`            // the datasets it may be, the likeliest first
	Rows      int64     `json:"rows"`               // as the first of them
	Kept      int64     `json:"kept"`
	Bounds    []float64 `json:"bounds,omitempty"` // west, south, east, north in degrees

	Districts []string `json:"districts,omitempty"` // lines of a place file that read larger areas from the same file

	areas bool // its records are areas

	Report *engine.FileReport `json:"report,omitempty"`
	Fault  string             `json:"fault,omitempty"` // why the file cannot be read to its end
}

// Match is a dataset that a file may be.
type Match struct {
	Dataset string `json:"dataset"`
	Line    string `json:"place_file_line"`
	Needs   string `json:"needs,omitempty"` // what the place file has to say besides

	derived bool    // rows are made up: the file is rather what they are made from
	share   float64 // of the first records that were taken
	used    int     // columns that the dataset reads

	elsewhere int64  // records in a system that is not known
	refused   string // why most of the records were not taken, of a file with the dataset's columns
}

// needs is the error of a file that is well but of which the place file has to say more.
type needs struct {
	key  string // of the place file
	what string // in words
}

func (n needs) Error() string { return n.what }

// sampled is how many records of a file are tried to tell its dataset.
const sampled = 2000

// Inspect tells what a file is by trying every dataset on its beginning, and reads all of it as the likeliest. layer and crs are
// those that a place file would give.
func Inspect(ctx context.Context, path string, spec engine.SourceSpec, progress func(done, total int64)) (*Inspection, error) {
	found := &Inspection{Path: path, Matches: []Match{}}
	opening := found.open(path, spec)
	var nearest Match
	for _, d := range All() {
		if d.Kind == "" {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch m, ok := try(ctx, d, path, spec); {
		case ok:
			found.Matches = append(found.Matches, m)
		case m.refused != "" && m.used > max(nearest.used, 2):
			nearest = m
		}
	}
	slices.SortStableFunc(found.Matches, func(a, b Match) int {
		if a.derived != b.derived {
			return map[bool]int{true: 1, false: -1}[a.derived]
		}
		return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(b.used, a.used))
	})
	found.Districts = found.districtLines(path, spec)
	if len(found.Matches) == 0 {
		if found.Fault == "" && nearest.refused != "" {
			found.Fault = fmt.Sprintf("it has the columns of dataset %s, which rejects most of its rows: %s", nearest.Dataset, nearest.refused)
		}
		return found, opening // else it is read without a table of columns: an OpenStreetMap extract, JSON of OSDI
	}
	found.Fault = ""
	return found, found.readAll(ctx, found.Matches[0].Dataset, spec, progress)
}

// open says what container the file is and which columns it has.
func (i *Inspection) open(path string, spec engine.SourceSpec) error {
	file, err := format.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	head := bytes.Clone(file.Head()) // which reading goes beyond
	rows, err := format.NewRows(file, spec.Layer)
	if err != nil {
		i.Container = format.Describe(head, nil)
		return err
	}
	i.Container = format.Describe(head, rows)
	i.Columns = rows.Keys()
	if _, ok := rows.(*format.Table); ok && slices.ContainsFunc(i.Columns, notName.MatchString) {
		i.Columns, i.Headless = nil, true // and it may be about persons
	}
	if crs := rows.CRS(); !crs.IsZero() {
		i.CRS = crs.String()
	}
	if _, err := rows.Next(); err != nil { // no dataset will take it, and this is why
		i.Fault = strings.TrimPrefix(err.Error(), path+": ")
		return nil
	}
	i.areas = drawsAreas(rows)
	return nil
}

// notName is what no column is named by: a day, an address of mail, a telephone or other number of seven digits and more. Years and
// ages name columns.
var notName = regexp.MustCompile(`@|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{2,4}|[0-9]{7}`)

// try reads the beginning of a file as a dataset. It may be one where most of its records are taken.
func try(ctx context.Context, d Dataset, path string, spec engine.SourceSpec) (m Match, ok bool) {
	file, err := format.Open(path)
	if err != nil {
		return m, false
	}
	defer file.Close()
	report := &engine.FileReport{}
	out := newBatch(d.Kind, engine.Reading{Allocator: memory.DefaultAllocator, Emit: func(arrow.RecordBatch) error { return nil }})
	defer out.release()
	m = Match{Dataset: d.Name, derived: d.Derived || d.Name == osmAddresses.Name} // an extract that was cut out has streets that are not whole
	var finish func() error
	records, take, err := d.decode(file, decoding{out, report, spec, &finish, func(string) {}})
	if err == nil {
		err = m.sample(ctx, records, take, out, report)
		if err == nil && finish != nil {
			err = finish()
		}
	}
	var more needs
	switch {
	case errors.As(err, &more):
		m.Needs, m.share = more.what, 1
	case err != nil:
		return m, false
	case m.share <= 0.5 && 2*m.elsewhere > report.Rows:
		more = needs{"crs", reasonNoPosition}
		m.Needs, m.share = more.what, 1
	}
	if records != nil {
		if features, ok := records.(*format.Features); ok && features.Lacks() != "" {
			return m, false
		}
		if rows, ok := records.(format.Rows); ok {
			m.used = len(rows.Keys()) - len(records.Unread())
		}
		if table, ok := records.(*format.Table); ok && m.share <= 0.5 && len(report.Reasons) > 0 && table.Named() {
			m.refused = report.Reasons[0].Reason
		}
	}
	m.Line = placeLine(d, path, spec, more.key)
	return m, m.share > 0.5
}

// sample takes records and says which share of them was taken.
func (m *Match) sample(ctx context.Context, records records, take takeRecord, out *batch, report *engine.FileReport) error {
	for ; report.Rows < sampled; report.Rows++ {
		more, err := records.Next()
		if err != nil || !more {
			if err != nil && report.Rows > 0 {
				err = nil // a damaged file may still be told
			}
			if report.Rows == 0 {
				return cmp.Or(err, errNoRows)
			}
			break
		}
		fault, _ := records.Condition()
		if fault != "" {
			report.Reject(records.Line(), fault)
			continue
		}
		reason, err := take(records.Line())
		if more := (needs{}); errors.As(err, &more) {
			return err
		}
		if err != nil {
			reason = err.Error() // ends a build, as a count that is not one: the file is of the dataset all the same
		}
		if reason != "" {
			report.Reject(records.Line(), reason)
		}
		if reason == reasonNoPosition {
			m.elsewhere++
		}
		if err := errors.Join(ctx.Err(), out.emitFull()); err != nil {
			return err
		}
	}
	m.share = 1 - float64(report.Rejected)/float64(report.Rows)
	return nil
}

// plainText needs no quotes in a place file.
var plainText = regexp.MustCompile(`^(\.{0,2}/)*\pL[\pL\pN_./-]*$`)

// PlaceText writes a path or a name as a place file takes it, in quotes where YAML would read something else.
func PlaceText(text string) string {
	if plainText.MatchString(text) && !strings.EqualFold(text, "null") {
		return text
	}
	quoted, _ := json.Marshal(text) // no error for a string; YAML takes the strings of JSON
	return string(quoted)
}

// placeLine is the line to write into a place file.
func placeLine(d Dataset, path string, spec engine.SourceSpec, needed string) string {
	line := fmt.Sprintf("- {dataset: %s, path: %s", d.Name, PlaceText(path))
	if spec.Layer != "" {
		line += ", layer: " + PlaceText(spec.Layer)
	}
	if spec.CRS != "" {
		line += ", crs: " + string(spec.CRS)
	}
	if needed != "" {
		line += ", " + needed + ": ..."
	}
	switch d.Kind {
	case engine.KindAreas, engine.KindRegister:
		line += ", division: YEAR"
	case engine.KindResults:
		line += ", contest: YEAR_NAME, division: YEAR"
	}
	return line + "}"
}

// readAll reads the whole file as a dataset.
func (i *Inspection) readAll(ctx context.Context, dataset string, spec engine.SourceSpec, progress func(done, total int64)) error {
	d, err := ByName(dataset)
	if err != nil {
		return err
	}
	source, err := d.Open(i.Path, spec)
	if err != nil {
		return err
	}
	i.Report = &engine.FileReport{Dataset: d.Name, Path: i.Path}
	var bounds orb.Bound
	located := false
	err = source.Read(ctx, engine.Reading{
		Allocator: memory.DefaultAllocator, Report: i.Report, Progress: progress,
		Emit: func(b arrow.RecordBatch) error {
			i.Kept += b.NumRows()
			return extend(&bounds, &located, b)
		},
	})
	var more needs
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && !errors.As(err, &more):
		i.Fault = strings.TrimPrefix(err.Error(), i.Path+": ")
	}
	i.Rows = i.Report.Rows
	if located {
		i.Bounds = []float64{bounds.Min[0], bounds.Min[1], bounds.Max[0], bounds.Max[1]}
	}
	return nil
}

// extend widens bounds to the positions of a batch.
func extend(bounds *orb.Bound, located *bool, b arrow.RecordBatch) error {
	add := func(more orb.Bound) {
		if !*located {
			*bounds, *located = more, true
			return
		}
		*bounds = bounds.Union(more)
	}
	if at := b.Schema().FieldIndices("geometry"); len(at) > 0 {
		shapes := b.Column(at[0]).(*array.Binary)
		for row := range shapes.Len() {
			g, err := wkb.Unmarshal(shapes.Value(row))
			if err != nil {
				return err
			}
			add(g.Bound())
		}
	}
	if at := b.Schema().FieldIndices("lon"); len(at) > 0 {
		lons, lats := b.Column(at[0]).(*array.Float64), b.Column(b.Schema().FieldIndices("lat")[0]).(*array.Float64)
		for row := range lons.Len() {
			if lons.IsValid(row) && !math.IsNaN(lons.Value(row)) {
				add(orb.Point{lons.Value(row), lats.Value(row)}.Bound())
			}
		}
	}
	return nil
}
