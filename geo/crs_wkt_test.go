package geo

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// Definitions as the tools write them: ESRI's .prj files, GDAL's WKT 1 and PROJ's WKT 2, each with the code it must agree with.
var definitions = []struct {
	name, text string
	code       int
}{
	{"ESRI WGS 84", `GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`, 4326},
	{"ESRI NAD 83", `GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["Degree",0.017453292519943295]]`, 4269},
	{"ESRI Lambert-93", `PROJCS["RGF_1993_Lambert_93",GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",700000.0],PARAMETER["False_Northing",6600000.0],PARAMETER["Central_Meridian",3.0],PARAMETER["Standard_Parallel_1",49.0],PARAMETER["Standard_Parallel_2",44.0],PARAMETER["Latitude_Of_Origin",46.5],UNIT["Meter",1.0]]`, 2154},
	{"ESRI LAEA", `PROJCS["ETRS_1989_LAEA",GEOGCS["GCS_ETRS_1989",DATUM["D_ETRS_1989",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Azimuthal_Equal_Area"],PARAMETER["False_Easting",4321000.0],PARAMETER["False_Northing",3210000.0],PARAMETER["Central_Meridian",10.0],PARAMETER["Latitude_Of_Origin",52.0],UNIT["Meter",1.0]]`, 3035},
	{"ESRI web Mercator", `PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Mercator_Auxiliary_Sphere"],PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",0.0],PARAMETER["Standard_Parallel_1",0.0],PARAMETER["Auxiliary_Sphere_Type",0.0],UNIT["Meter",1.0]]`, 3857},
	{"ESRI Massachusetts in feet", `PROJCS["NAD_1983_StatePlane_Massachusetts_Mainland_FIPS_2001_Feet",GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",656166.6666666665],PARAMETER["False_Northing",2460625.0],PARAMETER["Central_Meridian",-71.5],PARAMETER["Standard_Parallel_1",41.71666666666667],PARAMETER["Standard_Parallel_2",42.68333333333333],PARAMETER["Latitude_Of_Origin",41.0],UNIT["Foot_US",0.3048006096012192]]`, 2249},
	{"ESRI UTM", `PROJCS["RGR_1992_UTM_40S",GEOGCS["GCS_RGR_1992",DATUM["D_RGR_1992",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",10000000.0],PARAMETER["Central_Meridian",57.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`, 2975},
	{"ESRI web Mercator before 10", `PROJCS["WGS_1984_Web_Mercator",GEOGCS["GCS_WGS_1984_Major_Auxiliary_Sphere",DATUM["D_WGS_1984_Major_Auxiliary_Sphere",SPHEROID["WGS_1984_Major_Auxiliary_Sphere",6378137.0,0.0]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Mercator"],PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",0.0],PARAMETER["Standard_Parallel_1",0.0],UNIT["Meter",1.0]]`, 3857},
	{"ESRI Massachusetts", `PROJCS["NAD_1983_StatePlane_Massachusetts_Mainland_FIPS_2001",GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",200000.0],PARAMETER["False_Northing",750000.0],PARAMETER["Central_Meridian",-71.5],PARAMETER["Standard_Parallel_1",41.71666666666667],PARAMETER["Standard_Parallel_2",42.68333333333333],PARAMETER["Latitude_Of_Origin",41.0],UNIT["Meter",1.0]]`, 26986},
	{"ESRI CC49", `PROJCS["RGF_1993_CC49",GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",1700000.0],PARAMETER["False_Northing",8200000.0],PARAMETER["Central_Meridian",3.0],PARAMETER["Standard_Parallel_1",48.25],PARAMETER["Standard_Parallel_2",49.75],PARAMETER["Latitude_Of_Origin",49.0],UNIT["Meter",1.0]]`, 3949},
	{"ESRI UTM of the north", `PROJCS["WGS_1984_UTM_Zone_31N",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",3.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`, 32631},
	{"PROJ WKT 2 geographic, units on the axes", `GEOGCRS["RGAF09",DATUM["Reseau Geodesique des Antilles Francaises 2009",ELLIPSOID["GRS 1980",6378137,298.257222101,LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]],CS[ellipsoidal,2],AXIS["geodetic latitude (Lat)",north,ORDER[1],ANGLEUNIT["degree",0.0174532925199433]],AXIS["geodetic longitude (Lon)",east,ORDER[2],ANGLEUNIT["degree",0.0174532925199433]]]`, 5489},
	{"PROJ WKT 2 UTM, units by their old word", `PROJCRS["WGS 84 / UTM zone 31N",BASEGEODCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],UNIT["degree",0.0174532925199433]],CONVERSION["UTM zone 31N",METHOD["Transverse Mercator"],PARAMETER["Latitude of natural origin",0,UNIT["degree",0.0174532925199433]],PARAMETER["Longitude of natural origin",3,UNIT["degree",0.0174532925199433]],PARAMETER["Scale factor at natural origin",0.9996,SCALEUNIT["unity",1]],PARAMETER["False easting",500000,UNIT["metre",1]],PARAMETER["False northing",0,UNIT["metre",1]]],CS[Cartesian,2],AXIS["(E)",east,ORDER[1]],AXIS["(N)",north,ORDER[2]],UNIT["metre",1]]`, 32631},
	{"a grid of no shift", `BOUNDCRS[SOURCECRS[GEOGCRS["RGF93",DATUM["RGF93",ELLIPSOID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],CS[ellipsoidal,2],ANGLEUNIT["degree",0.0174532925199433]]],TARGETCRS[GEOGCRS["WGS 84"]],ABRIDGEDTRANSFORMATION["to WGS84"]]`, 4171},
	{"GDAL Lambert-93", `PROJCS["RGF93 v1 / Lambert-93",GEOGCS["RGF93 v1",DATUM["Reseau_Geodesique_Francais_1993_v1",SPHEROID["GRS 1980",6378137,298.257222101],TOWGS84[0,0,0,0,0,0,0]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4171"]],PROJECTION["Lambert_Conformal_Conic_2SP"],PARAMETER["latitude_of_origin",46.5],PARAMETER["central_meridian",3],PARAMETER["standard_parallel_1",49],PARAMETER["standard_parallel_2",44],PARAMETER["false_easting",700000],PARAMETER["false_northing",6600000],UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["EPSG","2154"]]`, 2154},
	{"GDAL web Mercator", `PROJCS["WGS 84 / Pseudo-Mercator",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Mercator_1SP"],PARAMETER["central_meridian",0],PARAMETER["scale_factor",1],PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1],EXTENSION["PROJ4","+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs"]]`, 3857},
	{"PROJ WKT 2 LAEA", `PROJCRS["ETRS89-extended / LAEA Europe",BASEGEOGCRS["ETRS89",ENSEMBLE["European Terrestrial Reference System 1989 ensemble",MEMBER["European Terrestrial Reference Frame 1989"],ELLIPSOID["GRS 1980",6378137,298.257222101,LENGTHUNIT["metre",1]],ENSEMBLEACCURACY[0.1]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]],ID["EPSG",4258]],CONVERSION["Europe Equal Area 2001",METHOD["Lambert Azimuthal Equal Area",ID["EPSG",9820]],PARAMETER["Latitude of natural origin",52,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8801]],PARAMETER["Longitude of natural origin",10,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8802]],PARAMETER["False easting",4321000,LENGTHUNIT["metre",1],ID["EPSG",8806]],PARAMETER["False northing",3210000,LENGTHUNIT["metre",1],ID["EPSG",8807]]],CS[Cartesian,2],AXIS["northing (Y)",north,ORDER[1],LENGTHUNIT["metre",1]],AXIS["easting (X)",east,ORDER[2],LENGTHUNIT["metre",1]]]`, 3035},
	{"a compound system", `COMPD_CS["RGF93 / Lambert-93 + IGN69",PROJCS["RGF93 / Lambert-93",GEOGCS["RGF93",DATUM["RGF93",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic_2SP"],PARAMETER["latitude_of_origin",46.5],PARAMETER["central_meridian",3],PARAMETER["standard_parallel_1",49],PARAMETER["standard_parallel_2",44],PARAMETER["false_easting",700000],PARAMETER["false_northing",6600000],UNIT["metre",1]],VERT_CS["IGN69",VERT_DATUM["IGN69",2005],UNIT["metre",1]]]`, 2154},
}

func TestCRSByWKT(t *testing.T) {
	for _, d := range definitions {
		t.Run(d.name, func(t *testing.T) {
			c, err := CRSByWKT(d.text)
			if err != nil {
				t.Fatal(err)
			}
			want, err := CRSByCode(d.code)
			if err != nil {
				t.Fatal(err)
			}
			if c.Geographic() != want.Geographic() {
				t.Fatalf("%s is geographic: %v", c, c.Geographic())
			}
			lon, lat := 2.35, 48.85
			switch {
			case d.code == 2249, d.code == 26986:
				lon, lat = -71.1, 42.37
			case d.code == 2975:
				lon, lat = 55.5, -21.1
			}
			x, y := want.Project(lon, lat)
			if a, b := c.Degrees(x, y); math.Abs(a-lon) > 1e-9 || math.Abs(b-lat) > 1e-9 {
				t.Errorf("%s: %v %v is %v %v, want %v %v", c, x, y, a, b, lon, lat)
			}
		})
	}
}

// A system that is not in the list of codes is made from its parameters: this is New York's, in feet.
func TestCRSByParameters(t *testing.T) {
	c, err := CRSByWKT(`PROJCS["NAD83 / New York Long Island (ftUS)",GEOGCS["NAD83",DATUM["North_American_Datum_1983",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic_2SP"],PARAMETER["latitude_of_origin",40.1666666666667],PARAMETER["central_meridian",-74],PARAMETER["standard_parallel_1",41.0333333333333],PARAMETER["standard_parallel_2",40.6666666666667],PARAMETER["false_easting",984250],PARAMETER["false_northing",0],UNIT["US survey foot",0.304800609601219],AUTHORITY["EPSG","2263"]]`)
	if err != nil || c.String() != "NAD83 / New York Long Island (ftUS) (EPSG:2263)" {
		t.Fatal(c, err)
	}
	if x, y := c.Project(-74, 40+10.0/60); math.Abs(x-984250) > 1e-3 || math.Abs(y) > 1e-3 {
		t.Errorf("its origin is at %v %v", x, y)
	}
	if x, _ := c.Project(-73.98, 40.75); x < 989_000 || x > 990_500 { // Manhattan
		t.Errorf("20 minutes of a degree east of the meridian is at %v feet", x)
	}
}

// A projection with one parallel and a scale, in international feet.
func TestCRSInFeet(t *testing.T) {
	for unit, length := range map[string]float64{`UNIT["Foot",0.3048]`: 0.3048, `UNIT["Foot_US",0.3048006096012192]`: 1200.0 / 3937, `UNIT["metre",1]`: 1} {
		c, err := CRSByWKT(`PROJCS["a zone",GEOGCS["NAD83",DATUM["D",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic_1SP"],PARAMETER["latitude_of_origin",44],PARAMETER["central_meridian",-120],PARAMETER["scale_factor",0.9999],PARAMETER["false_easting",1000],PARAMETER["false_northing",500],` + unit + `]`)
		if err != nil {
			t.Fatal(err)
		}
		if x, y := c.Project(-120, 44); math.Abs(x-1000) > 1e-6 || math.Abs(y-500) > 1e-6 {
			t.Errorf("%s: the origin is at %v %v", unit, x, y)
		}
		// A degree of a meridian around 44 degrees is 111,112 m on the ellipsoid; the plane has it 0.0001 shorter, and 0.00004 longer away from the parallel.
		_, south := c.Project(-120, 43.5)
		if _, north := c.Project(-120, 44.5); math.Abs((north-south)*length-111_112) > 15 {
			t.Errorf("%s: a degree of latitude is %.1f m", unit, (north-south)*length)
		}
	}
}

func TestCRSRefused(t *testing.T) {
	for name, text := range map[string]string{
		"NTF (Paris) / Lambert zone II": `PROJCS["NTF (Paris) / Lambert zone II",GEOGCS["NTF (Paris)",DATUM["Nouvelle_Triangulation_Francaise_Paris",SPHEROID["Clarke 1880 (IGN)",6378249.2,293.466021293627]],PRIMEM["Paris",2.33722917],UNIT["grad",0.0157079632679489]],PROJECTION["Lambert_Conformal_Conic_1SP"],PARAMETER["latitude_of_origin",52],PARAMETER["central_meridian",0],PARAMETER["scale_factor",0.99987742],PARAMETER["false_easting",600000],PARAMETER["false_northing",2200000],UNIT["metre",1],AUTHORITY["EPSG","27572"]]`,
		"NAD27":                         `GEOGCS["NAD27",DATUM["North_American_Datum_1927",SPHEROID["Clarke 1866",6378206.4,294.978698213898]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]`,
		"OSGB 1936":                     `PROJCS["OSGB 1936 / British National Grid",GEOGCS["OSGB 1936",DATUM["OSGB_1936",SPHEROID["Airy 1830",6377563.396,299.3249646]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",49],PARAMETER["central_meridian",-2],PARAMETER["scale_factor",0.9996012717],PARAMETER["false_easting",400000],PARAMETER["false_northing",-100000],UNIT["metre",1]]`,
		"Albers":                        `PROJCS["NAD83 / Conus Albers",GEOGCS["NAD83",DATUM["North_American_Datum_1983",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Albers_Conic_Equal_Area"],UNIT["metre",1]]`,
		"grads":                         `GEOGCS["RGF93",DATUM["RGF93",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["grad",0.0157079632679489]]`,
		"a shift of 100 metres":         `GEOGCS["Somewhere",DATUM["Somewhere",SPHEROID["GRS 1980",6378137,298.257222101],TOWGS84[100,0,0,0,0,0,0]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]`,
		"an angle that is no number":    `GEOGCS["x",DATUM["x",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["grad"]]`,
		"a meridian that is no number":  `GEOGCS["x",DATUM["x",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Paris",NaN],UNIT["degree",0.0174532925199433]]`,
		"grads on the axes":             `GEOGCRS["x",DATUM["x",ELLIPSOID["GRS 1980",6378137,298.257222101]],CS[ellipsoidal,2],AXIS["lat",north,ANGLEUNIT["grad",0.015707963267949]],AXIS["lon",east,ANGLEUNIT["grad",0.015707963267949]]]`,
		"an origin with another name":   `PROJCS["x",GEOGCS["x",DATUM["x",SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["meridian",3],PARAMETER["latitude_of_origin",0],UNIT["metre",1]]`,
		"web Mercator on NAD27":         `PROJCS["x",GEOGCS["NAD27",DATUM["North_American_Datum_1927",SPHEROID["Clarke 1866",6378206.4,294.978698213898]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Mercator_Auxiliary_Sphere"],PARAMETER["Central_Meridian",0],UNIT["metre",1]]`,
		"Mercator of the ellipsoid":     `PROJCS["WGS 84 / World Mercator",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Mercator_1SP"],PARAMETER["central_meridian",0],PARAMETER["scale_factor",1],UNIT["metre",1]]`,
		"a shift of 100 m":              `GEOGCS["x",DATUM["x",SPHEROID["GRS 1980",6378137,298.257222101],TOWGS84[100,0,0,0,0,0,0]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]`,
		"local":                         `LOCAL_CS["Undefined",UNIT["metre",1]]`,
	} {
		c, err := CRSByWKT(text)
		if !errors.Is(err, ErrCRS) || !strings.Contains(err.Error(), "convert the file to EPSG:4326") {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
}

func TestMalformedWKT(t *testing.T) {
	for _, text := range []string{
		"", "WGS84", "GEOGCS", "GEOGCS[", "GEOGCS[]", `GEOGCS["x"`, `GEOGCS["x]`, `GEOGCS["x",]`, `GEOGCS["x"] more`, `GEOGCS["x"]`, `PROJCS["x"]`, `PROJCS["x",GEOGCS["y"]]`,
		strings.Repeat("A[", 100), strings.Repeat("A", maxWKT+1), `COMPD_CS["x"]`, `BOUNDCRS[SOURCECRS[BOUNDCRS[SOURCECRS[]]]]`,
	} {
		if c, err := CRSByWKT(text); err == nil {
			t.Errorf("%.40q is %v", text, c)
		}
	}
}

func TestCRSByPROJJSON(t *testing.T) {
	for text, want := range map[string]string{
		`null`: "",
		`{"type":"GeographicCRS","name":"NAD83","id":{"authority":"OGC","code":"CRS83"}}`:             "NAD83 (EPSG:4269)",
		`{"type":"GeographicCRS","name":"WGS 84 (CRS84)","id":{"authority":"OGC","code":"CRS84"}}`:    "WGS 84 (EPSG:4326)",
		`{"type":"ProjectedCRS","name":"RGF93 / Lambert-93","id":{"authority":"EPSG","code":2154}}`:   "RGF93 / Lambert-93 (EPSG:2154)",
		`{"type":"ProjectedCRS","name":"RGF93 / Lambert-93","id":{"authority":"EPSG","code":"2154"}}`: "RGF93 / Lambert-93 (EPSG:2154)",
		`{"type":"GeographicCRS","name":"own","datum":{"name":"WGS84","ellipsoid":{"name":"GRS 1980","semi_major_axis":6378137,"inverse_flattening":298.257222101}},"coordinate_system":{"axis":[{"unit":"degree"},{"unit":"degree"}]}}`:                                                                                                                                                                   "own",
		`{"type":"CompoundCRS","name":"with heights","components":[{"type":"ProjectedCRS","name":"x","id":{"authority":"EPSG","code":3035}},{"type":"VerticalCRS","name":"h"}]}`:                                                                                                                                                                                                                           "ETRS89-extended / LAEA Europe (EPSG:3035)",
		`{"type":"ProjectedCRS","name":"a zone","base_crs":{"datum":{"ellipsoid":{"semi_major_axis":6378137,"inverse_flattening":298.257222101}}},"conversion":{"method":{"name":"Transverse Mercator"},"parameters":[{"name":"Longitude of natural origin","value":3,"unit":"degree"},{"name":"Latitude of natural origin","value":0,"unit":"degree"}]},"coordinate_system":{"axis":[{"unit":"metre"}]}}`: "a zone",
	} {
		if c, err := CRSByPROJJSON([]byte(text)); err != nil || c.String() != want {
			t.Errorf("%s is %q, %v, want %q", text, c, err, want)
		}
	}
	geodetic := `"base_crs":{"datum_ensemble":{"name":"WGS 84 ensemble","ellipsoid":{"semi_major_axis":6378137,"semi_minor_axis":6356752.314245179}}}`
	feet, err := CRSByPROJJSON([]byte(`{"type":"ProjectedCRS","name":"in feet",` + geodetic + `,"conversion":{"method":{"name":"Lambert Conic Conformal (1SP)"},"parameters":[
		{"name":"Latitude of natural origin","value":50,"unit":{"type":"AngularUnit","name":"grad","conversion_factor":0.015707963267948967}},
		{"name":"Longitude of natural origin","value":0.0523598775598299,"unit":{"name":"radian","conversion_factor":1}},
		{"name":"Scale factor at natural origin","value":0.9999,"unit":"unity"},
		{"name":"False easting","value":3048,"unit":"metre"},
		{"name":"False northing","value":100,"unit":{"type":"LinearUnit","name":"foot","conversion_factor":0.3048}}]},
		"coordinate_system":{"axis":[{"unit":{"type":"LinearUnit","name":"foot","conversion_factor":0.3048}}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if x, y := feet.Project(3, 45); math.Abs(x-10_000) > 1e-6 || math.Abs(y-100) > 1e-6 {
		t.Errorf("the origin of %s is at %v %v", feet, x, y)
	}
	for _, text := range []string{
		`{"type":"ProjectedCRS","name":"no unit of angles",` + geodetic + `,"conversion":{"method":{"name":"Transverse Mercator"},"parameters":[{"name":"Latitude of natural origin","value":0},{"name":"Longitude of natural origin","value":3}]}}`,
		`{"type":"ProjectedCRS","name":"unit without a length",` + geodetic + `,"conversion":{"method":{"name":"Transverse Mercator"},"parameters":[{"name":"Latitude of natural origin","value":0,"unit":"degree"},{"name":"Longitude of natural origin","value":3,"unit":"degree"}]},"coordinate_system":{"axis":[{"unit":"smoot"}]}}`,
		`{"type":"GeographicCRS","name":"NTF (Paris)","datum":{"name":"NTF","ellipsoid":{"semi_major_axis":6378137,"inverse_flattening":298.257222101},"prime_meridian":{"longitude":{"value":2.5969213,"unit":"grad"}}}}`,
		``, `[]`, `{}`, `"EPSG:2154"`, `{"type":"GeographicCRS","name":"NAD27","id":{"authority":"EPSG","code":4267},"datum":{"name":"NAD27","ellipsoid":{"semi_major_axis":6378206.4,"inverse_flattening":294.98}}}`,
		`{"id":{"authority":"EPSG","code":1e400}}`, `{"id":{"authority":"EPSG","code":-1}}`,
	} {
		if c, err := CRSByPROJJSON([]byte(text)); !errors.Is(err, ErrCRS) {
			t.Errorf("%s is %v, %v", text, c, err)
		}
	}
}

func FuzzCRSByWKT(f *testing.F) {
	for _, d := range definitions {
		f.Add(d.text)
	}
	f.Add(`GEOGCS[""""]`)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := CRSByWKT(text)
		if err == nil {
			c.Degrees(c.Project(2.35, 48.85))
		}
	})
}

func FuzzCRSByPROJJSON(f *testing.F) {
	f.Add([]byte(`{"type":"ProjectedCRS","base_crs":{"datum":{"ellipsoid":{"semi_major_axis":6378137,"inverse_flattening":298.257222101}}},"conversion":{"method":{"name":"Transverse Mercator"},"parameters":[{"name":"Longitude of natural origin","value":3,"unit":{"name":"degree","conversion_factor":0.0174532925199433}}]}}`))
	f.Add([]byte(`{"id":{"authority":"EPSG","code":2154}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := CRSByPROJJSON(text)
		if err == nil {
			c.Degrees(c.Project(2.35, 48.85))
		}
	})
}
