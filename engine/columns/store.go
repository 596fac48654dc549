// Package columns answers roll-ups from memory: it is a store before another store, and holds of each return that counts or may count what
// roll-ups ask for, as numbers in columns.
//
// # What is held
//
// Of a return its place (the number of its segment, precinct and cell together), its day and team (likewise), what it counts as, and the number of its door
// or the count of its action: 17 bytes, with about 35 more for each different door, which is found by its key. Every question is then one pass
// over these columns that adds to dense counters, and different doors are told apart by their numbers. Nothing of it is written anywhere.
//
// # What the store behind answers
//
// What was answered at the doors (Question.Answers), the log as it was (Question.To), and whatever is asked of a campaign whose columns are not there: they are
// read when it is first asked for, in the background; they are given up by an erasure, so that nothing of what was erased stays in memory, and read again
// at the next question; and no more than MaxReturns are held. The answers are the same, whoever gives them.
package columns

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/arpent/arpent/engine"
)

// MaxReturns is how many returns of all campaigns are held at most: 3.3 GB where three returns are of one door.
const MaxReturns = 100_000_000

// Store is a store whose roll-ups are answered from columns where they are there. It may be asked from any goroutine, as every store.
type Store struct {
	engine.Store // behind
	most         int
	log          *slog.Logger
	reading      context.Context // ends with the store
	stop         func()
	work         sync.WaitGroup

	mu        sync.Mutex // held during a commit: a roll-up that begins after others saw it in the store has it too
	campaigns map[string]*campaign
	settledTo int64
	erasing   bool
}

// campaign is what is held of a campaign.
type campaign struct {
	columns *columns       // nil: not read yet
	missed  []engine.Batch // commits while it was read
	refused bool           // there are more returns than may be held
}

// New puts columns before a store that nobody else writes to. most bounds the returns that are held.
func New(ctx context.Context, behind engine.Store, most int, log *slog.Logger) (*Store, error) {
	health, err := behind.Health(ctx)
	if err != nil {
		return nil, fmt.Errorf("columns: open: %w", err)
	}
	s := &Store{Store: behind, most: most, log: log, campaigns: map[string]*campaign{}, settledTo: health.SettledTo}
	s.reading, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	return s, nil
}

// Close ends what is read in the background, and closes the store behind.
func (s *Store) Close() error {
	s.stop()
	s.work.Wait()
	return s.Store.Close()
}

// Commit commits to the store behind, and takes what was committed into the columns.
func (s *Store) Commit(ctx context.Context, batch engine.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.Store.Commit(ctx, batch); err != nil {
		return err
	}
	s.take(batch)
	return nil
}

// Erase erases in the store behind. The columns of the campaign are given up before, so that nothing of what was erased is in them.
func (s *Store) Erase(ctx context.Context, id string, positions []int64, batch engine.Batch) error {
	s.mu.Lock()
	delete(s.campaigns, id)
	s.erasing = true
	s.mu.Unlock()
	err := s.Store.Erase(ctx, id, positions, batch)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erasing = false
	if err == nil || errors.Is(err, engine.ErrErasureOwed) {
		s.take(batch)
	}
	return err
}

// take takes what was committed into the columns; those that are being read have it when they are.
func (s *Store) take(batch engine.Batch) {
	for id, c := range s.campaigns {
		switch {
		case c.refused:
		case c.columns == nil:
			c.missed = append(c.missed, batch)
		default:
			c.columns.take(id, batch)
		}
	}
	s.settledTo = max(s.settledTo, batch.SettledTo)
	s.refuseTooMany()
}

// refuseTooMany gives up the columns of campaigns, the largest first, until there are no more than may be held.
func (s *Store) refuseTooMany() {
	for {
		held, largest := 0, (*campaign)(nil)
		for _, c := range s.campaigns {
			if c.columns == nil {
				continue
			}
			held += c.columns.returns
			if largest == nil || c.columns.returns > largest.columns.returns {
				largest = c
			}
		}
		if held <= s.most {
			return
		}
		largest.columns, largest.refused = nil, true
	}
}

// Rollup answers from the columns where they have the answer, else from the store behind, and then has the columns read.
func (s *Store) Rollup(ctx context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	if err := question.Check(); err != nil {
		return err
	}
	if question.Answers || question.To != 0 {
		return s.Store.Rollup(ctx, question, each)
	}
	seen, there := s.look(question.Campaign)
	if !there {
		err := s.Store.Rollup(ctx, question, each)
		s.readSoon(question.Campaign)
		return err
	}
	return seen.rollUp(ctx, &question, each)
}

// look gives the columns of a campaign as they are now, where they are there.
func (s *Store) look(id string) (view, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.campaigns[id]
	if c == nil || c.columns == nil {
		return view{}, false
	}
	return c.columns.view(s.settledTo), true
}

// readSoon begins to read the columns of a campaign in the background, unless they are being read.
func (s *Store) readSoon(id string) {
	if c := s.begin(id); c != nil {
		s.work.Go(func() {
			if err := s.read(s.reading, id, c); err != nil && s.reading.Err() == nil {
				s.log.Error("columns: the returns could not be read for roll-ups: the store answers them, slower", "campaign", id, "error", err)
			}
		})
	}
}

// begin notes that a campaign is being read; nil where it need not be.
func (s *Store) begin(id string) *campaign {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.campaigns[id] != nil || s.erasing {
		return nil
	}
	c := &campaign{}
	s.campaigns[id] = c
	return c
}

// read reads the columns of a campaign, and what was committed meanwhile.
func (s *Store) read(ctx context.Context, id string, c *campaign) error {
	read, err := s.replay(ctx, id)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.campaigns[id] != c: // there was an erasure
	case err != nil:
		delete(s.campaigns, id) // the next question tries again
	case read == nil:
		c.missed, c.refused = nil, true
	default:
		for _, batch := range c.missed {
			read.take(id, batch)
		}
		c.columns, c.missed = read, nil
		s.refuseTooMany()
	}
	return err
}

// replay makes columns of what the store behind has; nil where these are more returns than may be held.
func (s *Store) replay(ctx context.Context, id string) (*columns, error) {
	made := newColumns()
	err := s.Store.Replay(ctx, engine.Selection{Campaign: id}, func(kept []engine.Kept) error {
		if made.returns+len(kept) > s.most {
			made = nil
			return errTooMany
		}
		for i := range kept {
			if kept[i].Effect == "" {
				return errUnsettled
			}
			made.add(&kept[i].Entry)
			made.settle(kept[i].Position, kept[i].Effect)
		}
		return nil
	})
	if made == nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("columns: read the returns of campaign %s: %w", id, err)
	}
	return made, nil
}
