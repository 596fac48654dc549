package engine

import "github.com/apache/arrow-go/v18/arrow"

func column(name string, t arrow.DataType) arrow.Field { return arrow.Field{Name: name, Type: t} }
func optional(name string, t arrow.DataType) arrow.Field {
	return arrow.Field{Name: name, Type: t, Nullable: true}
}

var (
	textType   = arrow.BinaryTypes.String
	binaryType = arrow.BinaryTypes.Binary
	int32Type  = arrow.PrimitiveTypes.Int32
	int64Type  = arrow.PrimitiveTypes.Int64
	floatType  = arrow.PrimitiveTypes.Float64
)

// rowSchemas gives the columns of each kind of rows. Coordinates are WGS84 degrees, geometry is WKB in (lon, lat); line is the
// line of the file (or the number of the feature, from 1) that the row came from.
var rowSchemas = map[Kind]*arrow.Schema{
	KindAddresses: arrow.NewSchema([]arrow.Field{
		column("line", int64Type),
		column("address_id", textType),
		column("number", int32Type),
		column("suffix", textType),  // "" or lower case, as "bis"
		column("street", textType),  // as published, without the house number
		column("commune", textType), // INSEE code
		column("commune_name", textType),
		column("lon", floatType),
		column("lat", floatType),
		optional("households", floatType), // dwellings at the address, where the source counts them
	}, nil),
	KindStreets: arrow.NewSchema([]arrow.Field{
		column("line", int64Type),
		column("street_id", textType), // the publisher's id
		column("street", textType),
		column("commune", textType),
		column("geometry", binaryType), // LineString or MultiLineString
	}, nil),
	KindAreas: arrow.NewSchema([]arrow.Field{
		column("line", int64Type),
		column("commune", textType), // canonical, see PrecinctKey
		column("station", textType),
		column("code", textType), // as published
		column("name", textType),
		optional("registered", int64Type), // electors the area's publisher states
		column("geometry", binaryType),    // Polygon or MultiPolygon
	}, nil),
	KindResults: arrow.NewSchema([]arrow.Field{
		column("line", int64Type),
		column("commune", textType), // canonical, see PrecinctKey
		column("station", textType),
		column("code", textType), // as published
		column("election", textType),
		optional("date", textType), // YYYY-MM-DD
		column("round", int32Type),
		column("registered", int64Type), // the precinct's, on each of its rows
		optional("voters", int64Type),
		optional("blank", int64Type),
		optional("null", int64Type),
		optional("blank_null", int64Type),
		column("choice", textType), // stable within the contest
		column("choice_name", textType),
		optional("family", textType), // political label the source gives
		column("votes", int64Type),
	}, nil),
	KindCensusAreas: arrow.NewSchema([]arrow.Field{
		column("line", int64Type),
		column("census_area", textType), // IRIS: nine characters
		column("name", textType),
		column("commune", textType),
		column("type", textType),
		column("geometry", binaryType), // Polygon or MultiPolygon
	}, nil),
	KindCensus: arrow.NewSchema([]arrow.Field{
		column("line", int64Type),
		column("census_area", textType),
		column("variable", textType), // lower case, without the year: pop15p, pop15p_cs3, disp_med
		optional("value", floatType), // absent where the publisher keeps it secret
	}, nil),
}

// RowSchema gives the columns a source of that kind emits.
func RowSchema(kind Kind) *arrow.Schema { return rowSchemas[kind] }
