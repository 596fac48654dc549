package format

import (
	"fmt"
	"sort"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Column is a column, or a property of features, that a decoder reads.
type Column struct {
	Names    []string // accepted spellings, the usual one first
	Optional bool     // the file may lack it
}

// Key brings the name of a column to the form in which names are compared: no byte order mark, accents, capitals or repeated
// spaces.
func Key(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.Join(strings.Fields(strings.TrimPrefix(name, "\ufeff")), " ")) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// resolve finds each wanted column among the keys of a header, -1 where there is none. The first spelling found counts.
func resolve(keys []string, wanted []Column) ([]int, error) {
	places := make([]int, len(wanted))
	for i, c := range wanted {
		places[i] = -1
		for _, name := range c.Names {
			if places[i] = find(keys, Key(name)); places[i] >= 0 {
				break
			}
		}
		if places[i] < 0 && !c.Optional {
			return nil, missing("column", c)
		}
		if p := places[i]; p >= 0 && find(keys[p+1:], keys[p]) >= 0 {
			return nil, fmt.Errorf("the column %q is there twice: take one out", keys[p])
		}
	}
	return places, nil
}

func missing(what string, c Column) error {
	return fmt.Errorf("there is no %s %s (accepted spellings: %s): check that this is the file of the dataset named, and not another's",
		what, c.Names[0], strings.Join(c.Names, ", "))
}

func find(keys []string, key string) int {
	for i, k := range keys {
		if k == key {
			return i
		}
	}
	return -1
}

// unread lists the names that were not taken, sorted, without the empty ones.
func unread(names []string, taken []bool) []string {
	var list []string
	for i, name := range names {
		if name = strings.TrimSpace(name); !taken[i] && name != "" {
			list = append(list, name)
		}
	}
	sort.Strings(list)
	return list
}
