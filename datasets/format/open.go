package format

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// File is a published file, opened: Read gives its bytes, unpacked. It may lie in an archive.
type File struct {
	name   string // for messages
	onDisk string // the file on disk, the archive's of a member; "" for one that NewFile was given
	size   int64  // of what disk reads
	disk   countingReader
	plain  *bufio.Reader
	packed bool    // gzip, zstd or bzip2
	member *member // of an archive; nil for a file on disk

	closers []io.Closer
	beside  []string // files on disk that were read with it
	temp    string   // the content unpacked, once it was needed at any place
}

// Open opens a file. A path may lead into an archive: iris.zip/IRIS.shp; an archive without more takes the one file of data in
// it. What is packed is known by its first bytes, not by its name.
func Open(path string) (*File, error) {
	onDisk, inside := splitArchive(path)
	if info, err := os.Stat(onDisk); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, fmt.Errorf("%s is a pipe or a device: write what comes from it to a file", path) // opening it may wait for ever
	}
	disk, err := os.Open(onDisk)
	if err != nil {
		return nil, ExplainOpen(path, err)
	}
	f, err := openDisk(path, onDisk, inside, disk)
	if err != nil {
		return nil, errors.Join(err, disk.Close())
	}
	if f.packed && f.size >= aheadFrom {
		unpacked := newAhead(f.plain)
		f.plain = bufio.NewReaderSize(unpacked, headSize)
		f.closers = append(f.closers, unpacked) // before the disk is
	}
	f.closers = append(f.closers, disk)
	return f, nil
}

// OnDisk is the file on disk that a path leads to: the archive's, where it leads into one.
func OnDisk(path string) string {
	onDisk, _ := splitArchive(path)
	return onDisk
}

// splitArchive parts a path into the file on disk and what it names inside. A path that leads nowhere stays whole.
func splitArchive(path string) (onDisk, inside string) {
	if _, err := os.Stat(path); err == nil {
		return path, ""
	}
	for at := len(path); ; {
		if at = strings.LastIndexAny(path[:at], `/`+string(filepath.Separator)); at <= 0 {
			return path, ""
		}
		if info, err := os.Stat(path[:at]); err == nil {
			if info.Mode().IsRegular() {
				return path[:at], filepath.ToSlash(path[at+1:])
			}
			return path, ""
		}
	}
}

// ExplainOpen adds the remedy to the error of opening a file.
func ExplainOpen(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s cannot be read: %w: give yourself the right to read it and its folder (chmod u+r)", path, fs.ErrPermission)
	}
	return fmt.Errorf("open: %w", err)
}

func openDisk(path, onDisk, inside string, disk *os.File) (*File, error) {
	info, err := disk.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder: give the path of a file", path)
	}
	kind, err := archiveKind(disk)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if kind == notArchive {
		if inside != "" {
			return nil, fmt.Errorf("%s is no archive: give its own path", onDisk)
		}
		f, err := NewFile(path, disk, info.Size())
		if f != nil {
			f.onDisk = onDisk
		}
		return f, err
	}
	m, err := findMember(onDisk, kind, disk, info.Size(), inside)
	if err != nil {
		return nil, err
	}
	return openMember(m, onDisk)
}

func openMember(m *member, onDisk string) (*File, error) {
	content, err := m.open()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", m.path(), err), m.close())
	}
	f, err := NewFile(m.path(), &limitedUnpacking{src: content, packed: m.packed}, m.size)
	if err != nil {
		return nil, errors.Join(err, content.Close(), m.close())
	}
	f.onDisk, f.member = onDisk, m
	f.closers = append(f.closers, content, closeFunc(m.close))
	return f, nil
}

type closeFunc func() error

func (c closeFunc) Close() error { return c() }

// NewFile reads from r, of size bytes, under a name for messages.
func NewFile(name string, r io.Reader, size int64) (*File, error) {
	f := &File{name: name, size: size, disk: countingReader{src: r}}
	buffered := bufio.NewReaderSize(&f.disk, headSize)
	head, err := buffered.Peek(6)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("%s: %w", name, unpackError(err))
	}
	if len(head) == 0 {
		return nil, fmt.Errorf("%s: %w", name, ErrEmpty)
	}
	for _, a := range refusedKinds {
		if bytes.HasPrefix(head, []byte(a.magic)) {
			return nil, fmt.Errorf("%s is %s: %s", name, a.what, a.remedy)
		}
	}
	if f.plain, f.packed, err = unpack(buffered, head); err != nil {
		return nil, fmt.Errorf("%s: %w", name, unpackError(err))
	}
	return f, nil
}

// Name is the file's name for messages.
func (f *File) Name() string { return f.name }

// DiskPath is the path of the file on disk, of a member that of its archive; "" for one that NewFile was given.
func (f *File) DiskPath() string { return f.onDisk }

// Beside are the paths of the files on disk that were read with it, as the .dbf of a .shp.
func (f *File) Beside() []string { return f.beside }

// Done says how much of the file was read, in bytes on disk; of a member of an archive in bytes unpacked from it.
func (f *File) Done() (done, total int64) { return f.disk.read.Load(), f.size }

// headSize is how much of the content can be looked at before it is read.
const headSize = 1 << 16

// Head is the beginning of the content, unpacked; reading still begins there. What cannot be read is not in it: Read says why.
func (f *File) Head() []byte {
	head, _ := f.plain.Peek(headSize)
	return head
}

// Read gives the unpacked bytes. The end of a packed file that was cut off is ErrEndsEarly.
func (f *File) Read(p []byte) (int, error) {
	n, err := f.plain.Read(p)
	if err != nil && err != io.EOF && (f.packed || f.member != nil) {
		err = unpackError(err)
	}
	return n, err
}

// Close closes what Open opened, and removes what was unpacked.
func (f *File) Close() error {
	var errs []error
	for _, c := range f.closers {
		errs = append(errs, c.Close())
	}
	if f.temp != "" {
		errs = append(errs, os.Remove(f.temp))
	}
	return errors.Join(errs...)
}

// unpackError tells a file that is cut off or damaged from a disk that cannot be read.
func unpackError(err error) error {
	var disk *fs.PathError
	switch {
	case errors.As(err, &disk), errors.Is(err, errBomb):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return ErrEndsEarly
	default:
		return fmt.Errorf("%w (%v)", ErrDamaged, err)
	}
}

type countingReader struct {
	src  io.Reader
	read atomic.Int64 // it may be read ahead of who asks
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.read.Add(int64(n))
	return n, err
}
