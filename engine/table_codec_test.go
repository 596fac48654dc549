package engine

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/compress"
)

// Snapshots keep their ids: pages are packed to the bytes that the library packs them to.
func TestKeptEncodersPackLikeTheLibrary(t *testing.T) {
	codec, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		t.Fatal(err)
	}
	library := codec.(keptEncoders).ErrorCodec
	random := rand.New(rand.NewPCG(5, 1))
	for _, size := range []int{0, 1, 100, 5000, 300_000, 1 << 20} {
		page := make([]byte, size)
		for i := range page {
			page[i] = byte(random.IntN(1 + i%40)) // packs well in places
		}
		for range 2 { // with a fresh encoder, and with a used one
			packed := codec.EncodeLevel(nil, page, compress.DefaultCompressionLevel)
			if !bytes.Equal(packed, library.EncodeLevel(nil, page, compress.DefaultCompressionLevel)) {
				t.Errorf("a page of %d bytes is packed to other bytes than by the library", size)
			}
			if again, err := compress.Decode(codec, make([]byte, size), packed); err != nil || !bytes.Equal(again, page) {
				t.Errorf("a page of %d bytes is unpacked to %d, %v", size, len(again), err)
			}
		}
	}
}
