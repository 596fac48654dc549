package field

import (
	"slices"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// stage is what a commit does to the identities of a campaign. It changes them when it is installed, after the store has taken the commit,
// and is forgotten where the store has not.
type stage struct {
	of    *identities
	alone map[uuid.UUID]single
	tied  map[uuid.UUID]*family
	gone  map[uuid.UUID]bool // erased
	order []*family          // those that are touched, in the order in which they were; merged ones are empty
}

func newStage(of *identities) *stage {
	return &stage{of: of, alone: map[uuid.UUID]single{}, tied: map[uuid.UUID]*family{}, gone: map[uuid.UUID]bool{}}
}

// holdsCopy tells whether the same return is there already, so that it need not be written again.
func (s *stage) holdsCopy(v version) bool {
	if f := s.look(v.id); f != nil {
		return slices.ContainsFunc(f.members, func(m version) bool { return m.copyOf(&v) })
	}
	return false
}

// look gives what is tied to an id, as it is staged; nil where the id is not known.
func (s *stage) look(id uuid.UUID) *family {
	if f := s.tied[id]; f != nil {
		return f
	}
	if a, some := s.alone[id]; some {
		f := a.family(id)
		f.effects[0] = "" // it came with this stage
		return f
	}
	if s.gone[id] {
		return nil
	}
	return s.of.family(id)
}

// add takes an entry that is new.
func (s *stage) add(v version) {
	if v.replaces == uuid.Nil && s.look(v.id) == nil {
		s.alone[v.id] = singleOf(v)
		return
	}
	f := s.touch(v.id)
	if v.replaces != uuid.Nil {
		f = s.merge(f, s.touch(v.replaces))
	}
	f.members = append(f.members, v)
	f.effects = append(f.effects, "")
}

// touch gives the family of an id to be changed: a copy of that in the identities, or a new one.
func (s *stage) touch(id uuid.UUID) *family {
	if f := s.tied[id]; f != nil {
		return f
	}
	f := s.look(id)
	delete(s.alone, id)
	if f == nil {
		f = &family{ids: []uuid.UUID{id}}
	} else {
		f = &family{slices.Clone(f.members), slices.Clone(f.effects), slices.Clone(f.ids), f.conflict}
	}
	for _, id := range f.ids {
		s.tied[id] = f
	}
	s.order = append(s.order, f)
	return f
}

// merge ties two families to each other.
func (s *stage) merge(a, b *family) *family {
	if a == b {
		return a
	}
	if len(a.ids) < len(b.ids) {
		a, b = b, a
	}
	a.members = append(a.members, b.members...)
	a.effects = append(a.effects, b.effects...)
	a.ids = append(a.ids, b.ids...)
	for _, id := range b.ids {
		s.tied[id] = a
	}
	*b = family{}
	return a
}

// remove takes a family away: its entries are erased.
func (s *stage) remove(f *family) {
	for _, id := range f.ids {
		s.gone[id] = true
	}
}

// effectChange is an entry that counts for something else than before.
type effectChange struct {
	position      int64
	before, after engine.Effect // before is "" where the entry is new
}

// settle folds what was touched, and gives what has changed by it: of every family the entries that count for something else, and those
// that are new. What is new and alone is left out: it counts, but for what waits.
func (s *stage) settle() []effectChange {
	var changes []effectChange
	for _, f := range s.order {
		effects, conflict := fold(f.members)
		f.conflict = conflict
		for i := range effects {
			if effects[i] != f.effects[i] {
				changes = append(changes, effectChange{f.members[i].position, f.effects[i], effects[i]})
			}
		}
		f.effects = effects
	}
	return changes
}

// install makes what is staged the identities of the campaign.
func (s *stage) install() {
	for id := range s.gone {
		s.of.forget(id)
	}
	for id, a := range s.alone {
		s.of.alone[id] = a
	}
	for id := range s.tied {
		s.of.forget(id)
	}
	for id, f := range s.tied {
		s.of.tied[id] = f
	}
	for _, f := range s.order {
		if f.conflict {
			s.of.conflicts[f] = struct{}{}
		}
	}
}

func (x *identities) forget(id uuid.UUID) {
	delete(x.alone, id)
	if f := x.tied[id]; f != nil {
		delete(x.conflicts, f)
		delete(x.tied, id)
	}
}
