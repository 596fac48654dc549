package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

// commandsOf gives the commands of a part of the page on operations, as it has them.
func commandsOf(t *testing.T, part string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```sh " + part + "\n(.*?)```").FindSubmatch(page)
	if found == nil {
		t.Fatalf("docs/operations.md has no commands for %s", part)
	}
	return string(found[1])
}

// service is a server that is started and stopped by `systemctl`, which here is a script.
type service struct {
	f      *fieldPlace
	path   string // of the programs
	backup string
}

func newService(t *testing.T) *service {
	t.Helper()
	f := newFieldPlace(t, "village")
	s := &service{f: f, path: t.TempDir(), backup: t.TempDir()}
	script := fmt.Sprintf(`#!/bin/sh
set -e
cd %q
case "$1" in
start) arpent serve --addr %s --workspace %q >out.txt 2>err.txt & echo $! >pid ;;
stop) kill -TERM "$(cat pid)"; while kill -0 "$(cat pid)" 2>/dev/null; do sleep 0.05; done ;;
esac
`, s.path, f.addr, f.workspace)
	if err := os.WriteFile(filepath.Join(s.path, "systemctl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var pid int
		content, _ := os.ReadFile(filepath.Join(s.path, "pid")) // there is none where it never ran
		if _, err := fmt.Sscan(string(content), &pid); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL) // one that has ended is not there
		}
	})
	return s
}

// run runs commands as a shell does that stops at the first that fails.
func (s *service) run(t *testing.T, commands string) string {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "sh", "-e", "-u", "-c", commands)
	shell.Env = append(os.Environ(), "PATH="+s.path+":"+os.Getenv("PATH"), "WORKSPACE="+s.f.workspace, "BACKUP="+s.backup)
	var out bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &out
	if err := shell.Run(); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.path, "err.txt")) // what there is
		t.Fatalf("%v: %s\n%s\nthe server: %s", err, commands, &out, log)
	}
	return out.String()
}

// ready waits until the server answers.
func (s *service) ready(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if status, _, err := answer(http.DefaultClient, s.f.url()+"/readyz"); err == nil && status == http.StatusOK {
			return
		}
	}
	log, _ := os.ReadFile(filepath.Join(s.path, "err.txt")) // what there is
	t.Fatalf("the server does not come up: %s", log)
}

// knock sends a return, which must be answered with an outcome.
func (s *service) knock(t *testing.T, id uuid.UUID, outcome string) {
	t.Helper()
	secret, err := os.ReadFile(s.f.token)
	if err != nil {
		t.Fatal(err)
	}
	batch := fmt.Sprintf(`{"returns":[{"id":"%s","kind":"attempt","happened_at":"%s","team":"north","location":{"segment_id":1},"result":"not_home"}]}`, id, time.Now().Format(time.RFC3339))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.f.url()+"/v1/field/returns", strings.NewReader(batch))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(secret)))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if told, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(told), `"`+outcome+`":1`) {
		t.Fatalf("a return is answered with %s %v", told, err)
	}
}

// held tells whether the workspace has a return.
func (s *service) held(t *testing.T, id uuid.UUID) bool {
	t.Helper()
	return strings.Contains(s.f.arpent(t, "held", "--record", id.String()), id.String())
}

// What docs/operations.md says about backup and restore is carried out as it stands there. What was acknowledged before the backup is there again, and
// what was erased after it does not come back.
func TestBackupAndRestoreAsThePageSays(t *testing.T) {
	quickEnds(t)
	s := newService(t)
	s.run(t, "systemctl start arpent")
	s.ready(t)
	stays, erased, late := uuid.New(), uuid.New(), uuid.New()
	s.knock(t, stays, "quarantined") // the street is not known: it waits, and is kept
	s.knock(t, erased, "quarantined")

	s.run(t, commandsOf(t, "backup"))
	s.ready(t)
	s.knock(t, late, "quarantined")
	s.f.arpent(t, "erase", "--record", erased.String())
	s.run(t, commandsOf(t, "erasures"))
	if !s.held(t, late) {
		t.Fatal("a return after the backup is not held")
	}
	// The disk is damaged.
	if err := os.WriteFile(filepath.Join(s.f.workspace, "field", "log.duckdb"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}

	said := s.run(t, commandsOf(t, "restore"))
	if !strings.Contains(said, "all hold") || !strings.Contains(said, "every entry counts for what it should") {
		t.Errorf("arpent check says: %s", said)
	}
	s.ready(t)
	if !s.held(t, stays) {
		t.Error("what was in the backup is not there again")
	}
	if s.held(t, late) {
		t.Error("what came after the backup is there: the test did not restore")
	}
	if s.held(t, erased) {
		t.Error("what was erased has come back")
	}
	log, err := os.ReadFile(filepath.Join(s.f.workspace, "state", "audit.log"))
	if err != nil || !strings.Contains(string(log), `"restored"`) {
		t.Errorf("there is no receipt: %v: %s", err, log)
	}
	s.f.arpent(t, "audit", "verify")
	s.knock(t, erased, "erased") // a phone sends it again
	if said := s.f.arpent(t, "ready"); !strings.Contains(said, "ready, with snapshot ") {
		t.Errorf("arpent ready says %q", said)
	}
	s.run(t, "systemctl stop arpent")
	if out, err := exec.Command("arpent", "ready", "--workspace", s.f.workspace).CombinedOutput(); err == nil || !strings.Contains(string(out), "no server has the workspace") {
		t.Errorf("arpent ready without a server: %v %s", err, out)
	}
}
