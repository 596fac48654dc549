package format

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/arpent/arpent/geo"
)

// geoParquet is what the metadata of a GeoParquet file says (geoparquet.org, versions 0.4 to 1.1).
type geoParquet struct {
	Primary string                    `json:"primary_column"`
	Columns map[string]geoParquetPart `json:"columns"`
}

type geoParquetPart struct {
	Encoding string          `json:"encoding"`
	CRS      json.RawMessage `json:"crs"` // PROJJSON, WKT in version 0.4, null if it is not known, absent for degrees of WGS84
	Covering struct {
		Box map[string][]string `json:"bbox"` // the path of each side
	} `json:"covering"`
}

// maxGeoMetadata is the most bytes of the description of the geometry.
const maxGeoMetadata = 4 << 20

// findGeometry finds the column with geometry and its system: what the metadata of GeoParquet says, else a column marked as
// geometry, else one of the usual names with bytes or text in it.
func (p *Parquet) findGeometry(described []byte) error {
	if described != nil {
		return p.findDescribed(described)
	}
	for i, field := range p.fields {
		if field.leaf < 0 {
			continue
		}
		switch logical := p.meta.Schema.Column(field.leaf).LogicalType().(type) {
		case schema.GeometryLogicalType:
			return p.markGeometry(i, logical.CRS())
		case schema.GeographyLogicalType:
			return p.markGeometry(i, logical.CRS())
		}
	}
	for _, name := range geometryColumn.Names {
		i := find(p.keys, Key(name))
		if i >= 0 && p.fields[i].leaf >= 0 && p.meta.Schema.Column(p.fields[i].leaf).PhysicalType() == parquet.Types.ByteArray {
			p.geometryField = i
			return nil
		}
	}
	return nil
}

// findDescribed finds what the metadata of GeoParquet says.
func (p *Parquet) findDescribed(text []byte) error {
	if len(text) > maxGeoMetadata {
		return fmt.Errorf("its GeoParquet metadata has %d bytes and %d are allowed", len(text), maxGeoMetadata)
	}
	var described geoParquet
	if err := json.Unmarshal(text, &described); err != nil {
		return fmt.Errorf("its GeoParquet metadata cannot be read: %w", err)
	}
	part, given := described.Columns[described.Primary]
	place := -1
	for i, field := range p.fields {
		if field.name == described.Primary {
			place = i
		}
		for _, path := range part.Covering.Box {
			if len(path) > 0 && path[0] == field.name {
				p.fields[i].covering = true
			}
		}
	}
	switch {
	case !given || place < 0:
		return fmt.Errorf("its GeoParquet metadata names the column %q as its geometry, which is not there", described.Primary)
	case part.Encoding != "WKB" && part.Encoding != "WKT" || p.fields[place].leaf < 0:
		return fmt.Errorf("its geometry is encoded as %q: write it as WKB", part.Encoding)
	}
	p.geometryField = place
	var err error
	if p.crs, err = describedCRS(part.CRS); err != nil {
		return fmt.Errorf("the system of its coordinates: %w", err)
	}
	return nil
}

// describedCRS reads the crs of a column: PROJJSON or, in version 0.4, WKT in a string; the zero CRS for null.
func describedCRS(crs json.RawMessage) (geo.CRS, error) {
	var text string
	switch {
	case len(crs) == 0:
		return geo.WGS84, nil
	case string(crs) == "null":
		return geo.CRS{}, nil
	case json.Unmarshal(crs, &text) == nil:
		return geo.CRSByWKT(text)
	}
	return geo.CRSByPROJJSON(crs)
}

// markGeometry takes a column that its type says is of geometry, in a system by name (EPSG:2154, srid:2154), in PROJJSON, or in
// the PROJJSON that the metadata has under a name (projjson:NAME); degrees of WGS84 if it says none.
func (p *Parquet) markGeometry(place int, crs string) (err error) {
	p.geometryField = place
	if key, ok := strings.CutPrefix(crs, "projjson:"); ok {
		if text := p.meta.KeyValueMetadata().FindValue(key); text != nil {
			crs = *text
		}
	}
	switch {
	case crs == "":
		p.crs = geo.WGS84
	case crs[0] == '{':
		p.crs, err = geo.CRSByPROJJSON([]byte(crs))
	default:
		p.crs, err = geo.CRSByName(strings.TrimPrefix(crs, "srid:"))
	}
	if err != nil {
		return fmt.Errorf("the system of the coordinates in the column %s: %w", p.fields[place].name, err)
	}
	return nil
}
