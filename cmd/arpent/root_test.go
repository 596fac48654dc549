package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/spf13/cobra"
)

func TestExitCode(t *testing.T) {
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name    string
		ctx     context.Context
		started bool
		err     error
		code    int
		says    string
	}{
		{"success", t.Context(), true, nil, 0, ""},
		{"success although Ctrl-C came", interrupted, true, nil, 0, ""},
		{"failure", t.Context(), true, errors.New("engine: place file x.yaml\nis odd"), 1, "arpent: place file x.yaml is odd\n"},
		{"wrong usage", t.Context(), false, errors.New("unknown flag: --x"), 2, "arpent: unknown flag: --x (`arpent --help` shows how)\n"},
		{"Ctrl-C", interrupted, true, fmt.Errorf("build: read: %w", context.Canceled), 130, "arpent: stopped: the current snapshot is unchanged\n"},
		{"a failure of its own after Ctrl-C", interrupted, true, errors.New("disk full"), 1, "arpent: disk full\n"},
		{"cancelled by no Ctrl-C", t.Context(), true, context.Canceled, 1, "arpent: context canceled\n"},
	} {
		var stderr bytes.Buffer
		p := &program{stderr: &stderr, started: c.started}
		if code := p.exitCode(c.ctx, c.err); code != c.code || stderr.String() != c.says {
			t.Errorf("%s: exit code %d, %q; want %d, %q", c.name, code, stderr.String(), c.code, c.says)
		}
	}
}

func TestSentence(t *testing.T) {
	for _, c := range []struct{ err, want string }{
		{"engine: no snapshot", "no snapshot"},
		{"build: votes.csv line 4: odd", "votes.csv line 4: odd"},
		{"votes.csv line 4: odd", "votes.csv line 4: odd"},
		{"two\n  lines\n", "two lines"},
		{"rebuild: keep this", "rebuild: keep this"},
	} {
		if got := sentence(errors.New(c.err)); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.err, got, c.want)
		}
	}
}

// Every command says what it does, shows an example, and takes --workspace.
func TestEveryCommandIsDescribed(t *testing.T) {
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Short == "" || c.Example == "" {
			t.Errorf("%s: a command has a Short and an Example", c.CommandPath())
		}
		if c.Flag("workspace") == nil {
			t.Errorf("%s does not take --workspace", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit((&program{}).rootCommand())
}
