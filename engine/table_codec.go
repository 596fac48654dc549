package engine

import "github.com/apache/arrow-go/v18/parquet/compress"

// For each page the library takes an encoder of zstd from a pool, and to put a new one back makes another of over a megabyte, which
// nobody uses. Where tables are small that is most of the time of a build. This codec stands in for the library's own in the whole
// program: at the level that tables have it packs with encoders that are kept, to the same bytes.
func init() {
	codec, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		panic(err)
	}
	compress.RegisterCodec(compress.Codecs.Zstd, keptEncoders{codec.(compress.ErrorCodec), codec.(compress.StreamingCodec)})
}

type keptEncoders struct {
	compress.ErrorCodec
	compress.StreamingCodec
}

func (c keptEncoders) EncodeLevel(dst, src []byte, level int) []byte {
	if level == compress.DefaultCompressionLevel {
		return c.Encode(dst, src)
	}
	return c.ErrorCodec.EncodeLevel(dst, src, level)
}
