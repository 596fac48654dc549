package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// child is a program that runs beside this one. It ends when it is stopped or the context it was started with is over.
type child struct {
	name string
	pid  int
	said *said
	stop func() // tells it to end, and waits until it has
	gone <-chan struct{}
}

// said is the last that a child wrote.
type said struct {
	mu   sync.Mutex
	text []byte
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = append(s.text, b...)
	s.text = s.text[max(0, len(s.text)-4096):]
	return len(b), nil
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(bytes.TrimSpace(s.text))
}

// patience is what a child has to end after it is told to, before it is killed.
const patience = 20 * time.Second

// asUser lets a program run as another user; nil is the one that runs this one.
type asUser = *syscall.Credential

// start runs a program until it is stopped, which it is told by a signal.
func start(ctx context.Context, stop os.Signal, as asUser, dir string, command ...string) (*child, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	c := &child{name: command[0], said: &said{}}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, c.said, c.said
	cmd.Cancel = func() error { return cmd.Process.Signal(stop) }
	cmd.WaitDelay = patience
	// A group of its own: Ctrl-C reaches this program alone, which ends the others in turn.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: as}
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("peers: start %s: %w", c.name, err)
	}
	gone := make(chan struct{})
	go func() {
		_ = cmd.Wait() // what it came to is in what it said
		close(gone)
	}()
	c.pid, c.gone, c.stop = cmd.Process.Pid, gone, func() { cancel(); <-gone }
	return c, nil
}

// waitFor waits until a child is ready.
func (c *child) waitFor(ctx context.Context, ready func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for !ready() {
		select {
		case <-c.gone:
			return fmt.Errorf("peers: %s ended before it answered: %s", c.name, c.said)
		case <-ctx.Done():
			return fmt.Errorf("peers: wait for %s: %w: %s", c.name, ctx.Err(), c.said)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// run runs a program to its end and gives what it wrote to standard output.
func run(ctx context.Context, as asUser, dir string, command ...string) (string, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: as}
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return "", fmt.Errorf("peers: %s: %w: %s", strings.Join(command, " "), err, bytes.TrimSpace(exit.Stderr))
		}
		return "", fmt.Errorf("peers: %s: %w", command[0], err)
	}
	return string(bytes.TrimSpace(out)), nil
}
