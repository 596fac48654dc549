package datasets

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// part is what has come of a file, on disk as path.part; path.part.json says what it is a part of.
type part struct {
	path, url string
	file      *os.File
	size      int64
	state     partState
	joined    bool // of several answers
	trusted   bool // pieces may be joined without the server's word that they are of one file
}

// partState is what a server said of the file that a part is of.
type partState struct {
	URL          string `json:"url"`
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	Total        int64  `json:"total,omitempty"` // bytes; 0 where it did not say
}

// openPart takes up what an earlier download of the address left. Only one process at a time can hold it.
func openPart(path, url string) (*part, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path+".part", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	p := &part{path: path, url: url, file: file}
	if err := p.takeUp(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return p, nil
}

func (p *part) takeUp() error {
	if err := syscall.Flock(int(p.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("%s is being downloaded by another process: wait for it to end", p.path)
	}
	// Between opening and locking, the other process may have given the file its name: it is whole then, and not to be cut.
	mine, err := p.file.Stat()
	if err != nil {
		return err
	}
	if named, err := os.Stat(p.file.Name()); err != nil || !os.SameFile(mine, named) {
		return fmt.Errorf("%s has just been downloaded by another process: run the command again", p.path)
	}
	text, err := os.ReadFile(p.stateFile())
	if errors.Is(err, fs.ErrNotExist) {
		return p.restart(partState{})
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &p.state); err != nil || p.state.URL != p.url {
		return p.restart(partState{}) // of another address, or not ours
	}
	p.size, err = p.file.Seek(0, io.SeekEnd)
	p.joined = p.size > 0
	return err
}

func (p *part) stateFile() string { return p.path + ".part.json" }

// validator is what tells the server's file from a later one: a strong entity tag, else its date. Empty if there is neither.
func (p *part) validator() string {
	if p.state.ETag != "" && !strings.HasPrefix(p.state.ETag, "W/") {
		return p.state.ETag
	}
	return p.state.LastModified
}

// continues tells whether a later answer of the server speaks of the same file; total is its size in bytes, 0 if it does not say.
func (s partState) continues(later partState, total int64) bool {
	return (s.ETag == "" || later.ETag == "" || s.ETag == later.ETag) &&
		(s.LastModified == "" || later.LastModified == "" || s.LastModified == later.LastModified) &&
		(s.Total == 0 || total == 0 || s.Total == total)
}

// restart throws away what came, for a file that the server describes so.
func (p *part) restart(state partState) error {
	if err := p.file.Truncate(0); err != nil {
		return err
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	p.size, p.state, p.joined = 0, state, false
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	return os.WriteFile(p.stateFile(), text, 0o644)
}

func (p *part) append(b []byte) error {
	n, err := p.file.Write(b)
	p.size += int64(n)
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w: make room on the disk and run the command again", p.path, err)
	}
	return nil
}

// fetched reads the whole part once more, from the disk.
func (p *part) fetched() (Fetched, error) {
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return Fetched{}, err
	}
	hash := sha256.New()
	size, err := io.Copy(hash, p.file)
	if err != nil {
		return Fetched{}, err
	}
	return Fetched{
		URL: p.url, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil)),
		At: time.Now().UTC().Truncate(time.Second), ETag: p.state.ETag, LastModified: p.state.LastModified,
	}, nil
}

// publish gives the file its name, once it is safe on the disk.
func (p *part) publish() error {
	if err := p.file.Sync(); err != nil {
		return err
	}
	if err := os.Rename(p.file.Name(), p.path); err != nil {
		return err
	}
	return os.Remove(p.stateFile())
}

func (p *part) close() {
	if p.size == 0 { // before the lock is given up: afterwards it may be another process's
		_ = os.Remove(p.file.Name()) // nothing is lost with it, nor if it stays
		_ = os.Remove(p.stateFile())
	}
	p.file.Close() // what matters was synced by publish
}
