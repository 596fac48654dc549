package field

import (
	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// identities are the entries of a campaign by their id. Most ids come once and are replaced by nothing: those are alone and take little.
type identities struct {
	alone     map[uuid.UUID]single
	tied      map[uuid.UUID]*family // also ids that are replaced and have not come
	conflicts map[*family]struct{}
}

// single is the one entry of an id that nothing replaces, and that replaces nothing.
type single struct {
	position int64 // negative: it waits in quarantine
	body     uint64
}

func singleOf(v version) single {
	if v.waits {
		v.position = -v.position
	}
	return single{v.position, v.body}
}

func (s single) version(id uuid.UUID) version {
	return version{id: id, body: s.body, position: max(s.position, -s.position), waits: s.position < 0}
}

// family are entries that are tied to each other by their id or by what they replace. It does not change once it is in identities.
type family struct {
	members  []version
	effects  []engine.Effect // of the members; "" where an entry is new
	ids      []uuid.UUID     // of the members, and what they replace
	conflict bool
}

func newIdentities() *identities {
	return &identities{map[uuid.UUID]single{}, map[uuid.UUID]*family{}, map[*family]struct{}{}}
}

// family gives what is tied to an id, the entry itself where it is alone; nil where the id is not known.
func (x *identities) family(id uuid.UUID) *family {
	if f := x.tied[id]; f != nil {
		return f
	}
	if s, some := x.alone[id]; some {
		return s.family(id)
	}
	return nil
}

func (s single) family(id uuid.UUID) *family {
	v := s.version(id)
	effects, _ := fold([]version{v})
	return &family{members: []version{v}, effects: effects, ids: []uuid.UUID{id}}
}

// load takes an entry of the store that is settled. Entries that are tied to others are given back in rest, to be staged when all are there.
func (x *identities) load(v version, rest []version) []version {
	_, again := x.alone[v.id]
	if v.replaces != uuid.Nil || again {
		return append(rest, v)
	}
	x.alone[v.id] = singleOf(v)
	return rest
}
