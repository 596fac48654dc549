package main

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// tiles is the kind of job that writes the tiles of a snapshot to an archive. They are made as the API makes those that it answers with.
func (u unitJobs) tiles(ctx context.Context, run *jobs.Run) error {
	var asked api.Tiles
	if err := parametersOf(run, &asked); err != nil {
		return err
	}
	city, err := u.city(ctx, run.Snapshot)
	if err != nil {
		return err
	}
	p, err := pyramidOf(city, asked)
	if err != nil {
		return err
	}
	total, err := p.count(ctx)
	if err != nil {
		return err
	}
	archive, err := p.archive(ctx)
	if err != nil {
		return err
	}
	archive.Hear = func(done int64) { hearRows(run, "tiles", done, total) }
	scratch, err := run.Scratch()
	if err != nil {
		return err
	}
	defer scratch.Close() // it holds nothing any more
	return run.Write("tiles.pmtiles", export.PMTilesMedia, func(w io.Writer) (int64, error) {
		counts, err := archive.Write(ctx, w, scratch)
		return counts.Tiles, err
	})
}

// pyramid is the tiles that are asked for.
type pyramid struct {
	city   *live.City
	asked  api.Tiles
	layers []live.Layer // each with its zooms
	names  []string
	zooms  []iter.Seq2[geo.Tile, []string]
}

func pyramidOf(city *live.City, asked api.Tiles) (*pyramid, error) {
	p := &pyramid{city: city, asked: asked}
	var err error
	if p.layers, err = asked.Drawn(city); err != nil {
		return nil, err
	}
	for _, l := range p.layers {
		p.names = append(p.names, l.Name)
	}
	for zoom := asked.MinZoom; zoom <= asked.MaxZoom; zoom++ {
		var drawn []string
		for _, l := range p.layers {
			if l.MinZoom <= zoom && zoom <= l.MaxZoom {
				drawn = append(drawn, l.Name)
			}
		}
		tiles, err := city.TileCover(drawn, uint8(zoom))
		if err != nil {
			return nil, err
		}
		p.zooms = append(p.zooms, tiles)
	}
	return p, nil
}

// tiles gives the tiles of all zooms.
func (p *pyramid) tiles(yield func(geo.Tile, []string) bool) {
	for _, tiles := range p.zooms {
		for tile, layers := range tiles {
			if !yield(tile, layers) {
				return
			}
		}
	}
}

// count is how many tiles there are to make, so that it can be told how far that is.
func (p *pyramid) count(ctx context.Context) (total int64, err error) {
	for range p.tiles {
		if total++; total%4096 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	return total, nil
}

// encode appends the layers of a tile, which are one after the other in it.
func (p *pyramid) encode(buffer []byte, at geo.Tile, layers []string) ([]byte, error) {
	for _, name := range layers {
		tile, err := p.city.Tile(name, at, p.asked.Query())
		if err != nil {
			return nil, err
		}
		buffer = append(buffer, tile.Data...)
	}
	return buffer, nil
}

func (p *pyramid) archive(ctx context.Context) (export.PMTiles, error) {
	metadata, err := p.metadata(ctx)
	if err != nil {
		return export.PMTiles{}, err
	}
	drawn, err := p.city.DrawnBound(p.names, uint8(p.asked.MaxZoom))
	if err != nil {
		return export.PMTiles{}, err
	}
	streets := p.city.Bound()
	return export.PMTiles{
		Metadata: metadata, Bound: drawn, Center: streets.Center(), CenterZoom: uint8(live.CenterZoom(streets, p.asked.MinZoom, p.asked.MaxZoom)), Level: p.asked.Level,
		Tiles: p.tiles, Encode: p.encode,
	}, nil
}

// tileMetadata is the metadata of an archive: what TileJSON has, and what its features show.
type tileMetadata struct {
	Name         string             `json:"name"`
	Description  string             `json:"description"`
	Attribution  string             `json:"attribution"` // HTML
	Type         string             `json:"type"`
	VectorLayers []live.VectorLayer `json:"vector_layers"`
	Arpent       tilesShow          `json:"arpent"`
}

// tilesShow says what the features of an archive show.
type tilesShow struct {
	Snapshot    string            `json:"snapshot"`
	Place       string            `json:"place"`
	About       map[string]string `json:"about"` // contest, measure and what this takes, by their ids
	Title       string            `json:"title"`
	Unit        string            `json:"unit"`   // of live.Measure
	Breaks      []float64         `json:"breaks"` // of a legend, as /v1/breaks has them of the first layer
	Threshold   int               `json:"threshold_households"`
	Resolutions map[string]int    `json:"cell_resolutions,omitempty"` // by zoom: smaller cells are merged into those drawn
}

func (p *pyramid) metadata(ctx context.Context) (tileMetadata, error) {
	id, place := p.city.Place()
	breaks, err := p.city.Breaks(ctx, live.BreaksQuery{Collection: p.names[0], Query: p.asked.Query()})
	if err != nil {
		return tileMetadata{}, err
	}
	m := tileMetadata{
		Name: place, Type: "overlay", Attribution: live.AttributionHTML(p.city.Attributions()),
		Arpent: tilesShow{Snapshot: p.city.Snapshot(), Place: id, About: map[string]string{}, Breaks: breaks.Values, Threshold: p.city.NewPublication().Threshold},
	}
	for _, of := range breaks.About {
		m.Arpent.About[of[0]] = of[1]
	}
	m.Arpent.Title, m.Arpent.Unit = titleOf(p.city.Contests(), m.Arpent.About)
	m.Description = fmt.Sprintf("%s: %s, published estimates of snapshot %s", place, m.Arpent.Title, m.Arpent.Snapshot)
	for _, l := range p.layers {
		m.VectorLayers = append(m.VectorLayers, l.Vector())
		if l.Unit == engine.UnitCell {
			m.Arpent.Resolutions = map[string]int{}
			for zoom := l.MinZoom; zoom <= l.MaxZoom; zoom++ {
				m.Arpent.Resolutions[fmt.Sprint(zoom)] = live.CellResolution(zoom)
			}
		}
	}
	return m, nil
}

// titleOf says in words what a measure is of, and in which unit.
func titleOf(contests []live.Contest, about map[string]string) (title, unit string) {
	for _, m := range live.Measures() {
		if m.ID == about["measure"] {
			title, unit = m.Title, m.Unit
		}
	}
	names := map[string]string{}
	for _, contest := range contests {
		names[contest.ID] = contest.Name
		if contest.ID == about["contest"] {
			for _, choice := range contest.Choices {
				names["choice "+choice.ID] = choice.Name
			}
		}
	}
	if choice, there := about["choice"]; there {
		title += ", " + names["choice "+choice]
	}
	if against, there := about["against"]; there {
		title += " over " + names["choice "+against]
	}
	title += ", " + names[about["contest"]]
	if since, there := about["since"]; there {
		title += " since " + names[since]
	}
	return title, unit
}
