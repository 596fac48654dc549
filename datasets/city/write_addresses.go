package city

import (
	"slices"
	"strconv"
)

const banHead = "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;nom_ancienne_commune;" +
	"x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;source_position;source_nom_voie;certification_commune;cad_parcelles\n"

// banRows are addresses in the layout of the Base Adresse Nationale.
func banRows(b []byte, _ int, c *commune) []byte {
	b = slices.Grow(b, 230*len(c.addresses))
	delivery := upperPlain(c.name)
	names, afnor := make([]string, len(c.streets)), make([]string, len(c.streets))
	for i := range c.streets {
		names[i] = c.streets[i].name.String()
		afnor[i] = afnorName(c.streets[i].name)
	}
	for i := range c.addresses {
		a := &c.addresses[i]
		b = appendAddressID(b, c, a)
		b = append(append(append(b, ';'), c.code...), '_')
		b = append(fantoir(b, a.street), ';')
		b = append(strconv.AppendInt(b, int64(a.number), 10), ';')
		b = append(append(b, a.suffix...), ';')
		b = append(append(b, names[a.street]...), ';')
		b = append(append(append(b, c.code[:4]...), '0', ';'), c.code...)
		b = append(append(append(b, ';'), c.name...), ";;;"...)
		b = append(appendFixed(b, a.at.x, 2), ';')
		b = append(appendFixed(b, a.at.y, 2), ';')
		b = appendDegrees(b, a.at, 6, ";")
		b = append(append(b, ";entrée;;;"...), delivery...)
		b = append(append(append(b, ';'), afnor[a.street]...), ";commune;commune;1;\n"...)
	}
	return b
}

// appendAddressID writes commune_street_number[_suffix], as 99001_0012_00011_bis.
func appendAddressID(b []byte, c *commune, a *address) []byte {
	b = append(append(b, c.code...), '_')
	b = append(fantoir(b, a.street), '_')
	b = appendInt(b, a.number, 5)
	if a.suffix != "" {
		b = append(append(b, '_'), a.suffix...)
	}
	return b
}
