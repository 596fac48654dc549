package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine/live"
)

// KindTiles is the kind of job that writes the tiles of the map to one file.
const KindTiles = "tiles"

// Tiles is what an archive of tiles is asked with: what its features show, as the parameters of a tile say it, and which tiles.
type Tiles struct {
	Contest string   `json:"contest,omitempty" doc:"The first contest by default"`
	Choice  string   `json:"choice,omitempty" doc:"A choice of the contest; its leading choice by default"`
	Measure string   `json:"measure,omitempty" doc:"A measure of /v1/contests; share by default"`
	Against string   `json:"against,omitempty" doc:"The choice that a margin is over"`
	Since   string   `json:"since,omitempty" doc:"The contest that a change is counted from"`
	Layers  []string `json:"layers,omitempty" maxItems:"100" doc:"Of the tiles; all that are drawn by default"`
	MinZoom int      `json:"min_zoom,omitempty" minimum:"0" maximum:"16"`
	MaxZoom int      `json:"max_zoom,omitempty" minimum:"1" maximum:"16" default:"16" doc:"A map draws closer than this from the same tiles"`
	Level   int      `json:"level,omitempty" minimum:"1" maximum:"9" default:"4" doc:"Of gzip inside: 1 is the fastest, 9 the smallest"`
}

// Query is what the features show.
func (t *Tiles) Query() live.Query {
	return live.Query{Contest: t.Contest, Choice: t.Choice, Measure: t.Measure, Against: t.Against, Since: t.Since}
}

// Drawn gives the layers that are asked for, in the order of the city, each with the zooms that it is in the archive at.
func (t *Tiles) Drawn(city City) ([]live.Layer, error) {
	if err := live.CheckQuery(city.Contests(), t.Query()); err != nil {
		return nil, err
	}
	if t.MinZoom > t.MaxZoom {
		return nil, invalid("query.min_zoom", t.MinZoom, fmt.Sprintf("zooms go from min_zoom to max_zoom, and %d is more than %d", t.MinZoom, t.MaxZoom))
	}
	asked := map[string]bool{}
	for _, name := range t.Layers {
		if _, err := findLayer(city.Layers(), name); err != nil {
			detail := strings.TrimPrefix(err.Error(), "live: ")
			return nil, problem(http.StatusBadRequest, CodeUnknownName, detail, &huma.ErrorDetail{Message: detail, Location: "query.layers", Value: name})
		}
		asked[name] = true
	}
	var drawn []live.Layer
	zooms := ""
	for _, l := range city.Layers() {
		if len(asked) > 0 && !asked[l.Name] {
			continue
		}
		zooms += fmt.Sprintf(" %s from %d to %d", l.Name, l.MinZoom, l.MaxZoom)
		l.MinZoom, l.MaxZoom = max(l.MinZoom, t.MinZoom), min(l.MaxZoom, t.MaxZoom)
		if l.MinZoom <= l.MaxZoom {
			drawn = append(drawn, l)
		}
	}
	if len(drawn) == 0 {
		return nil, invalid("query.max_zoom", t.MaxZoom, fmt.Sprintf("at zooms %d to %d there is nothing to draw:%s", t.MinZoom, t.MaxZoom, zooms))
	}
	return drawn, nil
}

// TilesRequest asks for an archive of tiles.
type TilesRequest struct {
	JobOptions
	Tiles
}

func (r TilesRequest) parameters() any { return r.Tiles }
func (r TilesRequest) input() jobInput { return nil }

func (r TilesRequest) check(city City) error {
	_, err := r.Drawn(city)
	return err
}

func (s *server) registerTileJobs(api huma.API) {
	registerKind[TilesRequest](s, api, KindTiles, "Write the tiles of the map to one file",
		"All tiles of all layers, those of a zoom together, as an archive in PMTiles, version 3: a map reads it with ranges of bytes, from this server or from any place where files lie. "+
			"Its tiles have what /v1/tiles answers with for the snapshot that is current now. The result is tiles.pmtiles.", `{"measure": "turnout", "min_zoom": 10, "max_zoom": 12}`)
}
