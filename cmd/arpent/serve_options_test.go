package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// serveFlags are those of serve as a command line has them, over fresh options.
func serveFlags() *pflag.FlagSet {
	p := &program{}
	c, _, err := p.rootCommand().Find([]string{"serve"})
	if err != nil {
		panic(err)
	}
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	flags.AddFlagSet(c.InheritedFlags())
	flags.AddFlagSet(c.LocalFlags())
	return flags
}

// Every flag of serve is an environment variable too: a new one must be here.
func TestEveryFlagOfServeIsAVariable(t *testing.T) {
	variables := map[string][3]string{ // the value given, that of the flag, and what the flag would say on the command line
		"ARPENT_SERVE_ADDR":           {":9000", ":9000", ":9001"},
		"ARPENT_SERVE_METRICS_ADDR":   {"127.0.0.1:9090", "127.0.0.1:9090", "127.0.0.1:9091"},
		"ARPENT_SERVE_TLS_CERT":       {"a.pem", "a.pem", "c.pem"},
		"ARPENT_SERVE_TLS_KEY":        {"b.pem", "b.pem", "d.pem"},
		"ARPENT_SERVE_PUBLIC_URL":     {"https://a.example", "https://a.example", "https://b.example"},
		"ARPENT_SERVE_SNAPSHOTS":      {"file:///a", "file:///a", "file:///b"},
		"ARPENT_SERVE_OWNER":          {"https://a.example", "https://a.example", "https://b.example"},
		"ARPENT_SERVE_TRUST_PROXY":    {"192.0.2.7,10.1.0.0/16", "[192.0.2.7,10.1.0.0/16]", "192.0.2.8"},
		"ARPENT_SERVE_CORS_ORIGIN":    {"https://a.example,https://b.example", "[https://a.example,https://b.example]", "https://c.example"},
		"ARPENT_SERVE_MAX_REQUESTS":   {"10", "10", "20"},
		"ARPENT_SERVE_RATE":           {"0", "0", "1.5"},
		"ARPENT_SERVE_RATE_ANONYMOUS": {"2.5", "2.5", "3"},
		"ARPENT_SERVE_TILE_CACHE":     {"256", "256", "0"},
		"ARPENT_SERVE_SEED_TILES":     {"50", "50", "0"},
		"ARPENT_SERVE_KEEP_REPLACED":  {"90s", "1m30s", "1h"},
		"ARPENT_SERVE_DRAIN":          {"5s", "5s", "6s"},
		"ARPENT_SERVE_SHUTDOWN":       {"1m", "1m0s", "2m"},
		"ARPENT_SERVE_LOG_FORMAT":     {"json", "json", "text"},
		"ARPENT_SERVE_LOG_LEVEL":      {"warn", "WARN", "debug"},
		"ARPENT_SERVE_LOG_REQUESTS":   {"true", "true", "false"},
		"ARPENT_SERVE_WEBHOOK_HOST":   {"hooks.example,jobs.example:8443", "[hooks.example,jobs.example:8443]", "other.example"},
		"ARPENT_SERVE_KEEP_JOBS":      {"24h", "24h0m0s", "1h"},
		"ARPENT_SERVE_WORKSPACE":      {"/srv/place", "/srv/place", "/srv/other"},
		"ARPENT_SERVE_STORE":          {"clickhouse://a/b", "clickhouse://a/b", "clickhouse://c/d"},
	}
	for name, value := range variables {
		t.Setenv(name, value[0])
	}
	flags := serveFlags()
	if err := setFromEnvironment(flags); err != nil {
		t.Fatal(err)
	}
	flags.VisitAll(func(f *pflag.Flag) {
		want, there := variables[variableOf(f.Name)]
		switch {
		case f.Name == "help":
		case !there:
			t.Errorf("--%s is not in this test", f.Name)
		case f.Value.String() != want[1]:
			t.Errorf("%s=%s makes --%s %s", variableOf(f.Name), want[0], f.Name, f.Value)
		}
		delete(variables, variableOf(f.Name))
		if f.Name == "help" {
			return
		}
		// The command line wins.
		again := serveFlags()
		if err := again.Parse([]string{"--" + f.Name + "=" + want[2]}); err != nil {
			t.Errorf("--%s: %v", f.Name, err)
		}
		given := again.Lookup(f.Name).Value.String()
		if err := setFromEnvironment(again); err != nil || again.Lookup(f.Name).Value.String() != given {
			t.Errorf("--%s=%s becomes %s: %v", f.Name, want[2], again.Lookup(f.Name).Value, err)
		}
	})
	for name := range variables {
		t.Errorf("there is no flag for %s", name)
	}
}

func TestVariablesThatAreWrongAreNamed(t *testing.T) {
	t.Setenv("ARPENT_SERVE_RATE", "fast")
	if err := setFromEnvironment(serveFlags()); err == nil || !strings.Contains(err.Error(), "ARPENT_SERVE_RATE") {
		t.Errorf("%v", err)
	}
}

func TestServeOptionsThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		what string
		set  func(*serveOptions)
		says string
	}{
		{"as they are", func(*serveOptions) {}, ""},
		{"a certificate without its key", func(o *serveOptions) { o.tlsCert = "a.pem" }, "--tls-key"},
		{"a key without its certificate", func(o *serveOptions) { o.tlsKey = "a.pem" }, "--tls-cert"},
		{"an origin with a path", func(o *serveOptions) { o.origins = []string{"https://a.example/"} }, "--cors-origin"},
		{"an address with a path", func(o *serveOptions) { o.publicURL = "https://a.example/map" }, "--public-url"},
		{"a rate below 0", func(o *serveOptions) { o.limits.Rate = -1 }, "--rate"},
		{"requests below 0", func(o *serveOptions) { o.limits.Requests = -1 }, "--max-requests"},
		{"memory below 0", func(o *serveOptions) { o.tileCache = -1 }, "--tile-cache"},
		{"more than all of it", func(o *serveOptions) { o.seedTiles = 101 }, "--seed-tiles"},
		{"a time below 0", func(o *serveOptions) { o.drain = -1 }, "--drain"},
		{"a replica", func(o *serveOptions) { o.owner, o.snapshots = "https://a.example", "file:///a" }, ""},
		{"a replica without snapshots", func(o *serveOptions) { o.owner = "https://a.example" }, "--owner goes with --snapshots"},
		{"an owner with a path", func(o *serveOptions) { o.owner, o.snapshots = "https://a.example/v1", "file:///a" }, "--owner: "},
		{"a proxy by its name", func(o *serveOptions) { o.trusted = []string{"proxy.example"} }, "--trust-proxy: "},
		{"everybody as a proxy", func(o *serveOptions) { o.trusted = []string{"0.0.0.0/0"} }, "--trust-proxy: "},
		{"another format", func(o *serveOptions) { o.logFormat = "xml" }, "--log-format"},
	} {
		o := defaultServing()
		c.set(&o)
		if err := o.check(); (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

func TestLogFormats(t *testing.T) {
	for format, want := range map[string]string{"text": "msg=hello name=world", "json": `"msg":"hello","name":"world"`} {
		var out bytes.Buffer
		o := defaultServing()
		o.logFormat = format
		log := o.logger(&out)
		log.Debug("unheard")
		log.Info("hello", "name", "world")
		if !strings.Contains(out.String(), want) || strings.Contains(out.String(), "unheard") {
			t.Errorf("%s: %s", format, &out)
		}
	}
}
