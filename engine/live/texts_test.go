package live

import (
	"testing"
	"unsafe"

	"pgregory.net/rapid"
)

// A column of texts gives back what was added, also where the text was overwritten since.
func TestTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOf(rapid.SampledFrom([]string{"", "Rue Haute", "Rue Basse", "é", "Rue"})).Draw(t, "rows")
		var column texts
		for _, row := range rows {
			read := []byte(row)
			column.add(unsafe.String(unsafe.SliceData(read), len(read))) // as a batch that is released later
			clear(read)
		}
		column.complete()
		kept := map[string]bool{}
		for i, row := range rows {
			if got := column.at(i); got != row {
				t.Fatalf("row %d is %q, not %q", i, got, row)
			}
			kept[row] = true
		}
		if len(column.ends) != len(kept) {
			t.Fatalf("%d texts are kept of %q", len(column.ends), rows)
		}
	})
}
