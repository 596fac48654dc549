package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// SearchResults are the places that a question may mean, the likeliest first.
type SearchResults struct {
	Snapshot string         `json:"snapshot"`
	Results  []SearchResult `json:"results"`
}

// SearchResult is a place.
type SearchResult struct {
	Kind   string     `json:"kind" enum:"street,address,precinct,commune"`
	Name   string     `json:"name" doc:"Of an address number and street, of a precinct its code"`
	Detail string     `json:"detail" doc:"Tells it from others of its name: the commune; of a commune its code"`
	Unit   string     `json:"unit" enum:"segment,precinct,commune" doc:"What id is of"`
	ID     int64      `json:"id" doc:"As in tiles and scores: of a street its segment in the middle, of an address its segment"`
	Lon    float64    `json:"lon" doc:"Degrees: of an address where it is, of a street in the middle, of others the middle of bounds"`
	Lat    float64    `json:"lat"`
	Bounds [4]float64 `json:"bounds" doc:"West, south, east, north in degrees: of a street all of its segments, of an address its segment"`
}

type searchInput struct {
	Query string `query:"q" required:"true" minLength:"2" maxLength:"100" doc:"The beginning of a name, or of a precinct's code; with a number before it an address, as 12 bis rue de Rivoli or 12 Main St. Words of the commune may stand in it too" example:"rue"`
	Limit int    `query:"limit" minimum:"1" maximum:"20" default:"10" doc:"How many at most"`
	PinnedQuery
}

type searchOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         SearchResults
}

func (s *server) registerSearch(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "search",
		Method:      http.MethodGet,
		Path:        "/v1/search",
		Summary:     "Find a street, an address, a precinct or a commune by its name",
		Description: "A name has all words that are typed, in any order, of the last at least the beginning; case, accents, articles and usual abbreviations of French and English street names do not count. " +
			"A whole name comes first, then names that begin with the words, then others; of streets the longer first. A street is one in each commune that it is in. " +
			"Addresses are those of the published registers; of a number that is not there come the street and the numbers next to it. A place with more than 5,000,000 addresses has none to be found. " +
			"Nothing is said of who lives there.",
		Tags:   []string{"discovery"},
		Errors: []int{http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}, s.search)
}

func (s *server) search(ctx context.Context, in *searchInput) (*searchOutput, error) {
	city, err := s.cityAt(in.Snapshot)
	if err != nil {
		return nil, err
	}
	work, stop := s.patiently(ctx)
	defer stop()
	found, err := city.Search(work, in.Query, in.Limit)
	if err != nil {
		return nil, s.unanswered(work, err)
	}
	out := &searchOutput{in.cacheControl(), SearchResults{city.Snapshot(), make([]SearchResult, 0, len(found))}}
	for i := range found {
		f := &found[i]
		out.Body.Results = append(out.Body.Results, SearchResult{
			Kind: string(f.Kind), Name: f.Name, Detail: f.Detail, Unit: string(f.Unit), ID: f.ID, Lon: sixDecimals(f.Lon), Lat: sixDecimals(f.Lat),
			Bounds: [4]float64{sixDecimals(f.Bound.Min[0]), sixDecimals(f.Bound.Min[1]), sixDecimals(f.Bound.Max[0]), sixDecimals(f.Bound.Max[1])},
		})
	}
	return out, nil
}
