package live

import (
	"html"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// VectorLayer describes a layer inside a vector tile, as TileJSON and archives of tiles have it.
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

// Vector describes the layer in its tiles.
func (l Layer) Vector() VectorLayer {
	f := TileFields{ID: "Number", Name: "String", Value: "Number", Low: "Number", High: "Number", N: "Number", State: "String", Reason: "String", ModelledOnly: "Boolean"}
	if l.Unit == engine.UnitCell || l.Unit == engine.UnitSegment {
		f.Segments = "Number"
	}
	if l.Unit == engine.UnitCell {
		f.ID = "String" // 15 hex digits: a cell's number has more bits than a JSON number can be relied on for
	}
	return VectorLayer{ID: l.Name, Description: l.Title, MinZoom: l.MinZoom, MaxZoom: l.MaxZoom, Fields: f}
}

// AttributionHTML is what a map shows in its corner.
func AttributionHTML(attributions []string) string {
	return html.EscapeString(strings.Join(attributions, " · "))
}

// CenterZoom is the zoom where a bound is about two tiles wide, within those of tiles.
func CenterZoom(b orb.Bound, minZoom, maxZoom int) int {
	zoom := minZoom
	if width := b.Max[0] - b.Min[0]; width > 0 {
		zoom = int(math.Floor(math.Log2(360/width))) + 1
	}
	return max(minZoom, min(zoom, maxZoom))
}

// DrawnBound is where layers are drawn at a zoom, in degrees: areas reach over the streets, of which City.Bound tells.
func (c *City) DrawnBound(names []string, zoom uint8) (orb.Bound, error) {
	all := nowhere
	for _, name := range names {
		l, err := c.layer(c.Layers(), name, int(zoom))
		if err != nil {
			return orb.Bound{}, err
		}
		if l == nil {
			continue
		}
		for u := range l.level.ids {
			all = union(all, l.box(u))
		}
	}
	if all == nowhere {
		return c.Bound(), nil
	}
	west, north := geo.FromWorld(all.MinX, all.MinY)
	east, south := geo.FromWorld(all.MaxX, all.MaxY)
	return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}, nil
}
