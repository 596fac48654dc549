package field

import (
	"math/rand"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

// story is an entry: an id, what it replaces (0: nothing), what was said, and whether it is a withdrawal or waits.
type story struct {
	id, replaces int
	said         uint64
	withdraws    bool
	waits        bool
}

func (s story) version(position int64) version {
	v := version{id: id(s.id), body: (s.said<<8 | uint64(s.replaces)) << 1, position: position, waits: s.waits} // all that was sent
	if s.replaces != 0 {
		v.replaces = id(s.replaces)
	}
	if s.withdraws {
		v.body |= 1
	}
	return v
}

func TestWhatReturnsCountFor(t *testing.T) {
	const c, a, n = engine.Counts, engine.AttemptOnly, engine.Nothing
	for _, k := range []struct {
		name     string
		entries  []story
		want     []engine.Effect
		conflict bool
	}{
		{"one return", []story{{id: 1}}, []engine.Effect{c}, false},
		{"sent three times", []story{{id: 1}, {id: 1}, {id: 1}}, []engine.Effect{c, n, n}, false},
		{"corrected", []story{{id: 1}, {id: 2, replaces: 1}}, []engine.Effect{n, c}, false},
		{"the correction comes first", []story{{id: 2, replaces: 1}, {id: 1}}, []engine.Effect{c, n}, false},
		{"the correction comes alone", []story{{id: 2, replaces: 1}}, []engine.Effect{c}, false},
		{"corrected twice, one after the other", []story{{id: 1}, {id: 2, replaces: 1}, {id: 3, replaces: 2}}, []engine.Effect{n, n, c}, false},
		{"two bodies under one id", []story{{id: 1, said: 5}, {id: 1, said: 4}}, []engine.Effect{n, a}, true},
		{"two bodies, and a copy of each", []story{{id: 1, said: 5}, {id: 1, said: 4}, {id: 1, said: 5}, {id: 1, said: 4}}, []engine.Effect{n, a, n, n}, true},
		{"two bodies, corrected", []story{{id: 1, said: 5}, {id: 1, said: 4}, {id: 2, replaces: 1}}, []engine.Effect{n, n, c}, false},
		{"two bodies, withdrawn", []story{{id: 1, said: 5}, {id: 1, said: 4}, {id: 2, replaces: 1, withdraws: true}}, []engine.Effect{n, n, n}, false},
		{"two corrections of one", []story{{id: 1}, {id: 2, replaces: 1, said: 7}, {id: 3, replaces: 1, said: 6}}, []engine.Effect{n, n, a}, true},
		{"two corrections of what never came", []story{{id: 2, replaces: 1, said: 7}, {id: 3, replaces: 1, said: 6}}, []engine.Effect{n, a}, true},
		{"two corrections, one withdrawn", []story{{id: 1}, {id: 2, replaces: 1}, {id: 3, replaces: 1}, {id: 4, replaces: 3, withdraws: true}},
			[]engine.Effect{n, c, n, n}, false},
		{"two corrections, the first return withdrawn", []story{{id: 1}, {id: 2, replaces: 1}, {id: 3, replaces: 1}, {id: 4, replaces: 1, withdraws: true}},
			[]engine.Effect{n, n, n, n}, false},
		{"withdrawn", []story{{id: 1}, {id: 2, replaces: 1, withdraws: true}}, []engine.Effect{n, n}, false},
		{"withdrawn and corrected", []story{{id: 1}, {id: 2, replaces: 1, withdraws: true}, {id: 3, replaces: 1}, {id: 4, replaces: 3}},
			[]engine.Effect{n, n, n, n}, false},
		{"the withdrawal corrected", []story{{id: 1}, {id: 2, replaces: 1, withdraws: true}, {id: 3, replaces: 2}}, []engine.Effect{n, n, c}, false},
		{"the withdrawal withdrawn", []story{{id: 1}, {id: 2, replaces: 1, withdraws: true}, {id: 3, replaces: 2, withdraws: true}}, []engine.Effect{n, n, n}, false},
		{"a withdrawal under the id of another return", []story{{id: 1}, {id: 2, replaces: 1, withdraws: true}, {id: 2, replaces: 1, said: 3}},
			[]engine.Effect{n, n, n}, true},
		{"a circle", []story{{id: 1, replaces: 2}, {id: 2, replaces: 1}}, []engine.Effect{n, n}, true},
		{"a circle, corrected", []story{{id: 1, replaces: 2}, {id: 2, replaces: 1}, {id: 3, replaces: 1}}, []engine.Effect{n, n, c}, false},
		{"in quarantine", []story{{id: 1, waits: true}}, []engine.Effect{n}, false},
		{"released", []story{{id: 1, waits: true}, {id: 1}}, []engine.Effect{n, c}, false},
		{"the correction in quarantine", []story{{id: 1}, {id: 2, replaces: 1, waits: true}}, []engine.Effect{c, n}, false},
		{"the withdrawal in quarantine", []story{{id: 1}, {id: 2, replaces: 1, withdraws: true, waits: true}}, []engine.Effect{c, n}, false},
	} {
		var versions []version
		for i, s := range k.entries {
			versions = append(versions, s.version(int64(i+1)))
		}
		got, conflict := fold(versions)
		if !slices.Equal(got, k.want) || conflict != k.conflict {
			t.Errorf("%s: %v, conflict %t, not %v, %t", k.name, got, conflict, k.want, k.conflict)
		}
	}
}

// seen is what is seen of an entry that counts.
type seen struct {
	id     uuid.UUID
	body   uint64
	effect engine.Effect
}

func counted(versions []version) []seen {
	effects, _ := fold(versions)
	var all []seen
	for i, v := range versions {
		if effects[i] != engine.Nothing {
			all = append(all, seen{v.id, v.body, effects[i]})
		}
	}
	return all
}

func aStory(t *rapid.T) story {
	s := story{
		id: rapid.IntRange(1, 5).Draw(t, "id"), replaces: rapid.IntRange(0, 5).Draw(t, "replaces"), said: rapid.Uint64Range(0, 2).Draw(t, "said"),
		withdraws: rapid.IntRange(0, 4).Draw(t, "withdraws") == 0, waits: rapid.IntRange(0, 4).Draw(t, "waits") == 0,
	}
	if s.replaces == s.id {
		s.replaces = 0
	}
	s.withdraws = s.withdraws && s.replaces != 0
	return s
}

// The order of arrival, and how often something came, is of no account; and of what is tied at most one counts.
func TestFoldDoesNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stories := rapid.SliceOfN(rapid.Custom(aStory), 1, 8).Draw(t, "stories")
		var versions []version
		for i, s := range stories {
			versions = append(versions, s.version(int64(i+1)))
		}
		want := counted(versions)
		if len(want) > 1 {
			t.Fatalf("%v count for one thing", want)
		}
		again := slices.Clone(stories)
		for range rapid.IntRange(0, 3).Draw(t, "copies") {
			again = append(again, rapid.SampledFrom(stories).Draw(t, "copy"))
		}
		rand.New(rand.NewSource(rapid.Int64().Draw(t, "order"))).Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		versions = versions[:0]
		for i, s := range again {
			versions = append(versions, s.version(int64(i+1)))
		}
		if got := counted(versions); !slices.Equal(got, want) {
			t.Fatalf("%v count, and in another order %v", want, got)
		}
	})
}
