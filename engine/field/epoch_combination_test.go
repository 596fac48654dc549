package field

import "testing"

// What is published of a precinct is so many equations about who answered what. However they are added up and subtracted, no combination is of fewer than
// 11 households: not where a batch that was imported is taken back, and not where others came meanwhile.
func TestNoEpochsTogetherTellOfFew(t *testing.T) {
	back := func(w *world, first, many, support int) {
		for n := first; n < first+many; n++ {
			w.send(withdrawal(1000+n, n))
		}
		_ = support
	}
	for _, c := range []struct {
		name  string
		steps []func(w *world)
		news  []bool // whether a new picture may be published after each
	}{
		{"an import is taken back while one answers", []func(w *world){
			func(w *world) { w.send(append(households(1, 6, 1), households(7, 6, -1)...)...) },
			func(w *world) { w.send(households(20, 12, 2)...) },
			func(w *world) { back(w, 20, 12, 2); w.send(saying(50, -2)) },
		}, []bool{true, true, false}},
		{"others came meanwhile", []func(w *world){
			func(w *world) { w.send(append(households(1, 6, 1), households(7, 6, -1)...)...) },
			func(w *world) { w.send(households(20, 12, 2)...) },
			func(w *world) { w.send(households(40, 12, 0)...) },
			func(w *world) { back(w, 20, 12, 2); w.send(saying(60, -2)) },
		}, []bool{true, true, true, false}},
	} {
		w := newWorld(t)
		before := "nothing"
		for i, step := range c.steps {
			step(w)
			now := w.published()
			if (now != before) != c.news[i] {
				t.Errorf("%s: after step %d everybody sees %s, and saw %s", c.name, i+1, now, before)
			}
			before = now
		}
	}
}
