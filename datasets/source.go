package datasets

import (
	"context"
	"errors"
	"fmt"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

// decoder begins to read a file of a dataset: it checks that the file has what it needs, and gives the records of the file and
// what takes them one by one.
type decoder func(file *format.File, d decoding) (records, takeRecord, error)

// decoding is where a decoder puts what it reads.
type decoding struct {
	out    *batch
	report *engine.FileReport
	spec   engine.SourceSpec
	atEnd  *func() error
	opened func(path string) // says that a further file on disk is read
}

// whenRead has finish called after the last record: for rows that can only be made from the whole file.
func (d decoding) whenRead(finish func() error) { *d.atEnd = finish }

// records are what a decoder reads a file by: format.Rows, or what a container of its own gives.
type records interface {
	Next() (bool, error)
	Line() int64
	Noun() string
	Condition() (fault, repair string)
	Unread() []string
}

// takeRecord adds the rows of the current record to the batch, or gives the reason to leave the record out: then it has added
// none. An error means that the whole file is not what it should be.
type takeRecord func(line int64) (reason string, err error)

// source reads a file of a dataset. It is an engine.Source.
type source struct {
	dataset Dataset
	spec    engine.SourceSpec
	path    string
}

// checkEvery is how many records are read between two looks at the context and reports of progress.
const checkEvery = 1024

func (s *source) Read(ctx context.Context, r engine.Reading) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	file, err := format.Open(s.path)
	if err != nil {
		return err
	}
	defer file.Close()
	return s.readFile(ctx, r, file)
}

func (s *source) readFile(ctx context.Context, r engine.Reading, file *format.File) error {
	out := newBatch(s.dataset.Kind, r)
	defer out.release()
	var finish func() error
	opened := r.Opened
	if opened == nil {
		opened = func(string) {}
	}
	if file.DiskPath() != "" {
		opened(file.DiskPath())
	}
	records, take, err := s.dataset.decode(file, decoding{out, r.Report, s.spec, &finish, opened})
	for _, path := range file.Beside() {
		opened(path)
	}
	if err != nil {
		return err
	}
	r.Report.Counted = records.Noun()
	var read int64
	for ; ; read++ {
		if read%checkEvery == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			s.progress(r, file)
		}
		more, err := records.Next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		r.Report.Rows++
		if err := s.readRecord(r.Report, records, take); err != nil {
			return err
		}
		if err := out.emitFull(); err != nil {
			return err
		}
	}
	if read == 0 {
		return fmt.Errorf("%s: %w", file.Name(), errNoRows)
	}
	r.Report.Ignore(records.Unread()...)
	s.progress(r, file)
	if finish != nil {
		if err := finish(); err != nil {
			return fmt.Errorf("%s: %w", file.Name(), err)
		}
	}
	return out.emit()
}

var errNoRows = fmt.Errorf("it has no rows: %w", format.ErrEmpty)

// readRecord takes the current record, or counts why not. An error of take gets its place in the file here.
func (s *source) readRecord(report *engine.FileReport, records records, take takeRecord) error {
	line := records.Line()
	fault, repair := records.Condition()
	switch {
	case fault != "" && s.dataset.Kind == engine.KindResults:
		// Without the row its candidate's votes would be taken for those of nobody.
		return fmt.Errorf("%s %s %d: %s: correct the row, or download the file again", s.path, records.Noun(), line, fault)
	case fault != "":
		report.Reject(line, fault)
		return nil
	}
	reason, err := take(line)
	switch {
	case err != nil:
		return fmt.Errorf("%s %s %d: %w", s.path, records.Noun(), line, err)
	case reason != "":
		report.Reject(line, reason)
	case repair != "":
		report.Repair(line, repair)
	}
	return nil
}

func (s *source) progress(r engine.Reading, file *format.File) {
	if r.Progress != nil {
		r.Progress(file.Done())
	}
}

// errMetres is for files whose coordinates are in a projection where longitude and latitude are due.
var errMetres = errors.New("the coordinates are in metres where degrees are due: download the file in WGS84 (EPSG:4326), or convert it")
