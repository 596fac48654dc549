package mvt

import (
	"encoding/binary"
	"testing"
)

// FuzzEncoder writes features from any bytes: every tile must keep the rules, and every feature with a point must be in it.
func FuzzEncoder(f *testing.F) {
	f.Add([]byte("\x02\x01\x04\x00\x00\x00\x00\x05\x00\x05\x00"), false)
	f.Add([]byte("\x03\x02\x03\x00\x00\x09\x00\x09\x09\x02\x01\x01\x02\x02\x01\x02"), false)
	f.Add([]byte("\x03\x01\x04\x00\x00\x00\x00\x05\x00\x05\x00\x05\x05\x05\x05\x00\x00\x00\x00"), true)
	f.Fuzz(func(t *testing.T, data []byte, wide bool) {
		next := func() byte {
			if len(data) == 0 {
				return 0
			}
			b := data[0]
			data = data[1:]
			return b
		}
		coordinate := func() int32 {
			if !wide {
				return int32(int8(next()))
			}
			return int32(binary.LittleEndian.Uint32([]byte{next(), next(), next(), next()}))
		}
		var e Encoder
		l := e.Layer("fuzz", 4096, []string{"a", "b"})
		written := 0
		for len(data) > 0 {
			kind := next()
			switch value := next(); value % 6 {
			case 1:
				l.SetInt(int(value>>3)&1, int64(value)-100)
			case 2:
				l.SetFloat(int(value>>3)&1, float64(value)/7)
			case 3:
				l.SetString(int(value>>3)&1, string(data[:min(len(data), int(value))]))
			case 4:
				l.SetBool(int(value>>3)&1, value&0x40 != 0)
			}
			var coords []int32
			var ends []int
			var rings []Ring
			for parts := next() % 4; parts > 0; parts-- {
				points := next()
				for range points % 16 {
					coords = append(coords, coordinate(), coordinate())
				}
				ends = append(ends, len(coords))
				rings = append(rings, Ring{End: len(coords), Hole: points&0x10 != 0})
			}
			switch kind % 3 {
			case 0:
				drawPoints(l, uint64(kind), coords)
			case 1:
				drawLines(l, uint64(kind), coords, ends)
			case 2:
				drawPolygons(l, uint64(kind), coords, rings)
			}
			if len(coords) > 0 {
				written++
			}
		}
		layers, err := readTile(e.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		read := 0
		for _, layer := range layers {
			read += len(layer.features)
		}
		if read != written {
			t.Fatalf("%d features, want %d", read, written)
		}
	})
}
