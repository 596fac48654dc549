package build

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
)

// doorRow is a row of a register: where voters live, and the precinct they are registered in.
type doorRow struct {
	division  string
	key       engine.PrecinctKey
	code      string
	addressID string
	grain     string
	lon, lat  float64 // NaN where the row has no position
	doors     float64
	origin    fileRow
}

// located tells whether the row has a position.
func (d *doorRow) located() bool { return !math.IsNaN(d.lon) && !math.IsNaN(d.lat) }

// grainHouse is the grain of rows that stand for a house.
const grainHouse = "house"

func (r *reader) takeRegister(in engine.Input, file int32, rows engine.Rows) error {
	lines, ids, grains, lons, lats := rows.Ints("line"), rows.Texts("address_id"), rows.Texts("grain"), rows.Floats("lon"), rows.Floats("lat")
	townships, stations, codes, doors := rows.Texts("commune"), rows.Texts("station"), rows.Texts("code"), rows.Ints("doors")
	for i := range rows.Len() {
		if !r.inScope(in, townships.Value(i)) {
			r.pass(file, lines.Value(i), passCommune)
			continue
		}
		d := doorRow{
			division: string(in.Spec.Division), key: r.key(townships.Value(i), stations.Value(i)), code: r.texts.keep(codes.Value(i)),
			addressID: string(append([]byte(nil), ids.Value(i)...)), grain: r.texts.keep(grains.Value(i)),
			lon: math.NaN(), lat: math.NaN(), doors: max(0, float64(doors.Value(i))), origin: fileRow{file, lines.Value(i)},
		}
		if !lons.IsNull(i) && !lats.IsNull(i) {
			d.lon, d.lat = lons.Value(i), lats.Value(i)
		}
		r.register = append(r.register, d)
	}
	return nil
}

// sortRegister brings the rows into an order that does not depend on the file's.
func sortRegister(rows []doorRow) {
	slices.SortFunc(rows, func(a, b doorRow) int {
		return cmp.Or(strings.Compare(a.division, b.division), strings.Compare(a.addressID, b.addressID), cmp.Compare(a.lon, b.lon), cmp.Compare(a.lat, b.lat),
			strings.Compare(a.key.Commune, b.key.Commune), strings.Compare(a.key.Station, b.key.Station), strings.Compare(a.grain, b.grain),
			cmp.Compare(a.doors, b.doors), cmp.Compare(a.origin.file, b.origin.file), cmp.Compare(a.origin.line, b.origin.line))
	})
}
