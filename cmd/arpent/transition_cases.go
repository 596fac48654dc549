package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"runtime"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine/estimate"
)

// A transitionCase is a district whose true cross table is known.
type transitionCase struct {
	id       string
	stations estimate.Stations
	truth    []float64 // row by row
}

// A judgedCase is what the estimate of a case is worth.
type judgedCase struct {
	ID         string  `json:"id"`
	ErrorIndex float64 `json:"error_index"` // per cent of the voters in the wrong cell
	Cover90    float64 `json:"cover90"`     // per cent of the cells whose true number is in the 90 % interval
	Seconds    float64 `json:"seconds"`
}

// transitionsOfCases estimates each district of a file on its own, as it would a place, and compares.
func (p *program) transitionsOfCases(c *cobra.Command, path string, asJSON bool) error {
	cases, err := readTransitionCases(path)
	if err != nil {
		return err
	}
	progress := newProgress(p.stderr)
	judged, err := judgeCases(c.Context(), cases, func(done int64) {
		progress.Hear("estimate the districts", done, int64(len(cases)))
	})
	if err != nil {
		progress.Stop()
		return err
	}
	progress.Done()
	if asJSON {
		return encodeJSON(c.OutOrStdout(), judged)
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "district\terror index\tin the 90 % interval\tseconds")
	var mean judgedCase
	for _, j := range judged {
		fmt.Fprintf(w, "%s\t%.2f\t%.0f %%\t%.3f\n", harmless(j.ID), j.ErrorIndex, j.Cover90, j.Seconds)
		mean.ErrorIndex += j.ErrorIndex / float64(len(judged))
		mean.Cover90 += j.Cover90 / float64(len(judged))
		mean.Seconds += j.Seconds / float64(len(judged))
	}
	fmt.Fprintf(w, "mean of %d districts\t%.2f\t%.1f %%\t%.3f\n", len(judged), mean.ErrorIndex, mean.Cover90, mean.Seconds)
	return w.Flush()
}

func judgeCases(ctx context.Context, cases []transitionCase, hear func(done int64)) ([]judgedCase, error) {
	judged := make([]judgedCase, len(cases))
	var done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, one := range cases {
		group.Go(func() (err error) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if judged[i], err = judgeCase(one); err != nil {
				return fmt.Errorf("district %s: %w", one.id, err)
			}
			hear(done.Add(1))
			return nil
		})
	}
	return judged, group.Wait()
}

func judgeCase(one transitionCase) (judgedCase, error) {
	began := time.Now()
	table, err := estimate.Cross(one.stations)
	if err != nil {
		return judgedCase{}, err
	}
	judged := judgedCase{ID: one.id, Seconds: time.Since(began).Seconds()}
	var voters, off, held float64
	for at, truth := range one.truth {
		voters += truth
		off += math.Abs(truth - table.Votes[at])
		if float64(table.Low90[at]) <= truth && truth <= float64(table.High90[at]) {
			held++
		}
	}
	if voters > 0 {
		judged.ErrorIndex = 50 * off / voters
	}
	judged.Cover90 = 100 * held / float64(len(one.truth))
	return judged, nil
}

// longestCase is the longest line of a file of cases: ten thousand stations with thirty choices fit.
const longestCase = 16 << 20

func readTransitionCases(path string) (cases []transitionCase, err error) {
	file, err := format.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s: check the path after --cases", path)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longestCase)
	number := 0
	for lines.Scan() {
		number++
		if len(lines.Bytes()) == 0 {
			continue
		}
		one, err := decodeTransitionCase(lines.Bytes())
		if err != nil && lines.Err() == nil { // what was read last, before an error, is no whole line
			return nil, fmt.Errorf("%s line %d: %w", path, number, err)
		}
		cases = append(cases, one)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("%s line %d is longer than %d MB: a case is one line of JSON, check that the file is whole", path, number+1, longestCase>>20)
	case err != nil:
		return nil, fmt.Errorf("%s line %d: %w", path, number, err)
	case len(cases) == 0:
		return nil, fmt.Errorf("%s has no case: each line is one district, {\"id\", \"rows\", \"cols\", \"a\", \"b\", \"truth\"}", path)
	}
	return cases, nil
}

// decodeTransitionCase reads one line.
func decodeTransitionCase(line []byte) (one transitionCase, err error) {
	var read struct {
		ID         string
		Rows, Cols []string
		A, B       [][]float64
		Truth      [][]float64
	}
	if err := json.Unmarshal(line, &read); err != nil {
		return one, fmt.Errorf("no case in JSON (%w): a line is {\"id\", \"rows\", \"cols\", \"a\", \"b\", \"truth\"}", err)
	}
	rows, cols := len(read.Rows), len(read.Cols)
	switch {
	case rows == 0 || cols == 0:
		return one, errors.New(`"rows" and "cols" must name the choices of both contests`)
	case len(read.A) == 0 || len(read.A) != len(read.B):
		return one, fmt.Errorf(`"a" has %d stations and "b" %d: both must have the same, one at least`, len(read.A), len(read.B))
	}
	one = transitionCase{id: read.ID, stations: estimate.Stations{Rows: rows, Cols: cols}}
	if one.stations.From, err = stationVotes("a", read.A, rows); err != nil {
		return one, err
	}
	if one.stations.To, err = stationVotes("b", read.B, cols); err != nil {
		return one, err
	}
	for i := range read.A {
		a, b := sumVotes(one.stations.From[i*rows:][:rows]), sumVotes(one.stations.To[i*cols:][:cols])
		if a != b {
			return one, fmt.Errorf(`station %d has %d votes in "a" and %d in "b": leave it out, or bring both to the same number`, i+1, a, b)
		}
	}
	if len(read.Truth) != rows {
		return one, fmt.Errorf(`"truth" has %d rows, "rows" names %d`, len(read.Truth), rows)
	}
	for r, row := range read.Truth {
		if len(row) != cols {
			return one, fmt.Errorf(`row %d of "truth" has %d columns, "cols" names %d`, r+1, len(row), cols)
		}
		for _, v := range row {
			if v < 0 {
				return one, fmt.Errorf(`row %d of "truth" has %v voters: no number below 0 can be true`, r+1, v)
			}
		}
		one.truth = append(one.truth, row...)
	}
	return one, nil
}

// stationVotes checks that each station has a whole number of votes for each choice.
func stationVotes(name string, stations [][]float64, choices int) (votes []int64, err error) {
	for b, station := range stations {
		if len(station) != choices {
			return nil, fmt.Errorf("station %d of %q has %d choices, %d are named", b+1, name, len(station), choices)
		}
		for _, v := range station {
			if v < 0 || v != math.Trunc(v) || v > math.MaxInt32 {
				return nil, fmt.Errorf("station %d of %q has %v votes: votes are whole numbers from 0 on", b+1, name, v)
			}
			votes = append(votes, int64(v))
		}
	}
	return votes, nil
}

func sumVotes(votes []int64) (all int64) {
	for _, v := range votes {
		all += v
	}
	return all
}
