package access

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/arpent/arpent/engine"
)

// Registry has the campaigns of a workspace, with their keys, tokens and turfs. It is safe for many goroutines. Only one process may
// have it open: the one that holds the field of the workspace, see engine.Workspace.HoldField.
type Registry struct {
	dir      string     // of the campaigns
	changing sync.Mutex // held by whoever changes a file, until it is durable

	// reading guards the maps for as long as they are looked at, never while a file is written.
	reading   sync.RWMutex
	campaigns map[string]*campaign
	tokens    map[string]heldToken // by id
	nobody    heldToken            // what an unknown secret is compared with
}

// campaign is a campaign in memory. It is not changed, but replaced.
type campaign struct {
	engine.Campaign
	key   []byte // nil: destroyed
	turfs []engine.Turf
}

// The folders and files of a campaign.
const (
	campaignsFolder = "campaigns"
	campaignFile    = "campaign" + engine.RecordSuffix
	keyFile         = "key" + engine.RecordSuffix
	tokensFolder    = "tokens"
	turfsFolder     = "turfs"
)

// Open reads the registry of a workspace's state folder, which it makes where there is none. What was left half-written is
// removed; a file that is damaged or that nobody knows is an error.
func Open(dir string) (*Registry, error) {
	r := &Registry{dir: filepath.Join(dir, campaignsFolder), campaigns: map[string]*campaign{}, tokens: map[string]heldToken{}}
	_, _ = rand.Read(r.nobody.hash[:]) // it never fails
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return nil, fmt.Errorf("access: %s: %w", dir, err)
	}
	entries, err := engine.PrivateFolder(r.dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if !entry.IsDir() || !engine.IsCode(entry.Name()) {
			return nil, fmt.Errorf("access: %s does not belong there: move it away", filepath.Join(r.dir, entry.Name()))
		}
		if err := r.load(entry.Name()); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// folder is that of a campaign.
func (r *Registry) folder(campaign string) string { return filepath.Join(r.dir, campaign) }

// load reads a campaign.
func (r *Registry) load(id string) error {
	dir := r.folder(id)
	entries, err := engine.PrivateFolder(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		switch entry.Name() {
		case campaignFile, keyFile, tokensFolder, turfsFolder:
		default:
			return fmt.Errorf("access: %s does not belong there: move it away", filepath.Join(dir, entry.Name()))
		}
	}
	path := filepath.Join(dir, campaignFile)
	var record campaignRecord
	if err := engine.ReadRecord(path, &record); err != nil {
		return err
	}
	if record.ID != id || checkCampaign(record.Campaign) != nil {
		return engine.DamagedRecord(path, "it is not the campaign that its folder's name says")
	}
	c := &campaign{Campaign: record.Campaign}
	if c.key, err = r.loadKey(record); err != nil {
		return err
	}
	if c.turfs, err = loadTurfs(filepath.Join(dir, turfsFolder)); err != nil {
		return err
	}
	r.campaigns[id] = c
	return r.loadTokens(id)
}

// loadKey reads the key of a campaign, nil where it was destroyed. A destruction that was interrupted is completed.
func (r *Registry) loadKey(c campaignRecord) ([]byte, error) {
	path := filepath.Join(r.folder(c.ID), keyFile)
	if c.KeyDestroyed {
		if err := overwrite(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return nil, nil
	}
	var key []byte
	err := engine.ReadRecord(path, &key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("access: the key of campaign %s is missing: put %s back from a backup; without it a door of the log is not known again", c.ID, path)
	case err != nil:
		return nil, err
	case len(key) != keyBytes:
		return nil, engine.DamagedRecord(path, "it is no key")
	}
	return key, nil
}

// replace lets a changed campaign count.
func (r *Registry) replace(c *campaign) {
	r.reading.Lock()
	r.campaigns[c.ID] = c
	r.reading.Unlock()
}

// find gives a campaign as it is now.
func (r *Registry) find(id string) (*campaign, bool) {
	r.reading.RLock()
	defer r.reading.RUnlock()
	c, ok := r.campaigns[id]
	return c, ok
}

func noCampaign(id string) error {
	return fmt.Errorf("%w: there is no campaign %s: `arpent campaign list` lists them, `arpent campaign add` makes one", ErrNotFound, id)
}
