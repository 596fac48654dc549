package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
)

// Why a row of a list is not answered.
const (
	rowMalformed = "malformed"    // it cannot be read
	rowUnknown   = "unknown_unit" // the snapshot has no unit of this id or code
	rowAmbiguous = "ambiguous"    // several precincts have this code
	rowOutside   = "outside"      // nothing of the place is near the point
)

// scoredBatch is how many rows are written at a time.
const scoredBatch = 8192

// score is the kind of job that gives the numbers of a list of units. Of the list nothing is written but the number of each row.
func (u unitJobs) score(ctx context.Context, run *jobs.Run) error {
	var asked api.ScoreJob
	if err := parametersOf(run, &asked); err != nil {
		return err
	}
	city, err := u.city(ctx, run.Snapshot)
	if err != nil {
		return err
	}
	units, err := asked.Units(city)
	if err != nil {
		return err
	}
	input, err := run.OpenInput()
	if err != nil {
		return err
	}
	defer input.Close()
	s := &scoring{run: run, city: city, units: units, told: city.NewPublication(), schema: scoreSchema(units.Schema())}
	err = run.Write("scores."+units.Format.Name, units.Format.MediaType, func(w io.Writer) (int64, error) {
		if s.out, err = units.Format.Writer(w, s.schema, export.Options{Table: true, Memory: &s.memory}); err != nil {
			return 0, err
		}
		if err := api.EachKeptScoreRow(input, func(row api.KeptScoreRow) error { return s.take(ctx, row) }); err != nil {
			return 0, err
		}
		if err := s.flush(); err != nil {
			return 0, err
		}
		return int64(s.told.Units), s.out.Close()
	})
	if err != nil {
		return err
	}
	return publicationOf(run, city, units.Items, s.told).write(run)
}

// scoreSchema is that of the rows of units, with the number of the input's row before them.
func scoreSchema(units *arrow.Schema) *arrow.Schema {
	metadata := units.Metadata()
	return arrow.NewSchema(slices.Concat([]arrow.Field{{Name: "row", Type: arrow.PrimitiveTypes.Int64}}, units.Fields()), &metadata)
}

// scoring answers the rows of a list.
type scoring struct {
	run    *jobs.Run
	city   *live.City
	units  api.ScoredUnits
	schema *arrow.Schema
	out    export.Writer
	memory engine.Recycler

	row     int64 // of the input, from 1
	numbers []int64
	found   []int // units, as many as numbers
	told    live.Publication
}

// take answers a row, or rejects it.
func (s *scoring) take(ctx context.Context, row api.KeptScoreRow) error {
	s.row++
	unit, code, why, err := s.find(ctx, row)
	if err != nil {
		return err
	}
	if code != "" {
		return s.run.Reject(s.row, code, why)
	}
	s.numbers, s.found = append(s.numbers, s.row), append(s.found, unit)
	s.units.Tell(&s.told, unit)
	if len(s.found) < scoredBatch {
		return nil
	}
	return s.flush()
}

// find gives the unit of a row, or why it has none, in words that have nothing of the row.
func (s *scoring) find(ctx context.Context, row api.KeptScoreRow) (unit int, code, why string, err error) {
	kind := s.units.Unit()
	switch {
	case row.Fault != "":
		return 0, rowMalformed, row.Fault, nil
	case row.ID != "":
		id, err := s.units.ParseID(row.ID)
		if err != nil {
			return 0, rowMalformed, fmt.Sprintf("its id is none of a %s: 15 hexadecimal digits for a cell, a whole number otherwise", kind), nil
		}
		unit, there := s.units.At(id)
		if !there {
			return 0, rowUnknown, fmt.Sprintf("there is no %s of this id in the snapshot", kind), nil
		}
		return unit, "", "", nil
	case row.Code != "":
		return s.findCode(row)
	}
	if err := s.city.LoadPlaces(ctx); errors.Is(err, fs.ErrNotExist) { // it reads them once; the snapshot may be in memory alone
		return 0, "", "", jobs.SnapshotGone(s.city.Snapshot())
	} else if err != nil {
		return 0, "", "", err
	}
	unit, near := s.units.ByPlace(*row.Lon, *row.Lat)
	if !near {
		return 0, rowOutside, "there is no street of the place within 50 metres, or nothing is known of it", nil
	}
	return unit, "", "", nil
}

func (s *scoring) findCode(row api.KeptScoreRow) (unit int, code, why string, err error) {
	if !s.units.HasCodes() {
		return 0, rowMalformed, fmt.Sprintf("a %s has no code: precincts and communes have one", s.units.Unit()), nil
	}
	unit, found := s.units.ByCode(row.Code, row.Commune)
	switch found {
	case 0:
		return 0, rowUnknown, fmt.Sprintf("there is no %s of this code in the snapshot", s.units.Unit()), nil
	case 1:
		return unit, "", "", nil
	}
	return 0, rowAmbiguous, fmt.Sprintf("%d precincts have this code: send the commune of each too", found), nil
}

// flush writes the rows that are answered.
func (s *scoring) flush() error {
	hearRows(s.run, "score", s.row, s.run.Input.Rows)
	if len(s.found) == 0 {
		return nil
	}
	units := s.units.Rows(&s.memory, s.found)
	defer units.Release()
	builder := array.NewInt64Builder(&s.memory)
	defer builder.Release()
	builder.AppendValues(s.numbers, nil)
	numbers := builder.NewArray()
	defer numbers.Release()
	batch := array.NewRecordBatch(s.schema, slices.Concat([]arrow.Array{numbers}, units.Columns()), int64(len(s.found)))
	defer batch.Release()
	s.numbers, s.found = s.numbers[:0], s.found[:0]
	return s.out.Write(batch)
}
