package frozen

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"reflect"
	"runtime"
	"strings"
	"sync"
)

// kind is a way of writing a value.
type kind uint8

const (
	raw     kind = iota // no pointers in it: its bytes
	text                // string
	list                // slice
	pointer             //
	table               // map
	record              // struct with pointers in it
	array               // of what has pointers in it
	face                // interface, which must be nil
)

// shape says how values of a type are written.
type shape struct {
	kind   kind
	t      reflect.Type
	size   uintptr
	where  string // where the type was first met, for messages
	fields []part // of a record: those that are raw and follow each other are one
	elem   *shape // of a list, an array, a pointer and a table
	key    *shape // of a table
}

type part struct {
	offset uintptr
	shape  *shape
}

// nothing tells whether it is a struct of which nothing is kept.
func (s *shape) nothing() bool { return s.kind == record && len(s.fields) == 0 }

// layout is a type as a file has it.
type layout struct {
	top   *shape
	shape [sha256.Size]byte // hash of names, kinds, sizes and offsets of all that can be reached, and of the architecture
}

var layouts sync.Map // *layout by reflect.Type

func layoutOf(t reflect.Type) (*layout, error) {
	if known, ok := layouts.Load(t); ok {
		return known.(*layout), nil
	}
	s := surveyor{shapes: map[reflect.Type]*shape{}, hash: sha256.New()}
	s.say("%s %s", runtime.GOARCH, runtime.Version())
	top, err := s.shapeOf(t, t.String())
	if err != nil {
		return nil, err
	}
	l := &layout{top: top, shape: [sha256.Size]byte(s.hash.Sum(nil))}
	layouts.Store(t, l)
	return l, nil
}

// surveyor lists the types that can be reached from one.
type surveyor struct {
	shapes map[reflect.Type]*shape
	hash   hash.Hash
}

func (s *surveyor) say(format string, arguments ...any) {
	fmt.Fprintf(s.hash, format+"\n", arguments...) // a hash takes everything
}

func (s *surveyor) shapeOf(t reflect.Type, where string) (*shape, error) {
	s.say("%s.%s %s %d", t.PkgPath(), t.String(), t.Kind(), t.Size())
	if known, ok := s.shapes[t]; ok {
		return known, nil
	}
	made := &shape{t: t, size: t.Size(), where: where}
	s.shapes[t] = made // a type may lead to itself
	if t.PkgPath() == "sync" || t.PkgPath() == "sync/atomic" {
		return nil, cannot(where, t)
	}
	var err error
	switch t.Kind() {
	case reflect.String:
		made.kind = text
	case reflect.Slice:
		made.kind = list
		if made.elem, err = s.shapeOf(t.Elem(), where+"[]"); err == nil && made.elem.nothing() {
			err = cannot(where, t) // how many there are could not be checked against the file
		}
	case reflect.Pointer:
		made.kind = pointer
		made.elem, err = s.shapeOf(t.Elem(), where)
	case reflect.Map:
		made.kind = table
		if made.key, err = s.shapeOf(t.Key(), where+" key"); err == nil {
			made.elem, err = s.shapeOf(t.Elem(), where+"[]")
		}
	case reflect.Interface:
		made.kind = face
	case reflect.Array:
		if made.elem, err = s.shapeOf(t.Elem(), where+"[]"); err == nil && made.elem.kind != raw && t.Len() > 0 {
			made.kind = array
		}
	case reflect.Struct:
		err = s.fields(made, where)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Uintptr:
		err = cannot(where, t)
	}
	return made, err
}

func cannot(where string, t reflect.Type) error {
	return fmt.Errorf("frozen: %s is a %s, which cannot be kept: leave it out with the tag `frozen:\"-\"`, and make it anew after reading", where, t)
}

// fields lists the parts of a struct.
func (s *surveyor) fields(made *shape, where string) error {
	whole, open := true, false // all of it is raw; the last part can be made longer
	for i := range made.t.NumField() {
		f := made.t.Field(i)
		// What a strings.Builder has beside its text points at itself.
		if f.Tag.Get("frozen") == "-" || made.t == builder && f.Name == "addr" {
			whole, open = false, false
			continue
		}
		s.say("%s at %d", f.Name, f.Offset)
		of, err := s.shapeOf(f.Type, where+"."+f.Name)
		if err != nil {
			return err
		}
		switch {
		case of.nothing():
			whole, open = false, false
			continue
		case of.kind != raw:
			whole, open = false, false
		case open:
			last := &made.fields[len(made.fields)-1]
			last.shape = &shape{kind: raw, size: f.Offset + of.size - last.offset}
			continue
		default:
			open = true
		}
		made.fields = append(made.fields, part{f.Offset, of})
	}
	if !whole {
		made.kind = record
	}
	return nil
}

var builder = reflect.TypeFor[strings.Builder]()
