package main

import (
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows how far long work is, and how long it will go on: a bar for each stage where standard error is a terminal, elsewhere
// a log line at the end of each stage, and now and then in a long one. It may be called from several goroutines; stages follow each other.
type progress struct {
	log *slog.Logger

	mu          sync.Mutex
	bars        *mpb.Progress // nil without a terminal
	bar         *mpb.Bar
	beside      *atomic.Pointer[string] // what the bar says beside
	stage       string
	began       time.Time
	done, total int64
	left        time.Duration // of all stages, where it is known
	leftKnown   bool

	said time.Time     // the last line of the log
	stop chan struct{} // ends the lines; nil where there are none
}

// sayEvery is how long the log of work in hand is silent.
const sayEvery = 10 * time.Second

func newProgress(stderr io.Writer) *progress {
	p := &progress{log: logger(stderr)}
	if file, ok := stderr.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bars = newBars(file)
		p.log = logger(p.bars) // above the bars
	}
	return p
}

func newBars(w io.Writer) *mpb.Progress {
	return mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithAutoRefresh())
}

func logger(stderr io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(stderr, nil)) }

// Left takes note of how long all stages together will go on.
func (p *progress) Left(left time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.leftKnown = left, true
}

// Say writes a line into the log.
func (p *progress) Say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log.Info(text)
}

// Hear takes note of done of total of a stage; total is 0 where it is not known. A new stage ends the one before.
func (p *progress) Hear(stage string, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if stage != p.stage {
		p.endStage(now)
		p.beginStage(stage, now)
	}
	grown := total > 0 && total != p.total
	p.done, p.total = done, total
	if p.bar == nil {
		return
	}
	if grown {
		p.bar.SetTotal(total+1, false) // the bar is full when the stage ends, not before
	}
	p.bar.SetCurrent(done)
	p.setBeside(p.outlook(now).words())
}

func (p *progress) beginStage(stage string, now time.Time) {
	p.stage, p.began, p.done, p.total = stage, now, 0, 0
	if p.bars != nil {
		beside := &atomic.Pointer[string]{} // read while a bar is drawn, which Hear may wait for: no lock
		p.beside = beside
		p.setBeside("")
		p.bar = p.bars.AddBar(0,
			mpb.PrependDecorators(decor.Name(stage, decor.WCSyncSpaceR)),
			mpb.AppendDecorators(decor.Percentage(decor.WCSyncSpace), decor.Elapsed(decor.ET_STYLE_GO, decor.WCSyncSpace),
				decor.Any(func(decor.Statistics) string { return *beside.Load() }, decor.WCSyncSpaceR)))
		return
	}
	if p.stop == nil {
		p.said, p.stop = now, make(chan struct{})
		go p.sayNowAndThen(p.stop)
	}
}

func (p *progress) setBeside(text string) { p.beside.Store(&text) }

// Done ends the last stage; the work has succeeded.
func (p *progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endStage(time.Now())
	p.endLines()
	if p.bars != nil {
		p.bars.Wait()
	}
}

// Stop leaves the bars as they are; the work has failed.
func (p *progress) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.Abort(false)
		p.bar = nil
	}
	p.stage = ""
	p.endLines()
	if p.bars != nil {
		p.bars.Wait()
	}
}

func (p *progress) endLines() {
	if p.stop != nil {
		close(p.stop)
		p.stop = nil
	}
}

func (p *progress) endStage(now time.Time) {
	if p.stage == "" {
		return
	}
	if p.bar != nil {
		if p.total == 0 {
			p.bar.SetCurrent(1) // or a bar of unknown length would end empty
		}
		p.setBeside("")
		p.bar.SetTotal(-1, true)
		p.bar = nil
	} else {
		p.log.Info("done", "stage", p.stage, "seconds", now.Sub(p.began).Round(time.Millisecond).Seconds())
		p.said = now
	}
	p.stage = ""
}

// sayNowAndThen has lines written about a stage that is long.
func (p *progress) sayNowAndThen(stop <-chan struct{}) {
	tick := time.NewTicker(sayEvery / 4)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			p.sayAtWork(now)
		case <-stop:
			return
		}
	}
}

// sayAtWork writes a line where none was written for a while.
func (p *progress) sayAtWork(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stage == "" || now.Sub(p.said) < sayEvery {
		return
	}
	p.said = now
	line := []any{"stage", p.stage}
	if p.total > 0 {
		line = append(line, "done", fmt.Sprintf("%d %%", p.done*100/p.total))
	}
	o := p.outlook(now)
	if o.ofStage != "" {
		line = append(line, "stage_left", o.ofStage)
	}
	if o.ofAll != "" {
		line = append(line, "left", o.ofAll)
	}
	p.log.Info("at work", line...)
}

// outlook is how long the stage and all of them will go on, in words; "" where it cannot be said.
type outlook struct{ ofStage, ofAll string }

func (p *progress) outlook(now time.Time) (o outlook) {
	// Before that a stage's own pace says little.
	const leastElapsed, leastPart = 3 * time.Second, 0.05
	if elapsed := now.Sub(p.began); p.total > 0 && elapsed >= leastElapsed {
		if part := float64(p.done) / float64(p.total); part >= leastPart {
			o.ofStage = about(time.Duration(float64(elapsed) * max(0, 1-part) / part))
		}
	}
	if p.leftKnown {
		o.ofAll = about(p.left)
	}
	return o
}

// words is how a bar has it.
func (o outlook) words() string {
	switch {
	case o.ofStage != "" && o.ofAll != "":
		return o.ofStage + " left, " + o.ofAll + " in all"
	case o.ofStage != "":
		return o.ofStage + " left"
	case o.ofAll != "":
		return o.ofAll + " left in all"
	}
	return ""
}

// about rounds a time to what is known of it.
func about(d time.Duration) string {
	seconds, minutes := d.Seconds(), d.Minutes()
	switch {
	case seconds < 10:
		return "a few seconds"
	case seconds < 95:
		return fmt.Sprintf("about %.0f s", math.Round(seconds/10)*10)
	case minutes < 90:
		return fmt.Sprintf("about %.0f min", minutes)
	}
	return fmt.Sprintf("about %.1f h", d.Hours())
}
