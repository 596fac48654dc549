package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// The library that reads 7z archives makes room for as many files and streams as a header states, before it sees that they are not
// there. This walks over the header first and refuses counts that no archive has. The format is 7zFormat.txt of the LZMA SDK.

// Bounds of a header.
const (
	maxSevenZipHeader = 64 << 20 // bytes, unpacked
	maxCoders         = 32       // of a folder, and streams of each
)

var (
	errSevenZip       = errors.New("the 7z archive cannot be read (its header is not one): download it again")
	errSevenZipMany   = errors.New("the 7z archive states more files or streams than one can have: download it again")
	errSevenZipLocked = errors.New("the header of the 7z archive is locked with a password, or packed in a way that is not read here: unpack it")
)

// checkSevenZip reads the header at the end of an archive, unpacking it if it is packed, and checks what it states.
func checkSevenZip(file io.ReaderAt, size int64) error {
	var start [32]byte
	if _, err := file.ReadAt(start[:], 0); err != nil {
		return fmt.Errorf("the 7z archive cannot be read (%w): download it again", err)
	}
	offset, length := binary.LittleEndian.Uint64(start[12:]), binary.LittleEndian.Uint64(start[20:])
	if length == 0 {
		return errors.New("the archive holds no files")
	}
	if length > maxSevenZipHeader || offset > uint64(size) || offset+length+32 > uint64(size) {
		return errSevenZip
	}
	header := make([]byte, length)
	if _, err := file.ReadAt(header, 32+int64(offset)); err != nil {
		return fmt.Errorf("the 7z archive cannot be read (%w): download it again", err)
	}
	for range 3 { // a packed header may hold a packed one
		w := sevenZipWalk{rest: header}
		switch w.byte() {
		case 0x01:
			return w.header()
		case 0x17:
			streams, err := w.streams()
			if err != nil {
				return err
			}
			if header, err = streams.unpackHeader(file, size); err != nil {
				return err
			}
		default:
			return errSevenZip
		}
	}
	return errSevenZip
}

// sevenZipWalk passes over the bytes of a header. What is wrong with them makes bad true, and every number 0.
type sevenZipWalk struct {
	rest []byte
	bad  bool
}

// packedHeader is how a header is packed: one stream by one method.
type packedHeader struct {
	at, size, unpacked uint64
	method, properties []byte
	single             bool
}

func (w *sevenZipWalk) byte() byte {
	if len(w.rest) == 0 {
		w.bad = true
		return 0
	}
	b := w.rest[0]
	w.rest = w.rest[1:]
	return b
}

func (w *sevenZipWalk) skip(n uint64) []byte {
	if n > uint64(len(w.rest)) {
		w.bad = true
		return nil
	}
	skipped := w.rest[:n]
	w.rest = w.rest[n:]
	return skipped
}

// number reads an integer: the ones that begin the first byte count the bytes that follow.
func (w *sevenZipWalk) number() uint64 {
	first := w.byte()
	var value uint64
	mask := byte(0x80)
	for i := range 8 {
		if first&mask == 0 {
			return value | uint64(first&(mask-1))<<(8*i)
		}
		value |= uint64(w.byte()) << (8 * i)
		mask >>= 1
	}
	return value
}

// count reads a number of things, which is bounded.
func (w *sevenZipWalk) count(most uint64) uint64 {
	n := w.number()
	if n > most {
		w.bad = true
		return 0
	}
	return n
}

// digests passes over checksums of n streams, of which some may have none.
func (w *sevenZipWalk) digests(n uint64) {
	defined := n
	if w.byte() == 0 {
		defined = 0
		for i, b := range w.skip((n + 7) / 8) {
			for bit := range uint64(8) {
				if uint64(i)*8+bit < n && b&(0x80>>bit) != 0 {
					defined++
				}
			}
		}
	}
	w.skip(4 * defined)
}

func (w *sevenZipWalk) verdict() error {
	if w.bad {
		return errSevenZipMany
	}
	return nil
}

func (w *sevenZipWalk) header() error {
	id := w.byte()
	if id == 0x02 { // properties of the archive
		for kind := w.byte(); kind != 0 && !w.bad; kind = w.byte() {
			w.skip(w.number())
		}
		id = w.byte()
	}
	for _, streams := range []byte{0x03, 0x04} {
		if id == streams {
			if _, err := w.streams(); err != nil {
				return err
			}
			id = w.byte()
		}
	}
	if id == 0x05 {
		w.count(maxMembers)
		for kind := w.byte(); kind != 0 && !w.bad; kind = w.byte() {
			w.skip(w.number())
		}
		id = w.byte()
	}
	if id != 0 {
		return errSevenZip
	}
	return w.verdict()
}

// streams passes over what is said of packed streams and how they are unpacked.
func (w *sevenZipWalk) streams() (packed packedHeader, err error) {
	id := w.byte()
	if id == 0x06 {
		packed.at = w.number()
		n := w.count(maxMembers)
		packed.single = n == 1
		id = w.byte()
		if id == 0x09 {
			for range n {
				packed.size = w.number()
			}
			id = w.byte()
		}
		if id == 0x0a {
			w.digests(n)
			id = w.byte()
		}
		if id != 0 {
			return packed, errSevenZip
		}
		id = w.byte()
	}
	var folders, digested uint64
	if id == 0x07 {
		if folders, digested, err = w.folders(&packed); err != nil {
			return packed, err
		}
		id = w.byte()
	}
	if id == 0x08 {
		if err := w.substreams(folders, digested); err != nil {
			return packed, err
		}
		id = w.byte()
	}
	if id != 0 {
		return packed, errSevenZip
	}
	return packed, w.verdict()
}

func (w *sevenZipWalk) folders(packed *packedHeader) (folders, digested uint64, err error) {
	if w.byte() != 0x0b {
		return 0, 0, errSevenZip
	}
	folders = w.count(maxMembers)
	if w.byte() != 0 { // external
		return 0, 0, errSevenZip
	}
	outs := uint64(0)
	for range folders {
		if w.bad {
			break
		}
		outs += w.folder(packed)
	}
	packed.single = packed.single && folders == 1 && outs == 1
	if w.byte() != 0x0c {
		return 0, 0, errSevenZip
	}
	for range outs {
		packed.unpacked = w.number()
	}
	id := w.byte()
	if id == 0x0a {
		w.digests(folders)
		digested = folders
		id = w.byte()
	}
	if id != 0 {
		return 0, 0, errSevenZip
	}
	return folders, digested, w.verdict()
}

// folder passes over how a group of streams is unpacked, and gives how many streams come out.
func (w *sevenZipWalk) folder(packed *packedHeader) (outs uint64) {
	ins := uint64(0)
	for range w.count(maxCoders) {
		flags := w.byte()
		packed.method = w.skip(uint64(flags & 0x0f))
		in, out := uint64(1), uint64(1)
		if flags&0x10 != 0 {
			in, out = w.count(maxCoders), w.count(maxCoders)
		}
		if flags&0x20 != 0 {
			packed.properties = w.skip(w.number())
		}
		if flags&0xc0 != 0 {
			w.bad = true
		}
		ins, outs = ins+in, outs+out
	}
	if outs == 0 || ins < outs-1 {
		w.bad = true
		return 0
	}
	for range 2 * (outs - 1) {
		w.number()
	}
	if left := ins - (outs - 1); left > 1 {
		for range left {
			w.number()
		}
	}
	return outs
}

func (w *sevenZipWalk) substreams(folders, digested uint64) error {
	id := w.byte()
	total, sizes := folders, uint64(0)
	if id == 0x0d {
		total = 0
		for range folders {
			n := w.count(maxMembers)
			if total += n; total > maxMembers {
				return errSevenZipMany
			}
			if n > 1 {
				sizes += n - 1
			}
		}
		id = w.byte()
	}
	if id == 0x09 {
		for range sizes {
			w.number()
		}
		id = w.byte()
	}
	for id != 0 && !w.bad { // checksums of those that the folders have not: as many as the rest of the bytes allow
		if id != 0x0a {
			return errSevenZip
		}
		unknown := total
		if digested == folders && total == folders {
			unknown = 0
		}
		w.digests(unknown)
		id = w.byte()
	}
	return w.verdict()
}

// unpackHeader unpacks a packed header.
func (p packedHeader) unpackHeader(file io.ReaderAt, size int64) ([]byte, error) {
	if !p.single {
		return nil, errSevenZipLocked
	}
	if p.unpacked > maxSevenZipHeader || p.at > uint64(size) || p.size > uint64(size) || p.at+p.size+32 > uint64(size) {
		return nil, errSevenZip
	}
	content := io.NewSectionReader(file, 32+int64(p.at), int64(p.size))
	var unpacked io.Reader = content
	switch {
	case bytes.Equal(p.method, []byte{0x00}):
	case bytes.Equal(p.method, []byte{0x03, 0x01, 0x01}) && len(p.properties) == 5:
		if dictionary := binary.LittleEndian.Uint32(p.properties[1:]); dictionary > maxSevenZipHeader {
			return nil, errSevenZip
		}
		head := binary.LittleEndian.AppendUint64(bytes.Clone(p.properties), p.unpacked)
		reader, err := lzma.NewReader(io.MultiReader(bytes.NewReader(head), content))
		if err != nil {
			return nil, errSevenZip
		}
		unpacked = reader
	default:
		return nil, errSevenZipLocked
	}
	header, err := io.ReadAll(io.LimitReader(unpacked, int64(p.unpacked)))
	if err != nil || uint64(len(header)) != p.unpacked {
		return nil, errSevenZip
	}
	return header, nil
}
