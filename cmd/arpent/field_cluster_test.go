//go:build cluster

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/engine/clickhouse/testbed"
)

// A server whose field log is on three shards, of which each is killed in turn, and which is killed itself, loses no return that it acknowledged and
// counts none twice. While a shard is dead it answers returns and roll-ups from the log with 503.
func TestFieldOnCluster(t *testing.T) {
	nodes := testbed.Start(t)
	f := newFieldPlace(t, "village")
	t.Setenv(storeVariable, nodes.Address("spring", testbed.Sharded, "read=3s&write=3s"))
	server := f.serve(t)
	secret, err := os.ReadFile(f.token)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var said, out bytes.Buffer
	clients := exec.CommandContext(ctx, "arpent", "simulate", "field", f.city, "--url", f.url(), "--token-file", f.token,
		"--outbox", filepath.Join(f.dir, "outbox.jsonl"), "--json", "--verify", "--canvassers", "60", "--rate", "50", "--for", "20s")
	clients.Stderr, clients.Stdout = &said, &out
	if err := clients.Start(); err != nil {
		t.Fatal(err)
	}
	for i, node := range nodes.Nodes {
		time.Sleep(2 * time.Second)
		nodes.Kill(node)
		time.Sleep(time.Second)
		if status, body := f.status(t, secret, "/v1/field/changes?limit=1"); status != http.StatusServiceUnavailable || !strings.Contains(body, "log_unavailable") {
			t.Errorf("shard %d is dead, and the log answers %d: %s", i+1, status, body)
		}
		if i == 1 {
			server.kill(t)
		}
		nodes.Restart(node)
		if i == 1 {
			server = f.serve(t)
		}
	}
	if err := clients.Wait(); err != nil {
		t.Fatalf("%v: %s%s\nthe server: %s", err, said.String(), out.String(), server.said)
	}
	server.stop(t)
	var result simulated
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	v := result.Verified
	if v.Lost != 0 || v.Twice != 0 || v.Uncounted != 0 || v.Others != 0 || v.Totals == nil || *v.Totals != *v.Expected {
		t.Errorf("the server has %+v, totals %+v, expected %+v", v, v.Totals, v.Expected)
	}
	if result.Unsent != 0 || v.Acknowledged < 300 || result.Unanswered == 0 {
		t.Errorf("the test did not test: %+v", result)
	}
	t.Logf("%d returns acknowledged, %d batches without an answer: lost %d, twice %d", v.Acknowledged, result.Unanswered, v.Lost, v.Twice)
	f.arpent(t, "check") // folds all entries anew
}

// The workspace remembers that its log is elsewhere, and no log is ever split between two stores.
func TestStoreIsRememberedOnCluster(t *testing.T) {
	nodes := testbed.Start(t)
	f := newFieldPlace(t, "village")
	refused := func(says string) {
		t.Helper()
		output, err := exec.CommandContext(t.Context(), "arpent", "check", "--workspace", f.workspace).CombinedOutput()
		if err == nil || !strings.Contains(string(output), says) {
			t.Errorf("%v: %s, want that it says %q", err, output, says)
		}
	}
	f.serve(t).stop(t) // in the workspace
	t.Setenv(storeVariable, nodes.Address("spring", testbed.Sharded))
	refused("arpent store copy")
	if err := os.RemoveAll(filepath.Join(f.workspace, "field")); err != nil {
		t.Fatal(err)
	}
	f.serve(t).stop(t) // on the cluster
	t.Setenv(storeVariable, "")
	refused("is kept on clickhouse:///spring")
	t.Setenv(storeVariable, nodes.Address("autumn", testbed.Sharded))
	refused("is kept on clickhouse:///spring")
}

func (f *fieldPlace) status(t *testing.T, secret []byte, path string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.url()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(secret)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var content bytes.Buffer
	if _, err := content.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, content.String()
}

// An owner whose log is on a cluster, and two replicas of it, one of which is killed and then the owner, are the same server as with a log in the workspace.
func TestReplicasOnCluster(t *testing.T) {
	nodes := testbed.Start(t)
	t.Setenv(storeVariable, nodes.Address("spring", testbed.Sharded))
	TestReplicas(t)
}
