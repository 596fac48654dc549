package access

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/arpent/arpent/engine"
)

// keyBytes is the length of a campaign's key.
const keyBytes = 32

// ErrKeyDestroyed is returned for a campaign whose key was destroyed: it takes no more returns, and no hash of a door or canvasser can be
// told to be of anybody any more.
var ErrKeyDestroyed = errors.New("access: the key of the campaign was destroyed: it is over, and takes no more returns")

// Key gives the key of a campaign's keyed hashes.
func (r *Registry) Key(id string) ([]byte, error) {
	c, ok := r.find(id)
	switch {
	case !ok:
		return nil, noCampaign(id)
	case c.key == nil:
		return nil, fmt.Errorf("%w (%s)", ErrKeyDestroyed, id)
	}
	return slices.Clone(c.key), nil
}

// DestroyKey overwrites and deletes the key of a campaign, for ever. Once it has begun it will be completed, if need be by the next Open.
// What a disk or a backup keeps of a file that was overwritten is beyond it.
func (r *Registry) DestroyKey(id string) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	c, ok := r.find(id)
	switch {
	case !ok:
		return noCampaign(id)
	case c.key == nil:
		return nil
	}
	if err := engine.WriteRecord(filepath.Join(r.folder(id), campaignFile), campaignRecord{c.Campaign, true}); err != nil {
		return err
	}
	without := *c
	without.key = nil
	r.replace(&without)
	if err := overwrite(filepath.Join(r.folder(id), keyFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: the key counts no more, but is still in the file: start the server again to try once more", err)
	}
	return nil
}

// overwrite puts zeros in place of the bytes of a file, and deletes it.
func overwrite(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("access: overwrite %s: %w", path, err)
	}
	info, err := file.Stat()
	if err == nil {
		_, err = file.Write(make([]byte, min(info.Size(), engine.MostRecordBytes)))
	}
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("access: overwrite %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("access: overwrite %s: %w", path, err)
	}
	return engine.SyncDir(filepath.Dir(path))
}
