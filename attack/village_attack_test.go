package attack

import (
	"testing"

	"github.com/arpent/arpent/engine/live"
)

func TestNothingSmallCanBeComputed(t *testing.T) {
	s := newVillage("2020").build(t)
	city, err := live.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	a := newAdversary(t, serve(city), readTruth(t, s))
	a.attack()
	for _, leak := range a.leaks() {
		t.Error(leak)
	}
	t.Log(len(a.heard))
}
