package city

import (
	"slices"
	"strconv"
)

const registerHead = "code_commune_ref,reconstitution_code_commune,id_brut_bv_reu,id,geo_adresse,geo_type,geo_score,longitude,latitude,api_line," +
	"nb_bv_commune,nb_adresses\n"

// registerRows are the addresses of registered voters in the layout of table-adresses-reu. Of every one the geocoder is sure.
func registerRows(b []byte, _ int, c *commune) []byte {
	b = slices.Grow(b, 130*len(c.addresses))
	for i := range c.addresses {
		a := &c.addresses[i]
		if a.registered == 0 {
			continue
		}
		b = append(append(b, c.code...), ",1,"...) // the commune was known by its name
		b = append(append(b, c.code...), '_')
		b = append(strconv.AppendInt(b, int64(a.precinct+1), 10), ',')
		b = append(appendAddressID(b, c, a), ',')
		b = strconv.AppendInt(b, int64(a.number), 10)
		b = append(append(append(b, a.suffix...), ' '), c.streets[a.street].name.String()...)
		b = append(append(append(append(b, ' '), c.code[:4]...), "0 "...), c.name...)
		b = append(b, ",housenumber,0.96,"...)
		b = append(appendDegrees(b, a.at, 6, ","), ",1,"...)
		b = append(strconv.AppendInt(b, int64(len(c.precincts)), 10), ',')
		b = append(strconv.AppendInt(b, int64(a.doors), 10), '\n')
	}
	return b
}
