package api

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxRecord is the longest return, as docs/field-protocol.md says.
const maxRecord = 16 << 10

// batchRecord is one record of a batch, as it was sent.
type batchRecord struct {
	raw     []byte // valid until the next one is read; nil where it is too long
	offset  int64  // of its first byte in the unpacked body
	tooLong bool
}

// malformedError says that a batch cannot be read as a whole, and where.
type malformedError struct {
	offset int64 // in the unpacked body, from 0
	record int   // from 0; -1: outside of the list
	what   string
}

func (e *malformedError) Error() string {
	if e.record < 0 {
		return fmt.Sprintf("byte %d: %s", e.offset, e.what)
	}
	return fmt.Sprintf("byte %d, in record %d: %s", e.offset, e.record, e.what)
}

var errUTF16 = errors.New("the body is UTF-16 or UTF-32: send UTF-8")

// skipMark passes over the byte order mark of UTF-8, and refuses wider encodings: they have a zero in the first two bytes, or a mark.
func skipMark(from *bufio.Reader) (int64, error) {
	head, err := from.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := from.Discard(3)
		return 3, err
	case bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.HasPrefix(head, []byte("\xff\xfe")), len(head) >= 2 && (head[0] == 0 || head[1] == 0):
		return 0, errUTF16
	}
	return 0, nil
}

// lineRecords splits NDJSON: a record a line, and blank lines between.
type lineRecords struct {
	from   *bufio.Reader // its buffer holds the longest record with its line end
	offset int64
	begun  bool
}

// next gives the next record, or io.EOF.
func (l *lineRecords) next() (batchRecord, error) {
	if !l.begun {
		l.begun = true
		skipped, err := skipMark(l.from)
		if err != nil {
			return batchRecord{}, err
		}
		l.offset = skipped
	}
	for {
		at := l.offset
		line, err := l.from.ReadSlice('\n')
		l.offset += int64(len(line))
		if errors.Is(err, bufio.ErrBufferFull) {
			return batchRecord{offset: at, tooLong: true}, l.skipLine()
		}
		if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
			return batchRecord{}, err
		}
		if line = bytes.Trim(line, " \t\r\n"); len(line) > 0 {
			return batchRecord{raw: line, offset: at, tooLong: len(line) > maxRecord}, nil
		}
	}
}

// skipLine passes over the rest of a line.
func (l *lineRecords) skipLine() error {
	for {
		line, err := l.from.ReadSlice('\n')
		l.offset += int64(len(line))
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return nil // the next call says so
		default:
			return err
		}
	}
}

// listRecords splits a JSON list into its elements and holds one of them at a time. The list is the one field of an object or, where the
// field has no name, the body itself, and then the body may also be a single object. It follows brackets and quotes alone: whether
// an element is well-formed is for its decoder to say.
type listRecords struct {
	from   *bufio.Reader
	field  string
	offset int64
	begun  bool
	inside bool // of the list
	single bool // the body is one object
	read   int
	raw    []byte
}

// next gives the next record, or io.EOF where the list and the body have ended.
func (l *listRecords) next() (batchRecord, error) {
	if !l.begun {
		l.begun = true
		if err := l.begin(); err != nil {
			return batchRecord{}, err
		}
		if !l.single {
			c, err := l.skipSpace()
			if err != nil {
				return batchRecord{}, err
			}
			if c == ']' {
				return batchRecord{}, l.end()
			}
			l.unread()
		}
		return l.element()
	}
	if l.single {
		return batchRecord{}, l.nothingMore()
	}
	switch c, err := l.skipSpace(); {
	case err != nil:
		return batchRecord{}, err
	case c == ']':
		return batchRecord{}, l.end()
	case c != ',':
		return batchRecord{}, l.malformed("a comma or the end of the list is missing")
	}
	if _, err := l.skipSpace(); err != nil {
		return batchRecord{}, err
	}
	l.unread()
	return l.element()
}

// begin reads up to the first element.
func (l *listRecords) begin() error {
	skipped, err := skipMark(l.from)
	if err != nil {
		return err
	}
	l.offset = skipped
	c, err := l.skipSpace()
	if err != nil {
		return err
	}
	if l.field == "" {
		l.inside = true
		if c == '{' {
			l.single = true
			l.unread()
			return nil
		}
		if c != '[' {
			return l.malformed("the body is no object and no list")
		}
		return nil
	}
	want := `"` + l.field + `"`
	for _, expected := range []string{"{", want, ":", "["} {
		if expected != "{" {
			if c, err = l.skipSpace(); err != nil {
				return err
			}
		}
		for i := range len(expected) {
			if i > 0 {
				if c, err = l.readByte(); err != nil {
					return err
				}
			}
			if c != expected[i] {
				return l.malformed(fmt.Sprintf("the body is an object whose one field is %s, a list: {%s: [...]}", want, want))
			}
		}
	}
	l.inside = true
	return nil
}

// element reads up to the end of an element, or to what follows it.
func (l *listRecords) element() (batchRecord, error) {
	record := batchRecord{offset: l.offset}
	l.raw = l.raw[:0]
	depth, quoted, escaped, length := 0, false, false, 0
	for {
		c, err := l.readByte()
		if err != nil {
			return batchRecord{}, err
		}
		closed := false
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case depth > 0:
			if c == '}' || c == ']' {
				depth--
				closed = depth == 0
			}
		case c == ',' || c == ']' || c == '}' || isSpace(c):
			l.unread()
			if length == 0 {
				return batchRecord{}, l.malformed("an element of the list is missing")
			}
			return l.finished(record), nil
		}
		length++
		if length <= maxRecord {
			l.raw = append(l.raw, c)
		} else {
			record.tooLong = true
		}
		if closed {
			return l.finished(record), nil
		}
	}
}

func (l *listRecords) finished(record batchRecord) batchRecord {
	l.read++
	if !record.tooLong {
		record.raw = l.raw
	}
	return record
}

// end reads what follows the list, and gives io.EOF where that is nothing.
func (l *listRecords) end() error {
	l.inside = false
	if l.field != "" {
		c, err := l.skipSpace()
		if err != nil {
			return err
		}
		if c != '}' {
			return l.malformed(fmt.Sprintf("after the list the object ends: its one field is %q", l.field))
		}
	}
	return l.nothingMore()
}

func (l *listRecords) nothingMore() error {
	l.inside = false
	for {
		c, err := l.from.ReadByte()
		if err != nil {
			return err
		}
		l.offset++
		if !isSpace(c) {
			return l.malformed("there is something after the end of the JSON")
		}
	}
}

func (l *listRecords) skipSpace() (byte, error) {
	for {
		c, err := l.readByte()
		if err != nil || !isSpace(c) {
			return c, err
		}
	}
}

// readByte reads a byte of the JSON, which has not ended.
func (l *listRecords) readByte() (byte, error) {
	c, err := l.from.ReadByte()
	if errors.Is(err, io.EOF) {
		return 0, &malformedError{l.offset, l.record(), "the body ends before its JSON does"}
	}
	if err != nil {
		return 0, err
	}
	l.offset++
	return c, nil
}

func (l *listRecords) unread() {
	_ = l.from.UnreadByte() // there is one: it was read just now
	l.offset--
}

// malformed says what is wrong with the byte that was read last.
func (l *listRecords) malformed(what string) error {
	return &malformedError{l.offset - 1, l.record(), what}
}

// record is the number of the record that is read, -1 outside of the list.
func (l *listRecords) record() int {
	if !l.inside {
		return -1
	}
	return l.read
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
