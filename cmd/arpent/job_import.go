package main

import (
	"context"
	"encoding/json"
	"io"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine/field"
	"github.com/arpent/arpent/engine/jobs"
)

// importCounts is import.json.
type importCounts struct {
	Returns     int64            `json:"returns"`
	Kept        int64            `json:"kept"` // those that were there before too
	Quarantined map[string]int64 `json:"quarantined"`
	Erased      int64            `json:"erased"` // they were erased before, and stay so
	Rejected    int64            `json:"rejected"`
}

// runImport is the kind of job that counts what became of returns, which are in the log before it is accepted.
func runImport(_ context.Context, run *jobs.Run) error {
	input, err := run.OpenInput()
	if err != nil {
		return err
	}
	defer input.Close()
	counts := importCounts{Quarantined: map[string]int64{}}
	err = api.EachImportedRow(input, func(row api.ImportedRow) error {
		counts.Returns++
		switch row.Status {
		case field.Kept:
			counts.Kept++
		case field.Quarantined:
			counts.Quarantined[row.Reason]++
		case field.Erased:
			counts.Erased++
		default:
			counts.Rejected++
			code, why := "rejected", row.Detail
			if row.Reason != "" {
				code = row.Reason
			}
			if row.Field != "" {
				why = row.Field + ": " + why
			}
			return run.Reject(counts.Returns, code, why)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return run.Write("import.json", "application/json", func(w io.Writer) (int64, error) {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return counts.Returns, out.Encode(counts)
	})
}
