package benchmarks

import (
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// tileWorld is a city of so many street segments, the same for the same number: crooked blocks of 64 m around the middle of Paris, 70,000
// segments on 144 km2, and more ground for more segments. A segment has 3.9 positions on average and shares its name with six others; one
// precinct has about 30 of them. A city is a function of its places, so that one of two million needs no memory.
type tileWorld struct {
	segments int
	columns  int // crossings from west to east
	stride   int // from one place to that of the next id: ids say nothing of where a segment is
	blocks   int // precincts from west to east
}

// worldSegment is a segment with the five attributes that peers are asked for: name, value, low, high, n. Value, low, high and n are
// of the first choice, and absent (NaN, -1) unless the state is published.
type worldSegment struct {
	ID               int64
	Name             string
	Line             orb.LineString
	Value, Low, High float64
	N                int64
	State            engine.State
	votes            [len(worldChoices)]int64
	place            int
}

// worldChoices are those of the one contest.
var worldChoices = [3]string{"moulins", "jardins", engine.Abstention}

const (
	worldContest  = "vote"
	worldDivision = "2026"
	worldBlockM   = 64.14 // a crossing has two segments
	worldLon      = 2.3522
	worldLat      = 48.8566
	metresOfLat   = 111_195.0
)

var metresOfLon = metresOfLat * math.Cos(worldLat*math.Pi/180)

func newTileWorld(segments int) tileWorld {
	w := tileWorld{segments: segments, columns: int(math.Ceil(math.Sqrt(float64(segments) / 2))), stride: 1_000_003}
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
func (w tileWorld) at(east, north float64) orb.Point {
	half := float64(w.columns) / 2
	return orb.Point{worldLon + (east-half)*worldBlockM/metresOfLon, worldLat + (north-half)*worldBlockM/metresOfLat}
}

// crossing is where streets meet, in blocks.
func (w tileWorld) crossing(column, row int) (east, north float64) {
	which := row*(w.columns+1) + column
	return float64(column) + 0.5*(noise(noiseOfEast, which)-0.5), float64(row) + 0.5*(noise(noiseOfNorth, which)-0.5)
}

// line is the segment of a place: of an even one from a crossing to the east, of an odd one to the north.
func (w tileWorld) line(place int) orb.LineString {
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
func (w tileWorld) segment(i int) worldSegment {
	place := int(uint64(i) * uint64(w.stride) % uint64(w.segments))
	gap := int64(1<<53) / int64(w.segments+1)
	column, row := place/2%w.columns, place/2/w.columns
	street := row*w.columns + column/7
	if place%2 == 1 {
		street = -(column*w.columns + row/7) - 1
	}
	s := worldSegment{
		ID: int64(i)*gap + 1 + int64(noise(noiseOfID, i)*float64(gap-1)), Name: worldStreet(street), Line: w.line(place), place: place,
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

func worldStreet(number int) string {
	kinds := [...]string{"Rue", "Avenue", "Boulevard", "Place", "Allée", "Impasse"}
	trees := [...]string{"des Tilleuls", "du Moulin", "de la Fontaine", "des Acacias", "du Général Leclerc", "Victor Hugo", "de l’Église", "du Château"}
	if number < 0 {
		number = -2 * number
	} else {
		number = 2*number + 1
	}
	return kinds[number%len(kinds)] + " " + trees[number/len(kinds)%len(trees)] + " " + strconv.Itoa(number/len(kinds)/len(trees))
}

// all gives the segments in the order of their ids, as rows for any peer.
func (w tileWorld) all() iter.Seq[worldSegment] {
	return func(yield func(worldSegment) bool) {
		for i := range w.segments {
			if !yield(w.segment(i)) {
				return
			}
		}
	}
}

func (w tileWorld) bound() orb.Bound {
	return orb.Bound{Min: w.at(-0.25, -0.25), Max: w.at(float64(w.columns)+0.25, float64(w.columns)+0.25)}
}

// precinct is the one that a place is in.
func (w tileWorld) precinct(place int) int {
	column, row := place/2%w.columns, place/2/w.columns
	return row*w.blocks/(w.columns+1)*w.blocks + column*w.blocks/w.columns
}

// area is the outline of a precinct. Two that are neighbours have the same positions on the border between them.
func (w tileWorld) area(precinct int) orb.MultiPolygon {
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

// worldSum is what a unit has.
type worldSum struct {
	id     int64
	state  engine.State
	voters int64
	votes  [len(worldChoices)]int64
	shares [len(worldChoices)]float64
}

func (s *worldSum) add(votes [len(worldChoices)]int64) {
	for k, v := range votes {
		s.voters += v
		s.votes[k] += v
	}
}

// write writes the city as the snapshot of a build that published it.
func (w tileWorld) write(b *testing.B) *engine.Snapshot {
	b.Helper()
	dir := b.TempDir()
	fail := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	write := func(table engine.Table, fill func(row func(func(*engine.TableWriter)))) {
		out, err := engine.NewTableWriter(filepath.Join(dir, table.File()), table, memory.NewGoAllocator())
		fail(err)
		fill(func(set func(*engine.TableWriter)) {
			set(out)
			fail(out.EndRow())
		})
		_, err = out.Close()
		fail(err)
	}
	texts := func(out *engine.TableWriter, from int, list ...string) {
		for i, text := range list {
			out.Text(from+i, text)
		}
	}
	whole := &worldSum{id: engine.StableID("commune", "99001"), state: engine.Published}
	precincts := make([]worldSum, w.blocks*w.blocks)
	for i := range precincts {
		precincts[i] = worldSum{id: int64(i + 1), state: engine.Published}
	}
	cells := map[int64]*worldSum{}
	cellOf := make([]int64, w.segments)

	write(engine.Segments, func(row func(func(*engine.TableWriter))) {
		i := 0
		for s := range w.all() {
			row(func(out *engine.TableWriter) {
				out.Int(0, s.ID)
				texts(out, 1, s.Name, "99001")
				out.Float(3, worldBlockM)
				for c := 4; c < 8; c++ {
					out.Null(c)
				}
				out.Int32(8, 12)
				out.Float(9, 20)
				out.Null(10)
				fail(out.Geometry(s.Line))
			})
			if s.State != engine.Empty {
				whole.add(s.votes)
				precincts[w.precinct(s.place)].add(s.votes)
				middle := s.Line[len(s.Line)/2]
				cell, err := geo.CellAt(middle[0], middle[1], engine.FinestResolution)
				fail(err)
				cellOf[i] = int64(cell)
				for r := engine.CoarsestResolution; r <= engine.FinestResolution; r++ {
					id := int64(cell.Parent(r))
					if cells[id] == nil {
						cells[id] = &worldSum{id: id, state: engine.Published}
					}
					cells[id].add(s.votes)
				}
			}
			i++
		}
	})
	for _, table := range []engine.Table{
		engine.Addresses, engine.Placements, engine.CensusAreas, engine.Census, engine.Plan, engine.PlanBefore, engine.Crosswalks, engine.CrosswalkResults,
		engine.Districts, engine.DistrictPrecincts,
	} {
		write(table, func(func(func(*engine.TableWriter))) {})
	}
	write(engine.Precincts, func(row func(func(*engine.TableWriter))) {
		for i, p := range precincts {
			row(func(out *engine.TableWriter) {
				out.Int(0, p.id)
				texts(out, 1, worldDivision, "99001", strconv.Itoa(i+1), fmt.Sprintf("1-%d", i+1), "")
				fail(out.Geometry(w.area(i)))
			})
		}
	})
	write(engine.Communes, func(row func(func(*engine.TableWriter))) {
		row(func(out *engine.TableWriter) { out.Int(0, whole.id); texts(out, 1, "99001", "Carreauville") })
	})
	write(engine.Contests, func(row func(func(*engine.TableWriter))) {
		row(func(out *engine.TableWriter) {
			texts(out, 0, worldContest, "Vote", "2026-03-15")
			out.Int32(3, 1)
			texts(out, 4, worldDivision, engine.BaseRegistered)
		})
	})
	write(engine.Choices, func(row func(func(*engine.TableWriter))) {
		for k, choice := range worldChoices {
			row(func(out *engine.TableWriter) {
				texts(out, 0, worldContest, choice, choice)
				out.Null(3)
				out.Text(4, "#112233")
				out.Int32(5, int32(k))
			})
		}
	})
	write(engine.Results, func(row func(func(*engine.TableWriter))) {
		for _, p := range precincts {
			for k, choice := range worldChoices {
				row(func(out *engine.TableWriter) {
					out.Text(0, worldContest)
					out.Int(1, p.id)
					out.Text(2, choice)
					out.Int(3, p.votes[k])
					out.Null(4)
					out.Bool(5, false)
				})
			}
		}
	})
	write(engine.Atoms, func(row func(func(*engine.TableWriter))) {
		for i := range w.segments {
			s := w.segment(i)
			row(func(out *engine.TableWriter) {
				out.Int(0, int64(i+1))
				out.Text(1, worldDivision)
				out.Int(2, s.ID)
				out.Int(3, precincts[w.precinct(s.place)].id)
				out.Int(4, cellOf[i])
				out.Float(5, 20)
			})
		}
	})
	write(engine.Votes, func(row func(func(*engine.TableWriter))) {
		for i := range w.segments {
			s := w.segment(i)
			for k, choice := range worldChoices {
				row(func(out *engine.TableWriter) {
					out.Text(0, worldContest)
					out.Int(1, int64(i+1))
					out.Text(2, choice)
					out.Int(3, s.votes[k])
				})
			}
		}
	})
	write(engine.Estimates, func(row func(func(*engine.TableWriter))) {
		estimate := func(unit engine.Unit, s *worldSum) {
			for k, choice := range worldChoices {
				row(func(out *engine.TableWriter) {
					out.Text(0, string(unit))
					out.Int(1, s.id)
					texts(out, 2, worldContest, choice)
					out.Int(4, s.voters)
					out.Int(5, s.votes[k])
					for c, factor := range []float64{1, 0.8, 0.9, 1.1, 1.2} {
						out.Float(6+c, s.shares[k]*factor)
					}
					reason := ""
					if s.state == engine.Suppressed {
						reason = string(engine.ReasonK)
					}
					texts(out, 11, string(s.state), reason)
					for c := 13; c < 17; c++ {
						out.Int(c, s.voters)
					}
					out.Bool(17, false)
				})
			}
		}
		sum := func(unit engine.Unit, s *worldSum) {
			for k := range s.shares {
				s.shares[k] = float64(s.votes[k]) / float64(max(1, s.voters))
			}
			estimate(unit, s)
		}
		ids := make([]int64, 0, len(cells))
		for id := range cells {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for _, id := range ids {
			sum(engine.UnitCell, cells[id])
		}
		sum(engine.UnitCommune, whole)
		for i := range precincts {
			sum(engine.UnitPrecinct, &precincts[i])
		}
		for s := range w.all() {
			of := worldSum{id: s.ID, state: s.State}
			of.add(s.votes)
			for k := range of.shares {
				of.shares[k] = max(0, (float64(s.votes[k])+noise(noiseOfShare+200+100*k, s.place)-0.5)/float64(of.voters))
			}
			estimate(engine.UnitSegment, &of)
		}
	})
	manifest := engine.NewManifest(&engine.Place{ID: "world", Name: "Carreauville"}, engine.DefaultParameters())
	manifest.ID = "2000000000000000"
	for name, value := range map[string]any{engine.ManifestFile: manifest, engine.ReportFile: engine.Report{}} {
		content, err := json.Marshal(value)
		fail(err)
		fail(os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
	snapshot, err := engine.OpenSnapshot(dir)
	fail(err)
	return snapshot
}
