package format

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/gzip"
)

// File is a published file, opened: Read gives its bytes, unpacked if it is gzip.
type File struct {
	name   string
	size   int64 // on disk
	closer io.Closer
	disk   countingReader
	plain  *bufio.Reader
	packed bool
}

// Open opens a file. Gzip is known by its first bytes, not by its name.
func Open(path string) (*File, error) {
	disk, err := os.Open(path)
	if err != nil {
		return nil, ExplainOpen(path, err)
	}
	f, err := openFile(path, disk)
	if err != nil {
		return nil, errors.Join(err, disk.Close())
	}
	f.closer = disk
	return f, nil
}

// ExplainOpen adds the remedy to the error of opening a file.
func ExplainOpen(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s cannot be read: %w: give yourself the right to read it and its folder (chmod u+r)", path, fs.ErrPermission)
	}
	return fmt.Errorf("open: %w", err)
}

func openFile(path string, disk *os.File) (*File, error) {
	info, err := disk.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder: give the path of a file", path)
	}
	return NewFile(path, disk, info.Size())
}

// archives are containers that hold files, by their first bytes. They are not unpacked here.
var archives = []struct{ magic, what, remedy string }{
	{"PK\x03\x04", "a zip archive", "unpack it and give the path of the file inside"},
	{"7z\xbc\xaf", "a 7z archive", "unpack it and give the path of the file inside"},
	{"PAR1", "a Parquet file", "download the CSV or GeoJSON of the same dataset"},
	{"\x28\xb5\x2f\xfd", "a zstd file", "unpack it"},
	{"BZh", "a bzip2 file", "unpack it"},
	{"\xfd7zXZ", "an xz file", "unpack it"},
}

// NewFile reads from r, of size bytes, under a name for messages.
func NewFile(name string, r io.Reader, size int64) (*File, error) {
	f := &File{name: name, size: size, disk: countingReader{src: r}}
	buffered := bufio.NewReaderSize(&f.disk, headSize)
	head, err := buffered.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(head) == 0 {
		return nil, fmt.Errorf("%s: %w", name, ErrEmpty)
	}
	for _, a := range archives {
		if bytes.HasPrefix(head, []byte(a.magic)) {
			return nil, fmt.Errorf("%s is %s: %s", name, a.what, a.remedy)
		}
	}
	f.plain = buffered
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		f.packed = true
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, unpackError(err))
		}
		f.plain = bufio.NewReaderSize(unpacked, headSize)
	}
	return f, nil
}

// Name is the file's name for messages.
func (f *File) Name() string { return f.name }

// Done says how much of the file was read, in bytes on disk.
func (f *File) Done() (done, total int64) { return f.disk.read, f.size }

// headSize is how much of the content can be looked at before it is read.
const headSize = 1 << 16

// Head is the beginning of the content, unpacked; reading still begins there. What cannot be read is not in it: Read says why.
func (f *File) Head() []byte {
	head, _ := f.plain.Peek(headSize)
	return head
}

// Read gives the unpacked bytes. The end of a gzip file that was cut off is ErrEndsEarly.
func (f *File) Read(p []byte) (int, error) {
	n, err := f.plain.Read(p)
	if err != nil && err != io.EOF && f.packed {
		err = unpackError(err)
	}
	return n, err
}

// Close closes what Open opened.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// unpackError tells a file that is cut off or damaged from a disk that cannot be read.
func unpackError(err error) error {
	var disk *fs.PathError
	switch {
	case errors.As(err, &disk):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return ErrEndsEarly
	default:
		return fmt.Errorf("%w (%v)", ErrDamaged, err)
	}
}

type countingReader struct {
	src  io.Reader
	read int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.read += int64(n)
	return n, err
}
