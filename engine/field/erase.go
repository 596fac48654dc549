package field

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// Subject is whom an erasure is about: one of the three.
type Subject struct {
	Record    uuid.UUID
	Door      engine.Location // AddressID or Segment, with Door
	Canvasser string          // a pseudonym
}

// ErrSubject is returned where a subject is none, or several.
var ErrSubject = errors.New("field: name one of a return, a door (an address, or a segment with a door) and a canvasser")

// kind says which of the three a subject is.
func (s Subject) kind() (string, error) {
	door := s.Door.AddressID != "" || s.Door.Segment != 0 && doorWord(s.Door.Door) != ""
	switch {
	case s.Record != uuid.Nil && s.Door == (engine.Location{}) && s.Canvasser == "":
		return "return", nil
	case s.Record == uuid.Nil && door && s.Canvasser == "":
		return "door", nil
	case s.Record == uuid.Nil && s.Door == (engine.Location{}) && s.Canvasser != "":
		return "canvasser", nil
	}
	return "", ErrSubject
}

// subjectKey is a subject as the log knows it.
type subjectKey struct {
	kind            string
	record          uuid.UUID
	foreign         uuid.UUID // what the record is known by where its id was made of another tool's
	door, canvasser engine.Key
	asked           string // a keyed hash of it, in hex
}

func (l *Log) subject(campaign string, s Subject) (subjectKey, error) {
	kind, err := s.kind()
	if err != nil {
		return subjectKey{}, err
	}
	_, secret, err := l.campaign(campaign)
	if err != nil {
		return subjectKey{}, err
	}
	keys := keyer{secret}
	asked := keys.sum(ofSubject, kind, s.Record.String(), s.Door.AddressID, strconv.FormatInt(s.Door.Segment, 10), doorWord(s.Door.Door), s.Canvasser)
	return subjectKey{
		kind, s.Record, keys.foreignID(s.Record), keys.door(s.Door.AddressID, s.Door.Segment, s.Door.Door), keys.canvasser(s.Canvasser), hex.EncodeToString(asked[:]),
	}, nil
}

// selection is where the entries of a subject are.
func (s subjectKey) selection(campaign string) engine.Selection {
	selection := engine.Selection{Campaign: campaign, Door: s.door, Canvasser: s.canvasser}
	if s.record != uuid.Nil {
		selection.IDs = []uuid.UUID{s.record, s.foreign}
	}
	return selection
}

// Held gives what is held of a subject.
func (l *Log) Held(ctx context.Context, campaign string, subject Subject) ([]engine.Kept, error) {
	key, err := l.subject(campaign, subject)
	if err != nil {
		return nil, err
	}
	if err := l.waitSettled(ctx); err != nil {
		return nil, err
	}
	var held []engine.Kept
	err = l.config.Store.Replay(ctx, key.selection(campaign), func(kept []engine.Kept) error {
		held = append(held, kept...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("field: what is held in %s: %w", campaign, err)
	}
	return held, nil
}

// Erase removes all that is held of a subject, with all versions of each return, and keeps out what comes of it later: the return itself,
// and what happened before at the door, or was noted by the canvasser. When it returns nil no file holds it any more.
func (l *Log) Erase(ctx context.Context, campaign string, subject Subject) (Receipt, error) {
	key, err := l.subject(campaign, subject)
	if err != nil {
		return Receipt{}, err
	}
	receipt := Receipt{Kind: "erasure", Campaign: campaign, Subject: key.kind, Asked: key.asked, Time: l.now()}
	err = l.exclusively(ctx, func() error {
		kept, err := l.replay(key.selection(campaign))
		if err != nil {
			return fmt.Errorf("field: erase in %s: %w", campaign, err)
		}
		var seeds []seed
		for i := range kept {
			seeds = append(seeds, seed{id: kept[i].ID})
		}
		if key.record != uuid.Nil {
			seeds = append(seeds, seed{id: key.record}, seed{id: key.foreign})
		}
		receipt.Erased, err = l.erase(campaign, seeds, l.marks(campaign, key), true)
		return err
	})
	if err != nil {
		return Receipt{}, err
	}
	return l.witness(receipt)
}

func (l *Log) now() time.Time { return l.config.Now().UTC().Truncate(time.Microsecond) }

// marks are, in the committer, what keeps a subject out from now on.
func (l *Log) marks(campaign string, key subjectKey) []erasedLine {
	now := l.now()
	switch key.kind {
	case "door":
		hash := hashOfDoor(campaign, key.door)
		return []erasedLine{{Door: hex.EncodeToString(hash[:]), Before: &now}}
	case "canvasser":
		hash := hashOfCanvasser(campaign, key.canvasser)
		return []erasedLine{{Canvasser: hex.EncodeToString(hash[:]), Before: &now}}
	}
	marks := []erasedLine{lineOfReturn(campaign, key.foreign, time.Time{})}
	// What is made of another tool's ids is no random number: its hash could be found by trying that tool's.
	if made := key.record.Version() == 3 || key.record.Version() == 5; !made || l.known(campaign).family(key.record) != nil {
		marks = append(marks, lineOfReturn(campaign, key.record, time.Time{}))
	}
	return marks
}

// seed is a return that is erased, with all that is tied to it.
type seed struct {
	id     uuid.UUID
	before time.Time // what of the others happened then or later stays; zero: nothing does
}

// erasure is a family that is erased.
type erasure struct {
	family *family
	before time.Time
}

// erase removes, in the committer, the families of some returns. First it is written what must stay out and what is due, so that a crash leaves
// nothing half done; the returns are remembered, as hashes, where they could come again. What was due before goes with them. It says how many
// entries went.
func (l *Log) erase(campaign string, seeds []seed, marks []erasedLine, remember bool) (int, error) {
	erased := l.erased.of(campaign)
	due, err := l.entries(campaign, erased.due)
	if err != nil {
		return 0, fmt.Errorf("field: erase in %s: %w", campaign, err)
	}
	for i := range due {
		seeds = append(seeds, seed{id: due[i].ID})
	}
	erasures := l.families(campaign, seeds)
	before := map[int64]engine.Effect{}
	var positions []int64
	for _, e := range erasures {
		for i, v := range e.family.members {
			positions = append(positions, v.position)
			before[v.position] = e.family.effects[i]
		}
	}
	slices.Sort(positions)
	kept, err := l.entries(campaign, positions)
	if err != nil {
		return 0, fmt.Errorf("field: erase in %s: %w", campaign, err)
	}
	stay := staying(campaign, erasures, kept)
	c := l.newCommit()
	lines := marks
	if remember {
		lines = append(c.tombstones(campaign, erasures, stay, l.now()), marks...)
	}
	if len(stay) == 0 && len(positions) > 0 {
		lines = append(lines, erasedLine{Due: positions})
	}
	l.last = c.last
	if len(lines) > 0 {
		if err := erased.write(lines...); err != nil {
			return 0, err
		}
	}
	if len(positions) == 0 {
		if err := l.payErasure(); err != nil {
			return 0, err
		}
		return 0, erased.done()
	}
	l.waitObserved() // entries of earlier commits may still have to be read
	for _, e := range erasures {
		c.stage(campaign).remove(e.family)
	}
	for i := range stay {
		c.add(&stay[i])
	}
	c.settle()
	l.last = c.last
	if stop := l.stopCounting.Load(); stop != nil {
		(*stop)() // an epoch that is counted as the log was a moment ago would not find it so
	}
	l.publishing.Lock()
	defer l.publishing.Unlock()
	if err := l.epochs.noteErased(campaign, kept, erased); err != nil {
		return 0, err
	}
	failed := l.config.Store.Erase(l.ctx, campaign, positions, c.batch)
	owed := errors.Is(failed, engine.ErrErasureOwed)
	if failed != nil && !owed {
		return 0, noted(campaign, failed)
	}
	var gone []news
	for i := range kept {
		gone = append(gone, news{effectChange{kept[i].Position, before[kept[i].Position], ""}, &kept[i].Entry})
	}
	c.news[campaign] = append(gone, c.news[campaign]...)
	c.installed()
	c.tell()
	l.owed = ""
	if owed {
		l.owed = campaign
		return 0, noted(campaign, failed)
	}
	return len(positions) - len(stay), erased.done()
}

// payErasure has the store delete what an erasure before has left.
func (l *Log) payErasure() error {
	if l.owed == "" {
		return nil
	}
	if err := l.config.Store.Erase(l.ctx, l.owed, nil, engine.Batch{}); err != nil {
		return noted(l.owed, err)
	}
	l.owed = ""
	return nil
}

func noted(campaign string, err error) error {
	return fmt.Errorf("field: erase in %s: it is noted, and will be tried again: %w", campaign, err)
}

// families gives the families of some returns, each once.
func (l *Log) families(campaign string, seeds []seed) []erasure {
	known := l.known(campaign)
	var all []erasure
	at := map[uuid.UUID]int{}
	for _, s := range seeds {
		if i, some := at[s.id]; some {
			if s.before.IsZero() || !all[i].before.IsZero() && s.before.After(all[i].before) {
				all[i].before = s.before
			}
			continue
		}
		f := known.family(s.id)
		if f == nil {
			continue
		}
		for _, id := range f.ids {
			at[id] = len(all)
		}
		all = append(all, erasure{f, s.before})
	}
	return all
}

// staying gives the entries that stay, as they do: without naming what is gone.
func staying(campaign string, erasures []erasure, kept []engine.Kept) []engine.Entry {
	at := map[int64]*engine.Entry{}
	for i := range kept {
		at[kept[i].Position] = &kept[i].Entry
	}
	var stay []engine.Entry
	for _, e := range erasures {
		if !e.before.IsZero() {
			stay = append(stay, e.staying(campaign, at)...)
		}
	}
	return stay
}

// staying gives what happened at the end of an erasure or later, and is in force or waits. What was corrected or taken back goes: it counts for
// nothing, and would count again if what did that went alone.
func (e erasure) staying(campaign string, at map[int64]*engine.Entry) []engine.Entry {
	members := e.family.members
	standing, taken, _ := inForce(members)
	var stay []engine.Entry
	names := map[uuid.UUID]bool{}
	for i, v := range members {
		released := func(m version) bool { return m.id == v.id && m.body == v.body && !m.waits }
		waits := v.waits && !taken[v.id] && !slices.ContainsFunc(members, released)
		if entry := at[v.position]; (waits || slices.Contains(standing, i)) && entry != nil && !entry.Happened.Before(e.before) {
			stay = append(stay, *entry)
			names[v.id] = true
		}
	}
	for i := range stay {
		switch {
		case names[stay[i].Replaces]:
		case len(stay) == 1:
			stay[i].Replaces = uuid.Nil
		default: // they were tied by what is gone, and stay tied: they are one attempt
			hash := hashOfReturn(campaign, e.family.ids[0])
			stay[i].Replaces = uuid.UUID(hash[:16])
		}
	}
	return stay
}

// tombstones gives the lines that keep the returns of families out, but for those that stay.
func (c *commit) tombstones(campaign string, erasures []erasure, stay []engine.Entry, now time.Time) []erasedLine {
	var lines []erasedLine
	for _, e := range erasures {
		came := map[uuid.UUID]bool{}
		for _, v := range e.family.members {
			came[v.id] = true
		}
		for _, id := range e.family.ids {
			if slices.ContainsFunc(stay, func(s engine.Entry) bool { return s.ID == id }) {
				continue
			}
			line := lineOfReturn(campaign, id, e.before)
			if came[id] {
				c.last++
				line.At, line.Time = c.last, &now
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// finishErasures does what was due when the log ended. It is done in the committer, before the next commit.
func (l *Log) finishErasures() {
	for _, campaign := range l.erased.campaigns(func(t *tombstones) bool { return len(t.due) > 0 }) {
		if _, err := l.erase(campaign, nil, nil, true); err != nil {
			l.config.Log.Error("field: an erasure could not be finished; it will be tried again", "campaign", campaign, "error", err)
		}
	}
}
