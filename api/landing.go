package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Landing is where a client that knows nothing but this address begins (OGC API Common).
type Landing struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Attribution string `json:"attribution,omitempty"`
	Snapshot    string `json:"snapshot"`
	Links       []Link `json:"links"`
}

// Conformance lists the conformance classes that hold.
type Conformance struct {
	ConformsTo []string `json:"conformsTo"`
}

type landingInput struct{ addressed }
type landingOutput struct {
	Link string `header:"Link"`
	Body Landing
}
type conformanceOutput struct{ Body Conformance }

const (
	mediaOpenAPI = "application/vnd.oai.openapi+json;version=3.1"
	mediaSchema  = "application/schema+json"
	ogcRelations = "http://www.opengis.net/def/rel/ogc/1.0/"
	ogcSpec      = "http://www.opengis.net/spec/"
)

func (s *server) registerLanding(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "get-landing",
		Method:      http.MethodGet,
		Path:        "/v1",
		Summary:     "Where to begin: links to everything else",
		Tags:        []string{"discovery"},
		Errors:      []int{http.StatusServiceUnavailable},
	}, s.getLanding)
	huma.Register(api, huma.Operation{
		OperationID: "get-conformance",
		Method:      http.MethodGet,
		Path:        "/v1/conformance",
		Summary:     "The conformance classes of OGC standards that hold",
		Tags:        []string{"discovery"},
	}, func(context.Context, *struct{}) (*conformanceOutput, error) {
		return &conformanceOutput{Conformance{conformance()}}, nil
	})
}

func (s *server) getLanding(_ context.Context, in *landingInput) (*landingOutput, error) {
	city, err := s.city()
	if err != nil {
		return nil, err
	}
	_, place := city.Place()
	out := &landingOutput{Body: Landing{
		Title: "Arpent: " + place, Description: "Street-by-street estimates of election results in " + place + ", with an interval on every number.",
		Attribution: attribution(city), Snapshot: city.Snapshot(),
		Links: []Link{
			in.to("self", mediaJSON, "This page", "/v1"),
			in.to("service-desc", mediaOpenAPI, "The API as OpenAPI 3.1", "/openapi.json"),
			in.to("service-doc", "text/html", "The API as a page to read", "/docs"),
			in.to("conformance", mediaJSON, "Conformance classes", "/v1/conformance"),
			in.to("data", mediaJSON, "Collections of rows", "/v1/collections"),
			in.to(ogcRelations+"tiling-schemes", mediaJSON, "Tile grids", "/v1/tileMatrixSets"),
			in.to("contests", mediaJSON, "Contests, choices and measures", "/v1/contests"),
			in.to("snapshots", mediaJSON, "Snapshots that answer", "/v1/snapshots"),
		},
	}}
	out.Link = linkHeader(out.Body.Links[:5])
	return out, nil
}

// conformance lists the classes that are meant to hold. GDAL and the tests of this package ask for what they name; the test suites of the OGC were
// not run.
func conformance() []string {
	var list []string
	for _, class := range []string{
		"ogcapi-common-1/1.0/conf/core", "ogcapi-common-1/1.0/conf/landing-page", "ogcapi-common-1/1.0/conf/json",
		"ogcapi-common-2/1.0/conf/collections",
		"ogcapi-features-1/1.0/conf/core", "ogcapi-features-1/1.0/conf/geojson",
		"ogcapi-features-3/1.0/conf/queryables", "ogcapi-features-3/1.0/conf/filter", "ogcapi-features-3/1.0/conf/features-filter",
		"cql2/1.0/conf/cql2-text", "cql2/1.0/conf/cql2-json", "cql2/1.0/conf/basic-cql2", "cql2/1.0/conf/advanced-comparison-operators",
		"cql2/1.0/conf/case-insensitive-comparison", "cql2/1.0/conf/accent-insensitive-comparison", "cql2/1.0/conf/basic-spatial-functions",
		"cql2/1.0/conf/basic-spatial-functions-plus", "cql2/1.0/conf/property-property", "cql2/1.0/conf/arithmetic",
		"ogcapi-tiles-1/1.0/conf/core", "ogcapi-tiles-1/1.0/conf/tileset", "ogcapi-tiles-1/1.0/conf/tilesets-list",
		"ogcapi-tiles-1/1.0/conf/geodata-tilesets", "ogcapi-tiles-1/1.0/conf/mvt",
	} {
		list = append(list, ogcSpec+class)
	}
	return list
}
