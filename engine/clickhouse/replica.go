package clickhouse

import (
	"context"
	"fmt"
	"net"
	"strconv"

	driverlib "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// A replica is one server of the cluster, where tables are made and files deleted: nothing else is asked of a certain one.
type replica struct {
	driver.Conn
	address string
	shard   uint32
	first   bool // of its shard
}

func (r replica) execute(ctx context.Context, statement string) error {
	if err := r.Exec(ctx, statement); err != nil {
		return fmt.Errorf("server %s: %w", r.address, err)
	}
	return nil
}

// findReplicas asks any server for those of the cluster and opens each. They are reached under the names that the servers have for each other.
func (s *Store) findReplicas(ctx context.Context) ([]replica, error) {
	var found []struct {
		Host    string `ch:"host_name"`
		Port    uint16 `ch:"port"`
		Shard   uint32 `ch:"shard_num"`
		Weight  uint32 `ch:"shard_weight"`
		Replica uint32 `ch:"replica_num"`
	}
	err := s.again(ctx, s.options.read, nil, func(ctx context.Context) error {
		found = nil
		return s.conn.Select(ctx, &found, "SELECT host_name, port, shard_num, shard_weight, replica_num FROM system.clusters WHERE cluster = {cluster:String} ORDER BY shard_num, replica_num",
			driverlib.Named("cluster", s.options.cluster))
	})
	if err != nil {
		return nil, fmt.Errorf("clickhouse: look for the servers of the cluster: %w", err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("clickhouse: the servers know no cluster %q: name it in their remote_servers, or another in the address of the store, as ?cluster=NAME", s.options.cluster)
	}
	var all []replica
	for _, f := range found {
		if f.Weight != found[0].Weight {
			return nil, fmt.Errorf("clickhouse: the shards of cluster %q have different weights: give all the same", s.options.cluster)
		}
		address := net.JoinHostPort(f.Host, strconv.Itoa(int(f.Port)))
		conn, err := driverlib.Open(s.options.driver([]string{address}))
		if err != nil {
			return nil, fmt.Errorf("clickhouse: server %s: %w", address, err)
		}
		all = append(all, replica{conn, address, f.Shard, f.Replica == 1})
	}
	return all, nil
}

// shards is how many there are.
func (s *Store) shards() int {
	shards := 0
	for _, r := range s.replicas {
		if r.first {
			shards++
		}
	}
	return shards
}

// onEachReplica does something on one replica after the other. The first that fails ends it.
func (s *Store) onEachReplica(ctx context.Context, do func(context.Context, replica) error) error {
	for _, r := range s.replicas {
		err := func() error {
			ctx, cancel := s.options.withSettings(ctx, s.options.write, nil)
			defer cancel()
			return do(ctx, r)
		}()
		if err != nil {
			return explain(err)
		}
	}
	return nil
}
