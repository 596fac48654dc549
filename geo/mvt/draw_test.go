package mvt

// drawPoints, drawLines and drawPolygons write a feature whose geometry is used once.
func drawPoints(l *Layer, id uint64, coords []int32) {
	draw(l, id, Point, func(g *Geometries) { g.AddPoints(coords) })
}

func drawLines(l *Layer, id uint64, coords []int32, ends []int) {
	draw(l, id, Line, func(g *Geometries) { g.AddLines(coords, ends) })
}

func drawPolygons(l *Layer, id uint64, coords []int32, rings []Ring) {
	draw(l, id, Polygon, func(g *Geometries) { g.AddPolygons(coords, rings) })
}

var drawn Geometries

func draw(l *Layer, id uint64, kind Kind, add func(*Geometries)) {
	drawn.Reset()
	add(&drawn)
	var geometry []byte
	if drawn.Len() > 0 {
		geometry = drawn.At(0)
	}
	l.Feature(id, kind, geometry)
}
