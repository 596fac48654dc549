package frozen

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// town has one of each that a build keeps.
type town struct {
	name    string
	streets []street
	contest *contest
	lists   [][]*contest
	index   map[key]int32
	lines   []orb.LineString
	shape   orb.MultiPolygon
	columns struct {
		lon, lat []float64
		suffix   []int32
		house    []bool
	}
	sides   [2][]string
	text    strings.Builder
	figures map[string]map[string]float64
	nothing []int64
	empty   []int64
	_       error
	_       func()     `frozen:"-"`
	_       sync.Mutex `frozen:"-"`
}

type street struct {
	id      int64
	name    string
	on      bool
	numbers [2]struct{ low, high int32 }
	lengthM float64
	next    *street
}

type contest struct {
	id    string
	votes []int64
	after *contest
}

type key struct {
	division string
	number   int32
}

func someTown() *town {
	t := &town{name: "Vieux-Port", contest: &contest{id: "2022_pres_t1", votes: []int64{3, 1, 4}}, empty: []int64{}}
	t.contest.after = t.contest // a ring
	t.lists = [][]*contest{{t.contest, nil}, {t.contest}, nil}
	name := string([]byte("rue Haute"))
	for i := range 2000 {
		s := street{id: int64(i), name: name, on: i%3 == 0, lengthM: float64(i) / 7}
		s.numbers[1].high = int32(i)
		t.streets = append(t.streets, s)
		t.columns.lon = append(t.columns.lon, 2+float64(i)/1e4)
		t.columns.suffix = append(t.columns.suffix, int32(i%5))
	}
	t.columns.lat, t.columns.house = t.columns.lon, []bool{true, false, true}
	t.streets[3].next = &street{name: "impasse"}
	t.index = map[key]int32{{"2017", 4}: 1, {"2022", -1}: 2}
	t.lines = []orb.LineString{{{2, 48}, {3, 49}}, nil, {}}
	t.shape = orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}}
	t.sides = [2][]string{{"left", ""}, {"right"}}
	t.figures = map[string]map[string]float64{"75101": {"men": 12, "women": math.Inf(1)}, "75102": nil}
	t.text.WriteString("75101_0001")
	return t
}

// equal compares what is kept of two towns.
func (t *town) equal(o *town) bool {
	if t.text.String() != o.text.String() {
		return false
	}
	a, b := reflect.ValueOf(t).Elem(), reflect.ValueOf(o).Elem()
	for i := range a.NumField() {
		if f := a.Type().Field(i); f.Name == "text" || f.Tag.Get("frozen") == "-" {
			continue
		}
		if !reflect.DeepEqual(reflect.NewAt(a.Field(i).Type(), a.Field(i).Addr().UnsafePointer()).Elem().Interface(),
			reflect.NewAt(b.Field(i).Type(), b.Field(i).Addr().UnsafePointer()).Elem().Interface()) {
			return false
		}
	}
	return true
}

func keep[T any](t testing.TB, v *T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "kept")
	if err := Write(path, v); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAGraphComesBackEqual(t *testing.T) {
	was := someTown()
	path := keep(t, was)
	for _, way := range []string{"Read", "Open"} {
		var is town
		is.name = "what was there before"
		var err error
		if way == "Read" {
			err = Read(path, &is)
		} else {
			var m *Map
			if m, err = Open(path, &is); err == nil {
				defer func() {
					if err := errors.Join(m.Close(), m.Close()); err != nil { // twice is once
						t.Error(err)
					}
				}()
			}
		}
		if err != nil {
			t.Fatalf("%s: %v", way, err)
		}
		if !was.equal(&is) {
			t.Errorf("%s: it is another town", way)
		}
		if is.nothing != nil || is.empty == nil || is.lines[1] != nil || is.lines[2] == nil {
			t.Errorf("%s: nil and empty are not told apart", way)
		}
		if is.contest.after != is.contest || is.lists[0][0] != is.contest || is.lists[1][0] != is.contest {
			t.Errorf("%s: a contest that was one is several", way)
		}
		if &is.columns.lon[0] != &is.columns.lat[0] {
			t.Errorf("%s: a column that was one is two", way)
		}
		is.text.WriteString("_b") // goes on where it was
		if way == "Read" {
			is.columns.lon[0], is.streets[0].name = 9, "its own memory"
		}
	}
}

func TestAnyTableComesBackEqual(t *testing.T) {
	dir := t.TempDir()
	type row struct {
		A uint8
		B []int16
		C map[int32]string
		D *[]float32
		E [2]*string
		F struct{ G, H complex128 }
	}
	rapid.Check(t, func(t *rapid.T) {
		was := rapid.SliceOf(rapid.Custom(func(t *rapid.T) row {
			r := row{A: rapid.Uint8().Draw(t, "a"), B: rapid.SliceOf(rapid.Int16()).Draw(t, "b"), C: rapid.MapOf(rapid.Int32(), rapid.String()).Draw(t, "c")}
			if some := rapid.SliceOf(rapid.Float32()).Draw(t, "d"); len(some) > 0 {
				r.D = &some
			}
			if s := rapid.String().Draw(t, "e"); s != "" {
				r.E = [2]*string{&s, &s}
			}
			r.F.H = complex(rapid.Float64().Draw(t, "h"), 1)
			return r
		})).Draw(t, "rows")
		path := filepath.Join(dir, "kept")
		var read, opened []row
		if err := errors.Join(Write(path, &was), Read(path, &read)); err != nil {
			t.Fatal(err)
		}
		m, err := Open(path, &opened)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(was, read) || !reflect.DeepEqual(was, opened) {
			t.Fatalf("%v is read as %v, opened as %v", was, read, opened)
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// Numbers of several blocks, at the borders of blocks too.
func TestColumnsOfManyBlocks(t *testing.T) {
	for _, n := range []int{blockSize/8 - 2, blockSize / 8, 3*blockSize/8 + 1} {
		was := struct {
			odd    byte
			values []float64
			after  string
		}{odd: 1, after: "end"}
		for i := range n {
			was.values = append(was.values, math.Sqrt(float64(i)))
		}
		is := was
		path := keep(t, &was)
		if err := Read(path, &is); err != nil || !reflect.DeepEqual(was, is) {
			t.Errorf("%d numbers: %v", n, err)
		}
		m, err := Open(path, &is)
		if err != nil || !reflect.DeepEqual(was, is) {
			t.Fatalf("%d numbers: %v", n, err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatCannotBeKeptIsNamed(t *testing.T) {
	type ring struct{ next *ring }
	long := &ring{}
	for range deepest + 1 {
		long = &ring{long}
	}
	for _, c := range []struct {
		write func(path string) error
		want  string
	}{
		{func(p string) error { return Write(p, &struct{ hear func() }{}) }, ".hear is a func()"},
		{func(p string) error { return Write(p, &struct{ to []chan int }{}) }, ".to[] is a chan int"},
		{func(p string) error { return Write(p, &struct{ a struct{ mu sync.Mutex } }{}) }, ".a.mu is a sync.Mutex"},
		{func(p string) error { return Write(p, &struct{ fault error }{os.ErrClosed}) }, ".fault holds a *errors.errorString"},
		{func(p string) error { return Write(p, &struct{ at uintptr }{}) }, ".at is a uintptr"},
		{func(p string) error { return Write(p, long) }, "steps into itself"},
		{func(p string) error { return Write(filepath.Join(p, "there", "is", "none"), someTown()) }, "no such file"},
	} {
		dir := t.TempDir()
		if err := c.write(filepath.Join(dir, "kept")); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is %v, want one with %q", err, c.want)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: a file is left: %v %v", c.want, left, err)
		}
	}
}

func TestAFileOfAnotherIsRefused(t *testing.T) {
	type before struct{ ID, Lead int32 }
	type renamed struct{ ID, First int32 }
	type wider struct {
		ID   int32
		Lead int64
	}
	path := keep(t, &[]before{{1, 2}})
	var a []renamed
	var b []wider
	for _, err := range []error{Read(path, &a), Read(path, &b)} {
		if !errors.Is(err, ErrOther) || !strings.Contains(err.Error(), remedy) {
			t.Errorf("another layout: %v", err)
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	head, err := readHeader(file)
	if err != nil {
		t.Fatal(err)
	}
	head.program[0]++
	content, _ := head.encode()
	if _, err := file.WriteAt(content, 0); err != nil {
		t.Fatal(err)
	}
	var same []before
	if err := Read(path, &same); !errors.Is(err, ErrOther) {
		t.Errorf("another program: %v", err)
	}
}

func TestEveryDamageIsFound(t *testing.T) {
	path := keep(t, someTown())
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	written, _ := (&header{}).encode()
	for at := 0; at < len(whole); at += 1 + at/50 {
		if at >= len(written) && at < headerSize {
			continue // nothing stands there
		}
		damaged := slices.Clone(whole)
		damaged[at] ^= 0x10
		var is town
		if err := readBytes(t, path, damaged, &is); err == nil {
			t.Errorf("byte %d is another, and nobody says so", at)
		}
		if err := readBytes(t, path, whole[:at], &is); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut at %d: %v", at, err)
		}
	}
	if err := readBytes(t, path, append(slices.Clone(whole), 0), new(town)); !errors.Is(err, ErrDamaged) {
		t.Errorf("a byte too many: %v", err)
	}
}

func readBytes(t testing.TB, path string, content []byte, v *town) error {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return Read(path, v)
}

// FuzzDamagedBody reads what a file could hold if its checksums fitted: it never panics, and takes no more memory than the file could mean.
func FuzzDamagedBody(f *testing.F) {
	path := keep(f, someTown())
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	body := whole[headerSize : len(whole)-4]
	f.Add(body, uint16(0), byte(0))
	f.Add(body[:1000], uint16(11), byte(0xff))
	f.Add(bytes.Repeat([]byte{0xff}, 64), uint16(3), byte(2))
	l, err := layoutOf(reflect.TypeFor[town]())
	if err != nil {
		f.Fatal(err)
	}
	who, err := program()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, at uint16, with byte) {
		if int(at) < len(body) {
			body = slices.Clone(body)
			body[at] = with
		}
		file, err := os.Create(filepath.Join(t.TempDir(), "kept"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		out := newBlocksOut(file)
		if err := errors.Join(out.write(body), out.finish(header{shape: l.shape, program: who})); err != nil {
			t.Fatal(err)
		}
		var read, opened town
		readErr := Read(file.Name(), &read)
		m, openErr := Open(file.Name(), &opened)
		if (readErr == nil) != (openErr == nil) {
			t.Errorf("read: %v, opened: %v", readErr, openErr)
		}
		if openErr == nil {
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func BenchmarkColumns(b *testing.B) {
	var v struct{ lon, lat []float64 }
	v.lon, v.lat = make([]float64, 1<<22), make([]float64, 1<<22)
	path := filepath.Join(b.TempDir(), "kept")
	for _, c := range []struct {
		name string
		run  func() error
	}{
		{"write", func() error { return Write(path, &v) }},
		{"read", func() error { return Read(path, &v) }},
		{"open", func() error {
			m, err := Open(path, &v)
			return errors.Join(err, m.Close())
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(1 << 26)
			for b.Loop() {
				if err := c.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
