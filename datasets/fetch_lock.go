package datasets

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Fetched is what a lock file says of a file.
type Fetched struct {
	Path         string    `json:"path"` // as in the place file; of an archive, without the member
	URL          string    `json:"url,omitempty"`
	Size         int64     `json:"size"` // bytes
	SHA256       string    `json:"sha256"`
	At           time.Time `json:"fetched"`
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"`
}

// Same tells whether two records are of the same bytes.
func (f Fetched) Same(other Fetched) bool { return f.Size == other.Size && f.SHA256 == other.SHA256 }

func (f Fetched) short() string {
	return fmt.Sprintf("%d bytes with SHA-256 %.12s...", f.Size, f.SHA256)
}

// Lock is the lock file of a place: which files its sources are, to the byte.
type Lock struct {
	Files []Fetched `json:"files"` // by path

	file string
}

// ReadLock reads the lock file of a place file, PLACE.lock.json beside it; where there is none it is empty.
func ReadLock(placeFile string) (*Lock, error) {
	l := &Lock{file: strings.TrimSuffix(placeFile, filepath.Ext(placeFile)) + ".lock.json"}
	text, err := os.ReadFile(l.file)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(l); err != nil {
		return nil, fmt.Errorf("lock file %s cannot be read (%v): take an earlier version of it, or delete it to accept the files as they are", l.file, err)
	}
	return l, nil
}

// Name is the path of the lock file.
func (l *Lock) Name() string { return l.file }

// Find gives what is known of a path; nil if nothing is.
func (l *Lock) Find(path string) *Fetched {
	for i := range l.Files {
		if l.Files[i].Path == path {
			return &l.Files[i]
		}
	}
	return nil
}

// Put takes a file into the lock and writes it: whole or not at all.
func (l *Lock) Put(f Fetched) error {
	if known := l.Find(f.Path); known != nil {
		*known = f
	} else {
		l.Files = append(l.Files, f)
	}
	slices.SortFunc(l.Files, func(a, b Fetched) int { return strings.Compare(a.Path, b.Path) })
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	written, err := os.CreateTemp(filepath.Dir(l.file), ".lock-*")
	if err != nil {
		return err
	}
	defer os.Remove(written.Name()) // gone already when all went well
	_, err = written.Write(append(text, '\n'))
	if err := errors.Join(err, written.Chmod(0o644), written.Sync(), written.Close()); err != nil {
		return err
	}
	return os.Rename(written.Name(), l.file)
}

// Measure gives the size and hash of a file that is there.
func Measure(path string) (Fetched, error) {
	file, err := os.Open(path)
	if err != nil {
		return Fetched{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Fetched{}, err
	}
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		return Fetched{}, err
	}
	return Fetched{Size: size, SHA256: hex.EncodeToString(hash.Sum(nil)), At: info.ModTime().UTC().Truncate(time.Second)}, nil
}
