package main

import (
	"bytes"
	"strings"
	"testing"
)

// A build in three stages, the second of which does not know how long it is.
func hearBuild(p *progress) {
	p.Hear("read", 0, 100)
	p.Hear("read", 60, 100)
	p.Hear("read", 100, 100)
	p.Hear("cut", 0, 0)
	p.Hear("write", 0, 0)
	p.Hear("write", 3, 13)
}

func TestProgressIsALineForEachStage(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out) // not a terminal
	hearBuild(p)
	p.Done()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines for three stages:\n%s", len(lines), out.String())
	}
	for i, stage := range []string{"read", "cut", "write"} {
		if !strings.Contains(lines[i], "stage="+stage+" ") {
			t.Errorf("line %d is %q, want stage=%s", i+1, lines[i], stage)
		}
	}
}

func TestProgressOfFailedWorkSaysNothingMore(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	hearBuild(p)
	p.Stop()
	if strings.Contains(out.String(), "stage=write") {
		t.Errorf("the stage that failed is said to be done:\n%s", out.String())
	}
}

func TestBarsEndFull(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	p.bars = newBars(&out)
	hearBuild(p)
	p.Done()
	last := lastFrame(out.String())
	for _, stage := range []string{"read", "cut", "write"} {
		if !strings.Contains(last, stage) {
			t.Errorf("no bar for %s in\n%s", stage, last)
		}
	}
	if full := strings.Count(last, "100 %"); full != 3 {
		t.Errorf("%d of 3 bars end full:\n%s", full, last)
	}
}

func TestBarsOfFailedWorkAreNotFull(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	p.bars = newBars(&out)
	hearBuild(p)
	p.Stop()
	if full := strings.Count(lastFrame(out.String()), "100 %"); full != 2 {
		t.Errorf("%d bars are full, want those of the two stages that ended:\n%s", full, out.String())
	}
}

// lastFrame is what is left on the screen: mpb draws all bars again and again.
func lastFrame(drawn string) string {
	return drawn[strings.LastIndex(drawn, "read"):]
}
