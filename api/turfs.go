package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

const mediaGeoJSON = "application/geo+json"

// Bounds of a turf that is sent. What is read of it is bounded by the registry.
const (
	mostTurfBytes = 2 << 20
	turfTime      = 30 * time.Second
)

// TurfCollection is the turfs of a campaign as GeoJSON.
type TurfCollection struct {
	Type     string        `json:"type" enum:"FeatureCollection"`
	Features []TurfFeature `json:"features"`
}

// ContentType makes huma write application/geo+json.
func (TurfCollection) ContentType(string) string { return mediaGeoJSON }

// TurfFeature is a turf as a feature of GeoJSON.
type TurfFeature struct {
	Type       string    `json:"type" enum:"Feature"`
	ID         string    `json:"id" doc:"The turf, a code"`
	Properties struct{}  `json:"properties"`
	Geometry   TurfShape `json:"geometry"`
}

// TurfShape is the polygons of a turf, in WGS84 degrees.
type TurfShape struct {
	Type        string           `json:"type" enum:"MultiPolygon"`
	Coordinates orb.MultiPolygon `json:"coordinates"`
}

// TurfPath is the part of an address that names a turf.
type TurfPath struct {
	CampaignPath
	Turf string `path:"turf" pattern:"^[a-z0-9_][a-z0-9_-]{0,31}$" doc:"The turf, a code" example:"east"`
}
type turfsOutput struct{ Body TurfCollection }
type setTurfInput struct {
	TurfPath
	RawBody []byte `contentType:"application/geo+json"`
}

func (s *server) registerTurfs(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "list-turfs",
		Method:      http.MethodGet,
		Path:        "/v1/campaigns/{campaign}/turfs",
		Summary:     "The turfs of a campaign, as GeoJSON",
		Tags:        []string{"administration"},
		Security:    needs(engine.Administer),
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound},
	}, s.listTurfs)
	huma.Register(api, huma.Operation{
		OperationID: "set-turf",
		Method:      http.MethodPut,
		Path:        "/v1/campaigns/{campaign}/turfs/{turf}",
		Summary:     "Add a turf, or give it another shape",
		Description: "A Polygon, a MultiPolygon, a Feature of one, or a FeatureCollection of such in WGS84 degrees; its polygons together are the turf. " +
			"Properties are not kept.",
		Tags:            []string{"administration"},
		Security:        needs(engine.Administer),
		MaxBodyBytes:    mostTurfBytes, // without these two, huma reads any length for any time
		BodyReadTimeout: turfTime,
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusRequestEntityTooLarge,
			http.StatusUnprocessableEntity},
	}, s.setTurf)
	api.OpenAPI().Paths["/v1/campaigns/{campaign}/turfs/{turf}"].Put.RequestBody = turfBody() // huma describes a body it does not read as bytes
	huma.Register(api, huma.Operation{
		OperationID: "remove-turf",
		Method:      http.MethodDelete,
		Path:        "/v1/campaigns/{campaign}/turfs/{turf}",
		Summary:     "Remove a turf",
		Description: "Returns of tokens that are limited to it are kept in quarantine from then on.",
		Tags:        []string{"administration"},
		Security:    needs(engine.Administer),
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound},
	}, s.removeTurf)
}

// turfBody describes what a turf is sent as.
func turfBody() *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{mediaGeoJSON: {
		Schema:  &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "GeoJSON (RFC 7946)"},
		Example: json.RawMessage(`{"type": "Polygon", "coordinates": [[[-3.51, 46.5], [-3.5, 46.5], [-3.5, 46.51], [-3.51, 46.5]]]}`),
	}}}
}

func (s *server) listTurfs(ctx context.Context, in *CampaignPath) (*turfsOutput, error) {
	if _, err := s.needIn(ctx, engine.Administer, in.Campaign); err != nil {
		return nil, err
	}
	list := TurfCollection{"FeatureCollection", []TurfFeature{}}
	for _, t := range s.campaigns.Turfs(in.Campaign) {
		list.Features = append(list.Features, TurfFeature{Type: "Feature", ID: t.ID, Geometry: TurfShape{"MultiPolygon", t.Shape}})
	}
	return &turfsOutput{list}, nil
}

func (s *server) setTurf(ctx context.Context, in *setTurfInput) (*struct{}, error) {
	if _, err := s.needIn(ctx, engine.Administer, in.Campaign); err != nil {
		return nil, err
	}
	if err := strictJSON(in.RawBody, new(json.RawMessage)); errors.Is(err, errNameTwice) {
		return nil, badBody(err.Error())
	}
	if err := s.campaigns.SetTurf(in.Campaign, in.Turf, in.RawBody); err != nil {
		return nil, problemOfAccess(err, s.log)
	}
	return nil, nil
}

func (s *server) removeTurf(ctx context.Context, in *TurfPath) (*struct{}, error) {
	if _, err := s.needIn(ctx, engine.Administer, in.Campaign); err != nil {
		return nil, err
	}
	if err := s.campaigns.RemoveTurf(in.Campaign, in.Turf); err != nil {
		return nil, problemOfAccess(err, s.log)
	}
	return nil, nil
}
