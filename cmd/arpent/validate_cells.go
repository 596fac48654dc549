package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"text/tabwriter"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/duckdb"
)

// A validatedLevel is how often the intervals of the cells of a resolution hold what came true in a seeded city.
type validatedLevel struct {
	Resolution int      `json:"resolution"`
	Cells      int      `json:"cells"`
	Share      coverage `json:"share"` // of the leading choice, of the registered voters
	Turnout    coverage `json:"turnout"`
	Registered coverage `json:"registered"`
}

// validatedResolutions are those of blocks, of quarters and of small towns: 0.015, 0.1 and 0.7 km2 a cell.
var validatedResolutions = []int{10, 9, 8}

func compareCells(ctx context.Context, db *duckdb.DB, truth, contest, leading string) ([]validatedLevel, error) {
	var levels []validatedLevel
	for _, resolution := range validatedResolutions {
		rows, err := queryTexts(ctx, db, cellQuery(truth, contest, leading, resolution))
		if err != nil {
			return nil, err
		}
		v := validatedLevel{Resolution: resolution, Cells: len(rows)}
		for _, row := range rows {
			var values [15]float64
			for i, text := range row {
				if values[i], err = strconv.ParseFloat(text, 64); err != nil {
					return nil, fmt.Errorf("contest %s, cells of resolution %d: %w", contest, resolution, err)
				}
			}
			for i, c := range []*coverage{&v.Turnout, &v.Share, &v.Registered} {
				c.count(values[i], [4]float64(values[3+4*i:]), len(rows))
			}
		}
		levels = append(levels, v)
	}
	return levels, nil
}

func tellCells(w io.Writer, levels []validatedLevel) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tcells\tshare in 50\tin 90\tturnout in 50\tin 90\tregistered in 50\tin 90\t")
	for _, v := range levels {
		fmt.Fprintf(table, "resolution %d\t%d\t%.1f %%\t%.1f %%\t%.1f %%\t%.1f %%\t%.1f %%\t%.1f %%\t\n", v.Resolution, v.Cells,
			v.Share.Cover50, v.Share.Cover90, v.Turnout.Cover50, v.Turnout.Cover90, v.Registered.Cover50, v.Registered.Cover90)
	}
	return table.Flush()
}

// cellQuery asks for a row for each cell with registered voters: abstention and the leading choice as they came true, the voters, and
// the bounds of each. The cell that contains another has its resolution in bits 52 to 55 and all finer digits, of three bits, set (H3's
// documentation of the index).
func cellQuery(truth, contest, leading string, resolution int) string {
	bounds := ""
	for _, choice := range []string{engine.Abstention, leading} {
		for _, column := range intervalColumns {
			bounds += fmt.Sprintf(", max(CASE WHEN choice = %s THEN %s END)", quoted(choice), column)
		}
	}
	for _, column := range intervalColumns {
		bounds += ", max(registered_" + column + ")"
	}
	return fmt.Sprintf(`WITH truth AS (
  SELECT (cell & ~(15::BIGINT << 52)) | (%[1]d::BIGINT << 52) | ((1::BIGINT << (3 * (15 - %[1]d))) - 1) AS unit_id,
    sum(registered) AS n, sum("%[2]s/%[3]s/votes") AS abstainers, sum("%[2]s/%[4]s/votes") AS own
  FROM read_csv(%[5]s) JOIN addresses USING (address_id) GROUP BY 1)
SELECT any_value(abstainers / n), any_value(own / n), any_value(n)%[6]s
FROM estimates JOIN truth USING (unit_id) WHERE unit = 'cell' AND contest = %[7]s AND n > 0 AND registered > 0 GROUP BY unit_id ORDER BY unit_id`,
		resolution, contest, engine.Abstention, leading, quoted(filepath.ToSlash(truth)), bounds, quoted(contest))
}
