//go:build duckdb_arrow

package duckdb

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
)

// childFolder is set where the test binary is run again as a process that may be killed or kept from writing.
const childFolder = "ARPENT_STORE_CHILD"

// childLimit is how long the files of TestChildFillsDisk may be, in megabytes.
const childLimit = "ARPENT_STORE_LIMIT"

// child runs a test of this file in a process of its own.
func child(t *testing.T, test, dir string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$", "-test.v")
	command.Env = append(os.Environ(), childFolder+"="+dir)
	return command
}

// TestChildCommits commits until it is killed, and says after each commit how many entries were acknowledged. Every tenth time it
// erases one.
func TestChildCommits(t *testing.T) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		t.Skip("it is run by TestKilledStoreLosesNothing")
	}
	store, w := openStore(t, dir), newWalkers()
	w.position = store.done.last
	for entries := store.done.entries; ; {
		batch := w.batch(40)
		erased := int64(0)
		var err error
		if store.done.commit%10 == 9 {
			erased = 1
			err = store.Erase(t.Context(), "paris-2026", []int64{batch.Entries[0].Position - 30}, batch)
		} else {
			err = store.Commit(t.Context(), batch)
		}
		if err != nil {
			t.Fatal(err)
		}
		entries += int64(len(batch.Entries)) - erased
		fmt.Printf("acknowledged %d %d\n", store.done.commit, entries)
	}
}

// A store is killed again and again, inside commits and erasures too, and opened: all that was acknowledged is there, and at most one commit more.
func TestKilledStoreLosesNothing(t *testing.T) {
	dir := t.TempDir()
	const kills = 3
	for range kills {
		command := child(t, "TestChildCommits", dir)
		output, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		var commit, entries int64
		left := 12 + rand.IntN(9)
		for lines := bufio.NewScanner(output); lines.Scan(); {
			if n, _ := fmt.Sscanf(lines.Text(), "acknowledged %d %d", &commit, &entries); n != 2 {
				continue
			}
			if left--; left == 0 {
				time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
				if err := command.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := command.Wait(); left > 0 {
			t.Fatalf("the process ended by itself after commit %d: %v", commit, err)
		}
		store := openStore(t, dir)
		there, err := everything(t, store)
		now := store.done
		if err := errors.Join(err, store.Close()); err != nil {
			t.Fatal(err)
		}
		if int64(there) != now.entries {
			t.Errorf("%d entries, and the store says %d", there, now.entries)
		}
		if now.commit < commit || now.commit > commit+1 || now.commit == commit && now.entries != entries {
			t.Errorf("commit %d with %d entries, after %d with %d was acknowledged", now.commit, now.entries, commit, entries)
		}
	}
}

// fillDisk commits until there is no more room, makes room, and goes on. At each point the store has what was acknowledged and no more.
func fillDisk(t *testing.T, dir string, makeRoom func() error) {
	store, w := openStore(t, dir), newWalkers()
	acknowledged := 0
	check := func(when string) {
		t.Helper()
		if entries, err := everything(t, store); entries != acknowledged || err != nil {
			t.Fatalf("%s: %d entries, %v, want %d", when, entries, err, acknowledged)
		}
	}
	var refused error
	for refused == nil && acknowledged < 1_000_000 {
		batch := w.batch(2_000)
		if refused = store.Commit(t.Context(), batch); refused == nil {
			acknowledged += len(batch.Entries)
		}
	}
	if refused == nil || errors.Is(refused, engine.ErrStoreDamaged) || !strings.Contains(refused.Error(), "log.duckdb") {
		t.Fatalf("%v, want an error of the disk that names the file", refused)
	}
	t.Logf("after %d entries: %v", acknowledged, refused)
	check("disk full")
	if err := store.Commit(t.Context(), w.batch(2_000)); err == nil {
		t.Fatal("a commit on a full disk: no error")
	}
	// There may be room for an erasure: it moves the write-ahead log into the database, which is smaller.
	if err := store.Erase(t.Context(), "paris-2026", []int64{1}, engine.Batch{}); err == nil {
		acknowledged--
	}
	check("after an erasure")
	if err := makeRoom(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		batch := w.batch(500)
		if err := store.Commit(t.Context(), batch); err != nil {
			t.Fatalf("with room again: %v", err)
		}
		acknowledged += len(batch.Entries)
		check("with room again")
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		store = openStore(t, dir)
		check("opened again")
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// A process may not write files beyond a size: the next best thing to a full disk that any machine can do.
func TestChildFillsDisk(t *testing.T) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		t.Skip("it is run by TestFullDisk")
	}
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	most := limit.Cur
	megabytes, err := strconv.Atoi(os.Getenv(childLimit))
	if err != nil {
		t.Fatal(err)
	}
	limit.Cur = uint64(megabytes) << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	fillDisk(t, dir, func() error {
		limit.Cur = most
		return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
	})
	fmt.Println("child is done")
}

func TestFullDisk(t *testing.T) {
	for _, c := range []struct{ name, megabytes string }{
		{"no room for more in the write-ahead log", "1"},
		{"no room for the write-ahead log in the database", "6"},
	} {
		t.Run(c.name, func(t *testing.T) {
			command := child(t, "TestChildFillsDisk", t.TempDir())
			command.Env = append(command.Env, childLimit+"="+c.megabytes)
			output, err := command.CombinedOutput()
			if err != nil || !strings.Contains(string(output), "child is done") {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}

// mounted gives a small file system of its own, where the machine permits that.
func mounted(t *testing.T, megabytes int) string {
	t.Helper()
	dir := t.TempDir()
	if output, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+strconv.Itoa(megabytes)+"m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody mount a file system: %s", output)
	}
	t.Cleanup(func() {
		if output, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("unmount: %s", output)
		}
	})
	return dir
}

func TestFullFileSystem(t *testing.T) {
	dir := mounted(t, 5)
	ballast := filepath.Join(dir, "ballast")
	overwrite(t, ballast, make([]byte, 3<<20))
	fillDisk(t, filepath.Join(dir, "field"), func() error { return os.Remove(ballast) })
}

func TestReadOnlyDisk(t *testing.T) {
	dir := mounted(t, 12)
	store, w := openStore(t, filepath.Join(dir, "field")), newWalkers()
	if err := store.Commit(t.Context(), w.batch(10)); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command("mount", "-o", "remount,ro", dir).CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody mount a file system read-only: %s", output)
	}
	if _, err := OpenStore(t.Context(), store.files.dir); err == nil || !strings.Contains(err.Error(), "read-only file system") {
		t.Errorf("%v, want an error that says that the file system is read-only", err)
	}
}
