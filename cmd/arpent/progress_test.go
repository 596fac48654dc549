package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
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

func TestALongStageSpeaksNowAndThen(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	p.Hear("settle", 0, 0)
	began := p.began
	p.sayAtWork(began.Add(sayEvery - 1))
	p.sayAtWork(began.Add(sayEvery))
	p.sayAtWork(began.Add(sayEvery + 1))
	p.Left(6 * time.Minute)
	p.Hear("settle", 20, 100)
	p.sayAtWork(began.Add(2 * sayEvery))
	p.Stop()
	p.sayAtWork(began.Add(3 * sayEvery))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, want one for each time that nothing was said for:\n%s", len(lines), out.String())
	}
	for i, want := range []string{`msg="at work" stage=settle`, `msg="at work" stage=settle done="20 %" stage_left="about 80 s" left="about 6 min"`} {
		if !strings.HasSuffix(lines[i], want) {
			t.Errorf("line %d is %q, want ...%q", i+1, lines[i], want)
		}
	}
}

func TestWhatIsLeftInWords(t *testing.T) {
	for _, c := range []struct {
		left time.Duration
		want string
	}{
		{0, "a few seconds"}, {9 * time.Second, "a few seconds"}, {44 * time.Second, "about 40 s"}, {94 * time.Second, "about 90 s"},
		{100 * time.Second, "about 2 min"}, {6*time.Minute + 10*time.Second, "about 6 min"}, {89 * time.Minute, "about 89 min"}, {2 * time.Hour, "about 2.0 h"},
	} {
		if got := about(c.left); got != c.want {
			t.Errorf("%v: %q, want %q", c.left, got, c.want)
		}
	}
	for _, c := range []struct {
		outlook
		want string
	}{
		{outlook{}, ""}, {outlook{"about 40 s", ""}, "about 40 s left"}, {outlook{"", "about 6 min"}, "about 6 min left in all"},
		{outlook{"about 40 s", "about 6 min"}, "about 40 s left, about 6 min in all"},
	} {
		if got := c.words(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.outlook, got, c.want)
		}
	}
}

func TestBarsSayWhatIsLeft(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out)
	p.bars = newBars(&out)
	p.Left(time.Hour)
	p.Hear("read", 1, 100)
	drawn := *p.beside.Load()
	p.Done()
	if drawn != "about 60 min left in all" {
		t.Errorf("beside the bar stands %q", drawn)
	}
	if last := lastFrame(out.String()); strings.Contains(last, "left") {
		t.Errorf("a stage that has ended says what is left:\n%s", last)
	}
}
