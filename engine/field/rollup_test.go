package field

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
)

var everything = engine.Question{Campaign: "blue"}

// Analysts who ask at once are counted for one after the other, so that commits do not wait for all of them.
func TestRollUpsCountOneAtATime(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1))
	counting, counted, first := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var asked atomic.Int32
	w.store.count = func(context.Context) error {
		if asked.Add(1) == 1 {
			close(counting)
			<-counted
		}
		return nil
	}
	go func() {
		first <- w.log.Rollup(context.Background(), everything, func(*engine.RollupRow) error { return nil })
	}()
	<-counting
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	second := w.log.Rollup(ctx, everything, func(*engine.RollupRow) error { return nil })
	close(counted)
	if err := <-first; err != nil {
		t.Errorf("the first: %v", err)
	}
	if !errors.Is(second, context.DeadlineExceeded) {
		t.Errorf("the second did not wait for the first: %v", second)
	}
}

// Whoever takes the rows may be at the end of a slow line: meanwhile others are counted for.
func TestSlowReadersOfARollUpKeepNobodyWaiting(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	rows := 0
	err := w.log.Rollup(ctx, everything, func(*engine.RollupRow) error {
		return w.log.Rollup(ctx, everything, func(*engine.RollupRow) error { rows++; return nil })
	})
	if err != nil || rows != 1 {
		t.Errorf("%d rows, %v", rows, err)
	}
}
