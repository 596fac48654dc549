package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"

	"github.com/arpent/arpent/api"
)

func (p *program) serveCommand() *cobra.Command {
	o := defaultServing()
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the map and the API of the current snapshot",
		Long: `Serves the map page and the API of the current snapshot until Ctrl-C or SIGTERM. It looks for a new current snapshot each second and
goes over to it without a pause. Only this machine can reach it, unless --addr says otherwise. While it runs it holds the
workspace's campaigns, tokens and turfs: the commands that change them go through it.

With --snapshots it serves what is current on object storage, where "arpent snapshots push" puts it. With --owner too it is a replica: its
workspace is a cache of snapshots, and what has a token, or is about the field, it hands to the server that holds the workspace.

Each flag is also an environment variable: ` + servePrefix + ` and the flag in capitals, as ` + variableOf("addr") + ` or
` + variableOf("log-format") + `; several values are separated by commas. A flag on the command line wins.`,
		Example: `  arpent serve
  arpent serve --addr 127.0.0.1:8090
  arpent serve --addr :443 --tls-cert fullchain.pem --tls-key privkey.pem --metrics-addr 127.0.0.1:9090
  arpent serve --workspace cache --snapshots 's3://snapshots?region=eu-west-3&prefix=paris/' --owner https://owner.example.org`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := setFromEnvironment(c.Flags()); err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			listener, err := listen(o.addr)
			if err != nil {
				return err
			}
			defer listener.Close()
			return p.serve(c, listener, o, "")
		},
	}
	o.add(c.Flags())
	return c
}

// serve answers until the command's context ends; the current snapshot must open. It says where it is, and what can be done next.
func (p *program) serve(c *cobra.Command, listener net.Listener, o serveOptions, next string) (err error) {
	ctx, log := c.Context(), o.logger(p.stderr)
	var own *owned // nil of a replica
	if o.owner == "" {
		if own, err = p.own(ctx, o); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, own.close()) }() // after the last answer
	}
	served := &served{workspace: p.space(), log: log, keep: o.keepReplaced}
	if o.snapshots != "" {
		if err := served.openFollowed(ctx, o.snapshots); err != nil {
			return err
		}
		defer served.from.Close()
	}
	if err := served.begin(ctx); err != nil {
		return err
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	draining, stopping := make(chan struct{}), make(chan struct{})
	config := api.Config{
		Current: served.current, Replaced: served.replaced, Prepared: served.prepared, Awaited: served.awaited, Proxies: o.proxies,
		Draining: draining, Stopping: stopping, Limits: o.limits, Origins: o.origins, PublicURL: o.publicURL, Metrics: metrics,
		Version: builtFrom().version, Log: log, LogRequests: o.logRequests, TileCacheBytes: o.tileCacheBytes(),
	}
	if own != nil {
		if err := own.open(ctx, p, o, served, log); err != nil {
			return err
		}
		own.configure(&config)
	} else if config.Owner, err = api.NewOwner(o.owner, log); err != nil {
		return err
	}
	listening, err := o.listeners(listener, log)
	if err != nil {
		return err
	}
	defer listening.close()
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	var withdraw func()
	if own != nil {
		withdraw, err = announce(p.space(), listening.commands.Addr(), own.key)
		go own.returns.keepUp(watching)
	} else {
		withdraw, err = announceReplica(p.space(), listening.commands.Addr())
		go config.Owner.Watch(watching)
	}
	if err != nil {
		return err
	}
	defer withdraw()
	handler := api.New(config)
	server := newServer(log, handler)
	if served.from != nil {
		metrics.MustRegister(served)
		go served.follow(watching)
	}
	go served.watch(watching)
	go handler.SeedTiles(watching, o.tileCacheBytes()*int64(o.seedTiles)/100)

	failed := make(chan error, 3)
	listening.serve(server, failed)
	if listening.metrics != nil {
		measured := newServer(log, onlyMetrics(metrics))
		defer measured.Close()
		go func() { failed <- measured.Serve(listening.metrics) }()
	}
	fmt.Fprintf(c.OutOrStdout(), "%s is on %s (Ctrl-C stops)\n%s", served.name(), pageURL(listening.scheme(), listener.Addr()), next)
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	close(draining)
	time.Sleep(o.drain) // a second Ctrl-C ends it at once
	close(stopping)
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.shutdown)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		log.Warn("answers under way were cut: they took longer than --shutdown lets them")
		server.Close() // whoever is still reading has had time
	}
	fmt.Fprintln(c.OutOrStdout(), "stopped")
	return nil
}

func newServer(log *slog.Logger, handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ConnContext:       api.WithConnection,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

func onlyMetrics(registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", api.MetricsHandler(registry))
	return mux
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
func pageURL(scheme string, a net.Addr) string {
	t, ok := a.(*net.TCPAddr)
	if ok && (t.IP.IsLoopback() || t.IP.IsUnspecified()) {
		return fmt.Sprintf("%s://localhost:%d", scheme, t.Port)
	}
	return scheme + "://" + a.String()
}

// onlyHere tells whether an address is reached from this machine alone.
func onlyHere(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.IP.IsLoopback()
}
