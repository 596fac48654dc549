package geo

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// ErrCRS is wrapped by errors about coordinate reference systems that are not known here.
var ErrCRS = errors.New("the coordinate reference system")

// CRS is a coordinate reference system of published positions. Positions are always x east (or longitude) and y north (or
// latitude), whatever order the system's definition has. Its datum is one that agrees with WGS 84 within a metre or two: RGF93,
// ETRS89, NAD83 and their kin are taken for it, others are refused when the system is read. The zero CRS is that of a file that
// declares none.
type CRS struct {
	code       int        // EPSG; 0 for one known by its parameters only
	name       string     // as the registry or the file has it
	projection Projection // nil for degrees
	unit       float64    // metres in a unit of x and y; 0 for degrees
}

// WGS84 is longitude and latitude in degrees, OGC:CRS84.
var WGS84 = CRS{code: 4326, name: "WGS 84"}

// IsZero tells whether no system is declared.
func (c CRS) IsZero() bool { return c == CRS{} }

// Geographic tells whether positions are degrees.
func (c CRS) Geographic() bool { return c.projection == nil }

// Code is the number of the system in the EPSG registry; 0 where it has none.
func (c CRS) Code() int { return c.code }

// String gives RGF93 / Lambert-93 (EPSG:2154).
func (c CRS) String() string {
	switch {
	case c.IsZero():
		return ""
	case c.code == 0:
		return c.name
	}
	return fmt.Sprintf("%s (EPSG:%d)", c.name, c.code)
}

// Degrees gives the longitude and latitude of a position in WGS 84. Positions that the system has not give values that are no
// numbers, or out of range.
func (c CRS) Degrees(x, y float64) (lon, lat float64) {
	if c.projection == nil {
		return x, y
	}
	return c.projection.Inverse(x*c.unit, y*c.unit)
}

// Project gives the position of a longitude and latitude.
func (c CRS) Project(lon, lat float64) (x, y float64) {
	if c.projection == nil {
		return lon, lat
	}
	x, y = c.projection.Forward(lon, lat)
	return x / c.unit, y / c.unit
}

// Units of length in metres.
const (
	metre         = 1.0
	surveyFoot    = 1200.0 / 3937 // of the United States
	utmScale      = 0.9996
	utmEast       = 500_000
	utmNorthSouth = 10_000_000 // of the equator, in zones of the southern half
)

// wgs84 is the ellipsoid of WGS 84.
var wgs84 = Ellipsoid{SemiMajor: 6378137, InverseFlattening: 298.257223563}

// geographic are systems in degrees whose datum agrees with WGS 84 within a metre or two: all are realisations of the ITRS, fixed to
// a plate and a date. Plates move some centimetres a year, so the European and French ones (overseas too) are now 0.5 to 1 m away,
// NAD83 1 to 2 m: less than the width of a street, and than the errors of what is mapped. Datums from before satellites, as NAD27
// and NTF, are tens to hundreds of metres away and not here.
var geographic = map[int]string{
	4326: "WGS 84", 4979: "WGS 84", 4258: "ETRS89", 4171: "RGF93", 9777: "RGF93 v2", 9782: "RGF93 v2b", 4269: "NAD83", 4152: "NAD83(HARN)", 4759: "NAD83(NSRS2007)",
	6318: "NAD83(2011)", 4624: "RGFG95", 5489: "RGAF09", 4558: "RRAF 1991", 4627: "RGR92", 4470: "RGM04", 4463: "RGSPM06",
	4167: "NZGD2000", 4283: "GDA94", 7844: "GDA2020", 4674: "SIRGAS 2000",
}

// CRSByCode finds a system in the EPSG registry.
func CRSByCode(code int) (CRS, error) {
	if name, ok := geographic[code]; ok {
		return CRS{code: code, name: name}, nil
	}
	switch code {
	case 3857, 900913, 102100, 102113, 3785:
		return CRS{3857, "WGS 84 / Pseudo-Mercator", WebMercator{}, metre}, nil
	case 2154, 9793, 9794:
		return CRS{2154, "RGF93 / Lambert-93", Lambert93, metre}, nil
	case 3035:
		return azimuthal(code, "ETRS89-extended / LAEA Europe", 10, 52, 4321000, 3210000)
	case 26986:
		return conic(code, "NAD83 / Massachusetts Mainland", massachusetts(200_000, 750_000), metre)
	case 2249:
		return conic(code, "NAD83 / Massachusetts Mainland (ftUS)", massachusetts(200_000, 750_000), surveyFoot)
	case 2972:
		return utm(code, "RGFG95 / UTM zone 22N", GRS80, 22, false)
	case 2975:
		return utm(code, "RGR92 / UTM zone 40S", GRS80, 40, true)
	case 5490:
		return utm(code, "RGAF09 / UTM zone 20N", GRS80, 20, false)
	case 4559:
		return utm(code, "RRAF 1991 / UTM zone 20N", GRS80, 20, false)
	case 4471:
		return utm(code, "RGM04 / UTM zone 38S", GRS80, 38, true)
	case 4467:
		return utm(code, "RGSPM06 / UTM zone 21N", GRS80, 21, false)
	}
	switch {
	case code >= 3942 && code <= 3950: // Lambert conics of nine zones, each around a whole degree
		lat := float64(code - 3900)
		return conic(code, fmt.Sprintf("RGF93 / CC%d", code-3900), ConicParameters{
			Ellipsoid: GRS80, Lon0: 3, Lat0: lat, Lat1: lat - 0.75, Lat2: lat + 0.75, X0: 1_700_000, Y0: 1_200_000 + 1_000_000*(lat-42),
		}, metre)
	case code >= 32601 && code <= 32660:
		return utm(code, fmt.Sprintf("WGS 84 / UTM zone %dN", code-32600), wgs84, code-32600, false)
	case code >= 32701 && code <= 32760:
		return utm(code, fmt.Sprintf("WGS 84 / UTM zone %dS", code-32700), wgs84, code-32700, true)
	case code >= 25828 && code <= 25838:
		return utm(code, fmt.Sprintf("ETRS89 / UTM zone %dN", code-25800), GRS80, code-25800, false)
	case code >= 26901 && code <= 26923:
		return utm(code, fmt.Sprintf("NAD83 / UTM zone %dN", code-26900), GRS80, code-26900, false)
	}
	return CRS{}, refused(fmt.Sprintf("EPSG:%d", code))
}

// refused says what to do about a system that is not known.
func refused(what string) error {
	return fmt.Errorf("%w %s is not supported: convert the file to EPSG:4326, as with ogr2ogr -t_srs EPSG:4326 OUT IN", ErrCRS, what)
}

func massachusetts(x0, y0 float64) ConicParameters {
	return ConicParameters{Ellipsoid: GRS80, Lon0: -71.5, Lat0: 41, Lat1: 42 + 41.0/60, Lat2: 41 + 43.0/60, X0: x0, Y0: y0}
}

func conic(code int, name string, p ConicParameters, unit float64) (CRS, error) {
	c, err := NewConic(p)
	if err != nil {
		return CRS{}, fmt.Errorf("%w %s: %w", ErrCRS, name, err)
	}
	return CRS{code, name, c, unit}, nil
}

func azimuthal(code int, name string, lon0, lat0, x0, y0 float64) (CRS, error) {
	l, err := NewEqualArea(GRS80, lon0, lat0, x0, y0)
	if err != nil {
		return CRS{}, fmt.Errorf("%w %s: %w", ErrCRS, name, err)
	}
	return CRS{code, name, l, metre}, nil
}

func utm(code int, name string, ellipsoid Ellipsoid, zone int, south bool) (CRS, error) {
	p := TransverseParameters{Ellipsoid: ellipsoid, Lon0: float64(6*zone - 183), Scale: utmScale, X0: utmEast}
	if south {
		p.Y0 = utmNorthSouth
	}
	t, err := NewTransverseMercator(p)
	if err != nil {
		return CRS{}, fmt.Errorf("%w %s: %w", ErrCRS, name, err)
	}
	return CRS{code, name, t, metre}, nil
}

var codeInName = regexp.MustCompile(`(?i)^(?:urn:(?:x-)?ogc:def:crs:)?(?:https?://(?:www\.)?opengis\.net/(?:def/crs/|gml/srs/))?(?:EPSG|ESRI)(?:\.xml#|[:/]{1,2}[0-9.]*[:/]|:)?([0-9]{4,6})$`)

// CRSByName finds a system by its code or by one of its usual names: 2154, EPSG:2154, urn:ogc:def:crs:EPSG::2154, CRS84, Lambert-93.
func CRSByName(text string) (CRS, error) {
	name := strings.TrimSpace(text)
	if code, err := strconv.Atoi(name); err == nil {
		return CRSByCode(code)
	}
	if m := codeInName.FindStringSubmatch(name); m != nil {
		code, err := strconv.Atoi(m[1])
		if err != nil {
			return CRS{}, refused(name)
		}
		return CRSByCode(code)
	}
	switch key := plainName(name); {
	case strings.HasSuffix(key, "crs84"), key == "wgs84":
		return WGS84, nil
	case strings.HasSuffix(key, "crs83"): // OGC's NAD83
		return CRSByCode(4269)
	case key == "lambert93", key == "rgf93lambert93":
		return CRSByCode(2154)
	case key == "webmercator", key == "googlemercator":
		return CRSByCode(3857)
	}
	return CRS{}, refused(strconv.Quote(shortName(name)))
}

// shortName is a name as a message has it: files may give one of any length, or none.
func shortName(name string) string {
	switch {
	case name == "":
		return "without a name"
	case len(name) > 80:
		return strings.ToValidUTF8(name[:80], "") + "..."
	}
	return name
}

// plainName keeps the letters and digits of a name, in lower case.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, name)
}

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
