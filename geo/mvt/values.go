package mvt

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
)

// valueSet holds the different values of a layer in the order of their first use, already encoded. It is an open hash
// table over the encoded bytes that keeps its memory from layer to layer, and none of its callers' strings.
type valueSet struct {
	encoded []byte // the values as they stand in the layer, one after the other
	count   uint32
	started int // where the value being written starts in encoded

	slots []valueSlot // a power of two, at most half of them of this epoch
	epoch uint32      // slots of an earlier epoch are free
	seed  maphash.Seed
}

type valueSlot struct {
	hash       uint64
	start, end uint32 // in encoded
	index      uint32
	epoch      uint32
}

func (s *valueSet) reset() {
	s.encoded, s.count = s.encoded[:0], 0
	s.epoch++
	if s.slots == nil {
		s.slots = make([]valueSlot, 256)
		s.seed = maphash.MakeSeed() // decides the slots, not the order of the values
	} else if s.epoch == 0 {
		clear(s.slots)
		s.epoch = 1
	}
}

// begin starts a value whose body takes size bytes, to be appended to the slice it returns and handed to end.
func (s *valueSet) begin(size int) []byte {
	s.started = len(s.encoded)
	return binary.AppendUvarint(append(s.encoded, layerValue), uint64(size))
}

// end returns the index of the value that begin started, the earlier one if it is known.
func (s *valueSet) end(encoded []byte) (index uint32) {
	value := encoded[s.started:]
	hash := maphash.Bytes(s.seed, value)
	slot := s.find(hash, value, encoded)
	if slot.epoch == s.epoch {
		s.encoded = encoded[:s.started]
		return slot.index
	}
	*slot = valueSlot{hash: hash, start: uint32(s.started), end: uint32(len(encoded)), index: s.count, epoch: s.epoch}
	index = s.count
	s.encoded = encoded
	if s.count++; int(s.count) > len(s.slots)/2 {
		s.grow()
	}
	return index
}

// find returns the slot of a value, or the free slot where it belongs.
func (s *valueSet) find(hash uint64, value, encoded []byte) *valueSlot {
	mask := uint64(len(s.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := &s.slots[i]
		if slot.epoch != s.epoch || slot.hash == hash && bytes.Equal(encoded[slot.start:slot.end], value) {
			return slot
		}
	}
}

func (s *valueSet) grow() {
	old := s.slots
	s.slots = make([]valueSlot, 2*len(old))
	mask := uint64(len(s.slots) - 1)
	for _, slot := range old {
		if slot.epoch != s.epoch {
			continue
		}
		i := slot.hash & mask
		for s.slots[i].epoch == s.epoch {
			i = (i + 1) & mask
		}
		s.slots[i] = slot
	}
}
