package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/arpent/arpent/engine"
)

// A serverFile is how a command finds the server that holds the workspace, and shows it that it may. It counts only as long as the
// field of the workspace is held: of a server that was killed it stays, and the next who holds the field removes it.
type serverFile struct {
	URL string `json:"url"`
	Key string `json:"key"` // made at the start of the server, in no log
}

func serverFilePath(w engine.Workspace) string { return filepath.Join(w.StateDir(), "server.json") }

// replicaFilePath is that of a replica, which has no state: it serves for `arpent ready`, and has no key.
func replicaFilePath(w engine.Workspace) string { return filepath.Join(w.Dir, "cache", "replica.json") }

// announce writes the file of a server, which holds the field, until withdraw is called.
func announce(w engine.Workspace, listening net.Addr, key string) (withdraw func(), err error) {
	return announceAt(serverFilePath(w), listening, key)
}

// announceReplica writes the file of a replica until withdraw is called.
func announceReplica(w engine.Workspace, listening net.Addr) (withdraw func(), err error) {
	if err := os.MkdirAll(filepath.Dir(replicaFilePath(w)), 0o755); err != nil {
		return nil, fmt.Errorf("announce the server: %w", err)
	}
	return announceAt(replicaFilePath(w), listening, "")
}

func announceAt(path string, listening net.Addr, key string) (withdraw func(), err error) {
	content, err := json.Marshal(serverFile{localURL(listening), key})
	if err != nil {
		return nil, fmt.Errorf("announce the server: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".server-*") // of mode 0600
	if err != nil {
		return nil, fmt.Errorf("announce the server: %w", err)
	}
	defer os.Remove(file.Name())
	_, err = file.Write(content)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("announce the server: %w", err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return nil, fmt.Errorf("announce the server: %w", err)
	}
	return func() {
		os.Remove(path) // else the next who serves there does
	}, nil
}

// localURL gives where a server is found on this machine, by number: a name could lead to another program.
func localURL(a net.Addr) string {
	t, ok := a.(*net.TCPAddr)
	if !ok || !t.IP.IsUnspecified() {
		return "http://" + a.String()
	}
	if t.IP.To4() != nil {
		return fmt.Sprintf("http://127.0.0.1:%d", t.Port)
	}
	return fmt.Sprintf("http://[::1]:%d", t.Port)
}

// announced reads the file of the server that holds the field; there is none where a command does.
func announced(w engine.Workspace) (server serverFile, there bool, err error) {
	return announcedAt(serverFilePath(w))
}

func announcedAt(path string) (server serverFile, there bool, err error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return serverFile{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &server)
	}
	if err != nil {
		return serverFile{}, false, fmt.Errorf("the file %s does not say where the server of this workspace is (%w): start that server again", path, err)
	}
	return server, true, nil
}
