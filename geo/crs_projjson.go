package geo

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// projJSON is what is read of a definition in PROJJSON, as GeoParquet and GeoJSON files carry it.
// https://proj.org/en/stable/specifications/projjson.html
type projJSON struct {
	Type     string        `json:"type"`
	Name     string        `json:"name"`
	ID       *projJSONID   `json:"id"`
	Base     *projJSON     `json:"base_crs"`
	Source   *projJSON     `json:"source_crs"`
	Parts    []projJSON    `json:"components"`
	Datum    projJSONDatum `json:"datum"`
	Ensemble projJSONDatum `json:"datum_ensemble"`

	Conversion struct {
		Method     struct{ Name string }
		Parameters []struct {
			Name  string
			Value float64
			Unit  projJSONUnit
		}
	} `json:"conversion"`
	System struct {
		Axis []struct{ Unit projJSONUnit }
	} `json:"coordinate_system"`
}

type projJSONID struct {
	Authority string
	Code      any // a number or a text
}

type projJSONDatum struct {
	Name      string
	Ellipsoid struct {
		SemiMajor  float64 `json:"semi_major_axis"`
		SemiMinor  float64 `json:"semi_minor_axis"`
		Flattening float64 `json:"inverse_flattening"`
	}
	PrimeMeridian struct{ Longitude any } `json:"prime_meridian"`
}

// projJSONUnit is a name, or an object with a factor.
type projJSONUnit struct {
	name   string
	factor float64
}

// UnmarshalJSON reads either form.
func (u *projJSONUnit) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, &u.name) == nil {
		return nil
	}
	var long struct {
		Name   string
		Factor float64 `json:"conversion_factor"`
	}
	err := json.Unmarshal(raw, &long)
	u.name, u.factor = long.Name, long.Factor
	return err
}

// metres and degrees give the factor to them; NaN for a unit of another kind.
func (u projJSONUnit) metres() float64 {
	switch {
	case u.name == "metre" || u.name == "":
		return metre
	case u.factor > 0:
		return u.factor
	}
	return math.NaN()
}

func (u projJSONUnit) degrees() float64 {
	switch {
	case u.name == "degree":
		return 1
	case u.factor > 0:
		return u.factor / radiansPerDegree
	}
	return math.NaN()
}

// CRSByPROJJSON reads a definition in PROJJSON. null is a file that declares no system.
func CRSByPROJJSON(text []byte) (CRS, error) {
	if len(text) > maxWKT {
		return CRS{}, fmt.Errorf("%w: the definition is longer than %d bytes", ErrCRS, maxWKT)
	}
	var p *projJSON
	if err := json.Unmarshal(text, &p); err != nil {
		return CRS{}, fmt.Errorf("%w: the definition is not PROJJSON", ErrCRS)
	}
	if p == nil {
		return CRS{}, nil
	}
	for range 4 { // the part that is about the ground
		switch {
		case len(p.Parts) > 0:
			p = &p.Parts[0]
		case p.Source != nil:
			p = p.Source
		}
	}
	if p.ID != nil && strings.EqualFold(p.ID.Authority, "OGC") {
		return CRSByName(fmt.Sprint("OGC:", p.ID.Code))
	}
	return p.definition().crs()
}

func (p *projJSON) definition() crsDefinition {
	d := crsDefinition{name: p.Name, code: p.ID.epsg(), parameters: map[string]float64{}, unit: metre, degrees: true}
	base := p
	if p.Base != nil {
		base = p.Base
		d.method = p.Conversion.Method.Name
		for _, q := range p.Conversion.Parameters {
			key, factor := plainName(q.Name), 1.0
			switch {
			case strings.Contains(key, "easting") || strings.Contains(key, "northing"):
				factor = q.Unit.metres()
			case strings.HasPrefix(key, "latitude") || strings.HasPrefix(key, "longitude"):
				factor = q.Unit.degrees()
			}
			d.parameters[key] = q.Value * factor
		}
		if len(p.System.Axis) > 0 {
			d.unit = p.System.Axis[0].Unit.metres()
		}
	}
	datum := base.Datum
	if datum.Ellipsoid.SemiMajor == 0 {
		datum = base.Ensemble
	}
	d.datum, d.semiMajor, d.flattening = datum.Name, datum.Ellipsoid.SemiMajor, datum.Ellipsoid.Flattening
	if minor := datum.Ellipsoid.SemiMinor; d.flattening == 0 && minor > 0 && minor < d.semiMajor {
		d.flattening = d.semiMajor / (d.semiMajor - minor)
	}
	if longitude, ok := datum.PrimeMeridian.Longitude.(float64); ok {
		d.primeMeridian = longitude
	} else if datum.PrimeMeridian.Longitude != nil {
		d.primeMeridian = math.Inf(1) // in a unit of its own
	}
	if axes := base.System.Axis; p.Base == nil && len(axes) > 0 && axes[0].Unit.degrees() != 1 {
		d.degrees = false
	}
	return d
}

// epsg is the code of the registry; 0 without one.
func (id *projJSONID) epsg() int {
	if id == nil || !strings.EqualFold(id.Authority, "EPSG") {
		return 0
	}
	switch code := id.Code.(type) {
	case float64:
		if code > 0 && code < 1e6 {
			return int(code)
		}
	case string:
		if n, err := strconv.Atoi(code); err == nil {
			return n
		}
	}
	return 0
}
