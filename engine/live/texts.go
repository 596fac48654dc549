package live

import "strings"

// texts is a column of texts, each kept once and all in one piece: the collector has no pointers to follow, of which a country would have
// millions.
type texts struct {
	all   string
	ends  []uint32 // by text: where it ends
	codes []uint32 // by row: which text

	draft *textDraft `frozen:"-"` // while rows are added
}

// textDraft is a column that is not complete.
type textDraft struct {
	all   strings.Builder
	known map[string]uint32
}

// add appends a row. The text may be one that is overwritten later.
func (t *texts) add(text string) {
	if t.draft == nil {
		t.draft = &textDraft{known: map[string]uint32{}}
	}
	code, ok := t.draft.known[text]
	if !ok {
		code = uint32(len(t.ends))
		t.draft.all.WriteString(text)
		t.all = t.draft.all.String()
		t.ends = append(t.ends, uint32(len(t.all)))
		t.draft.known[t.text(code)] = code
	}
	t.codes = append(t.codes, code)
}

// complete is called after the last row.
func (t *texts) complete() { t.draft = nil }

// at is the text of a row.
func (t *texts) at(row int) string { return t.text(t.codes[row]) }

func (t *texts) text(code uint32) string {
	from := uint32(0)
	if code > 0 {
		from = t.ends[code-1]
	}
	return t.all[from:t.ends[code]]
}
