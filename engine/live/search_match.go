package live

import (
	"slices"
	"strings"

	"github.com/arpent/arpent/geo"
)

// wordRange is words of the index that stand next to one another: one, or all that begin alike.
type wordRange struct{ from, end int32 }

func (r wordRange) has(word int32) bool { return r.from <= word && word < r.end }

// typedWord is a word of a question: for each way it may be meant the words of a name that it stands for, which are mostly one.
type typedWord struct {
	whole    [][]wordRange
	begun    [][]wordRange // of the last: as far as it is typed
	communes []bool        // which communes have it in their names; nil where none has
}

// nameRank says how a question meets a name, best first.
type nameRank uint8

const (
	isName     nameRank = iota // all of it, articles apart
	beginsName                 // its first words
	inName                     // any of its words
	notInName
)

// mostTyped is how many words a question may have, articles apart: no place has more in its name, and each is looked for in all names.
const mostTyped = 16

// typed reads a question, none where it is too long: two ways where the last word is an article, which may be the beginning of another word.
func (x *searchIndex) typed(text string) (ways [][]typedWord) {
	words := geo.TypedStreetWords(text)
	if len(words) == 0 || len(words) > mostTyped {
		return nil
	}
	ways = append(ways, x.typedWords(words))
	if last := len(words) - 1; last > 0 && geo.IsArticle(words[last][0]) {
		ways = append(ways, x.typedWords(words[:last]))
	}
	return ways
}

func (x *searchIndex) typedWords(words [][]string) []typedWord {
	typed := make([]typedWord, len(words))
	for i, may := range words {
		w := &typed[i]
		for _, meant := range may {
			var whole []wordRange
			var last wordRange
			for word := range strings.FieldsSeq(meant) {
				known, begun := x.rangesOf(word)
				whole, last = append(whole, known), begun
			}
			w.whole = append(w.whole, whole)
			if i == len(words)-1 {
				w.begun = append(w.begun, append(slices.Clone(whole[:len(whole)-1]), last))
			}
		}
		for commune := range x.communes.len() {
			if !w.in(x.communes.of(commune)) {
				continue
			}
			if w.communes == nil {
				w.communes = make([]bool, x.communes.len())
			}
			w.communes[commune] = true
		}
	}
	return typed
}

// rangesOf gives a word among those of the index, if it is there, and all that begin with it.
func (x *searchIndex) rangesOf(word string) (known, begun wordRange) {
	from, there := slices.BinarySearch(x.words, word)
	others, _ := slices.BinarySearchFunc(x.words[from:], word, func(one, word string) int {
		if strings.HasPrefix(one, word) {
			return -1
		}
		return 1
	})
	known, begun = wordRange{int32(from), int32(from)}, wordRange{int32(from), int32(from + others)}
	if there {
		known.end++
	}
	return known, begun
}

// in tells whether a name has the word.
func (w *typedWord) in(name []int32) bool {
	return meetsAny(w.whole, name) || meetsAny(w.begun, name)
}

func meetsAny(ways [][]wordRange, name []int32) bool {
	for _, way := range ways {
		met := true
		for _, r := range way {
			met = met && slices.ContainsFunc(name, r.has)
		}
		if met {
			return true
		}
	}
	return false
}

// take gives how many words of a name the word stands for at a place in it, 0 where it does not.
func take(ways [][]wordRange, name []int32) int {
	for _, way := range ways {
		if len(way) > len(name) {
			continue
		}
		met := true
		for i, r := range way {
			met = met && r.has(name[i])
		}
		if met {
			return len(way)
		}
	}
	return 0
}

// rankOf says how words meet a name of which each of them is a part.
func rankOf(typed []*typedWord, name []int32) nameRank {
	at := 0
	for i, w := range typed {
		n := take(w.whole, name[at:])
		if n == 0 && i == len(typed)-1 {
			if take(w.begun, name[at:]) > 0 {
				return beginsName
			}
			return inName
		}
		if n == 0 {
			return inName
		}
		at += n
	}
	if at == len(name) {
		return isName
	}
	return beginsName
}

// meet splits the words of a question into those that a name has and those that it has not, and says how it meets the name. It is notInName where the
// name has none, or lacks one that no commune has.
func meet(typed []typedWord, name []int32, scratch *metWords) nameRank {
	scratch.in, scratch.out, scratch.mixed = scratch.in[:0], scratch.out[:0], false
	for i := range typed {
		w := &typed[i]
		switch {
		case w.in(name):
			scratch.mixed = scratch.mixed || len(scratch.out) > 0
			scratch.in = append(scratch.in, w)
		case w.communes == nil:
			return notInName
		default:
			scratch.out = append(scratch.out, w)
		}
	}
	if len(scratch.in) == 0 {
		return notInName
	}
	return rankOf(scratch.in, name)
}

// metWords are the words of a question that a name has, and those it has not.
type metWords struct {
	in, out []*typedWord
	mixed   bool // one that it has stands behind one that it has not, where people write the commune last
}

// areOf tells whether a commune has all words that the name has not.
func (m *metWords) areOf(commune int32) bool {
	for _, w := range m.out {
		if commune < 0 || !w.communes[commune] {
			return false
		}
	}
	return true
}
