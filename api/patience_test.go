package api

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/engine/livetest"
)

// slowCity works on sums and legends until nobody waits any more.
type slowCity struct{ City }

func (slowCity) Pivot(ctx context.Context, _ live.PivotQuery) ([]live.PivotRow, [][2]string, error) {
	<-ctx.Done()
	return nil, nil, ctx.Err()
}

func (slowCity) Breaks(ctx context.Context, _ live.BreaksQuery) (live.Breaks, error) {
	<-ctx.Done()
	return live.Breaks{}, ctx.Err()
}

// What would be worked on for hours ends, and says what to do.
func TestQuestionsThatTakeTooLongEnd(t *testing.T) {
	hamlet := livetest.Hamlet(t)
	synctest.Test(t, func(t *testing.T) {
		s := newServer(Config{Current: func() City { return slowCity{hamlet} }, Version: "1", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		handler := s.handler()
		for _, one := range []struct{ method, target, body string }{
			{"POST", "/v1/query/count", `{"collection":"segments"}`},
			{"POST", "/v1/query/pivot", `{"collection":"segments","by":["state"]}`},
			{"GET", "/v1/breaks/segments", ""},
		} {
			began := time.Now()
			wantProblem(t, send(t, handler, one.method, one.target, one.body), 422, CodeTooMuch, "")
			if took := time.Since(began); took != patience {
				t.Errorf("%s ends after %v", one.target, took)
			}
		}
	})
}

// The time is for work on the question alone: a caller who takes an answer slowly has it whole.
func TestSendingIsNoWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{patience: patience}
		work, stop := s.patiently(t.Context())
		defer stop()
		for range 10 {
			time.Sleep(patience / 2)
			if err := work.apart(func() error { time.Sleep(3 * patience); return nil }); err != nil || work.Err() != nil {
				t.Fatal(err, work.Err())
			}
		}
		time.Sleep(2 * patience)
		if work.Err() == nil || !work.gaveUp() {
			t.Error("the work goes on for ever")
		}
	})
}

// Areas have a bound of points together, whatever their number.
func TestAreasOfTooManyPoints(t *testing.T) {
	ring := func(points int) string {
		var out strings.Builder
		for i := range points {
			fmt.Fprintf(&out, "[%d.5,1],", i%90)
		}
		return `{"type":"Feature","id":"a","geometry":{"type":"Polygon","coordinates":[[` + out.String() + `[0.5,1]]]}}`
	}
	handler := serving(livetest.Hamlet(t))
	ask := func(features ...string) string {
		return `{"collection":"segments","by":["area"],"areas":{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}}`
	}
	for _, question := range []string{ask(ring(mostAreaPoints)), ask(ring(mostAreaPoints/2), ring(mostAreaPoints/2))} {
		p := wantProblem(t, send(t, handler, "POST", "/v1/query/pivot", question), 422, CodeInvalidParameter, "body.areas")
		if !strings.Contains(p.Detail, "10000 points") {
			t.Error(p.Detail)
		}
	}
	for _, odd := range []string{
		`{"type":"Polygon","coordinates":[]}`, `{"type":"Polygon","coordinates":[[]]}`, `{"type":"MultiPolygon","coordinates":[]}`, `{"type":"MultiPolygon","coordinates":[[[]]]}`,
		`{"type":"Polygon","coordinates":[[[1e308,1e308],[-1e308,1],[1,-1e308],[1e308,1e308]]]}`, `{"type":"Polygon","coordinates":[[[1],[2],[3],[1]]]}`,
		`{"type":"Polygon","coordinates":null}`, `{"type":"Polygon","coordinates":{}}`, `{"type":"Polygon","coordinates":[[[1,2,3,4],[2,3],[3,1],[1,2,3,4]]]}`,
	} {
		if answer := send(t, handler, "POST", "/v1/query/pivot", ask(`{"type":"Feature","id":"a","geometry":`+odd+`}`)); answer.StatusCode >= 500 {
			t.Errorf("%s: %d %s", odd, answer.StatusCode, body(t, answer))
		}
	}
}

// Breaks that are kept are numbers that JSON has.
func TestBreaksThatAreNoNumbers(t *testing.T) {
	handler := serving(livetest.Hamlet(t))
	for _, keep := range []string{"inf", "-inf", "0.3,inf", "0.5,+Inf", "nan", "1e999"} {
		wantProblem(t, ask(t, handler, "GET", "/v1/breaks/segments?keep="+strings.ReplaceAll(keep, "+", "%2B")), 400, CodeInvalidParameter, "query.keep")
	}
}
