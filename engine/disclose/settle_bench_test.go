package disclose

import "testing"

// city lays a square grid of streets out, blocks to a side: segments of 80 m
// between crossings, cells of 45 m and, above them, of 2, 4, 8 ... times that,
// precincts of 8 x 8 blocks. Households along a segment vary from 0 to 29.
func city(blocks int) Place {
	const side, cell = 80.0, 45.0
	var p Place
	levels := 1
	for cells := int(float64(blocks)*side/cell) + 1; cells > 1; cells = (cells + 1) / 2 {
		levels++
	}
	above := []int32{None}
	wide := 1
	for range levels {
		first := int32(len(p.CellParent))
		here := make([]int32, wide*wide)
		for i := range here {
			here[i] = first + int32(i)
			x, y := i%wide, i/wide
			p.CellParent = append(p.CellParent, above[y/2*((wide+1)/2)+x/2])
		}
		above, wide = here, wide*2
	}
	wide /= 2
	precincts := (blocks + 7) / 8
	p.AreaParent = append(p.AreaParent, None) // the commune
	for range precincts * precincts {
		p.AreaParent = append(p.AreaParent, 0)
	}
	var a Atoms
	random := uint32(1)
	add := func(x, y float64, segment int) {
		random = random*1664525 + 1013904223
		precinct := min(int(y/side/8), precincts-1)*precincts + min(int(x/side/8), precincts-1)
		a.Households = append(a.Households, float64(random>>8%30))
		a.Cell = append(a.Cell, above[int(y/cell)*wide+int(x/cell)])
		a.Area = append(a.Area, int32(1+precinct))
		a.Segment = append(a.Segment, int32(segment))
	}
	for i := range blocks {
		for j := range blocks {
			for _, along := range []float64{10, 40, 70} {
				add(float64(i)*side+along, float64(j)*side+5, p.Segments)
				add(float64(i)*side+5, float64(j)*side+along, p.Segments+1)
			}
			p.Segments += 2
		}
	}
	p.Divisions = []Atoms{a}
	return p
}

func BenchmarkSettle(b *testing.B) {
	p := city(100)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Settle(p, K, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(p.Divisions[0].Households)), "atoms")
}
