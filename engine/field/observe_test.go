package field

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// What cannot be read after a commit is read later: what is shown is behind, and not wrong.
func TestWhatCannotBeReadAtOnceIsReadLater(t *testing.T) {
	w := newWorld(t)
	w.send(attempt(1))
	w.total("blue")
	w.reopen() // so that the first return is in the store alone
	w.total("blue")
	var told strings.Builder
	w.log.config.Log = slog.New(slog.NewTextHandler(&told, nil))
	w.heard.standing()
	w.store.torn.Store(1)
	w.send(replacing(attempt(2), 1))
	if err := w.log.Publish(context.Background()); err != nil { // which waits until all is told
		t.Fatal(err)
	}
	if got := w.heard.standing(); got[1] != engine.Nothing || got[2] != engine.Counts {
		t.Errorf("the observer was told that %v", got)
	}
	if !strings.Contains(told.String(), errFull.Error()) {
		t.Errorf("the log says %q", told.String())
	}
}
