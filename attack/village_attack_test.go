package attack

import (
	"strings"
	"testing"
)

func TestNothingSmallCanBeComputed(t *testing.T) {
	t.Parallel()
	for _, divisions := range [][]string{{"2024"}, {"2020", "2024"}} {
		t.Run(strings.Join(divisions, " and "), func(t *testing.T) {
			t.Parallel()
			s := newVillage(divisions...).build(t)
			a := newAdversary(t, serve(open(t, s)), readTruth(t, s))
			a.attack()
			for _, leak := range a.leaks() {
				t.Error(leak)
			}
		})
	}
}
