package main

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A curve is how much something takes by the number of segments.
type curve struct {
	name   string
	points []point // by segments
}

type point struct{ segments, value float64 }

// A panel is the curves of one quantity.
type panel struct {
	title  string
	units  map[string]float64 // what one of a unit is, in that of the panel
	curves []curve
}

// plotGrowth draws the figures of all benchmarks that report their segments, and gives a table of the exponents.
func plotGrowth(found results, folder, file string) (string, error) {
	time := panel{title: "processor time, s", units: map[string]float64{"cpu-s": 1, "cpu-ms": 1e-3, "cpu-us": 1e-6}}
	memory := panel{title: "memory, MB", units: map[string]float64{"MB": 1}}
	time.collect(found)
	memory.collect(found)
	if len(time.curves) == 0 || len(memory.curves) == 0 {
		return "", fmt.Errorf("%s: no benchmark reports its segments with a time (cpu-s, cpu-ms, cpu-us) and with MB", file)
	}
	if err := os.WriteFile(filepath.Join(folder, file), []byte(drawPanels(time, memory)), 0o644); err != nil {
		return "", err
	}
	return exponents(time, memory), nil
}

// collect makes a curve of the benchmarks whose names have the same last part.
func (p *panel) collect(found results) {
	for _, r := range found.rows {
		segments := r.values["segments"]
		for unit, one := range p.units {
			values := r.values[unit]
			if len(segments) == 0 || len(values) == 0 {
				continue
			}
			name := r.name[strings.LastIndexByte(r.name, '/')+1:]
			at := slices.IndexFunc(p.curves, func(c curve) bool { return c.name == name })
			if at < 0 {
				at = len(p.curves)
				p.curves = append(p.curves, curve{name: name})
			}
			median := figureOf(values).median
			if median > 0 { // a logarithm has nothing else
				p.curves[at].points = append(p.curves[at].points, point{figureOf(segments).median, median * one})
			}
		}
	}
	for _, c := range p.curves {
		slices.SortFunc(c.points, func(a, b point) int { return cmp.Compare(a.segments, b.segments) })
	}
	p.curves = slices.DeleteFunc(p.curves, func(c curve) bool { return len(c.points) < 2 })
}

// exponent is the slope of the line that is nearest to the points in logarithms, by least squares: 1 where twice the segments take twice as
// much, 0 where they take no more.
func exponent(points []point) float64 {
	var x, y, xx, xy float64
	n := float64(len(points))
	for _, p := range points {
		lx, ly := math.Log(p.segments), math.Log(p.value)
		x, y, xx, xy = x+lx, y+ly, xx+lx*lx, xy+lx*ly
	}
	return (n*xy - x*y) / (n*xx - x*x)
}

// exponents gives a table: of each curve the exponent of all its points, and that of its last two.
func exponents(time, memory panel) string {
	var out strings.Builder
	out.WriteString("| exponent | segments | time | last step | memory | last step |\n|---|---|---|---|---|---|\n")
	names := []string{}
	for _, c := range slices.Concat(time.curves, memory.curves) {
		if !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	for _, name := range names {
		segments, cells := "", ""
		for _, p := range []panel{time, memory} {
			at := slices.IndexFunc(p.curves, func(c curve) bool { return c.name == name })
			if at < 0 {
				cells += " | |"
				continue
			}
			points := p.curves[at].points
			last := len(points) - 1
			segments = thousands(fmt.Sprintf("%.0f", points[0].segments)) + " to " + thousands(fmt.Sprintf("%.0f", points[last].segments))
			cells += fmt.Sprintf(" %.2f | %.2f |", exponent(points), exponent(points[last-1:]))
		}
		fmt.Fprintf(&out, "| %s | %s |%s\n", name, segments, cells)
	}
	return out.String()
}
