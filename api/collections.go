package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/live"
)

// CollectionList is what rows can be asked of (OGC API Common, part 2).
type CollectionList struct {
	Links       []Link       `json:"links"`
	Collections []Collection `json:"collections"`
}

// Collection describes a collection of rows.
type Collection struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Attribution string   `json:"attribution,omitempty"`
	ItemType    string   `json:"itemType" enum:"feature"`
	Extent      Extent   `json:"extent"`
	CRS         []string `json:"crs"`
	StorageCRS  string   `json:"storageCrs"`
	Links       []Link   `json:"links"`
}

// Extent is where and when there is something.
type Extent struct {
	Spatial  SpatialExtent   `json:"spatial"`
	Temporal *TemporalExtent `json:"temporal,omitempty"`
}

// SpatialExtent is a box.
type SpatialExtent struct {
	Bbox [][4]float64 `json:"bbox" doc:"West, south, east, north in degrees"`
	CRS  string       `json:"crs"`
}

// TemporalExtent is from the first contest to the last.
type TemporalExtent struct {
	Interval [][2]string `json:"interval"`
	TRS      string      `json:"trs"`
}

type collectionsInput struct{ addressed }
type collectionsOutput struct {
	Link string `header:"Link"`
	Body CollectionList
}

type collectionInput struct {
	addressed
	Collection string `path:"collection" doc:"segments, cells, precincts, communes or a set of districts, also with @{snapshot}" example:"segments"`
}
type collectionOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         Collection
}

func (s *server) registerCollections(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "list-collections",
		Method:      http.MethodGet,
		Path:        "/v1/collections",
		Summary:     "The collections of rows",
		Tags:        []string{"discovery"},
		Errors:      []int{http.StatusServiceUnavailable},
	}, s.listCollections)
	huma.Register(api, huma.Operation{
		OperationID: "get-collection",
		Method:      http.MethodGet,
		Path:        "/v1/collections/{collection}",
		Summary:     "A collection of rows",
		Tags:        []string{"discovery"},
		Errors:      []int{http.StatusNotFound, http.StatusGone, http.StatusServiceUnavailable},
	}, s.getCollection)
}

func (s *server) listCollections(_ context.Context, in *collectionsInput) (*collectionsOutput, error) {
	city, err := s.city()
	if err != nil {
		return nil, err
	}
	out := &collectionsOutput{Body: CollectionList{Links: []Link{in.to("self", mediaJSON, "", "/v1/collections"), in.to("root", mediaJSON, "", "/v1")}}}
	for _, c := range city.Collections() {
		out.Body.Collections = append(out.Body.Collections, collectionOf(city, c, c.Name, &in.addressed))
	}
	out.Link = linkHeader(out.Body.Links)
	return out, nil
}

func (s *server) getCollection(_ context.Context, in *collectionInput) (*collectionOutput, error) {
	city, name, pinned, err := s.pinnedCity(in.Collection, "")
	if err != nil {
		return nil, err
	}
	c, err := findCollection(city, name)
	if err != nil {
		return nil, err
	}
	out := &collectionOutput{Body: collectionOf(city, c, in.Collection, &in.addressed)}
	if pinned {
		out.CacheControl = immutable
	}
	return out, nil
}

// findCollection gives a collection, or a 404: it is the resource itself that is not there.
func findCollection(city City, name string) (live.Collection, error) {
	var known []string
	for _, c := range city.Collections() {
		if c.Name == name {
			return c, nil
		}
		known = append(known, c.Name)
	}
	return live.Collection{}, problem(http.StatusNotFound, CodeUnknownName, "there is no collection of this name; known: "+strings.Join(known, ", "))
}

// collectionOf describes a collection under the name that it was asked for by, which may pin the snapshot.
func collectionOf(city City, c live.Collection, as string, in *addressed) Collection {
	path := "/v1/collections/" + as
	b := city.Bound()
	out := Collection{
		ID: as, Title: c.Title, Description: c.About, Attribution: attribution(city), ItemType: "feature", CRS: []string{CRS84}, StorageCRS: CRS84,
		Extent: Extent{Spatial: SpatialExtent{
			Bbox: [][4]float64{{sixDecimals(b.Min[0]), sixDecimals(b.Min[1]), sixDecimals(b.Max[0]), sixDecimals(b.Max[1])}}, CRS: CRS84,
		}, Temporal: temporalExtent(city)},
		Links: []Link{
			in.to("self", mediaJSON, "", path),
			in.to(ogcRelations+"queryables", mediaSchema, "What rows can be filtered by", path+"/queryables"),
		},
	}
	for _, f := range export.Formats() {
		items := path + "/items?f=" + f.Name
		if f.Name == "geojson" {
			items = path + "/items" // what comes unless told; GDAL puts the id of a feature behind this address
		}
		out.Links = append(out.Links, in.to("items", f.MediaType, c.Title+" as "+f.Title, items))
	}
	if c.Layer != "" {
		out.Links = append(out.Links, in.to(ogcRelations+"tilesets-vector", mediaJSON, "Vector tiles", path+"/tiles"),
			in.to("tilejson", mediaJSON, "TileJSON", "/v1/tiles/"+as+".json"))
	}
	return out
}

// temporalExtent is from the day of the first contest to that of the last; nil where none has a date.
func temporalExtent(city City) *TemporalExtent {
	first, last := "", ""
	for _, c := range city.Contests() {
		if c.Date == "" {
			continue
		}
		if first == "" || c.Date < first {
			first = c.Date
		}
		last = max(last, c.Date)
	}
	if first == "" {
		return nil
	}
	return &TemporalExtent{Interval: [][2]string{{first + "T00:00:00Z", last + "T23:59:59Z"}}, TRS: "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"}
}

// attribution is what must stand beside the numbers.
func attribution(city City) string { return strings.Join(city.Attributions(), " · ") }
