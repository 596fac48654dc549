package frozen

import (
	"fmt"
	"reflect"
	"unsafe"
)

type reader struct {
	in    *blocksIn
	known []object // in the order in which they were met
}

var errOrder = fmt.Errorf("%w: it does not hold what its header says", ErrDamaged)

// begins reads what stands before something that may be met twice: with isNew how many elements follow, with isKnown which object it is.
func (r *reader) begins(s *shape) (state uint64, n int, known object, err error) {
	if state, err = r.in.number(); err != nil || state < isNew {
		return state, 0, object{}, err
	}
	if state == isNew {
		if s.kind == pointer {
			return state, 0, object{}, nil
		}
		count, err := r.in.number()
		if err == nil && count > uint64(r.in.left) && (s.kind == text || s.elem.size > 0) { // none takes less than a byte
			err = errOrder
		}
		return state, int(min(count, 1<<40)), object{}, err
	}
	at := state - isKnown
	if at >= uint64(len(r.known)) || r.known[at].shape != s {
		return 0, 0, object{}, errOrder
	}
	return isKnown, 0, r.known[at], nil
}

func (r *reader) read(s *shape, at unsafe.Pointer, depth int) error {
	if depth > deepest {
		return errOrder
	}
	switch s.kind {
	case raw:
		return r.in.copy(unsafe.Slice((*byte)(at), s.size))
	case record:
		for _, f := range s.fields {
			if err := r.read(f.shape, unsafe.Add(at, f.offset), depth); err != nil {
				return err
			}
		}
	case array:
		return r.each(s.elem, at, s.t.Len(), depth)
	case text:
		return r.text(s, (*string)(at))
	case list:
		return r.list(s, (*sliceHeader)(at), depth)
	case pointer:
		return r.pointer(s, (*unsafe.Pointer)(at), depth)
	case table:
		return r.table(s, reflect.NewAt(s.t, at).Elem(), depth)
	}
	return nil
}

func (r *reader) each(elem *shape, first unsafe.Pointer, n, depth int) error {
	for i := range n {
		if err := r.read(elem, unsafe.Add(first, uintptr(i)*elem.size), depth); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) pointer(s *shape, to *unsafe.Pointer, depth int) error {
	state, _, known, err := r.begins(s)
	switch {
	case err != nil || state == isNil:
		return err
	case state == isKnown:
		*to = known.at
		return nil
	}
	*to = reflect.New(s.t.Elem()).UnsafePointer()
	r.known = append(r.known, object{*to, 0, s})
	return r.read(s.elem, *to, depth+1)
}

func (r *reader) text(s *shape, to *string) error {
	state, n, known, err := r.begins(s)
	switch {
	case err != nil || state < isNew:
		return err
	case state == isKnown:
		*to = unsafe.String((*byte)(known.at), known.n)
		return nil
	case n == 0:
		return errOrder
	}
	content, err := r.in.take(n)
	if err != nil {
		return err
	}
	*to = unsafe.String(&content[0], n)
	r.known = append(r.known, object{unsafe.Pointer(&content[0]), n, s})
	return nil
}

func (r *reader) list(s *shape, to *sliceHeader, depth int) error {
	state, n, known, err := r.begins(s)
	switch {
	case err != nil || state == isNil:
		return err
	case state == isEmpty:
		to.data = reflect.MakeSlice(s.t, 0, 0).UnsafePointer()
		return nil
	case state == isKnown:
		*to = sliceHeader{known.at, known.n, known.n}
		return nil
	}
	inFile := s.elem.kind == raw && r.in.mapped && s.elem.size > 0 && n > 0
	if s.elem.kind == raw {
		if err := r.in.align(s.t.Elem().Align()); err != nil {
			return err
		}
		if s.elem.size > 0 && uint64(n) > uint64(r.in.left)/uint64(s.elem.size) {
			return errOrder
		}
	}
	if inFile {
		content, err := r.in.take(n * int(s.elem.size))
		if err != nil {
			return err
		}
		to.data = unsafe.Pointer(&content[0])
	} else {
		to.data = reflect.MakeSlice(s.t, n, n).UnsafePointer()
	}
	to.len, to.cap = n, n
	r.known = append(r.known, object{to.data, n, s})
	switch {
	case inFile:
		return nil
	case s.elem.kind == raw:
		return r.in.copy(unsafe.Slice((*byte)(to.data), uintptr(n)*s.elem.size))
	}
	return r.each(s.elem, to.data, n, depth+1)
}

func (r *reader) table(s *shape, to reflect.Value, depth int) error {
	state, n, known, err := r.begins(s)
	switch {
	case err != nil || state == isNil:
		return err
	case state == isEmpty:
		return errOrder
	case state == isKnown:
		to.Set(reflect.NewAt(s.t, unsafe.Pointer(&known.at)).Elem()) // a map is a pointer
		return nil
	}
	to.Set(reflect.MakeMapWithSize(s.t, min(n, 1<<20)))
	r.known = append(r.known, object{to.UnsafePointer(), n, s})
	key, value := reflect.New(s.t.Key()), reflect.New(s.t.Elem())
	for range n {
		key.Elem().SetZero()
		value.Elem().SetZero()
		if err := r.read(s.key, key.UnsafePointer(), depth+1); err != nil {
			return err
		}
		if err := r.read(s.elem, value.UnsafePointer(), depth+1); err != nil {
			return err
		}
		to.SetMapIndex(key.Elem(), value.Elem())
	}
	if to.Len() > n {
		return errOrder
	}
	return nil
}
