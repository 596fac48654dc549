package format

import (
	"encoding/hex"
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/encoding/wkt"
)

// textGeometry reads a geometry in a field of text: GeoJSON, WKT (with or without SRID=...;) or WKB in hexadecimal digits.
func textGeometry(text []byte) (orb.Geometry, error) {
	switch {
	case len(text) == 0:
		return nil, nil
	case text[0] == '{' || string(text) == "null":
		return ParseGeometry(text)
	case text[0] == '0':
		content := make([]byte, hex.DecodedLen(len(text)))
		if _, err := hex.Decode(content, text); err != nil {
			return nil, fmt.Errorf("%w: WKB: %w", ErrGeometry, err)
		}
		return binaryGeometry(content)
	}
	written := string(text)
	if _, rest, found := strings.Cut(written, ";"); found && strings.HasPrefix(strings.ToUpper(written), "SRID=") {
		written = rest
	}
	g, err := wkt.Unmarshal(written)
	if err != nil {
		return nil, fmt.Errorf("%w: WKT: %w", ErrGeometry, err)
	}
	return finite(g)
}

// binaryGeometry reads WKB, also with a third and fourth ordinate, which are dropped.
func binaryGeometry(content []byte) (orb.Geometry, error) {
	g, err := wkb.Unmarshal(content)
	if err != nil {
		return nil, fmt.Errorf("%w: WKB: %w", ErrGeometry, err)
	}
	return finite(g)
}

// finite refuses geometries with an ordinate that is no number.
func finite(g orb.Geometry) (orb.Geometry, error) {
	if g == nil {
		return nil, nil
	}
	switch box := g.Bound(); {
	case g.Dimensions() < 0, box.IsEmpty():
		return g, nil
	case !isFinite(box.Min) || !isFinite(box.Max):
		return nil, fmt.Errorf("%w: an ordinate is no number", ErrGeometry)
	}
	return g, nil
}

func isFinite(p orb.Point) bool {
	return !math.IsNaN(p[0]) && !math.IsNaN(p[1]) && !math.IsInf(p[0], 0) && !math.IsInf(p[1], 0)
}
