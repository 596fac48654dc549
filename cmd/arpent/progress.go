package main

import (
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows how far long work is: a bar for each stage where standard error is a terminal, a log line at the end of
// each stage elsewhere. It may be called from several goroutines; stages follow each other.
type progress struct {
	log *slog.Logger

	mu    sync.Mutex
	bars  *mpb.Progress // nil without a terminal
	bar   *mpb.Bar
	stage string
	began time.Time
	total int64
}

func newProgress(stderr io.Writer) *progress {
	p := &progress{log: logger(stderr)}
	if file, ok := stderr.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bars = newBars(file)
	}
	return p
}

func newBars(w io.Writer) *mpb.Progress {
	return mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithAutoRefresh())
}

func logger(stderr io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(stderr, nil)) }

// Hear takes note of done of total of a stage; total is 0 where it is not known. A new stage ends the one before.
func (p *progress) Hear(stage string, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if stage != p.stage {
		p.endStage()
		p.stage, p.began, p.total = stage, time.Now(), 0
		if p.bars != nil {
			p.bar = p.bars.AddBar(0,
				mpb.PrependDecorators(decor.Name(stage, decor.WCSyncSpaceR)),
				mpb.AppendDecorators(decor.Percentage(decor.WCSyncSpace), decor.Elapsed(decor.ET_STYLE_GO, decor.WCSyncSpace)))
		}
	}
	if p.bar == nil {
		return
	}
	if total > 0 && total != p.total {
		p.total = total
		p.bar.SetTotal(total+1, false) // the bar is full when the stage ends, not before
	}
	p.bar.SetCurrent(done)
}

// Done ends the last stage; the work has succeeded.
func (p *progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endStage()
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
		p.bar, p.stage = nil, ""
	}
	if p.bars != nil {
		p.bars.Wait()
	}
}

func (p *progress) endStage() {
	if p.stage == "" {
		return
	}
	if p.bar != nil {
		if p.total == 0 {
			p.bar.SetCurrent(1) // or a bar of unknown length would end empty
		}
		p.bar.SetTotal(-1, true)
		p.bar = nil
	} else {
		p.log.Info("done", "stage", p.stage, "seconds", time.Since(p.began).Round(time.Millisecond).Seconds())
	}
	p.stage = ""
}
