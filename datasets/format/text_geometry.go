package format

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// textGeometry reads a geometry in a field of text: GeoJSON, WKT (with or without SRID=...;) or WKB in hexadecimal digits, as
// PostGIS writes it (also after \x, as its bytea). Nothing and null are nil. Coordinates are finite.
func textGeometry(text []byte) (orb.Geometry, error) {
	text = trim(text)
	switch {
	case len(text) == 0 || string(text) == "null" || string(text) == "NULL":
		return nil, nil
	case len(text) > maxGeometry:
		return nil, fmt.Errorf("%w: a text of %d bytes: %d are allowed", ErrGeometry, len(text), maxGeometry)
	case text[0] == '{':
		return ParseGeometry(text)
	case text[0] == '0' || text[0] == '\\' && len(text) > 1 && (text[1] == 'x' || text[1] == 'X'):
		if text[0] == '\\' {
			text = text[2:]
		}
		content := make([]byte, hex.DecodedLen(len(text)))
		if _, err := hex.Decode(content, text); err != nil {
			return nil, fmt.Errorf("%w: WKB in hexadecimal digits: %w", ErrGeometry, err)
		}
		return parseWKB(content)
	}
	return parseWKT(text)
}

var errOrdinate = errors.New("a coordinate is not a finite number")

func isFinite(p orb.Point) bool {
	return !math.IsNaN(p[0]) && !math.IsNaN(p[1]) && !math.IsInf(p[0], 0) && !math.IsInf(p[1], 0)
}
