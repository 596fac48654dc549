package live

import "strings"

// texts is a column of texts, each kept once and all in one piece: the collector has no pointers to follow, of which a country would have
// millions.
type texts struct {
	all   strings.Builder
	ends  []uint32 // by text: where it ends
	codes []uint32 // by row: which text

	known map[string]uint32 // while rows are added
}

// add appends a row. The text may be one that is overwritten later.
func (t *texts) add(text string) {
	code, ok := t.known[text]
	if !ok {
		if t.known == nil {
			t.known = map[string]uint32{}
		}
		code = uint32(len(t.ends))
		t.all.WriteString(text)
		t.ends = append(t.ends, uint32(t.all.Len()))
		t.known[t.text(code)] = code
	}
	t.codes = append(t.codes, code)
}

// complete is called after the last row.
func (t *texts) complete() { t.known = nil }

// at is the text of a row.
func (t *texts) at(row int) string { return t.text(t.codes[row]) }

func (t *texts) text(code uint32) string {
	from := uint32(0)
	if code > 0 {
		from = t.ends[code-1]
	}
	return t.all.String()[from:t.ends[code]]
}
