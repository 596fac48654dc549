package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/clickhouse"
	"github.com/arpent/arpent/engine/duckdb"
)

// storeVariable is the environment variable that stands for --store: an address with a password is better not on a command line.
const storeVariable = "ARPENT_STORE"

// commitEvery is how soon a commit may begin after the one before. In the workspace forty a second take a third of a core and leave most of it to those who look on; on a
// cluster each is files on every shard that have to be merged.
const (
	commitEvery        = 25 * time.Millisecond
	commitEveryCluster = 100 * time.Millisecond
)

// fieldStore is where the field log of a workspace is kept.
type fieldStore struct {
	engine.Store
	commitEvery time.Duration
}

// openStore opens the store of the field log: the one in the workspace, or the one that --store names. The workspace remembers which, so that no log is ever
// split between two.
func (p *program) openStore(ctx context.Context) (fieldStore, error) {
	remembered, err := p.rememberedStore()
	if err != nil {
		return fieldStore{}, err
	}
	if p.store == "" {
		if remembered != "" {
			return fieldStore{}, fmt.Errorf("the field log of the workspace %s is kept on %s: say where that is, with --store or in %s", p.workspace, remembered, storeVariable)
		}
		store, err := duckdb.OpenStore(ctx, fieldDir(p.space()))
		return fieldStore{store, commitEvery}, err
	}
	name, err := clickhouse.Name(p.store)
	if err != nil {
		return fieldStore{}, err
	}
	switch _, err := os.Stat(fieldDir(p.space())); {
	case remembered != "" && remembered != name:
		return fieldStore{}, fmt.Errorf("the field log of the workspace %s is kept on %s, and --store names %s", p.workspace, remembered, name)
	case remembered == "" && err == nil:
		return fieldStore{}, fmt.Errorf("the workspace %s keeps a field log itself, in %s: copy it first, with `arpent store copy --to ADDRESS`", p.workspace, fieldDir(p.space()))
	case remembered == "" && !errors.Is(err, fs.ErrNotExist):
		return fieldStore{}, err
	}
	id, err := p.rememberedID()
	if err != nil {
		return fieldStore{}, err
	}
	store, err := clickhouse.Open(ctx, p.store, id)
	if err != nil {
		return fieldStore{}, err
	}
	if remembered == "" {
		if err := p.rememberStore(name, store.ID()); err != nil {
			return fieldStore{}, errors.Join(err, store.Close())
		}
	}
	return fieldStore{store, commitEveryCluster}, nil
}

// storeFile is where the workspace remembers a store that is elsewhere, its name and its id, each on a line; it has no address and no password.
func (p *program) storeFile() string { return filepath.Join(p.space().StateDir(), "store") }

// rememberedStore is the name of the store that is elsewhere, "" where the log is in the workspace.
func (p *program) rememberedStore() (string, error) {
	name, _, err := p.readStoreFile()
	return name, err
}

// rememberedID is what tells that store from another at the same address.
func (p *program) rememberedID() (string, error) {
	_, id, err := p.readStoreFile()
	return id, err
}

func (p *program) readStoreFile() (name, id string, err error) {
	content, err := os.ReadFile(p.storeFile())
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", nil
	}
	name, id, _ = strings.Cut(strings.TrimSpace(string(content)), "\n")
	return name, id, err
}

// rememberStore writes the name and the id of the store, durably: the first return comes after.
func (p *program) rememberStore(name, id string) error {
	file, err := os.CreateTemp(p.space().StateDir(), ".store-*") // of mode 0600
	if err != nil {
		return fmt.Errorf("remember the store of the field log: %w", err)
	}
	defer os.Remove(file.Name())
	_, err = file.WriteString(name + "\n" + id + "\n")
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("remember the store of the field log: %w", err)
	}
	if err := os.Rename(file.Name(), p.storeFile()); err != nil {
		return fmt.Errorf("remember the store of the field log: %w", err)
	}
	return engine.SyncDir(p.space().StateDir())
}

// forgetStore makes the workspace keep the log itself from now on.
func (p *program) forgetStore() error {
	if err := os.Remove(p.storeFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget the store of the field log: %w", err)
	}
	return engine.SyncDir(p.space().StateDir())
}

// keepsField tells whether the workspace has a field log, here or elsewhere.
func (p *program) keepsField() (bool, error) {
	remembered, err := p.rememberedStore()
	if err != nil || remembered != "" {
		return remembered != "", err
	}
	_, err = os.Stat(fieldDir(p.space()))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
