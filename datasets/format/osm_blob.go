package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Limits of the format.
const (
	maxOSMBlobHeader = 64 << 10
	maxOSMBlob       = 32 << 20 // packed and unpacked
)

// osmBlobs goes through the blobs of an extract.
type osmBlobs struct {
	source io.ReaderAt
	size   int64
	number int    // of the blob, from 1
	at     int64  // where it begins
	after  int64  // where it ends
	kind   string // OSMHeader, OSMData or another
	length int    // of its content, which ends where the blob ends

	packed   []byte
	unpacked []byte
	inflate  io.ReadCloser
	zstd     *zstd.Decoder
}

// next goes to the next blob and reads its header; io.EOF after the last.
func (b *osmBlobs) next() error {
	b.at = b.after
	b.number++
	left := b.size - b.at
	if left == 0 {
		return io.EOF
	}
	if left < 4 {
		return ErrEndsEarly
	}
	var start [4]byte
	if err := b.read(start[:], b.at); err != nil {
		return err
	}
	length := int64(binary.BigEndian.Uint32(start[:]))
	switch {
	case length > maxOSMBlobHeader:
		return fmt.Errorf("%w (the header of a blob has %d bytes)", ErrDamaged, length)
	case length > left-4:
		return ErrEndsEarly
	}
	header := make([]byte, length)
	if err := b.read(header, b.at+4); err != nil {
		return err
	}
	b.kind, b.length = "", -1
	for message := (osmMessage{rest: header}); ; {
		more, err := message.next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		switch {
		case message.number == 1 && message.bytes != nil:
			b.kind = string(message.bytes)
		case message.number == 3 && message.bytes == nil:
			if message.whole > maxOSMBlob {
				return fmt.Errorf("%w (a blob has %d bytes)", ErrDamaged, message.whole)
			}
			b.length = int(message.whole)
		}
	}
	if b.length < 0 {
		return fmt.Errorf("%w (a blob does not say how long it is)", ErrDamaged)
	}
	b.after = b.at + 4 + length + int64(b.length)
	if b.after > b.size {
		return ErrEndsEarly
	}
	return nil
}

func (b *osmBlobs) read(into []byte, at int64) error {
	n, err := b.source.ReadAt(into, at)
	switch {
	case n == len(into):
		return nil
	case errors.Is(err, io.EOF):
		return ErrEndsEarly
	}
	return fmt.Errorf("read: %w", err)
}

// unpack gives the content of the blob, good until the next call.
func (b *osmBlobs) unpack() ([]byte, error) {
	b.packed = grown(b.packed, b.length)
	if err := b.read(b.packed, b.after-int64(b.length)); err != nil {
		return nil, err
	}
	size := -1
	var how string
	var content []byte
	for message := (osmMessage{rest: b.packed}); ; {
		more, err := message.next()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if message.number == 2 && message.bytes == nil {
			if message.whole > maxOSMBlob {
				return nil, fmt.Errorf("%w (a blob unpacks to %d bytes)", ErrDamaged, message.whole)
			}
			size = int(message.whole)
			continue
		}
		packing, known := osmPackings[int(message.number)]
		if !known || message.bytes == nil {
			continue
		}
		how, content = packing, message.bytes
	}
	switch {
	case how == "raw":
		return content, nil
	case how == "":
		return nil, fmt.Errorf("%w (a blob has no content)", ErrDamaged)
	case size < 0:
		return nil, fmt.Errorf("%w (a blob does not say how long it is unpacked)", ErrDamaged)
	}
	b.unpacked = grown(b.unpacked, size)
	var err error
	switch how {
	case "zlib":
		err = b.unpackZlib(content)
	case "lz4":
		var n int
		if n, err = lz4.UncompressBlock(content, b.unpacked); err == nil && n != size {
			err = io.ErrUnexpectedEOF
		}
	case "zstd":
		err = b.unpackZstd(content)
	default:
		return nil, fmt.Errorf("the blobs of the extract are packed with %s, which is not read here: write it anew with zlib", how)
	}
	if err != nil {
		return nil, fmt.Errorf("%w (a blob does not unpack: %v)", ErrDamaged, err)
	}
	return b.unpacked, nil
}

// osmPackings are the ways in which a blob can be packed, by the number of the field.
var osmPackings = map[int]string{1: "raw", 3: "zlib", 4: "lzma", 5: "bzip2", 6: "lz4", 7: "zstd"}

// unpackZlib fills unpacked, and has the checksum checked by reading to the end.
func (b *osmBlobs) unpackZlib(content []byte) error {
	var err error
	if b.inflate == nil {
		b.inflate, err = zlib.NewReader(bytes.NewReader(content))
	} else {
		err = b.inflate.(zlib.Resetter).Reset(bytes.NewReader(content), nil)
	}
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(b.inflate, b.unpacked); err != nil {
		return err
	}
	var more [1]byte
	switch n, err := io.ReadFull(b.inflate, more[:]); {
	case n > 0:
		return errors.New("it is longer than it says")
	case err != io.EOF:
		return err
	}
	return nil
}

func (b *osmBlobs) unpackZstd(content []byte) error {
	if b.zstd == nil {
		var err error
		if b.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxOSMBlob)); err != nil {
			return err
		}
	}
	size := len(b.unpacked)
	unpacked, err := b.zstd.DecodeAll(content, b.unpacked[:0])
	if err != nil {
		return err
	}
	if len(unpacked) != size {
		return errors.New("it is not as long as it says")
	}
	b.unpacked = unpacked
	return nil
}

// grown gives a buffer of a size, the one there is if it is large enough.
func grown(buffer []byte, size int) []byte {
	if cap(buffer) < size {
		return make([]byte, size)
	}
	return buffer[:size]
}
