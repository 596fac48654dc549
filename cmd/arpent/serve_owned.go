package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/jobs"
)

// owned is what the server that holds a workspace has beside its snapshots. A replica has none of it.
type owned struct {
	registry *access.Registry
	returns  *servedField
	queue    *jobs.Queue
	key      string
	release  func()
}

// own holds the field of the workspace, so that a second server ends before it has read anything.
func (p *program) own(ctx context.Context, o serveOptions) (*owned, error) {
	if o.snapshots != "" { // what is built elsewhere may be all that is served here
		if err := os.MkdirAll(p.workspace, 0o755); err != nil {
			return nil, fmt.Errorf("serve: make the workspace: %w", err)
		}
	}
	release, err := p.holdFieldToServe(ctx)
	if err != nil {
		return nil, err
	}
	registry, err := access.Open(p.space().StateDir())
	if err != nil {
		release()
		return nil, err
	}
	key, _ := access.NewSecret()
	return &owned{registry: registry, key: key, release: release}, nil
}

// open opens the field log and goes on with jobs, on the snapshot that is served.
func (w *owned) open(ctx context.Context, p *program, o serveOptions, served *served, log *slog.Logger) (err error) {
	if w.returns, err = p.openServedField(context.WithoutCancel(ctx), w.registry, served.city.Load, log); err != nil {
		return err
	}
	w.queue, err = p.openJobs(o.jobs, served, log)
	return err
}

// configure has the API answer from it.
func (w *owned) configure(c *api.Config) {
	c.Access, c.Administration, c.ServerKey, c.Field, c.View, c.Jobs = w.registry, w.registry, w.key, w.returns, w.returns.View, w.queue
}

// close is for after the last answer.
func (w *owned) close() (err error) {
	if w.queue != nil {
		w.queue.Close() // what runs goes on at the next start
	}
	if w.returns != nil {
		err = w.returns.close()
	}
	w.release()
	return err
}
