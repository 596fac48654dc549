package datasets

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// asciiForms are letters that do not come apart into a base letter and a mark.
var asciiForms = map[rune]string{'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ß': "ss"}

// choiceID makes the id of a candidate from the name in a file: lower-case ASCII, the same whatever accents, capitals, spaces and
// apostrophes. Hyphens stay, and so does the number that some files add to a name.
func choiceID(name string) string {
	var id strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(name) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		r = unicode.ToLower(r)
		form := asciiForms[r]
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			form = string(r)
		}
		if form == "" {
			gap = id.Len() > 0
			continue
		}
		if gap {
			id.WriteByte('_')
			gap = false
		}
		id.WriteString(form)
	}
	return id.String()
}

// candidateName makes the name to show: first name and name where the file has them, else what the candidate's field says,
// without the number that some files add (dupont_aignan_nicolas, debouzy_louis_1), in the order of the file.
func candidateName(candidate, name, firstName string) string {
	if name != "" {
		return strings.TrimSpace(capitals(firstName) + " " + capitals(name))
	}
	words := strings.FieldsFunc(candidate, func(r rune) bool { return r == '_' || unicode.IsSpace(r) })
	if n := len(words); n > 1 && strings.Trim(words[n-1], "0123456789") == "" {
		words = words[:n-1]
	}
	return capitals(strings.Join(words, " "))
}

// capitals writes a person's name with its usual capitals, where the file writes it all in one case (LE ROUX, hEIDI,
// marie-josé). Words that mix them stay as they are, and the particles de and d' become small.
func capitals(name string) string {
	runes := []rune(strings.Join(strings.Fields(name), " "))
	for start := 0; start < len(runes); {
		end := start
		for end < len(runes) && !strings.ContainsRune(" -'’", runes[end]) {
			end++
		}
		capital(runes[start:end], end < len(runes) && strings.ContainsRune("'’", runes[end]))
		start = end + 1
	}
	return string(runes)
}

// capital puts a word right in place. elided says that an apostrophe follows it.
func capital(word []rune, elided bool) {
	var upper, lower bool // in the word but for its first letter
	for _, r := range word[min(1, len(word)):] {
		upper = upper || unicode.IsUpper(r)
		lower = lower || unicode.IsLower(r)
	}
	if len(word) == 0 || lower && (upper || unicode.IsUpper(word[0])) {
		return
	}
	for i, r := range word {
		word[i] = unicode.ToLower(r)
	}
	if s := string(word); s == "de" || s == "d" && elided {
		return
	}
	word[0] = unicode.ToUpper(word[0])
}
