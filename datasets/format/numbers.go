package format

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"unicode/utf8"
)

// Why a field is not the number that is due. They are reasons to leave a row out.
var (
	ErrNotNumber = errors.New("not a number")
	ErrNegative  = errors.New("a negative count")
	ErrFraction  = errors.New("a fraction where a whole number is due")
	ErrTooLarge  = errors.New("a number too large")
)

// DecimalMark says which signs a source writes before decimals. A comma is read as one only where a source is known to write
// it so: elsewhere 1,234 may be a thousand.
type DecimalMark int

const (
	Point DecimalMark = iota
	PointOrComma
)

// absences are what publishers write for no figure: secret (ns), not available (nd, NA), and what databases and spreadsheets
// write for nothing. Compared in lower case.
var absences = []string{"ns", "nd", "na", "n/d", "n/a", "-", `\n`, "null", "nan"}

// Absent tells whether a field holds no figure: it is empty, or one of ns, nd, NA, N/D, -, \N and the like.
func Absent(field []byte) bool {
	field = trim(field)
	if len(field) == 0 {
		return true
	}
	if len(field) > 4 || field[0] >= '0' && field[0] <= '9' {
		return false
	}
	for _, a := range absences {
		if string(bytes.ToLower(field)) == a {
			return true
		}
	}
	return false
}

// Whole reads a count of people or votes: 1582, 1582.0, 1 582 with any kind of space. given is false where there is no figure
// (see Absent). 60% is no count, and 1.000 is refused: it may be one or a thousand.
func Whole(field []byte) (value int64, given bool, err error) {
	field = trim(field)
	digits := 0
	for digits < len(field) && digits < 15 && isDigit(field[digits]) {
		value = value*10 + int64(field[digits]-'0')
		digits++
	}
	switch rest := field[digits:]; {
	case digits > 0 && (len(rest) == 0 || string(rest) == ".0"):
		return value, true, nil
	case digits > 0 && string(rest) == ".000":
		return 0, true, ErrFraction
	}
	f, given, err := Float(field, Point)
	switch {
	case !given || err != nil:
		return 0, given, err
	case field[len(field)-1] == '%':
		return 0, true, ErrNotNumber // a share
	case f < 0:
		return 0, true, ErrNegative
	case f != math.Trunc(f):
		return 0, true, ErrFraction
	case f >= 1<<53:
		return 0, true, ErrTooLarge
	}
	return int64(f), true, nil
}

// Float reads a figure: spaces (also U+00A0 and U+202F) between groups of three digits and a per cent sign after it are
// allowed. given is false where there is no figure (see Absent). The value is finite.
func Float(field []byte, mark DecimalMark) (value float64, given bool, err error) {
	if Absent(field) {
		return 0, false, nil
	}
	var plain [32]byte
	number, ok := plainNumber(plain[:0], trim(field), mark)
	if !ok {
		return 0, true, ErrNotNumber
	}
	value, err = strconv.ParseFloat(string(number), 64)
	if errors.Is(err, strconv.ErrRange) && math.IsInf(value, 0) {
		return 0, true, ErrTooLarge
	}
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, true, ErrNotNumber
	}
	return value, true, nil
}

// plainNumber brings a number to digits, one point and an exponent. It does not check that there are digits.
func plainNumber(plain, field []byte, mark DecimalMark) (number []byte, ok bool) {
	if n := len(field); n > 0 && field[n-1] == '%' {
		field = trim(field[:n-1])
	}
	if len(field) > 64 {
		return nil, false
	}
	grouped, pointed, exponent := 0, false, false
	for i := 0; i < len(field); i++ {
		switch c := field[i]; {
		case isDigit(c):
			plain = append(plain, c)
		case c == '-' || c == '+':
			if i > 0 && field[i-1] != 'e' && field[i-1] != 'E' {
				return nil, false
			}
			plain = append(plain, c)
		case (c == '.' || c == ',' && mark == PointOrComma) && !pointed && !exponent:
			pointed = true
			plain = append(plain, '.')
		case (c == 'e' || c == 'E') && !exponent:
			exponent = true
			plain = append(plain, c)
		default:
			size, isGroup := groupAfter(field[i:])
			if !isGroup || pointed || exponent || i == 0 || !isDigit(field[i-1]) || grouped == 0 && digitsBefore(field, i) > 3 {
				return nil, false
			}
			grouped++
			i += size - 1
		}
	}
	return plain, true
}

// groupAfter measures a space that three digits and no more follow.
func groupAfter(text []byte) (size int, ok bool) {
	r, size := utf8.DecodeRune(text)
	if r != ' ' && r != '\u00a0' && r != '\u202f' && r != '\u2009' {
		return 0, false
	}
	digits := text[size:]
	if len(digits) < 3 || !isDigit(digits[0]) || !isDigit(digits[1]) || !isDigit(digits[2]) {
		return 0, false
	}
	return size, len(digits) == 3 || !isDigit(digits[3])
}

func digitsBefore(field []byte, end int) int {
	n := 0
	for n < end && isDigit(field[end-1-n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
