package engine

import "github.com/apache/arrow-go/v18/arrow"

// Marks of fields in a schema, which say what Arrow's type does not.
const (
	extensionName     = "ARROW:extension:name"
	extensionMetadata = "ARROW:extension:metadata"
	cellMark          = "arpent:cell"
	wkbExtension      = "geoarrow.wkb"
)

// CellField is a column of H3 indexes, which are 15 hex digits wherever they are written as text.
func CellField(name string) arrow.Field {
	return arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int64, Metadata: arrow.NewMetadata([]string{cellMark}, []string{"h3"})}
}

// IsCell tells whether a field is a CellField.
func IsCell(f arrow.Field) bool { return f.Metadata.FindKey(cellMark) >= 0 }

// GeometryField is a column of little-endian WKB in longitude and latitude (https://geoarrow.org/extension-types).
func GeometryField(name string) arrow.Field {
	return arrow.Field{
		Name: name, Type: arrow.BinaryTypes.Binary, Nullable: true,
		Metadata: arrow.NewMetadata([]string{extensionName, extensionMetadata}, []string{wkbExtension, `{"crs":"OGC:CRS84","crs_type":"authority_code"}`}),
	}
}

// IsGeometry tells whether a field is a GeometryField.
func IsGeometry(f arrow.Field) bool {
	i := f.Metadata.FindKey(extensionName)
	return i >= 0 && f.Metadata.Values()[i] == wkbExtension
}
