package format

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding is how a file writes its characters.
type encoding int

const (
	undecided   encoding = iota // nothing but ASCII so far
	utf8Text                    // with or without a byte order mark
	windows1252                 // a superset of Latin-1
	utf16Little                 // by its byte order mark, or by its zeros
	utf16Big
)

// textReader reads a text as UTF-8. A text without a byte order mark is UTF-16 if every other byte is zero, UTF-8 if its
// first characters beyond ASCII are, and Windows-1252 if not. What stands for no character becomes U+FFFD and is counted.
type textReader struct {
	src       io.Reader
	encoding  encoding
	undefined int64

	started bool
	raw     []byte // a chunk as read
	carry   []byte // its end, where a character is not whole
	ready   []byte // decoded and not handed out; in raw or in made
	made    []byte
	err     error // once ready is handed out
}

const textChunk = 1 << 16

func newTextReader(src io.Reader) *textReader {
	return &textReader{src: src, raw: make([]byte, textChunk), carry: make([]byte, 0, 4)}
}

func (t *textReader) Read(p []byte) (int, error) {
	for len(t.ready) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		t.nextChunk()
	}
	n := copy(p, t.ready)
	t.ready = t.ready[n:]
	return n, nil
}

// nextChunk always fills raw, so that what is decided on a chunk does not depend on how the reads fell.
func (t *textReader) nextChunk() {
	n := copy(t.raw, t.carry)
	for idle := 0; n < len(t.raw) && t.err == nil; {
		var read int
		read, t.err = t.src.Read(t.raw[n:])
		n += read
		if idle++; read > 0 {
			idle = 0
		} else if idle == 100 && t.err == nil {
			t.err = io.ErrNoProgress
		}
	}
	data, last := t.raw[:n], t.err != nil
	if !t.started {
		t.started = true
		if data = t.takeMark(data); t.encoding == undecided {
			t.encoding = wideText(data)
		}
	}
	used := t.decode(data, last)
	t.carry = append(t.carry[:0], data[used:]...)
}

// takeMark drops a byte order mark, which names the encoding.
func (t *textReader) takeMark(data []byte) []byte {
	for _, mark := range []struct {
		bytes    string
		encoding encoding
	}{{"\xef\xbb\xbf", utf8Text}, {"\xff\xfe", utf16Little}, {"\xfe\xff", utf16Big}} {
		if bytes.HasPrefix(data, []byte(mark.bytes)) {
			t.encoding = mark.encoding
			return data[len(mark.bytes):]
		}
	}
	return data
}

// wideText tells UTF-16 without a byte order mark: of the two bytes of most characters one is zero, always the same.
func wideText(data []byte) encoding {
	data = data[:min(len(data), 1<<12)&^1]
	var zeros [2]int
	for i, c := range data {
		if c == 0 {
			zeros[i&1]++
		}
	}
	switch pairs := len(data) / 2; {
	case pairs < 8:
		return undecided
	case zeros[1] > pairs*3/4 && zeros[0] == 0:
		return utf16Little
	case zeros[0] > pairs*3/4 && zeros[1] == 0:
		return utf16Big
	}
	return undecided
}

// decode sets ready and says how many bytes it took. It leaves fewer than four, none if they are the last.
func (t *textReader) decode(data []byte, last bool) (used int) {
	if t.encoding == undecided {
		ascii := asciiPrefix(data)
		if ascii == len(data) {
			t.ready = data
			return len(data)
		}
		if len(data)-ascii < utf8.UTFMax && !last {
			t.ready = data[:ascii] // too little to decide on
			return ascii
		}
		t.encoding = decide(data[ascii:])
	}
	switch t.encoding {
	case windows1252:
		t.decode1252(data)
		return len(data)
	case utf16Little:
		return t.decodeUTF16(data, binary.LittleEndian, last)
	case utf16Big:
		return t.decodeUTF16(data, binary.BigEndian, last)
	default:
		return t.decodeUTF8(data, last)
	}
}

// asciiPrefix counts the bytes before the first that is not ASCII.
func asciiPrefix(data []byte) int {
	i := 0
	for ; i+8 <= len(data); i += 8 {
		if binary.LittleEndian.Uint64(data[i:])&0x8080808080808080 != 0 {
			break
		}
	}
	for i < len(data) && data[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// decide tells UTF-8 from Windows-1252: letters with accents make valid UTF-8 by chance only in a few pairs, so the majority
// of what is beyond ASCII decides, and one damaged character does not spoil a whole file.
func decide(data []byte) encoding {
	valid, invalid := 0, 0
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		if !utf8.FullRune(data[i:]) {
			break // cut off by the end of the chunk
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			invalid++
		} else {
			valid++
		}
		i += size
	}
	if valid > invalid {
		return utf8Text
	}
	return windows1252
}

func (t *textReader) decodeUTF8(data []byte, last bool) (used int) {
	whole := len(data)
	if !last {
		whole -= unfinished(data)
	}
	data = data[:whole]
	if utf8.Valid(data) {
		t.ready = data
		return whole
	}
	t.made = t.made[:0]
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			t.undefined++
		}
		t.made = utf8.AppendRune(t.made, r)
		data = data[size:]
	}
	t.ready = t.made
	return whole
}

// unfinished counts the bytes at the end that begin a character and do not end it.
func unfinished(data []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(data); n++ {
		if utf8.RuneStart(data[len(data)-n]) {
			if utf8.FullRune(data[len(data)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}

// upper1252 are the characters of the bytes 80 to 9F; 0 where there is none. Those from A0 on are Unicode's own numbers.
var upper1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

func (t *textReader) decode1252(data []byte) {
	t.made = t.made[:0]
	for _, b := range data {
		r := rune(b)
		if b >= 0x80 && b < 0xa0 {
			if r = upper1252[b-0x80]; r == 0 {
				r = utf8.RuneError
				t.undefined++
			}
		}
		t.made = utf8.AppendRune(t.made, r)
	}
	t.ready = t.made
}

func (t *textReader) decodeUTF16(data []byte, order binary.ByteOrder, last bool) (used int) {
	t.made = t.made[:0]
	for len(data)-used >= 2 {
		r := rune(order.Uint16(data[used:]))
		size := 2
		if utf16.IsSurrogate(r) {
			switch {
			case len(data)-used >= 4:
				if pair := utf16.DecodeRune(r, rune(order.Uint16(data[used+2:]))); pair != utf8.RuneError {
					r, size = pair, 4
				}
			case !last:
				t.ready = t.made
				return used
			}
			if size == 2 {
				r = utf8.RuneError
				t.undefined++
			}
		}
		t.made = utf8.AppendRune(t.made, r)
		used += size
	}
	if last && used < len(data) {
		t.made = utf8.AppendRune(t.made, utf8.RuneError)
		t.undefined++
		used = len(data)
	}
	t.ready = t.made
	return used
}
