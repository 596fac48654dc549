package engine

import (
	"strings"
	"testing"
)

func TestLocalPrecinct(t *testing.T) {
	for _, test := range []struct{ ward, precinct, want string }{
		{"", "3-2A", "3-2A"},
		{"3", "2A", "3-2A"},
		{"03", "02a", "3-2A"},
		{"", "03-02A", "3-2A"},
		{"", "Cambridge W3P2A", "3-2A"},
		{"", "W3P2A", "3-2A"},
		{"", "Ward 3 Precinct 2A", "3-2A"},
		{"", "Ward 3, Precinct 2A", "3-2A"},
		{"", "WARD 3 PCT 2A", "3-2A"},
		{"Ward 3", "Precinct 2A", "3-2A"},
		{"", "Precinct 12", "12"},
		{"", "0012", "12"},
		{"", "0", "0"},
		{"", "000", "0"},
		{"A", "2", "A-2"},
		{"-", "7", "7"},
		{"", "  city of  st. paul w-1 p-02 ", "CITY OF ST. PAUL W-1 P-2"},
		{"", "100", "100"},
	} {
		if got, err := LocalPrecinct(test.ward, test.precinct); err != nil || got != test.want {
			t.Errorf("%q %q is %q, %v, want %q", test.ward, test.precinct, got, err, test.want)
		}
	}
	for _, precinct := range []string{"", " ", "-", strings.Repeat("9", 101)} {
		if got, err := LocalPrecinct("", precinct); err == nil {
			t.Errorf("%q is %q", precinct, got)
		}
	}
}
