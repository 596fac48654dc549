package live

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// Returns gives the entries of a campaign that count, or count as attempts only, such as a *field.Log: those of a precinct, or with
// precinct 0 all of them. each must not keep the slice.
type Returns interface {
	Counted(ctx context.Context, campaign string, precinct int64, each func([]engine.Kept) error) error
}

// Field is what a campaign's returns say of a City, as its staff sees it: counts of doors and attempts exactly, whatever is made of
// answers only where K households answered, and so that no unit less others tells of fewer: a segment has the answers of its parts where K
// households gave one; a cell those of the parts that lie in it as a whole; a precinct those of its parts, and all others together, where those
// are K; a commune those of its precincts. It is safe for use from several goroutines.
//
// Precincts are read when they are first asked for, then kept: about 60 bytes a return. A door counts once: its last answer that counts,
// and where it was last met. Returns without consent have no address: they are counted in the cell of the middle of their segment, with
// all households of the segment that did not consent. A return whose segment has been joined to another since is counted in their stretch; one whose
// segment the snapshot does not have in its precinct only; one whose precinct it does not have, nowhere.
type Field struct {
	city     *City
	campaign engine.Campaign
	returns  Returns
	contest  int // index in City.Contests
	choice   int
	k        int32

	ground    *fieldGround
	precincts []*fieldPrecinct // by precinct of the City, nil in other divisions
	parts     []*modelParts    // the same, nil where the model says nothing
	model     atomic.Pointer[fieldModel]

	mu       sync.Mutex
	version  uint64        // the highest given
	versions []uint64      // by precinct
	moved    [][]uint64    // by precinct and its segments: the version that their counts last changed with; nil where none has
	changed  chan struct{} // closed and replaced when a version is given
	started  uint64

	tiles tilePrecincts
}

// NewField begins with no precinct read.
func NewField(city *City, campaign engine.Campaign, returns Returns) (*Field, error) {
	contest, err := contestByName(city.contests, campaign.Contest)
	if err != nil {
		return nil, fmt.Errorf("live: field of campaign %s: %w", campaign.ID, err)
	}
	choice, err := choiceByName(city.contests[contest], byChoice, campaign.Choice)
	if err != nil {
		return nil, fmt.Errorf("live: field of campaign %s: %w", campaign.ID, err)
	}
	f := &Field{
		city: city, campaign: campaign, returns: returns, contest: contest, choice: choice, k: int32(city.manifest.Parameters.K),
		ground: newFieldGround(city, city.contests[contest].Division), changed: make(chan struct{}),
		// Versions go on from one process to the next, so that no map takes an old tile for a new one; they stay below 2^53.
		started: uint64(time.Now().UnixMicro()),
	}
	f.version = f.started
	f.precincts = make([]*fieldPrecinct, len(f.ground.carried))
	f.versions, f.moved = make([]uint64, len(f.ground.carried)), make([][]uint64, len(f.ground.carried))
	for b := range f.precincts {
		f.versions[b] = f.started
		if f.ground.carried[b] != nil {
			f.precincts[b] = &fieldPrecinct{carried: f.ground.carried[b], k: f.k}
		}
	}
	f.parts = newModelParts(f)
	return f, nil
}

// Load reads all precincts that are not read yet in one pass over the log, so that no later answer waits for one.
func (f *Field) Load(ctx context.Context) error {
	level := f.city.unitLevel(engine.UnitPrecinct, 0)
	found := make([]*fieldPrecinct, len(f.precincts))
	for b, p := range f.precincts {
		if p != nil && p.begin() {
			found[b] = &fieldPrecinct{carried: p.carried}
		}
	}
	err := f.returns.Counted(ctx, f.campaign.ID, 0, func(entries []engine.Kept) error {
		for i := range entries {
			if b, ok := level.find(entries[i].Precinct); ok && found[b] != nil {
				found[b].add(&entries[i])
			}
		}
		return nil
	})
	for b := range found {
		if found[b] != nil {
			f.precincts[b].take(found[b], err == nil)
		}
	}
	if err != nil {
		return fmt.Errorf("live: read the returns of campaign %s: %w", f.campaign.ID, err)
	}
	return nil
}

// Observe applies what became of entries in a commit. A precinct that is not read yet has it when it is.
func (f *Field) Observe(changes []engine.Change) {
	level := f.city.unitLevel(engine.UnitPrecinct, 0)
	var touched []int32
	segments := map[int32][]int32{} // of those
	for _, change := range changes {
		e := change.Entry
		if e.Campaign != f.campaign.ID || e.Kind != engine.Attempt || change.Before == change.After {
			continue
		}
		if !counted(change.Before) && !counted(change.After) {
			continue
		}
		if b, ok := level.find(e.Precinct); ok && f.precincts[b] != nil {
			segments[int32(b)] = append(segments[int32(b)], f.precincts[b].observe(change)...)
			touched = append(touched, int32(b))
		}
	}
	if len(touched) > 0 {
		f.touch(touched, segments)
	}
}

// touch gives precincts, and those of their segments whose counts have changed, a new version and wakes who waits for one.
func (f *Field) touch(precincts []int32, segments map[int32][]int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version++
	for _, b := range precincts {
		f.versions[b] = f.version
		if f.moved[b] == nil && len(segments[b]) > 0 {
			f.moved[b] = make([]uint64, len(f.ground.carried[b].segments))
		}
		for _, at := range segments[b] {
			f.moved[b][at] = f.version
		}
	}
	close(f.changed)
	f.changed = make(chan struct{})
}

// Last is the version to wait from for what changes from now on.
func (f *Field) Last() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.version
}

// Touched is what has changed after a version.
type Touched struct {
	Precincts []TouchedPrecinct
	// Segments are those whose counts have changed, ascending, as they stand on the map: what was joined under the id of its lead. Nil where they are
	// more than MostTouched, or not known: after a version of before the Field was made.
	Segments []int64
}

// MostTouched bounds the segments that are told by their ids.
const MostTouched = 2000

// TouchedPrecinct is a precinct whose numbers have changed, and the part of the map that they are drawn in: its outline, its segments, and
// its cells of the finest resolution. Coarser cells reach farther, but never more than a third of a tile of the zoom that they are drawn
// at.
type TouchedPrecinct struct {
	ID    int64
	Bound orb.Bound
}

// Wait returns what has changed after a version, as soon as something has, and the version to go on from. After a version of before the Field
// was made, these are all precincts.
func (f *Field) Wait(ctx context.Context, after uint64) (Touched, uint64, error) {
	for {
		touched, next, changed := f.touchedAfter(after)
		if len(touched.Precincts) > 0 {
			return touched, next, nil
		}
		select {
		case <-ctx.Done():
			return Touched{}, after, ctx.Err()
		case <-changed:
		}
	}
}

// touchedAfter gives what has changed after a version, the version now, and what is closed when there is another.
func (f *Field) touchedAfter(after uint64) (touched Touched, now uint64, changed <-chan struct{}) {
	ids := f.city.unitLevel(engine.UnitPrecinct, 0).ids
	f.mu.Lock()
	defer f.mu.Unlock()
	if after >= f.version {
		return touched, f.version, f.changed
	}
	touched.Segments = []int64{}
	for b, version := range f.versions {
		if version <= after || f.precincts[b] == nil {
			continue
		}
		touched.Precincts = append(touched.Precincts, TouchedPrecinct{ids[b], f.ground.carried[b].bound})
		for at, version := range f.moved[b] {
			if version > after {
				touched.Segments = append(touched.Segments, f.ground.carried[b].ids[at])
			}
		}
	}
	slices.Sort(touched.Segments) // a segment may have parts in several precincts
	touched.Segments = slices.Compact(touched.Segments)
	if len(touched.Segments) > MostTouched || after < f.started {
		touched.Segments = nil
	}
	return touched, f.version, f.changed
}

// versionOf is the latest version of some precincts.
func (f *Field) versionOf(precincts []int32) uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	latest := f.started
	for _, b := range precincts {
		latest = max(latest, f.versions[b])
	}
	return latest
}
