package engine

import "github.com/apache/arrow-go/v18/arrow"

func column(name string, t arrow.DataType) arrow.Field { return arrow.Field{Name: name, Type: t} }
func optional(name string, t arrow.DataType) arrow.Field {
	return arrow.Field{Name: name, Type: t, Nullable: true}
}

// AreaImputed is the type of a census area so small that its figures are those of a larger one, scaled to it.
const AreaImputed = "imputed"

var (
	boolType   = arrow.FixedWidthTypes.Boolean
	textType   = arrow.BinaryTypes.String
	binaryType = arrow.BinaryTypes.Binary
	int32Type  = arrow.PrimitiveTypes.Int32
	int64Type  = arrow.PrimitiveTypes.Int64
	floatType  = arrow.PrimitiveTypes.Float64
)

// rowSchemas gives the columns of each kind of rows. Coordinates are WGS84 degrees, geometry is WKB in (lon, lat); line is the
// line of the file (or the number of the feature, from 1) that the row came from.
var rowSchemas = map[Kind]*arrow.Schema{
	KindAddresses: rowsOf(KindAddresses,
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
	),
	KindStreets: rowsOf(KindStreets,
		column("line", int64Type),
		column("street_id", textType), // the publisher's id
		column("street", textType),
		column("commune", textType),
		column("geometry", binaryType), // LineString or MultiLineString
	),
	KindAreas: rowsOf(KindAreas,
		column("line", int64Type),
		column("commune", textType), // canonical, see PrecinctKey
		column("station", textType),
		column("code", textType), // as published
		column("name", textType),
		optional("registered", int64Type), // electors the area's publisher states
		column("geometry", binaryType),    // Polygon or MultiPolygon
	),
	KindRegister: rowsOf(KindRegister,
		column("line", int64Type),
		column("address_id", textType), // of the address register, as 75101_4461_00011_b; "" where the row has a position only
		column("grain", textType),      // house, street, locality or commune: what the position stands for
		optional("lon", floatType),     // absent where the row has no position worth using
		optional("lat", floatType),
		column("commune", textType), // canonical, see PrecinctKey
		column("station", textType),
		column("code", textType),   // as published
		column("doors", int64Type), // addresses of voters that the row stands for: its weight
	),
	KindResults: rowsOf(KindResults,
		column("line", int64Type),
		column("commune", textType), // canonical, see PrecinctKey
		column("station", textType),
		column("code", textType), // as published
		column("election", textType),
		optional("date", textType), // YYYY-MM-DD
		column("round", int32Type),
		optional("registered", int64Type), // the precinct's, on each of its rows; absent where the source does not count them
		optional("voters", int64Type),
		optional("blank", int64Type),
		optional("null", int64Type),
		optional("blank_null", int64Type),
		column("choice", textType), // stable within the contest
		column("choice_name", textType),
		optional("family", textType), // political label the source gives
		column("votes", int64Type),
	),
	// A row is the shape of a district, or a precinct or a whole commune that is in it.
	KindDistricts: rowsOf(KindDistricts,
		column("line", int64Type),
		column("district", textType), // as published
		column("name", textType),
		optional("commune", textType),    // canonical, see PrecinctKey; absent where the row is a shape
		optional("station", textType),    // absent where the row is a shape or a whole commune
		optional("geometry", binaryType), // Polygon or MultiPolygon
	),
	KindCensusAreas: rowsOf(KindCensusAreas,
		column("line", int64Type),
		column("census_area", textType), // IRIS: nine characters
		column("name", textType),
		column("commune", textType),
		column("type", textType),       // the publisher's, or AreaImputed
		column("geometry", binaryType), // Polygon or MultiPolygon
	),
	KindCensus: rowsOf(KindCensus,
		column("line", int64Type),
		column("census_area", textType),
		column("variable", textType), // lower case, without the year: pop15p, pop15p_cs3, disp_med
		optional("value", floatType), // absent where the publisher keeps it secret
	),
	// A row is one attempt at one door. No name, person, phone, mail or free text has a column here.
	KindCanvass: rowsOf(KindCanvass,
		column("line", int64Type),
		column("record_id", textType), // stable for the row: the export's id of the attempt, else a hash of what is kept of it
		column("source", textType),    // the dataset
		optional("address", textType), // house number and street, as exported
		optional("commune_name", textType),
		optional("postcode", textType),
		optional("address_id", textType), // of the address register
		optional("lon", floatType),
		optional("lat", floatType),
		column("attempt_at", textType), // RFC 3339 with its offset; local midnight where only the day is known
		column("result", textType),     // one of CanvassResults
		optional("support", int32Type), // -2 strong opposition .. +2 strong support
		optional("team", textType),
		column("consent", textType),  // none, stored, recontact or withdrawn
		optional("script", textType), // the version of the questions
	),
}

// kindTag is the key of the metadata that says of what kind a batch is.
const kindTag = "kind"

func rowsOf(kind Kind, fields ...arrow.Field) *arrow.Schema {
	tag := arrow.MetadataFrom(map[string]string{kindTag: string(kind)})
	return arrow.NewSchema(fields, &tag)
}

// RowSchema gives the columns a source of that kind emits.
func RowSchema(kind Kind) *arrow.Schema { return rowSchemas[kind] }

// KindOf tells of what kind the rows of a batch are; "" if it is none of a source.
func KindOf(b arrow.RecordBatch) Kind {
	tag := b.Schema().Metadata()
	if i := tag.FindKey(kindTag); i >= 0 {
		return Kind(tag.Values()[i])
	}
	return ""
}
