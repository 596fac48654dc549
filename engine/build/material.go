package build

import (
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// material is what the sources gave, before anything is placed.
type material struct {
	files       []sourceFile // in the place file's order
	streets     []street
	addresses   *addresses
	areas       []area
	register    *registerRows
	contests    []contestRows
	censusAreas []censusArea // in code order
	census      *censusFigures
	districts   []*districtRows // by set
	country     string

	figuresWithoutArea int64 // census areas with figures that no source has the shape of
}

type sourceFile struct {
	path   string // where it is
	kind   engine.Kind
	spec   engine.SourceSpec
	report *engine.FileReport
	passed engine.FileReport // rows that are not of the place, until they are added to the report

	crossings bool // streets: lines that cross meet
}

type street struct {
	name    string
	commune string
	lines   []orb.LineString // degrees
	file    int32            // index in material.files
}

type area struct {
	division string
	key      engine.PrecinctKey
	code     string
	name     string
	shape    orb.MultiPolygon // degrees
	electors int64            // as the area's publisher states them; -1 where it does not
}

type censusArea struct {
	code    string
	name    string
	commune string
	kind    string
	shape   orb.MultiPolygon // degrees
}

// contestRows are the rows of one contest as published.
type contestRows struct {
	spec     engine.SourceSpec
	file     int32 // index in material.files
	election string
	date     string
	round    int32
	stations []stationRow // in the file's order
	index    map[engine.PrecinctKey]int
	choices  map[string]choiceRow // by id

	provisional int32              // file of the provisional results among them, or noPlace
	sources     *engine.TwoSources // nil where none is provisional
}

type stationRow struct {
	key        engine.PrecinctKey
	code       string
	line       int64
	registered int64
	voters     int64 // -1 where absent, as the next three
	blank      int64
	null       int64
	blankNull  int64
	votes      []choiceVotes

	provisional bool
}

type choiceVotes struct {
	choice string
	votes  int64
	line   int64
}

type choiceRow struct {
	name   string
	family string
}

// interner keeps one copy of each text: batches are released, and most texts repeat.
type interner map[string]string

func (in interner) keep(s string) string {
	if kept, ok := in[s]; ok {
		return kept
	}
	kept := string(append([]byte(nil), s...))
	in[kept] = kept
	return kept
}
