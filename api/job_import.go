package api

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

// KindImport is the kind of job that takes returns by the hundred thousand, and says what became of them.
const KindImport = "import"

// Bounds of an import.
const (
	mostImported = 500_000 // returns
	importBatch  = 1_000   // returns that are appended at a time
)

// Import is what returns are imported with.
type Import struct {
	IDs string `json:"ids,omitempty" query:"ids" enum:"own,foreign" default:"own" doc:"As of /v1/field/returns"`
}

// importInput is the returns as they come.
type importInput struct {
	ContentType string `header:"Content-Type" doc:"application/x-ndjson"`
	UploadInput
	Import
}

// importFile asks for an import of returns that are sent as a file.
type importFile struct {
	JobOptions
	Import
	read jobInput
}

func (f importFile) parameters() any  { return f.Import }
func (f importFile) check(City) error { return nil }
func (f importFile) input() jobInput  { return f.read }

func (s *server) registerImports(api huma.API) {
	one := returnSchema()
	operation := jobOperation(huma.Operation{
		OperationID: "submit-" + KindImport, Method: http.MethodPost, Path: jobsRoute + "/" + KindImport,
		Summary: "Take many returns",
		Description: fmt.Sprintf("The body is returns, one a line, at most %d and 64 MiB; the token has the scope field:write too. They are in the log when the job is accepted, as those of "+
			"/v1/field/returns are when it answers: an import that breaks off is sent again, and nothing is kept twice. The job counts what became of them, in import.json, and those that were "+
			"rejected are in the file of errors, by their number from 1. Of the returns themselves it has nothing. An Idempotency-Key is of the same returns while none of them is erased.", mostImported),
		DefaultStatus: http.StatusAccepted,
		Errors: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
			http.StatusTooManyRequests, http.StatusServiceUnavailable},
	})
	huma.Register(api, operation, s.submitImport)
	// Described only now: huma would else read the body as a whole, before the operation does.
	api.OpenAPI().Paths[operation.Path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		mediaNDJSON: {Schema: one, Example: json.RawMessage(returnExample)}}}
}

func (s *server) submitImport(ctx context.Context, in *importInput) (*submitOutput, error) {
	form, err := listForm(in.ContentType, in.ContentEncoding)
	if err != nil || form != ScoreNDJSON {
		return nil, unsupported("header.Content-Type", "send application/x-ndjson, with a return a line, plain and in UTF-8")
	}
	holder, err := s.need(ctx, engine.FieldWrite)
	if err != nil {
		return nil, err
	}
	returns, err := s.returns()
	if err != nil {
		return nil, err
	}
	into := &importer{server: s, log: returns, writer: field.Writer{Campaign: holder.Campaign, Token: holder.Token, Turfs: holder.Turfs}, foreign: in.IDs == "foreign"}
	asked := importFile{JobOptions{Callback: in.Callback}, in.Import, func(w io.Writer) (int64, error) {
		return in.receive(func(body io.Reader) (int64, error) { return into.take(ctx, body, w) })
	}}
	return s.submit(ctx, KindImport, asked, in.IdempotencyKey, in.Prefer)
}

// importer appends returns to the log as they come.
type importer struct {
	server  *server
	log     FieldLog
	writer  field.Writer
	foreign bool

	out   *bufio.Writer // outcomes, a line each
	batch []field.Submission
}

// ImportedRow is what became of a return of an import: nothing of it, and no id.
type ImportedRow struct {
	Status field.Status `json:"status,omitempty"`
	Reason string       `json:"reason,omitempty"`
	Field  string       `json:"field,omitempty"`
	Detail string       `json:"detail,omitempty"`

	Sum string `json:"sum,omitempty"` // in the last line, which is no row: that of the body, so that a key asks for the same returns
}

// take appends the returns of a body, and writes what became of each.
func (i *importer) take(ctx context.Context, body io.Reader, w io.Writer) (rows int64, err error) {
	sum := sha256.New()
	lines := &lineRecords{from: bufio.NewReaderSize(io.TeeReader(body, sum), maxRecord+2)}
	i.out = bufio.NewWriter(w)
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errUnreadableRows, err)
		}
		if rows++; rows > mostImported {
			return 0, tooLarge(fmt.Sprintf("an import has at most %d returns: the first %d are kept; send the others by themselves", mostImported, mostImported))
		}
		one := field.Submission{Fault: &field.Fault{Detail: fmt.Sprintf("a return has at most %d bytes", maxRecord)}}
		if !line.tooLong {
			one = decodeReturn(line.raw)
		}
		one.Foreign = i.foreign
		if i.batch = append(i.batch, one); len(i.batch) == importBatch {
			if err := i.flush(ctx); err != nil {
				return 0, err
			}
		}
	}
	if rows == 0 {
		return 0, invalid("body", nil, "there is no return in the body")
	}
	if err := i.flush(ctx); err != nil {
		return 0, err
	}
	if err := i.write(ImportedRow{Sum: hex.EncodeToString(sum.Sum(nil))}); err != nil {
		return 0, err
	}
	return rows, i.out.Flush()
}

// flush appends the batch.
func (i *importer) flush(ctx context.Context) error {
	if len(i.batch) == 0 {
		return nil
	}
	outcomes, err := i.log.Append(ctx, i.writer, i.batch)
	if err != nil {
		return i.server.notKept(ctx, err)
	}
	i.server.metrics.appended(outcomes)
	i.batch = i.batch[:0]
	for _, o := range outcomes {
		if err := i.write(ImportedRow{Status: o.Status, Reason: o.Reason, Field: o.Field, Detail: o.Detail}); err != nil {
			return err
		}
	}
	return nil
}

func (i *importer) write(row ImportedRow) error {
	content, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("api: keep an outcome: %w", err)
	}
	_, err = i.out.Write(append(content, '\n'))
	return err
}

// EachImportedRow reads what became of the returns of an import.
func EachImportedRow(from io.Reader, each func(ImportedRow) error) error {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		var row ImportedRow
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return fmt.Errorf("api: an outcome that was kept: %w", err)
		}
		if row.Sum != "" {
			continue
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return lines.Err()
}
