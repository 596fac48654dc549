package engine

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// listedText is a column of numbers of texts, and the texts.
var listedText = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: textType}

// textList lists the different texts of a column, in the order of their first use.
type textList struct {
	codes    map[string]int32
	last     string
	lastCode int32 // -1 before the first
	values   *array.StringBuilder
}

func newTextList(mem memory.Allocator) *textList {
	return &textList{codes: map[string]int32{}, lastCode: -1, values: array.NewStringBuilder(mem)}
}

// code is the number of a text.
func (l *textList) code(v string) int32 {
	if l.lastCode >= 0 && v == l.last {
		return l.lastCode
	}
	code, known := l.codes[v]
	if !known {
		code = int32(len(l.codes))
		v = strings.Clone(v)
		l.codes[v] = code
		l.values.Append(v)
	}
	l.last, l.lastCode = v, code
	return code
}

// take gives the texts, to be released, and begins a new list.
func (l *textList) take() *array.String {
	clear(l.codes)
	l.last, l.lastCode = "", -1
	return l.values.NewStringArray()
}
