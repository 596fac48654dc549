package city

import (
	"slices"
	"strconv"
)

const areasHead = `{"type":"FeatureCollection","features":[`

// areaRows are precinct areas in the layout of data.gouv.fr, proposition de contours des bureaux de vote.
func areaRows(b []byte, index int, c *commune) []byte {
	for i := range c.precincts {
		p := &c.precincts[i]
		b = separate(b, index == 0 && i == 0)
		b = append(append(b, `{"type":"Feature","properties":{"codeDepartement":"`...), c.code[:2]...)
		b = append(append(b, `","nomDepartement":"Large","codeCirconscription":"`...), c.code[:2]...)
		if 2*i < len(c.precincts) { // every commune is cut in two, and half of it is in each of the department's constituencies
			b = append(b, `01","nomCirconscription":"1re circonscription","codeCommune":"`...)
		} else {
			b = append(b, `02","nomCirconscription":"2e circonscription","codeCommune":"`...)
		}
		b = append(b, c.code...)
		b = append(append(b, `","nomCommune":"`...), c.name...)
		b = stationCode(append(b, `","numeroBureauVote":"`...), i)
		b = precinctCode(append(b, `","codeBureauVote":"`...), c, i)
		b = append(append(append(b, `","id_bv":"`...), c.code...), '_')
		b = strconv.AppendInt(b, int64(i+1), 10)
		b = append(b, `"},"geometry":{"type":"Polygon","coordinates":[`...)
		b = appendDegreesLine(b, p.ring)
		for _, park := range p.parks {
			hole := append(slices.Clone(park), park[0])
			slices.Reverse(hole) // clockwise: RFC 7946
			b = appendDegreesLine(append(b, ", "...), hole)
		}
		b = append(b, "]}}"...)
	}
	return b
}
