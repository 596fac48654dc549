package geo

import (
	"fmt"
	"math"
	"slices"
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
	d.name, d.datum = shortName(d.name), shortName(d.datum)
	if d.code != 0 {
		if known, err := CRSByCode(d.code); err == nil {
			return known, nil
		}
	}
	if d.isWebMercator() {
		return CRSByCode(3857)
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

// isWebMercator recognises the projection of web maps: under the names that ESRI and EPSG gave it, or as the Mercator projection
// of a sphere of the size of the ellipsoid, ESRI's first way of saying it.
func (d crsDefinition) isWebMercator() bool {
	named, sphere := false, d.flattening == 0
	switch plainName(d.method) {
	case "mercatorauxiliarysphere", "popularvisualisationpseudomercator":
		named = true
	case "mercator", "mercator1sp", "mercatorvarianta":
	default:
		return false
	}
	for _, name := range []string{"x0", "y0", "lon0", "lat0", "lat1"} {
		if d.parameter(name, 0) != 0 {
			return false
		}
	}
	return d.semiMajor == GRS80.SemiMajor && (sphere || named && d.onEarth()) && d.primeMeridian == 0 && d.degrees &&
		d.unit == metre && d.parameter("scale", 1) == 1
}

// onEarth tells whether the ellipsoid is GRS 80 or that of WGS 84.
func (d crsDefinition) onEarth() bool {
	return math.Abs(d.semiMajor-GRS80.SemiMajor) < 0.01 && math.Abs(d.flattening-GRS80.InverseFlattening) < 0.001
}

// checkDatum refuses datums that lie metres from WGS 84: positions would land on the next street. Those of the ellipsoids GRS 80
// and WGS 84 are centred on the Earth within a metre or two.
func (d crsDefinition) checkDatum() error {
	centred := !slices.ContainsFunc(d.shift, func(s float64) bool { return !(math.Abs(s) <= 3) })
	if !d.onEarth() || !centred || !(math.Abs(d.primeMeridian) <= 1e-9) {
		return refused(fmt.Sprintf("%s, of datum %s,", d.name, d.datum))
	}
	return nil
}

func (d crsDefinition) projection() (Projection, error) {
	var project func() (Projection, error)
	x0, y0, scale := d.parameter("x0", 0), d.parameter("y0", 0), d.parameter("scale", 1)
	// An origin that is missing is not 0: the name of its parameter is one that is not known here.
	lon0, lat0 := d.parameter("lon0", math.NaN()), d.parameter("lat0", math.NaN())
	ellipsoid := Ellipsoid{d.semiMajor, d.flattening}
	switch plainName(d.method) {
	case "lambertconformalconic", "lambertconformalconic2sp", "lambertconicconformal2sp", "lambertconformalconic1sp", "lambertconicconformal1sp":
		lat1 := d.parameter("lat1", lat0)
		project = func() (Projection, error) {
			return NewConic(ConicParameters{
				Ellipsoid: ellipsoid, Lon0: lon0, Lat0: lat0, Lat1: lat1, Lat2: d.parameter("lat2", lat1), Scale: scale, X0: x0, Y0: y0,
			})
		}
	case "lambertazimuthalequalarea":
		project = func() (Projection, error) { return NewEqualArea(ellipsoid, lon0, lat0, x0, y0) }
	case "transversemercator", "gausskruger":
		project = func() (Projection, error) {
			return NewTransverseMercator(TransverseParameters{ellipsoid, lon0, lat0, scale, x0, y0})
		}
	default:
		return nil, refused(fmt.Sprintf("%s (projection %s)", d.name, shortName(d.method)))
	}
	if !d.degrees || !(scale > 0) || !finite(x0, y0, lon0, lat0, scale) {
		return nil, refused(fmt.Sprintf("%s, whose parameters are not all known in degrees and metres,", d.name))
	}
	p, err := project()
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrCRS, d.name, err)
	}
	return p, nil
}
