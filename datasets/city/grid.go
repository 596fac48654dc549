package city

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/arpent/arpent/geo"
)

// gridSquare is a square of the European grid: its size and its south-west corner, in metres of ETRS89-LAEA. All are positive.
type gridSquare struct{ size, south, west int }

const (
	gridSystem       = 3035 // EPSG
	gridCellM        = 200
	fewestHouseholds = 11 // of a square whose figures may be published
)

// largerSquares are the sizes among which the square is looked for whose means a cell with too few households gets.
var largerSquares = [...]int{1000, 2000, 4000, 8000}

// around is the square of a size in which a smaller one lies.
func (s gridSquare) around(size int) gridSquare {
	return gridSquare{size, s.south / size * size, s.west / size * size}
}

func (s gridSquare) compare(o gridSquare) int {
	return cmp.Or(cmp.Compare(s.south, o.south), cmp.Compare(s.west, o.west))
}

// gridCell is a square of 200 m in which somebody has an address.
type gridCell struct {
	gridSquare
	communes string // codes of those whose addresses it has
	counted  figures
	shared   bool // may have addresses of another commune

	// The smallest larger square with households enough, as far as the commune's addresses tell: what the neighbours have in it
	// is not known when the commune is made. Where even the largest has too few, the figures are those of the whole commune.
	natural      gridSquare
	ofNatural    *figures
	fewAllAround bool // the square kilometre has too few households
}

func (c *gridCell) imputed() bool { return c.counted[men] < fewestHouseholds }

// published gives the figures of a cell and the square they are of. INSEE counts the people of every cell; all else is counted
// where there are 11 households or more, and the mean of the natural square elsewhere. The poor are 80 % of the households at most.
func (c *gridCell) published() (f figures, of gridSquare) {
	f, of = c.counted, c.gridSquare
	if c.imputed() {
		f, of = c.ofNatural.scaledTo(c.counted[ind]), c.natural
	}
	f[menPauv] = min(f[menPauv], 0.8*f[men])
	return f, of
}

// grid counts the people of a commune by cells.
type grid struct {
	territory convex
	system    geo.CRS
	counted   map[gridSquare]*figures
}

func newGrid(territory convex) *grid {
	system, _ := geo.CRSByCode(gridSystem) // it is known
	return &grid{territory, system, map[gridSquare]*figures{}}
}

// at gives the figures of the cell in which an address lies, by its longitude and latitude as published.
func (g *grid) at(p point) *figures {
	lon, lat := geo.Lambert93.Inverse(p.x, p.y)
	x, y := g.system.Project(math.Round(lon*1e6)/1e6, math.Round(lat*1e6)/1e6)
	cell := gridSquare{1, int(y), int(x)}.around(gridCellM)
	f := g.counted[cell]
	if f == nil {
		f = new(figures)
		g.counted[cell] = f
	}
	return f
}

// cells gives the cells from south to north and west to east.
func (g *grid) cells(commune string) []gridCell {
	var whole figures
	larger := map[gridSquare]*figures{}
	cells := make([]gridCell, 0, len(g.counted))
	for _, at := range slices.SortedFunc(maps.Keys(g.counted), gridSquare.compare) { // the order of sums is that of the cells
		counted := g.counted[at]
		cells = append(cells, gridCell{gridSquare: at, communes: commune, counted: *counted, shared: !g.isInside(at)})
		whole.add(counted)
		for _, size := range largerSquares {
			s := at.around(size)
			if larger[s] == nil {
				larger[s] = new(figures)
			}
			larger[s].add(counted)
		}
	}
	for i := range cells {
		c := &cells[i]
		c.ofNatural = &whole
		for _, size := range largerSquares {
			c.natural = c.around(size)
			if f := larger[c.natural]; f[men] >= fewestHouseholds {
				c.ofNatural = f
				break
			}
		}
		c.fewAllAround = larger[c.around(largerSquares[0])][men] < fewestHouseholds
	}
	return cells
}

// isInside tells whether a cell lies in the commune's territory with all its corners, so that no other commune has addresses in it:
// they keep away from the border by more than the edges of the cell, which are not quite straight in Lambert-93.
func (g *grid) isInside(s gridSquare) bool {
	for _, corner := range [4][2]int{{0, 0}, {0, s.size}, {s.size, s.size}, {s.size, 0}} {
		x, y := geo.Lambert93.Forward(g.system.Degrees(float64(s.west+corner[0]), float64(s.south+corner[1])))
		if g.territory.depth(point{x, y}) < 0 {
			return false
		}
	}
	return true
}
