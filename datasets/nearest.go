package datasets

// nearest finds the name that a misspelt one was probably meant to be, "" if none is near: at most a third of its letters and
// one more differ.
func nearest(misspelt string, names []string) string {
	best, least := "", len(misspelt)/3+2
	if len(misspelt) > 64 {
		return ""
	}
	for _, name := range names {
		if d := editDistance(misspelt, name); d < least {
			best, least = name, d
		}
	}
	return best
}

// editDistance counts the letters to insert, drop or change (V. I. Levenshtein, 1965).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
