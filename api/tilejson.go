package api

import (
	"context"
	"math"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// TileJSON describes a layer's tiles: https://github.com/mapbox/tilejson-spec/tree/master/3.0.0.
type TileJSON struct {
	TileJSON     string             `json:"tilejson" example:"3.0.0"`
	Name         string             `json:"name"`
	Description  string             `json:"description"`
	Attribution  string             `json:"attribution" doc:"HTML"`
	Scheme       string             `json:"scheme" example:"xyz"`
	Tiles        []string           `json:"tiles" doc:"Address of a tile; it names the snapshot, so it never changes"`
	MinZoom      int                `json:"minzoom"`
	MaxZoom      int                `json:"maxzoom"`
	Bounds       [4]float64         `json:"bounds" doc:"West, south, east, north in degrees"`
	Center       [3]float64         `json:"center" doc:"Longitude, latitude and zoom"`
	VectorLayers []live.VectorLayer `json:"vector_layers"`
}

type tileJSONInput struct {
	Layer string `path:"layer" doc:"segments, cells, precincts, or a set of districts that is drawn; {layer}@{snapshot} pins the snapshot" example:"segments"`
	TileQuery
	TileFilter
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
	} else {
		filter, err := s.filterOf(in.TileFilter)
		if err != nil {
			return nil, err
		}
		if err := checkTile(city, name, in.live(), filter); err != nil {
			return nil, problemFor(err, s.log)
		}
	}
	_, place := city.Place()
	bound := city.Bound()
	out := &tileJSONOutput{Body: TileJSON{
		TileJSON:    "3.0.0",
		Name:        place + ": " + layer.Title,
		Description: layer.Title + " of " + place + " with published estimates, snapshot " + city.Snapshot(),
		Attribution: live.AttributionHTML(city.Attributions()),
		Scheme:      "xyz",
		Tiles:       []string{in.base + "/v1/tiles/" + layer.Name + "@" + city.Snapshot() + "/{z}/{x}/{y}.mvt" + in.encode()},
		MinZoom:     layer.MinZoom,
		MaxZoom:     layer.MaxZoom,
		Bounds:      [4]float64{sixDecimals(bound.Min[0]), sixDecimals(bound.Min[1]), sixDecimals(bound.Max[0]), sixDecimals(bound.Max[1])},
		Center:      [3]float64{sixDecimals(bound.Center()[0]), sixDecimals(bound.Center()[1]), float64(live.CenterZoom(bound, layer.MinZoom, layer.MaxZoom))},

		VectorLayers: []live.VectorLayer{layer.Vector()},
	}}
	if pinned {
		out.CacheControl = immutable
	}
	return out, nil
}

// encode writes the query and the filter as they were asked.
func (in *tileJSONInput) encode() string {
	v := url.Values{}
	for _, p := range append(in.TileQuery.parameters(), in.TileFilter.parameters()...) {
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

// sixDecimals are enough for degrees, about 11 cm, and for shares.
func sixDecimals(x float64) float64 { return math.Round(x*1e6) / 1e6 }
