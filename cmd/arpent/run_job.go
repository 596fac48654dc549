package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
)

// hereJob is a job that a command does itself, without a server. Its results have the bytes that the server's have.
type hereJob struct {
	kind  func(unitJobs) jobs.Kind
	asked any // its parameters
	// check says what is wrong with them in the snapshot, before anything is written.
	check func(city *live.City) error
	// input writes the input into a path, and may be nil.
	input func(path string) (jobs.Input, error)
	out   string // where the rows go; what else there is goes beside it
}

// runHere does a job about a snapshot, the current one where it is not named. Its files have their names only when all of them are there.
func (p *program) runHere(c *cobra.Command, snapshot string, j hereJob) (done jobs.Outcome, err error) {
	if snapshot == "" {
		if snapshot, err = p.space().Current(); err != nil {
			return done, err
		}
	}
	city, err := openCity(c.Context(), p.space(), snapshot, p.note)
	if err != nil {
		return done, err
	}
	city.KeepDrawings(0) // each tile is made once
	if err := j.check(city); err != nil {
		return done, err
	}
	parameters, err := json.Marshal(j.asked)
	if err != nil {
		return done, fmt.Errorf("parameters: %w", err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(j.out), ".arpent-*") // of mode 0700
	if err != nil {
		return done, fmt.Errorf("there is no room for %s: %w", j.out, err)
	}
	defer os.RemoveAll(dir)
	task := jobs.Task{Snapshot: snapshot, Parameters: parameters}
	input, results := filepath.Join(dir, "input"), filepath.Join(dir, "results")
	if j.input != nil {
		in, err := j.input(input)
		if err != nil {
			return done, err
		}
		task.Input = &in
	}
	if err := os.Mkdir(results, 0o700); err != nil {
		return done, err
	}
	kind := j.kind(unitJobs{func(context.Context, string) (*live.City, error) { return city, nil }})
	task.Kind = kind.Name
	progress := newProgress(p.stderr)
	done, err = jobs.Execute(c.Context(), kind, task, input, results, jobs.DefaultMostBytes, func(p jobs.Progress) { progress.Hear(p.Message, p.Done, p.Total) })
	if err != nil {
		progress.Stop()
		return done, err
	}
	progress.Done()
	return done, placeResults(done, results, j.out)
}

// placeResults gives the files of a job their names: that of the rows is out, the others' begin with it. The rows come last.
func placeResults(done jobs.Outcome, results, out string) error {
	if err := os.Remove(out + "." + jobs.ErrorsFile); err != nil && !errors.Is(err, os.ErrNotExist) { // of another list
		return err
	}
	if done.Rejected > 0 {
		if err := os.Rename(filepath.Join(results, jobs.ErrorsFile), out+"."+jobs.ErrorsFile); err != nil {
			return err
		}
	}
	rows := rowsOf(done)
	for _, r := range done.Results {
		if r.Name != rows.Name {
			if err := os.Rename(filepath.Join(results, r.Name), out+"."+r.Name); err != nil {
				return err
			}
		}
	}
	return os.Rename(filepath.Join(results, rows.Name), out)
}

// rowsOf gives the result of a job that has its rows.
func rowsOf(done jobs.Outcome) (rows jobs.Result) {
	for _, r := range done.Results {
		if r.Name != publicationFile {
			rows = r
		}
	}
	return rows
}

// formatOfFile gives the format that is asked for, else the one that a file's name ends with.
func formatOfFile(asked, file string) (string, error) {
	if asked != "" {
		return asked, nil
	}
	end := strings.TrimPrefix(strings.ToLower(filepath.Ext(file)), ".")
	if _, err := export.FormatByName(end); err != nil {
		return "", fmt.Errorf("say with --format what %s is to be: %s", file, strings.Join(formatNames(), ", "))
	}
	return end, nil
}

func formatNames() (names []string) {
	for _, f := range export.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// addQuestionFlags are those that say which units, and what their values are of.
func addQuestionFlags(c *cobra.Command, q *api.Question, snapshot *string) {
	f := c.Flags()
	f.StringVar(&q.Collection, "collection", "segments", "segments, cells, precincts or communes")
	f.IntVar(&q.Resolution, "resolution", 0, "of cells, 3 to 11 (default 9)")
	addMeasureFlags(f, measureFlags{&q.Contest, &q.Choice, &q.Measure, &q.Against, &q.Since, snapshot})
}

// measureFlags are what values are of, and in which snapshot.
type measureFlags struct{ contest, choice, measure, against, since, snapshot *string }

func addMeasureFlags(f *pflag.FlagSet, to measureFlags) {
	f.StringVar(to.contest, "contest", "", "a contest (default: the first)")
	f.StringVar(to.choice, "choice", "", "a choice of it (default: the leading one)")
	f.StringVar(to.measure, "measure", "", "a measure (default: share)")
	f.StringVar(to.against, "against", "", "the choice that a margin is over")
	f.StringVar(to.since, "since", "", "the contest that a change is counted from")
	f.StringVar(to.snapshot, "snapshot", "", "the snapshot (default: the current one)")
}
