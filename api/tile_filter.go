package api

import (
	"context"
	"crypto/sha256"
	"errors"

	"github.com/arpent/arpent/api/cql2"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// TileFilter leaves units out of a tile. It is the filter of /items, and holds for the same units.
type TileFilter struct {
	Filter     string `query:"filter" doc:"A condition in CQL2 on the properties of /queryables; features of other units are left out, and so are those of which it is not known whether it holds, as of a number that is not published" example:"n > 50 AND value > 0.2"`
	FilterLang string `query:"filter-lang" enum:"cql2-text,cql2-json" default:"cql2-text"`
	FilterCRS  string `query:"filter-crs" enum:"http://www.opengis.net/def/crs/OGC/1.3/CRS84" doc:"Of geometries in the filter"`
}

// parameters lists the names and the values of the filter.
func (f TileFilter) parameters() [][2]string {
	language := f.FilterLang
	if f.Filter == "" || language == "cql2-text" {
		language = ""
	}
	return [][2]string{{"filter", f.Filter}, {"filter-lang", language}}
}

// filterHash tells filters apart, and no two that are only written in another way; that of no filter is zeros.
type filterHash [16]byte

// tileFilter is a filter that was read. The zero value is none.
type tileFilter struct {
	condition *engine.Filter
	hash      filterHash
	written   int // bytes that it was written in
}

// filterBytes is what filters may take together, as they were written: a map has one, and asks for many tiles.
const filterBytes = 1 << 20

func newFilters() *cache[string, tileFilter] {
	const parsed = 20 // times what is written
	return newCache[string](parsed*filterBytes, func(f tileFilter) int64 { return int64(parsed * f.written) })
}

// filterOf reads a filter, or knows it.
func (s *server) filterOf(in TileFilter) (tileFilter, error) {
	if in.Filter == "" {
		return tileFilter{}, nil
	}
	key := in.FilterLang + " " + in.Filter
	if known, ok := s.filters.get(key); ok {
		return known, nil
	}
	condition, err := parseFilter(in.Filter, in.FilterLang)
	if err != nil {
		return tileFilter{}, err
	}
	read := tileFilter{condition: condition, written: len(key)}
	sum := sha256.Sum256([]byte(cql2.Text(condition)))
	copy(read.hash[:], sum[:])
	s.filters.put(key, read)
	return read, nil
}

// filteredTile encodes a tile with the units that a filter asks for. Others may wait for it too, so it goes on when its caller has gone, as long
// as a question may take.
func (s *server) filteredTile(ctx context.Context, city City, key tileKey, filter tileFilter) (live.Tile, error) {
	work, stop := s.patiently(context.WithoutCancel(ctx))
	defer stop()
	tile, err := city.FilteredTile(work, key.layer, key.tile, key.query, filter.condition)
	if errors.Is(err, context.Canceled) && work.gaveUp() {
		return live.Tile{}, tooMuch(work.time)
	}
	return tile, err
}

// checkTile tells whether tiles of a layer may be asked for with a query and a filter, without one of them.
func checkTile(city City, layer string, query live.Query, filter tileFilter) error {
	if _, err := findLayer(city.Layers(), layer); err != nil {
		return err
	}
	if filter.condition == nil {
		return live.CheckQuery(city.Contests(), query)
	}
	_, err := city.Items(live.ItemQuery{Collection: layer, Query: query, Filter: filter.condition, Bare: true})
	return err
}
