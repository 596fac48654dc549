package frozen

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

const (
	magic      = "arpent frozen 1\n"
	headerSize = 4096
	blockSize  = 1 << 20 // of the body: each has a checksum
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli) // processors have an instruction for it

// header stands at the beginning of a file, the sums at its end.
type header struct {
	shape, program [sha256.Size]byte
	body           int64 // bytes
	sums           []uint32
}

// encode gives the header's bytes and those of the sums, which it has a checksum of.
func (h *header) encode() (head, sums []byte) {
	for _, sum := range h.sums {
		sums = binary.LittleEndian.AppendUint32(sums, sum)
	}
	head = append(head, magic...)
	head = append(append(head, h.shape[:]...), h.program[:]...)
	head = binary.LittleEndian.AppendUint64(head, uint64(h.body))
	head = binary.LittleEndian.AppendUint32(head, crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, sums))
	return head, sums
}

// readHeader reads header and sums, and refuses a file that is longer or shorter than they say.
func readHeader(file *os.File) (h header, err error) {
	info, err := file.Stat()
	if err != nil {
		return h, err
	}
	empty, _ := h.encode()
	head := make([]byte, len(empty))
	if _, err := file.ReadAt(head, 0); err != nil || !bytes.HasPrefix(head, []byte(magic)) {
		return h, fmt.Errorf("%w: it does not begin as such files do", ErrDamaged)
	}
	rest := head[len(magic):]
	rest = rest[copy(h.shape[:], rest):]
	rest = rest[copy(h.program[:], rest):]
	h.body = int64(binary.LittleEndian.Uint64(rest))
	blocks := (uint64(h.body) + blockSize - 1) / blockSize
	if h.body < 0 || h.body > info.Size() || headerSize+h.body+4*int64(blocks) != info.Size() {
		return h, fmt.Errorf("%w: it has %d bytes, which are not those that were written", ErrDamaged, info.Size())
	}
	sums := make([]byte, 4*blocks)
	if _, err := file.ReadAt(sums, headerSize+h.body); err != nil {
		return h, err
	}
	for ; len(sums) > 0; sums = sums[4:] {
		h.sums = append(h.sums, binary.LittleEndian.Uint32(sums))
	}
	if now, _ := h.encode(); !bytes.Equal(now, head) {
		return h, fmt.Errorf("%w: its checksums are not those that were written", ErrDamaged)
	}
	return h, nil
}

// blocksOut writes the body of a file.
type blocksOut struct {
	file  *os.File
	block []byte // not yet written
	done  int64
	sums  []uint32
}

func newBlocksOut(file *os.File) *blocksOut {
	return &blocksOut{file: file, block: make([]byte, 0, blockSize)}
}

func (b *blocksOut) write(content []byte) error {
	for len(content) > 0 {
		n := min(len(content), blockSize-len(b.block))
		b.block, content = append(b.block, content[:n]...), content[n:]
		if len(b.block) == blockSize {
			if err := b.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *blocksOut) flush() error {
	if len(b.block) == 0 {
		return nil
	}
	if _, err := b.file.WriteAt(b.block, headerSize+b.done); err != nil {
		return err
	}
	b.sums, b.done, b.block = append(b.sums, crc32.Checksum(b.block, castagnoli)), b.done+int64(len(b.block)), b.block[:0]
	return nil
}

// padding gives the zeros that bring a place to a multiple.
func padding(at int64, multiple int) []byte {
	var zeros [64]byte
	return zeros[:-at&int64(multiple-1)]
}

func (b *blocksOut) align(multiple int) error {
	return b.write(padding(b.done+int64(len(b.block)), multiple))
}

// finish writes what is left, and header and sums.
func (b *blocksOut) finish(h header) error {
	if err := b.flush(); err != nil {
		return err
	}
	h.body, h.sums = b.done, b.sums
	head, sums := h.encode()
	if _, err := b.file.WriteAt(sums, headerSize+b.done); err != nil {
		return err
	}
	_, err := b.file.WriteAt(append(head, make([]byte, headerSize-len(head))...), 0)
	return err
}

// blocksIn reads the body of a file, block by block; of one that is mapped all of it is one block.
type blocksIn struct {
	block  []byte
	at     int   // in block
	left   int64 // of the body
	read   int64 // of the body
	mapped bool

	from io.Reader
	room []byte
	sums []uint32 // of the blocks that follow
}

func (b *blocksIn) next() error {
	if b.at < len(b.block) {
		return nil
	}
	if b.left <= 0 || b.mapped {
		return errOrder
	}
	if b.room == nil {
		b.room = make([]byte, blockSize)
	}
	b.block, b.at = b.room[:min(blockSize, b.left)], 0
	if _, err := io.ReadFull(b.from, b.block); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if crc32.Checksum(b.block, castagnoli) != b.sums[0] {
		return fmt.Errorf("%w: a checksum does not fit", ErrDamaged)
	}
	b.sums = b.sums[1:]
	return nil
}

// check reads all blocks, and holds them against their checksums.
func (b *blocksIn) check() error {
	for b.left > 0 {
		if err := b.next(); err != nil {
			return err
		}
		b.pass(len(b.block))
	}
	return nil
}

// copy fills all of a piece of memory.
func (b *blocksIn) copy(to []byte) error {
	for len(to) > 0 {
		if err := b.next(); err != nil {
			return err
		}
		n := copy(to, b.block[b.at:])
		to = to[n:]
		b.pass(n)
	}
	return nil
}

func (b *blocksIn) pass(n int) { b.at, b.left, b.read = b.at+n, b.left-int64(n), b.read+int64(n) }

// take gives n bytes, in the file where it is mapped, else in memory of their own.
func (b *blocksIn) take(n int) ([]byte, error) {
	if int64(n) > b.left {
		return nil, errOrder
	}
	if b.mapped {
		content := b.block[b.at : b.at+n : b.at+n]
		b.pass(n)
		return content, nil
	}
	content := make([]byte, n)
	return content, b.copy(content)
}

func (b *blocksIn) number() (n uint64, err error) {
	for shift := 0; shift < 64; shift += 7 {
		if err := b.next(); err != nil {
			return 0, err
		}
		digit := b.block[b.at]
		b.pass(1)
		n |= uint64(digit&0x7f) << shift
		if digit < 0x80 {
			return n, nil
		}
	}
	return 0, errOrder
}

func (b *blocksIn) align(multiple int) error {
	var zeros [64]byte
	return b.copy(zeros[:len(padding(b.read, multiple))])
}
