package field

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// keyer makes the keyed hashes of a campaign. What they are of cannot be told from them, nor tried, without the campaign's key.
type keyer struct{ secret []byte }

// The domains keep hashes of one kind of thing from being compared with those of another.
const (
	ofAddress   = "door of an address"
	ofSegment   = "door of a segment"
	ofCanvasser = "canvasser"
	ofBody      = "body"
	ofSubject   = "subject of an erasure"
	ofForeign   = "id of another tool"
)

func (k keyer) sum(domain string, parts ...string) (key engine.Key) {
	hash := hmac.New(sha256.New, k.secret)
	var length [8]byte
	for _, part := range append([]string{domain}, parts...) {
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		hash.Write(length[:])
		hash.Write([]byte(part))
	}
	var sum [sha256.Size]byte
	copy(key[:], hash.Sum(sum[:0]))
	return key
}

// door is the key of a door: of an address, or of a segment where a door is named. It is zero where nothing tells doors apart.
func (k keyer) door(address string, segment int64, door string) engine.Key {
	switch {
	case address != "":
		return k.sum(ofAddress, address, doorWord(door))
	case segment != 0 && door != "":
		var id [8]byte
		binary.BigEndian.PutUint64(id[:], uint64(segment))
		return k.sum(ofSegment, string(id[:]), doorWord(door))
	}
	return engine.Key{}
}

// doorWord is a door's name in one spelling, so that 3-Left and 3_left are not two doors.
func doorWord(door string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(door), func(c rune) bool { return c == '-' || c == '_' || c == ' ' }), "-")
}

func (k keyer) canvasser(pseudonym string) engine.Key {
	if pseudonym == "" {
		return engine.Key{}
	}
	return k.sum(ofCanvasser, pseudonym)
}

// foreign gives a return with the ids that it is kept under where they were made of another tool's.
func (k keyer) foreign(r *engine.Return) *engine.Return {
	own := *r
	own.ID, own.Replaces = k.foreignID(r.ID), k.foreignID(r.Replaces)
	return &own
}

// foreignID is a keyed hash of an id: a UUID of version 8 (RFC 9562).
func (k keyer) foreignID(id uuid.UUID) uuid.UUID {
	if id == uuid.Nil {
		return id
	}
	own := uuid.UUID(k.sum(ofForeign, string(id[:])))
	own[6], own[8] = own[6]&0x0f|0x80, own[8]&0x3f|0x80
	return own
}

// body is the key of all that was sent. Its last but eighth bit says whether the return is a withdrawal, so that the fold needs nothing of an
// entry beyond its identity.
func (k keyer) body(r *engine.Return) engine.Key {
	key := k.sum(ofBody, string(Encode(r)))
	key[7] &^= 1
	if r.Kind == engine.Withdrawal {
		key[7] |= 1
	}
	return key
}
