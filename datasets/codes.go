package datasets

import "bytes"

// Codes of INSEE are text. Widths of the two kinds read here.
const (
	communeWidth = 5 // 75119, 2A004
	irisWidth    = 9 // the commune and four digits
)

const (
	repairZero    = "a code lost its leading zero: put back"
	reasonCommune = "the commune is not an INSEE code"
	reasonIRIS    = "the area is not an IRIS code"
)

// code checks a code of a width: digits, but for the A or B that Corsica has second. A code that went through a spreadsheet
// (1001, 1001.0) gets its zero back, which is a repair.
func code(text []byte, width int) (code []byte, repaired, ok bool) {
	text = bytes.TrimSuffix(text, []byte(".0"))
	if len(text) == width-1 {
		text = append([]byte{'0'}, text...)
		repaired = true
	}
	if len(text) != width {
		return nil, false, false
	}
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
		case i == 1 && (c == 'A' || c == 'B') && text[0] == '2':
		case i == 1 && (c == 'a' || c == 'b') && text[0] == '2':
			text = bytes.ToUpper(text)
		default:
			return nil, false, false
		}
	}
	return text, repaired, true
}
