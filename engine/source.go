package engine

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Kind says what the rows of a source are; RowSchema gives their columns.
type Kind string

const (
	KindAddresses   Kind = "addresses"
	KindStreets     Kind = "streets"
	KindAreas       Kind = "areas"        // precinct areas of one division
	KindResults     Kind = "results"      // votes by precinct and choice of one contest
	KindRegister    Kind = "register"     // doors and the precincts their voters are registered in
	KindDistricts   Kind = "districts"    // areas larger than a precinct, of one set: their shapes, or what is in them
	KindCensusAreas Kind = "census-areas" // the areas census figures are given for
	KindCensus      Kind = "census"       // figures by census area
	KindCanvass     Kind = "canvass"      // attempts at doors, as campaign tools export them; imported, not built
)

// Kinds lists every kind, those of a build in the order in which it reads them.
func Kinds() []Kind {
	return []Kind{KindAddresses, KindAreas, KindStreets, KindRegister, KindResults, KindDistricts, KindCensusAreas, KindCensus, KindCanvass}
}

// Source is one published file, opened for reading rows of one kind. Datasets implement it.
//
// Read decodes the file once, in file order, and calls Emit with batches of RowSchema(kind). A batch belongs to Read: it is
// released after Emit returns, so Emit retains what it keeps. Read stops with the context's error, with Emit's error as it
// is, or with one that names file, line and remedy. Bad rows are counted in the report, not returned. Memory does not grow
// with the file. A Source is used by one goroutine and read at most once at a time.
type Source interface {
	Read(ctx context.Context, r Reading) error
}

// Reading is where a Source puts what it reads.
type Reading struct {
	Allocator memory.Allocator
	Emit      func(arrow.RecordBatch) error
	Report    *FileReport
	Progress  func(done, total int64) // bytes of the file; may be nil
	Opened    func(path string)       // called with each file on disk that is read, the source's own first; may be nil
}

// Input is a source of a place file together with what stands behind it.
type Input struct {
	Spec        SourceSpec
	Kind        Kind
	Path        string // where the file is
	Country     string // of the dataset's precincts: fr, us, or "" where it may be any
	Crossings   bool   // streets: lines that cross meet; else they meet at shared vertices only
	Source      Source
	Publisher   string
	Licence     string // SPDX-like short name, as ODbL-1.0 or etalab-2.0
	Attribution string
}
