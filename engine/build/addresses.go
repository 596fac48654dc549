package build

import (
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// addresses are a place's addresses as columns: a country has 26 million. They are in address_id order once all are read.
type addresses struct {
	ids         *texts
	number      []int32
	suffix      []int32 // in words, as the next three
	street      []int32
	commune     []int32
	communeName []int32
	lon, lat    []float64
	households  []float64 // NaN where the source does not count them
	origin      []rowOrigin

	words words
}

func newAddresses() *addresses { return &addresses{ids: &texts{}} }

func (a *addresses) len() int { return len(a.lon) }

func (a *addresses) id(i int32) string            { return a.ids.at(i) }
func (a *addresses) streetOf(i int32) string      { return a.words.list[a.street[i]] }
func (a *addresses) communeOf(i int32) string     { return a.words.list[a.commune[i]] }
func (a *addresses) communeNameOf(i int32) string { return a.words.list[a.communeName[i]] }

// grow makes room for so many more.
func (a *addresses) grow(n int) {
	a.ids.grow(n)
	for _, column := range []*[]int32{&a.number, &a.suffix, &a.street, &a.commune, &a.communeName} {
		*column = slices.Grow(*column, n)
	}
	for _, column := range []*[]float64{&a.lon, &a.lat, &a.households} {
		*column = slices.Grow(*column, n)
	}
	a.origin = slices.Grow(a.origin, n)
}

// keep leaves the addresses that are listed, in the order of the list.
func (a *addresses) keep(list []int32) {
	a.ids = a.ids.inOrder(list)
	for _, column := range []*[]int32{&a.number, &a.suffix, &a.street, &a.commune, &a.communeName} {
		*column = pick(*column, list)
	}
	for _, column := range []*[]float64{&a.lon, &a.lat, &a.households} {
		*column = pick(*column, list)
	}
	a.origin = pick(a.origin, list)
}

// sort brings the addresses into the order of their ids. Where an id is there twice it gives the first address that repeats one, and the one
// it repeats.
func (a *addresses) sort() (first, again int32, twice bool) {
	order := inOrder(a.len(), func(i, j int32) int { return strings.Compare(a.id(i), a.id(j)) })
	for i := 1; i < len(order); i++ {
		// Those of one id come in the order in which they were read.
		if a.id(order[i-1]) == a.id(order[i]) && (!twice || order[i] < again) {
			first, again, twice = order[i-1], order[i], true
		}
	}
	if !twice {
		a.keep(order)
	}
	return first, again, twice
}

func (r *reader) takeAddresses(in engine.Input, file int32, rows engine.Rows) error {
	lines, ids, numbers, suffixes := rows.Ints("line"), rows.Texts("address_id"), rows.Int32s("number"), rows.Texts("suffix")
	streets, communes, names := rows.Texts("street"), rows.Texts("commune"), rows.Texts("commune_name")
	lons, lats, households := rows.Floats("lon"), rows.Floats("lat"), rows.Floats("households")
	a := r.addresses
	a.grow(r.room(a.len(), cap(a.lon), rows.Len(), r.first.addresses))
	for i := range rows.Len() {
		if !r.inScope(in, communes.Value(i)) {
			r.pass(file, lines.Value(i), passCommune)
			continue
		}
		a.ids.add(ids.Value(i))
		a.number = append(a.number, numbers.Value(i))
		a.suffix = a.words.appendTo(a.suffix, suffixes.Value(i))
		a.street = a.words.appendTo(a.street, streets.Value(i))
		a.commune = a.words.appendTo(a.commune, communes.Value(i))
		a.communeName = a.words.appendTo(a.communeName, names.Value(i))
		lon, lat, homes := lons.Value(i), lats.Value(i), math.NaN()
		if !households.IsNull(i) {
			homes = households.Value(i)
		}
		a.lon, a.lat, a.households = append(a.lon, lon), append(a.lat, lat), append(a.households, homes)
		a.origin = append(a.origin, originOf(file, lines.Value(i)))
		if pointIsUsable(lon, lat) {
			r.extent.add(orb.Point{lon, lat}.Bound())
		}
	}
	return nil
}
