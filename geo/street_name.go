package geo

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NormalStreetName is a key under which the spellings of one street name agree: "Av. du Gal-de-Gaulle" and "AVENUE DU
// GÉNÉRAL DE GAULLE" are both "AVENUE DU GENERAL DE GAULLE". Accents are dropped, letters become upper case, whatever
// is neither letter nor digit becomes one space, and abbreviations are written out where their place in the name makes
// them safe. Articles stay. A normal name is its own normal name.
func NormalStreetName(name string) string {
	words := strings.Fields(foldLetters(name))
	return strings.Join(writeOut(words), " ")
}

// LooseStreetName is the normal name without articles (de, du, des, la, le, les, l', d'), for names that differ only
// in those. The last word always stays, and so does a single letter that is no elided article ("Voie D/9").
func LooseStreetName(name string) string {
	words := strings.Fields(NormalStreetName(name))
	var kept []string
	for i, word := range words {
		if isArticleAt(words, i) {
			continue
		}
		kept = append(kept, word)
	}
	return strings.Join(kept, " ")
}

// TypedStreetWords gives the words of a street name as somebody types it, without the articles that LooseStreetName leaves out, each with what it may
// stand for: itself, and whatever it is short for at any place of a name, for of what is not typed yet nobody knows which place it will have. What it
// is short for may be several words.
func TypedStreetWords(text string) [][]string {
	words := FoldedWords(text)
	var typed [][]string
	for i, word := range words {
		if isArticleAt(words, i) {
			continue
		}
		may := []string{word}
		for _, short := range []map[string]string{firstWords, innerWords, lastWords} {
			if full, known := short[word]; known && !slices.Contains(may, full) {
				may = append(may, full)
			}
		}
		typed = append(typed, may)
	}
	return typed
}

// isArticleAt tells whether a word is one that a loose name leaves out.
func isArticleAt(words []string, i int) bool {
	return i < len(words)-1 && articles[words[i]] && (len(words[i]) > 1 || elidesBefore(words[i+1]))
}

// IsArticle tells whether a word of a normal name is an article that a loose name leaves out, if another word follows.
func IsArticle(word string) bool { return articles[word] }

// elidesBefore says whether a word can follow l' or d'.
func elidesBefore(word string) bool { return len(word) > 1 && !unicode.IsDigit(rune(word[0])) }

var articles = map[string]bool{"DE": true, "DU": true, "DES": true, "LA": true, "LE": true, "LES": true, "L": true, "D": true}

// StripNumberPrefix removes the house number from a street name that begins with it, as 1,177 rows of the French
// address base for Paris do ("7S1 Place du Carrousel" for number 7, suffix s1). Only the number and its suffix in one
// word are taken for it, so that names that begin with a number ("8 Mai 1945") are safe in any house.
func StripNumberPrefix(name string, number int, suffix string) string {
	code, rest, found := strings.Cut(strings.TrimSpace(name), " ")
	if found && suffix != "" && strings.EqualFold(code, strconv.Itoa(number)+suffix) {
		return strings.TrimSpace(rest)
	}
	return name
}

// letterForms are letters that do not come apart into a base letter and a mark.
var letterForms = map[rune]string{
	'Æ': "AE", 'Œ': "OE", 'Ø': "O", 'Ł': "L", 'Đ': "D", 'Ð': "D", 'Þ': "TH", 'ẞ': "SS", 'ß': "SS",
	'ʼ': " ", // the modifier letter that stands for an apostrophe
}

// FoldedWords gives the words of a text as NormalStreetName compares them, with nothing written out.
func FoldedWords(text string) []string { return strings.Fields(foldLetters(text)) }

// foldLetters leaves upper-case letters, digits and spaces.
func foldLetters(name string) string {
	var folded strings.Builder
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(name, " ")) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		r = unicode.ToUpper(r)
		if form, ok := letterForms[r]; ok {
			folded.WriteString(form)
		} else if unicode.IsLetter(r) || unicode.IsDigit(r) {
			folded.WriteRune(r)
		} else {
			folded.WriteByte(' ')
		}
	}
	return folded.String()
}

// firstWords are abbreviations that begin a name: French street types, and saints.
var firstWords = map[string]string{
	"ALL": "ALLEE", "AV": "AVENUE", "AVE": "AVENUE", "BD": "BOULEVARD", "BLD": "BOULEVARD", "BLVD": "BOULEVARD", "BVD": "BOULEVARD",
	"CAR": "CARREFOUR", "CARR": "CARREFOUR", "CHAU": "CHAUSSEE", "CHE": "CHEMIN", "CHEM": "CHEMIN", "CRS": "COURS",
	"ESP": "ESPLANADE", "ESPL": "ESPLANADE", "FBG": "FAUBOURG", "FG": "FAUBOURG", "GAL": "GALERIE", "HAM": "HAMEAU", "IMP": "IMPASSE",
	"LOT": "LOTISSEMENT", "PARV": "PARVIS", "PAS": "PASSAGE", "PL": "PLACE", "PROM": "PROMENADE", "PTTE": "PLACETTE", "QU": "QUAI",
	"R": "RUE", "RES": "RESIDENCE", "RLE": "RUELLE", "RPT": "ROND POINT", "RTE": "ROUTE", "SEN": "SENTE", "SENT": "SENTIER",
	"SQ": "SQUARE", "ST": "SAINT", "STE": "SAINTE", "TERR": "TERRASSE", "VLA": "VILLA",
}

// innerWords are abbreviations inside a name: French titles and the like, before the name of whoever bears them.
var innerWords = map[string]string{
	"CDT": "COMMANDANT", "DR": "DOCTEUR", "FAUB": "FAUBOURG", "FBG": "FAUBOURG", "FG": "FAUBOURG", "GAL": "GENERAL",
	"LT": "LIEUTENANT", "MAL": "MARECHAL", "MGR": "MONSEIGNEUR", "ND": "NOTRE DAME", "PDT": "PRESIDENT", "PR": "PROFESSEUR",
	"SGT": "SERGENT", "ST": "SAINT", "STE": "SAINTE", "STES": "SAINTES", "STS": "SAINTS",
}

// lastWords are abbreviations of English street types, which end a name.
var lastWords = map[string]string{
	"ALY": "ALLEY", "AV": "AVENUE", "AVE": "AVENUE", "BLVD": "BOULEVARD", "CIR": "CIRCLE", "CT": "COURT", "DR": "DRIVE",
	"HWY": "HIGHWAY", "LN": "LANE", "PK": "PARK", "PKWY": "PARKWAY", "PL": "PLACE", "RD": "ROAD", "SQ": "SQUARE", "ST": "STREET",
	"TER": "TERRACE", "TPK": "TURNPIKE",
}

// writeOut writes out abbreviations by their place in the name: ST before a name is a saint, at its end a street. A word
// alone is a name.
func writeOut(words []string) []string {
	last := len(words) - 1
	for i, word := range words {
		places := innerWords
		switch i {
		case last:
			places = lastWords
		case 0:
			places = firstWords
		}
		if full, known := places[word]; known && last > 0 {
			words[i] = full
		}
	}
	return words
}
