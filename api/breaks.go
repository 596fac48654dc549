package api

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// Breaks are the classes of a legend.
type Breaks struct {
	Snapshot  string       `json:"snapshot"`
	About     About        `json:"of" doc:"What the classes are of"`
	Unit      string       `json:"unit" doc:"Of the numbers, as in /v1/contests"`
	Diverging bool         `json:"diverging"`
	Breaks    []float64    `json:"breaks" doc:"Ascending; a class begins with its break"`
	Classes   []BreakClass `json:"classes"`
	Kept      bool         `json:"kept" doc:"They are those of keep, which still serve"`
	Min       *float64     `json:"min" nullable:"true" doc:"The lowest number"`
	Max       *float64     `json:"max" nullable:"true" doc:"The highest"`

	Published  int `json:"published" doc:"Units"`
	Suppressed int `json:"suppressed" doc:"Units, which are in no class"`
	Empty      int `json:"empty" doc:"Units where nobody lives"`
	Absent     int `json:"absent" doc:"Published units without this number"`
}

// BreakClass is a class: from its lower break to the next.
type BreakClass struct {
	From  *float64 `json:"from" nullable:"true" doc:"null: no bound"`
	To    *float64 `json:"to" nullable:"true" doc:"Not included; null: no bound"`
	Units int      `json:"units" doc:"Published units in it"`
}

// About says what a value is of.
type About struct {
	Contest string `json:"contest"`
	Measure string `json:"measure"`
	Choice  string `json:"choice,omitempty"`
	Against string `json:"against,omitempty"`
	Since   string `json:"since,omitempty"`
}

func aboutOf(names [][2]string) (a About) {
	for _, n := range names {
		switch n[0] {
		case "contest":
			a.Contest = n[1]
		case "measure":
			a.Measure = n[1]
		case "choice":
			a.Choice = n[1]
		case "against":
			a.Against = n[1]
		case "since":
			a.Since = n[1]
		}
	}
	return a
}

type breaksInput struct {
	Collection string `path:"collection" doc:"segments, cells, precincts, communes or a set of districts, also with @{snapshot}" example:"segments"`
	TileQuery
	Resolution int    `query:"resolution" minimum:"3" maximum:"11" doc:"Of cells; 9 by default"`
	Classes    int    `query:"classes" minimum:"2" maximum:"12" doc:"About so many; 5 by default"`
	Keep       string `query:"keep" doc:"Breaks of before, comma-separated: they stay as long as they serve, so that the colours of a legend do" example:"0.1,0.2,0.3"`
	At         string `query:"at" doc:"The breaks, comma-separated and ascending, 1 to 12: the classes are these, as those of another collection, and the counts this one's. Without keep and classes" example:"0.1,0.2,0.3"`
}

type breaksOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Breaks
}

func (s *server) registerBreaks(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "get-breaks",
		Method:      http.MethodGet,
		Path:        "/v1/breaks/{collection}",
		Summary:     "The classes of a legend",
		Description: "Round numbers that depend on the middle nine tenths of the published units, so that they are the same in another snapshot of much the same numbers. " +
			"With a measure of /v1/field/measures, of segments, cells and precincts, they are of what the staff's tiles tell now.",
		Tags:     []string{"numbers"},
		Security: orAnonymous(needs(engine.FieldRead)),
		Errors:   []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}, s.getBreaks)
}

func (s *server) getBreaks(ctx context.Context, in *breaksInput) (*breaksOutput, error) {
	city, name, pinned, err := s.pinnedCity(in.Collection, "")
	if err != nil {
		return nil, err
	}
	if _, err := findCollection(city, name); err != nil {
		return nil, err
	}
	q := live.BreaksQuery{Collection: name, Resolution: in.Resolution, Query: in.live(), Classes: in.Classes}
	if q.Keep, err = breaksIn("query.keep", in.Keep); err != nil {
		return nil, err
	}
	if q.At, err = breaksIn("query.at", in.At); err != nil {
		return nil, err
	}
	if in.ofField() {
		return s.getFieldBreaks(ctx, city, in, q)
	}
	work, stop := s.patiently(ctx)
	defer stop()
	found, err := city.Breaks(work, q)
	if err != nil {
		return nil, s.unanswered(work, err)
	}
	out := &breaksOutput{Body: classesOf(city, found, q)}
	out.Body.About = aboutOf(found.About)
	for _, m := range live.Measures() {
		if m.ID == out.Body.About.Measure {
			out.Body.Unit, out.Body.Diverging = m.Unit, m.Diverging
		}
	}
	if pinned {
		out.CacheControl = immutable
	}
	return out, nil
}

// classesOf tells the classes that were found, and not what they are of.
func classesOf(city City, found live.Breaks, q live.BreaksQuery) Breaks {
	told := Breaks{
		Snapshot: city.Snapshot(), Breaks: found.Values, Classes: []BreakClass{}, Kept: found.Kept,
		Published: found.Published, Suppressed: found.Suppressed, Empty: found.Empty, Absent: found.Absent,
	}
	if found.Published > found.Absent {
		told.Min, told.Max = &found.Lowest, &found.Most
	}
	if found.Published > found.Absent || q.At != nil {
		for i, units := range found.Counts {
			class := BreakClass{Units: units}
			if i > 0 {
				class.From = &found.Values[i-1]
			}
			if i < len(found.Values) {
				class.To = &found.Values[i]
			}
			told.Classes = append(told.Classes, class)
		}
	}
	return told
}

// breaksIn reads numbers with commas between them; none where the text is empty.
func breaksIn(location, text string) (breaks []float64, err error) {
	if text == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, invalid(location, text, "give numbers with commas between them, as 0.1,0.2,0.3")
		}
		breaks = append(breaks, v)
	}
	return breaks, nil
}
