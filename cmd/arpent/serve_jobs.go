package main

import (
	"log/slog"
	"time"

	"github.com/spf13/pflag"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine/jobs"
)

// jobOptions are the flags of serve that are about jobs.
type jobOptions struct {
	hosts []string
	keep  time.Duration
}

func (o *jobOptions) add(f *pflag.FlagSet) {
	f.StringSliceVar(&o.hosts, "webhook-host", o.hosts, "a host that jobs may call back when they have ended, as HOST or HOST:PORT; may be repeated")
	f.DurationVar(&o.keep, "keep-jobs", jobs.DefaultKeep, "how long jobs and their results are kept after their end")
}

// openJobs goes on with the jobs of the workspace, whose field is held.
func (p *program) openJobs(o jobOptions, served *served, log *slog.Logger) (*jobs.Queue, error) {
	hooks, err := api.NewWebhooks(o.hosts)
	if err != nil {
		return nil, err
	}
	return jobs.Open(jobs.Config{Dir: p.space().StateDir(), Kinds: p.jobKinds(unitJobs{served.at}), Now: time.Now, Notifier: hooks, Log: log, Keep: o.keep})
}

// jobKinds lists the kinds of jobs.
func (p *program) jobKinds(units unitJobs) []jobs.Kind {
	return []jobs.Kind{
		{Name: api.KindExport, Run: units.export},
		{Name: api.KindScore, Run: units.score},
		{Name: api.KindTiles, Run: units.tiles},
		{Name: api.KindBacktest, Run: p.runBacktest},
		{Name: api.KindImport, Run: runImport},
	}
}
