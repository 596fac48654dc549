package engine

import (
	"crypto/sha256"
	"encoding/binary"
)

// StableID hashes the parts that identify a thing to a positive number of at most 53 bits, so that JSON readers and MapLibre
// keep it exact. The parts are length-prefixed: ("ab","c") and ("a","bc") differ. Collisions are the caller's to refuse.
func StableID(parts ...string) int64 {
	h := sha256.New()
	var length [4]byte
	for _, p := range parts {
		binary.BigEndian.PutUint32(length[:], uint32(len(p)))
		h.Write(length[:])
		h.Write([]byte(p))
	}
	id := int64(binary.BigEndian.Uint64(h.Sum(nil)) >> 11)
	if id == 0 {
		return 1 // 0 means "no place"
	}
	return id
}
