package format

import (
	"errors"
	"fmt"

	"github.com/paulmach/orb"
)

// envelopes are the bytes that the box of a GeoPackage geometry takes, by its kind: none, xy, xyz, xym, xyzm.
var envelopes = [...]int{0, 32, 48, 48, 64}

// parseGeoPackage reads a geometry as GeoPackage 1.0 to 1.4 write it (OGC 12-128, 2.1.3): the letters GP, version, flags, the
// number of its system, its box, and WKB. The number is that of the layer and not asked for. No bytes are nil.
func parseGeoPackage(blob []byte) (orb.Geometry, error) {
	if len(blob) == 0 {
		return nil, nil
	}
	content, err := wkbOfGeoPackage(blob)
	if err != nil {
		return nil, fmt.Errorf("%w: GeoPackage: %w", ErrGeometry, err)
	}
	return parseWKB(content)
}

func wkbOfGeoPackage(blob []byte) ([]byte, error) {
	if len(blob) < 8 || blob[0] != 'G' || blob[1] != 'P' {
		return nil, errors.New("it does not begin with GP")
	}
	version, flags := blob[2], blob[3]
	kind := flags >> 1 & 7
	switch {
	case version != 0:
		return nil, fmt.Errorf("there is no version %d of it", version)
	case flags&0x20 != 0:
		return nil, errors.New("it is of a type outside the standard")
	case int(kind) >= len(envelopes):
		return nil, fmt.Errorf("there is no box of kind %d", kind)
	}
	rest := blob[8:]
	if len(rest) < envelopes[kind] {
		return nil, errShortWKB
	}
	return rest[envelopes[kind]:], nil
}
