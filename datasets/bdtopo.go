package datasets

import (
	"bytes"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var bdtopo = Dataset{
	Name:        "bdtopo",
	Kind:        engine.KindStreets,
	Country:     "fr",
	Title:       "BD TOPO, troncon_de_route: the streets of France, cut at their crossings",
	Publisher:   "IGN",
	Licence:     "etalab-2.0",
	Attribution: "IGN, BD TOPO",
	Address:     "https://geoservices.ign.fr/bdtopo",
	decode:      decodeBDTopo,
}

// Names of the columns in GeoPackages and the web service, then as Shapefiles cut or shorten them.
var bdtopoColumns = []format.Column{
	{Names: []string{"cleabs", "ID"}},
	{Names: []string{"nature"}},
	{Names: []string{"etat_de_l_objet", "ETAT", "etat_de_l_"}, Optional: true},
	{Names: []string{"nom_voie_ban_gauche", "NOM_VOIE_G", "nom_voie_b"}, Optional: true},
	{Names: []string{"nom_voie_ban_droite", "NOM_VOIE_D", "nom_voie_1"}, Optional: true},
	{Names: []string{"insee_commune_gauche", "INSEECOM_G", "insee_comm"}, Optional: true},
	{Names: []string{"insee_commune_droite", "INSEECOM_D", "insee_co_1"}, Optional: true},
	{Names: []string{"nom_collaboratif_gauche", "NOM_COLL_G", "nom_1_gauche", "NOM_1_G", "nom_collab"}, Optional: true},
	{Names: []string{"nom_collaboratif_droite", "NOM_COLL_D", "nom_1_droite", "NOM_1_D", "nom_coll_1"}, Optional: true},
}

// decodeBDTopo reads the streets that are in use and walkable. A side has the name and the commune of its own addresses: a street
// whose sides have different ones is two, on the same line.
func decodeBDTopo(file *format.File, d decoding) (records, takeRecord, error) {
	if d.spec.Layer == "" {
		d.spec.Layer = bdtopoLayer(file)
	}
	streets, at, err := newStreets(file, d, bdtopoColumns)
	if err != nil {
		return nil, nil, err
	}
	field := func(column int) []byte { return streets.rows.Field(at[column]) }
	sideName := func(left bool) []byte {
		ban, other := 3, 7
		if !left {
			ban, other = 4, 8
		}
		if name := field(ban); len(name) > 0 {
			return name
		}
		return field(other)
	}
	return streets.rows, func(line int64) (string, error) {
		id := bytes.Clone(field(0))
		switch state := field(2); {
		case len(id) == 0:
			return "no cleabs", nil
		case len(state) > 0 && !bytes.EqualFold(state, []byte("En service")):
			d.report.Pass(line, "the street is not in use yet, or no more")
			return "", nil
		case !walkableNature(field(1)):
			d.report.Pass(line, reasonNotWalkable)
			return "", nil
		}
		left, right := street{id: id, name: bytes.Clone(sideName(true))}, street{id: id, name: bytes.Clone(sideName(false))}
		for i, s := range []*street{&left, &right} {
			commune, repaired, ok := code(field(5+i), communeWidth)
			switch {
			case len(field(5+i)) == 0:
				s.commune = communeOf(d)
			case !ok:
				return reasonCommune, nil
			default:
				s.commune = bytes.Clone(commune)
			}
			if repaired {
				d.report.Repair(line, repairZero)
			}
		}
		// A side that says nothing is of the other side's street.
		if len(left.name) == 0 {
			left.name = right.name
		}
		if len(right.name) == 0 {
			right.name = left.name
		}
		if len(left.commune) == 0 {
			left.commune = right.commune
		}
		if len(right.commune) == 0 {
			right.commune = left.commune
		}
		reason, err := streets.append(line, left)
		if reason != "" || err != nil || bytes.Equal(left.name, right.name) && bytes.Equal(left.commune, right.commune) {
			return reason, err
		}
		right.id = append(right.id, "/R"...)
		return streets.append(line, right)
	}, nil
}

// bdtopoLayer is the layer of the streets in a GeoPackage that has all themes.
func bdtopoLayer(file *format.File) string {
	if bytes.HasPrefix(file.Head(), []byte("SQLite format 3\x00")) {
		return "troncon_de_route"
	}
	return ""
}
