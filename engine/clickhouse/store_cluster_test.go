//go:build cluster

package clickhouse

import (
	"fmt"
	"sync"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/clickhouse/testbed"
	"github.com/arpent/arpent/engine/storetest"
)

// TestContract is the contract that the embedded store passes too, on three shards and on three copies of one.
func TestContract(t *testing.T) {
	nodes := testbed.Start(t)
	for _, cluster := range []string{testbed.Sharded, testbed.Copied} {
		t.Run(cluster, func(t *testing.T) { storetest.Run(t, databases(nodes, cluster)) })
	}
}

// databases gives each folder a database of its own.
func databases(nodes *testbed.Cluster, cluster string) storetest.Opener {
	var names sync.Map
	count := 0
	return func(t *testing.T, dir string) engine.Store {
		t.Helper()
		name, known := names.Load(dir)
		if !known {
			count++
			name = fmt.Sprintf("%s%d", cluster, count)
			names.Store(dir, name)
		}
		store, err := Open(t.Context(), nodes.Address(name.(string), cluster), "")
		if err != nil {
			t.Fatal(err)
		}
		return store
	}
}
