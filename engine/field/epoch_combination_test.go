package field

import (
	"context"
	"testing"

	"github.com/arpent/arpent/engine"
)

// What is published of a precinct is so many equations about who answered what. Two epochs that follow each other differ by 11 households or more; all of
// them together may tell of fewer, where answers were taken back in a body: an import that is withdrawn while one household answers leaves a picture that
// differs from that before the import by this one. It is known, and told in docs/privacy.md; whoever closes it turns this test round.
func TestEpochsBeforeAndAfterAnImportAreALeakThatIsKnown(t *testing.T) {
	back := func(w *world, first, many int) {
		for n := first; n < first+many; n++ {
			w.send(withdrawal(1000+n, n))
		}
	}
	for _, c := range []struct {
		name   string
		steps  []func(w *world)
		weight []int64 // of each picture in the combination
	}{
		{"an import is taken back while one answers", []func(w *world){
			func(w *world) { w.send(append(households(1, 6, 1), households(7, 6, -1)...)...) },
			func(w *world) { w.send(households(20, 12, 2)...) },
			func(w *world) { back(w, 20, 12); w.send(saying(50, -2)) },
		}, []int64{-1, 0, 1}},
		{"others came meanwhile, so that any two pictures differ by many", []func(w *world){
			func(w *world) { w.send(append(households(1, 6, 1), households(7, 6, -1)...)...) },
			func(w *world) { w.send(households(20, 12, 2)...) },
			func(w *world) { w.send(households(40, 12, 0)...) },
			func(w *world) { back(w, 20, 12); w.send(saying(60, -2)) },
		}, []int64{-1, 1, -1, 1}},
	} {
		w := newWorld(t)
		var households int64
		var support [5]int64
		for i, step := range c.steps {
			step(w)
			if err := w.log.Publish(context.Background()); err != nil {
				t.Fatal(err)
			}
			var now engine.RollupRow
			for _, p := range w.log.Published("blue", 0) {
				if p.Precinct == 7 {
					now = p.RollupRow
				}
			}
			households += c.weight[i] * now.Households
			for s, n := range now.Support {
				support[s] += c.weight[i] * n
			}
		}
		if households != 1 || support != [5]int64{1, 0, 0, 0, 0} {
			t.Errorf("%s: together the epochs tell of %d households, %v: is the leak closed?", c.name, households, support)
		}
	}
}
