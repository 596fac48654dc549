package live

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// MostSearched is how many addresses a place may have that are searched: they take 80 bytes each, once somebody asks for one.
const MostSearched = 5_000_000

// typedAddress is one way to read a question that begins with a number.
type typedAddress struct {
	number int32
	suffix string
	street string
}

// typedAddresses are the ways to read a question as an address, the likeliest first, as of readingsOf. It may go on with the commune.
func typedAddresses(text string) (ways []typedAddress) {
	text = strings.ToLower(text)
	at := houseNumber.FindStringSubmatchIndex(text)
	if at == nil || strings.TrimSpace(text[at[1]:]) == "" {
		return nil
	}
	number, err := strconv.ParseInt(text[at[2]:at[3]], 10, 32)
	if err != nil {
		return nil
	}
	suffix, afterNumber := "", at[3]
	if at[4] >= 0 {
		suffix, afterNumber = text[at[4]:at[5]], at[4]
	}
	ways = append(ways, typedAddress{int32(number), suffix, text[at[1]:]})
	if long, ok := shortSuffixes[suffix]; ok {
		ways = append(ways, typedAddress{int32(number), long, text[at[1]:]})
	}
	if len(suffix) == 1 {
		ways = append(ways, typedAddress{int32(number), "", text[afterNumber:]})
	}
	return ways
}

// findAddresses finds the addresses that a question means by its first reading which has any, and their streets after them; else the streets of the
// first that has some, the first of them with the numbers next to the one that is not there.
func (c *City) findAddresses(ctx context.Context, x *searchIndex, text string, limit int) (found []Found, err error) {
	if x.addresses > MostSearched {
		return nil, nil
	}
	var nearest []Found
	for _, typed := range typedAddresses(text) {
		streets, err := x.findStreets(ctx, x.typed(typed.street), limit)
		if err != nil {
			return nil, err
		}
		if len(streets) == 0 {
			continue
		}
		on, err := c.addressesOn(x)
		if err != nil {
			return nil, err
		}
		for i := range streets {
			found = append(found, on.at(&streets[i], typed)...)
		}
		if len(found) == 0 && nearest == nil {
			nearest = append(nearest, c.describeStreet(x, &streets[0]))
			nearest = append(nearest, on.nextTo(streets, typed.number)...)
			streets = streets[1:]
		}
		of := &found
		if len(found) == 0 {
			of = &nearest
		}
		for i := range streets {
			*of = append(*of, c.describeStreet(x, &streets[i]))
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	return nearest, nil
}

// addressesOn finds addresses by their streets.
type addressesOn struct {
	city     *City
	index    *searchIndex
	register *addressRegister
	names    *addressNames
}

func (c *City) addressesOn(x *searchIndex) (*addressesOn, error) {
	register, err := c.addressRegister()
	if err != nil {
		return nil, err
	}
	names, err := c.addressNames()
	return &addressesOn{c, x, register, names}, err
}

// numbers gives the streets that the register calls as a street is called: by its normal name, else by its loose one.
func (a *addressesOn) numbers(street *streetFound) []int32 {
	name := a.city.unitLevel(engine.UnitSegment, 0).names.at(int(a.index.segments[street.first]))
	key := geo.NewStreetKey("", name)
	if one, ok := a.names.streets[key.Normal]; ok {
		return []int32{one}
	}
	return a.names.loose[key.Loose]
}

// isOn tells whether an address of the name of a street is on it: of its commune, or at one of its segments, for a street may be a border.
func (a *addressesOn) isOn(street *streetFound, address int32) bool {
	u := a.register.segments[address]
	if u < 0 {
		return false
	}
	commune, known := a.index.communeCode[a.names.codes[a.names.communes[address]]]
	return known && commune == street.commune || a.index.communeOf[u] == street.commune
}

// at gives the addresses of a number on a street, one where the register has it twice.
func (a *addressesOn) at(street *streetFound, typed typedAddress) (list []Found) {
	for _, called := range a.numbers(street) {
		for _, one := range a.names.onStreet(called, addressReading{number: typed.number, suffix: typed.suffix}, nil, nil) {
			if len(list) == 0 && a.isOn(street, one) {
				list = append(list, a.describe(street, namedAddress{called, typed.number, one}))
			}
		}
	}
	return list
}

// nextTo gives the addresses next below a number and next above, on streets of the name of the first.
func (a *addressesOn) nextTo(streets []streetFound, number int32) (list []Found) {
	below, above := namedAddress{number: math.MinInt32}, namedAddress{number: math.MaxInt32}
	var belowOn, aboveOn *streetFound
	for i := range streets {
		street := &streets[i]
		if street.name != streets[0].name {
			continue
		}
		for _, called := range a.numbers(street) {
			at, _ := slices.BinarySearchFunc(a.names.order, namedAddress{called, number, 0}, compareNamed)
			for i := at - 1; i >= 0 && a.names.order[i].street == called && a.names.order[i].number >= below.number; i-- {
				if a.isOn(street, a.names.order[i].address) {
					below, belowOn = a.names.order[i], street
				}
			}
			for i := at; i < len(a.names.order) && a.names.order[i].street == called && a.names.order[i].number < above.number; i++ {
				if a.isOn(street, a.names.order[i].address) {
					above, aboveOn = a.names.order[i], street
				}
			}
		}
	}
	if belowOn != nil {
		list = append(list, a.describe(belowOn, below))
	}
	if aboveOn != nil {
		list = append(list, a.describe(aboveOn, above))
	}
	return list
}

func (a *addressesOn) describe(street *streetFound, one namedAddress) Found {
	l, u := a.city.layers["segments"], a.register.segments[one.address]
	name := strconv.Itoa(int(one.number))
	switch suffix := a.names.suffixes[one.address]; {
	case len(suffix) == 1:
		name += " " + strings.ToUpper(suffix)
	case suffix != "":
		name += " " + suffix
	}
	x, y := int64(a.register.x[one.address]), int64(a.register.y[one.address])
	found := Found{
		Kind: FoundAddress, Name: name + " " + l.level.names.at(int(a.index.segments[street.first])), Detail: a.city.communeName(street.commune),
		Unit: engine.UnitSegment, ID: l.level.ids[u], Bound: boundOfBox(union(l.box(int(u)), geo.WorldBox{MinX: x, MinY: y, MaxX: x, MaxY: y})),
	}
	if commune, known := a.index.communeCode[a.names.codes[a.names.communes[one.address]]]; known {
		found.Detail = a.city.communeName(commune)
	}
	found.Lon, found.Lat = geo.FromWorld(x, y)
	return found
}
