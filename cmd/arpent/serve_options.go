package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/arpent/arpent/api"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	addr, metricsAddr string
	tlsCert, tlsKey   string
	publicURL         string
	snapshots, owner  string
	trusted           []string
	proxies           []netip.Prefix // of trusted, read by check
	origins           []string
	limits            api.Limits
	tileCache         int // megabytes
	seedTiles         int // percent of them
	keepReplaced      time.Duration
	drain, shutdown   time.Duration
	logFormat         string
	logLevel          slog.Level
	logRequests       bool
	jobs              jobOptions
}

const defaultAddr = "127.0.0.1:8080"

// defaultServing lets thousands of phones share a token, and a page fetch its tiles.
func defaultServing() serveOptions {
	return serveOptions{
		addr:         defaultAddr,
		limits:       api.Limits{Requests: 5000, Rate: 2000, RateAnonymous: 200},
		tileCache:    64,
		seedTiles:    25,
		keepReplaced: 10 * time.Minute,
		shutdown:     30 * time.Second,
		logFormat:    "text",
	}
}

// add adds the flags; what the options have is the default.
func (o *serveOptions) add(f *pflag.FlagSet) {
	f.StringVar(&o.addr, "addr", o.addr, "address to listen on, as HOST:PORT")
	f.StringVar(&o.metricsAddr, "metrics-addr", o.metricsAddr, "address of /metrics for whoever reaches it, without a token, as 127.0.0.1:9090 (default: none)")
	f.StringVar(&o.tlsCert, "tls-cert", o.tlsCert, "file with the certificate and its chain, in PEM; read again when it changes")
	f.StringVar(&o.tlsKey, "tls-key", o.tlsKey, "file with the key of the certificate, in PEM")
	f.StringVar(&o.publicURL, "public-url", o.publicURL, "how callers address the server, where a proxy is before it, as https://maps.example.org (default: as each request has it)")
	f.StringSliceVar(&o.trusted, "trust-proxy", o.trusted, "address, or network as 10.1.0.0/16, of a proxy or replica whose headers X-Forwarded-For, -Proto and -Host are believed; may be given again (default: none)")
	f.StringVar(&o.snapshots, "snapshots", o.snapshots, "object storage that says which snapshot is served and has it, as file:///DIR or s3://BUCKET?region=REGION&prefix=PLACE/ (default: the workspace)")
	f.StringVar(&o.owner, "owner", o.owner, "the server that holds the workspace: this one is its replica, and hands it what has a token, as https://owner.example.org; with --snapshots")
	f.StringSliceVar(&o.origins, "cors-origin", o.origins, "a page that may read answers, as https://maps.example.org; may be given again (default: all may)")
	f.IntVar(&o.limits.Requests, "max-requests", o.limits.Requests, "requests under way at the same time, of which a caller may have half; 0: any number")
	f.Float64Var(&o.limits.Rate, "rate", o.limits.Rate, "requests a second of a token; 0: any number")
	f.Float64Var(&o.limits.RateAnonymous, "rate-anonymous", o.limits.RateAnonymous, "requests a second of an address that comes without a token; 0: any number")
	f.IntVar(&o.tileCache, "tile-cache", o.tileCache, "memory for tiles as they are sent, in MB; 0: each is made anew")
	f.IntVar(&o.seedTiles, "seed-tiles", o.seedTiles, "how much of --tile-cache is filled before anybody asks, at a start and with each new snapshot, in percent; 0: nothing")
	f.DurationVar(&o.keepReplaced, "keep-replaced", o.keepReplaced, "how long a snapshot that was replaced answers to whoever names it, two at most")
	f.DurationVar(&o.drain, "drain", o.drain, "how long /readyz says that the server is about to stop before it takes no more requests")
	f.DurationVar(&o.shutdown, "shutdown", o.shutdown, "how long answers under way may then take")
	f.StringVar(&o.logFormat, "log-format", o.logFormat, "text or json")
	f.TextVar(&o.logLevel, "log-level", o.logLevel, "debug, info, warn or error")
	f.BoolVar(&o.logRequests, "log-requests", o.logRequests, "log each request at the level info, not debug")
	o.jobs.add(f)
}

// tileCacheBytes is what tiles may take; less than 0 is nothing.
func (o *serveOptions) tileCacheBytes() int64 {
	if o.tileCache == 0 {
		return -1
	}
	return int64(o.tileCache) << 20
}

// check refuses what cannot be.
func (o *serveOptions) check() error {
	for _, origin := range o.origins {
		if err := api.CheckOrigin(origin); err != nil {
			return fmt.Errorf("--cors-origin: %w", err)
		}
	}
	if o.publicURL != "" {
		if err := api.CheckOrigin(o.publicURL); err != nil {
			return fmt.Errorf("--public-url: %w", err)
		}
	}
	o.proxies = nil
	for _, text := range o.trusted {
		proxy, err := api.ParseProxy(text)
		if err != nil {
			return fmt.Errorf("--trust-proxy: %w", err)
		}
		o.proxies = append(o.proxies, proxy)
	}
	if o.owner != "" {
		if err := api.CheckOrigin(o.owner); err != nil {
			return fmt.Errorf("--owner: %w", err)
		}
	}
	switch {
	case o.owner != "" && o.snapshots == "":
		return errors.New("serve: --owner goes with --snapshots: a replica has its snapshots from object storage")
	case (o.tlsCert == "") != (o.tlsKey == ""):
		return errors.New("serve: --tls-cert and --tls-key come together: give both, or none")
	case o.limits.Requests < 0 || o.limits.Rate < 0 || o.limits.RateAnonymous < 0:
		return errors.New("serve: --max-requests, --rate and --rate-anonymous are 0 or more")
	case o.tileCache < 0 || o.seedTiles < 0 || o.seedTiles > 100:
		return errors.New("serve: --tile-cache is 0 or more megabytes, --seed-tiles 0 to 100 percent of them")
	case o.keepReplaced < 0 || o.drain < 0 || o.shutdown < 0:
		return errors.New("serve: --keep-replaced, --drain and --shutdown are 0 or more, as 30s")
	case o.logFormat != "text" && o.logFormat != "json":
		return fmt.Errorf("serve: --log-format is text or json, not %q", o.logFormat)
	}
	return nil
}

// logger writes as the options say.
func (o *serveOptions) logger(stderr io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: o.logLevel}
	if o.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(stderr, options))
	}
	return slog.New(slog.NewTextHandler(stderr, options))
}

// servePrefix begins the environment variables of serve.
const servePrefix = "ARPENT_SERVE_"

// variableOf is the environment variable that stands for a flag.
func variableOf(flag string) string {
	return servePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// setFromEnvironment sets the flags that the command line does not, where there is a variable for them.
func setFromEnvironment(flags *pflag.FlagSet) (err error) {
	flags.VisitAll(func(f *pflag.Flag) {
		value, there := os.LookupEnv(variableOf(f.Name))
		if f.Changed || !there || f.Name == "help" || err != nil {
			return
		}
		if wrong := flags.Set(f.Name, value); wrong != nil {
			err = fmt.Errorf("serve: the variable %s: %w", variableOf(f.Name), wrong)
		}
	})
	return err
}
