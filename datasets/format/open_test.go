package format

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestOpenPlainAndPacked(t *testing.T) {
	content := strings.Repeat("id;numero\n75101_0001;1\n", 1000)
	twoMembers := append(pack(t, content[:100]), pack(t, content[100:])...)
	for name, raw := range map[string][]byte{"plain.csv": []byte(content), "packed-without-saying.csv": pack(t, content), "two-members.csv.gz": twoMembers} {
		path := writeFile(t, name, raw)
		file, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(file)
		if err != nil || string(got) != content {
			t.Errorf("%s: %d bytes, %v; want %d", name, len(got), err, len(content))
		}
		if done, total := file.Done(); done != total || total != int64(len(raw)) {
			t.Errorf("%s: %d of %d bytes done, want %d", name, done, total, len(raw))
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{"empty.csv", "", "the file is empty: download it again, or take it out of the place file"},
		{"archive.csv", "PK\x03\x04....", "the zip archive cannot be read"},
		{"contours.7z", "7z\xbc\xaf\x27\x1c", "the 7z archive cannot be read"},
		{"table.csv", "\xfd7zXZ\x00", "is an xz file: unpack it"},
		{"table.rar", "Rar!\x1a\x07", "is a rar archive: unpack it"},
		{"table.xls", "\xd0\xcf\x11\xe0\xa1\xb1", "is a workbook of Excel 97: save it as CSV"},
		{"cut.gz", "\x1f\x8b\x08", "the file ends early: download it again"},
		{"noise.gz", "\x1f\x8bnoise-noise-noise", "the file is damaged: download it again"},
	}
	for _, test := range tests {
		path := writeFile(t, test.name, []byte(test.content))
		_, err := Open(path)
		if err == nil || !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want the path and %q", test.name, err, test.want)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "absent.csv")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent file: %v, want fs.ErrNotExist", err)
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("folder: %v", err)
	}
	if _, err := Open(os.DevNull); err == nil || !strings.Contains(err.Error(), "is a pipe or a device") {
		t.Errorf("device: %v", err)
	}
}

func TestOpenCutOrDamaged(t *testing.T) {
	whole := pack(t, strings.Repeat("a line that does not compress to nothing: 0123456789\n", 10)+strings.Repeat("x", 100))
	damaged := bytes.Clone(whole)
	damaged[len(damaged)-5] ^= 0xff // in the checksum
	tests := []struct {
		name string
		raw  []byte
		want error
	}{
		{"cut", whole[:len(whole)-12], ErrEndsEarly},
		{"cut in the checksum", whole[:len(whole)-4], ErrEndsEarly},
		{"wrong checksum", damaged, ErrDamaged},
		{"text after the end", append(bytes.Clone(whole), "<html>an error page</html>"...), ErrDamaged},
	}
	for _, test := range tests {
		file, err := NewFile("x.gz", bytes.NewReader(test.raw), int64(len(test.raw)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(file); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func pack(t testing.TB, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func writeFile(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Who may not read a file is told what to do. (A test cannot take the right away from root, so the error is made.)
func TestAFileThatMayNotBeRead(t *testing.T) {
	err := ExplainOpen("votes.csv", &fs.PathError{Op: "open", Path: "votes.csv", Err: syscall.EACCES})
	if want := "votes.csv cannot be read: permission denied: give yourself the right to read it and its folder (chmod u+r)"; err.Error() != want || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %q, want %q", err, want)
	}
}
