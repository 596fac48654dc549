package engine

import (
	"math/bits"
	"sync"
	"unsafe"
)

// Recycler gives the memory of released Arrow buffers to the next ones, so that a stream of any length takes what a few batches take. Many
// may use one. What is used after its release is overwritten, as in memory that is not Go's.
type Recycler struct{ free [recycledTo + 1]sync.Pool } // of *[]byte, by the power of two that their capacity is

// Buffers of 64 bytes to 64 MB are recycled; the collector has the others.
const (
	recycledFrom = 6
	recycledTo   = 26
	alignment    = 64 // which Arrow recommends
)

// Allocate gives zeros, of a capacity that is a power of two.
func (r *Recycler) Allocate(size int) []byte {
	class := max(recycledFrom, bits.Len(uint(max(size, 1)-1)))
	if class > recycledTo {
		return aligned(size, size)
	}
	kept, ok := r.free[class].Get().(*[]byte)
	if !ok {
		return aligned(size, 1<<class)
	}
	buffer := (*kept)[:size]
	clear(buffer)
	return buffer
}

// Reallocate keeps what is there of the buffer, which is released if it is too small.
func (r *Recycler) Reallocate(size int, buffer []byte) []byte {
	if size <= cap(buffer) {
		clear(buffer[min(len(buffer), size):size])
		return buffer[:size]
	}
	grown := r.Allocate(size)
	copy(grown, buffer)
	r.Free(buffer)
	return grown
}

// Free keeps a buffer for the next of its capacity.
func (r *Recycler) Free(buffer []byte) {
	size := cap(buffer)
	class := bits.Len(uint(size)) - 1
	if size == 0 || size != 1<<class || class < recycledFrom || class > recycledTo {
		return
	}
	buffer = buffer[:0]
	r.free[class].Put(&buffer)
}

// aligned makes a buffer whose first byte is aligned.
func aligned(size, capacity int) []byte {
	room := make([]byte, capacity+alignment)
	shift := -int(uintptr(unsafe.Pointer(unsafe.SliceData(room)))) & (alignment - 1)
	return room[shift : shift+size : shift+capacity]
}
