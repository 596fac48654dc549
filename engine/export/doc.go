// Package export writes batches of rows as what other tools read: GeoJSON, NDJSON, CSV, Arrow and GeoParquet. It writes as it is given rows
// and holds little of them, so that a stream may be of any length.
//
// What a column is can be told from its field in the schema: Arrow's type, and two marks. A geometry is little-endian WKB in longitude and
// latitude, and has the extension name of GeoArrow. A cell is an H3 index, which is 15 hex digits wherever numbers are written as text.
package export
