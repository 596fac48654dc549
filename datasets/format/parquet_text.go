package format

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow/float16"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// appendFloat writes a number as short as it is exact, without an exponent unless it is very large or small; nothing for NaN,
// by which programs without empty numbers write one.
func appendFloat(dst []byte, v float64, bits int) []byte {
	switch abs := math.Abs(v); {
	case math.IsNaN(v):
		return dst
	case abs != 0 && (abs < 1e-6 || abs >= 1e21):
		return strconv.AppendFloat(dst, v, 'e', -1, bits)
	case v == 0:
		return append(dst, '0') // also for -0
	}
	return strconv.AppendFloat(dst, v, 'f', -1, bits)
}

// maxDecimal is the most bytes of a decimal, maxScale the most digits after the point of what they hold.
const (
	maxDecimal = 32
	maxScale   = 76
)

// appendDecimal writes digits with a point before the last scale of them, nothing if that is past maxScale.
func appendDecimal(dst, digits []byte, scale int) []byte {
	if scale > maxScale {
		return dst
	}
	if len(digits) > 0 && digits[0] == '-' {
		dst, digits = append(dst, '-'), digits[1:]
	}
	if scale <= 0 {
		return append(dst, digits...)
	}
	if short := scale + 1 - len(digits); short > 0 {
		digits = append(bytes.Repeat([]byte{'0'}, short), digits...)
	}
	whole, fraction := digits[:len(digits)-scale], bytes.TrimRight(digits[len(digits)-scale:], "0")
	dst = append(dst, whole...)
	if len(fraction) > 0 {
		dst = append(append(dst, '.'), fraction...)
	}
	return dst
}

// appendBigDecimal writes a decimal whose digits are bytes of two's complement, the highest first.
func appendBigDecimal(dst, value []byte, scale int) []byte {
	if len(value) == 0 || len(value) > maxDecimal {
		return dst
	}
	n := new(big.Int).SetBytes(value)
	if value[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(value))))
	}
	return appendDecimal(dst, n.Append(nil, 10), scale)
}

const secondsPerDay = 24 * 60 * 60

// appendDate writes days since 1970 as 2024-06-30.
func appendDate(dst []byte, days int64) []byte {
	return time.Unix(days*secondsPerDay, 0).UTC().AppendFormat(dst, time.DateOnly)
}

// perSecond is how many of a unit of time there are in a second.
func perSecond(unit schema.TimeUnitType) int64 {
	switch unit {
	case schema.TimeUnitMillis:
		return 1e3
	case schema.TimeUnitMicros:
		return 1e6
	default:
		return 1e9
	}
}

// appendTimestamp writes a time since 1970 as 2024-06-30T08:30:00, with Z after it if it is one of UTC.
func appendTimestamp(dst []byte, v, perSecond int64, utc bool) []byte {
	seconds, part := v/perSecond, v%perSecond
	dst = time.Unix(seconds, part*(1e9/perSecond)).UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999999")
	if utc {
		dst = append(dst, 'Z')
	}
	return dst
}

// appendTime writes a time of day as 08:30:00.
func appendTime(dst []byte, v, perSecond int64) []byte {
	return time.Unix(v/perSecond, v%perSecond*(1e9/perSecond)).UTC().AppendFormat(dst, "15:04:05.999999999")
}

// int96Text writes the timestamps of old programs: nanoseconds of a day and its Julian number.
func int96Text(dst []byte, v parquet.Int96) []byte {
	const julian1970 = 2_440_588
	nanoseconds, day := int64(binary.LittleEndian.Uint64(v[:8])), int64(binary.LittleEndian.Uint32(v[8:]))
	return time.Unix((day-julian1970)*secondsPerDay, nanoseconds).UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999999")
}

// int32Text says how the 32-bit numbers of a column are written.
func int32Text(logical schema.LogicalType) func([]byte, int32) []byte {
	switch t := logical.(type) {
	case schema.DateLogicalType:
		return func(dst []byte, v int32) []byte { return appendDate(dst, int64(v)) }
	case schema.IntLogicalType:
		if !t.IsSigned() {
			return func(dst []byte, v int32) []byte { return strconv.AppendUint(dst, uint64(uint32(v)), 10) }
		}
	}
	wide := int64Text(logical)
	return func(dst []byte, v int32) []byte { return wide(dst, int64(v)) }
}

// int64Text says how the 64-bit numbers of a column are written.
func int64Text(logical schema.LogicalType) func([]byte, int64) []byte {
	switch t := logical.(type) {
	case schema.TimestampLogicalType:
		units, utc := perSecond(t.TimeUnit()), t.IsAdjustedToUTC()
		return func(dst []byte, v int64) []byte { return appendTimestamp(dst, v, units, utc) }
	case schema.TimeLogicalType:
		units := perSecond(t.TimeUnit())
		return func(dst []byte, v int64) []byte { return appendTime(dst, v, units) }
	case schema.DecimalLogicalType:
		scale := int(t.Scale())
		return func(dst []byte, v int64) []byte { return appendDecimal(dst, strconv.AppendInt(nil, v, 10), scale) }
	case schema.IntLogicalType:
		if !t.IsSigned() {
			return func(dst []byte, v int64) []byte { return strconv.AppendUint(dst, uint64(v), 10) }
		}
	}
	return func(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }
}

// isText tells whether a column of bytes is marked as text.
func isText(logical schema.LogicalType) bool {
	switch logical.(type) {
	case schema.StringLogicalType, schema.EnumLogicalType, schema.JSONLogicalType:
		return true
	}
	return false
}

// bytesText says how the bytes of a column are written; nil where they are of a kind that has no text. What is not marked as text
// is taken as such if it is, for old programs do not mark it.
func bytesText(logical schema.LogicalType) func([]byte, parquet.ByteArray) []byte {
	switch t := logical.(type) {
	case schema.DecimalLogicalType:
		scale := int(t.Scale())
		return func(dst []byte, v parquet.ByteArray) []byte { return appendBigDecimal(dst, v, scale) }
	case schema.StringLogicalType, schema.EnumLogicalType, schema.JSONLogicalType:
		return func(dst []byte, v parquet.ByteArray) []byte {
			if utf8.Valid(v) {
				return append(dst, v...)
			}
			return append(dst, bytes.ToValidUTF8(v, []byte("\ufffd"))...)
		}
	case schema.NoLogicalType, schema.UnknownLogicalType:
		return func(dst []byte, v parquet.ByteArray) []byte {
			if !utf8.Valid(v) {
				return dst
			}
			return append(dst, v...)
		}
	}
	return nil
}

// fixedText says how the bytes of a column of values of one length are written; nil where they are of a kind that has no text.
func fixedText(logical schema.LogicalType, length int) func([]byte, parquet.FixedLenByteArray) []byte {
	switch t := logical.(type) {
	case schema.DecimalLogicalType:
		scale := int(t.Scale())
		if length > maxDecimal {
			return nil
		}
		return func(dst []byte, v parquet.FixedLenByteArray) []byte { return appendBigDecimal(dst, v, scale) }
	case schema.UUIDLogicalType:
		if length != 16 {
			return nil
		}
		return func(dst []byte, v parquet.FixedLenByteArray) []byte {
			for i, end := 0, 0; i < 16; i = end {
				if end = i + 2; i == 0 {
					end = 4
				} else if i >= 10 {
					end = 16
				}
				if i > 0 {
					dst = append(dst, '-')
				}
				dst = hex.AppendEncode(dst, v[i:end])
			}
			return dst
		}
	case schema.Float16LogicalType:
		if length != 2 {
			return nil
		}
		return func(dst []byte, v parquet.FixedLenByteArray) []byte {
			return appendFloat(dst, float64(float16.FromLEBytes(v).Float32()), 32)
		}
	}
	return nil
}
