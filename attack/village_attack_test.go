package attack

import (
	"strings"
	"testing"
)

func TestNothingSmallCanBeComputed(t *testing.T) {
	for _, divisions := range [][]string{{"2020"}, {"2020", "2024"}} {
		t.Run(strings.Join(divisions, " and "), func(t *testing.T) {
			s := newVillage(divisions...).build(t)
			a := newAdversary(t, serve(open(t, s)), readTruth(t, s))
			a.attack()
			for _, leak := range a.leaks() {
				t.Error(leak)
			}
		})
	}
}
