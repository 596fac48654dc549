package benchmarks

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/arpent/arpent/geo"
	"github.com/paulmach/orb"
)

// streetWorld is towns like Paris, 40 km apart: streets 80 m apart, bent a little, with three edges between two crossings, and addresses up to 30 m
// off the middle of their street, one street after the other.
type streetWorld struct {
	segments  []orb.LineString
	streets   []geo.StreetKey // by segment
	addresses []orb.Point
	named     []geo.StreetKey // by address: that of its street, but for one in thirty
	drawn     []int           // by address: the segment that it was drawn at
}

const (
	townBlocks    = 187 // a side of a town: 70,312 segments
	townBlockM    = 80.0
	townsApartM   = 40e3
	streetLength  = 8       // segments of one name
	streetNames   = 100_000 // that there are
	worldSegments = 2 * townBlocks * (townBlocks + 1)
)

func newStreetWorld(seed uint64, towns, addresses int) *streetWorld {
	w := &streetWorld{}
	r := rand.New(rand.NewPCG(seed, 1))
	names := make([]geo.StreetKey, streetNames)
	for i := range names {
		names[i] = geo.NewStreetKey("", fmt.Sprintf("Rue du Seigneur %d", i))
	}
	// The commonest name is that of 26 streets in ten thousand, as that of the church is in France.
	drawName := rand.NewZipf(r, 1.01, 50, streetNames-1)
	across := int(math.Ceil(math.Sqrt(float64(towns))))
	for town := range towns {
		corner := orb.Point{400e3 + townsApartM*float64(town%across), 6600e3 + townsApartM*float64(town/across)}
		w.addTown(r, corner, func() geo.StreetKey { return names[drawName.Uint64()] })
	}
	each := addresses / len(w.segments)
	for i, line := range w.segments {
		for k := range each {
			along := (float64(k) + r.Float64()) / float64(each) * float64(len(line)-1)
			e := min(int(along), len(line)-2)
			part := along - float64(e)
			a, b := line[e], line[e+1]
			dx, dy := b[0]-a[0], b[1]-a[1]
			off := (2*r.Float64() - 1) * 30 / math.Hypot(dx, dy)
			w.addresses = append(w.addresses, orb.Point{a[0] + part*dx - off*dy, a[1] + part*dy + off*dx})
			name := w.streets[i]
			if r.IntN(30) == 0 {
				name = names[r.IntN(len(names))]
			}
			w.named, w.drawn = append(w.named, name), append(w.drawn, i)
		}
	}
	return w
}

// addTown draws the crossings of a town and the streets between them.
func (w *streetWorld) addTown(r *rand.Rand, corner orb.Point, name func() geo.StreetKey) {
	const n = townBlocks
	crossings := make([]orb.Point, (n+1)*(n+1))
	for i := range crossings {
		x, y := float64(i%(n+1))+0.3*r.Float64(), float64(i/(n+1))+0.3*r.Float64()
		crossings[i] = orb.Point{corner[0] + townBlockM*x, corner[1] + townBlockM*y}
	}
	for _, step := range []struct{ along, across int }{{1, n + 1}, {n + 1, 1}} {
		for street := range n + 1 {
			var key geo.StreetKey
			for k := range n {
				if k%streetLength == 0 {
					key = name()
				}
				from := crossings[street*step.across+k*step.along]
				to := crossings[street*step.across+(k+1)*step.along]
				line := orb.LineString{from}
				for edges, e := 2+r.IntN(3), 1; e < edges; e++ {
					part := float64(e) / float64(edges)
					line = append(line, orb.Point{
						from[0] + part*(to[0]-from[0]) + 4*(r.Float64()-0.5), from[1] + part*(to[1]-from[1]) + 4*(r.Float64()-0.5),
					})
				}
				w.segments, w.streets = append(w.segments, append(line, to)), append(w.streets, key)
			}
		}
	}
}

// eachStreetWorld is a city and a country.
func eachStreetWorld(b *testing.B, run func(b *testing.B, w *streetWorld)) {
	for _, towns := range []int{1, 28} {
		b.Run(fmt.Sprintf("segments=%d", towns*worldSegments), func(b *testing.B) {
			run(b, newStreetWorld(7, towns, 4*towns*worldSegments))
		})
	}
}

// heldMB is how much memory is held more once make has been called, in megabytes.
func heldMB[T any](b *testing.B, make func() T) (T, float64) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	made := make()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return made, (float64(after.HeapAlloc) - float64(before.HeapAlloc)) / 1e6
}

// perCPUSecond measures something that does n things, in millions of them a second of CPU time.
func perCPUSecond(b *testing.B, n int, do func()) {
	before, done := processorTime(b), 0
	for b.Loop() {
		do()
		done += n
	}
	b.ReportMetric(float64(done)/(processorTime(b)-before).Seconds()/1e6, "M/cpu-s")
}

// BenchmarkNearest finds the nearest segment of addresses in the order of their streets and in none, and with it the nearest of their street.
func BenchmarkNearest(b *testing.B) {
	eachStreetWorld(b, func(b *testing.B, w *streetWorld) {
		vertices := 0
		for _, line := range w.segments {
			vertices += len(line)
		}
		index, mb := heldMB(b, func() *geo.Network { return geo.NewNetwork(w.segments) })
		matcher, matcherMB := heldMB(b, func() *geo.Matcher { return geo.NewMatcher(index, w.streets) })
		const some = 1 << 17
		byStreet, anywhere := make([]int, some), rand.New(rand.NewPCG(7, 2)).Perm(len(w.addresses))[:some]
		for i := range byStreet {
			byStreet[i] = len(w.addresses)/2 + i
		}
		b.Run("Build", func(b *testing.B) {
			before := processorTime(b)
			for b.Loop() {
				geo.NewNetwork(w.segments)
			}
			b.ReportMetric((processorTime(b)-before).Seconds()/float64(b.N), "cpu-s")
			b.ReportMetric(mb, "MB")
			b.ReportMetric(float64(vertices), "vertices")
		})
		for _, visit := range []struct {
			name  string
			order []int
		}{{"by-street", byStreet}, {"anywhere", anywhere}} {
			points, named := make([]orb.Point, some), make([]geo.StreetKey, some)
			for i, a := range visit.order {
				points[i], named[i] = w.addresses[a], w.named[a]
			}
			b.Run("Nearest/"+visit.name, func(b *testing.B) {
				perCPUSecond(b, some, func() {
					for _, p := range points {
						index.Nearest(p)
					}
				})
			})
			b.Run("Match/"+visit.name, func(b *testing.B) {
				own := 0
				perCPUSecond(b, some, func() {
					for i, p := range points {
						if matcher.Match(p, 1, named[i]).Segment == w.drawn[visit.order[i]] {
							own++
						}
					}
				})
				b.ReportMetric(float64(own)/float64(b.N*some), "own")
				b.ReportMetric(matcherMB, "MB")
			})
		}
	})
}
