//go:build cluster

package clickhouse

import (
	"context"
	"fmt"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/clickhouse/testbed"
)

// TestBackup takes a backup of each node while nothing is written, as docs/cluster.md says, loses everything and brings it back.
func TestBackup(t *testing.T) {
	nodes := testbed.Start(t)
	address := nodes.Address("backed", testbed.Sharded)
	l := newLoad(t, open(t, address))
	for range 10 {
		if err := l.commit(); err != nil {
			t.Fatal(err)
		}
	}
	servers := open(t, address)
	each := func(statement func(node *testbed.Node) string) {
		t.Helper()
		for i, r := range servers.replicas {
			ctx, cancel := servers.options.withSettings(context.Background(), servers.options.write, nil)
			if err := r.execute(ctx, statement(nodes.Nodes[i])); err != nil {
				t.Fatal(err)
			}
			cancel()
		}
	}
	each(func(n *testbed.Node) string { return fmt.Sprintf("BACKUP DATABASE backed TO File('%s')", n.Backup) })
	if err := servers.Erase(t.Context(), "paris", []int64{1, 2, 3}, engine.Batch{}); err != nil {
		t.Fatal(err)
	}
	each(func(*testbed.Node) string { return "DROP DATABASE backed SYNC" })
	each(func(n *testbed.Node) string { return fmt.Sprintf("RESTORE DATABASE backed FROM File('%s')", n.Backup) })
	l.store = open(t, address)
	l.wantAll(l.store) // and what was erased since, which the log erases again when it is opened: engine/field, restored.go
	if err := l.commit(); err != nil {
		t.Fatal(err)
	}
	if err := l.ask(); err != nil {
		t.Error(err)
	}
	l.wantAll(open(t, address))
}
