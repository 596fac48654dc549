package field

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// maxCommit bounds the entries of a commit, but for a single batch that has more.
const maxCommit = 2_000

// appendJob is a batch that waits for a commit.
type appendJob struct {
	campaign string
	entries  []*engine.Entry
	indexes  []int // of the entries' outcomes
	outcomes []Outcome
	done     chan error // has room for its one answer
}

// gather takes what others wait with into the same commit, until it is time for it and nobody waits any more, or it is full.
func (l *Log) gather(first *appendJob) []*appendJob {
	defer func() { l.committed = time.Now() }()
	jobs, entries := []*appendJob{first}, len(first.entries)
	take := func(job *appendJob) {
		jobs = append(jobs, job)
		entries += len(job.entries)
	}
	due := time.NewTimer(time.Until(l.committed.Add(l.config.CommitEvery)))
	defer due.Stop()
	for early := true; early && entries < maxCommit; {
		select {
		case job := <-l.appends:
			take(job)
		case <-due.C:
			early = false
		case <-l.closing:
			early = false
		}
	}
	for entries < maxCommit {
		select {
		case job := <-l.appends:
			take(job)
		default:
			return jobs
		}
	}
	return jobs
}

// commitAppends commits batches as one, answers those who wait, and tells the observer.
func (l *Log) commitAppends(jobs []*appendJob) {
	c := l.newCommit()
	jobs = slices.DeleteFunc(jobs, l.comesTooEarly)
	for _, job := range jobs {
		for i, entry := range job.entries {
			if c.refuses(entry) {
				outcome := &job.outcomes[job.indexes[i]]
				*outcome = Outcome{Index: outcome.Index, ID: outcome.ID, Status: Erased}
				continue
			}
			if c.crowds(entry) {
				job.outcomes[job.indexes[i]] = rejected(job.indexes[i], entry.ID, &Fault{"id", tooMany})
				continue
			}
			c.add(entry)
		}
	}
	err := c.commit()
	committed := err == nil
	if committed {
		err = c.keepOut()
	}
	for _, job := range jobs {
		if err == nil {
			c.markConflicts(job)
		}
		job.done <- err
	}
	if committed {
		c.tell()
	}
}

// commit is what goes to the store at once, and becomes of the identities by it.
type commit struct {
	log     *Log
	last    int64 // the highest position, of entries and settlements
	batch   engine.Batch
	stages  map[string]*stage                  // by campaign; none while the log is loading
	news    map[string][]news                  // what the observer is to hear, by campaign
	refused map[string]map[uuid.UUID]time.Time // by campaign, see keepOut
	loading bool
	arrived []unsettled // while the log is loading
}

// news is what has become of an entry.
type news struct {
	effectChange
	entry *engine.Entry // nil: it is in the store
}

func (l *Log) newCommit() *commit {
	return &commit{log: l, last: l.last, stages: map[string]*stage{}, news: map[string][]news{}, refused: map[string]map[uuid.UUID]time.Time{}, loading: !l.ready}
}

// stage gives what the commit does to the identities of a campaign.
func (c *commit) stage(campaign string) *stage {
	if s := c.stages[campaign]; s != nil {
		return s
	}
	s := newStage(c.log.known(campaign))
	c.stages[campaign] = s
	return s
}

// known gives the identities of a campaign.
func (l *Log) known(campaign string) *identities {
	if l.identities[campaign] == nil {
		l.identities[campaign] = newIdentities()
	}
	return l.identities[campaign]
}

// add takes an entry, unless it is a copy of what is there.
func (c *commit) add(entry *engine.Entry) {
	if !c.loading && c.stage(entry.Campaign).holdsCopy(versionOf(entry)) {
		return
	}
	c.last++
	entry.Position = c.last
	c.batch.Entries = append(c.batch.Entries, *entry)
	if c.loading {
		c.arrived = append(c.arrived, unsettled{entry.Campaign, versionOf(entry)})
		return
	}
	c.fold(entry.Campaign, versionOf(entry), entry)
}

// maxTied bounds the entries that are tied to each other, for all of them are folded again when one more comes.
const maxTied = 1_000

var tooMany = fmt.Sprintf("%d returns have come under this id or correct each other: send it as a return of its own, or have them erased", maxTied)

// crowds tells whether an entry would be tied to too many.
func (c *commit) crowds(entry *engine.Entry) bool {
	if c.loading {
		return false
	}
	s, tied := c.stage(entry.Campaign), 0
	same, replaced := s.look(entry.ID), s.look(entry.Replaces)
	if same != nil {
		tied = len(same.members)
	}
	if replaced != nil && replaced != same {
		tied += len(replaced.members)
	}
	most := maxTied
	if entry.Kind == engine.Withdrawal || entry.Consent == engine.ConsentWithdrawn {
		most *= 2 // who takes something back is not to be refused because of others
	}
	return tied >= most && !s.holdsCopy(versionOf(entry))
}

// fold takes a new entry into the fold; entry is nil where it is in the store.
func (c *commit) fold(campaign string, v version, entry *engine.Entry) {
	c.stage(campaign).add(v)
	after := engine.Counts
	if v.waits {
		after = engine.Nothing
	}
	c.news[campaign] = append(c.news[campaign], news{effectChange{v.position, "", after}, entry})
}

// settle writes what entries count for, but of those that count from the first. The settlement of a new entry stands at its position, of an
// older one at a position of its own, so that its change comes after all that was read before.
func (c *commit) settle() {
	for campaign, s := range c.stages { // what is settled of one campaign is of no account to another: any order will do
		fresh := map[int64]engine.Effect{}
		told := c.news[campaign]
		for _, change := range s.settle() {
			if change.before == "" {
				fresh[change.position] = change.after
				continue
			}
			c.last++
			c.batch.Settlements = append(c.batch.Settlements, engine.Settlement{Position: change.position, At: c.last, Effect: change.after})
			told = append(told, news{change, nil})
		}
		for i := range told {
			n := &told[i]
			if effect, tied := fresh[n.position]; tied {
				n.after = effect
			}
			if n.before == "" && n.after != engine.Counts {
				at := n.position
				if n.entry == nil { // it came in an earlier commit, and a settlement is given after it
					c.last++
					at = c.last
				}
				c.batch.Settlements = append(c.batch.Settlements, engine.Settlement{Position: n.position, At: at, Effect: n.after})
			}
		}
		if len(told) > 0 {
			c.news[campaign] = told
		}
	}
	c.batch.SettledTo = c.last
}

// commit settles and gives the store what is new.
func (c *commit) commit() error {
	if len(c.batch.Entries) == 0 && len(c.news) == 0 {
		return nil // copies alone
	}
	if !c.loading {
		c.settle()
	}
	if err := c.log.noteConsents(c.batch.Entries); err != nil {
		return fmt.Errorf("%w: %w", ErrNotKept, err)
	}
	c.log.last = c.last // what was tried is not given again
	if err := c.log.config.Store.Commit(c.log.ctx, c.batch); err != nil {
		return fmt.Errorf("%w: %w", ErrNotKept, err)
	}
	c.installed()
	return nil
}

// installed takes over what the store has taken.
func (c *commit) installed() {
	l := c.log
	l.unsettled = append(l.unsettled, c.arrived...)
	if c.loading {
		return
	}
	for _, s := range c.stages {
		s.install()
	}
	l.settledTo.Store(c.last)
	l.countConflicts()
	for campaign := range c.news {
		l.progress.advance(campaign, c.last)
	}
}

func (l *Log) countConflicts() {
	conflicts := 0
	for _, known := range l.identities {
		conflicts += len(known.conflicts)
	}
	l.conflicts.Store(int64(conflicts))
}

// tell lets the observer hear of what is installed.
func (c *commit) tell() {
	for campaign, told := range c.news {
		c.log.observations <- observation{campaign: campaign, news: told}
	}
}

// markConflicts says in the outcomes which returns are in conflict.
func (c *commit) markConflicts(job *appendJob) {
	s := c.stages[job.campaign]
	if s == nil {
		return
	}
	for i, entry := range job.entries {
		if outcome := &job.outcomes[job.indexes[i]]; outcome.Status == Kept && s.conflicted(entry.ID) {
			outcome.Reason = ReasonConflict
		}
	}
}

// conflicted tells whether somebody must look at the returns that are tied to an id.
func (s *stage) conflicted(id uuid.UUID) bool {
	f := s.tied[id]
	if f == nil && !s.gone[id] {
		f = s.of.tied[id]
	}
	return f != nil && f.conflict
}
