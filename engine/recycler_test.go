package engine

import (
	"testing"
	"unsafe"

	"pgregory.net/rapid"
)

// What is too large is not kept.
func TestRecyclerOfLargeBuffers(t *testing.T) {
	var r Recycler
	large := r.Allocate(1<<recycledTo + 1)
	r.Free(large)
	if again := r.Allocate(1<<recycledTo + 1); unsafe.SliceData(again) == unsafe.SliceData(large) {
		t.Error("a buffer of more than 64 MB is kept")
	}
}

// A buffer is zeroed, aligned and nobody else's, keeps what it has when it grows, and shows zeros where it shrank before.
func TestRecycler(t *testing.T) {
	size := rapid.IntRange(0, 700)
	rapid.Check(t, func(t *rapid.T) {
		var r Recycler
		type held struct {
			buffer []byte
			mark   byte
		}
		var all []held
		fresh := func(buffer []byte) {
			for i, b := range buffer {
				if b != 0 {
					t.Fatalf("byte %d is %d", i, b)
				}
			}
		}
		fill := func(h held) held {
			for i := range h.buffer {
				h.buffer[i] = h.mark
			}
			return h
		}
		for step := range 20 {
			var at int
			if len(all) > 0 {
				at = rapid.IntRange(0, len(all)-1).Draw(t, "which")
			}
			switch do := rapid.IntRange(0, 2).Draw(t, "do"); {
			case do == 0 || len(all) == 0:
				buffer := r.Allocate(size.Draw(t, "size"))
				fresh(buffer)
				all = append(all, fill(held{buffer, byte(step + 1)}))
			case do == 1:
				r.Free(all[at].buffer)
				all = append(all[:at], all[at+1:]...)
			default:
				n, kept := size.Draw(t, "size"), len(all[at].buffer)
				all[at].buffer = r.Reallocate(n, all[at].buffer)
				fresh(all[at].buffer[min(n, kept):])
				for _, b := range all[at].buffer[:min(n, kept)] {
					if b != all[at].mark {
						t.Fatalf("%d became %d", all[at].mark, b)
					}
				}
				fill(all[at])
			}
			for _, h := range all {
				if at := uintptr(unsafe.Pointer(unsafe.SliceData(h.buffer))); at%alignment != 0 {
					t.Fatalf("a buffer stands at %x", at)
				}
				for _, b := range h.buffer {
					if b != h.mark {
						t.Fatalf("what has %d shows %d", h.mark, b)
					}
				}
			}
		}
	})
}
