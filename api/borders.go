package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine/live"
)

// BorderCollection is the borders of areas and their names, as GeoJSON (RFC 7946): two features for each. They follow from the polygons of precincts, which
// are public in tiles whatever is published of them; no number is in them.
type BorderCollection struct {
	Type        string          `json:"type" enum:"FeatureCollection"`
	Features    []BorderFeature `json:"features"`
	Snapshot    string          `json:"snapshot"`
	Set         string          `json:"set"`
	Contest     string          `json:"contest"`
	Division    string          `json:"division" doc:"The precincts that the borders are made of: those of the contest"`
	Attribution string          `json:"attribution" doc:"To be shown with the borders"`
}

// ContentType makes huma write application/geo+json.
func (BorderCollection) ContentType(string) string { return mediaGeoJSON }

// BorderFeature is the border of an area, or the place for its name.
type BorderFeature struct {
	Type       string           `json:"type" enum:"Feature"`
	Geometry   BorderGeometry   `json:"geometry"`
	Properties BorderProperties `json:"properties"`
}

// BorderGeometry is closed lines, or a point inside of the largest part.
type BorderGeometry struct {
	Type        string `json:"type" enum:"MultiLineString,Point"`
	Coordinates any    `json:"coordinates" doc:"Longitude and latitude in degrees"`
}

// BorderProperties say whose border or name it is.
type BorderProperties struct {
	Kind string `json:"kind" enum:"border,name"`
	ID   int64  `json:"id" doc:"As in /v1/collections"`
	Name string `json:"name"`
	Code string `json:"code"`
}

type bordersInput struct {
	Set     string `path:"set" doc:"commune, or a set of districts as in /v1/collections; {set}@{snapshot} pins the snapshot and never changes" example:"commune"`
	Contest string `query:"contest" doc:"Whose precincts the areas are made of; the first of /v1/contests by default" example:"2026_muni_t1"`
}

type bordersOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         BorderCollection
}

func (s *server) registerBorders(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "get-borders",
		Method:      http.MethodGet,
		Path:        "/v1/borders/{set}",
		Summary:     "The borders and names of larger areas, to lay over a map",
		Description: fmt.Sprintf("Of each area a MultiLineString, its border, and a Point, for its name. A border is what the precincts of the area have around them, without small gaps and overlaps "+
			"between them, and is drawn to about 5 m. Areas of which no precinct is drawn are left out. A set of more than %d areas is refused.", live.MostBorders),
		Tags:   []string{"tiles"},
		Errors: []int{http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}, s.getBorders)
}

func (s *server) getBorders(ctx context.Context, in *bordersInput) (*bordersOutput, error) {
	city, set, pinned, err := s.pinnedCity(in.Set, "")
	if err != nil {
		return nil, err
	}
	work, stop := s.patiently(ctx)
	defer stop()
	borders, contest, err := city.Borders(work, live.BordersQuery{Set: set, Contest: in.Contest})
	if err != nil {
		return nil, s.unanswered(work, bordersProblem(err))
	}
	out := &bordersOutput{Body: BorderCollection{
		Type: "FeatureCollection", Features: []BorderFeature{}, Snapshot: city.Snapshot(), Set: set, Contest: contest.ID, Division: contest.Division, Attribution: attribution(city),
	}}
	for _, b := range borders {
		lines := make([][][2]float64, 0, len(b.Lines))
		for _, line := range b.Lines {
			positions := make([][2]float64, 0, len(line))
			for _, p := range line {
				positions = append(positions, position(p))
			}
			lines = append(lines, positions)
		}
		out.Body.Features = append(out.Body.Features,
			BorderFeature{"Feature", BorderGeometry{"MultiLineString", lines}, BorderProperties{"border", b.ID, b.Name, b.Code}},
			BorderFeature{"Feature", BorderGeometry{"Point", position(b.Label)}, BorderProperties{"name", b.ID, b.Name, b.Code}})
	}
	if pinned {
		out.CacheControl = immutable
	}
	return out, nil
}

func position(p orb.Point) [2]float64 { return [2]float64{sixDecimals(p[0]), sixDecimals(p[1])} }

// bordersProblem makes problems of what is wrong with a set: it is the resource itself that is not there, or is too large.
func bordersProblem(err error) error {
	var unknown *live.QueryError
	var many *live.BordersError
	switch {
	case errors.As(err, &unknown) && unknown.Parameter == "set":
		return problem(http.StatusNotFound, CodeUnknownName, "there is no set of areas of this name; known: "+strings.Join(unknown.Known, ", "))
	case errors.As(err, &many):
		detail := fmt.Sprintf("the set %s has %d areas, and borders are drawn of %d at most: ask for a set of larger areas", many.Set, many.Areas, live.MostBorders)
		if len(many.Others) > 0 {
			detail += "; there are " + strings.Join(many.Others, ", ")
		}
		return problem(http.StatusUnprocessableEntity, CodeTooMuch, detail)
	}
	return err
}
