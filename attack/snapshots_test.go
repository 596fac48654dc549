package attack

import (
	"slices"
	"testing"

	"github.com/arpent/arpent/engine"
)

// A household moves in. Whoever has the numbers of before sees that; of those who lived there before, nothing follows.
func TestTwoSnapshotsOfOnePlanTellOfTheChangeAlone(t *testing.T) {
	t.Parallel()
	const grown = "Rue_Haute_2"
	before, after := newVillage("2024"), newVillage("2024").with(grown, 3)
	first, second := before.build(t), after.build(t)
	of, then := readTruth(t, first), readTruth(t, second)
	for u, state := range of.states {
		if then.states[u] != state {
			t.Fatalf("%v is %s and then %s: take another house", u, state, then.states[u])
		}
	}
	added := *then.households[then.atomOf(t, grown)]
	added.households, added.added = 1, true
	of.households = append(of.households, &added)
	then.households = of.households

	a := newAdversary(t, serve(open(t, first)), of)
	a.attack()
	b := newAdversary(t, serve(open(t, second)), then)
	b.households, b.later = a.households, true
	b.attack()
	a.households.add("the household that moved in", func(one *atom) bool { return one.added })
	added.households = 11 // it is no secret
	for _, leak := range slices.Concat(a.leaks(), b.leaks()) {
		t.Error(leak)
	}
}

// The same place with another plan, each of which is safe: who has seen both knows more.
func TestTwoPlansOfOnePlaceAreALeakThatIsFound(t *testing.T) {
	t.Parallel()
	first := newVillage("2024").build(t)
	of := readTruth(t, first)
	second := replanned(t, first, of.otherPlan(t))
	city, other := open(t, first), open(t, second)

	a := newAdversary(t, serve(other), of)
	a.attack()
	for _, leak := range a.leaks() {
		t.Fatalf("the other plan is no plan by itself: %s", leak)
	}
	a.handler, a.at = serve(other, city), "@"+city.Snapshot()
	a.attackPinned()
	if found := a.leaks(); len(found) == 0 {
		t.Error("the adversary does not find what two plans tell together")
	}
}

// otherPlan suppresses one published unit and publishes one that is not: alone nothing small can be computed, with the plan of before it can.
func (of *truth) otherPlan(t *testing.T) map[unit]engine.State {
	t.Helper()
	plan := func(k *knowledge, without unit) {
		for u, state := range of.states {
			if state == engine.Published && u != without {
				k.add(u.String(), u.holds)
			}
		}
	}
	kinds := []engine.Unit{engine.UnitSegment, engine.UnitCell}
	units := of.units()
	for _, shown := range units {
		if of.states[shown] != engine.Suppressed || !slices.Contains(kinds, shown.kind) || small(of.homes(shown)) {
			continue
		}
		for _, hidden := range units {
			if of.states[hidden] != engine.Published || !slices.Contains(kinds, hidden.kind) {
				continue
			}
			k := newKnowledge(of.contests["2024_euro"])
			plan(k, hidden)
			k.add(shown.String(), shown.holds)
			if alone := k.leak(t); alone != nil {
				continue
			}
			if k.add(hidden.String(), hidden.holds); k.leak(t) != nil {
				return map[unit]engine.State{shown: engine.Published, hidden: engine.Suppressed}
			}
		}
	}
	t.Fatal("there is no other plan")
	return nil
}
