package mvt

import (
	"fmt"
	"reflect"
	"testing"
)

// crowd writes a tile of many lines with five attributes, as streets have them.
func crowd(e *Encoder, features int) []byte {
	e.Reset()
	l := e.Layer("segments", 4096, crowdColumns)
	coords := crowdLine[:]
	for i := range features {
		x, y := int32(i*37%4096), int32(i*91%4096)
		for j := 0; j < len(coords); j += 2 {
			coords[j], coords[j+1] = x+int32(j*5), y+int32(j*j)
		}
		l.SetString(0, crowdNames[i%len(crowdNames)])
		l.SetFloat(1, float64(i%1000)/1000)
		l.SetFloat(2, float64(i%997)/997)
		l.SetInt(3, int64(i%211))
		l.SetBool(4, i%3 == 0)
		drawLines(l, uint64(i+1), coords, nil)
	}
	return e.Bytes()
}

var (
	crowdColumns = []string{"name", "value", "low", "n", "suppressed"}
	crowdNames   = make([]string, 300)
	crowdLine    [8]int32
)

func init() {
	for i := range crowdNames {
		crowdNames[i] = fmt.Sprintf("Rue numéro %d", i)
	}
}

func TestCrowdIsReadBack(t *testing.T) {
	var e Encoder
	layers, err := readTile(crowd(&e, 5000))
	if err != nil {
		t.Fatal(err)
	}
	if len(layers) != 1 || len(layers[0].features) != 5000 {
		t.Fatal("features are missing")
	}
	for i, f := range layers[0].features {
		want := map[string]any{
			"name": crowdNames[i%len(crowdNames)], "value": float64(i%1000) / 1000, "low": float64(i%997) / 997,
			"n": int64(i % 211), "suppressed": i%3 == 0,
		}
		if f.id != uint64(i+1) || !reflect.DeepEqual(f.attributes, want) {
			t.Fatalf("feature %d: %d %v, want %v", i, f.id, f.attributes, want)
		}
	}
	// In the order of first use, each once.
	if v := layers[0].values[:4]; !reflect.DeepEqual(v, []any{crowdNames[0], 0.0, int64(0), true}) {
		t.Errorf("the first values are %v", v)
	}
}

func TestAnEncoderThatHasGrownAllocatesNothing(t *testing.T) {
	var e Encoder
	crowd(&e, 2000)
	if n := testing.AllocsPerRun(10, func() { crowd(&e, 2000) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	ring := []int32{0, 0, 5, 0, 0, 5}
	rings := []Ring{{End: 6}}
	if n := testing.AllocsPerRun(10, func() {
		e.Reset()
		l := e.Layer("cells", 4096, crowdColumns)
		drawPolygons(l, 1, ring, rings)
		drawPolygons(l, 2, ring[:2], nil)
		drawLines(l, 3, ring[:2], nil)
		e.Bytes()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// 1,000 lines with five attributes, as a tile at zoom 14 in a city has them.
func BenchmarkLines(b *testing.B) {
	var e Encoder
	b.SetBytes(int64(len(crowd(&e, 1000))))
	b.ReportAllocs()
	for b.Loop() {
		crowd(&e, 1000)
	}
}

// 1,000 hexagons with three attributes.
func BenchmarkPolygons(b *testing.B) {
	var e Encoder
	columns := []string{"value", "low", "high"}
	hexagon := []int32{0, 0, 20, -10, 40, 0, 40, 25, 20, 35, 0, 25}
	coords := make([]int32, len(hexagon))
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		l := e.Layer("cells", 4096, columns)
		for i := range 1000 {
			for j, v := range hexagon {
				coords[j] = v + int32(i*40%4096)
			}
			share := float64(i%1000) / 1000
			l.SetFloat(0, share)
			l.SetFloat(1, share-0.1)
			l.SetFloat(2, share+0.1)
			drawPolygons(l, uint64(i+1), coords, nil)
		}
		e.Bytes()
	}
}
