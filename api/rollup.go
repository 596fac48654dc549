package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

const (
	mediaJSON   = "application/json"
	mediaNDJSON = "application/x-ndjson"
	mediaCSV    = "text/csv"
	mediaArrow  = "application/vnd.apache.arrow.stream"
)

// RollupList has counts of returns by group, ascending.
type RollupList struct {
	Audience string      `json:"audience" enum:"staff,aggregate" doc:"staff: as it is now; aggregate: as it was last published, precinct by precinct"`
	By       []string    `json:"by" enum:"cell,segment,precinct,day,team"`
	Rows     []RollupRow `json:"rows"`
}

// RollupRow has the counts of a group; of the first six fields it has those that it is grouped by.
type RollupRow struct {
	Cell          string `json:"cell,omitempty" pattern:"^[0-9a-f]{15}$" doc:"In Arrow a 64-bit number"`
	SegmentID     int64  `json:"segment_id,omitempty"`
	PrecinctID    int64  `json:"precinct_id,omitempty"`
	Day           string `json:"day,omitempty" format:"date"`
	Team          string `json:"team,omitempty" nullable:"true"`
	Epoch         int64  `json:"epoch,omitempty" doc:"Of the audience aggregate: the publication that the counts are of"`
	Attempts      int64  `json:"attempts" doc:"At doors"`
	Contacts      int64  `json:"contacts"`
	Refusals      int64  `json:"refusals"`
	NotHome       int64  `json:"not_home"`
	Doors         int64  `json:"doors" doc:"Different doors that were tried, where doors are told apart"`
	Actions       int64  `json:"actions"`
	Material      int64  `json:"material" doc:"The sum of the actions' counts"`
	State         string `json:"state" enum:"published,suppressed" doc:"suppressed: what was answered is null"`
	Reason        string `json:"reason" nullable:"true" enum:"k,dominance,grain,not_loaded" doc:"k: there is no part of a street in a precinct, and no rest of a precinct, that lies in it as a whole and where 11 households answered; dominance: nearly all of few said the same; grain: answers are not told by day or team; not_loaded: the campaign's contest is not in the snapshot that is served, or not loaded yet"`
	Households    *int64 `json:"households" nullable:"true" doc:"Different doors that answered about support. For the staff without those of street parts where fewer than 11 did, unless the row is of whole precincts where these are 11 together"`
	Answers       *int64 `json:"answers,omitempty" nullable:"true" doc:"Of the audience aggregate: attempts with an answer about support"`
	SupportMinus2 *int64 `json:"support_minus2" nullable:"true" doc:"Strong opposition. For the staff households by their last answer; for the audience aggregate answers"`
	SupportMinus1 *int64 `json:"support_minus1" nullable:"true"`
	Support0      *int64 `json:"support_0" nullable:"true"`
	SupportPlus1  *int64 `json:"support_plus1" nullable:"true"`
	SupportPlus2  *int64 `json:"support_plus2" nullable:"true" doc:"Strong support"`
}

type rollupInput struct {
	By         []string `query:"by" enum:"cell,segment,precinct,day,team" uniqueItems:"true" doc:"What to count by, comma-separated; nothing: one row of all" example:"precinct"`
	Resolution int      `query:"resolution" minimum:"3" maximum:"11" default:"9" doc:"Of cells"`
	Segment    []int64  `query:"segment" maxItems:"500" doc:"Only these segments; one that is joined to another is counted with that one, under its id"`
	Precinct   []int64  `query:"precinct" maxItems:"500" doc:"Only these precincts"`
	Cell       string   `query:"cell" pattern:"^[0-9a-f]{15}$" doc:"Only what lies in this cell"`
	Team       []string `query:"team" maxItems:"500" doc:"Only these teams"`
	From       string   `query:"from" format:"date" doc:"From this day"`
	To         string   `query:"to" format:"date" doc:"To this day, which is included"`
	Epoch      int64    `query:"epoch" minimum:"1" doc:"As it was published at this epoch; by precinct, without other parameters. Where something was erased since, a precinct is missing as of earlier epochs"`
	F          string   `query:"f" enum:"json,csv,arrow" doc:"The form of the answer, in place of Accept"`
	Accept     string   `header:"Accept" doc:"application/json, text/csv or application/vnd.apache.arrow.stream"`
}

const rollupRoute = "/v1/rollup"

func (s *server) registerRollup(api huma.API) {
	o := fieldOperation(engine.FieldRead, huma.Operation{
		OperationID: "roll-up",
		Method:      http.MethodGet,
		Path:        rollupRoute,
		Summary:     "Counts of returns by cell, segment, precinct, day and team",
		Description: "With field:read as it is now. With read:aggregate alone by precinct, as it was last published: when the answers of 11 or more " +
			"households had changed; then no other parameter but precinct is taken. Cells count returns without consent in the middle of their segment.",
		Errors: []int{http.StatusNotAcceptable},
		Responses: map[string]*huma.Response{"200": {Description: "The counts. An answer that breaks off has no end", Content: map[string]*huma.MediaType{
			mediaJSON:  {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[RollupList](), true, "")},
			mediaCSV:   {Schema: &huma.Schema{Type: huma.TypeString}},
			mediaArrow: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}}},
	})
	o.Security = append(o.Security, needs(engine.ReadAggregate)...)
	huma.Register(api, o, s.rollUp)
}

func (s *server) rollUp(ctx context.Context, in *rollupInput) (*huma.StreamResponse, error) {
	form, err := negotiated(in.F, in.Accept, rollupOffers())
	if err != nil {
		return nil, err
	}
	holder, returns, err := s.staff(ctx, engine.FieldRead)
	if err == nil && in.Epoch == 0 {
		question, err := in.question(holder.Campaign)
		if err != nil {
			return nil, err
		}
		s.joinSegments(&question)
		return s.writeRollup(form, question.By, "staff", holder, func(ctx context.Context, each func(*rollupRow) error) error {
			answered, err := s.answered(ctx, question)
			if err != nil {
				return err
			}
			return returns.Rollup(ctx, question, func(row *engine.RollupRow) error { return each(answered(row)) })
		})
	}
	if err != nil {
		var errAggregate error
		if holder, returns, errAggregate = s.staff(ctx, engine.ReadAggregate); errAggregate != nil {
			return nil, err
		}
	}
	if !in.published() {
		return nil, forbidden(engine.FieldRead, "with the scope read:aggregate, and as of an epoch, ask by=precinct, with no other parameter but precinct: the rest is for the scope field:read")
	}
	return s.writeRollup(form, []engine.Dimension{engine.ByPrecinct}, "aggregate", holder, func(_ context.Context, each func(*rollupRow) error) error {
		for _, p := range returns.Published(holder.Campaign, in.Epoch) {
			if len(in.Precinct) > 0 && !slices.Contains(in.Precinct, p.Precinct) {
				continue
			}
			if err := each(&rollupRow{RollupRow: p.RollupRow, Epoch: p.Epoch, OneSided: p.OneSided}); err != nil {
				return err
			}
		}
		return nil
	})
}

// joinSegments has segments asked for and counted under the ids that they are published under: as on the map, whatever they were when their
// returns came.
func (s *server) joinSegments(question *engine.Question) {
	city := s.current()
	if city == nil {
		return
	}
	question.Joined = city.Joined()
	for i, id := range question.Segments {
		if lead, joined := question.Joined[id]; joined {
			question.Segments[i] = lead
		}
	}
}

// answered gives what adds to the rows of a question what was answered there, as far as the staff may be told. What a street has said until today
// and what it had said until yesterday would tell of the few who spoke today: so days, and teams likewise, have none of it.
func (s *server) answered(ctx context.Context, question engine.Question) (func(*engine.RollupRow) *rollupRow, error) {
	untold := func(why engine.Reason) func(*engine.RollupRow) *rollupRow {
		return func(row *engine.RollupRow) *rollupRow { return &rollupRow{RollupRow: *row, Untold: why} }
	}
	if len(question.Teams) > 0 || question.FromDay != 0 || question.ToDay != 0 ||
		slices.Contains(question.By, engine.ByTeam) || slices.Contains(question.By, engine.ByDay) {
		return untold(reasonGrain), nil
	}
	view := s.viewOf(question.Campaign)
	if view == nil {
		return untold(reasonNotThere), nil
	}
	heard, err := view.Heard(ctx, question)
	if err != nil {
		return nil, err
	}
	return func(row *engine.RollupRow) *rollupRow {
		h := heard[live.HeardPlace{Cell: row.Cell, Segment: row.Segment, Precinct: row.Precinct}]
		told := &rollupRow{RollupRow: *row, OneSided: h.OneSided}
		told.Households, told.Support = h.Households, h.Support
		return told
	}, nil
}

// published tells whether what is asked for is what is published.
func (in *rollupInput) published() bool {
	return slices.Equal(in.By, []string{string(engine.ByPrecinct)}) && len(in.Segment) == 0 && in.Cell == "" && len(in.Team) == 0 && in.From == "" && in.To == ""
}

// question puts the request as a question to the log.
func (in *rollupInput) question(campaign string) (engine.Question, error) {
	q := engine.Question{Campaign: campaign, By: dimensions(in.By), Resolution: in.Resolution, Segments: in.Segment, Precincts: in.Precinct, Teams: in.Team}
	for _, ids := range []struct {
		name string
		of   []int64
	}{{"segment", in.Segment}, {"precinct", in.Precinct}} {
		if slices.ContainsFunc(ids.of, func(id int64) bool { return id <= 0 || id >= 1<<53 }) {
			return q, invalid("query."+ids.name, nil, "give whole numbers from 1 to 2^53 - 1")
		}
	}
	if slices.ContainsFunc(in.Team, func(team string) bool { return !engine.IsCode(team) }) {
		return q, invalid("query.team", nil, "a team is a code: 1 to 32 of a-z, 0-9, dash and underscore")
	}
	if in.Cell != "" {
		cell, err := geo.ParseCell(in.Cell)
		if err != nil || cell.Resolution() > engine.FinestResolution {
			return q, invalid("query.cell", in.Cell, fmt.Sprintf("%q is not an H3 cell of resolution 0 to %d: give its 15 hexadecimal digits", in.Cell, engine.FinestResolution))
		}
		q.Cell = int64(cell)
	}
	for _, day := range []struct {
		name, text string
		to         *int32
	}{{"from", in.From, &q.FromDay}, {"to", in.To, &q.ToDay}} {
		if day.text == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, day.text)
		if err != nil || t.Unix() < 24*60*60 {
			return q, invalid("query."+day.name, day.text, "give a date of 1970 or later, as 2026-11-26")
		}
		*day.to = int32(t.Unix() / (24 * 60 * 60))
	}
	return q, nil
}

func rollupOffers() []offer {
	return []offer{{"json", mediaJSON}, {"csv", mediaCSV}, {"arrow", mediaArrow}}
}

// writeRollup writes rows as they come, and how many those were into the audit log. Where the log fails after the answer has begun, the
// connection is cut, so that nobody takes a part for the whole.
func (s *server) writeRollup(form offer, by []engine.Dimension, audience string, holder access.Holder,
	rows func(context.Context, func(*rollupRow) error) error) (*huma.StreamResponse, error) {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		columns := rollupColumns(by, audience == "aggregate")
		out := &startingWriter{to: c.BodyWriter(), start: func() { c.SetHeader("Content-Type", contentType(form.mediaType)) }}
		writer, err := s.rollupWriter(form.name, out, columns, by, audience)
		if err != nil {
			_, w := humago.Unwrap(c)
			writeError(w, problemFor(err, s.log))
			return
		}
		defer writer.release()
		written := 0
		err = rows(c.Context(), func(row *rollupRow) error {
			written++
			return writer.write(row)
		})
		var notAudited error
		if audience == "staff" {
			grains := make([]string, len(by))
			for i, dimension := range by {
				grains[i] = string(dimension)
			}
			notAudited = s.audited(holder, rollupRoute, strings.Join(grains, ","), written)
		}
		if err = errors.Join(err, notAudited); err == nil {
			err = writer.close()
		}
		switch {
		case err == nil:
		case out.started:
			s.log.Error("api: a roll-up broke off", "error", err)
			panic(http.ErrAbortHandler)
		default:
			_, w := humago.Unwrap(c)
			if notAudited != nil {
				writeError(w, notAudited)
				return
			}
			writeError(w, s.fieldProblem(c.Context(), err))
		}
	}}, nil
}

func (s *server) rollupWriter(form string, out io.Writer, columns []rollupColumn, by []engine.Dimension, audience string) (rollupWriter, error) {
	if form == "json" {
		return newJSONRollup(out, columns, by, audience), nil
	}
	return newTableRollup(form, out, columns, s.memory)
}

func contentType(form string) string {
	if form == mediaCSV {
		return mediaCSV + "; charset=utf-8; header=present"
	}
	return form
}

// startingWriter does something before the first byte.
type startingWriter struct {
	to      io.Writer
	start   func()
	started bool
}

func (w *startingWriter) Write(b []byte) (int, error) {
	if !w.started {
		w.started = true
		w.start()
	}
	return w.to.Write(b)
}
