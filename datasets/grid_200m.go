package datasets

import (
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

var grid200m = Dataset{
	Name:        "grid-200m",
	Kind:        engine.KindCensusAreas,
	Country:     "fr",
	Title:       "Filosofi grid of 200 m: the cells",
	Publisher:   "INSEE, DGFiP",
	Licence:     "etalab-2.0",
	Attribution: "INSEE, Filosofi, données carroyées",
	Address:     "https://www.insee.fr/fr/statistiques/7655475",
	decode:      decodeGrid200m,
}

var grid200mFigures = Dataset{
	Name:        "grid-200m-figures",
	Kind:        engine.KindCensus,
	Country:     "fr",
	Title:       "Filosofi grid of 200 m: people, households and incomes of the cells",
	Publisher:   "INSEE, DGFiP",
	Licence:     "etalab-2.0",
	Attribution: "INSEE, Filosofi, données carroyées",
	Address:     "https://www.insee.fr/fr/statistiques/7655475",
	decode:      decodeGrid200mFigures,
}

var gridID = format.Column{Names: []string{"Idcar_200m", "IdINSPIRE", "id_carr_200m"}}

var gridColumns = []format.Column{
	gridID,
	{Names: []string{"lcog_geo", "lcog2018", "lcog2021", "depcom"}, Optional: true},
	{Names: []string{"I_est_200", "i_est_200m", "I_est_cr"}, Optional: true},
}

// gridCell is a cell's id: system, size in metres, and its south-west corner, north before east.
var gridCell = regexp.MustCompile(`^CRS([0-9]{4})RES([0-9]{1,6})mN(-?[0-9]{1,8})E(-?[0-9]{1,8})$`)

const reasonCell = "the cell's id is not one: as CRS3035RES200mN2029800E4254200"

// decodeGrid200m makes the cells from their ids. A cell is a square on the plane of its system (ETRS89-LAEA on the mainland): its
// corners are brought to degrees one by one. The commune is the first of those the cell lies in; type is imputed where INSEE
// made the figures up from the larger cell around, as of cells of fewer than 11 households.
func decodeGrid200m(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(gridColumns...)
	if err != nil {
		return nil, nil, err
	}
	shaper := &shaper{report: d.report, position: func(p orb.Point) (orb.Point, string) { return p, "" }}
	lines, ids, names := d.out.ints("line"), d.out.texts("census_area"), d.out.texts("name")
	communes, types, shapes := d.out.texts("commune"), d.out.texts("type"), d.out.shapes("geometry")
	return rows, func(line int64) (string, error) {
		id := rows.Field(at[0])
		square, reason := cellSquare(string(id))
		if reason != "" {
			return reason, nil
		}
		shape, reason, err := shaper.area(line, square, nil)
		if reason != "" || err != nil {
			return reason, err
		}
		commune := rows.Field(at[1])
		commune, _, _ = code(commune[:min(len(commune), communeWidth)], communeWidth)
		lines.Append(line)
		ids.append(id)
		names.appendString("")
		communes.append(commune)
		if string(rows.Field(at[2])) == "1" {
			types.appendString(engine.AreaImputed)
		} else {
			types.appendString("")
		}
		shapes.append(shape)
		return "", nil
	}, nil
}

// cellSquare is the outline of a cell in degrees.
func cellSquare(id string) (orb.Polygon, string) {
	m := gridCell.FindStringSubmatch(id)
	if m == nil {
		return nil, reasonCell
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // digits, few of them
	}
	crs, err := geo.CRSByCode(n[0])
	if err != nil || crs.Geographic() || n[1] == 0 {
		return nil, "the cell is in a system that is not known"
	}
	size, south, west := float64(n[1]), float64(n[2]), float64(n[3])
	ring := make(orb.Ring, 0, 5)
	for _, corner := range [5][2]float64{{0, 0}, {size, 0}, {size, size}, {0, size}, {0, 0}} {
		lon, lat := crs.Degrees(west+corner[0], south+corner[1])
		if !(math.Abs(lon) <= 180 && math.Abs(lat) <= 90) {
			return nil, reasonOutside
		}
		ring = append(ring, orb.Point{lon, lat})
	}
	return orb.Polygon{ring}, ""
}

// gridOther are the columns that are no figures of the cell.
var gridOther = []string{"idcar_1km", "id_carr1km", "idcar_nat", "id_carr_n", "id_car2010", "groupe", "i_est_1km", "lcog_geo", "lcog2018", "lcog2021", "depcom", "geom", "geometry", "fid", "tmaille"}

// decodeGrid200mFigures reads every figure of the cells under the name of its column, in lower case; i_est_200 is 1 where they are
// imputed, ind_snv the sum of the living standards (divide it by ind), men the households, also as households.
func decodeGrid200mFigures(file *format.File, d decoding) (records, takeRecord, error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := rows.Columns(gridID)
	if err != nil {
		return nil, nil, err
	}
	var variables []variable
	for i, key := range rows.Keys() {
		if key == "" || slices.Contains(gridOther, key) || slices.ContainsFunc(gridID.Names, func(n string) bool { return format.Key(n) == key }) || slices.Contains(rows.Keys()[:i], key) {
			continue
		}
		found, err := rows.Columns(format.Column{Names: []string{key}})
		if err != nil {
			return nil, nil, err
		}
		variables = append(variables, variable{found[0], choiceID(key)})
		if key == "men" {
			variables = append(variables, variable{found[0], "households"})
		}
	}
	return rows, decodeFigures(rows, at[0], func(text []byte) ([]byte, bool, string) {
		if !gridCell.Match(text) {
			return nil, false, reasonCell
		}
		return text, false, ""
	}, variables, format.Point, d), nil
}
