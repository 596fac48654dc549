package format

import (
	"bytes"
	"strings"
)

// Describe says in words what container a file is: "CSV with semicolons, Windows-1252". What is packed is said by the name and the
// first bytes of the file on disk, not here. head is how the file begins; rows are nil where no table of columns can be read.
func Describe(head []byte, rows Rows) string {
	switch rows := rows.(type) {
	case *Table:
		return "CSV with " + rows.Delimiter() + ", " + rows.Encoding()
	case *Features:
		if rows.loose {
			return "GeoJSON, a feature a line, " + rows.text.encoding.String()
		}
		return "GeoJSON, " + rows.text.encoding.String()
	case *Shapefile: // it has read the beginning
		return "Shapefile"
	case *Topology:
		return "TopoJSON"
	}
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return "Parquet"
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		return "GeoPackage"
	case bytes.HasPrefix(head, []byte{0, 0, 0x27, 0x0a}):
		return "Shapefile"
	case isProtocolBuffer(head):
		return "OpenStreetMap PBF"
	case isTopology(head):
		return "TopoJSON"
	case looksLikeJSON(head):
		return "JSON"
	}
	return "unknown"
}

// Delimiter is what stands between the fields of a row, in words.
func (t *Table) Delimiter() string {
	switch t.comma {
	case ';':
		return "semicolons"
	case ',':
		return "commas"
	case '\t':
		return "tabs"
	case '|':
		return "vertical bars"
	}
	return string(rune(t.comma))
}

// Encoding is how the table writes its characters, as far as it was read.
func (t *Table) Encoding() string { return t.text.encoding.String() }

// String gives the name of the encoding. A text of ASCII alone is UTF-8 too.
func (e encoding) String() string {
	switch e {
	case windows1252:
		return "Windows-1252"
	case utf16Little:
		return "UTF-16LE"
	case utf16Big:
		return "UTF-16BE"
	}
	return "UTF-8"
}

// Lacks names the needed properties that no feature had so far; empty if there are none.
func (f *Features) Lacks() string {
	var lacking []string
	for i, found := range f.found {
		if !found && !f.columns[i].Optional {
			lacking = append(lacking, f.columns[i].Names[0])
		}
	}
	return strings.Join(lacking, ", ")
}
