package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine/export"
)

// Pages of GeoJSON are bounded, for it is read as a whole. Other forms are streams, which have no bound unless one is asked for.
const (
	defaultPage = 1000
	largestPage = 10000
)

// CRS84 is longitude and latitude in degrees, the one system of coordinates of the API.
const CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

type itemsInput struct {
	addressed
	Collection string `path:"collection" doc:"segments, cells, precincts, communes or a set of districts; {collection}@{snapshot} pins the snapshot and never changes" example:"segments"`
	ItemsQuery
	Limit       int    `query:"limit" minimum:"1" doc:"Rows at most. GeoJSON has 1,000 unless told, and 10,000 at most; the other forms have all" example:"100"`
	Cursor      string `query:"cursor" doc:"Where a page begins: it stands in the link next of the one before"`
	F           string `query:"f" enum:"geojson,ndjson,csv,arrow,parquet" doc:"The form of the answer, in place of Accept"`
	Accept      string `header:"Accept" doc:"application/geo+json, application/x-ndjson, text/csv, application/vnd.apache.arrow.stream or application/vnd.apache.parquet"`
	IfNoneMatch string `header:"If-None-Match" doc:"Entity tags already held"`
}

type itemInput struct {
	addressed
	Collection string `path:"collection" example:"segments"`
	ID         string `path:"id" doc:"15 hex digits for a cell, decimal otherwise" example:"1545228139172"`
	TileQuery
	Resolution  int      `query:"resolution" minimum:"3" maximum:"11" doc:"Of cells; 9 by default. Other collections have none"`
	Properties  []string `query:"properties" maxItems:"500" doc:"As of /items" example:"name,n,2026_muni_t1.*.share"`
	Bare        string   `query:"skipGeometry" enum:"true,false" doc:"Without geometry"`
	IfNoneMatch string   `header:"If-None-Match" doc:"Entity tags already held"`
}

// items turns it into a question for rows, of which it is one.
func (in *itemInput) items() ItemsQuery {
	return ItemsQuery{TileQuery: in.TileQuery, Resolution: in.Resolution, Properties: in.Properties, Bare: in.Bare}
}

// itemOffers are the forms of rows. JSON is GeoJSON to who asks for nothing else.
func itemOffers() []offer {
	var list []offer
	for _, f := range export.Formats() {
		list = append(list, offer{f.Name, f.MediaType})
	}
	return append(list, offer{"geojson", mediaJSON})
}

// FeatureCollection is a page of rows as GeoJSON (RFC 7946).
type FeatureCollection struct {
	Type     string    `json:"type" enum:"FeatureCollection"`
	Features []Feature `json:"features"`
	ItemMembers
}

// Feature is a row as GeoJSON.
type Feature struct {
	Type       string          `json:"type" enum:"Feature"`
	ID         UnitID          `json:"id"`
	Geometry   FeatureGeometry `json:"geometry"`
	Properties map[string]any  `json:"properties" doc:"Those of /queryables that are asked for; what a unit does not publish is null"`
}

// FeatureGeometry is a geometry as GeoJSON, or null.
type FeatureGeometry struct{}

// Schema describes it.
func (FeatureGeometry) Schema(huma.Registry) *huma.Schema {
	kinds := []any{"MultiLineString", "Polygon", "MultiPolygon"}
	return &huma.Schema{Description: "Longitude and latitude in degrees; null where a unit is not drawn, or nobody asked for it", OneOf: []*huma.Schema{
		{Type: huma.TypeObject, Required: []string{"type", "coordinates"}, AdditionalProperties: false, Properties: map[string]*huma.Schema{
			"type": {Type: huma.TypeString, Enum: kinds}, "coordinates": {Type: huma.TypeArray, Items: &huma.Schema{}},
		}},
		{Type: "null"},
	}}
}

// itemContent describes the forms of rows.
func itemContent(api huma.API) map[string]*huma.MediaType {
	content := map[string]*huma.MediaType{}
	for _, f := range export.Formats() {
		media, _, _ := strings.Cut(f.MediaType, ";")
		schema := &huma.Schema{Type: huma.TypeString, Format: "binary"}
		switch f.Name {
		case "geojson":
			schema = api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[FeatureCollection](), true, "")
		case "csv", "ndjson":
			schema = &huma.Schema{Type: huma.TypeString}
		}
		content[media] = &huma.MediaType{Schema: schema}
	}
	return content
}

func (s *server) registerItems(api huma.API) {
	errs := []int{http.StatusNotFound, http.StatusNotAcceptable, http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable}
	huma.Register(api, huma.Operation{
		OperationID: "list-items",
		Method:      http.MethodGet,
		Path:        "/v1/collections/{collection}/items",
		Summary:     "The units of a collection, with their numbers",
		Description: "A row for each unit: what it is called, its state, and where it is published value, low, low50, high50, high (the measure asked for with its 90 % and 50 % " +
			"intervals), n (registered voters) and households. Other measures are had by `properties`, and the filter may use them too. A page links to the next one, in its body " +
			"and in the header Link; pages go on in the snapshot they began with.",
		Tags:   []string{"rows"},
		Errors: errs,
		Responses: map[string]*huma.Response{
			"200": {Description: "The rows. An answer that breaks off has no end", Content: itemContent(api)},
			"304": {Description: "The caller has this answer"},
		},
	}, s.listItems)
	huma.Register(api, huma.Operation{
		OperationID: "get-item",
		Method:      http.MethodGet,
		Path:        "/v1/collections/{collection}/items/{id}",
		Summary:     "A unit of a collection",
		Tags:        []string{"rows"},
		Errors:      errs,
		Responses: map[string]*huma.Response{
			"200": {Description: "A GeoJSON feature", Content: map[string]*huma.MediaType{"application/geo+json": {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Feature](), true, "")}}},
			"304": {Description: "The caller has this answer"},
		},
	}, s.getItem)
}

func (s *server) listItems(ctx context.Context, in *itemsInput) (*huma.StreamResponse, error) {
	chosen, err := negotiated(in.F, in.Accept, itemOffers())
	if err != nil {
		return nil, err
	}
	format, err := export.FormatByName(chosen.name)
	if err != nil {
		return nil, err
	}
	var at cursor
	if in.Cursor != "" {
		if at, err = parseCursor(in.Cursor); err != nil {
			return nil, err
		}
	}
	city, name, pinned, err := s.pinnedCity(in.Collection, at.Snapshot)
	if err != nil {
		return nil, err
	}
	if _, err := findCollection(city, name); err != nil {
		return nil, err
	}
	query, none, err := in.query(city, name, format)
	if err != nil {
		return nil, err
	}
	items, err := city.Items(query)
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	page := &itemPage{server: s, in: in, city: city, items: items, query: query, format: format, from: at.From, limit: in.limit(format), none: none, pinned: pinned}
	page.question = in.question(city.Snapshot(), name)
	if in.Cursor != "" {
		if err := at.belongs(page.question, page.limit > largestPage); err != nil {
			return nil, err
		}
	}
	work, stop := s.patiently(ctx)
	defer stop()
	if err := page.measure(work); err != nil {
		return nil, s.unanswered(work, err)
	}
	return page.stream(), nil
}

// pinnedCity gives the snapshot that a name as segments@SNAPSHOT pins, or that a cursor goes on in, else the current one.
func (s *server) pinnedCity(name, ofCursor string) (city City, collection string, pinned bool, err error) {
	collection, snapshot, pinned := strings.Cut(name, "@")
	if pinned && snapshot == "" {
		return nil, "", false, invalid("path.collection", name, "a snapshot is named behind the @")
	}
	if !pinned {
		snapshot = ofCursor
	}
	city, err = s.cityAt(snapshot)
	return city, collection, pinned, err
}

type itemOutput struct {
	Status       int
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	ETag         string `header:"ETag"`
	ContentCRS   string `header:"Content-Crs"`
	Snapshot     string `header:"Arpent-Snapshot"`
	Body         []byte
}

func (s *server) getItem(ctx context.Context, in *itemInput) (*itemOutput, error) {
	city, name, pinned, err := s.pinnedCity(in.Collection, "")
	if err != nil {
		return nil, err
	}
	if _, err := findCollection(city, name); err != nil {
		return nil, err
	}
	format, err := export.FormatByName("ndjson") // a line of it is a feature
	if err != nil {
		return nil, err
	}
	asked := in.items()
	query, _, err := asked.query(city, name, format)
	if err != nil {
		return nil, err
	}
	items, err := city.Items(query)
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	id, err := UnitPath{items.Unit(), in.ID}.parse()
	if err != nil {
		return nil, err
	}
	at, there := items.At(id)
	if !there {
		return nil, problem(http.StatusNotFound, CodeUnknownUnit, fmt.Sprintf("there is no %s %s in snapshot %s that this asks for", items.Unit(), in.ID, city.Snapshot()))
	}
	sum := sha256.Sum256([]byte(asked.question(city.Snapshot(), name) + in.ID + s.version))
	out := &itemOutput{ETag: `"` + hex.EncodeToString(sum[:12]) + `"`, ContentCRS: "<" + CRS84 + ">", Snapshot: city.Snapshot()}
	if pinned {
		out.CacheControl = immutable
	}
	if held := heldTag(in.IfNoneMatch, out.ETag); held != "" {
		out.Status, out.ETag = http.StatusNotModified, held
		return out, nil
	}
	var line strings.Builder
	writer, err := format.Writer(&line, items.Schema(), export.Options{Memory: s.memory})
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	if _, err = items.Read(ctx, at, 1, s.memory, writer.Write); err == nil {
		err = writer.Close()
	}
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	out.Status, out.ContentType, out.Body = http.StatusOK, "application/geo+json", []byte(line.String())
	return out, nil
}
