package api

import (
	"context"
	"html"
	"math"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// TileJSON describes a layer's tiles: https://github.com/mapbox/tilejson-spec/tree/master/3.0.0.
type TileJSON struct {
	TileJSON     string        `json:"tilejson" example:"3.0.0"`
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Attribution  string        `json:"attribution" doc:"HTML"`
	Scheme       string        `json:"scheme" example:"xyz"`
	Tiles        []string      `json:"tiles" doc:"Address of a tile; it names the snapshot, so it never changes"`
	MinZoom      int           `json:"minzoom"`
	MaxZoom      int           `json:"maxzoom"`
	Bounds       [4]float64    `json:"bounds" doc:"West, south, east, north in degrees"`
	Center       [3]float64    `json:"center" doc:"Longitude, latitude and zoom"`
	VectorLayers []VectorLayer `json:"vector_layers"`
}

// VectorLayer describes a layer inside a vector tile.
type VectorLayer struct {
	ID          string     `json:"id"`
	Description string     `json:"description"`
	MinZoom     int        `json:"minzoom"`
	MaxZoom     int        `json:"maxzoom"`
	Fields      TileFields `json:"fields"`
}

// TileFields are the properties of a feature, with their types.
type TileFields struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Value  string `json:"value"`
	Low    string `json:"low"`
	High   string `json:"high"`
	N      string `json:"n"`
	State  string `json:"state"`
	Reason string `json:"reason"`

	ModelledOnly string `json:"modelled_only"`
	Segments     string `json:"segments,omitempty" doc:"How many street segments are merged in a feature: of published cells those with an address in it, of published segments those of a stretch of more than one"`
}

type tileJSONInput struct {
	Layer string `path:"layer" doc:"segments, cells, precincts, or a set of districts that is drawn; {layer}@{snapshot} pins the snapshot" example:"segments"`
	TileQuery
	addressed
}

type tileJSONOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         TileJSON
}

func (s *server) registerTileJSON(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "get-tilejson",
		Method:      http.MethodGet,
		Path:        "/v1/tiles/{layer}.json",
		Summary:     "TileJSON of a layer",
		Tags:        []string{"tiles"},
		Security:    orAnonymous(needs(engine.FieldRead)),
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}, s.getTileJSON)
}

func (s *server) getTileJSON(ctx context.Context, in *tileJSONInput) (*tileJSONOutput, error) {
	city, name, pinned, err := s.pinnedLayer(in.Layer, in.ofField())
	if err != nil {
		return nil, err
	}
	layers := city.Layers()
	if in.ofField() {
		layers = live.Layers()
	}
	layer, err := findLayer(layers, name)
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	// What it lists must not be refused.
	if in.ofField() {
		pinned = false
		if err := s.fieldTileJSON(ctx, in); err != nil {
			return nil, err
		}
	} else if err := live.CheckQuery(city.Contests(), in.live()); err != nil {
		return nil, problemFor(err, s.log)
	}
	_, place := city.Place()
	bound := city.Bound()
	out := &tileJSONOutput{Body: TileJSON{
		TileJSON:    "3.0.0",
		Name:        place + ": " + layer.Title,
		Description: layer.Title + " of " + place + " with published estimates, snapshot " + city.Snapshot(),
		Attribution: html.EscapeString(strings.Join(city.Attributions(), " · ")),
		Scheme:      "xyz",
		Tiles:       []string{in.base + "/v1/tiles/" + layer.Name + "@" + city.Snapshot() + "/{z}/{x}/{y}.mvt" + in.encode()},
		MinZoom:     layer.MinZoom,
		MaxZoom:     layer.MaxZoom,
		Bounds:      [4]float64{sixDecimals(bound.Min[0]), sixDecimals(bound.Min[1]), sixDecimals(bound.Max[0]), sixDecimals(bound.Max[1])},
		Center:      center(bound, layer),
		VectorLayers: []VectorLayer{{
			ID: layer.Name, Description: layer.Title, MinZoom: layer.MinZoom, MaxZoom: layer.MaxZoom, Fields: tileFields(layer),
		}},
	}}
	if pinned {
		out.CacheControl = immutable
	}
	return out, nil
}

// encode writes the query as it was asked.
func (q TileQuery) encode() string {
	v := url.Values{}
	for _, p := range q.parameters() {
		if p[1] != "" {
			v.Set(p[0], p[1])
		}
	}
	return withQuery("", v)
}

// parameters lists the names and the values of the query.
func (q TileQuery) parameters() [][2]string {
	return [][2]string{{"contest", q.Contest}, {"choice", q.Choice}, {"measure", q.Measure}, {"against", q.Against}, {"since", q.Since}}
}

func tileFields(layer live.Layer) TileFields {
	f := TileFields{ID: "Number", Name: "String", Value: "Number", Low: "Number", High: "Number", N: "Number", State: "String", Reason: "String", ModelledOnly: "Boolean"}
	if layer.Unit == engine.UnitCell || layer.Unit == engine.UnitSegment {
		f.Segments = "Number"
	}
	if layer.Unit == engine.UnitCell {
		f.ID = "String" // 15 hex digits: a cell's number has more bits than a JSON number can be relied on for
	}
	return f
}

func findLayer(layers []live.Layer, name string) (live.Layer, error) {
	var known []string
	for _, l := range layers {
		if l.Name == name {
			return l, nil
		}
		known = append(known, l.Name)
	}
	return live.Layer{}, &live.QueryError{Parameter: "layer", Value: name, Known: known}
}

// center is the middle of the bound at the zoom where the bound is about two tiles wide, if the layer is drawn there.
func center(b orb.Bound, layer live.Layer) [3]float64 {
	zoom := float64(layer.MinZoom)
	if width := b.Max[0] - b.Min[0]; width > 0 {
		zoom = math.Floor(math.Log2(360/width)) + 1
	}
	zoom = max(float64(layer.MinZoom), min(zoom, float64(layer.MaxZoom)))
	return [3]float64{sixDecimals(b.Center()[0]), sixDecimals(b.Center()[1]), zoom}
}

// sixDecimals are enough for degrees, about 11 cm, and for shares.
func sixDecimals(x float64) float64 { return math.Round(x*1e6) / 1e6 }
