package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	driverlib "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"golang.org/x/sync/semaphore"

	"github.com/arpent/arpent/engine"
)

// Store keeps the field log on a cluster. It is an engine.Store. An each that is given to Rollup or Replay must not call the store: an erasure that
// waits for it would wait for ever.
type Store struct {
	options  options
	conn     driver.Conn
	replicas []replica
	writer   uuid.UUID

	// writing is held by the one commit or erasure at a time.
	writing *semaphore.Weighted
	// reading has a unit for each reader; an erasure takes all for a moment, to wait for those who began before it.
	reading *semaphore.Weighted

	done atomic.Pointer[state] // what the last commit that was acknowledged left

	replaced atomic.Bool // by another writer: what is read here would be behind without a word

	// Of whoever holds writing.
	undone *state // a marker that must be there before any other: it makes void what failed, or notes what was deleted
}

var _ engine.Store = (*Store)(nil)

const allReaders = math.MaxInt64

// Open opens the store at an address, as parse describes it, and takes it over from whoever wrote to it before. id is what ID gave when it was opened before: any other
// store is refused. With "" it may be any, and the tables are made where they are not there.
func Open(ctx context.Context, address, id string) (*Store, error) {
	o, err := parse(address)
	if err != nil {
		return nil, err
	}
	conn, err := driverlib.Open(o.driver(o.servers))
	if err != nil {
		return nil, fmt.Errorf("clickhouse: the address of the store: %w", err)
	}
	s := &Store{options: o, conn: conn, writer: uuid.New(), writing: semaphore.NewWeighted(1), reading: semaphore.NewWeighted(allReaders)}
	if err := s.open(ctx, id); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, id string) (err error) {
	if s.replicas, err = s.findReplicas(ctx); err != nil {
		return err
	}
	// Nothing is written before it is known that nothing is missing: what follows makes tables and deletes rows.
	before, err := s.whole(ctx)
	if err != nil {
		return err
	}
	if id != "" && before.Store.String() != id {
		return fmt.Errorf("clickhouse: database %s on these servers is not the field log that was there before: it is another, or empty. Look at the address of the store, and whether it was restored", s.options.database)
	}
	if before.Format > int64(len(formats)) {
		return fmt.Errorf("clickhouse: the field log has format %d, written by a newer arpent: this one reads up to %d", before.Format, len(formats))
	}
	if err := s.migrate(ctx, before.Format); err != nil {
		return err
	}
	if err := s.takeOver(ctx); err != nil {
		return err
	}
	if err := s.pay(ctx); !errors.Is(err, engine.ErrStoreUnavailable) {
		return err
	}
	return nil // a copy is away, and what is to be deleted there stays owed
}

// takeOver makes this the one writer of the store. It says so in a marker first, its claim, and reads what the writer before has done then: that one has seen the claim before it
// acknowledged anything that is not read here. What was read becomes the first state of the term. A claim is no state: who made it may have ended before it read.
func (s *Store) takeOver(ctx context.Context) error {
	const tries = 5 // of several that open it at the same moment all try again, with the next term
	for range tries {
		last, err := s.latest(ctx)
		if err != nil {
			return fmt.Errorf("clickhouse: open the field log: %w", err)
		}
		before, err := s.held(ctx, math.MaxInt64)
		if err != nil {
			return fmt.Errorf("clickhouse: open the field log: %w", err)
		}
		claim := s.begin(before, last.Term+1)
		if err := s.mark(ctx, claim); err != nil {
			return fmt.Errorf("clickhouse: open the field log: %w", explain(err))
		}
		if before, err = s.held(ctx, claim.Commit); err != nil {
			return fmt.Errorf("clickhouse: open the field log: %w", err)
		}
		next := s.begin(before, claim.Term)
		next.Commit++
		if err := s.mark(ctx, next); err != nil {
			return fmt.Errorf("clickhouse: open the field log: %w", explain(err))
		}
		alone, err := s.alone(ctx, next)
		if err != nil {
			return fmt.Errorf("clickhouse: open the field log: %w", err)
		}
		if alone {
			s.done.Store(&next)
			return nil
		}
	}
	return fmt.Errorf("clickhouse: several arpents are taking the field log over at the same time: start one")
}

// begin gives the claim of a term, after the last state of the one before. Whatever that may still write is void. The first state of the term is the same with the next
// number.
func (s *Store) begin(before state, term int64) state {
	from := before.Commit + 1
	if before.Commit == first(before.Term)+1 {
		from -= 2 // its markers alone: no row bears their numbers
	}
	next := before.without(from, first(term)-1)
	next.Term, next.Writer, next.Commit, next.Format = term, s.writer, first(term), int64(len(formats))
	if next.Store == uuid.Nil {
		next.Store = s.writer // drawn by whoever opens it first
	}
	return next
}

// alone tells whether nobody else has the term of a marker or a later one.
func (s *Store) alone(ctx context.Context, mine state) (bool, error) {
	var others uint64
	err := s.again(ctx, s.options.read, nil, func(ctx context.Context) error {
		return s.conn.QueryRow(ctx, fmt.Sprintf("SELECT count() FROM %s WHERE term >= %d AND writer <> '%s'", s.options.table("commits"), mine.Term, s.writer)).Scan(&others)
	})
	return others == 0, err
}

// ID tells the store from any other, whatever its address is.
func (s *Store) ID() string { return s.done.Load().Store.String() }

// Health says how far the store has come. It asks the cluster, so that one that is not there is noticed.
func (s *Store) Health(ctx context.Context) (engine.StoreHealth, error) {
	latest, err := s.latest(ctx)
	if err != nil {
		return engine.StoreHealth{}, err
	}
	if latest.Writer != s.writer {
		s.replaced.Store(true)
		return engine.StoreHealth{}, errReplaced
	}
	now := s.done.Load()
	return engine.StoreHealth{Last: now.Last, SettledTo: now.SettledTo, Entries: now.Entries}, nil
}

// read calls do with the state of the log that is read. No file of that state is deleted meanwhile.
func (s *Store) read(ctx context.Context, do func(*state) error) error {
	if err := s.reading.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("clickhouse: wait for the field log: %w", err)
	}
	defer s.reading.Release(1)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("clickhouse: read the field log: %w", err)
	}
	if s.replaced.Load() {
		return errReplaced
	}
	return explain(do(s.done.Load()))
}

// Close lets go of the cluster.
func (s *Store) Close() error {
	err := s.conn.Close()
	for _, r := range s.replicas {
		err = errors.Join(err, r.Close())
	}
	return err
}
