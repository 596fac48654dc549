package city

import (
	"strconv"
	"strings"

	"github.com/arpent/arpent/geo"
)

// published is a file of the place: how it begins, what each commune adds, how it ends.
type published struct {
	name       string
	head, tail string
	rows       func(b []byte, index int, c *commune) []byte
	late       func(b []byte, all *tally) []byte // what is not known before the last commune; nil where there is nothing
}

// files lists what is written, in the order in which the files get their names. The place file comes after them.
func files() []published {
	list := []published{
		{name: "addresses.csv.gz", head: banHead, rows: banRows},
		{name: "streets.csv", head: streetsHead, rows: streetRows},
		{name: "areas.geojson", head: areasHead, tail: featuresTail, rows: areaRows},
	}
	for k := range contests {
		list = append(list, published{name: resultsName(k), head: resultsHead, rows: func(b []byte, _ int, c *commune) []byte { return resultRows(b, k, c) }})
	}
	return append(list,
		published{name: "iris.geojson", head: irisHead, tail: featuresTail, rows: irisRows},
		published{name: "census-csp.csv", head: cspHead, rows: cspRows},
		published{name: "income.csv", head: incomeHead, rows: incomeRows},
		published{name: "grid-200m.csv", head: gridHead(), rows: gridRows, late: sharedGridRows},
		published{name: "register.csv.gz", head: registerHead, rows: registerRows},
		published{name: "truth.csv.gz", head: truthHead(), rows: truthRows},
	)
}

const featuresTail = "\n]}\n"

// separate ends the feature before.
func separate(b []byte, isFirst bool) []byte {
	if isFirst {
		return append(b, '\n')
	}
	return append(b, ",\n"...)
}

// appendInt writes a number with leading zeros up to a width.
func appendInt(b []byte, n, width int) []byte {
	digits := strconv.Itoa(n)
	for range width - len(digits) {
		b = append(b, '0')
	}
	return append(b, digits...)
}

func appendFixed(b []byte, v float64, decimals int) []byte {
	return strconv.AppendFloat(b, v, 'f', decimals, 64)
}

// appendDegrees writes a point of Lambert-93 as longitude, latitude.
func appendDegrees(b []byte, p point, decimals int, between string) []byte {
	lon, lat := geo.Lambert93.Inverse(p.x, p.y)
	b = appendFixed(b, lon, decimals)
	b = append(b, between...)
	return appendFixed(b, lat, decimals)
}

// vertexDecimals is a millimetre, in degrees.
const vertexDecimals = 8

func appendDegreesLine(b []byte, line []point) []byte {
	b = append(b, '[')
	for i, p := range line {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, '[')
		b = appendDegrees(b, p, vertexDecimals, ", ")
		b = append(b, ']')
	}
	return append(b, ']')
}

// plain takes the accents off: Évian is Evian.
var plain = strings.NewReplacer(
	"à", "a", "â", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "î", "i", "ï", "i", "ô", "o", "û", "u", "ü", "u", "œ", "oe",
	"À", "A", "Â", "A", "Ç", "C", "É", "E", "È", "E", "Ê", "E", "Î", "I", "Ô", "O", "Û", "U", "Œ", "OE",
)

func upperPlain(s string) string { return strings.ToUpper(plain.Replace(s)) }

// fantoir is the four-digit code of a street in its commune.
func fantoir(b []byte, street int) []byte { return appendInt(b, street+1, 4) }

// stationCode is a precinct's number in its commune.
func stationCode(b []byte, precinct int) []byte { return appendInt(b, precinct+1, 4) }

func precinctCode(b []byte, c *commune, precinct int) []byte {
	b = append(append(b, c.code...), '_')
	return stationCode(b, precinct)
}
