package engine

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/compress"
)

// Pages are packed to what the library unpacks, to the same bytes each time, by any number of goroutines; other levels are those of the library.
func TestTheKeptEncoderPacksWhatTheLibraryUnpacks(t *testing.T) {
	codec, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		t.Fatal(err)
	}
	library := codec.(keptEncoder).ErrorCodec
	random := rand.New(rand.NewPCG(5, 1))
	for _, size := range []int{0, 1, 100, 5000, 300_000, 1 << 20} {
		page := make([]byte, size)
		for i := range page {
			page[i] = byte(random.IntN(1 + i%40)) // packs well in places
		}
		first := codec.EncodeLevel(nil, page, fastest)
		var packing sync.WaitGroup
		for range 4 {
			packing.Go(func() {
				packed := codec.EncodeLevel(make([]byte, 7), page, fastest)
				if again, err := compress.Decode(library, make([]byte, size), packed); err != nil || !bytes.Equal(again, page) {
					t.Errorf("a page of %d bytes is unpacked to %d, %v", size, len(again), err)
				}
				if !bytes.Equal(packed, first) {
					t.Errorf("a page of %d bytes is packed to other bytes than before", size)
				}
			})
		}
		packing.Wait()
		for _, level := range []int{compress.DefaultCompressionLevel, 9} {
			if !bytes.Equal(codec.EncodeLevel(nil, page, level), library.EncodeLevel(nil, page, level)) {
				t.Errorf("at level %d a page of %d bytes is packed to other bytes than by the library", level, size)
			}
		}
	}
}
