package frozen

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"unsafe"
)

// Numbers before what may be nil, or may have been met before; those above are of the objects met before.
const (
	isNil uint64 = iota
	isEmpty
	isNew
	isKnown
)

// deepest is how far pointers, slices and maps may lead into each other.
const deepest = 10_000

// object is something that may be met twice.
type object struct {
	at    unsafe.Pointer
	n     int
	shape *shape
}

// sliceHeader is a slice as it lies in memory.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

type writer struct {
	out  *blocksOut
	seen map[object]uint64
}

func (w *writer) number(n uint64) error {
	var room [binary.MaxVarintLen64]byte
	return w.out.write(binary.AppendUvarint(room[:0], n))
}

// begins writes whether an object is new, and then how many elements it has.
func (w *writer) begins(o object) (fresh bool, err error) {
	if known, ok := w.seen[o]; ok {
		return false, w.number(isKnown + known)
	}
	w.seen[o] = uint64(len(w.seen))
	if err := w.number(isNew); err != nil || o.shape.kind == pointer {
		return true, err
	}
	return true, w.number(uint64(o.n))
}

func (w *writer) write(s *shape, at unsafe.Pointer, depth int) error {
	if depth > deepest {
		return fmt.Errorf("%s leads more than %d steps into itself: keep it as a slice", s.where, deepest)
	}
	switch s.kind {
	case raw:
		return w.out.write(unsafe.Slice((*byte)(at), s.size))
	case record:
		for _, f := range s.fields {
			if err := w.write(f.shape, unsafe.Add(at, f.offset), depth); err != nil {
				return err
			}
		}
	case array:
		return w.each(s.elem, at, s.t.Len(), depth)
	case text:
		return w.text(s, *(*string)(at))
	case list:
		return w.list(s, *(*sliceHeader)(at), depth)
	case pointer:
		to := *(*unsafe.Pointer)(at)
		if to == nil {
			return w.number(isNil)
		}
		fresh, err := w.begins(object{to, 0, s})
		if err != nil || !fresh {
			return err
		}
		return w.write(s.elem, to, depth+1)
	case table:
		return w.table(s, reflect.NewAt(s.t, at).Elem(), depth)
	case face:
		if v := reflect.NewAt(s.t, at).Elem(); !v.IsNil() {
			return fmt.Errorf("%s holds a %s, which cannot be kept: leave it out with the tag `frozen:\"-\"`", s.where, v.Elem().Type())
		}
	}
	return nil
}

func (w *writer) each(elem *shape, first unsafe.Pointer, n, depth int) error {
	for i := range n {
		if err := w.write(elem, unsafe.Add(first, uintptr(i)*elem.size), depth); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) text(s *shape, t string) error {
	if t == "" {
		return w.number(isEmpty)
	}
	data := unsafe.StringData(t)
	fresh, err := w.begins(object{unsafe.Pointer(data), len(t), s})
	if err != nil || !fresh {
		return err
	}
	return w.out.write(unsafe.Slice(data, len(t)))
}

func (w *writer) list(s *shape, h sliceHeader, depth int) error {
	switch {
	case h.data == nil:
		return w.number(isNil)
	case h.len == 0:
		return w.number(isEmpty)
	}
	fresh, err := w.begins(object{h.data, h.len, s})
	if err != nil || !fresh {
		return err
	}
	if s.elem.kind != raw {
		return w.each(s.elem, h.data, h.len, depth+1)
	}
	if err := w.out.align(s.t.Elem().Align()); err != nil {
		return err
	}
	return w.out.write(unsafe.Slice((*byte)(h.data), uintptr(h.len)*s.elem.size))
}

func (w *writer) table(s *shape, m reflect.Value, depth int) error {
	if m.IsNil() {
		return w.number(isNil)
	}
	fresh, err := w.begins(object{m.UnsafePointer(), m.Len(), s})
	if err != nil || !fresh {
		return err
	}
	key, value := reflect.New(s.t.Key()), reflect.New(s.t.Elem())
	for pairs := m.MapRange(); pairs.Next(); {
		key.Elem().SetIterKey(pairs)
		value.Elem().SetIterValue(pairs)
		if err := w.write(s.key, key.UnsafePointer(), depth+1); err != nil {
			return err
		}
		if err := w.write(s.elem, value.UnsafePointer(), depth+1); err != nil {
			return err
		}
	}
	return nil
}
