package field

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/arpent/arpent/engine"
)

// observation is what a commit has changed in a campaign.
type observation struct {
	campaign string
	news     []news
	heard    chan struct{} // not nil: nothing has changed, and whoever sends it waits until all before it is told
}

// What has changed is tried to be read so often, so long after each other: commits wait for it in the end, and only a commit opens again a store
// that was closed by an error.
const (
	readTries = 5
	readAgain = time.Second
)

// observeAtOnce bounds the entries that are read for the observer at a time.
const observeAtOnce = 2_000

// recentEntries are the last entries that came, for most corrections come soon. What is erased is not among them.
type recentEntries struct {
	at    map[int64]*engine.Entry
	order []int64 // positions, as a ring
	next  int
}

const keepRecent = 10_000

func (r *recentEntries) take(changes []engine.Change) {
	for _, c := range changes {
		switch {
		case c.After == "":
			delete(r.at, c.Entry.Position)
		case c.Before == "":
			if len(r.order) < keepRecent {
				r.order = append(r.order, c.Entry.Position)
			} else {
				delete(r.at, r.order[r.next])
				r.order[r.next] = c.Entry.Position
				r.next = (r.next + 1) % keepRecent
			}
			r.at[c.Entry.Position] = c.Entry
		}
	}
}

// observe tells the observer, and counts for the public, what commits have changed. Entries that are not at hand are read from the store.
func (l *Log) observe() {
	recent := &recentEntries{at: map[int64]*engine.Entry{}}
	for o := range l.observations {
		if o.heard != nil {
			close(o.heard)
			continue
		}
		for told := range slices.Chunk(o.news, observeAtOnce) {
			changes := l.changesOf(o.campaign, told, recent)
			recent.take(changes)
			l.epochs.count(o.campaign, changes, l.erased.of(o.campaign), len(changes) < len(told))
			if l.config.Observer != nil {
				l.config.Observer.Observe(o.campaign, changes)
			}
		}
	}
}

// changesOf gives the entries that have changed, in the order of what is told.
func (l *Log) changesOf(campaign string, told []news, recent *recentEntries) []engine.Change {
	var missing []int64
	for _, n := range told {
		if n.entry == nil && recent.at[n.position] == nil {
			missing = append(missing, n.position)
		}
	}
	read := map[int64]*engine.Entry{}
	kept := l.readPatiently(campaign, missing)
	for i := range kept {
		read[kept[i].Position] = &kept[i].Entry
	}
	changes := make([]engine.Change, 0, len(told))
	for _, n := range told {
		entry := cmp.Or(n.entry, recent.at[n.position], read[n.position])
		if entry != nil {
			changes = append(changes, engine.Change{Entry: entry, Before: n.before, After: n.after})
		}
	}
	return changes
}

// readPatiently reads entries by their positions, and again for some seconds where it cannot, or as long as the store is away. Then what is shown of the
// campaign is wrong until the next start.
func (l *Log) readPatiently(campaign string, positions []int64) []engine.Kept {
	for try := 1; ; try++ {
		kept, err := l.entries(campaign, positions)
		if err == nil {
			return kept
		}
		last := try >= readTries && !errors.Is(err, engine.ErrStoreUnavailable) || errors.Is(err, engine.ErrStoreDamaged)
		l.config.Log.Error("field: what has changed could not be read from the store: what is shown of the campaign is behind",
			"campaign", campaign, "until the next start", last, "error", err)
		if last {
			return nil
		}
		select {
		case <-l.closing:
			return nil
		case <-time.After(readAgain):
		}
	}
}

// entries reads entries by their positions.
func (l *Log) entries(campaign string, positions []int64) ([]engine.Kept, error) {
	if len(positions) == 0 {
		return nil, nil
	}
	return l.replay(engine.Selection{Campaign: campaign, Positions: positions})
}

// replay reads all entries of a selection that is known to be small.
func (l *Log) replay(selection engine.Selection) ([]engine.Kept, error) {
	var all []engine.Kept
	err := l.config.Store.Replay(l.ctx, selection, func(kept []engine.Kept) error {
		all = append(all, kept...)
		return nil
	})
	return all, err
}

// waitObserved waits, in the committer, until all that was committed is told.
func (l *Log) waitObserved() {
	heard := make(chan struct{})
	l.observations <- observation{heard: heard}
	<-heard
}

// progress says how far each campaign has come, and lets others wait for more.
type progress struct {
	mu    sync.Mutex
	heads map[string]int64 // the last revision of a campaign; of one that is not in it, where the log was when it was opened
	moved chan struct{}    // closed at the next change
}

func (p *progress) begin() {
	p.heads, p.moved = map[string]int64{}, make(chan struct{})
}

func (p *progress) advance(campaign string, head int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heads[campaign] = head
	close(p.moved)
	p.moved = make(chan struct{})
}

// head gives the last revision of a campaign, where it is known, and a channel that is closed when anything moves.
func (p *progress) head(campaign string) (head int64, known bool, moved <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	head, known = p.heads[campaign]
	return head, known, p.moved
}
