//go:build cluster

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/clickhouse"
	"github.com/arpent/arpent/engine/clickhouse/testbed"
	"github.com/arpent/arpent/engine/duckdb"
	"github.com/arpent/arpent/engine/transfer"
)

// storeCopy runs the command in a workspace and gives what it printed.
func storeCopy(t *testing.T, workspace string, arguments ...string) (string, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := &program{stderr: &stderr}
	root := p.rootCommand()
	root.SetArgs(append([]string{"store", "copy", "--workspace", workspace}, arguments...))
	root.SetOut(&stdout)
	err := root.ExecuteContext(t.Context())
	t.Logf("arpent store copy %s: %v\n%s%s", strings.Join(arguments, " "), err, &stdout, &stderr)
	return stdout.String(), err
}

// hashLines are the lines that say what was copied.
func hashLines(printed string) (lines []string) {
	for line := range strings.Lines(printed) {
		if strings.HasPrefix(line, "spring ") || strings.HasPrefix(line, "autumn ") {
			lines = append(lines, line)
		}
	}
	return lines
}

// campaigning is a workspace with two campaigns.
func campaigning(t *testing.T) *program {
	t.Helper()
	p := &program{workspace: t.TempDir()}
	if err := os.Mkdir(p.space().StateDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	registry, err := access.Open(p.space().StateDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"autumn", "spring"} {
		if err := registry.AddCampaign(engine.Campaign{ID: id, Contest: "2026_muni_t1", Choice: "durand", Begins: time.Unix(1, 0), Election: "2026-03-15"}); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// A command that is killed, or stopped by Ctrl-C, again and again, a little later each time, comes to its end, and has copied all.
func TestACopyThatIsKilledOnCluster(t *testing.T) {
	nodes := testbed.Start(t)
	address := nodes.Address("killed", testbed.Sharded)
	p := campaigning(t)
	entries, positions := writeLog(t, fieldDir(p.space()))
	killed, stopped := 0, 0
	for patience := 300 * time.Millisecond; ; patience += 150 * time.Millisecond {
		command := exec.Command("arpent", "store", "copy", "--workspace", p.workspace, "--to", address)
		var stdout, stderr bytes.Buffer
		command.Stdout, command.Stderr = &stdout, &stderr
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		signal := []os.Signal{os.Kill, os.Interrupt}[(killed+stopped)%2]
		timer := time.AfterFunc(patience, func() { _ = command.Process.Signal(signal) }) // it may have ended
		err := command.Wait()
		timer.Stop()
		if err == nil {
			t.Logf("killed %d times, stopped %d times; then\n%s%s", killed, stopped, &stdout, &stderr)
			if there := hashLines(stdout.String()); len(there) != 2 || !strings.HasPrefix(there[1], fmt.Sprintf("spring    %d ", entries["spring"])) {
				t.Errorf("%q, want %v entries", there, entries)
			}
			break
		}
		_, err = os.Stat(p.storeFile())
		if err == nil {
			t.Fatalf("the workspace uses the other store after a copy that has not ended:\n%s%s", &stdout, &stderr)
		}
		switch code := command.ProcessState.ExitCode(); {
		case code == -1 && signal == os.Kill:
			killed++
		case code == exitInterrupted && signal == os.Interrupt:
			stopped++
		default:
			t.Fatalf("exit code %d:\n%s%s", code, &stdout, &stderr)
		}
	}
	if killed < 3 || stopped < 3 {
		t.Errorf("killed %d times and stopped %d times: it was too quick", killed, stopped)
	}
	cluster, err := clickhouse.Open(t.Context(), address, "")
	if err != nil {
		t.Fatal(err)
	}
	wantSameAnswers(t, cluster, openDuckDB(t, fieldDir(p.space())), "spring", positions, 3)
	if err := cluster.Close(); err != nil {
		t.Fatal(err)
	}
}

// A log goes from the workspace to three shards, a node of which is killed in the middle of the load. The load repeated gives exact counts and the same hashes,
// and so does the way back.
func TestALoadInterruptedOnCluster(t *testing.T) {
	nodes := testbed.Start(t)
	address := nodes.Address("moved", testbed.Sharded, "read=3s&write=3s")
	p := campaigning(t)
	workspace := p.workspace
	before := filepath.Join(t.TempDir(), "before")
	entries, positions := writeLog(t, fieldDir(p.space()))
	if err := os.CopyFS(before, os.DirFS(fieldDir(p.space()))); err != nil {
		t.Fatal(err)
	}

	killInTheMiddle(t, nodes, p, address)
	printed, err := storeCopy(t, workspace, "--to", address)
	if !errors.Is(err, engine.ErrStoreUnavailable) || !strings.Contains(err.Error(), "The same command goes on") {
		t.Errorf("with a node away: %v", err)
	}
	if _, err := os.Stat(p.storeFile()); err == nil || len(hashLines(printed)) > 0 {
		t.Fatal("the workspace uses a store that is not whole")
	}
	nodes.Restart(nodes.Nodes[1])
	printed, err = storeCopy(t, workspace, "--to", address, "--remove-source")
	if err != nil {
		t.Fatal(err)
	}
	there := hashLines(printed)
	if len(there) != 2 || !strings.HasPrefix(there[0], fmt.Sprintf("autumn    %d ", entries["autumn"])) || !strings.HasPrefix(there[1], fmt.Sprintf("spring    %d ", entries["spring"])) {
		t.Errorf("%q, want %v entries", there, entries)
	}
	if _, err := os.Stat(fieldDir(p.space())); err == nil {
		t.Error("the source is not removed")
	}
	original := openDuckDB(t, before)
	cluster, err := clickhouse.Open(t.Context(), address, "")
	if err != nil {
		t.Fatal(err)
	}
	wantSameAnswers(t, cluster, original, "spring", positions, 1)
	if err := cluster.Close(); err != nil {
		t.Fatal(err)
	}

	printed, err = storeCopy(t, workspace, "--to", "workspace", "--store", address)
	if err != nil {
		t.Fatal(err)
	}
	if back := hashLines(printed); strings.Join(back, "") != strings.Join(there, "") {
		t.Errorf("back: %q, there: %q", back, there)
	}
	if _, err := os.Stat(p.storeFile()); err == nil {
		t.Error("the workspace does not keep the log itself again")
	}
	wantSameAnswers(t, openDuckDB(t, fieldDir(p.space())), original, "spring", positions, 2)
}

// writeLog writes some thousand returns in commits that settle those before anew, and erases some. It gives how many there are of each campaign, and how far
// the log was settled after each commit.
func writeLog(t *testing.T, dir string) (entries map[string]int, positions []int64) {
	t.Helper()
	store, err := duckdb.OpenStore(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 8))
	entries = map[string]int{}
	last := int64(0)
	var given, erased []int64
	for day := int32(20_783); day < 20_798; day++ {
		batch := returnsOfADay(r, last, day)
		last = batch.SettledTo + 9_000 // of commits that failed
		for i := range batch.Entries {
			e := &batch.Entries[i]
			if i%5 == 0 {
				e.Campaign = "autumn"
			} else if i%50 == 7 {
				erased = append(erased, e.Position)
			}
			given = append(given, e.Position)
			entries[e.Campaign]++
		}
		for i := range batch.Settlements {
			batch.Settlements[i].Position = given[r.IntN(len(given))]
		}
		if err := store.Commit(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		positions = append(positions, batch.SettledTo)
	}
	entries["spring"] -= len(erased)
	if err := errors.Join(store.Erase(t.Context(), "spring", erased, engine.Batch{}), store.Close()); err != nil {
		t.Fatal(err)
	}
	return entries, positions
}

// killInTheMiddle loads, and kills a node once half is loaded.
func killInTheMiddle(t *testing.T, nodes *testbed.Cluster, p *program, address string) {
	t.Helper()
	source, err := duckdb.OpenStore(t.Context(), fieldDir(p.space()))
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := clickhouse.Open(t.Context(), address, "")
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	var killing sync.WaitGroup
	var once sync.Once
	reached, killedAt := int64(0), int64(0)
	_, err = transfer.Copy(t.Context(), source, target, []string{"autumn", "spring"}, func(stage string, done, total int64) {
		if stage == "copy" {
			reached = done
		}
		if stage == "copy" && done >= total/2 {
			once.Do(func() {
				killedAt = done
				killing.Go(func() { nodes.Kill(nodes.Nodes[1]) })
			})
		}
	})
	killing.Wait()
	if !errors.Is(err, engine.ErrStoreUnavailable) || killedAt == 0 {
		t.Fatalf("a node was killed at position %d: %v", killedAt, err)
	}
	health, err := source.Health(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("killed after position %d of %d, copied until %d", killedAt, health.SettledTo, reached)
	if reached == health.SettledTo {
		t.Error("all was copied before the node was dead")
	}
}
