package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

func (p *program) simulateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "simulate",
		Short:   "Have invented people do what real ones will",
		Example: "  arpent simulate field ./arpent-data/demo/cities/town-1 --token-file ./arpent-data/demo/cities/town-1/token.txt",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.simulateFieldCommand())
	return c
}

// simulateOptions are the flags of simulate field.
type simulateOptions struct {
	url, tokenFile, outbox string
	canvassers             int
	lasting                time.Duration
	rate                   float64
	seed                   uint64
	verify, anywhere, json bool
}

func (p *program) simulateFieldCommand() *cobra.Command {
	var o simulateOptions
	c := &cobra.Command{
		Use:   "field DIR",
		Short: "Walk an invented city with thousands of canvassers whose phones lose the network",
		Long: `Walks the city in DIR, as "arpent city" or "arpent demo" wrote it, and sends what happens at the doors to a server, as
docs/field-protocol.md describes it. Phones lose their network and come back, do not hear answers, send again, twice and out of order,
correct and withdraw, and some of their clocks are wrong. Every return is on the disk before it is sent, and every acknowledgement
before it is counted.

The token needs the scope field:write, and field:read for --verify. It is read from a file or from ARPENT_TOKEN.

--verify then reads everything from the server and compares: every acknowledged return must be there, every visit must count once,
and the totals must be those of what was sent. It exits 1 where one is not so.`,
		Example: `  arpent simulate field ./arpent-data/demo/cities/town-1 --token-file token.txt
  arpent simulate field ./springfield --token-file token.txt --canvassers 50 --rate 20 --for 1m --verify`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("simulate field takes the folder of a city: arpent simulate field ./springfield")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return p.simulateField(c, args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.url, "url", "http://"+defaultAddr, "the server")
	f.StringVar(&o.tokenFile, "token-file", "", "file with the token (default: the variable ARPENT_TOKEN)")
	f.StringVar(&o.outbox, "outbox", "", "file of what was sent and acknowledged; one that is there is gone on with (default: field-outbox.jsonl in DIR)")
	f.IntVar(&o.canvassers, "canvassers", 2000, "how many walk")
	f.DurationVar(&o.lasting, "for", 10*time.Minute, "how long they walk; what is left is then sent, for two minutes at most")
	f.Float64Var(&o.rate, "rate", 100, "visits a second, of all together")
	f.Uint64Var(&o.seed, "seed", 1, "another number is another walk")
	f.BoolVar(&o.verify, "verify", false, "then compare what the server has with what was sent")
	f.BoolVar(&o.anywhere, "anywhere", false, "also to a server that is not on this machine")
	f.BoolVar(&o.json, "json", false, "the result as JSON")
	return c
}

// Bounds of a simulation.
const (
	mostCanvassers = 20_000
	longestWalk    = 24 * time.Hour
	drainTime      = 2 * time.Minute
	tellEvery      = 10 * time.Second
)

// A simulation is what all canvassers share.
type simulation struct {
	client *fieldClient
	outbox *outbox
	every  time.Duration // between two visits of a canvasser, in the mean
	tally  tally

	firstWait time.Duration // before the second try; doubled with each
}

func (p *program) simulateField(c *cobra.Command, dir string, o simulateOptions) (err error) {
	if o.canvassers < 1 || o.canvassers > mostCanvassers || o.lasting <= 0 || o.lasting > longestWalk || !(o.rate > 0 && o.rate <= 100_000) {
		return fmt.Errorf("simulate field: give 1 to %d --canvassers, up to %v --for, and a --rate above 0", mostCanvassers, longestWalk)
	}
	token, err := tokenFrom(o.tokenFile)
	if err != nil {
		return err
	}
	client, err := newFieldClient(o.url, token, o.canvassers, o.anywhere)
	if err != nil {
		return err
	}
	if o.outbox == "" {
		o.outbox = filepath.Join(dir, "field-outbox.jsonl")
	}
	box, left, err := openOutbox(o.outbox)
	if err != nil {
		return err
	}
	sim := &simulation{client: client, outbox: box, every: time.Duration(float64(o.canvassers) / o.rate * float64(time.Second)), firstWait: time.Second}
	walked := sim.walk(c, dir, o, left)
	if err := errors.Join(walked, box.close()); err != nil {
		return err
	}
	result := sim.tally.total(o.canvassers, time.Since(sim.tally.began))
	if o.verify {
		if result.Verified, err = client.verify(c.Context(), o.outbox); err != nil {
			return err
		}
	}
	if o.json {
		err = encodeJSON(c.OutOrStdout(), result)
	} else {
		_, err = fmt.Fprint(c.OutOrStdout(), result.tell())
	}
	if err == nil && result.Verified != nil {
		err = result.Verified.problem()
	}
	return err
}

// tokenFrom takes a token from a file or the environment, never from the command line, which everybody on the machine can read.
func tokenFrom(file string) (string, error) {
	token := os.Getenv("ARPENT_TOKEN")
	if file != "" {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("token: %w", err)
		}
		token = string(content)
	}
	if token = strings.TrimSpace(token); token == "" {
		return "", errors.New("no token: give --token-file, or ARPENT_TOKEN; `arpent token new` makes one")
	}
	return token, nil
}

// walk has everybody walk, and ends when all is sent, or two minutes after the walk.
func (s *simulation) walk(c *cobra.Command, dir string, o simulateOptions, left []outboxLine) error {
	city, err := openCanvassedCity(c.Context(), dir, o.seed, o.canvassers)
	if err != nil {
		return err
	}
	now := time.Now()
	until := now.Add(o.lasting)
	ctx, cancel := context.WithDeadline(c.Context(), until.Add(drainTime))
	defer cancel()
	s.tally.began, s.tally.until = now, until
	walking, ctx := errgroup.WithContext(ctx)
	for n := range o.canvassers {
		one := newCanvasser(s, n, o.seed, city.walker(), now)
		for i := n; i < len(left); i += o.canvassers {
			one.waiting = append(one.waiting, &left[i])
		}
		walking.Go(func() error { return one.run(ctx, until) })
	}
	s.tally.made.Add(int64(len(left)))
	told := make(chan struct{})
	telling, stop := context.WithCancel(ctx)
	go func() {
		defer close(told)
		s.tellProgress(telling, c, o)
	}()
	err = walking.Wait()
	stop()
	<-told
	if err == nil {
		err = c.Context().Err()
	}
	return err
}

func (s *simulation) tellProgress(ctx context.Context, c *cobra.Command, o simulateOptions) {
	ticks := time.NewTicker(tellEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			fmt.Fprintln(c.ErrOrStderr(), s.tally.total(o.canvassers, time.Since(s.tally.began)))
		}
	}
}
