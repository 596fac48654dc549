package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/live"
)

// Question asks for units of a collection. It says the same as the parameters of /items, with room for larger filters.
type Question struct {
	Collection string     `json:"collection" doc:"segments, cells, precincts, communes or a set of districts, also with @{snapshot}" example:"segments"`
	Resolution int        `json:"resolution,omitempty" minimum:"3" maximum:"11" doc:"Of cells; 9 by default"`
	Contest    string     `json:"contest,omitempty" doc:"The first contest by default"`
	Choice     string     `json:"choice,omitempty"`
	Measure    string     `json:"measure,omitempty"`
	Against    string     `json:"against,omitempty"`
	Since      string     `json:"since,omitempty"`
	Filter     FilterText `json:"filter,omitempty"`
	Bbox       []float64  `json:"bbox,omitempty" minItems:"4" maxItems:"6"`
	Datetime   string     `json:"datetime,omitempty"`
}

// FilterText is a filter: CQL2-Text in a string, or CQL2-JSON as an object.
type FilterText json.RawMessage

// UnmarshalJSON keeps the filter as it is written.
func (f *FilterText) UnmarshalJSON(content []byte) error {
	*f = append((*f)[:0], content...)
	return nil
}

// MarshalJSON writes it as it was read.
func (f FilterText) MarshalJSON() ([]byte, error) {
	if len(f) == 0 {
		return []byte("null"), nil
	}
	return f, nil
}

// Schema describes the two forms.
func (FilterText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "A condition: CQL2-Text in a string, or CQL2-JSON as an object", OneOf: []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeObject, AdditionalProperties: true}}}
}

// ListQuestion asks for rows.
type ListQuestion struct {
	Question
	Properties []string `json:"properties,omitempty" maxItems:"500"`
	SortBy     []string `json:"sortby,omitempty" maxItems:"8"`
	Limit      int      `json:"limit,omitempty" minimum:"1"`
	Geometry   *bool    `json:"geometry,omitempty" doc:"By default all forms but CSV have it"`
}

// SampleQuestion asks for rows by chance.
type SampleQuestion struct {
	Question
	Size       int      `json:"size" minimum:"1" maximum:"10000"`
	Seed       uint64   `json:"seed,omitempty" doc:"The same seed gives the same units of a snapshot"`
	Properties []string `json:"properties,omitempty" maxItems:"500"`
	Geometry   *bool    `json:"geometry,omitempty" doc:"By default all forms but CSV have it"`
}

// PivotQuestion asks for sums by group.
type PivotQuestion struct {
	Question
	By    []string  `json:"by,omitempty" maxItems:"3" doc:"Properties that are texts, and area: in which of areas a point of the unit lies; nothing: one row of all"`
	Areas *AreaList `json:"areas,omitempty"`
}

// AreaList is a GeoJSON FeatureCollection of polygons.
type AreaList struct {
	Type     string        `json:"type" enum:"FeatureCollection"`
	Features []AreaFeature `json:"features" maxItems:"200"`
}

// AreaFeature is a part of the ground that the caller has drawn.
type AreaFeature struct {
	Type       string         `json:"type" enum:"Feature"`
	ID         string         `json:"id" maxLength:"64" doc:"What its group is called"`
	Geometry   AreaShape      `json:"geometry"`
	Properties map[string]any `json:"properties,omitempty" nullable:"true" doc:"Not read"`
}

// AreaShape is a Polygon or a MultiPolygon in longitude and latitude.
type AreaShape struct {
	Type        string          `json:"type" enum:"Polygon,MultiPolygon"`
	Coordinates json.RawMessage `json:"coordinates"`
}

// Count is how many units a question finds.
type Count struct {
	Snapshot   string `json:"snapshot"`
	Contest    string `json:"contest"`
	Units      int    `json:"units"`
	Published  int    `json:"published"`
	Suppressed int    `json:"suppressed"`
	Empty      int    `json:"empty" doc:"Units where nobody lives"`
	N          int64  `json:"n" doc:"Registered voters of the published units"`
}

// Pivot has sums over published units, by group.
type Pivot struct {
	Snapshot string     `json:"snapshot"`
	Contest  string     `json:"contest"`
	By       []string   `json:"by"`
	Rows     []PivotRow `json:"rows"`
}

// PivotRow is a group. What is suppressed is counted, and in no sum.
type PivotRow struct {
	Group      map[string]string `json:"group" doc:"By what it is grouped; empty where a unit has no such property, or lies in no area"`
	Units      int               `json:"units"`
	Published  int               `json:"published"`
	Suppressed int               `json:"suppressed"`
	Empty      int               `json:"empty"`
	N          int64             `json:"n" doc:"Registered voters of the published units"`
	Choices    []PivotChoice     `json:"choices"`
}

// PivotChoice is a choice in a group. Its bounds are the sums of the units' bounds, as if all errors went one way: wide where many units are
// added up. Where areas are made of whole precincts, ask precincts: their votes are official.
type PivotChoice struct {
	Choice string  `json:"choice"`
	Votes  int64   `json:"votes"`
	N      int64   `json:"n" doc:"Registered voters where it was on the ballot"`
	Value  float64 `json:"value" doc:"Votes by n"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Low50  float64 `json:"low50"`
	High50 float64 `json:"high50"`
}

type countInput struct{ Body Question }
type countOutput struct{ Body Count }
type pivotInput struct {
	F      string `query:"f" enum:"json,csv,arrow,parquet" doc:"The form of the answer, in place of Accept"`
	Accept string `header:"Accept" doc:"application/json, text/csv, application/vnd.apache.arrow.stream or application/vnd.apache.parquet"`
	Body   PivotQuestion
}
type listInput struct {
	addressed
	F      string `query:"f" enum:"geojson,ndjson,csv,arrow,parquet" doc:"The form of the answer, in place of Accept"`
	Accept string `header:"Accept"`
	Body   ListQuestion
}
type sampleInput struct {
	addressed
	F      string `query:"f" enum:"geojson,ndjson,csv,arrow,parquet" doc:"The form of the answer, in place of Accept"`
	Accept string `header:"Accept"`
	Body   SampleQuestion
}

func (s *server) registerQuery(api huma.API) {
	errs := []int{http.StatusNotFound, http.StatusNotAcceptable, http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable}
	add := func(id, path, summary, about, example string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodPost, Path: path, Summary: summary, Description: about, Tags: []string{"rows"}, Errors: errs,
			DefaultStatus: http.StatusOK, RequestBody: bodyLike(mediaJSON, example)}
	}
	huma.Register(api, add("count-units", "/v1/query/count", "How many units there are", "Ask this before you ask for them.",
		`{"collection": "segments", "filter": "n > 50 AND value > 0.2"}`), s.countUnits)
	pivot := add("pivot-units", "/v1/query/pivot", "Sums over units, by group",
		"Adds up published units alone, by commune, state or any property that is a text, or by areas that the caller draws.",
		`{"collection": "segments", "by": ["commune"], "filter": "n > 50"}`)
	pivot.Responses = pivotResponses(api)
	huma.Register(api, pivot, s.pivotUnits)
	list := add("query-items", "/v1/query/list", "The units of a collection, with their numbers", "The same as /items, for filters that are too long for an address.",
		`{"collection": "segments", "filter": {"op": ">", "args": [{"property": "n"}, 50]}, "properties": ["name", "n", "value", "low", "high"], "sortby": ["-value"], "limit": 10}`)
	list.Responses = map[string]*huma.Response{"200": {Description: "The rows", Content: itemContent(api)}}
	huma.Register(api, list, s.queryItems)
	sample := add("sample-items", "/v1/query/sample", "Units by chance", "Each unit that the question finds is as likely as another; the same seed gives the same units of a snapshot.",
		`{"collection": "segments", "size": 5, "seed": 1}`)
	sample.Responses = map[string]*huma.Response{"200": {Description: "The rows", Content: itemContent(api)}}
	huma.Register(api, sample, s.sampleItems)
}

// items turns a question into the parameters of /items.
func (q *Question) items() (ItemsQuery, error) {
	out := ItemsQuery{
		TileQuery:  TileQuery{Contest: q.Contest, Choice: q.Choice, Measure: q.Measure, Against: q.Against, Since: q.Since},
		Resolution: q.Resolution, Datetime: q.Datetime, FilterLang: "cql2-text",
	}
	var bounds []string
	for _, v := range q.Bbox {
		bounds = append(bounds, strconv.FormatFloat(v, 'f', -1, 64))
	}
	out.Bbox = strings.Join(bounds, ",")
	switch filter := bytes.TrimSpace(q.Filter); {
	case len(filter) == 0 || bytes.Equal(filter, []byte("null")):
	case filter[0] == '"':
		if err := json.Unmarshal(filter, &out.Filter); err != nil {
			return out, invalid("body.filter", nil, "it is no string: "+err.Error())
		}
	default:
		out.Filter, out.FilterLang = string(filter), "cql2-json"
	}
	return out, nil
}

// ask finds the city of a question and puts the question to it.
func (s *server) ask(q *Question) (city City, query live.ItemQuery, none bool, err error) {
	city, name, _, err := s.pinnedCity(q.Collection, "")
	if err != nil {
		return nil, query, false, err
	}
	if _, err := findCollection(city, name); err != nil {
		return nil, query, false, err
	}
	parameters, err := q.items()
	if err != nil {
		return nil, query, false, err
	}
	query, none, err = parameters.query(city, name, export.Format{Bare: true})
	return city, query, none, ofBody(err)
}

// ofBody says of a fault in a parameter that it stands in the body.
func ofBody(err error) error {
	var p *Problem
	if errors.As(err, &p) {
		for _, e := range p.Errors {
			e.Location = strings.Replace(e.Location, "query.", "body.", 1)
		}
		if p.Status == http.StatusBadRequest && len(p.Errors) > 0 {
			p.Status = refusedStatus(p.Errors[0].Location)
			p.Title = http.StatusText(p.Status)
		}
	}
	return err
}

func (s *server) countUnits(ctx context.Context, in *countInput) (*countOutput, error) {
	city, query, none, err := s.ask(&in.Body)
	if err != nil {
		return nil, err
	}
	out := &countOutput{Body: Count{Snapshot: city.Snapshot()}}
	rows, about, err := s.pivot(ctx, city, none, live.PivotQuery{ItemQuery: query})
	if err != nil {
		return nil, err
	}
	out.Body.Contest = about.Contest
	for _, row := range rows {
		out.Body.Units, out.Body.Published, out.Body.Suppressed, out.Body.Empty, out.Body.N = row.Units, row.Published, row.Suppressed, row.Empty, row.Registered
	}
	return out, nil
}

func (s *server) pivot(ctx context.Context, city City, none bool, q live.PivotQuery) ([]live.PivotRow, About, error) {
	if none {
		return nil, About{}, nil
	}
	work, stop := s.patiently(ctx)
	defer stop()
	rows, about, err := city.Pivot(work, q)
	if err != nil {
		return nil, About{}, ofBody(s.unanswered(work, err))
	}
	return rows, aboutOf(about), nil
}

// areas reads the areas of a question.
func (in *pivotInput) areas() ([]live.Area, error) {
	if in.Body.Areas == nil {
		return nil, nil
	}
	var list []live.Area
	points := 0
	for i, f := range in.Body.Areas.Features {
		content, err := json.Marshal(f.Geometry)
		if err != nil {
			return nil, invalid("body.areas", nil, err.Error())
		}
		shape, err := geojson.UnmarshalGeometry(content)
		if err != nil {
			return nil, invalid("body.areas.features["+strconv.Itoa(i)+"].geometry", nil, "its coordinates are not those of a "+f.Geometry.Type)
		}
		if points += pointsOf(shape.Geometry()); points > mostAreaPoints {
			return nil, invalid("body.areas", nil, fmt.Sprintf("the areas have more than %d points: simplify them", mostAreaPoints))
		}
		list = append(list, live.Area{ID: f.ID, Shape: shape.Geometry()})
	}
	return list, nil
}

// mostAreaPoints bounds the points of all areas together, as those of a filter are bounded.
const mostAreaPoints = 10_000

// pointsOf counts the points of a polygon or of several.
func pointsOf(shape orb.Geometry) (points int) {
	var polygons orb.MultiPolygon
	switch shape := shape.(type) {
	case orb.Polygon:
		polygons = orb.MultiPolygon{shape}
	case orb.MultiPolygon:
		polygons = shape
	}
	for _, polygon := range polygons {
		for _, ring := range polygon {
			points += len(ring)
		}
	}
	return points
}

func (s *server) queryItems(ctx context.Context, in *listInput) (*huma.StreamResponse, error) {
	parameters, err := in.Body.items()
	if err != nil {
		return nil, err
	}
	parameters.Properties, parameters.SortBy = in.Body.Properties, in.Body.SortBy
	parameters.Bare = bareText(in.Body.Geometry)
	answer, err := s.listItems(ctx, &itemsInput{addressed: in.addressed, Collection: in.Body.Collection, ItemsQuery: parameters, Limit: in.Body.Limit, F: in.F, Accept: in.Accept})
	return answer, ofBody(err)
}

func (s *server) sampleItems(ctx context.Context, in *sampleInput) (*huma.StreamResponse, error) {
	parameters, err := in.Body.items()
	if err != nil {
		return nil, err
	}
	parameters.Properties, parameters.Sample, parameters.Seed = in.Body.Properties, in.Body.Size, in.Body.Seed
	parameters.Bare = bareText(in.Body.Geometry)
	answer, err := s.listItems(ctx, &itemsInput{addressed: in.addressed, Collection: in.Body.Collection, ItemsQuery: parameters, Limit: largestPage, F: in.F, Accept: in.Accept})
	return answer, ofBody(err)
}

func bareText(geometry *bool) string {
	if geometry == nil {
		return ""
	}
	return strconv.FormatBool(!*geometry)
}
