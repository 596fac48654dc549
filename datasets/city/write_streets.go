package city

import (
	"strconv"
	"strings"
)

const streetsHead = "\ufeffN_SQ_VO;C_COINSEE;C_DESI;C_LIAISON;L_VOIE;L_COURTMIN;L_LONGMIN;C_VOIE;B_FANTOIR;B_OFF;C_VOIE_VP;Geometry;OBJECTID;" +
	"C_DOMOFF;N_SQ_CO;LENGTH;Geometry X Y\r\n"

// streetRows are whole streets in the layout of the Paris register, dataset voie.
func streetRows(b []byte, index int, c *commune) []byte {
	for i := range c.streets {
		s := &c.streets[i]
		id := (index+1)*10_000 + i + 1
		b = append(appendInt(b, id, 9), ';')
		b = append(append(b, c.code...), ';')
		b = append(append(b, kinds[s.name.kind]...), ';')
		b = append(append(b, strings.ToUpper(s.name.link)...), ';')
		b = append(append(b, upperPlain(s.name.word)...), ';')
		b = append(append(b, shortName(s.name)...), ';')
		b = append(append(b, s.name.String()...), ';')
		b = append(fantoir(append(b, c.code...), i), ";O;O;"...)
		b = append(fantoir(b, i), `;"{""coordinates"": `...)
		if len(s.parts) == 1 {
			b = append(appendDegreesLine(b, s.parts[0]), `, ""type"": ""LineString""}";`...)
		} else {
			b = append(b, '[')
			for k, part := range s.parts {
				if k > 0 {
					b = append(b, ", "...)
				}
				b = appendDegreesLine(b, part)
			}
			b = append(b, `], ""type"": ""MultiLineString""}";`...)
		}
		b = append(strconv.AppendInt(b, int64(id), 10), ";P;"...)
		b = append(appendInt(b, index+1, 9), ";;"...)
		b = appendLatLon(b, s.segments[len(s.segments)/2].middle())
		b = append(b, "\r\n"...)
	}
	return b
}

// appendLatLon writes a point as the portal does: latitude first.
func appendLatLon(b []byte, p point) []byte {
	lon, lat, _ := strings.Cut(string(appendDegrees(nil, p, vertexDecimals, " ")), " ")
	return append(append(append(b, lat...), ", "...), lon...)
}

var abbreviations = map[string]string{
	"Rue": "R.", "Avenue": "Av.", "Boulevard": "Bd", "Place": "Pl.", "Impasse": "Imp.", "Allée": "All.", "Passage": "Pas.", "Chemin": "Ch.",
	"Route": "Rte", "Quai": "Qu.", "Square": "Sq.",
}

func shortName(n streetName) string {
	short, ok := abbreviations[n.kind]
	if !ok {
		return n.String()
	}
	return short + strings.TrimPrefix(n.String(), n.kind)
}

// afnorName is the name as post offices write it.
func afnorName(n streetName) string {
	return strings.NewReplacer("'", " ", "-", " ").Replace(upperPlain(n.String()))
}
