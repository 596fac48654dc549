package attack

import (
	"maps"
	"slices"
	"testing"

	"github.com/arpent/arpent/engine"
)

// A twin of the village has other households and other votes where nobody can tell, and other numbers in all that is suppressed. Then no answer may
// differ, to the byte: no order, no count, no entity tag, no digit comes from what is hidden.
func TestWhatIsHiddenChangesNoAnswer(t *testing.T) {
	t.Parallel()
	s := newVillage("2024").build(t)
	of := readTruth(t, s)
	a := newAdversary(t, serve(open(t, s)), of)
	a.attack()

	twin := twinOf(t, s, a)
	b := newAdversary(t, serve(open(t, twin)), readTruth(t, twin))
	b.attack()
	if len(a.heard) < 100 || !slices.Equal(sortedKeys(a.heard), sortedKeys(b.heard)) {
		t.Fatal("not the same was asked")
	}
	for _, question := range sortedKeys(a.heard) {
		if a.heard[question] != b.heard[question] {
			t.Errorf("what is hidden shows in the answer to %s:\n%s\n%s", question, a.heard[question], b.heard[question])
		}
	}
}

// twinOf copies a snapshot with the numbers changed that the adversary knows nothing of.
func twinOf(t *testing.T, s *engine.Snapshot, a *adversary) *engine.Snapshot {
	t.Helper()
	households, voters, changed := a.households.hidden(), map[string][]int64{}, 0
	for contest, k := range a.contests {
		voters[contest] = k.hidden()
	}
	is := func(one *atom, row tableRow) bool {
		return one.segment == a.truth.lead[row["segment_id"].(int64)] && slices.Contains(one.precincts, row["precinct_id"].(int64)) && int64(one.cell) == row["cell"].(int64)
	}
	atoms := map[int64]tableRow{}
	bySegment := map[int64]float64{} // what its households change by
	made := copied(t, s, s.Manifest.ID, map[string]func(tableRow){
		engine.Atoms.Name: func(row tableRow) {
			atoms[row["atom_id"].(int64)] = maps.Clone(row)
			for i, one := range a.truth.households {
				if is(one, row) && households[i] != 0 {
					more := float64(households[i]) / 1024 // exact, and no household is less than none
					row["households"] = row["households"].(float64) + more
					bySegment[row["segment_id"].(int64)] += more
					households[i] = 0
					changed++
				}
			}
		},
		engine.Votes.Name: func(row tableRow) {
			contest := row["contest"].(string)
			if row["choice"] != engine.Abstention {
				return
			}
			for i, one := range a.truth.contests[contest] {
				if is(one, atoms[row["atom_id"].(int64)]) && voters[contest][i] != 0 {
					row["votes"] = row["votes"].(int64) + voters[contest][i]
					voters[contest][i] = 0
					changed++
				}
			}
		},
		engine.Estimates.Name: func(row tableRow) {
			if row["state"] == string(engine.Published) {
				return
			}
			for _, name := range []string{"registered", "votes", "registered_low90", "registered_low50", "registered_high50", "registered_high90"} {
				row[name] = row[name].(int64) + 1000
			}
			for _, name := range []string{"share", "low90", "low50", "high50", "high90"} {
				if share, ok := row[name].(float64); ok {
					row[name] = share / 2
				}
			}
		},
	})
	if changed < 50 {
		t.Fatalf("the twin differs in %d numbers of atoms: the test shows little", changed)
	}
	return copied(t, made, s.Manifest.ID, map[string]func(tableRow){engine.Segments.Name: func(row tableRow) {
		row["households"] = row["households"].(float64) + bySegment[row["segment_id"].(int64)]
	}})
}
