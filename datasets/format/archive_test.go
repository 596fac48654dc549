package format

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// zipOf packs files, given as name and content in turn.
func zipOf(t testing.TB, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i+1 < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err == nil {
			_, err = io.WriteString(f, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sevenZipOf writes files of less than 128 bytes together, unpacked, as 7zFormat.txt has it.
func sevenZipOf(files ...string) []byte {
	var stream, sizes, sums, names []byte
	n := len(files) / 2
	for i := 0; i+1 < len(files); i += 2 {
		stream = append(stream, files[i+1]...)
		if i/2 < n-1 {
			sizes = append(sizes, byte(len(files[i+1])))
		}
		sums = binary.LittleEndian.AppendUint32(sums, crc32.ChecksumIEEE([]byte(files[i+1])))
		for _, u := range append(utf16.Encode([]rune(files[i])), 0) {
			names = binary.LittleEndian.AppendUint16(names, u)
		}
	}
	number := func(n int) []byte { return []byte{0x80 | byte(n>>8), byte(n)} }
	header := append([]byte{0x01, 0x04, 0x06, 0x00, 0x01, 0x09}, number(len(stream))...) // header, streams, packed at 0, one, its size
	header = append(header, 0x00, 0x07, 0x0b, 0x01, 0x00, 0x01, 0x01, 0x00, 0x0c)        // one folder, one coder: copy; its size
	header = append(append(header, number(len(stream))...), 0x00, 0x08, 0x0d, byte(n))
	if n > 1 {
		header = append(append(header, 0x09), sizes...)
	}
	header = append(append(header, 0x0a, 0x01), sums...)
	header = append(header, 0x00, 0x00, 0x05, byte(n), 0x11)
	header = append(append(header, number(len(names)+1)...), 0x00)
	header = append(append(header, names...), 0x00, 0x00)
	start := binary.LittleEndian.AppendUint64(nil, uint64(len(stream)))
	start = binary.LittleEndian.AppendUint64(start, uint64(len(header)))
	start = binary.LittleEndian.AppendUint32(start, crc32.ChecksumIEEE(header))
	out := append([]byte("7z\xbc\xaf\x27\x1c\x00\x04"), binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(start))...)
	return append(append(append(out, start...), stream...), header...)
}

func TestOpenInArchives(t *testing.T) {
	const table = "id;nom\n1;a\n"
	shapes := []string{"A/IRIS.shp", "shapes", "A/IRIS.DBF", "table", "A/IRIS.prj", "system", "A/IRIS.shp.xml", "<x/>", "A/lisez-moi.pdf", "%PDF"}
	archives := map[string][]byte{
		"one.zip":      zipOf(t, "base.CSV", table),
		"mac.zip":      zipOf(t, "data/", "", "data/base.csv", table, "__MACOSX/data/._base.csv", "x", "data/.DS_Store", "x"),
		"insee.zip":    zipOf(t, "base-ic-2022.CSV", table, "meta_base-ic-2022.CSV", "x;y\n"),
		"several.zip":  zipOf(t, "a.csv", table, "b.csv", table, "deep/a.csv", "other"),
		"shapes.zip":   zipOf(t, shapes...),
		"shapes.7z":    sevenZipOf(shapes...),
		"one.7z":       sevenZipOf("BDT/grid.csv", table),
		"nested.zip":   zipOf(t, "inner.7z", string(sevenZipOf("grid.csv", table))),
		"thrice.zip":   zipOf(t, "inner.zip", string(zipOf(t, "core.zip", string(zipOf(t, "grid.csv", table))))),
		"packed.zip":   zipOf(t, "base.csv.gz", string(pack(t, table))),
		"workbook.zip": zipOf(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<x/>"),
		"empty.zip":    zipOf(t),
		"docs.zip":     zipOf(t, "readme.md", "x", "notice.pdf", "x"),
	}
	dir := t.TempDir()
	for name, content := range archives {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ path, want, err string }{
		{"one.zip", table, ""},
		{"one.zip/base.csv", table, ""},
		{"mac.zip", table, ""},
		{"insee.zip", table, ""},
		{"insee.zip/meta_base-ic-2022.CSV", "x;y\n", ""},
		{"several.zip/b.csv", table, ""},
		{"several.zip/deep/a.csv", "other", ""},
		{"several.zip/a.csv", table, ""},
		{"several.zip", "", "the archive holds several files: write one after its name, as several.zip/a.csv: it holds a.csv, b.csv, deep/a.csv"},
		{"several.zip/c.csv", "", "there is no c.csv in the archive: it holds a.csv, b.csv, deep/a.csv"},
		{"several.zip/.csv", "", "several files in the archive end with .csv"},
		{"shapes.zip", "shapes", ""},
		{"shapes.zip/iris.shp", "shapes", ""},
		{"shapes.7z", "shapes", ""},
		{"one.7z", table, ""},
		{"one.7z/grid.csv", table, ""},
		{"nested.zip", table, ""},
		{"nested.zip/inner.7z/grid.csv", table, ""},
		{"nested.zip/inner.7z/no.csv", "", "inner.7z: there is no no.csv in the archive"},
		{"thrice.zip", "", "is an archive in an archive in an archive: unpack it"},
		{"packed.zip", table, ""},
		{"workbook.zip", "", "this is an Excel workbook: save it as CSV"},
		{"empty.zip", "", "the archive holds no files"},
		{"docs.zip", "", "the archive holds no data: readme.md, notice.pdf"},
		{"one.zip/base.csv/more.csv", "", "is no archive: take /more.csv off the path"},
	} {
		file, err := Open(filepath.Join(dir, test.path))
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: %v, want %q", test.path, err, test.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.path, err)
			continue
		}
		if head := file.Head(); string(head) != test.want {
			t.Errorf("%s begins with %q", test.path, head)
		}
		if got, err := io.ReadAll(file); err != nil || string(got) != test.want {
			t.Errorf("%s holds %q, %v", test.path, got, err)
		}
		if err := file.Close(); err != nil {
			t.Errorf("%s: %v", test.path, err)
		}
		if got, want := OnDisk(filepath.Join(dir, test.path)), filepath.Join(dir, strings.SplitN(test.path, "/", 2)[0]); got != want || file.DiskPath() != want {
			t.Errorf("%s is on disk as %s and %s", test.path, got, file.DiskPath())
		}
	}
}

func TestSibling(t *testing.T) {
	dir := t.TempDir()
	packed := zipOf(t, "A/IRIS.shp", "shapes", "A/IRIS.DBF", "table")
	for name, content := range map[string]string{"iris.zip": string(packed), "IRIS.shp": "shapes", "IRIS.DBF": "table", "other.dbf": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"iris.zip", "IRIS.shp"} {
		file, err := Open(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		beside, err := file.Sibling(".dbf")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(beside); string(got) != "table" || err != nil {
			t.Errorf("beside %s: %q, %v", path, got, err)
		}
		if _, err := file.Sibling(".prj"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("beside %s: %v", path, err)
		}
		if named, err := file.OpenBeside("iris.dbf"); err != nil || named.BaseName() != "IRIS.DBF" || len(file.Beside()) != 1 {
			t.Errorf("beside %s: %v, %v", path, err, file.Beside())
		}
		if err := errors.Join(beside.Close(), file.Close()); err != nil {
			t.Error(err)
		}
	}
}

// What has to be read at any place is unpacked to a file, which goes when the file is closed.
func TestReaderAt(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	content := strings.Repeat("0123456789", 100_000)
	dir := t.TempDir()
	for name, raw := range map[string][]byte{"plain": []byte(content), "x.gz": pack(t, content), "x.zip": zipOf(t, "x", content), "nested.zip": zipOf(t, "in.zip", string(zipOf(t, "x", content)))} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		source, size, err := file.ReaderAt()
		if err != nil || size != int64(len(content)) {
			t.Fatalf("%s: %d bytes, %v", name, size, err)
		}
		piece := make([]byte, 4)
		if _, err := source.ReadAt(piece, 999_996); err != nil || string(piece) != "6789" {
			t.Errorf("%s: %q, %v", name, piece, err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) > 0 {
			t.Errorf("%s leaves %v", name, left)
		}
	}
}

// A bomb is told by what comes out of it, whatever the archive states.
func TestUnpackingIsBounded(t *testing.T) {
	zeros := io.LimitReader(zero{}, 100<<20)
	n, err := io.Copy(io.Discard, &limitedUnpacking{src: zeros, packed: 1000})
	if !errors.Is(err, errBomb) || n > 3<<20 {
		t.Errorf("%d bytes of a packed kilobyte came, %v", n, err)
	}
	honest := io.LimitReader(zero{}, 100<<20)
	if n, err := io.Copy(io.Discard, &limitedUnpacking{src: honest, packed: 100 << 10}); err != nil || n != 100<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
}

type zero struct{}

func (zero) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestDamagedArchives(t *testing.T) {
	whole := zipOf(t, "x.csv", strings.Repeat("id;nom\n", 1000))
	locked := bytes.Clone(whole)
	for i := range locked { // the flag in the local header and in the directory
		if bytes.HasPrefix(locked[i:], []byte("PK\x03\x04")) {
			locked[i+6] |= 1
		}
		if bytes.HasPrefix(locked[i:], []byte("PK\x01\x02")) {
			locked[i+8] |= 1
		}
	}
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"cut.zip":    {whole[:len(whole)-30], "the zip archive cannot be read"},
		"locked.zip": {locked, "it is locked with a password: unpack it"},
		"cut.7z":     {sevenZipOf("x.csv", "id;nom\n")[:40], "the 7z archive cannot be read"},
	} {
		_, err := Open(writeFile(t, name, test.content))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	wrong := bytes.Clone(whole)
	wrong[60] ^= 0xff
	file, err := Open(writeFile(t, "wrong.zip", wrong))
	if err == nil {
		_, err = io.ReadAll(file)
		file.Close()
	}
	if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrEndsEarly) {
		t.Errorf("a damaged member: %v", err)
	}
}

func FuzzArchive(f *testing.F) {
	f.Add(zipOf(f, "a.csv", "id;nom\n"))
	f.Add(sevenZipOf("a.csv", "id;nom\n", "b.csv", "x"))
	f.Add(zipOf(f, "inner.7z", string(sevenZipOf("grid.csv", "x"))))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := Open(writeFile(t, "x", content))
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, io.LimitReader(file, 1<<20)); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
		file.Close()
	})
}
