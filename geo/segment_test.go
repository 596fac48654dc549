package geo

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func TestLocate(t *testing.T) {
	const (
		east    = "0 0, 100 0"
		corner  = "0 0, 100 0, 100 100"             // turns left
		hairpin = "0 0, 100 0, 0 1"                 // turns left, almost back
		ring    = "0 0, 100 0, 100 100, 0 100, 0 0" // anticlockwise
	)
	for _, c := range []struct {
		name, line string
		p          orb.Point
		along, off float64
		side       Side
		atEnd      bool
	}{
		{"left of a street east", east, orb.Point{30, 12}, 30, 12, SideLeft, false},
		{"right of a street east", east, orb.Point{30, -12}, 30, 12, SideRight, false},
		{"on it", east, orb.Point{30, 0}, 30, 0, SideOn, false},
		{"within the centimetre to which addresses are rounded", east, orb.Point{30, 0.006}, 30, 0.006, SideOn, false},
		{"two centimetres off", east, orb.Point{30, -0.02}, 30, 0.02, SideRight, false},
		{"before its start", east, orb.Point{-30, 40}, 0, 50, SideLeft, true},
		{"after its end", east, orb.Point{130, -40}, 100, 50, SideRight, true},
		{"after its end, straight on", east, orb.Point{130, 0}, 100, 30, SideOn, true},
		{"abreast of its end", east, orb.Point{100, 5}, 100, 5, SideLeft, true},

		{"inside a bend to the left", corner, orb.Point{90, 20}, 120, 10, SideLeft, false},
		{"as near to both edges inside it: the first counts", corner, orb.Point{90, 10}, 90, 10, SideLeft, false},
		{"outside the bend, off the corner", corner, orb.Point{103, -4}, 100, 5, SideRight, false},
		{"outside a hairpin, left of its first edge", hairpin, orb.Point{103, 4}, 100, 5, SideRight, false},
		{"outside a hairpin, right of its first edge", hairpin, orb.Point{103, -4}, 100, 5, SideRight, false},

		{"outside a ring, off the corner where it starts", ring, orb.Point{-3, -4}, 0, 5, SideRight, false},
		{"inside a ring, near its start", ring, orb.Point{1, 2}, 398, 1, SideLeft, false},

		{"a line of one vertex", "10 10", orb.Point{13, 14}, 0, 5, SideOn, true},
		{"a line that begins with the same vertex twice", "0 0, 0 0, 100 0", orb.Point{30, 12}, 30, 12, SideLeft, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := Location{c.along, c.off, c.side, c.atEnd}
			if got := Locate(lineOf(t, c.line), c.p); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestLocateWithoutALineOrAPoint(t *testing.T) {
	east := orb.LineString{{0, 0}, {100, 0}}
	for name, got := range map[string]Location{
		"no line":               Locate(nil, orb.Point{}),
		"not a number":          Locate(east, orb.Point{math.NaN(), 0}),
		"infinite":              Locate(east, orb.Point{0, math.Inf(-1)}),
		"beyond any map":        Locate(east, orb.Point{0, 2e12}),
		"a vertex not a number": Locate(orb.LineString{{0, 0}, {math.NaN(), 0}, {5, 5}}, orb.Point{}),
	} {
		if want := (Location{OffM: math.Inf(1)}); got != want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestLocateIsNoFurtherThanAnyPointOfTheLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := drawLines(t)
		p := drawNearby(t)
		for _, line := range lines {
			at := Locate(line, p)
			if length := LineLength(line); at.AlongM < 0 || at.AlongM > length*(1+1e-12) {
				t.Fatalf("along %v of %v", at.AlongM, length)
			}
			for i := 1; i < len(line); i++ {
				for k := range 11 {
					part := float64(k) / 10
					x, y := line[i-1][0]*(1-part)+line[i][0]*part, line[i-1][1]*(1-part)+line[i][1]*part
					if d := math.Hypot(p[0]-x, p[1]-y); d < at.OffM*(1-1e-12)-1e-9 {
						t.Fatalf("%v is %v from %v, %v; Locate says %v", p, d, x, y, at)
					}
				}
			}
		}
	})
}

func TestTurnIsExact(t *testing.T) {
	// c lies on the line from a to b, then one rounding step above and below it: the plain determinant cannot tell.
	a, b, c := orb.Point{652000.5, 6862000.5}, orb.Point{652000.5 + 3e5, 6862000.5 + 3e5}, orb.Point{652000.5 + 1e5, 6862000.5 + 1e5}
	above, below := c, c
	above[1], below[1] = math.Nextafter(c[1], math.Inf(1)), math.Nextafter(c[1], math.Inf(-1))
	if on, left, right := turn(a, b, c), turn(a, b, above), turn(a, b, below); on != 0 || left != 1 || right != -1 {
		t.Errorf("on %d, above %d, below %d", on, left, right)
	}
	rapid.Check(t, func(t *rapid.T) {
		coordinate := rapid.OneOf(rapid.Float64Range(-3, 3), rapid.Map(rapid.IntRange(-3, 3), func(i int) float64 { return 6862000.5 + float64(i)*0.1 }))
		point := func(name string) orb.Point { return orb.Point{coordinate.Draw(t, name), coordinate.Draw(t, name)} }
		a, b, c := point("a"), point("b"), point("c")
		want := ratOf(b).minus(ratOf(a)).cross(ratOf(c).minus(ratOf(a))).Sign()
		if got := turn(a, b, c); got != want {
			t.Fatalf("turn(%v, %v, %v) = %d, want %d", a, b, c, got, want)
		}
	})
}
