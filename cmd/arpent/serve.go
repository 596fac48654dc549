package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/live"
)

const defaultAddr = "127.0.0.1:8080"

func (p *program) serveCommand() *cobra.Command {
	var addr string
	var jobs jobOptions
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the map and the API of the current snapshot",
		Long: `Serves the map page and the API of the current snapshot until Ctrl-C. It looks for a new current snapshot each second and
goes over to it without a pause. Only this machine can reach it, unless --addr says otherwise. While it runs it holds the
workspace's campaigns, tokens and turfs: the commands that change them go through it.`,
		Example: `  arpent serve
  arpent serve --addr 127.0.0.1:8090`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			listener, err := listen(addr)
			if err != nil {
				return err
			}
			defer listener.Close()
			return p.serve(c, listener, jobs, "")
		},
	}
	c.Flags().StringVar(&addr, "addr", defaultAddr, "address to listen on, as HOST:PORT")
	jobs.add(c)
	return c
}

// Times of a server.
const (
	lookEvery    = time.Second
	shutdownTime = 5 * time.Second // for answers under way
)

// serve answers until the command's context ends; the current snapshot must open. It says where it is, and what can be done next.
func (p *program) serve(c *cobra.Command, listener net.Listener, options jobOptions, next string) (err error) {
	ctx, log := c.Context(), logger(p.stderr)
	release, err := p.holdFieldToServe(ctx)
	if err != nil {
		return err
	}
	defer release()
	registry, err := access.Open(p.space().StateDir())
	if err != nil {
		return err
	}
	served := &served{workspace: p.space(), log: log}
	if err := served.look(ctx); err != nil {
		return err
	}
	returns, err := openServedField(context.WithoutCancel(ctx), p.space(), registry, served.city.Load, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, returns.close()) }() // after the last answer
	queue, err := p.openJobs(options, log)
	if err != nil {
		return err
	}
	defer queue.Close() // what runs goes on at the next start
	key, _ := access.NewSecret()
	withdraw, err := announce(p.space(), listener.Addr(), key)
	if err != nil {
		return err
	}
	defer withdraw()
	stopping := make(chan struct{})
	server := &http.Server{
		Handler: api.New(api.Config{
			Current: served.current, Access: registry, Administration: registry, ServerKey: key, Field: returns, View: returns.View, Jobs: queue, Stopping: stopping,
			Version: builtFrom().version, Log: log,
		}),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	go served.watch(watching)
	go returns.keepUp(watching)

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Fprintf(c.OutOrStdout(), "%s is on %s (Ctrl-C stops)\n%s", served.name(), pageURL(listener.Addr()), next)
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	close(stopping)
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		server.Close() // whoever is still reading has had time
	}
	fmt.Fprintln(c.OutOrStdout(), "stopped")
	return nil
}

func listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use: stop the program that listens there, or choose another port, as --addr 127.0.0.1:8090", addr)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s (%w): give an address of this machine, as --addr 127.0.0.1:8090", addr, err)
	}
	return listener, nil
}

// pageURL gives what to type into a browser on this machine.
func pageURL(a net.Addr) string {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return "http://" + a.String()
	}
	if t.IP.IsLoopback() || t.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d", t.Port)
	}
	return "http://" + t.String()
}

// served is the snapshot that answers. A request takes it once, and keeps it if another takes its place meanwhile.
type served struct {
	workspace engine.Workspace
	log       *slog.Logger
	city      atomic.Pointer[live.City]
}

func (s *served) current() api.City {
	if city := s.city.Load(); city != nil {
		return city
	}
	return nil
}

func (s *served) name() string {
	_, name := s.city.Load().Place()
	return name
}

// watch looks for another current snapshot until ctx ends. One that cannot be opened is logged, once, and the old one stays.
func (s *served) watch(ctx context.Context) {
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	problem := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		err := s.look(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
			problem = ""
		case sentence(err) != problem:
			problem = sentence(err)
			s.log.Error("the snapshot served so far stays", "problem", problem)
		}
	}
}

// look opens the current snapshot if it is another than the one served.
func (s *served) look(ctx context.Context) error {
	id, err := s.workspace.Current()
	if err != nil {
		return err
	}
	if before := s.city.Load(); before != nil && id == before.Snapshot() {
		return nil
	}
	snapshot, err := s.workspace.OpenCurrent()
	if err != nil {
		return err
	}
	// A damaged Parquet file can ask its reader for any amount of memory: it is not opened.
	if problems := snapshot.FileProblems(); len(problems) > 0 {
		return fmt.Errorf("snapshot %s is damaged: %s: build the place again", id, problems[0])
	}
	city, err := live.Open(ctx, snapshot)
	if err != nil {
		return err
	}
	s.city.Store(city)
	s.log.Info("serving", "snapshot", city.Snapshot())
	return nil
}
