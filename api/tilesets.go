package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// The one tile grid: https://docs.ogc.org/is/17-083r4/17-083r4.html, annex D.
const (
	webMercatorQuad    = "WebMercatorQuad"
	webMercatorQuadURI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
	webMercatorCRS     = "http://www.opengis.net/def/crs/EPSG/0/3857"
)

// TileMatrixSetList lists the tile grids.
type TileMatrixSetList struct {
	TileMatrixSets []TileMatrixSetItem `json:"tileMatrixSets"`
}

// TileMatrixSetItem names a tile grid.
type TileMatrixSetItem struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	URI   string `json:"uri"`
	CRS   string `json:"crs"`
	Links []Link `json:"links"`
}

// TileMatrixSet is a tile grid (OGC 17-083r4).
type TileMatrixSet struct {
	ID           string       `json:"id"`
	Title        string       `json:"title"`
	URI          string       `json:"uri"`
	CRS          string       `json:"crs"`
	OrderedAxes  []string     `json:"orderedAxes"`
	WKSS         string       `json:"wellKnownScaleSet"`
	TileMatrices []TileMatrix `json:"tileMatrices"`
}

// TileMatrix is a zoom of a tile grid.
type TileMatrix struct {
	ID               string     `json:"id"`
	ScaleDenominator float64    `json:"scaleDenominator"`
	CellSize         float64    `json:"cellSize"`
	PointOfOrigin    [2]float64 `json:"pointOfOrigin"`
	TileWidth        int        `json:"tileWidth"`
	TileHeight       int        `json:"tileHeight"`
	MatrixWidth      int64      `json:"matrixWidth"`
	MatrixHeight     int64      `json:"matrixHeight"`
}

// TileSetList lists the tile sets of a collection.
type TileSetList struct {
	Links    []Link    `json:"links"`
	TileSets []TileSet `json:"tilesets"`
}

// TileSet describes tiles of a collection on a grid.
type TileSet struct {
	Title            string           `json:"title"`
	DataType         string           `json:"dataType" enum:"vector"`
	CRS              string           `json:"crs"`
	TileMatrixSetURI string           `json:"tileMatrixSetURI"`
	Limits           []TileSetLimits  `json:"tileMatrixSetLimits,omitempty"`
	BoundingBox      *TileBoundingBox `json:"boundingBox,omitempty"`
	Links            []Link           `json:"links"`
}

// TileSetLimits are the tiles of a zoom that lie in the extent.
type TileSetLimits struct {
	TileMatrix string `json:"tileMatrix"`
	MinTileRow uint32 `json:"minTileRow"`
	MaxTileRow uint32 `json:"maxTileRow"`
	MinTileCol uint32 `json:"minTileCol"`
	MaxTileCol uint32 `json:"maxTileCol"`
}

// TileBoundingBox is an extent.
type TileBoundingBox struct {
	LowerLeft  [2]float64 `json:"lowerLeft"`
	UpperRight [2]float64 `json:"upperRight"`
	CRS        string     `json:"crs"`
}

type gridsInput struct{ addressed }
type gridsOutput struct{ Body TileMatrixSetList }
type gridInput struct {
	Grid string `path:"grid" example:"WebMercatorQuad"`
}
type gridOutput struct{ Body TileMatrixSet }
type tileSetsInput struct {
	addressed
	Collection string `path:"collection" example:"segments"`
}
type tileSetsOutput struct{ Body TileSetList }
type tileSetInput struct {
	addressed
	Collection string `path:"collection" example:"segments"`
	Grid       string `path:"grid" example:"WebMercatorQuad"`
}
type tileSetOutput struct{ Body TileSet }

// gridTileInput is a tile as OGC API Tiles addresses it: the row before the column.
type gridTileInput struct {
	Collection string `path:"collection" example:"segments"`
	Grid       string `path:"grid" example:"WebMercatorQuad"`
	Z          uint8  `path:"z" maximum:"24" example:"14"`
	Row        uint32 `path:"row" maximum:"16777215" example:"5795"`
	Col        uint32 `path:"col" maximum:"16777215" example:"8032"`
	TileQuery
	TileFilter
	F           string `query:"f" enum:"mvt,arrow" doc:"The form of the answer, in place of Accept"`
	Accept      string `header:"Accept"`
	IfNoneMatch string `header:"If-None-Match" doc:"Entity tags already held"`

	AcceptEncoding string `header:"Accept-Encoding" doc:"gzip, to receive the tile compressed"`
}

func (s *server) registerTileSets(api huma.API) {
	errs := []int{http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable}
	add := func(id, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Summary: summary, Tags: []string{"tiles"}, Errors: errs}
	}
	huma.Register(api, add("list-tile-grids", "/v1/tileMatrixSets", "The tile grids"), func(_ context.Context, in *gridsInput) (*gridsOutput, error) {
		return &gridsOutput{TileMatrixSetList{[]TileMatrixSetItem{{
			ID: webMercatorQuad, Title: "Web Mercator tiles", URI: webMercatorQuadURI, CRS: webMercatorCRS,
			Links: []Link{in.to(ogcRelations+"tiling-scheme", mediaJSON, "", "/v1/tileMatrixSets/"+webMercatorQuad)},
		}}}}, nil
	})
	huma.Register(api, add("get-tile-grid", "/v1/tileMatrixSets/{grid}", "A tile grid"), func(_ context.Context, in *gridInput) (*gridOutput, error) {
		if err := checkGrid(in.Grid); err != nil {
			return nil, err
		}
		return &gridOutput{grid()}, nil
	})
	huma.Register(api, add("list-tile-sets", "/v1/collections/{collection}/tiles", "The tile sets of a collection"), s.listTileSets)
	huma.Register(api, add("get-tile-set", "/v1/collections/{collection}/tiles/{grid}", "A tile set"), s.getTileSet)
	tile := add("get-grid-tile", "/v1/collections/{collection}/tiles/{grid}/{z}/{row}/{col}", "A tile, as OGC API Tiles addresses it: the row before the column")
	tile.Errors = append(tile.Errors, http.StatusNotAcceptable)
	tile.Responses = tileResponses()
	tile.Security = orAnonymous(needs(engine.FieldRead))
	tile.Errors = append(tile.Errors, http.StatusUnauthorized, http.StatusForbidden)
	huma.Register(api, tile, s.getGridTile)
}

func checkGrid(name string) error {
	if name == webMercatorQuad {
		return nil
	}
	return problem(http.StatusNotFound, CodeUnknownName, "there is no tile grid of this name; known: "+webMercatorQuad)
}

// grid is WebMercatorQuad, whose tiles of zoom 0 are 256 pixels of 156,543 m.
func grid() TileMatrixSet {
	const corner, pixel = 20037508.342789244, 0.00028 // metres of the projection, and of a pixel on paper
	set := TileMatrixSet{
		ID: webMercatorQuad, Title: "Google Maps Compatible for the World", URI: webMercatorQuadURI, CRS: webMercatorCRS, OrderedAxes: []string{"X", "Y"},
		WKSS: "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
	}
	for z := range 25 {
		size := 2 * corner / 256 / float64(int64(1)<<z)
		set.TileMatrices = append(set.TileMatrices, TileMatrix{
			ID: fmt.Sprint(z), ScaleDenominator: size / pixel, CellSize: size, PointOfOrigin: [2]float64{-corner, corner}, TileWidth: 256, TileHeight: 256,
			MatrixWidth: 1 << z, MatrixHeight: 1 << z,
		})
	}
	return set
}

// layerOf gives the layer of a collection that has tiles.
func layerOf(city City, collection string) (live.Layer, error) {
	c, err := findCollection(city, collection)
	if err != nil {
		return live.Layer{}, err
	}
	if c.Layer == "" {
		return live.Layer{}, problem(http.StatusNotFound, CodeUnknownName, c.Name+" are not drawn: there are no tiles of them")
	}
	return findLayer(city.Layers(), c.Layer)
}

func (s *server) listTileSets(_ context.Context, in *tileSetsInput) (*tileSetsOutput, error) {
	city, name, _, err := s.pinnedCity(in.Collection, "")
	if err != nil {
		return nil, err
	}
	layer, err := layerOf(city, name)
	if err != nil {
		return nil, err
	}
	path := "/v1/collections/" + in.Collection + "/tiles"
	set := tileSet(city, layer, in.Collection, &in.addressed)
	set.Limits, set.BoundingBox = nil, nil
	return &tileSetsOutput{TileSetList{Links: []Link{in.to("self", mediaJSON, "", path)}, TileSets: []TileSet{set}}}, nil
}

func (s *server) getTileSet(_ context.Context, in *tileSetInput) (*tileSetOutput, error) {
	if err := checkGrid(in.Grid); err != nil {
		return nil, err
	}
	city, name, _, err := s.pinnedCity(in.Collection, "")
	if err != nil {
		return nil, err
	}
	layer, err := layerOf(city, name)
	if err != nil {
		return nil, err
	}
	return &tileSetOutput{tileSet(city, layer, in.Collection, &in.addressed)}, nil
}

func tileSet(city City, layer live.Layer, as string, in *addressed) TileSet {
	b, path := city.Bound(), "/v1/collections/"+as+"/tiles/"+webMercatorQuad
	template := in.to("item", mediaMVT, "Tiles", path+"/{tileMatrix}/{tileRow}/{tileCol}?f=mvt")
	template.Templated = true
	set := TileSet{
		Title: layer.Title, DataType: "vector", CRS: webMercatorCRS, TileMatrixSetURI: webMercatorQuadURI,
		BoundingBox: &TileBoundingBox{
			LowerLeft: [2]float64{sixDecimals(b.Min[0]), sixDecimals(b.Min[1])}, UpperRight: [2]float64{sixDecimals(b.Max[0]), sixDecimals(b.Max[1])}, CRS: CRS84,
		},
		Links: []Link{
			in.to("self", mediaJSON, "", path),
			in.to(ogcRelations+"tiling-scheme", mediaJSON, "The tile grid", "/v1/tileMatrixSets/"+webMercatorQuad),
			in.to("describedby", mediaJSON, "TileJSON", "/v1/tiles/"+as+".json"),
			template,
		},
	}
	for z := layer.MinZoom; z <= layer.MaxZoom; z++ {
		northWest, southEast := geo.TileAt(b.Min[0], b.Max[1], uint8(z)), geo.TileAt(b.Max[0], b.Min[1], uint8(z))
		set.Limits = append(set.Limits, TileSetLimits{fmt.Sprint(z), northWest.Y, southEast.Y, northWest.X, southEast.X})
	}
	return set
}

func (s *server) getGridTile(ctx context.Context, in *gridTileInput) (*tileOutput, error) {
	if err := checkGrid(in.Grid); err != nil {
		return nil, err
	}
	city, name, _, err := s.pinnedCity(in.Collection, "")
	if err != nil {
		return nil, err
	}
	if _, err := layerOf(city, name); err != nil {
		return nil, err
	}
	form, err := negotiated(in.F, in.Accept, tileOffers())
	if err != nil {
		return nil, err
	}
	out, err := s.tile(ctx, form.name, &tileInput{Layer: in.Collection, Z: in.Z, X: in.Col, Y: in.Row, TileQuery: in.TileQuery, TileFilter: in.TileFilter, IfNoneMatch: in.IfNoneMatch, AcceptEncoding: in.AcceptEncoding})
	if err == nil {
		out.Vary += ", Accept"
	}
	return out, err
}
