package build

import (
	"fmt"
	"math"

	"github.com/arpent/arpent/engine"
)

// takeCensusAreas keeps the census areas of the place's communes; those that are in none or several communes, and where no
// communes are asked for, those around its addresses and areas.
func (r *reader) takeCensusAreas(in engine.Input, file int32, rows engine.Rows) error {
	lines, codes, names := rows.Ints("line"), rows.Texts("census_area"), rows.Texts("name")
	communes, kinds, shapes := rows.Texts("commune"), rows.Texts("type"), rows.Binary("geometry")
	for i := range rows.Len() {
		at := fileRow{file, lines.Value(i)}
		if oneCommune(communes.Value(i)) && !r.inScope(in, communes.Value(i)) {
			r.passCensusArea(file, at.line, codes.Value(i), passCommune)
			continue
		}
		shape, err := multiPolygon(shapes.Value(i))
		if err != nil {
			return fmt.Errorf("build: %s: %w", r.row(at), err)
		}
		if !r.around.Intersects(shape.Bound()) {
			r.passCensusArea(file, at.line, codes.Value(i), passFar)
			continue
		}
		a := censusArea{
			code: r.texts.keep(codes.Value(i)), name: r.texts.keep(names.Value(i)), commune: r.texts.keep(communes.Value(i)),
			kind: r.texts.keep(kinds.Value(i)), shape: shape,
		}
		if first, ok := r.censusSeen[a.code]; ok {
			return r.twice("census area", a.code, first, at)
		}
		r.censusSeen[a.code] = at
		r.censusAreas = append(r.censusAreas, a)
	}
	r.settleEarlyFigures(false)
	return nil
}

func (r *reader) passCensusArea(file int32, line int64, code, reason string) {
	r.censusPassed[engine.StableID("census area", code)] = true
	r.pass(file, line, reason)
}

// earlyFigure is a figure read before the shape of its area: a file that has both may give them in any order.
type earlyFigure struct {
	area, variable string
	value          float64
	at             fileRow
}

// takeCensus keeps the figures of the census areas that are kept. Where no source has areas, all are kept.
func (r *reader) takeCensus(file int32, rows engine.Rows) error {
	lines, areas, variables, values := rows.Ints("line"), rows.Texts("census_area"), rows.Texts("variable"), rows.Floats("value")
	r.census.grow(r.room(r.census.len(), cap(r.census.value), rows.Len(), r.first.census))
	withAreas := r.files[file].kind == engine.KindCensusAreas
	for i := range rows.Len() {
		at := fileRow{file, lines.Value(i)}
		value := math.NaN()
		if !values.IsNull(i) {
			value = values.Value(i)
		}
		area := areas.Value(i)
		_, kept := r.censusSeen[area]
		switch {
		case kept || !r.hasCensusAreas:
			r.census.add(area, variables.Value(i), value, at)
		case withAreas && !r.censusPassed[engine.StableID("census area", area)]:
			r.early = append(r.early, earlyFigure{r.texts.keep(area), r.texts.keep(variables.Value(i)), value, at})
		default:
			r.passFigure(area, at)
		}
	}
	return nil
}

// passFigure passes a figure whose area is not kept, and counts its row once: a row has many figures, and may have been counted
// with its area. An area that no source has is noted once.
func (r *reader) passFigure(area string, at fileRow) {
	if at != r.lastFigure && r.files[at.file].kind == engine.KindCensus {
		r.lastFigure = at
		r.pass(at.file, at.line, passCensusArea)
	}
	if id := engine.StableID("census area", area); !r.censusPassed[id] {
		r.censusPassed[id] = true
		r.figuresWithoutArea++
	}
}

// settleEarlyFigures keeps or passes the figures whose area is known by now; at the end of all files the others have none.
func (r *reader) settleEarlyFigures(end bool) {
	waiting := r.early[:0]
	for _, f := range r.early {
		_, kept := r.censusSeen[f.area]
		switch {
		case kept:
			r.census.add(f.area, f.variable, f.value, f.at)
		case end || r.censusPassed[engine.StableID("census area", f.area)]:
			r.passFigure(f.area, f.at)
		default:
			waiting = append(waiting, f)
		}
	}
	r.early = waiting
}
