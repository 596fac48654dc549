package mvt

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math"
	"math/bits"
)

// valueSet holds the different values of a layer in the order of their first use, already encoded. It keeps its memory from layer to layer;
// what is noted under an earlier epoch counts as free.
type valueSet struct {
	encoded []byte // the values as they stand in the layer, one after the other
	count   uint32
	epoch   uint32

	few     []fewSlot // by whole number, of small ones, then the two truth values
	dict    []fewSlot // by code
	numbers []numberSlot
	noted   int // numbers of this epoch
	written int // texts of this epoch
	texts   []textSlot
	seed    maphash.Seed
}

// fewSlot says the index of a value that stands for itself.
type fewSlot struct{ index, epoch uint32 }

// numberSlot is a slot of an open hash table of numbers: a power of two of them, at most half of this epoch.
type numberSlot struct {
	bits  uint64
	index uint32
	epoch uint32 // with the type of the value in its lowest bits
}

// textSlot is one of texts, by where the value stands in encoded.
type textSlot struct {
	hash       uint64
	start, end uint32
	index      uint32
	epoch      uint32
}

const (
	fewNumbers = 1 << 10
	slotTruth  = fewNumbers

	typeBits   = 2
	typeInt    = 0
	typeFloat  = 1
	typeDouble = 2
)

func (s *valueSet) reset() {
	s.encoded, s.count, s.noted, s.written = s.encoded[:0], 0, 0, 0
	s.epoch++
	switch {
	case s.few == nil:
		s.few, s.numbers, s.texts = make([]fewSlot, fewNumbers+2), make([]numberSlot, 256), make([]textSlot, 256)
		s.seed = maphash.MakeSeed() // decides the slots, not the order of the values
	case s.epoch == 1<<(32-typeBits):
		clear(s.few)
		clear(s.dict)
		clear(s.numbers)
		clear(s.texts)
		s.epoch = 1
	}
}

// next is the index of a value whose bytes have been appended.
func (s *valueSet) next() uint32 {
	s.count++
	return s.count - 1
}

// int is the index of a whole number.
func (s *valueSet) int(v int64) uint32 {
	var index *uint32
	var known bool
	if uint64(v) < fewNumbers {
		index, known = s.fewSlot(&s.few[v])
	} else {
		index, known = s.number(typeInt, uint64(v))
	}
	if known {
		return *index
	}
	field, bits := byte(valueInt), uint64(v)
	if v < 0 { // ten bytes as an int, fewer in zigzag
		field, bits = valueSint, uint64(v<<1)^uint64(v>>63)
	}
	s.encoded = appendVarint(append(s.encoded, layerValue, byte(1+varintSize(bits))), field, bits)
	*index = s.next()
	return *index
}

// id is the index of a number that is new.
func (s *valueSet) id(v uint64) uint32 {
	s.encoded = appendVarint(append(s.encoded, layerValue, byte(1+varintSize(v))), valueUint, v)
	return s.next()
}

func (s *valueSet) float(v float32) uint32 {
	bits := math.Float32bits(v)
	index, known := s.number(typeFloat, uint64(bits))
	if !known {
		s.encoded = append(s.encoded, layerValue, 5, valueFloat, byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24))
		*index = s.next()
	}
	return *index
}

func (s *valueSet) double(v float64) uint32 {
	bits := math.Float64bits(v)
	index, known := s.number(typeDouble, bits)
	if !known {
		s.encoded = binary.LittleEndian.AppendUint64(append(s.encoded, layerValue, 9, valueDouble), bits)
		*index = s.next()
	}
	return *index
}

func (s *valueSet) bool(v bool) uint32 {
	truth := byte(0)
	if v {
		truth = 1
	}
	index, known := s.fewSlot(&s.few[slotTruth+int(truth)])
	if !known {
		s.encoded = append(s.encoded, layerValue, 2, valueBool, truth)
		*index = s.next()
	}
	return *index
}

// coded is the index of the text that has a code.
func (s *valueSet) coded(code uint32, text func(code uint32) string) uint32 {
	if int(code) >= len(s.dict) {
		s.dict = append(s.dict, make([]fewSlot, int(code)+1-len(s.dict))...)
	}
	index, known := s.fewSlot(&s.dict[code])
	if !known {
		*index = s.string(text(code))
	}
	return *index
}

// fewSlot gives where the index of a value stands, and whether it stands there; if not, it is to be set.
func (s *valueSet) fewSlot(slot *fewSlot) (index *uint32, known bool) {
	known = slot.epoch == s.epoch
	slot.epoch = s.epoch
	return &slot.index, known
}

// number does the same of a number of any size, by the bits of its value.
func (s *valueSet) number(kind uint32, value uint64) (index *uint32, known bool) {
	epoch := s.epoch<<typeBits | kind
	shift := uint(64 - bits.Len(uint(len(s.numbers)-1)))
	for i := numberHash(kind, value) >> shift; ; i = (i + 1) & uint64(len(s.numbers)-1) {
		slot := &s.numbers[i]
		switch {
		case slot.epoch == epoch && slot.bits == value:
			return &slot.index, true
		case slot.epoch>>typeBits == s.epoch:
			continue
		case 2*s.noted >= len(s.numbers):
			s.growNumbers()
			return s.number(kind, value)
		}
		s.noted++
		slot.bits, slot.epoch = value, epoch
		return &slot.index, false
	}
}

func numberHash(kind uint32, value uint64) uint64 {
	high, low := bits.Mul64(value+uint64(kind)<<62, 0x9e3779b97f4a7c15)
	return (high ^ low) * 0xd6e8feb86659fd93
}

func (s *valueSet) growNumbers() {
	old := s.numbers
	s.numbers = make([]numberSlot, 2*len(old))
	shift := uint(64 - bits.Len(uint(len(s.numbers)-1)))
	for _, slot := range old {
		if slot.epoch>>typeBits != s.epoch {
			continue
		}
		i := numberHash(slot.epoch&(1<<typeBits-1), slot.bits) >> shift
		for s.numbers[i].epoch>>typeBits == s.epoch {
			i = (i + 1) & uint64(len(s.numbers)-1)
		}
		s.numbers[i] = slot
	}
}

// string is the index of a text.
func (s *valueSet) string(v string) uint32 {
	start := s.beginText(len(v))
	s.encoded = append(s.encoded, v...)
	return s.endText(start)
}

// bytes is the index of a text in a buffer.
func (s *valueSet) bytes(v []byte) uint32 {
	start := s.beginText(len(v))
	s.encoded = append(s.encoded, v...)
	return s.endText(start)
}

// beginText appends what stands before a text, and says where that starts.
func (s *valueSet) beginText(length int) int {
	start := len(s.encoded)
	s.encoded = appendVarint(s.encoded, layerValue, uint64(1+varintSize(uint64(length))+length))
	s.encoded = appendVarint(s.encoded, valueString, uint64(length))
	return start
}

// endText gives the index of the value that ends with what has been appended: the earlier one, if it is known.
func (s *valueSet) endText(start int) uint32 {
	value := s.encoded[start:]
	hash := maphash.Bytes(s.seed, value)
	slot := s.findText(hash, value)
	if slot.epoch == s.epoch {
		s.encoded = s.encoded[:start]
		return slot.index
	}
	index := s.next()
	*slot = textSlot{hash: hash, start: uint32(start), end: uint32(len(s.encoded)), index: index, epoch: s.epoch}
	if s.written++; 2*s.written > len(s.texts) {
		s.growTexts()
	}
	return index
}

// findText returns the slot of a text, or the free slot where it belongs.
func (s *valueSet) findText(hash uint64, value []byte) *textSlot {
	mask := uint64(len(s.texts) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := &s.texts[i]
		if slot.epoch != s.epoch || slot.hash == hash && bytes.Equal(s.encoded[slot.start:slot.end], value) {
			return slot
		}
	}
}

func (s *valueSet) growTexts() {
	old := s.texts
	s.texts = make([]textSlot, 2*len(old))
	mask := uint64(len(s.texts) - 1)
	for _, slot := range old {
		if slot.epoch != s.epoch {
			continue
		}
		i := slot.hash & mask
		for s.texts[i].epoch == s.epoch {
			i = (i + 1) & mask
		}
		s.texts[i] = slot
	}
}
