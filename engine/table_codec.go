package engine

import (
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/zstd"
)

// fastest is the level of zstd that tables are packed with.
const fastest = 1

// For each page of a level that is asked for the library takes an encoder of zstd from a pool, and to put it back costs as much as it packs. Where
// tables are small that is most of the time of a build. This codec stands in for the library's own in the whole program: at the level that tables
// have it packs with one encoder that is kept.
func init() {
	codec, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		panic(err)
	}
	kept, err := zstd.NewWriter(nil, zstd.WithZeroFrames(true), zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(fastest)))
	if err != nil {
		panic(err)
	}
	compress.RegisterCodec(compress.Codecs.Zstd, keptEncoder{codec.(compress.ErrorCodec), codec.(compress.StreamingCodec), kept})
}

type keptEncoder struct {
	compress.ErrorCodec
	compress.StreamingCodec
	kept *zstd.Encoder // for any number of goroutines
}

func (c keptEncoder) EncodeLevel(dst, src []byte, level int) []byte {
	if level == fastest {
		return c.kept.EncodeAll(src, dst[:0])
	}
	return c.ErrorCodec.EncodeLevel(dst, src, level)
}
