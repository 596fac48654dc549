package format

import "bytes"

// isProtocolBuffer tells whether a file begins as an OpenStreetMap extract does: a blob header that names OSMHeader.
func isProtocolBuffer(head []byte) bool {
	return len(head) > 16 && bytes.Contains(head[:min(len(head), 64)], []byte("OSMHeader"))
}
