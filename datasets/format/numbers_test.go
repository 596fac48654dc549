package format

import (
	"errors"
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestWhole(t *testing.T) {
	tests := []struct {
		text  string
		want  int64
		given bool
		err   error
	}{
		{"1582", 1582, true, nil},
		{"1582.0", 1582, true, nil},
		{"1582.00", 1582, true, nil},
		{" 1582 ", 1582, true, nil},
		{"1 582", 1582, true, nil},
		{"1\u00a0582", 1582, true, nil},
		{"1\u202f582", 1582, true, nil},
		{"12 345 678", 12345678, true, nil},
		{"0", 0, true, nil},
		{"007", 7, true, nil},
		{"1e3", 1000, true, nil},
		{"", 0, false, nil},
		{"  ", 0, false, nil},
		{"ns", 0, false, nil},
		{"nd", 0, false, nil},
		{"NA", 0, false, nil},
		{"N/D", 0, false, nil},
		{"-", 0, false, nil},
		{`\N`, 0, false, nil},
		{"NaN", 0, false, nil},
		{"-5", 0, true, ErrNegative},
		{"-5.0", 0, true, ErrNegative},
		{"2.5", 0, true, ErrFraction},
		{"1.000", 0, true, ErrFraction}, // one, or a thousand?
		{"1,000", 0, true, ErrNotNumber},
		{"9007199254740992", 0, true, ErrTooLarge},
		{"999999999999999999999", 0, true, ErrTooLarge},
		{"12 34", 0, true, ErrNotNumber},
		{"1234 567", 0, true, ErrNotNumber},
		{"1 2345", 0, true, ErrNotNumber},
		{"dix", 0, true, ErrNotNumber},
		{"0x10", 0, true, ErrNotNumber},
		{"1_000", 0, true, ErrNotNumber},
		{"inf", 0, true, ErrNotNumber},
		{"5-8", 0, true, ErrNotNumber},
		{"+", 0, true, ErrNotNumber},
		{"1.2.3", 0, true, ErrNotNumber},
		{"60%", 0, true, ErrNotNumber},
		{"60.00 %", 0, true, ErrNotNumber},
	}
	for _, test := range tests {
		got, given, err := Whole([]byte(test.text))
		if got != test.want || given != test.given || !errors.Is(err, test.err) {
			t.Errorf("Whole(%q) = %d, %v, %v; want %d, %v, %v", test.text, got, given, err, test.want, test.given, test.err)
		}
	}
}

func TestFloat(t *testing.T) {
	tests := []struct {
		text  string
		mark  DecimalMark
		want  float64
		given bool
		err   error
	}{
		{"2.330113", Point, 2.330113, true, nil},
		{"-61.5", Point, -61.5, true, nil},
		{"2057.93753915075", Point, 2057.93753915075, true, nil},
		{"0,58", PointOrComma, 0.58, true, nil},
		{"0.58", PointOrComma, 0.58, true, nil},
		{"1 234,5", PointOrComma, 1234.5, true, nil},
		{"60,00%", PointOrComma, 60, true, nil},
		{"60,00 %", PointOrComma, 60, true, nil},
		{"60%", Point, 60, true, nil},
		{"1,2E+05", PointOrComma, 120000, true, nil},
		{"0,58", Point, 0, true, ErrNotNumber},
		{"1,234.5", PointOrComma, 0, true, ErrNotNumber},
		{"1.5 000", Point, 0, true, ErrNotNumber},
		{"1e400", Point, 0, true, ErrTooLarge},
		{"1e-400", Point, 0, true, nil},
		{"%", Point, 0, true, ErrNotNumber},
		{"1e", Point, 0, true, ErrNotNumber},
		{"ns", PointOrComma, 0, false, nil},
		{"n/a", PointOrComma, 0, false, nil},
		{"", PointOrComma, 0, false, nil},
	}
	for _, test := range tests {
		got, given, err := Float([]byte(test.text), test.mark)
		if got != test.want || given != test.given || !errors.Is(err, test.err) {
			t.Errorf("Float(%q, %d) = %v, %v, %v; want %v, %v, %v", test.text, test.mark, got, given, err, test.want, test.given, test.err)
		}
	}
}

// Numbers read as they are however they are written.
func TestNumbersReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1<<53-1).Draw(t, "n")
		plain := strconv.FormatInt(n, 10)
		grouped := plain
		for i := len(plain) - 3; i > 0; i -= 3 {
			grouped = grouped[:i] + "\u202f" + grouped[i:]
		}
		for _, text := range []string{plain, plain + ".0", grouped} {
			if got, given, err := Whole([]byte(text)); got != n || !given || err != nil {
				t.Fatalf("Whole(%q) = %d, %v, %v", text, got, given, err)
			}
		}
		f := rapid.Float64().Draw(t, "f")
		text := strconv.FormatFloat(f, 'g', -1, 64)
		if got, given, err := Float([]byte(text), Point); got != f || !given || err != nil {
			t.Fatalf("Float(%q) = %v, %v, %v", text, got, given, err)
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"", "1582.0", "1 234,5", "ns", "-", "60,00%", "1e400", "1\u202f582", "0x1p-2", "nan", "١٢"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, mark := range []DecimalMark{Point, PointOrComma} {
			v, given, err := Float(text, mark)
			if math.IsNaN(v) || math.IsInf(v, 0) || v != 0 && (!given || err != nil) || given && Absent(text) {
				t.Errorf("Float(%q, %d) = %v, %v, %v", text, mark, v, given, err)
			}
		}
		if n, given, err := Whole(text); n < 0 || n > 1<<53 || n != 0 && (!given || err != nil) {
			t.Errorf("Whole(%q) = %d, %v, %v", text, n, given, err)
		}
	})
}
