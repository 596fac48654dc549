package mvt

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestSpecificationTile writes the example of section 4.4 of the specification, byte by byte.
func TestSpecificationTile(t *testing.T) {
	var e Encoder
	l := e.Layer("points", 4096, []string{"hello", "h", "count"})
	l.SetString(0, "world")
	l.SetString(1, "world")
	l.SetFloat(2, 1.23)
	drawPoints(l, 1, []int32{1205, 1540})
	l.SetString(0, "again")
	l.SetInt(2, 2)
	drawPoints(l, 2, []int32{1205, 1540})

	want := "\x1a\x67" + // tile: layer of 103 bytes
		"\x0a\x06points" +
		"\x12\x13" + "\x08\x01" + "\x12\x06\x00\x00\x01\x00\x02\x01" + "\x18\x01" + "\x22\x05\x09\xea\x12\x88\x18" +
		"\x12\x11" + "\x08\x02" + "\x12\x04\x00\x02\x02\x03" + "\x18\x01" + "\x22\x05\x09\xea\x12\x88\x18" +
		"\x1a\x05hello" + "\x1a\x01h" + "\x1a\x05count" +
		"\x22\x07\x0a\x05world" +
		"\x22\x09\x19\xae\x47\xe1\x7a\x14\xae\xf3\x3f" +
		"\x22\x07\x0a\x05again" +
		"\x22\x02\x20\x02" +
		"\x28\x80\x20" + "\x78\x02"
	if got := string(e.Bytes()); got != want {
		t.Errorf("\n%x, want\n%x", got, want)
	}
}

// The examples of section 4.3.5 of the specification.
func TestSpecificationGeometries(t *testing.T) {
	for _, test := range []struct {
		name  string
		write func(*Layer)
		want  []uint32
	}{
		{"4.3.5.1 point",
			func(l *Layer) { drawPoints(l, 1, []int32{25, 17}) },
			[]uint32{9, 50, 34}},
		{"4.3.5.2 multi point",
			func(l *Layer) { drawPoints(l, 1, []int32{5, 7, 3, 2}) },
			[]uint32{17, 10, 14, 3, 9}},
		{"4.3.5.3 linestring",
			func(l *Layer) { drawLines(l, 1, []int32{2, 2, 2, 10, 10, 10}, nil) },
			[]uint32{9, 4, 4, 18, 0, 16, 16, 0}},
		{"4.3.5.4 multi linestring",
			func(l *Layer) { drawLines(l, 1, []int32{2, 2, 2, 10, 10, 10, 1, 1, 3, 5}, []int{6, 10}) },
			[]uint32{9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8}},
		{"4.3.5.5 polygon",
			func(l *Layer) { drawPolygons(l, 1, []int32{3, 6, 8, 12, 20, 34}, nil) },
			[]uint32{9, 6, 12, 18, 10, 12, 24, 44, 15}},
		{"4.3.5.6 multi polygon",
			func(l *Layer) {
				drawPolygons(l, 1, []int32{
					0, 0, 10, 0, 10, 10, 0, 10,
					11, 11, 20, 11, 20, 20, 11, 20,
					13, 13, 13, 17, 17, 17, 17, 13,
				}, []Ring{{End: 8}, {End: 16}, {End: 24, Hole: true}})
			},
			[]uint32{
				9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15,
				9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15,
				9, 4, 13, 26, 0, 8, 8, 0, 0, 7, 15,
			}},
	} {
		if got := one(t, test.write).commands; !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// one writes a layer and reads the one feature in it.
func one(t *testing.T, write func(*Layer)) readFeature {
	t.Helper()
	features := all(t, write)
	if len(features) != 1 {
		t.Fatalf("%d features, want 1", len(features))
	}
	return features[0]
}

func all(t *testing.T, write func(*Layer)) []readFeature {
	t.Helper()
	var e Encoder
	write(e.Layer("layer", 4096, []string{"a", "b"}))
	layers, err := readTile(e.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(layers) == 0 {
		return nil
	}
	return layers[0].features
}

func TestRingsRunAsTheSpecificationWants(t *testing.T) {
	clockwise := []int32{0, 0, 10, 0, 10, 10, 0, 10} // as seen with y to the south
	anticlockwise := []int32{0, 0, 0, 10, 10, 10, 10, 0}
	holeA := []int32{3, 3, 6, 3, 6, 6, 3, 6}
	holeB := []int32{3, 3, 3, 6, 6, 6, 6, 3}
	closed := func(ring []int32) []int32 { return append(slices.Clone(ring), ring[0], ring[1]) }
	stuttering := func(ring []int32) (twice []int32) {
		for i := 0; i < len(ring); i += 2 {
			twice = append(twice, ring[i], ring[i+1], ring[i], ring[i+1])
		}
		return twice
	}
	for _, outer := range [][]int32{clockwise, anticlockwise} {
		for _, hole := range [][]int32{holeA, holeB} {
			for name, change := range map[string]func([]int32) []int32{
				"open": slices.Clone[[]int32], "closed": closed, "stuttering": stuttering,
				"stuttering and closed": func(r []int32) []int32 { return closed(stuttering(r)) },
			} {
				a, b := change(outer), change(hole)
				f := one(t, func(l *Layer) {
					drawPolygons(l, 1, append(a, b...), []Ring{{End: len(a)}, {End: len(a) + len(b), Hole: true}})
				})
				if len(f.parts) != 2 || len(f.parts[0]) != 4 || len(f.parts[1]) != 4 {
					t.Errorf("%s %v %v: %v", name, outer, hole, f.parts)
				} else if surveyorsArea(f.parts[0]) != 200 || surveyorsArea(f.parts[1]) != -18 {
					t.Errorf("%s %v %v: areas %v, %v", name, outer, hole, surveyorsArea(f.parts[0]), surveyorsArea(f.parts[1]))
				}
			}
		}
	}
}

func TestNoFeatureIsLost(t *testing.T) {
	smallest := [][2]int64{{7, 8}, {8, 8}}
	square := [][2]int64{{7, 8}, {8, 8}, {8, 9}, {7, 9}}
	for _, test := range []struct {
		name  string
		write func(*Layer)
		want  [][][2]int64
	}{
		{"a line that is a point", func(l *Layer) { drawLines(l, 1, []int32{7, 8, 7, 8}, nil) }, [][][2]int64{smallest}},
		{"a line with one point", func(l *Layer) { drawLines(l, 1, []int32{7, 8}, nil) }, [][][2]int64{smallest}},
		{"lines that are all points", func(l *Layer) { drawLines(l, 1, []int32{7, 8, 7, 8, 9, 9, 9, 9}, []int{4, 8}) }, [][][2]int64{smallest}},
		{"one of two lines is a point", func(l *Layer) { drawLines(l, 1, []int32{7, 8, 7, 8, 9, 9, 9, 5}, []int{4, 8}) },
			[][][2]int64{{{9, 9}, {9, 5}}}},
		{"a polygon that is a point", func(l *Layer) { drawPolygons(l, 1, []int32{7, 8, 7, 8, 7, 8, 7, 8}, nil) }, [][][2]int64{square}},
		{"a polygon that is a line", func(l *Layer) { drawPolygons(l, 1, []int32{7, 8, 9, 10, 11, 12}, nil) }, [][][2]int64{square}},
		{"a polygon that is a point, with a hole", func(l *Layer) {
			drawPolygons(l, 1, []int32{7, 8, 7, 8, 0, 0, 3, 0, 0, 3}, []Ring{{End: 4}, {End: 10, Hole: true}})
		}, [][][2]int64{square}},
		{"a hole that is a point", func(l *Layer) {
			drawPolygons(l, 1, []int32{0, 0, 9, 0, 0, 9, 1, 1, 1, 1}, []Ring{{End: 6}, {End: 10, Hole: true}})
		}, [][][2]int64{{{0, 0}, {9, 0}, {0, 9}}}},
		{"one of two polygons is a point", func(l *Layer) {
			drawPolygons(l, 1, []int32{7, 8, 7, 8, 0, 0, 3, 0, 0, 3}, []Ring{{End: 4}, {End: 10}})
		}, [][][2]int64{{{0, 0}, {3, 0}, {0, 3}}}},
		{"at the limit of coordinates", func(l *Layer) { drawLines(l, 1, []int32{math.MaxInt32, math.MinInt32}, nil) },
			[][][2]int64{{{1 << 28, -1 << 28}, {1<<28 + 1, -1 << 28}}}},
	} {
		if got := one(t, test.write).parts; !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestWithoutAPointNothingIsWritten(t *testing.T) {
	features := all(t, func(l *Layer) {
		l.SetString(0, "forgotten")
		drawPoints(l, 1, nil)
		l.SetString(0, "forgotten")
		drawLines(l, 2, nil, nil)
		drawLines(l, 3, nil, []int{})
		drawPolygons(l, 4, []int32{1}, nil) // half a point
		l.SetInt(1, 5)
		drawPoints(l, 6, []int32{1, 2})
	})
	if len(features) != 1 || !reflect.DeepEqual(features[0].attributes, map[string]any{"b": int64(5)}) {
		t.Errorf("%+v", features)
	}
	var e Encoder
	e.Layer("empty", 4096, []string{"a"})
	e.Layer("empty too", 4096, nil)
	if got := e.Bytes(); len(got) != 0 {
		t.Errorf("a tile without a feature is %x", got)
	}
}

func TestValues(t *testing.T) {
	for _, test := range []struct {
		set  func(*Layer)
		want any // nil: absent
	}{
		{func(l *Layer) {}, nil},
		{func(l *Layer) { l.SetInt(0, 0) }, int64(0)},
		{func(l *Layer) { l.SetInt(0, -1) }, int64(-1)},
		{func(l *Layer) { l.SetInt(0, math.MaxInt64) }, int64(math.MaxInt64)},
		{func(l *Layer) { l.SetInt(0, math.MinInt64) }, int64(math.MinInt64)},
		{func(l *Layer) { l.SetFloat(0, 0.5) }, 0.5},
		{func(l *Layer) { l.SetFloat(0, 0.1) }, 0.1},
		{func(l *Layer) { l.SetFloat(0, math.MaxFloat64) }, math.MaxFloat64},
		{func(l *Layer) { l.SetFloat(0, math.NaN()) }, nil},
		{func(l *Layer) { l.SetFloat(0, math.Inf(-1)) }, nil},
		{func(l *Layer) { l.SetFloat(0, 1); l.SetFloat(0, math.NaN()) }, nil}, // the last call counts
		{func(l *Layer) { l.SetString(0, "") }, ""},
		{func(l *Layer) { l.SetString(0, "Rue de l’Abbé-de-l’Épée") }, "Rue de l’Abbé-de-l’Épée"},
		{func(l *Layer) { l.SetString(0, strings.Repeat("long ", 1000)) }, strings.Repeat("long ", 1000)},
		{func(l *Layer) { l.SetBool(0, true) }, true},
		{func(l *Layer) { l.SetBool(0, false) }, false},
		{func(l *Layer) { l.SetInt(0, 7); l.SetString(0, "seven") }, "seven"},
	} {
		f := one(t, func(l *Layer) {
			test.set(l)
			drawPoints(l, 1, []int32{0, 0})
		})
		if got := f.attributes["a"]; got != test.want || len(f.attributes) > 1 {
			t.Errorf("%v, want %v", f.attributes, test.want)
		}
	}
}

func TestIDs(t *testing.T) {
	for id, want := range map[uint64]uint64{0: 0, 1: 1, MaxID: MaxID, MaxID + 1: 0, math.MaxUint64: 0} {
		if got := one(t, func(l *Layer) { drawPoints(l, id, []int32{0, 0}) }).id; got != want {
			t.Errorf("id %d is written as %d, want %d", id, got, want)
		}
	}
}

func TestLayersAndResets(t *testing.T) {
	write := func(e *Encoder) []byte {
		e.Reset()
		streets := e.Layer("streets", 4096, []string{"name"})
		streets.SetString(0, "Rue de Rivoli")
		drawLines(streets, 1, []int32{0, 0, 5, 5}, nil)
		e.Layer("empty", 4096, []string{"name"})
		cells := e.Layer("cells", 512, []string{"name", "n"})
		cells.SetInt(1, 12)
		drawPolygons(cells, 2, []int32{0, 0, 5, 0, 0, 5}, nil)
		return e.Bytes()
	}
	var e, fresh Encoder
	first := slices.Clone(write(&e))
	crowd(&e, 10_000) // grows everything and leaves its marks
	if again := write(&e); !bytes.Equal(again, first) || !bytes.Equal(write(&fresh), first) {
		t.Error("the same calls give other bytes")
	}
	if again := e.Bytes(); !bytes.Equal(again, first) {
		t.Error("Bytes called twice gives other bytes")
	}
	layers, err := readTile(first)
	if err != nil {
		t.Fatal(err)
	}
	if len(layers) != 2 || layers[0].name != "streets" || layers[1].name != "cells" || layers[1].extent != 512 {
		t.Errorf("%+v", layers)
	}
	want := map[string]any{"n": int64(12)}
	if got := layers[1].features[0].attributes; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestLinesAreReadBackWithoutTheirRepeatedPoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		coordinate := rapid.Int32Range(-3, 3)
		if rapid.Bool().Draw(t, "large") {
			coordinate = rapid.Int32Range(-maxCoordinate, maxCoordinate)
		}
		var coords []int32
		var ends []int
		var want [][][2]int64
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			var line [][2]int64
			for range rapid.IntRange(1, 6).Draw(t, "points") {
				x, y := coordinate.Draw(t, "x"), coordinate.Draw(t, "y")
				coords = append(coords, x, y)
				line = append(line, [2]int64{int64(x), int64(y)})
			}
			ends = append(ends, len(coords))
			if line = slices.Compact(line); len(line) > 1 {
				want = append(want, line)
			}
		}
		if want == nil {
			x, y := int64(coords[0]), int64(coords[1])
			want = [][][2]int64{{{x, y}, {x + 1, y}}}
		}
		var e Encoder
		drawLines(e.Layer("lines", 4096, nil), 9, coords, ends)
		layers, err := readTile(e.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if got := layers[0].features[0].parts; !reflect.DeepEqual(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

// Varints are those of encoding/binary.
func TestVarints(t *testing.T) {
	same := func(t interface{ Errorf(string, ...any) }, v uint64) {
		before := []byte{7, 9}
		if got, want := appendUvarint(before, v), binary.AppendUvarint(before, v); !bytes.Equal(got, want) || varintSize(v) != len(want)-2 {
			t.Errorf("%d is % x of %d bytes, want % x", v, got, varintSize(v), want)
		}
	}
	for bit := range 64 {
		for v := uint64(1)<<bit - 2; v != uint64(1)<<bit+2; v++ {
			same(t, v)
		}
	}
	rapid.Check(t, func(t *rapid.T) { same(t, rapid.Uint64().Draw(t, "v")) })
}
