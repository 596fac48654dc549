package format

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Bounds of what is unpacked: a file of a few kilobytes can be written that unpacks to petabytes.
const (
	maxUnpacked = 64 << 30 // bytes
	maxRatio    = 1100     // of unpacked to packed, which no data reaches
	freeOfRatio = 1 << 20  // bytes that may be of any ratio
)

var errBomb = errors.New("it unpacks to more than 64 GiB, or to more than 1,100 times its size: no published file does")

// limitedUnpacking ends the reading of a member that unpacks without end.
type limitedUnpacking struct {
	src    io.Reader
	packed int64 // bytes in the archive; 0 where it does not say
	read   int64
}

func (l *limitedUnpacking) Read(p []byte) (int, error) {
	n, err := l.src.Read(p)
	l.read += int64(n)
	if l.read > maxUnpacked || l.packed > 0 && l.read > freeOfRatio && l.read/maxRatio > l.packed {
		return 0, errBomb
	}
	return n, err
}

// ReaderAt gives the content at any place, and its size. What is packed is unpacked to a file of its own first, which Close removes.
// It is for formats with an index; what Read has read does not matter.
func (f *File) ReaderAt() (io.ReaderAt, int64, error) {
	if !f.packed && f.member == nil {
		if source, ok := f.disk.src.(io.ReaderAt); ok {
			return source, f.size, nil
		}
	}
	path, err := f.Unpacked()
	if err != nil {
		return nil, 0, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	f.closers = append(f.closers, file)
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// Unpacked gives the path of a file on disk with the content: the file's own if it is not packed. It has to be asked for before Read.
func (f *File) Unpacked() (string, error) {
	switch {
	case f.temp != "":
		return f.temp, nil
	case !f.packed && f.member == nil && f.onDisk != "":
		return f.onDisk, nil
	}
	temp, err := os.CreateTemp("", "arpent-*")
	if err != nil {
		return "", fmt.Errorf("%s cannot be unpacked: %w", f.name, err)
	}
	f.temp = temp.Name()
	_, err = io.Copy(temp, f)
	if err := errors.Join(err, temp.Close()); err != nil {
		return "", fmt.Errorf("%s cannot be unpacked: %w", f.name, err)
	}
	return f.temp, nil
}
