// Package world is the city that tiles are measured with: a function of its number of segments, as a snapshot for Arpent and as rows for
// peers.
package world

import (
	"iter"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// World is a city of so many street segments, the same for the same number: crooked blocks of 64 m around the middle of Paris, 70,000
// segments on 144 km2, and more ground for more segments. A segment has 3.9 positions on average and shares its name with six others; one
// precinct has about 30 of them. A city is a function of its places, so that one of two million needs no memory.
type World struct {
	segments int
	columns  int // crossings from west to east
	stride   int // from one place to that of the next id: ids say nothing of where a segment is
	blocks   int // precincts from west to east
}

// Segment is a segment with the five attributes that peers are asked for: name, value, low, high, n. Value, low, high and n are
// of the first choice, and absent (NaN, -1) unless the state is published.
type Segment struct {
	ID               int64
	Name             string
	Line             orb.LineString
	Value, Low, High float64
	N                int64
	State            engine.State
	votes            [len(Choices)]int64
	place            int
}

// Choices are those of the one contest.
var Choices = [3]string{"moulins", "jardins", engine.Abstention}

// Contest is the one that there is.
const Contest = "vote"

const (
	division    = "2026"
	blockMetres = 64.14 // a crossing has two segments
	middleLon   = 2.3522
	middleLat   = 48.8566
	metresOfLat = 111_195.0
)

var metresOfLon = metresOfLat * math.Cos(middleLat*math.Pi/180)

// New is the city of so many segments.
func New(segments int) World {
	w := World{segments: segments, columns: int(math.Ceil(math.Sqrt(float64(segments) / 2))), stride: 1_000_003}
	for greatestDivisor(w.stride, segments) > 1 {
		w.stride++
	}
	w.blocks = max(1, int(math.Round(float64(w.columns)/math.Sqrt(15))))
	return w
}

func greatestDivisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// noise is a number from 0 to 1, always the same for the same two.
func noise(what, which int) float64 {
	x := uint64(what)*0x9e3779b97f4a7c15 + uint64(which)*0xbf58476d1ce4e5b9 + 1
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return float64((x^x>>31)>>11) / (1 << 53)
}

// What noise is asked of.
const (
	noiseOfEast = iota
	noiseOfNorth
	noiseOfBends
	noiseOfBend
	noiseOfID
	noiseOfVoters
	noiseOfState
	noiseOfShare
	noiseOfBorder
)

// at is the position so many blocks east and north of the corner.
func (w World) at(east, north float64) orb.Point {
	half := float64(w.columns) / 2
	return orb.Point{middleLon + (east-half)*blockMetres/metresOfLon, middleLat + (north-half)*blockMetres/metresOfLat}
}

// crossing is where streets meet, in blocks.
func (w World) crossing(column, row int) (east, north float64) {
	which := row*(w.columns+1) + column
	return float64(column) + 0.5*(noise(noiseOfEast, which)-0.5), float64(row) + 0.5*(noise(noiseOfNorth, which)-0.5)
}

// line is the segment of a place: of an even one from a crossing to the east, of an odd one to the north.
func (w World) line(place int) orb.LineString {
	column, row := place/2%w.columns, place/2/w.columns
	ax, ay := w.crossing(column, row)
	bx, by := w.crossing(column+1-place%2, row+place%2)
	bends := 0
	for _, more := range []float64{0.75, 0.55, 0.35, 0.2, 0.08} {
		if noise(noiseOfBends, place) < more {
			bends++
		}
	}
	sway := 0.15 * (noise(noiseOfBend, place) - 0.5)
	line := orb.LineString{w.at(ax, ay)}
	for i := 1; i <= bends; i++ {
		t := float64(i) / float64(bends+1)
		off := sway*math.Sin(math.Pi*t) + 0.02*(noise(noiseOfBend+100*i, place)-0.5)
		line = append(line, w.at(ax+t*(bx-ax)-off*(by-ay), ay+t*(by-ay)+off*(bx-ax)))
	}
	return append(line, w.at(bx, by))
}

// segment is the one with the i-th id.
func (w World) segment(i int) Segment {
	place := int(uint64(i) * uint64(w.stride) % uint64(w.segments))
	gap := int64(1<<53) / int64(w.segments+1)
	column, row := place/2%w.columns, place/2/w.columns
	street := row*w.columns + column/7
	if place%2 == 1 {
		street = -(column*w.columns + row/7) - 1
	}
	s := Segment{
		ID: int64(i)*gap + 1 + int64(noise(noiseOfID, i)*float64(gap-1)), Name: streetName(street), Line: w.line(place), place: place,
		State: engine.Published, N: 5 + int64(noise(noiseOfVoters, place)*50),
	}
	share, turnout := 0.2+0.6*noise(noiseOfShare, place), 0.4+0.4*noise(noiseOfShare+100, place)
	s.votes[0] = int64(share * turnout * float64(s.N))
	s.votes[1] = int64((1 - share) * turnout * float64(s.N))
	s.votes[2] = s.N - s.votes[0] - s.votes[1]
	s.Value = (float64(s.votes[0]) + noise(noiseOfShare+200, place) - 0.5) / float64(s.N)
	s.Value = max(0, s.Value)
	s.Low, s.High = 0.8*s.Value, 1.2*s.Value
	switch chance := noise(noiseOfState, place); {
	case chance < 0.05:
		s.State = engine.Suppressed
	case chance < 0.08:
		s.State = engine.Empty
	}
	if s.State != engine.Published {
		s.Value, s.Low, s.High, s.N = math.NaN(), math.NaN(), math.NaN(), -1
	}
	return s
}

func streetName(number int) string {
	kinds := [...]string{"Rue", "Avenue", "Boulevard", "Place", "Allée", "Impasse"}
	trees := [...]string{"des Tilleuls", "du Moulin", "de la Fontaine", "des Acacias", "du Général Leclerc", "Victor Hugo", "de l’Église", "du Château"}
	if number < 0 {
		number = -2 * number
	} else {
		number = 2*number + 1
	}
	return kinds[number%len(kinds)] + " " + trees[number/len(kinds)%len(trees)] + " " + strconv.Itoa(number/len(kinds)/len(trees))
}

// All gives the segments in the order of their ids, as rows for any peer.
func (w World) All() iter.Seq[Segment] {
	return func(yield func(Segment) bool) {
		for i := range w.segments {
			if !yield(w.segment(i)) {
				return
			}
		}
	}
}

// Segments is how many there are.
func (w World) Segments() int { return w.segments }

// Metres are the lines of the segments in the order of their places, in metres from the middle of the city.
func (w World) Metres() []orb.LineString {
	lines := make([]orb.LineString, w.segments)
	for place := range lines {
		line := w.line(place)
		for i, at := range line {
			line[i] = orb.Point{(at[0] - middleLon) * metresOfLon, (at[1] - middleLat) * metresOfLat}
		}
		lines[place] = line
	}
	return lines
}

// Bound is the ground of the city.
func (w World) Bound() orb.Bound {
	return orb.Bound{Min: w.at(-0.25, -0.25), Max: w.at(float64(w.columns)+0.25, float64(w.columns)+0.25)}
}

// precinct is the one that a place is in.
func (w World) precinct(place int) int {
	column, row := place/2%w.columns, place/2/w.columns
	return row*w.blocks/(w.columns+1)*w.blocks + column*w.blocks/w.columns
}

// area is the outline of a precinct. Two that are neighbours have the same positions on the border between them.
func (w World) area(precinct int) orb.MultiPolygon {
	side := float64(w.columns+1) / float64(w.blocks)
	column, row := precinct%w.blocks, precinct/w.blocks
	const bends = 6
	border := func(fromColumn, fromRow int, east bool) (line []orb.Point) {
		for i := range bends {
			t := float64(i) / bends
			sway := 0.0
			if i > 0 {
				which := 2*(fromRow*(w.blocks+1)+fromColumn) + 1
				if east {
					which--
				}
				sway = 0.3 * (noise(noiseOfBorder+100*i, which) - 0.5)
			}
			x, y := float64(fromColumn)*side, float64(fromRow)*side
			if east {
				line = append(line, w.at(x+t*side, y+sway))
			} else {
				line = append(line, w.at(x+sway, y+t*side))
			}
		}
		return line
	}
	backwards := func(line []orb.Point, end orb.Point) []orb.Point {
		line = append(line[1:], end)
		slices.Reverse(line)
		return line
	}
	corner := func(column, row int) orb.Point { return w.at(float64(column)*side, float64(row)*side) }
	ring := orb.Ring(border(column, row, true))
	ring = append(ring, border(column+1, row, false)...)
	ring = append(ring, backwards(border(column, row+1, true), corner(column+1, row+1))...)
	ring = append(ring, backwards(border(column, row, false), corner(column, row+1))...)
	return orb.MultiPolygon{{append(ring, ring[0])}}
}
