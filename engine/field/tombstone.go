package field

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// erasedFiles are what was erased, a file for each campaign. It is written before anything is erased, so that a crash leaves no erasure
// half done, and so that what was erased stays out when a phone sends it again. A file has hashes, times and positions alone.
type erasedFiles struct {
	dir string
	mu  sync.Mutex
	all map[string]*tombstones
}

// tombstones are what was erased of a campaign.
type tombstones struct {
	path       string
	mu         sync.RWMutex
	returns    map[[sha256.Size]byte]time.Time // zero: all that is tied to it is out; else only it, and what comes to correct it
	order      []tombstone                     // of returns that were kept, ascending
	doors      map[[sha256.Size]byte]time.Time
	canvassers map[[sha256.Size]byte]time.Time
	due        []int64 // positions whose erasure has not ended
	consents   []int64 // positions of returns that withdraw a consent, and have not been followed yet
}

// tombstone is a return that was erased.
type tombstone struct {
	hash [sha256.Size]byte
	at   int64
	time time.Time
}

// erasedLine is a line of the file: one of a return, a door or a canvasser that was erased, or how far an erasure is.
type erasedLine struct {
	Return    string     `json:"return,omitempty"`
	At        int64      `json:"at,omitempty"` // its place in the order of changes; 0: it was not kept
	Time      *time.Time `json:"time,omitempty"`
	Door      string     `json:"door,omitempty"`
	Canvasser string     `json:"canvasser,omitempty"`
	Before    *time.Time `json:"before,omitempty"` // what happened earlier is erased; of a return none: all that is tied to it
	Due       []int64    `json:"due,omitempty"`
	Done      bool       `json:"done,omitempty"` // all that was due
	Consent   int64      `json:"consent,omitempty"`
	Followed  []int64    `json:"followed,omitempty"` // of consents
}

const erasedPrefix = "erased-"

func openErased(dir string) (*erasedFiles, error) {
	files := &erasedFiles{dir: dir, all: map[string]*tombstones{}}
	paths, err := filepath.Glob(filepath.Join(dir, erasedPrefix+"*"))
	if err != nil {
		return nil, fmt.Errorf("field: what was erased: %w", err)
	}
	for _, path := range paths {
		t := files.of(strings.TrimPrefix(filepath.Base(path), erasedPrefix))
		if err := t.read(); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// of gives the tombstones of a campaign.
func (f *erasedFiles) of(campaign string) *tombstones {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all[campaign] == nil {
		f.all[campaign] = newTombstones(filepath.Join(f.dir, erasedPrefix+campaign))
	}
	return f.all[campaign]
}

func newTombstones(path string) *tombstones {
	return &tombstones{
		path: path, returns: map[[sha256.Size]byte]time.Time{}, doors: map[[sha256.Size]byte]time.Time{}, canvassers: map[[sha256.Size]byte]time.Time{},
	}
}

// campaigns lists the campaigns of which something is to be done.
func (f *erasedFiles) campaigns(waiting func(*tombstones) bool) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for id, t := range f.all {
		if waiting(t) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// last is the highest place in the order of changes.
func (f *erasedFiles) last() (last int64) {
	for _, t := range f.all {
		for _, e := range t.order {
			last = max(last, e.at)
		}
	}
	return last
}

// forget deletes the file of a campaign of which nothing can come any more.
func (f *erasedFiles) forget(campaign string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := filepath.Join(f.dir, erasedPrefix+campaign)
	delete(f.all, campaign)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("field: forget what was erased: %w", err)
	}
	return syncDir(f.dir)
}

// read reads the file. A last line that is cut was never relied on, and goes.
func (t *tombstones) read() error {
	content, err := os.ReadFile(t.path)
	if err != nil {
		return fmt.Errorf("field: what was erased: %w", err)
	}
	whole := content[:bytes.LastIndexByte(content, '\n')+1]
	if len(whole) < len(content) {
		if err := os.Truncate(t.path, int64(len(whole))); err != nil {
			return fmt.Errorf("field: what was erased: %w", err)
		}
	}
	for i, raw := range bytes.Split(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n")) {
		if len(raw) == 0 {
			continue
		}
		var line erasedLine
		err := json.Unmarshal(raw, &line)
		if err == nil {
			err = t.take(line)
		}
		if err != nil {
			return fmt.Errorf("field: %s line %d is damaged: put back the file of the last backup, so that what was erased stays erased: %w", t.path, i+1, err)
		}
	}
	return nil
}

// write makes lines durable, and then takes them. Where that fails, the file is as before.
func (t *tombstones) write(lines ...erasedLine) error {
	var text []byte
	for _, line := range lines {
		raw, err := json.Marshal(line)
		if err != nil {
			return fmt.Errorf("field: what was erased: %w", err)
		}
		text = append(append(text, raw...), '\n')
	}
	if err := appendDurably(t.path, text); err != nil {
		return fmt.Errorf("field: what was erased: %w", err)
	}
	for _, line := range lines {
		if err := t.take(line); err != nil {
			return err
		}
	}
	return nil
}

// done notes that all that was due is erased.
func (t *tombstones) done() error {
	if len(t.due) == 0 {
		return nil
	}
	return t.write(erasedLine{Done: true})
}

func (t *tombstones) take(line erasedLine) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var hash [sha256.Size]byte
	if text := line.Return + line.Door + line.Canvasser; text != "" {
		if n, err := hex.Decode(hash[:], []byte(text)); err != nil || n != len(hash) || len(text) != 2*len(hash) {
			return errors.New("field: not a hash")
		}
	}
	switch {
	case line.Return != "":
		before, known := t.returns[hash]
		if !known && line.At > 0 && line.Time != nil {
			t.order = append(t.order, tombstone{hash, line.At, *line.Time})
		}
		switch {
		case line.Before == nil:
			t.returns[hash] = time.Time{}
		case !known || !before.IsZero():
			t.returns[hash] = later(before, *line.Before)
		}
	case line.Door != "" && line.Before != nil:
		t.doors[hash] = later(t.doors[hash], *line.Before)
	case line.Canvasser != "" && line.Before != nil:
		t.canvassers[hash] = later(t.canvassers[hash], *line.Before)
	case line.Done:
		t.due = nil
	case len(line.Due) > 0:
		t.due = append(t.due, line.Due...)
	case line.Consent > 0:
		t.consents = append(t.consents, line.Consent)
	case len(line.Followed) > 0:
		t.consents = slices.DeleteFunc(t.consents, func(p int64) bool { return slices.Contains(line.Followed, p) })
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// erasureOf tells whether a return was erased, and what with it, see tombstones.returns.
func (t *tombstones) erasureOf(campaign string, id uuid.UUID) (before time.Time, some bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if len(t.returns) == 0 || id == uuid.Nil {
		return time.Time{}, false
	}
	before, some = t.returns[hashOfReturn(campaign, id)]
	return before, some
}

// covers tells whether an entry is of a door or canvasser that was erased, and until when.
func (t *tombstones) covers(e *engine.Entry) (before time.Time, some bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if len(t.doors) > 0 && e.Door != (engine.Key{}) {
		before = t.doors[hashOfDoor(e.Campaign, e.Door)]
	}
	if len(t.canvassers) > 0 && e.Canvasser != (engine.Key{}) {
		before = later(before, t.canvassers[hashOfCanvasser(e.Campaign, e.Canvasser)])
	}
	return before, e.Happened.Before(before)
}

// knowsDoor tells whether something of an entry's door was erased, and what was is known by the door.
func (t *tombstones) knowsDoor(e *engine.Entry) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if len(t.doors) == 0 {
		return false
	}
	_, known := t.doors[hashOfDoor(e.Campaign, e.Door)]
	return known
}

// hashOfReturn is what a return is known by once it is erased: whoever has its id can find it, nobody can find the id.
func hashOfReturn(campaign string, id uuid.UUID) [sha256.Size]byte {
	return sha256.Sum256(append(append([]byte(campaign), 0), id[:]...))
}

// lineOfReturn is the line of a return that was erased.
func lineOfReturn(campaign string, id uuid.UUID, before time.Time) erasedLine {
	hash := hashOfReturn(campaign, id)
	line := erasedLine{Return: hex.EncodeToString(hash[:])}
	if !before.IsZero() {
		line.Before = &before
	}
	return line
}

func hashOfDoor(campaign string, key engine.Key) [sha256.Size]byte {
	return sha256.Sum256(append([]byte("door\x00"+campaign+"\x00"), key[:]...))
}

func hashOfCanvasser(campaign string, key engine.Key) [sha256.Size]byte {
	return sha256.Sum256(append([]byte("canvasser\x00"+campaign+"\x00"), key[:]...))
}
