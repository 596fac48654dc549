package datasets

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

var addressBlocks = Dataset{
	Name:        "address-blocks",
	Kind:        engine.KindAddresses,
	Derived:     true,
	Title:       "Blocks between streets: a place to live every 25 m of their fronts, where a city publishes no addresses",
	Publisher:   "the city",
	Licence:     "see-publisher",
	Attribution: "the city's address blocks",
	Address:     "https://github.com/cambridgegis/cambridgegis_data",
	decode:      decodeAddressBlocks,
}

const (
	frontageM  = 25.0 // between two addresses of a block
	insideM    = 5.0  // from the front of the block inwards
	mostFronts = 20_000
)

// decodeAddressBlocks puts addresses along the outer rings of the blocks, numbered from 1. They have no street: each belongs to
// the nearest.
func decodeAddressBlocks(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(format.Column{Names: []string{"UNQ_ID2", "UNQ_ID", "BLOCK_ID", "BLOCKID"}})
	if err != nil {
		return nil, nil, err
	}
	shaper, err := newShaper(d, rows)
	if err != nil {
		return nil, nil, err
	}
	d.report.Layout = "blocks without addresses: a place every 25 m of their fronts stands for them"
	addresses := newAddressRows(d)
	commune := communeOf(d)
	return rows, func(line int64) (string, error) {
		id := string(rows.Field(at[0]))
		if id == "" {
			return "no id", nil
		}
		published, malformed := rows.Geometry()
		shape, reason, err := shaper.area(line, published, malformed)
		if reason != "" || err != nil {
			return reason, err
		}
		g, err := wkb.Unmarshal(shape) // in degrees
		if err != nil {
			return "", err
		}
		parts, _ := collectAreas(nil, g)
		fronts, ok := frontages(parts)
		if !ok {
			return "the block has a front of more than 500 km", nil
		}
		for i, p := range fronts {
			addresses.append(line, address{
				id: []byte(id + "/" + strconv.Itoa(i+1)), number: int32(i + 1), commune: commune, lon: p[0], lat: p[1],
			})
		}
		return "", nil
	}, nil
}

// frontages gives the places along the outer rings of blocks, in degrees; at least one for a block that has a front.
func frontages(blocks []orb.Polygon) (places []orb.Point, ok bool) {
	for _, block := range blocks {
		if len(block) == 0 || len(block[0]) < 3 {
			continue
		}
		projection := geo.ProjectionAt(block[0][0][0], block[0][0][1])
		ring := make(orb.LineString, len(block[0]))
		for i, p := range block[0] {
			ring[i][0], ring[i][1] = projection.Forward(p[0], p[1])
		}
		length := geo.LineLength(ring)
		count := max(math.Round(length/frontageM), 1)
		if !(count < mostFronts) {
			return nil, false
		}
		inwards := orb.Ring(ring).Orientation() == orb.CCW // a ring against the clock has its inside on the left
		for i := range int(count) {
			x, y := besideAt(ring, length*(float64(i)+0.5)/count, insideM, inwards)
			lon, lat := projection.Inverse(x, y)
			places = append(places, orb.Point{lon, lat})
		}
	}
	return places, true
}
