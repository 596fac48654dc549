package main

import (
	"context"
	"strings"
	"syscall"
	"testing"
)

func TestChildEndsWhenItIsToldTo(t *testing.T) {
	for name, end := range map[string]func(*child, context.CancelFunc){
		"stop":   func(c *child, _ context.CancelFunc) { c.stop() },
		"Ctrl-C": func(_ *child, cancel context.CancelFunc) { cancel() },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c, err := start(ctx, syscall.SIGTERM, nil, t.TempDir(), "sh", "-c", "trap 'echo ended; exit' TERM; echo begun; while :; do sleep 0.01; done")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.waitFor(ctx, func() bool { return c.said.String() == "begun" }); err != nil {
			t.Fatal(err)
		}
		end(c, cancel)
		<-c.gone
		if !strings.HasSuffix(c.said.String(), "ended") {
			t.Errorf("%s: it said %q", name, c.said)
		}
		if syscall.Kill(c.pid, 0) == nil {
			t.Errorf("%s: process %d is there still", name, c.pid)
		}
	}
}

func TestChildThatEndsSaysWhy(t *testing.T) {
	c, err := start(t.Context(), syscall.SIGTERM, nil, t.TempDir(), "sh", "-c", "echo the port is taken >&2; exit 1")
	if err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	if err := c.waitFor(t.Context(), func() bool { return false }); err == nil || !strings.Contains(err.Error(), "the port is taken") {
		t.Error(err)
	}
}
