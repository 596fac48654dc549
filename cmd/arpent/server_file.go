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

// announce writes the file of a server, which holds the field, until withdraw is called.
func announce(w engine.Workspace, listening net.Addr, key string) (withdraw func(), err error) {
	content, err := json.Marshal(serverFile{localURL(listening), key})
	if err != nil {
		return nil, fmt.Errorf("announce the server: %w", err)
	}
	file, err := os.CreateTemp(w.StateDir(), ".server-*") // of mode 0600
	if err != nil {
		return nil, fmt.Errorf("announce the server: %w", err)
	}
	defer os.Remove(file.Name())
	_, err = file.Write(content)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("announce the server: %w", err)
	}
	if err := os.Rename(file.Name(), serverFilePath(w)); err != nil {
		return nil, fmt.Errorf("announce the server: %w", err)
	}
	return func() {
		os.Remove(serverFilePath(w)) // else the next who holds the field does
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
	content, err := os.ReadFile(serverFilePath(w))
	if errors.Is(err, fs.ErrNotExist) {
		return serverFile{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &server)
	}
	if err != nil {
		return serverFile{}, false, fmt.Errorf("the file %s does not say where the server of this workspace is (%w): start that server again", serverFilePath(w), err)
	}
	return server, true, nil
}
