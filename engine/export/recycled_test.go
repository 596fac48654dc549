package export

import (
	"bytes"
	"testing"

	"github.com/arpent/arpent/engine"
)

// overwritten spoils what is released at once, as the next batch would do sooner or later.
type overwritten struct{ engine.Recycler }

func (o *overwritten) Free(buffer []byte) {
	for i := range buffer[:cap(buffer)] {
		buffer[:cap(buffer)][i] = 0xdd
	}
	o.Recycler.Free(buffer)
}

func (o *overwritten) Reallocate(size int, buffer []byte) []byte {
	if size <= cap(buffer) {
		return o.Recycler.Reallocate(size, buffer)
	}
	grown := o.Allocate(size)
	copy(grown, buffer)
	o.Free(buffer)
	return grown
}

// No writer uses what it has released.
func TestFormatsWithRecycledMemory(t *testing.T) {
	recycled := new(overwritten)
	for _, f := range Formats() {
		for _, size := range []int{1, 2, 5} {
			want := written(t, f.Name, size, Options{})
			for range 3 {
				if got := written(t, f.Name, size, Options{Memory: recycled}); !bytes.Equal(got, want) {
					t.Errorf("%s in batches of %d is otherwise in recycled memory", f.Name, size)
				}
			}
		}
	}
}
