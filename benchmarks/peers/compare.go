package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
)

// tileBuffer is how far features reach over the edge of a tile of tileExtent coordinates, here and in the SQL of PostGIS.
const (
	tileExtent = 4096
	tileBuffer = 64
)

// comparison is how a peer's tile differs from ours.
type comparison struct {
	difference string // in a few words; "" where there is none
	edge       int    // features of one side alone that lie on the outer edge of the buffer with all that they have in the tile: no difference
}

// compare compares the features of two tiles: which there are, by id, and what they say. Lines are not compared, each side rounds and
// thins them in its own way.
//
// Whether a line is in a tile that has a piece of it along the outer edge of the buffer, and nothing inside, is answered in two ways, both of which are right:
// GEOS leaves most of them out. They are counted by themselves.
func compare(ours, theirs []byte) (comparison, error) {
	mine, err := readFeatures(ours)
	if err != nil {
		return comparison{}, fmt.Errorf("peers: a tile of Arpent: %w", err)
	}
	other, err := readFeatures(theirs)
	if err != nil {
		return comparison{}, fmt.Errorf("peers: a tile of the peer: %w", err)
	}
	var onlyOurs, onlyTheirs, otherwise []uint64
	var c comparison
	for id, f := range mine {
		peer, there := other[id]
		switch {
		case !there && f.edge:
			c.edge++
		case !there:
			onlyOurs = append(onlyOurs, id)
		case !reflect.DeepEqual(f.attributes, peer.attributes):
			otherwise = append(otherwise, id)
		}
	}
	for id, f := range other {
		_, there := mine[id]
		switch {
		case !there && f.edge:
			c.edge++
		case !there:
			onlyTheirs = append(onlyTheirs, id)
		}
	}
	var found []string
	for _, kind := range []struct {
		what string
		ids  []uint64
	}{{"only of Arpent", onlyOurs}, {"only of the peer", onlyTheirs}, {"with other attributes", otherwise}} {
		if len(kind.ids) > 0 {
			found = append(found, fmt.Sprintf("%d %s (as %d)", len(kind.ids), kind.what, slices.Min(kind.ids)))
		}
	}
	c.difference = strings.Join(found, ", ")
	return c, nil
}

// readFeature is a feature of a tile.
type readFeature struct {
	attributes map[string]any // all numbers are float64
	edge       bool
}

// readFeatures gives the features of a tile by their ids.
func readFeatures(tile []byte) (map[uint64]readFeature, error) {
	features := map[uint64]readFeature{}
	if len(tile) == 0 {
		return features, nil
	}
	layers, err := mvt.Unmarshal(tile)
	if err != nil {
		return nil, err
	}
	for _, layer := range layers {
		if layer.Extent != tileExtent {
			return nil, fmt.Errorf("its extent is %d, not %d", layer.Extent, tileExtent)
		}
		for _, f := range layer.Features {
			number, numbered := f.ID.(float64)
			id := uint64(number)
			if _, twice := features[id]; twice || !numbered {
				return nil, fmt.Errorf("a feature has no id, or that of another: %v", f.ID)
			}
			features[id] = readFeature{f.Properties, onEdge(f.Geometry.Bound())}
		}
	}
	return features, nil
}

// onEdge tells whether all of something lies on the outer edge of the buffer, or beyond.
func onEdge(b orb.Bound) bool {
	const first, last = -tileBuffer, tileExtent + tileBuffer
	return b.Max[0] <= first || b.Max[1] <= first || b.Min[0] >= last || b.Min[1] >= last
}
