package format

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// osmMessage goes through the fields of a protocol buffer.
type osmMessage struct {
	rest   []byte
	number protowire.Number
	whole  uint64 // of a varint
	bytes  []byte // of a field of bytes, not nil then
}

// next goes to the next field. Fields of fixed width and groups are passed over: the format has none of use.
func (m *osmMessage) next() (bool, error) {
	m.whole, m.bytes = 0, nil
	if len(m.rest) == 0 {
		return false, nil
	}
	number, kind, n := protowire.ConsumeTag(m.rest)
	if n < 0 {
		return false, ErrDamaged
	}
	m.number, m.rest = number, m.rest[n:]
	switch kind {
	case protowire.VarintType:
		m.whole, n = protowire.ConsumeVarint(m.rest)
	case protowire.BytesType:
		m.bytes, n = protowire.ConsumeBytes(m.rest)
		if m.bytes == nil {
			m.bytes = []byte{}
		}
	default:
		n = protowire.ConsumeFieldValue(number, kind, m.rest)
	}
	if n < 0 {
		return false, ErrDamaged
	}
	m.rest = m.rest[n:]
	return true, nil
}

// list takes the field as a list of varints. Writers give a list whole.
func (m *osmMessage) list(into *osmList) error {
	if m.bytes == nil || len(*into) > 0 {
		return fmt.Errorf("%w (a list is written in parts)", ErrDamaged)
	}
	*into = m.bytes
	return nil
}

// osmList goes through a list of varints.
type osmList []byte

func (l *osmList) next() (value uint64, err error) {
	if len(*l) > 0 && (*l)[0] < 0x80 {
		value = uint64((*l)[0])
		*l = (*l)[1:]
		return value, nil
	}
	value, n := protowire.ConsumeVarint(*l)
	if n < 0 {
		return 0, ErrDamaged
	}
	*l = (*l)[n:]
	return value, nil
}

// delta adds the next value of a list of differences to the sum so far.
func (l *osmList) delta(sum *int64) error {
	value, err := l.next()
	*sum += protowire.DecodeZigZag(value)
	return err
}

// osmPosition is where a coordinate of a block is: offset and granularity are nanodegrees. False if that is beyond the limit.
func osmPosition(offset int64, granularity int32, value int64, limit osmDegrees) (osmDegrees, bool) {
	const most = int64(1e12) // nanodegrees, beyond any sum that is on Earth and far from an overflow
	if offset < -most || offset > most || value < -2*most/int64(granularity) || value > 2*most/int64(granularity) {
		return osmNowhere, false
	}
	nano := offset + int64(granularity)*value
	if nano < 0 {
		nano -= 50
	} else {
		nano += 50
	}
	if nano /= 100; nano > int64(limit) || nano < -int64(limit) {
		return osmNowhere, false
	}
	return osmDegrees(nano), true
}
