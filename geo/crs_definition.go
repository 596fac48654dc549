package geo

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// crsDefinition is a system by its parameters, as WKT and PROJJSON give them. Lengths are metres, angles degrees.
type crsDefinition struct {
	name          string
	code          int // EPSG; 0 without one
	datum         string
	semiMajor     float64
	flattening    float64 // inverse; 0 for a sphere
	primeMeridian float64 // degrees from Greenwich
	shift         []float64
	degrees       bool // the unit of angles is the degree

	method     string // of a projected system
	parameters map[string]float64
	unit       float64 // metres
}

// Names that formats give the same parameter, brought to letters and digits.
var parameterNames = map[string][]string{
	"x0":    {"falseeasting", "eastingatfalseorigin", "eastingatprojectioncentre"},
	"y0":    {"falsenorthing", "northingatfalseorigin", "northingatprojectioncentre"},
	"lon0":  {"centralmeridian", "longitudeofcenter", "longitudeofcentre", "longitudeofnaturalorigin", "longitudeoffalseorigin", "longitudeoforigin"},
	"lat0":  {"latitudeoforigin", "latitudeofcenter", "latitudeofcentre", "latitudeofnaturalorigin", "latitudeoffalseorigin"},
	"lat1":  {"standardparallel1", "latitudeof1ststandardparallel"},
	"lat2":  {"standardparallel2", "latitudeof2ndstandardparallel"},
	"scale": {"scalefactor", "scalefactoratnaturalorigin"},
}

func (d crsDefinition) parameter(name string, otherwise float64) float64 {
	for _, spelling := range parameterNames[name] {
		if v, ok := d.parameters[spelling]; ok {
			return v
		}
	}
	return otherwise
}

// crs makes the system, if it is one of those known here.
func (d crsDefinition) crs() (CRS, error) {
	if d.code != 0 {
		if known, err := CRSByCode(d.code); err == nil {
			return known, nil
		}
	}
	if err := d.checkDatum(); err != nil {
		return CRS{}, err
	}
	if d.method == "" {
		if !d.degrees {
			return CRS{}, refused(fmt.Sprintf("%s, whose unit is not the degree,", d.name))
		}
		return CRS{name: d.name, code: d.code}, nil
	}
	projection, err := d.projection()
	if err != nil {
		return CRS{}, err
	}
	if !(d.unit > 0) || !finite(d.unit) {
		return CRS{}, refused(fmt.Sprintf("%s, whose unit of length is not known,", d.name))
	}
	return CRS{d.code, d.name, projection, d.unit}, nil
}

// checkDatum refuses datums that lie metres from WGS 84: positions would land on the next street. Those of the ellipsoids GRS 80
// and WGS 84 are centred on the Earth within a metre or two.
func (d crsDefinition) checkDatum() error {
	web := plainName(d.method)
	if web == "mercatorauxiliarysphere" || web == "popularvisualisationpseudomercator" || strings.Contains(plainName(d.datum), "majorauxiliarysphere") {
		return nil
	}
	earth := math.Abs(d.semiMajor-GRS80.SemiMajor) < 0.01 && math.Abs(d.flattening-GRS80.InverseFlattening) < 0.001
	centred := !slices.ContainsFunc(d.shift, func(s float64) bool { return math.Abs(s) > 3 })
	if !earth || !centred || math.Abs(d.primeMeridian) > 1e-9 {
		return refused(fmt.Sprintf("%s, of datum %s,", d.name, d.datum))
	}
	return nil
}

func (d crsDefinition) projection() (Projection, error) {
	x0, y0 := d.parameter("x0", 0), d.parameter("y0", 0)
	lon0, lat0 := d.parameter("lon0", 0), d.parameter("lat0", 0)
	scale := d.parameter("scale", 1)
	if !d.degrees || !finite(x0, y0, lon0, lat0, scale) {
		return nil, refused(fmt.Sprintf("%s, whose parameters are not degrees and metres,", d.name))
	}
	ellipsoid := Ellipsoid{d.semiMajor, d.flattening}
	switch method := plainName(d.method); method {
	case "lambertconformalconic", "lambertconformalconic2sp", "lambertconicconformal2sp", "lambertconformalconic1sp", "lambertconicconformal1sp":
		lat1 := d.parameter("lat1", lat0)
		return wrapCRS(d, func() (Projection, error) {
			return NewConic(ConicParameters{
				Ellipsoid: ellipsoid, Lon0: lon0, Lat0: lat0, Lat1: lat1, Lat2: d.parameter("lat2", lat1), Scale: scale, X0: x0, Y0: y0,
			})
		})
	case "lambertazimuthalequalarea":
		return wrapCRS(d, func() (Projection, error) { return NewEqualArea(ellipsoid, lon0, lat0, x0, y0) })
	case "transversemercator", "gausskruger":
		return wrapCRS(d, func() (Projection, error) {
			return NewTransverseMercator(TransverseParameters{ellipsoid, lon0, lat0, scale, x0, y0})
		})
	case "mercatorauxiliarysphere", "popularvisualisationpseudomercator":
		if x0 == 0 && y0 == 0 && lon0 == 0 && lat0 == 0 && d.parameter("lat1", 0) == 0 {
			return WebMercator{}, nil
		}
	}
	return nil, refused(fmt.Sprintf("%s (projection %s)", d.name, d.method))
}

func wrapCRS(d crsDefinition, projection func() (Projection, error)) (Projection, error) {
	p, err := projection()
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrCRS, d.name, err)
	}
	return p, nil
}
