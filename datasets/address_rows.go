package datasets

import (
	"bytes"
	"math"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/arpent/arpent/datasets/format"
)

// address is a door as a dataset gives it. Texts are not kept.
type address struct {
	id          []byte
	number      int32
	suffix      []byte // lower case; empty without one
	street      []byte // without the house number
	commune     []byte
	communeName []byte
	lon, lat    float64 // WGS84 degrees
	households  float64 // dwellings, where counted
	counted     bool
}

// addressRows appends rows of engine.KindAddresses.
type addressRows struct {
	lines                         *array.Int64Builder
	numbers                       *array.Int32Builder
	ids, suffixes, streets        texts
	communes, communeNames        texts
	longitudes, latitudes, counts *array.Float64Builder
}

func newAddressRows(d decoding) *addressRows {
	return &addressRows{
		lines: d.out.ints("line"), numbers: d.out.int32s("number"), ids: d.out.texts("address_id"), suffixes: d.out.texts("suffix"),
		streets: d.out.texts("street"), communes: d.out.texts("commune"), communeNames: d.out.texts("commune_name"),
		longitudes: d.out.floats("lon"), latitudes: d.out.floats("lat"), counts: d.out.floats("households"),
	}
}

func (a *addressRows) append(line int64, row address) {
	a.lines.Append(line)
	a.ids.append(row.id)
	a.numbers.Append(row.number)
	a.suffixes.append(row.suffix)
	a.streets.append(row.street)
	a.communes.append(row.commune)
	a.communeNames.append(row.communeName)
	a.longitudes.Append(row.lon)
	a.latitudes.Append(row.lat)
	if row.counted {
		a.counts.Append(row.households)
	} else {
		a.counts.AppendNull()
	}
}

// Reasons to leave out an address.
const (
	reasonNoNumber = "no house number"
	reasonNumber   = "the house number is not a whole number"
	reasonNoStreet = "no street"
)

// houseNumber reads a number that may carry its suffix: 12, 12bis, 12 B, 12-14 (the first counts), 100A, 12½.
func houseNumber(text []byte) (number int32, suffix []byte, reason string) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return 0, nil, reasonNoNumber
	}
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	whole, given, err := format.Whole(text[:end])
	if !given || err != nil || whole > math.MaxInt32 {
		return 0, nil, reasonNumber
	}
	rest := bytes.TrimLeft(text[end:], " ")
	if len(rest) > 0 && (rest[0] == '-' || rest[0] == '/' || rest[0] == ',' || rest[0] == ';' || rest[0] == '.') {
		return int32(whole), nil, "" // a range or a list: the first stands for it
	}
	if len(rest) > 8 {
		return 0, nil, reasonNumber
	}
	return int32(whole), bytes.ToLower(bytes.TrimSpace(rest)), ""
}
