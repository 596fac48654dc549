package build

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
)

// registerRows are the rows of registers as columns: where voters live, and the precinct they are registered in. A country has 20 million.
type registerRows struct {
	stations []station
	station  []int32 // index in stations
	ids      *texts  // of addresses; "" where a row has a position only
	house    []bool  // the row stands for a house, no street, locality or commune
	lon, lat []float64
	doors    []float64
	origin   []rowOrigin

	numbers map[precinctRef]int32 // of stations
}

// station is a precinct that a register names.
type station struct {
	precinctRef
	code string // as published; of several spellings the first in the alphabet
}

func newRegisterRows() *registerRows {
	return &registerRows{ids: &texts{}, numbers: map[precinctRef]int32{}}
}

func (r *registerRows) len() int { return len(r.station) }

// grow makes room for so many more.
func (r *registerRows) grow(n int) {
	r.ids.grow(n)
	r.station, r.house, r.origin = slices.Grow(r.station, n), slices.Grow(r.house, n), slices.Grow(r.origin, n)
	r.lon, r.lat, r.doors = slices.Grow(r.lon, n), slices.Grow(r.lat, n), slices.Grow(r.doors, n)
}

// located tells whether a row has a position.
func (r *registerRows) located(row int32) bool {
	return !math.IsNaN(r.lon[row]) && !math.IsNaN(r.lat[row])
}

// near finds the number of a station: most often it is that of the row before.
func (r *registerRows) near(ref precinctRef) (number int32, known bool) {
	if n := len(r.station); n > 0 && r.stations[r.station[n-1]].precinctRef == ref {
		return r.station[n-1], true
	}
	number, known = r.numbers[ref]
	return number, known
}

// grainHouse is the grain of rows that stand for a house.
const grainHouse = "house"

func (r *reader) takeRegister(in engine.Input, file int32, rows engine.Rows) error {
	lines, ids, grains, lons, lats := rows.Ints("line"), rows.Texts("address_id"), rows.Texts("grain"), rows.Floats("lon"), rows.Floats("lat")
	townships, stations, codes, doors := rows.Texts("commune"), rows.Texts("station"), rows.Texts("code"), rows.Ints("doors")
	d := r.register
	d.grow(r.room(d.len(), cap(d.lon), rows.Len(), r.first.register))
	for i := range rows.Len() {
		if !r.inScope(in, townships.Value(i)) {
			r.pass(file, lines.Value(i), passCommune)
			continue
		}
		lon, lat := math.NaN(), math.NaN()
		if !lons.IsNull(i) && !lats.IsNull(i) {
			lon, lat = lons.Value(i), lats.Value(i)
		}
		ref := precinctRef{string(in.Spec.Division), engine.PrecinctKey{Country: r.country, Commune: townships.Value(i), Station: stations.Value(i)}}
		number, known := d.near(ref)
		if !known {
			ref.key = r.key(townships.Value(i), stations.Value(i))
			number = int32(len(d.stations))
			d.numbers[ref], d.stations = number, append(d.stations, station{ref, r.texts.keep(codes.Value(i))})
		} else if code := codes.Value(i); code < d.stations[number].code {
			d.stations[number].code = r.texts.keep(code)
		}
		d.station = append(d.station, number)
		d.ids.add(ids.Value(i))
		d.house = append(d.house, grains.Value(i) == grainHouse)
		d.lon, d.lat = append(d.lon, lon), append(d.lat, lat)
		d.doors = append(d.doors, max(0, float64(doors.Value(i))))
		d.origin = append(d.origin, originOf(file, lines.Value(i)))
	}
	return nil
}

// sort brings the rows into an order that does not depend on the file's: by division, address and position.
func (r *registerRows) sort() {
	order := inOrder(r.len(), func(a, b int32) int {
		x, y := &r.stations[r.station[a]], &r.stations[r.station[b]]
		if c := cmp.Or(strings.Compare(x.division, y.division), strings.Compare(r.ids.at(a), r.ids.at(b))); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(r.lon[a], r.lon[b]), cmp.Compare(r.lat[a], r.lat[b]),
			strings.Compare(x.key.Commune, y.key.Commune), strings.Compare(x.key.Station, y.key.Station), cmp.Compare(r.doors[a], r.doors[b]))
	})
	r.station, r.ids, r.house = pick(r.station, order), r.ids.inOrder(order), pick(r.house, order)
	r.lon, r.lat, r.doors, r.origin = pick(r.lon, order), pick(r.lat, order), pick(r.doors, order), pick(r.origin, order)
}

// of gives the rows of a division, the first and the one after the last.
func (r *registerRows) of(division string) (from, to int32) {
	n := int32(r.len())
	for from < n && r.stations[r.station[from]].division != division {
		from++
	}
	for to = from; to < n && r.stations[r.station[to]].division == division; {
		to++
	}
	return from, to
}
