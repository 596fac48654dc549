package field

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// version is what the fold knows of an entry.
type version struct {
	id, replaces uuid.UUID
	body         uint64 // the first half of its key
	position     int64
	waits        bool // it is in quarantine; when it is released, the same entry comes again without that
}

func versionOf(e *engine.Entry) version {
	var body uint64
	for _, b := range e.Body[:8] {
		body = body<<8 | uint64(b)
	}
	return version{e.ID, e.Replaces, body, e.Position, e.Quarantine != ""}
}

// withdrawal tells whether it takes back what it replaces, see keyer.body.
func (v *version) withdrawal() bool { return v.body&1 == 1 }

// copyOf tells whether two entries are the same return, sent twice.
func (v *version) copyOf(other *version) bool {
	return v.id == other.id && v.body == other.body && v.waits == other.waits
}

// fold says what each of some entries counts for. They are all that are tied to each other, by their id or by what they replace, and they
// stand for one thing that happened: at most one of them counts. conflict says that somebody must look.
//
//   - What is in quarantine is as if it were not there.
//   - Of copies, one body under one id, the first is taken. Which is first depends on the order of arrival, and nothing else does: copies
//     say the same.
//   - A head is an entry whose id nothing replaces. A withdrawal that is a head takes away what it replaces, all later versions of
//     that, and whatever came under its own id.
//   - Of the other heads, if there is one, it counts. If there are several, they are in conflict: the one of the lowest body counts, as an
//     attempt alone.
//   - Where everything is replaced, in a circle, nothing counts, and that is a conflict too.
func fold(versions []version) (effects []engine.Effect, conflict bool) {
	effects = make([]engine.Effect, len(versions))
	for i := range effects {
		effects[i] = engine.Nothing
	}
	standing, _, conflict := inForce(versions)
	switch {
	case len(standing) == 1:
		effects[standing[0]] = engine.Counts
	case len(standing) > 1:
		effects[slices.MinFunc(standing, func(i, j int) int { return compareBodies(&versions[i], &versions[j]) })] = engine.AttemptOnly
	}
	return effects, conflict
}

// inForce gives the heads that are not taken away, and the ids that are.
func inForce(versions []version) (standing []int, taken map[uuid.UUID]bool, conflict bool) {
	bodies := distinct(versions)
	replaced := map[uuid.UUID]bool{}
	for _, i := range bodies {
		replaced[versions[i].replaces] = true
	}
	var heads []int
	for _, i := range bodies {
		if !replaced[versions[i].id] {
			heads = append(heads, i)
		}
	}
	taken, mixed := withdrawn(versions, bodies, heads)
	standing = slices.DeleteFunc(slices.Clone(heads), func(i int) bool { return taken[versions[i].id] })
	return standing, taken, mixed || len(standing) > 1 || len(bodies) > 0 && len(heads) == 0
}

// distinct gives the first of each id and body that does not wait, in the order of ids and bodies.
func distinct(versions []version) []int {
	var all []int
	for i := range versions {
		if !versions[i].waits {
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(i, j int) int {
		return cmp.Or(compareIDs(&versions[i], &versions[j]), cmp.Compare(versions[i].body, versions[j].body), cmp.Compare(versions[i].position, versions[j].position))
	})
	return slices.CompactFunc(all, func(i, j int) bool { return versions[i].copyOf(&versions[j]) })
}

// withdrawn gives the ids that the withdrawals among the heads take away. mixed says that another return came under a withdrawal's id.
func withdrawn(versions []version, bodies, heads []int) (taken map[uuid.UUID]bool, mixed bool) {
	taken = map[uuid.UUID]bool{}
	var next []uuid.UUID
	take := func(id uuid.UUID) {
		if !taken[id] {
			taken[id] = true
			next = append(next, id)
		}
	}
	withdrawing := map[uuid.UUID]bool{}
	for _, i := range heads {
		if versions[i].withdrawal() {
			withdrawing[versions[i].id] = true
			take(versions[i].id)
			take(versions[i].replaces)
		}
	}
	if len(next) == 0 {
		return taken, false
	}
	for _, i := range heads {
		mixed = mixed || withdrawing[versions[i].id] && !versions[i].withdrawal()
	}
	later := map[uuid.UUID][]uuid.UUID{}
	for _, i := range bodies {
		later[versions[i].replaces] = append(later[versions[i].replaces], versions[i].id)
	}
	for len(next) > 0 {
		id := next[0]
		next = next[1:]
		for _, newer := range later[id] {
			take(newer)
		}
	}
	return taken, mixed
}

// compareBodies orders returns by what was said in them, so that which is taken does not depend on when they came.
func compareBodies(a, b *version) int { return cmp.Or(cmp.Compare(a.body, b.body), compareIDs(a, b)) }

func compareIDs(a, b *version) int { return bytes.Compare(a.id[:], b.id[:]) }
