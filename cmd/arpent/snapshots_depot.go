package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/depot"
)

// pushWait is for how long servers may make a snapshot ready before it is current: they look each second, fetch it and read it into memory.
const pushWait = 15 * time.Second

func (p *program) pushSnapshotCommand() *cobra.Command {
	var stay bool
	wait := pushWait
	c := &cobra.Command{
		Use:   "push URL [ID]",
		Short: "Put a snapshot on object storage, from where servers on other machines fetch it",
		Long: `Puts a snapshot of the workspace, the current one unless an id is given, on object storage, and makes it current there. The servers that were
started with --snapshots URL fetch it and go over to it, all within a second or two: it is named to them as the next one when it is there, and
as the current one when --wait has passed. Give --wait as long as the slowest of them takes to fetch and open it. What is there already is not
sent again, so that going back to an older snapshot takes no longer than --wait.

URL is file:///DIR, a folder, or s3://BUCKET?region=REGION&prefix=PLACE/; S3 of another maker is told by endpoint and use_path_style.
Credentials are taken from the environment, as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
		Example: `  arpent snapshots push file:///srv/depot
  arpent snapshots push 's3://snapshots?region=eu-west-3&prefix=paris/'
  arpent snapshots push 's3://snapshots?region=eu-west-3&prefix=paris/' 0123456789abcdef --wait 2m
  arpent snapshots push 's3://snapshots?prefix=paris/&region=any&endpoint=https://minio.example.org&use_path_style=true' --no-switch`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return fmt.Errorf("%s takes the URL of object storage, and perhaps the id of a snapshot: `arpent snapshots` lists them", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if wait < 0 {
				return errors.New("--wait is 0 or more, as 15s")
			}
			id := ""
			if len(args) == 2 {
				id = args[1]
			}
			return p.pushSnapshot(c, args[0], id, stay, wait)
		},
	}
	c.Flags().BoolVar(&stay, "no-switch", false, "leave the current one there: servers make this one ready, and the next push of it makes it current")
	c.Flags().DurationVar(&wait, "wait", wait, "how long servers have to make the snapshot ready before it is current")
	return c
}

func (p *program) pushSnapshot(c *cobra.Command, url, id string, stay bool, wait time.Duration) error {
	ctx := c.Context()
	snapshot, err := p.snapshotOf(id)
	if err != nil {
		return err
	}
	id = snapshot.Manifest.ID
	to, err := depot.Create(ctx, url)
	if err != nil {
		return err
	}
	defer to.Close()
	bars := newProgress(p.stderr)
	if err := to.Push(ctx, snapshot, func(done, total int64) { bars.Hear("push", done, total) }); err != nil {
		bars.Stop()
		return err
	}
	bars.Done()
	before, err := to.Names(ctx)
	if err != nil {
		p.note(sentence(err)) // both are written now
	}
	if before.Next != id || before.Current != id {
		if err := to.SetNext(ctx, id); err != nil {
			return err
		}
	}
	switch {
	case stay:
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s is in %s, and servers make it ready; `arpent snapshots push` without --no-switch makes it current\n", id, to.URL())
		return err
	case before.Current == id:
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s is in %s, and was the current snapshot there\n", id, to.URL())
		return err
	}
	if before.Current != "" && wait > 0 { // no server waits for a first one
		p.note(fmt.Sprintf("servers make %s ready: it is current in %v (Ctrl-C leaves the one before)", id, wait))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
	if err := to.SetCurrent(ctx, id); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s is the current snapshot in %s\n", id, to.URL())
	return err
}

// snapshotOf opens a snapshot of the workspace, the current one where id is "".
func (p *program) snapshotOf(id string) (*engine.Snapshot, error) {
	if id == "" {
		return p.space().OpenCurrent()
	}
	list, err := p.space().List()
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		if l.ID == id {
			return l.Snapshot, l.Problem
		}
	}
	return nil, fmt.Errorf("there is no snapshot %s in %s: `arpent snapshots` lists them", id, p.workspace)
}

func (p *program) fetchSnapshotCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "fetch URL",
		Short: "Bring the current snapshot of object storage into the workspace",
		Long: `Brings the snapshot that is current on object storage into the workspace, unless it is there, and makes it the current one. Each file is compared
with the manifest; what breaks off goes on where it stopped with the next run. A server with --snapshots URL needs no such command.

URL is as of "arpent snapshots push".`,
		Example: `  arpent snapshots fetch file:///srv/depot
  arpent snapshots fetch 's3://snapshots?region=eu-west-3&prefix=paris/' --workspace ./paris`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%s takes the URL of object storage, as file:///srv/depot", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return p.fetchSnapshot(c, args[0]) },
	}
}

func (p *program) fetchSnapshot(c *cobra.Command, url string) error {
	ctx := c.Context()
	from, err := depot.Open(ctx, url)
	if err != nil {
		return err
	}
	defer from.Close()
	id, err := currentOf(ctx, from)
	if err != nil {
		return err
	}
	bars := newProgress(p.stderr)
	if err := from.Fetch(ctx, p.space(), id, func(done, total int64) { bars.Hear("fetch", done, total) }); err != nil {
		bars.Stop()
		return err
	}
	bars.Done()
	release, err := p.space().Hold()
	if err != nil {
		return err
	}
	defer release()
	if err := p.space().Switch(id); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s is the current snapshot\n", id)
	return err
}

// currentOf gives the id that is current in a depot.
func currentOf(ctx context.Context, d *depot.Depot) (string, error) {
	names, err := d.Names(ctx)
	if err == nil && names.Current == "" {
		err = noCurrent(d)
	}
	return names.Current, err
}

func noCurrent(d *depot.Depot) error {
	return fmt.Errorf("no snapshot is current in %s: `arpent snapshots push URL` puts one there, or the URL is of another place", d.URL())
}
