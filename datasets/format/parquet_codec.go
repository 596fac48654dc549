package format

import (
	"fmt"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// maxPage is the most bytes that a page of a Parquet file may unpack to. DuckDB writes pages of up to 100 MB.
const maxPage = 128 << 20

// maxPageRatio is to how many times the bytes of its file a page may unpack: zstd packs a megabyte of zeros to fifty bytes, in a
// file of some hundred.
const maxPageRatio = 1 << 14

// The library unpacks pages of snappy and zstd to the length that the packed bytes give, whatever the page's header says. These
// two codecs stand in for its own in the whole program, and differ only in that they refuse lengths over maxPage.
func init() {
	for kind, unpack := range map[compress.Compression]func(dst, src []byte) ([]byte, error){
		compress.Codecs.Snappy: unpackSnappy,
		compress.Codecs.Zstd:   unpackZstd,
	} {
		codec, err := compress.GetCodec(kind)
		if err != nil {
			panic(err)
		}
		compress.RegisterCodec(kind, boundedCodec{codec, codec.(compress.StreamingCodec), unpack})
	}
}

// boundedCodec packs like the codec in it, and unpacks by a function of its own.
type boundedCodec struct {
	compress.Codec
	compress.StreamingCodec
	unpack func(dst, src []byte) ([]byte, error)
}

// DecodeWithError unpacks a page into dst, or into new memory if it is too small.
func (c boundedCodec) DecodeWithError(dst, src []byte) ([]byte, error) { return c.unpack(dst, src) }

// Decode is DecodeWithError for those who do not ask for the error.
func (c boundedCodec) Decode(dst, src []byte) []byte {
	dst, err := c.unpack(dst, src)
	if err != nil {
		panic(err)
	}
	return dst
}

func unpackSnappy(dst, src []byte) ([]byte, error) {
	switch n, err := snappy.DecodedLen(src); {
	case err != nil:
		return nil, err
	case n > maxPage:
		return nil, fmt.Errorf("a page unpacks to %d bytes and %d are allowed", n, maxPage)
	}
	return snappy.Decode(dst, src)
}

var zstdDecoder = func() *zstd.Decoder {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxPage))
	if err != nil {
		panic(err)
	}
	return decoder
}()

func unpackZstd(dst, src []byte) ([]byte, error) { return zstdDecoder.DecodeAll(src, dst[:0]) }
