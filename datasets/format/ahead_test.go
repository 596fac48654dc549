package format

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
)

func randomBytes(size int) []byte {
	random := rand.New(rand.NewPCG(7, uint64(size)))
	content := make([]byte, size)
	for i := range content {
		content[i] = byte(random.Uint32())
	}
	return content
}

// What is read ahead is the stream: all of it, in order, and its error after that.
func TestAhead(t *testing.T) {
	broken := errors.New("the disk is broken")
	for _, size := range []int{0, 1, aheadSize - 1, aheadSize, aheadSize + 1, 9*aheadSize + 5} {
		content := randomBytes(size)
		for name, c := range map[string]struct {
			from io.Reader
			want error
		}{
			"whole":         {bytes.NewReader(content), nil},
			"in small bits": {iotest.HalfReader(bytes.NewReader(content)), nil},
			"data and end":  {iotest.DataErrReader(bytes.NewReader(content)), nil},
			"broken":        {io.MultiReader(bytes.NewReader(content), iotest.ErrReader(broken)), broken},
			"cut off":       {io.MultiReader(bytes.NewReader(content), iotest.ErrReader(io.ErrUnexpectedEOF)), io.ErrUnexpectedEOF},
		} {
			a := newAhead(c.from)
			got, err := io.ReadAll(a)
			if !errors.Is(err, c.want) || !bytes.Equal(got, content) {
				t.Errorf("%s: %d of %d bytes, %v", name, len(got), size, err)
			}
			if n, err := a.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Errorf("%s: after the end: %d, %v", name, n, err)
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// A stream that nobody wants the rest of is not read any more once it is closed.
func TestAheadIsClosed(t *testing.T) {
	reads := 0
	endless := readFunc(func(p []byte) (int, error) { reads++; return len(p), nil })
	a := newAhead(endless)
	if _, err := io.ReadFull(a, make([]byte, 3*aheadSize+1)); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if reads > 3+aheadPieces+1 { // nobody writes it any more, or the race detector says so
		t.Errorf("%d pieces were read", reads)
	}
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// A large packed file is read as any other, and may be closed before its end.
func TestLargePackedFile(t *testing.T) {
	content := randomBytes(2 * aheadFrom)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, cut := range []int{0, 100_000} {
		path := filepath.Join(t.TempDir(), "large.csv.gz")
		if err := os.WriteFile(path, packed.Bytes()[:packed.Len()-cut], 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if cut == 0 && (err != nil || !bytes.Equal(got, content)) || cut > 0 && !errors.Is(err, ErrEndsEarly) {
			t.Errorf("less %d bytes: %d of %d, %v", cut, len(got), len(content), err)
		}
		if done, total := f.Done(); cut == 0 && done != total {
			t.Errorf("%d of %d bytes are read at the end", done, total)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if f, err = Open(path); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.Close()); err != nil {
			t.Errorf("closed unread: %v", err)
		}
		_ = f.Close() // says that it is closed already
	}
}
