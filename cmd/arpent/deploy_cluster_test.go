package main

import (
	"encoding/xml"
	"regexp"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine/clickhouse"
)

// The configurations of a cluster are what an address that says nothing else expects: a cluster of that name, whose shards copy themselves, and the
// macros that tables are made with. That servers take them was not tried.
func TestClickHouseConfiguration(t *testing.T) {
	var server struct {
		Macros struct {
			Shard, Replica struct {
				From string `xml:"from_env,attr"`
			}
		} `xml:"macros"`
		Cluster struct {
			Shards []struct {
				Internal string `xml:"internal_replication"`
				Replicas []struct {
					Host string `xml:"host"`
				} `xml:"replica"`
			} `xml:"shard"`
		} `xml:"remote_servers>arpent"`
		Keepers []string `xml:"zookeeper>node>host"`
	}
	// Elements of macros are in lower case; encoding/xml matches them by name.
	text := strings.NewReplacer("<shard from_env", "<Shard from_env", "<replica from_env", "<Replica from_env").Replace(fileOf(t, "deploy", "clickhouse", "server.xml"))
	if err := xml.Unmarshal([]byte(text), &server); err != nil {
		t.Fatal(err)
	}
	if server.Macros.Shard.From == "" || server.Macros.Replica.From == "" {
		t.Error("the macros shard and replica are missing")
	}
	if len(server.Cluster.Shards) == 0 {
		t.Error("there is no cluster arpent")
	}
	hosts := map[string]bool{}
	for i, shard := range server.Cluster.Shards {
		if shard.Internal != "true" || len(shard.Replicas) < 2 {
			t.Errorf("shard %d has %d replicas, internal_replication %q", i+1, len(shard.Replicas), shard.Internal)
		}
		for _, replica := range shard.Replicas {
			if hosts[replica.Host] {
				t.Errorf("%s is there twice", replica.Host)
			}
			hosts[replica.Host] = true
		}
	}
	var keeper struct {
		Servers []struct {
			Hostname string `xml:"hostname"`
		} `xml:"keeper_server>raft_configuration>server"`
	}
	if err := xml.Unmarshal([]byte(fileOf(t, "deploy", "clickhouse", "keeper.xml")), &keeper); err != nil {
		t.Fatal(err)
	}
	for i, k := range keeper.Servers {
		if i >= len(server.Keepers) || server.Keepers[i] != k.Hostname {
			t.Errorf("keeper %s is not one of %q", k.Hostname, server.Keepers)
		}
	}
	if len(keeper.Servers)%2 == 0 {
		t.Errorf("%d keepers have no majority more than one less", len(keeper.Servers))
	}
	page := fileOf(t, "docs", "cluster.md")
	address := regexp.MustCompile(`ARPENT_STORE='clickhouse://arpent:PASSWORD@([a-z0-9.,]+)/([a-z]+)\?([a-z=&]+)'`).FindStringSubmatch(page)
	if address == nil {
		t.Fatal("the page has no address of a store")
	}
	for host := range strings.SplitSeq(address[1], ",") {
		if !hosts[host] {
			t.Errorf("%s of the page is no server of the configuration", host)
		}
	}
	if !strings.Contains(fileOf(t, "deploy", "clickhouse", "user.sql"), "ON "+address[2]+".*") {
		t.Errorf("the user may not make the database %s of the page", address[2])
	}
	if strings.Contains(address[3], "secure") {
		t.Error("the page asks for TLS, and the configuration has none")
	}
	name, err := clickhouse.Name("clickhouse://ch1a.internal")
	if err != nil || !strings.HasSuffix(name, "cluster=arpent") {
		t.Errorf("%q, %v: an address that names no cluster means another than that of deploy", name, err)
	}
}
