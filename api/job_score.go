package api

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/live"
)

// KindScore is the kind of job that gives the numbers of a list of units.
const KindScore = "score"

// ScoreJob is what a list of units is asked with, in a body or in an address.
type ScoreJob struct {
	Collection string   `json:"collection" query:"collection" required:"true" doc:"What is scored: segments, cells, precincts or communes" example:"segments"`
	Resolution int      `json:"resolution,omitempty" query:"resolution" minimum:"3" maximum:"11" doc:"Of cells; 9 by default"`
	Contest    string   `json:"contest,omitempty" query:"contest" doc:"The first contest by default"`
	Choice     string   `json:"choice,omitempty" query:"choice"`
	Measure    string   `json:"measure,omitempty" query:"measure" doc:"share by default"`
	Against    string   `json:"against,omitempty" query:"against"`
	Since      string   `json:"since,omitempty" query:"since"`
	Properties []string `json:"properties,omitempty" query:"properties" maxItems:"500" doc:"The columns, as /items takes them; id, state, reason, value, low, low50, high50, high and n where nothing is given"`
	Format     string   `json:"format,omitempty" query:"format" enum:"csv,ndjson,arrow,parquet" default:"csv"`
}

// scoreProperties are the columns of a score where no others are asked for.
var scoreProperties = []string{"id", "state", "reason", "value", "low", "low50", "high50", "high", "n"}

// ScoredUnits are the units of a snapshot that rows of a list are looked up in.
type ScoredUnits struct {
	*live.Picker
	Format export.Format
}

// Units puts the question to a snapshot.
func (q *ScoreJob) Units(city *live.City) (units ScoredUnits, err error) {
	query, format, err := q.query()
	if err != nil {
		return units, err
	}
	units.Format = format
	units.Picker, err = city.Pick(query)
	return units, err
}

// ParseID reads the id of one of the units.
func (u ScoredUnits) ParseID(id UnitName) (int64, error) {
	return UnitPath{u.Unit(), string(id)}.parse()
}

func (q *ScoreJob) query() (query live.ItemQuery, format export.Format, err error) {
	if format, err = export.FormatByName(q.Format); err != nil {
		return query, format, err
	}
	if format.Name == "geojson" {
		return query, format, invalid("query.format", nil, "scores are a table: ask for csv, ndjson, arrow or parquet")
	}
	if err := unpinned(q.Collection); err != nil {
		return query, format, err
	}
	query = live.ItemQuery{Collection: q.Collection, Resolution: q.Resolution, Properties: q.Properties, Bare: true,
		Query: live.Query{Contest: q.Contest, Choice: q.Choice, Measure: q.Measure, Against: q.Against, Since: q.Since}}
	if query.Properties == nil {
		query.Properties = scoreProperties
	}
	return query, format, nil
}

func (q *ScoreJob) check(city City) error {
	query, _, err := q.query()
	if err != nil {
		return err
	}
	_, err = city.Items(query)
	return err
}

// ScoreRequest asks for the numbers of a list that stands in the body.
type ScoreRequest struct {
	JobOptions
	ScoreJob
	Rows []ScoreRow `json:"rows" minItems:"1" maxItems:"10000" doc:"The units; for more there is /v1/jobs/score/rows"`
}

func (r ScoreRequest) parameters() any       { return r.ScoreJob }
func (r ScoreRequest) check(city City) error { return r.ScoreJob.check(city) }

func (r ScoreRequest) input() jobInput {
	return func(w io.Writer) (int64, error) { return int64(len(r.Rows)), keepScoreRows(w, r.Rows) }
}

// scoreFileInput is a list of units as it comes.
type scoreFileInput struct {
	ContentType string `header:"Content-Type" doc:"text/csv or application/x-ndjson"`
	UploadInput
	Snapshot string `query:"snapshot" maxLength:"100" doc:"The snapshot that it is about; the current one where it is left out"`
	ScoreJob
}

// scoreFile asks for the numbers of a list that is sent as a file.
type scoreFile struct {
	JobOptions
	ScoreJob
	read jobInput
}

func (f scoreFile) parameters() any       { return f.ScoreJob }
func (f scoreFile) check(city City) error { return f.ScoreJob.check(city) }
func (f scoreFile) input() jobInput       { return f.read }

func (s *server) registerScoreJobs(api huma.API) {
	about := "A row of the input is {\"id\": ...}, {\"lon\": ..., \"lat\": ...}, or {\"code\": ..., \"commune\": ...} of a precinct or a commune. The result is scores.FORMAT, a row for each that can be " +
		"answered: its number, from 1, and the columns that are asked for. The others are in the file of errors: malformed, unknown_unit, ambiguous, outside. publication.json says how many of the units " +
		"are published, and whose data it is. The rows are deleted when the job has ended."
	registerKind[ScoreRequest](s, api, KindScore, "The numbers of a list of units", about, `{"collection": "segments", "rows": [{"id": 1545228139172}]}`)
	operation := jobOperation(huma.Operation{
		OperationID: "submit-score-rows", Method: http.MethodPost, Path: jobsRoute + "/" + KindScore + "/rows",
		Summary: "The numbers of a long list of units",
		Description: fmt.Sprintf("The body is the list: CSV with a line of names, which are id, or lon and lat, or code and commune; or NDJSON. At most %d rows and 64 MiB. ", mostScoreRows) +
			"Other columns are refused: nothing that is not needed is kept. " + about,
		DefaultStatus: http.StatusAccepted,
		Errors: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
			http.StatusTooManyRequests, http.StatusServiceUnavailable},
	})
	huma.Register(api, operation, s.submitScoreRows)
	// Described only now: huma would else read the body as a whole, before the operation does.
	row := api.OpenAPI().Components.Schemas.Map()["ScoreRow"]
	api.OpenAPI().Paths[operation.Path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		mediaCSV: {Schema: &huma.Schema{Type: huma.TypeString}, Example: "id\n1545228139172\n"}, mediaNDJSON: {Schema: row, Example: map[string]any{"id": 1545228139172}}}}
}

func (s *server) submitScoreRows(ctx context.Context, in *scoreFileInput) (*submitOutput, error) {
	form, err := listForm(in.ContentType, in.ContentEncoding)
	if err != nil {
		return nil, err
	}
	asked := scoreFile{JobOptions{in.Snapshot, in.Callback}, in.ScoreJob, func(w io.Writer) (int64, error) {
		return in.receive(func(body io.Reader) (int64, error) { return KeepScoreRows(w, body, form) })
	}}
	return s.submit(ctx, KindScore, asked, in.IdempotencyKey, in.Prefer)
}
