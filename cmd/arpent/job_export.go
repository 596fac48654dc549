package main

import (
	"context"
	"encoding/json"
	"io"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
)

// export is the kind of job that writes the rows of a question to a file, a batch at a time, with what of them is told beside it.
func (u unitJobs) export(ctx context.Context, run *jobs.Run) error {
	var asked api.Export
	if err := parametersOf(run, &asked); err != nil {
		return err
	}
	city, err := u.city(ctx, run.Snapshot)
	if err != nil {
		return err
	}
	rows, err := asked.Rows(city)
	if err != nil {
		return err
	}
	told := city.NewPublication()
	if !rows.None {
		if told, err = rows.Publication(ctx); err != nil {
			return err
		}
	}
	publication := publicationOf(run, city, rows.Items, told)
	members, err := json.Marshal(map[string]any{"publication": publication})
	if err != nil {
		return err
	}
	memory := new(engine.Recycler)
	err = run.Write("units."+rows.Format.Name, rows.Format.MediaType, func(w io.Writer) (int64, error) {
		out, err := rows.Format.Writer(w, rows.Schema(), export.Options{Memory: memory, Members: func() []byte { return members[1 : len(members)-1] }})
		if err != nil || rows.None {
			return 0, closed(out, err)
		}
		return writeUnits(ctx, run, rows.Items, int64(told.Units), memory, out)
	})
	if err != nil {
		return err
	}
	return publication.write(run)
}

// closed ends a file that has no row.
func closed(out export.Writer, err error) error {
	if err != nil {
		return err
	}
	return out.Close()
}

// writeUnits writes all rows of a question.
func writeUnits(ctx context.Context, run *jobs.Run, items *live.Items, total int64, memory *engine.Recycler, out export.Writer) (done int64, err error) {
	_, err = items.Read(ctx, 0, 0, memory, func(batch arrow.RecordBatch) error {
		if err := out.Write(batch); err != nil {
			return err
		}
		done += batch.NumRows()
		hearRows(run, "write", done, total)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return done, out.Close()
}
