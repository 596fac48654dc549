package cql2

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a piece of a filter in text.
type token struct {
	kind tokenKind
	at   int    // where it begins, in bytes
	text string // of a word, number or symbol: as it stands; of a text or name: what it says; of a fault: the problem
}

type tokenKind uint8

const (
	tokenEnd    tokenKind = iota
	tokenWord             // a keyword, a function, or the name of a property
	tokenName             // the name of a property in double quotes
	tokenText             // in single quotes
	tokenNumber           // without a sign
	tokenSymbol
	tokenFault // where no token can be read
)

// is tells whether a token is a symbol, or a word in whatever case; word is in upper case.
func (t token) is(word string) bool {
	return t.kind == tokenSymbol && t.text == word || t.kind == tokenWord && upper(t.text) == word
}

// reserved are the words that name no property without quotes.
var reserved = []string{"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE", "DIV"}

// isReserved tells whether a word is a keyword.
func isReserved(word string) bool { return slices.Contains(reserved, upper(word)) }

// upper puts a word in upper case, of ASCII alone: keywords have no other letters, and the dotless i does not make one.
func upper(word string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, word)
}

// lexer cuts a text, which is UTF-8, into tokens.
type lexer struct {
	text string
	next int // byte where the next token is looked for
}

// token reads the next token.
func (l *lexer) token() token {
	l.next += len(l.text[l.next:]) - len(strings.TrimLeftFunc(l.text[l.next:], unicode.IsSpace)) // White_Space is what the standard lists
	at, rest := l.next, l.text[l.next:]
	if rest == "" {
		return token{kind: tokenEnd, at: at}
	}
	take := func(kind tokenKind, length int) token {
		l.next += length
		return token{kind, at, rest[:length]}
	}
	first, width := utf8.DecodeRuneInString(rest)
	switch {
	case beginsIdentifier(first):
		return take(tokenWord, identifierLength(rest))
	case first == '\'' || first == '"':
		return l.quoted(first)
	case isDigit(rest[0]) || rest[0] == '.' && len(rest) > 1 && isDigit(rest[1]):
		length := numberLength(rest)
		if after, width := utf8.DecodeRuneInString(rest[length:]); width > 0 && (after == '.' || beginsIdentifier(after)) {
			return token{tokenFault, at, excerpt(rest[:length+width]) + " is not a number such as 12, 0.5 or 1e6: set a space after it"}
		}
		return take(tokenNumber, length)
	case slices.Contains([]string{"<=", ">=", "<>"}, rest[:min(2, len(rest))]):
		return take(tokenSymbol, 2)
	case strings.ContainsRune("()=<>+-*/%^,", first):
		return take(tokenSymbol, 1)
	}
	return token{tokenFault, at, excerpt(rest[:width]) + " has no meaning here: texts stand in ', names of properties in \", and not equal is <>"}
}

// quoted reads a text or a name, in which the quote stands doubled; in a text also after a backslash.
func (l *lexer) quoted(quote rune) token {
	at := l.next
	var said strings.Builder
	for i := at + 1; i < len(l.text); i++ {
		c, next := l.text[i], byte(0)
		if i+1 < len(l.text) {
			next = l.text[i+1]
		}
		switch {
		case (rune(c) == quote || c == '\\' && quote == '\'') && rune(next) == quote:
			said.WriteByte(next)
			i++
		case rune(c) != quote:
			said.WriteByte(c)
		case quote == '"' && said.Len() == 0:
			return token{tokenFault, at, "a property has a name: there is nothing between the quotes"}
		default:
			l.next = i + 1
			if quote == '"' {
				return token{tokenName, at, said.String()}
			}
			return token{tokenText, at, said.String()}
		}
	}
	return token{tokenFault, at, fmt.Sprintf("what begins with %c here does not end: close it with another, and write %[1]c%[1]c for one within", quote)}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// numberLength is the length of the number without a sign that a text begins with. A number begins with a digit, or a point and a digit.
func numberLength(s string) int {
	digits := func(i int) int {
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		return i
	}
	end := digits(0)
	if end < len(s) && s[end] == '.' {
		end = digits(end + 1)
	}
	if end < len(s) && (s[end] == 'e' || s[end] == 'E') {
		power := end + 1
		if power < len(s) && (s[power] == '+' || s[power] == '-') {
			power++
		}
		if last := digits(power); last > power {
			return last
		}
	}
	return end
}

// identifierLength is the length of the identifier that a text begins with.
func identifierLength(s string) int {
	for i, r := range s {
		if !beginsIdentifier(r) && (i == 0 || !continuesIdentifier(r)) {
			return i
		}
	}
	return len(s)
}

// identifierStarts are the ranges of what an identifier begins with.
var identifierStarts = [][2]rune{
	{':', ':'}, {'_', '_'}, {'A', 'Z'}, {'a', 'z'}, {0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFE}, {0x200C, 0x200D},
	{0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
}

// beginsIdentifier leaves out the one space in the ranges, U+1680.
func beginsIdentifier(r rune) bool {
	return !unicode.IsSpace(r) && slices.ContainsFunc(identifierStarts, func(is [2]rune) bool { return is[0] <= r && r <= is[1] })
}

func continuesIdentifier(r rune) bool {
	return r == '.' || '0' <= r && r <= '9' || 0x300 <= r && r <= 0x36F || 0x203F <= r && r <= 0x2040
}
