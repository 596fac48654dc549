package format

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestTextEncodings(t *testing.T) {
	long := strings.Repeat("Rue de la Paix;75002\n", 4000) // more than a chunk
	tests := []struct {
		name, raw, want string
		undefined       int64
	}{
		{"ASCII", "Rue Monge", "Rue Monge", 0},
		{"UTF-8", "Rue de l'Épée", "Rue de l'Épée", 0},
		{"UTF-8 with a byte order mark", "\xef\xbb\xbfÉpée", "Épée", 0},
		{"only a byte order mark", "\xef\xbb\xbf", "", 0},
		{"Windows-1252", "Rue de l'\xc9p\xe9e", "Rue de l'Épée", 0},
		{"Windows-1252 beyond Latin-1", "S\x9cur, 5 \x80", "Sœur, 5 €", 0},
		{"Windows-1252, bytes without a character", "\xc9\x81\x8d\x8f\x90\x9d\xe9", "É�����é", 5},
		{"UTF-16 little-endian", "\xff\xfe\xc9\x00\n\x00", "É\n", 0},
		{"UTF-16 big-endian", "\xfe\xff\x00\xc9\x00\n", "É\n", 0},
		{"UTF-16 beyond 16 bits", "\xff\xfe\x3d\xd8\x00\xde", "😀", 0},
		{"UTF-16, half a pair", "\xff\xfe\x3d\xd8a\x00", "�a", 1},
		{"UTF-16, half a pair at the end", "\xff\xfe\x3d\xd8", "�", 1},
		{"UTF-16, half a unit", "\xff\xfea\x00b", "a�", 1},
		{"UTF-8 with one damaged character", "Épée, d\xe9j\xc3\xa0 là", "Épée, d�jà là", 1},
		{"UTF-8 cut off in a character", "Épée\xc3", "Épée�", 1},
		{"Windows-1252 that begins after a chunk of ASCII", long + "\xc9p\xe9e", long + "Épée", 0},
		{"UTF-8 that begins after a chunk of ASCII", long + "Épée", long + "Épée", 0},
		{"UTF-8 across the end of a chunk", strings.Repeat("a", textChunk-1) + "Épée", strings.Repeat("a", textChunk-1) + "Épée", 0},
		{"UTF-8 decided, then across the end of a chunk", "É" + strings.Repeat("a", textChunk-4) + "€uro", "É" + strings.Repeat("a", textChunk-4) + "€uro", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, src := range []io.Reader{strings.NewReader(test.raw), iotest.OneByteReader(strings.NewReader(test.raw)), iotest.DataErrReader(strings.NewReader(test.raw))} {
				reader := newTextReader(src)
				got, err := io.ReadAll(reader)
				if err != nil || string(got) != test.want || reader.undefined != test.undefined {
					t.Errorf("got %.80q, %d undefined, %v; want %.80q, %d", got, reader.undefined, err, test.want, test.undefined)
				}
			}
		})
	}
}

// A text written in any of the encodings reads the same, wherever the ends of chunks fall. A letter beyond ASCII is not
// followed by another one: two of them in Windows-1252 can be one in UTF-8, and nobody can tell.
func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "é", "É", "€", "œ", "\n", ";"}), 0, 60).Draw(t, "letters"), "x")
		for name, encoded := range map[string]string{"UTF-8": text, "Windows-1252": to1252(text), "UTF-16": toUTF16(text)} {
			reader := newTextReader(strings.NewReader(encoded))
			reader.raw = reader.raw[:16]
			got, err := io.ReadAll(reader)
			if err != nil || string(got) != text {
				t.Fatalf("%s: got %q, %v; want %q", name, got, err, text)
			}
		}
	})
}

func to1252(text string) string {
	var out []byte
	for _, r := range text {
		b := byte(r)
		for i, upper := range upper1252 {
			if upper == r {
				b = byte(0x80 + i)
			}
		}
		out = append(out, b)
	}
	return string(out)
}

func toUTF16(text string) string {
	out := []byte("\xff\xfe")
	for _, r := range text {
		out = append(out, byte(r), byte(r>>8))
	}
	return string(out)
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "a", "\xef\xbb\xbfa", "\xff\xfea\x00", "\xfe\xff\x00a", "\xe9", "é", "\xff\xfe\x3d\xd8"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := io.ReadAll(newTextReader(iotest.HalfReader(strings.NewReader(string(raw)))))
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(got) {
			t.Errorf("%q reads as %q, which is not UTF-8", raw, got)
		}
	})
}
