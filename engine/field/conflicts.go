package field

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// ConflictPage lists conflicts.
type ConflictPage struct {
	Items []Conflict
	Next  string // "" where there are no more
}

// Conflict is a pair of returns of which only one can be true, or a circle of returns that replace each other. What was said is not in it.
type Conflict struct {
	One, Other ConflictSide
	Differ     []string // names of the fields that differ
}

// ConflictSide is one of a pair.
type ConflictSide struct {
	ID       uuid.UUID
	Replaces uuid.UUID
	Kind     engine.ReturnKind
	Effect   engine.Effect
	Segment  int64
	Team     string
	Happened time.Time
	Arrived  time.Time
}

// conflictsAtOnce bounds the families of a page; a family of n returns in conflict is n-1 pairs.
const conflictsAtOnce = 500

// Conflicts lists the pairs that somebody must look at, oldest first. A limit counts the things that happened, of which each may have several
// pairs.
func (l *Log) Conflicts(ctx context.Context, campaign, cursor string, limit int) (ConflictPage, error) {
	after, err := l.position(ofConflicts, campaign, cursor)
	if err != nil {
		return ConflictPage{}, err
	}
	limit = min(pageOf(limit), conflictsAtOnce)
	var page ConflictPage
	var families [][]int64
	err = l.exclusively(ctx, func() error {
		some, last, more := l.inConflict(campaign, after, limit)
		if families = some; more {
			page.Next = makeCursor(ofConflicts, campaign, last)
		}
		return nil
	})
	if err != nil {
		return ConflictPage{}, err
	}
	kept, err := l.entries(campaign, slices.Concat(families...))
	if err != nil {
		return ConflictPage{}, fmt.Errorf("field: conflicts of %s: %w", campaign, err)
	}
	at := map[int64]*engine.Kept{}
	for i := range kept {
		at[kept[i].Position] = &kept[i]
	}
	for _, family := range families {
		page.Items = append(page.Items, pairs(family, at)...)
	}
	return page, nil
}

// inConflict gives, for each family in conflict after a position, the positions of those that stand against each other.
func (l *Log) inConflict(campaign string, after int64, limit int) (families [][]int64, last int64, more bool) {
	type found struct {
		first   int64
		members []int64
	}
	var all []found
	for f := range l.known(campaign).conflicts {
		members := opposed(f.members)
		if first := slices.Min(members); first > after {
			all = append(all, found{first, members})
		}
	}
	slices.SortFunc(all, func(a, b found) int { return cmp.Compare(a.first, b.first) })
	for _, f := range all[:min(limit, len(all))] {
		families = append(families, f.members)
		last = f.first
	}
	return families, last, len(all) > limit
}

// opposed gives the positions of the heads of a family, or of all where it is a circle, one of each body, by body.
func opposed(versions []version) []int64 {
	bodies := distinct(versions)
	replaced := map[uuid.UUID]bool{}
	for _, i := range bodies {
		replaced[versions[i].replaces] = true
	}
	heads := slices.DeleteFunc(slices.Clone(bodies), func(i int) bool { return replaced[versions[i].id] })
	if len(heads) < 2 {
		heads = bodies
	}
	slices.SortFunc(heads, func(i, j int) int { return compareBodies(&versions[i], &versions[j]) })
	positions := make([]int64, len(heads))
	for i, head := range heads {
		positions[i] = versions[head].position
	}
	return positions
}

// pairs sets the first of some entries against each other one. What was erased meanwhile is left out.
func pairs(positions []int64, at map[int64]*engine.Kept) []Conflict {
	var pairs []Conflict
	one := at[positions[0]]
	for _, position := range positions[1:] {
		if other := at[position]; one != nil && other != nil {
			pairs = append(pairs, Conflict{sideOf(one), sideOf(other), differing(&one.Entry, &other.Entry)})
		}
	}
	return pairs
}

func sideOf(k *engine.Kept) ConflictSide {
	return ConflictSide{
		ID: k.ID, Replaces: k.Replaces, Kind: k.Kind, Effect: k.Effect, Segment: k.Segment, Team: k.Team, Happened: k.Happened, Arrived: k.Arrived,
	}
}

// differing names the fields in which two entries differ, by the names of the protocol.
func differing(a, b *engine.Entry) []string {
	var names []string
	for _, f := range []struct {
		name string
		same bool
	}{
		{"kind", a.Kind == b.Kind}, {"replaces", a.Replaces == b.Replaces}, {"happened_at", a.Happened.Equal(b.Happened)}, {"team", a.Team == b.Team},
		{"canvasser", a.Canvasser == b.Canvasser},
		{"location", a.Door == b.Door && a.Segment == b.Segment && a.Cell == b.Cell && a.AccuracyM == b.AccuracyM && a.AddressID == b.AddressID},
		{"result", a.Result == b.Result}, {"support", a.Support == b.Support}, {"turnout", a.Turnout == b.Turnout}, {"issues", a.Issues == b.Issues},
		{"script", a.Script == b.Script}, {"action", a.Action == b.Action}, {"count", a.Count == b.Count}, {"consent", a.Consent == b.Consent},
		{"consent_text", a.ConsentText == b.ConsentText}, {"consent_at", a.ConsentAt.Equal(b.ConsentAt)}, {"purpose", a.Purpose == b.Purpose},
		{"expires_at", a.Expires.Equal(b.Expires)},
	} {
		if !f.same {
			names = append(names, f.name)
		}
	}
	return names
}
