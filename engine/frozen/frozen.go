// Package frozen writes Go values to files as they lie in memory, and reads them back: what a program keeps for itself, from one
// run to the next, by the gigabyte and at the speed of the disk. It is no format to hand on. A file is read by the program that wrote
// it, by no other build of it and on no other machine: its header names both the program and the layout of the type, and a file of
// another is refused ([ErrOther]).
//
// A value is a graph: structs with all their fields, slices, arrays, texts, maps, pointers, numbers. A pointer, a map, a text or a whole slice
// that is met twice is one after reading too. Not so a pointer into the middle of something, or two slices that share a part of
// their memory: each becomes a copy of its own, as does the room behind the end of a slice. Functions, channels and locks cannot be kept, nor
// interfaces that are not nil; a field that is tagged `frozen:"-"` is left out, and is zero after reading.
//
// Slices of what has no pointers stand in the file in one piece, aligned, so that [Open] can point into the mapped file where [Read] copies.
//
// A file has a page of header, the body, and a checksum (CRC-32C) for each block of the body. Read checks each block before it is used.
package frozen

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync"
	"syscall"
	"unsafe"
)

var (
	// ErrOther is wrapped by the errors about a file that another program wrote, or of a type that is laid out in another way.
	ErrOther = errors.New("is of another program or of another type")
	// ErrDamaged is wrapped by the errors about a file that is not as it was written.
	ErrDamaged = errors.New("is damaged")
)

// remedy is what to do about a file that cannot be read.
const remedy = "remove the file, and what it holds is made again"

// Write keeps a value in a file, for the owner's eyes alone. The file is there whole or not at all, however the program ends: it is written beside and
// renamed. It is not waited for until the disk has it, which for gigabytes takes longer than to make them again: what a machine that went off has
// left of it is ErrDamaged.
func Write[T any](path string, v *T) error {
	l, err := layoutOf(reflect.TypeFor[T]())
	if err != nil {
		return err
	}
	who, err := program()
	if err != nil {
		return err
	}
	beside := path + ".part"
	file, err := os.OpenFile(beside, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("frozen: %w", err)
	}
	w := &writer{out: newBlocksOut(file), seen: map[object]uint64{}}
	if err = w.write(l.top, unsafe.Pointer(v), 0); err == nil {
		err = w.out.finish(header{shape: l.shape, program: who})
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(beside, path)
	}
	if err != nil {
		return fmt.Errorf("frozen: write %s: %w", path, errors.Join(err, os.Remove(beside)))
	}
	return nil
}

// Read reads a value that Write has kept, into memory of its own. What it reads is checked before it is used; on an error v may be filled in part.
func Read[T any](path string, v *T) error {
	file, head, l, err := open[T](path)
	if err != nil {
		return err
	}
	defer file.Close()
	in := &blocksIn{from: io.NewSectionReader(file, headerSize, head.body), sums: head.sums, left: head.body}
	return fill(path, &reader{in: in}, l, v)
}

// Map is a file that values point into.
type Map struct{ content []byte }

// Open reads a value from a file that it maps: texts, and slices of what has no pointers, lie in the file, in the memory that the system keeps
// files in. For gigabytes that is several times as quick as Read, which has the system find as much memory again. All blocks are checked first.
//
// To look at such a text or slice after Close, or after the file was cut short, ends the program; a file that is replaced by rename, as Write does,
// or deleted, may be so at any time. What is written to a slice stays in the process. What outlives the map must be copied (strings.Clone, slices.Clone).
func Open[T any](path string, v *T) (*Map, error) {
	file, head, l, err := open[T](path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // the map stays
	all := &blocksIn{from: io.NewSectionReader(file, headerSize, head.body), sums: head.sums, left: head.body}
	if err := all.check(); err != nil {
		return nil, fmt.Errorf("frozen: read %s: it %w: %s", path, err, remedy)
	}
	content, err := syscall.Mmap(int(file.Fd()), 0, int(headerSize+head.body), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("frozen: map %s: %w", path, err)
	}
	m := &Map{content}
	in := &blocksIn{block: content[headerSize:], left: head.body, mapped: true}
	if err := fill(path, &reader{in: in}, l, v); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// Close takes the file out of memory. Nothing that was read from it may be looked at afterwards.
func (m *Map) Close() error {
	if m.content == nil {
		return nil
	}
	err := syscall.Munmap(m.content)
	m.content = nil
	if err != nil {
		return fmt.Errorf("frozen: unmap: %w", err)
	}
	return nil
}

func fill[T any](path string, r *reader, l *layout, v *T) error {
	*v = *new(T)
	err := r.read(l.top, unsafe.Pointer(v), 0)
	if err == nil && r.in.left > 0 {
		err = fmt.Errorf("%w: %d bytes are too many", ErrDamaged, r.in.left)
	}
	if err != nil {
		return fmt.Errorf("frozen: read %s: it %w: %s", path, err, remedy)
	}
	return nil
}

// open opens a file of this program's that holds a T.
func open[T any](path string) (*os.File, header, *layout, error) {
	l, err := layoutOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, header{}, nil, err
	}
	who, err := program()
	if err != nil {
		return nil, header{}, nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, header{}, nil, fmt.Errorf("frozen: %w", err)
	}
	head, err := readHeader(file)
	if err == nil && (head.shape != l.shape || head.program != who) {
		err = ErrOther
	}
	if err != nil {
		file.Close() // nothing was written
		return nil, header{}, nil, fmt.Errorf("frozen: read %s: it %w: %s", path, err, remedy)
	}
	return file, head, l, nil
}

// program hashes the program that runs. It is asked for once there is a file.
var program = sync.OnceValues(func() (sum [sha256.Size]byte, err error) {
	file, err := os.Open("/proc/self/exe") // what runs, where another has been put in its place since
	if err != nil {
		var path string
		if path, err = os.Executable(); err == nil {
			file, err = os.Open(path)
		}
	}
	if err != nil {
		return sum, fmt.Errorf("frozen: which program is this: %w", err)
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return sum, fmt.Errorf("frozen: which program is this: %w", err)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
})
