package attack

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/arpent/arpent/engine"
)

// One household moves into a house of the village, or out of it, and the place is built again: for many houses, each time from the first snapshot,
// and one after the other. Whoever kept all the snapshots, and knows who moved, must not learn of 1 to 10 of the households that he does not know of.
func TestSnapshotsOfAPlaceTogetherTellNothingSmall(t *testing.T) {
	t.Parallel()
	const everyOf = 9 // houses
	v := newVillage("2020", "2024")
	built := func(v village, workspace engine.Workspace) snapshotOfVillage {
		return snapshotOfVillage{v, readTruth(t, v.buildIn(t, workspace))}
	}
	begin := engine.Workspace{Dir: t.TempDir()}
	first := built(v, begin)
	begun := func() engine.Workspace {
		workspace := engine.Workspace{Dir: t.TempDir()}
		if err := os.CopyFS(workspace.Dir, os.DirFS(begin.Dir)); err != nil {
			t.Fatal(err)
		}
		return workspace
	}
	workspace, chain, leaks := begun(), []snapshotOfVillage{first}, 0
	for i := 0; i < len(v.houses); i += everyOf {
		h, moved := first.village.houses[i], 1
		if i%2 == 0 && h.households > 1 {
			moved = -1
		}
		after := first.village.with(h.id(), h.households+moved)
		if found := together(t, []snapshotOfVillage{first, built(after, begun())}); found != nil {
			t.Errorf("with %+d household at %s: %v", moved, h.id(), found)
		}
		if together(t, []snapshotOfVillage{first, built(after, engine.Workspace{Dir: t.TempDir()})}) != nil {
			leaks++
		}
		v = v.with(h.id(), h.households+moved)
		chain = append(chain, built(v, workspace))
	}
	for i := range chain {
		if found := together(t, chain[i:]); found != nil {
			t.Errorf("of the households of snapshot %d of %d in a row: %v", i, len(chain), found)
		}
	}
	if leaks == 0 {
		t.Error("no two plans of the village leak that do not heed each other: the test shows nothing")
	}
}

type snapshotOfVillage struct {
	village village
	truth   *truth
}

// together finds what follows of the households of the first of some snapshots from all that they publish, to whoever knows what changed since: all are
// then sums over the same households. In a place of several divisions no household of a precinct is counted, but the voters of each division are.
func together(t *testing.T, snapshots []snapshotOfVillage) *leak {
	t.Helper()
	is := map[string]string{} // by house: which atom of each snapshot
	atomsOf := make([]map[string]*atom, len(snapshots))
	for i, s := range snapshots {
		atomsOf[i] = map[string]*atom{}
		for j, a := range s.truth.households {
			for _, house := range a.houses {
				is[house] += fmt.Sprint(i, " in ", j, ", ")
				atomsOf[i][house] = a
			}
		}
	}
	var atoms []*atom
	at := map[string]*atom{}
	for _, h := range snapshots[0].village.houses {
		if h.households == 0 {
			continue // what came later is known
		}
		one := at[is[h.id()]]
		if one == nil {
			one = &atom{}
			at[is[h.id()]], atoms = one, append(atoms, one)
		}
		one.households += float64(h.households)
		one.houses = append(one.houses, h.id())
	}
	for _, division := range snapshots[0].village.divisions {
		k := newKnowledge(atoms)
		for i, s := range snapshots {
			for _, u := range s.truth.units() {
				if s.truth.states[u] != engine.Published || u.kind == engine.UnitPrecinct && !isOf(u, division) {
					continue
				}
				k.add(fmt.Sprintf("%v of snapshot %d", u, i), func(a *atom) bool {
					in := atomsOf[i][a.houses[0]]
					return in != nil && in.in(u)
				})
			}
		}
		if found := k.leak(t); found != nil {
			return found
		}
	}
	return nil
}

// isOf tells whether a precinct is of a division.
func isOf(u unit, division string) bool {
	return slices.ContainsFunc(precincts, func(p precinct) bool {
		return p.division == division && engine.PrecinctKey{Commune: p.commune, Station: p.station}.ID(division) == u.id
	})
}
