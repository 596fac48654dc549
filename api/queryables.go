package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine/live"
)

// Queryables is a JSON Schema of what rows can be filtered and ordered by, and of what they have (OGC API Features, part 3).
type Queryables struct {
	Schema               string               `json:"$schema"`
	ID                   string               `json:"$id"`
	Type                 string               `json:"type" enum:"object"`
	Title                string               `json:"title"`
	Properties           map[string]Queryable `json:"properties"`
	AdditionalProperties bool                 `json:"additionalProperties"`
}

// Queryable is a property of rows.
type Queryable struct {
	Title   string   `json:"title"`
	Type    string   `json:"type,omitempty" enum:"string,integer,number,boolean" doc:"Of what a filter compares it with; not there for the geometry"`
	Format  string   `json:"format,omitempty" doc:"geometry-any for the geometry"`
	Pattern string   `json:"pattern,omitempty"`
	Enum    []string `json:"enum,omitempty"`
	Role    string   `json:"x-ogc-role,omitempty" enum:"id,primary-geometry"`
	Default bool     `json:"x-default,omitempty" doc:"It stands in a row unless other properties are asked for"`
	Order   int      `json:"x-ogc-propertySeq" doc:"Its place among the columns"`
}

type queryablesInput struct {
	addressed
	Collection string `path:"collection" example:"segments"`
	TileQuery
	Resolution int `query:"resolution" minimum:"3" maximum:"11" doc:"Of cells; 9 by default"`
}

type queryablesOutput struct {
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	Body         Queryables
}

func (s *server) registerQueryables(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "get-queryables",
		Method:      http.MethodGet,
		Path:        "/v1/collections/{collection}/queryables",
		Summary:     "What the rows of a collection have, and can be filtered and ordered by",
		Description: "First the properties of the measure that is asked for; then those of every contest, choice and measure, which are also had by their names whatever is asked for.",
		Tags:        []string{"discovery"},
		Errors:      []int{http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
		Responses: map[string]*huma.Response{"200": {Description: "A JSON Schema", Content: map[string]*huma.MediaType{
			mediaSchema: {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Queryables](), true, "")},
			mediaJSON:   {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Queryables](), true, "")},
		}}},
	}, s.getQueryables)
}

func (s *server) getQueryables(_ context.Context, in *queryablesInput) (*queryablesOutput, error) {
	city, name, pinned, err := s.pinnedCity(in.Collection, "")
	if err != nil {
		return nil, err
	}
	c, err := findCollection(city, name)
	if err != nil {
		return nil, err
	}
	properties, err := city.Properties(name, in.Resolution, in.live())
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	out := &queryablesOutput{ContentType: mediaSchema, Body: Queryables{
		Schema: "https://json-schema.org/draft/2020-12/schema", ID: in.base + "/v1/collections/" + in.Collection + "/queryables", Type: "object",
		Title: c.Title, Properties: map[string]Queryable{},
	}}
	if pinned {
		out.CacheControl = immutable
	}
	for i, p := range properties {
		out.Body.Properties[p.Name] = queryableOf(p, i+1)
	}
	if c.Geometry {
		out.Body.Properties["geometry"] = Queryable{Title: "Longitude and latitude in degrees", Format: "geometry-any", Role: "primary-geometry", Default: true, Order: len(properties) + 1}
	}
	return out, nil
}

func queryableOf(p live.Property, order int) Queryable {
	q := Queryable{Title: p.About, Enum: p.Values, Default: p.Default, Order: order}
	switch p.Type {
	case live.WholeProperty:
		q.Type = "integer"
	case live.NumberProperty:
		q.Type = "number"
	case live.BooleanProperty:
		q.Type = "boolean"
	case live.CellProperty:
		q.Type, q.Pattern = "string", "^[0-9a-f]{15}$"
	default:
		q.Type = "string"
	}
	if p.Name == "id" {
		q.Role = "id"
	}
	return q
}
