//go:build cluster

package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/clickhouse/testbed"
	"github.com/arpent/arpent/engine/storetest"
)

// TestEachNodeKilled kills each node in turn while returns come in and questions are asked.
func TestEachNodeKilled(t *testing.T) {
	for _, cluster := range []string{testbed.Sharded, testbed.Copied} {
		t.Run(cluster, func(t *testing.T) {
			nodes := testbed.Start(t)
			address := nodes.Address("killed", cluster, limits)
			l := newLoad(t, open(t, address))
			stop := l.begin()
			defer stop()
			for i, node := range nodes.Nodes {
				kept, _, _, _ := l.counts()
				eventually(t, func() error { return l.keeps(kept + 3) })
				nodes.Kill(node)
				_, refused, answered, failed := l.counts()
				time.Sleep(2 * time.Second)
				nowKept, nowRefused, nowAnswered, nowFailed := l.counts()
				t.Logf("node %d dead for 2 s: %d commits refused, %d questions answered and %d refused", i+1, nowRefused-refused, nowAnswered-answered, nowFailed-failed)
				switch cluster {
				case testbed.Sharded: // what was under way when it died may have been whole
					if nowAnswered > answered+2 || nowFailed == failed {
						t.Errorf("a shard is dead: %d questions were answered, %d refused", nowAnswered-answered, nowFailed-failed)
					}
				case testbed.Copied:
					if nowAnswered == answered || nowFailed > failed {
						t.Errorf("two copies are left: %d questions were answered, %d refused", nowAnswered-answered, nowFailed-failed)
					}
				}
				if nowRefused == refused {
					t.Error("a commit that a dead node should have was acknowledged")
				}
				nodes.Restart(node)
				eventually(t, func() error { return l.keeps(nowKept + 3) })
			}
			stop()
			kept, refused, answered, failed := l.counts()
			t.Logf("%d commits kept, %d refused, the slowest after %v; %d questions answered, %d refused", kept, refused, l.slowest.Round(time.Millisecond), answered, failed)
			if err := l.ask(); err != nil {
				t.Error(err)
			}
			l.wantAll(l.store)
			again := open(t, address) // as another process finds it
			l.wantAll(again)
			if ranges := len(again.done.Load().VoidFrom); ranges > 20 {
				t.Errorf("%d ranges of void commits after %d that failed: an outage of hours makes too many", ranges, refused)
			}
		})
	}
}

func (l *load) keeps(batches int) error {
	if kept, _, _, _ := l.counts(); kept < batches {
		return fmt.Errorf("%d batches are kept, not %d", kept, batches)
	}
	return nil
}

// TestDeadShard asks a cluster of which one shard is dead, has no copy, and does not come back.
func TestDeadShard(t *testing.T) {
	nodes := testbed.Start(t)
	l := newLoad(t, open(t, nodes.Address("dead", testbed.Sharded, limits)))
	for range 5 {
		if err := l.commit(); err != nil {
			t.Fatal(err)
		}
	}
	nodes.Kill(nodes.Nodes[1])
	for range 5 {
		if err := l.ask(); !errors.Is(err, engine.ErrStoreUnavailable) {
			t.Errorf("%v, want %v", err, engine.ErrStoreUnavailable)
		}
		if _, err := l.store.Health(t.Context()); err != nil && !errors.Is(err, engine.ErrStoreUnavailable) {
			t.Error(err)
		}
		err := l.store.Replay(t.Context(), engine.Selection{Campaign: "paris"}, func(kept []engine.Kept) error {
			t.Errorf("a replay gives %d entries", len(kept))
			return nil
		})
		if !errors.Is(err, engine.ErrStoreUnavailable) {
			t.Errorf("%v, want %v", err, engine.ErrStoreUnavailable)
		}
	}
	if _, err := Open(t.Context(), nodes.Address("dead", testbed.Sharded, limits), ""); !errors.Is(err, engine.ErrStoreUnavailable) {
		t.Errorf("open: %v, want %v", err, engine.ErrStoreUnavailable)
	}
}

// TestFailedCommitIsVoid looks for the rows of a commit that failed half-way: they never count, and are deleted when the store is opened.
func TestFailedCommitIsVoid(t *testing.T) {
	nodes := testbed.Start(t)
	address := nodes.Address("void", testbed.Sharded, limits)
	store := open(t, address)
	l := newLoad(t, store)
	for range 5 {
		if err := l.commit(); err != nil {
			t.Fatal(err)
		}
	}
	number := func(sql string) (n int64) {
		t.Helper()
		eventually(t, func() error {
			ctx, cancel := store.options.withSettings(t.Context(), store.options.read, nil)
			defer cancel()
			return store.conn.QueryRow(ctx, sql).Scan(&n)
		})
		return n
	}
	all := "SELECT toInt64(count()) FROM " + store.options.table("entries")
	before := number(all)
	// The markers are on the first shard. A return that belongs to another is written, and its marker cannot be.
	elsewhere := knock(t, 1_000)
	elsewhere.Cell = number("SELECT any(cell) FROM " + store.options.table("entries") + " WHERE _shard_num <> 1")
	nodes.Kill(nodes.Nodes[0])
	for range 3 {
		err := store.Commit(t.Context(), engine.Batch{Entries: []engine.Entry{elsewhere}, SettledTo: elsewhere.Position})
		if !errors.Is(err, engine.ErrStoreUnavailable) {
			t.Fatalf("%v, want %v", err, engine.ErrStoreUnavailable)
		}
	}
	nodes.Restart(nodes.Nodes[0])
	eventually(t, l.ask)
	if n := number(all); n != before+1 {
		t.Fatalf("%d rows of commits that failed are there, want 1: there is nothing to test with", n-before)
	}
	l.wantAll(store)
	eventually(t, l.commit)
	if err := l.ask(); err != nil {
		t.Error(err)
	}
	l.wantAll(store)
	again := open(t, address)
	if n := number(all); n != before+batchSize {
		t.Errorf("%d rows are left, of which %d were acknowledged", n, before+batchSize)
	}
	l.wantAll(again)
}

// TestReplacedWriter has a second process open the store while the first still writes to it.
func TestReplacedWriter(t *testing.T) {
	nodes := testbed.Start(t)
	address := nodes.Address("replaced", testbed.Sharded, limits)
	first := newLoad(t, open(t, address))
	for range 3 {
		if err := first.commit(); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		writes := make(chan int)
		go func() { // as fast as it can, until it is refused
			for kept := 0; ; kept++ {
				batch := engine.Batch{Entries: []engine.Entry{knock(t, first.position+1)}, SettledTo: first.position + 1}
				first.position++
				if err := first.store.Commit(context.Background(), batch); err != nil {
					if !errors.Is(err, errReplaced) {
						t.Errorf("%v, want %v", err, errReplaced)
					}
					writes <- kept
					return
				}
				first.log.Add(batch)
			}
		}()
		time.Sleep(100 * time.Millisecond)
		second := open(t, address)
		kept := <-writes
		t.Logf("%d commits were acknowledged before the store was taken over", kept)
		if err := first.store.Commit(t.Context(), engine.Batch{Entries: []engine.Entry{knock(t, first.position+1)}}); !errors.Is(err, errReplaced) {
			t.Errorf("%v, want %v", err, errReplaced)
		}
		if err := first.store.Rollup(t.Context(), byPrecinct, func(*engine.RollupRow) error { return nil }); !errors.Is(err, errReplaced) {
			t.Errorf("a question to the one that was replaced: %v, want %v", err, errReplaced)
		}
		wantNothingLost(t, second, &first.log)
		health, err := second.Health(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		next := newLoad(t, second)
		next.log, next.position = *wholeLog(t, second), max(health.Last, first.position)
		first = next
	}
}

// TestClaimThatWasLeft has a program claim the store, while another writes on, and end before it has read what that wrote.
func TestClaimThatWasLeft(t *testing.T) {
	nodes := testbed.Start(t)
	address := nodes.Address("claimed", testbed.Sharded, limits)
	first := open(t, address)
	l := newLoad(t, first)
	if err := l.commit(); err != nil {
		t.Fatal(err)
	}
	before, err := first.held(t.Context(), math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := l.commit(); err != nil { // acknowledged, before the claim is there
			t.Fatal(err)
		}
	}
	other := &Store{options: first.options, conn: first.conn, writer: uuid.New()}
	if err := other.mark(t.Context(), other.begin(before, before.Term+1)); err != nil {
		t.Fatal(err)
	}
	if err := l.store.Commit(t.Context(), engine.Batch{Entries: []engine.Entry{knock(t, l.position+1)}}); !errors.Is(err, errReplaced) {
		t.Errorf("after a claim: %v, want %v", err, errReplaced)
	}
	// What was refused then stands in the log or does not.
	wantNothingLost(t, open(t, address), &l.log)
	wantNothingLost(t, open(t, address), &l.log)
}

// TestShardsInAnotherOrder opens a store whose cluster has the same servers in another order than before, or is not the one that the address names.
func TestShardsInAnotherOrder(t *testing.T) {
	nodes := testbed.Start(t)
	l := newLoad(t, open(t, nodes.Address("turned", testbed.Sharded)))
	for range 5 {
		if err := l.commit(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(t.Context(), nodes.Address("turned", testbed.Copied), ""); err == nil || !strings.Contains(err.Error(), "cluster sharded") {
		t.Errorf("the tables are of another cluster than the address names: %v", err)
	}
	nodes.Turn()
	if _, err := Open(t.Context(), nodes.Address("turned", testbed.Sharded), ""); err == nil || !strings.Contains(err.Error(), "in another order") {
		t.Errorf("the shards are in another order than when the rows were written: %v", err)
	}
	nodes.Turn()
	l.wantAll(open(t, nodes.Address("turned", testbed.Sharded)))
}

// TestAnotherStore is opened at an address where another store was before.
func TestAnotherStore(t *testing.T) {
	nodes := testbed.Start(t)
	store := open(t, nodes.Address("this", testbed.Sharded))
	if _, err := Open(t.Context(), nodes.Address("that", testbed.Sharded), store.ID()); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("an empty database: %v", err)
	}
	other := open(t, nodes.Address("that", testbed.Sharded))
	if _, err := Open(t.Context(), nodes.Address("that", testbed.Sharded), store.ID()); err == nil || !strings.Contains(err.Error(), "another") {
		t.Errorf("another log: %v", err)
	}
	if _, err := other.Health(t.Context()); err != nil {
		t.Errorf("a program that was refused has taken the store over: %v", err)
	}
	again, err := Open(t.Context(), nodes.Address("this", testbed.Sharded), store.ID())
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// wantNothingLost wants all that was acknowledged. One more entry may be there: it was written and refused at the moment of the change.
func wantNothingLost(t *testing.T, store engine.Store, acknowledged *storetest.Log) {
	t.Helper()
	there := map[int64]bool{}
	for _, k := range wholeLog(t, store).Replay(engine.Selection{Campaign: "paris"}) {
		there[k.Position] = true
	}
	want := acknowledged.Replay(engine.Selection{Campaign: "paris"})
	for _, k := range want {
		if !there[k.Position] {
			t.Errorf("position %d was acknowledged, and is not there after the store was taken over", k.Position)
		}
	}
	if len(there) > len(want)+1 {
		t.Errorf("%d entries are there, of which %d were acknowledged", len(there), len(want))
	}
}

func wholeLog(t *testing.T, store engine.Store) *storetest.Log {
	t.Helper()
	var log storetest.Log
	err := store.Replay(t.Context(), engine.Selection{Campaign: "paris"}, func(kept []engine.Kept) error {
		for i := range kept {
			log.Add(engine.Batch{Entries: []engine.Entry{kept[i].Entry}, SettledTo: kept[i].Position})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return &log
}

// TestLostDisk starts a node again without what it kept: the store does not open, and says why.
func TestLostDisk(t *testing.T) {
	for lost := range 3 {
		t.Run(fmt.Sprintf("node %d", lost+1), func(t *testing.T) {
			nodes := testbed.Start(t)
			address := nodes.Address("lost", testbed.Sharded, limits)
			l := newLoad(t, open(t, address))
			for range 5 {
				if err := l.commit(); err != nil {
					t.Fatal(err)
				}
			}
			nodes.Kill(nodes.Nodes[lost])
			nodes.LoseDisk(nodes.Nodes[lost])
			nodes.Restart(nodes.Nodes[lost])
			if err := l.store.Rollup(t.Context(), byPrecinct, func(*engine.RollupRow) error { return nil }); err == nil {
				t.Errorf("node %d has lost its disk, and there is an answer", lost+1)
			}
			for range 2 { // nor the second time, as if what is there were all there was
				if _, err := Open(t.Context(), address, ""); !errors.Is(err, engine.ErrStoreDamaged) {
					t.Errorf("node %d has lost its disk: %v, want %v", lost+1, err, engine.ErrStoreDamaged)
				}
			}
		})
	}
}

// TestErasedBytes looks for the door of a return in all files of all nodes, before and after it is erased.
func TestErasedBytes(t *testing.T) {
	nodes := testbed.Start(t)
	for _, cluster := range []string{testbed.Sharded, testbed.Copied} {
		store := open(t, nodes.Address("erased-"+cluster, cluster, limits))
		var batch engine.Batch
		for position := int64(1); position <= 500; position++ {
			batch.Entries = append(batch.Entries, knock(t, position))
		}
		batch.SettledTo = 500
		if err := store.Commit(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		which := batch.Entries[250]
		bytes := onDisk(which.Door)
		if !nodes.Holds(bytes) {
			t.Fatal("the door is in no file before it is erased: this test would find nothing")
		}
		if err := store.Erase(t.Context(), "paris", []int64{which.Position}, engine.Batch{}); err != nil {
			t.Fatal(err)
		}
		if nodes.Holds(bytes) {
			t.Error("the door is in a file after it was erased")
		}
	}
}

// TestErasureInterrupted kills a node in the middle of erasures: what was erased never comes back, and is deleted before anything else is written.
func TestErasureInterrupted(t *testing.T) {
	nodes := testbed.Start(t)
	address := nodes.Address("interrupted", testbed.Sharded, limits)
	l := newLoad(t, open(t, address))
	for range 20 {
		if err := l.commit(); err != nil {
			t.Fatal(err)
		}
	}
	var positions []int64
	for position := int64(1); position <= 60; position += 2 {
		positions = append(positions, position)
	}
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		time.Sleep(80 * time.Millisecond)
		nodes.Kill(nodes.Nodes[2])
	}()
	err := l.store.Erase(t.Context(), "paris", positions, engine.Batch{})
	t.Logf("the erasure that was interrupted: %v", err)
	<-killed
	nodes.Restart(nodes.Nodes[2])
	again := open(t, address)
	if err == nil {
		t.Error("the node was killed after the erasure had ended: it tests nothing")
	} else { // the caller tries again
		if err := again.Erase(t.Context(), "paris", positions, engine.Batch{}); err != nil {
			t.Fatal(err)
		}
	}
	l.log.Erase("paris", positions, engine.Batch{})
	l.wantAll(again)
	for _, position := range positions[:5] {
		if nodes.Holds(onDisk(knockDoor(position))) {
			t.Errorf("the door of position %d is in a file after it was erased", position)
		}
	}
}

// TestGroupsStayTogether finds all entries of a cell of resolution 8 on one shard, and work for each shard.
func TestGroupsStayTogether(t *testing.T) {
	nodes := testbed.Start(t)
	store := open(t, nodes.Address("together", testbed.Sharded))
	l := newLoad(t, store)
	for range 40 {
		if err := l.commit(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := store.options.withSettings(t.Context(), store.options.read, nil)
	defer cancel()
	var most, shards uint64
	err := store.conn.QueryRow(ctx, fmt.Sprintf("SELECT max(n), (SELECT uniqExact(_shard_num) FROM %s) FROM (SELECT uniqExact(_shard_num) AS n FROM %s GROUP BY %s)",
		store.options.table("entries"), store.options.table("entries"), parentCell(shardResolution))).Scan(&most, &shards)
	if err != nil {
		t.Fatal(err)
	}
	if most != 1 || shards != 3 {
		t.Errorf("a cell is on %d shards, and %d shards have entries", most, shards)
	}
}

// TestLinkCut cuts the link to a node: nobody is told, as when a cable is out. Questions and commits end within their limits.
func TestLinkCut(t *testing.T) {
	if !testbed.Apart(t) {
		return
	}
	nodes := testbed.StartApart(t)
	l := newLoad(t, open(t, nodes.Address("cut", testbed.Sharded, limits)))
	for range 5 {
		if err := l.commit(); err != nil {
			t.Fatal(err)
		}
	}
	nodes.Cut(1)
	for range 3 {
		if err := l.ask(); !errors.Is(err, engine.ErrStoreUnavailable) {
			t.Errorf("%v, want %v", err, engine.ErrStoreUnavailable)
		}
	}
	l.slowest = 0
	if err := l.commit(); !errors.Is(err, engine.ErrStoreUnavailable) {
		t.Errorf("a commit: %v, want %v", err, engine.ErrStoreUnavailable)
	}
	if most := 4 * longest; l.slowest > most {
		t.Errorf("a commit took %v, and may take %v", l.slowest, most)
	}
	t.Logf("a commit was refused after %v", l.slowest.Round(time.Millisecond))
	nodes.Mend(1)
	eventually(t, l.commit)
	if err := l.ask(); err != nil {
		t.Error(err)
	}
	l.wantAll(l.store)
}
