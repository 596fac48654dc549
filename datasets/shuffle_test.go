package datasets

import (
	"encoding/csv"
	"math/rand/v2"
	"strings"
)

// shuffledColumns is a table with its columns in another order, the same for a seed.
func shuffledColumns(table, delimiter string, seed uint64) string {
	r := csv.NewReader(strings.NewReader(table))
	r.Comma, r.LazyQuotes = rune(delimiter[0]), true
	rows, err := r.ReadAll()
	if err != nil {
		panic(err)
	}
	order := rand.New(rand.NewPCG(seed, 1)).Perm(len(rows[0]))
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = r.Comma
	for _, row := range rows {
		shuffled := make([]string, len(row))
		for to, from := range order {
			shuffled[to] = row[from]
		}
		if err := w.Write(shuffled); err != nil {
			panic(err)
		}
	}
	w.Flush()
	return b.String()
}
