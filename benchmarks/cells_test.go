package benchmarks

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
	"github.com/paulmach/orb"
	h3 "github.com/uber/h3-go/v4"
)

// BenchmarkCells gives addresses their cells, and those the parents that units are of: geo's, on one core and on all, beside a plain loop over h3-go.
func BenchmarkCells(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	positions := make([]orb.Point, 1<<17)
	for i := range positions {
		positions[i] = orb.Point{-4 + 11*r.Float64(), 43 + 7*r.Float64()}
	}
	cells, theirs := make([]geo.Cell, len(positions)), make([]geo.Cell, len(positions))
	place := func(first, end int) {
		for i, at := range positions[first:end] {
			cell, err := geo.CellAt(at.Lon(), at.Lat(), engine.AddressResolution)
			if err != nil {
				b.Error(err)
			}
			cells[first+i] = cell
		}
	}
	b.Run("at/h3-go", func(b *testing.B) {
		perCPUSecond(b, len(positions), func() {
			for i, at := range positions {
				cell, err := h3.LatLngToCell(h3.LatLng{Lat: at.Lat(), Lng: at.Lon()}, engine.AddressResolution)
				if err != nil {
					b.Error(err)
				}
				theirs[i] = geo.Cell(cell)
			}
		})
	})
	b.Run("at/geo", func(b *testing.B) {
		perCPUSecond(b, len(positions), func() { place(0, len(positions)) })
	})
	b.Run("at/geo-on-all-cores", func(b *testing.B) {
		perCPUSecond(b, len(positions), func() {
			var work sync.WaitGroup
			each := len(positions) / runtime.GOMAXPROCS(0)
			for first := 0; first < len(positions); first += each {
				work.Go(func() { place(first, min(first+each, len(positions))) })
			}
			work.Wait()
		})
		b.ReportMetric(float64(b.N*len(positions))/1e6/b.Elapsed().Seconds(), "M/s")
	})
	if theirs[0] != 0 && cells[0] != 0 && !slices.Equal(cells, theirs) {
		b.Error("the cells differ")
	}
	place(0, len(positions))
	parents := make([]geo.Cell, len(cells))
	b.Run("parent/h3-go", func(b *testing.B) {
		perCPUSecond(b, len(cells), func() {
			for i, cell := range cells {
				parent, err := h3.Cell(cell).Parent(9)
				if err != nil {
					b.Error(err)
				}
				parents[i] = geo.Cell(parent)
			}
		})
	})
	b.Run("parent/geo", func(b *testing.B) {
		perCPUSecond(b, len(cells), func() {
			for i, cell := range cells {
				parents[i] = cell.Parent(9)
			}
		})
	})
}
