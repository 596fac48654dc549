package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The plot, in pixels.
const (
	panelWidth  = 330.0
	panelHeight = 460.0
	leftOfPanel = 62.0 // labels of the values
	labelWidth  = 70.0 // names of the curves that end at the right of the panel
	topOfPanel  = 38.0
	plotHeight  = topOfPanel + panelHeight + 46
	betweenText = 14.0 // lines of labels
)

// palette is told apart on white and on black, by most who see fewer colours too.
var palette = []string{"#2f7fc1", "#d9792b", "#2a9d6f", "#c64f78", "#8f6fd0", "#9a8427", "#1fa3b8", "#7d7d7d", "#b5533c", "#5c8f2e"}

// drawPanels draws two panels side by side as SVG, both axes logarithmic. It has colours for light and for dark pages.
func drawPanels(panels ...panel) string {
	var out strings.Builder
	each := leftOfPanel + panelWidth + labelWidth
	width := each * float64(len(panels))
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" font-family="sans-serif" font-size="12">
<style>
  svg { --paper: #ffffff; --ink: #222222; --faint: #dddddd; --guide: #999999 }
  @media (prefers-color-scheme: dark) { svg { --paper: #0d1117; --ink: #e0e0e0; --faint: #333a44; --guide: #777777 } }
  text { fill: var(--ink) } .grid { stroke: var(--faint) } .guide { stroke: var(--guide); stroke-dasharray: 2 4 } .paper { fill: var(--paper) }
  .curve { fill: none; stroke-width: 2 }
</style>
<rect class="paper" width="100%%" height="100%%"/>
`, width, plotHeight, width, plotHeight)
	colours := map[string]string{} // of a curve, the same in both panels
	for i, p := range panels {
		for _, c := range p.curves {
			if colours[c.name] == "" {
				colours[c.name] = palette[len(colours)%len(palette)]
			}
		}
		p.draw(&out, float64(i)*each+leftOfPanel, colours)
	}
	out.WriteString("</svg>\n")
	return out.String()
}

// A scale maps a logarithmic range to pixels.
type scale struct{ low, high, from, to float64 }

func (s scale) at(value float64) float64 {
	return s.from + (math.Log10(value)-s.low)/(s.high-s.low)*(s.to-s.from)
}

// decades are the powers of ten within.
func (s scale) decades() (all []int) {
	for d := int(math.Ceil(s.low)); float64(d) <= s.high; d++ {
		all = append(all, d)
	}
	return all
}

// draw draws a panel whose left side is at a number of pixels.
func (p panel) draw(out *strings.Builder, left float64, colours map[string]string) {
	x, y := p.scales(left)
	fmt.Fprintf(out, `<text x="%.1f" y="22" font-weight="bold">%s</text><text x="%.1f" y="22" text-anchor="end">dotted: slope 1</text>`+"\n",
		left, p.title, left+panelWidth)
	for _, d := range x.decades() {
		at := x.at(math.Pow10(d))
		fmt.Fprintf(out, `<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/><text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`+"\n",
			at, y.to, at, y.from, at, y.from+18, powerOfTen(d))
	}
	fmt.Fprintf(out, `<text x="%.1f" y="%.1f" text-anchor="middle">segments</text>`+"\n", left+panelWidth/2, y.from+36)
	for _, d := range y.decades() {
		at := y.at(math.Pow10(d))
		fmt.Fprintf(out, `<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/><text x="%.1f" y="%.1f" text-anchor="end">%s</text>`+"\n",
			x.from, at, x.to, at, left-8, at+4, powerOfTen(d))
	}
	p.drawGuides(out, x, y)
	for _, c := range p.curves {
		var path, dots strings.Builder
		for i, at := range c.points {
			fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], x.at(at.segments), y.at(at.value))
			fmt.Fprintf(&dots, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`, x.at(at.segments), y.at(at.value), colours[c.name])
		}
		fmt.Fprintf(out, `<path class="curve" stroke="%s" d="%s"/>%s`+"\n", colours[c.name], path.String(), dots.String())
	}
	p.drawNames(out, x, y, colours)
}

// scales leave a little room around the points.
func (p panel) scales(left float64) (x, y scale) {
	x = scale{math.Inf(1), math.Inf(-1), left, left + panelWidth}
	y = scale{math.Inf(1), math.Inf(-1), topOfPanel + panelHeight, topOfPanel}
	for _, c := range p.curves {
		for _, at := range c.points {
			x.low, x.high = min(x.low, math.Log10(at.segments)-0.2), max(x.high, math.Log10(at.segments)+0.2)
			y.low, y.high = min(y.low, math.Log10(at.value)-0.2), max(y.high, math.Log10(at.value)+0.2)
		}
	}
	return x, y
}

// drawGuides draws lines of slope 1, one for each decade that they begin at, or for every second.
func (p panel) drawGuides(out *strings.Builder, x, y scale) {
	step := 1.0
	if y.high-y.low > 6 {
		step = 2
	}
	for d := math.Floor(y.low - (x.high - x.low)); d < y.high; d += step {
		// The line is log value = d + log segments - x.low, cut at the frame.
		from, to := max(x.low, x.low+y.low-d), min(x.high, x.low+y.high-d)
		if from >= to {
			continue
		}
		at := func(lx float64) (float64, float64) {
			return x.at(math.Pow(10, lx)), y.at(math.Pow(10, d+lx-x.low))
		}
		x1, y1 := at(from)
		x2, y2 := at(to)
		fmt.Fprintf(out, `<line class="guide" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n", x1, y1, x2, y2)
	}
}

// drawNames writes the name of each curve at its end, below that of the curve before where they would meet.
func (p panel) drawNames(out *strings.Builder, x, y scale, colours map[string]string) {
	type label struct {
		name string
		x, y float64
	}
	var labels []label
	for _, c := range p.curves {
		last := c.points[len(c.points)-1]
		labels = append(labels, label{c.name, x.at(last.segments) + 8, y.at(last.value)})
	}
	slices.SortStableFunc(labels, func(a, b label) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) })
	for i, l := range labels {
		if i > 0 && labels[i-1].x == l.x {
			l.y = max(l.y, labels[i-1].y+betweenText)
			labels[i] = l
		}
		fmt.Fprintf(out, `<rect x="%.1f" y="%.1f" width="9" height="3" fill="%s"/><text x="%.1f" y="%.1f">%s</text>`+"\n",
			l.x, l.y-1.5, colours[l.name], l.x+13, l.y+4, l.name)
	}
}

// powerOfTen writes a power in words that need no exponent where it is near 1.
func powerOfTen(d int) string {
	switch {
	case d >= -3 && d < 3:
		return strconv.FormatFloat(math.Pow10(d), 'f', -1, 64)
	case d >= 6 && d <= 8:
		return fmt.Sprintf("%.0f M", math.Pow10(d-6))
	case d >= 3:
		return thousands(fmt.Sprintf("%.0f", math.Pow10(d)))
	}
	return fmt.Sprintf(`10<tspan dy="-5" font-size="9">%d</tspan>`, d)
}
