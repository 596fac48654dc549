package field

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// village has four streets of ten houses: 101 and 102 are in precinct 7, 103 and 104 in precinct 8. House 3 of street 102 is
// "village_102_3".
type village struct{}

func house(street, number int) string { return fmt.Sprintf("village_%d_%d", street, number) }

func (village) Locate(_ string, at engine.Location) (engine.Located, bool) {
	street, number := 0, 0
	switch {
	case at.AddressID != "":
		if _, err := fmt.Sscanf(at.AddressID, "village_%d_%d", &street, &number); err != nil {
			return engine.Located{}, false
		}
	case at.Segment != 0:
		street = int(at.Segment)
	default: // points lie at latitude 48 and longitude 2, a hundredth of a degree a street, a thousandth a house
		street = 101 + int((at.Lon-2)*100)
		number = int((at.Lat-48)*1000 + 0.5)
	}
	if street < 101 || street > 104 || number < 0 || number > 10 {
		return engine.Located{}, false
	}
	lon, lat := 2+float64(street-101)/100, 48+float64(number)/1000
	exact, _ := geo.CellAt(lon, lat, 12)
	middle, _ := geo.CellAt(lon, 48.005, 11)
	place := engine.Located{Segment: int64(street), Precinct: 7, Cell: int64(exact), SegmentCell: int64(middle), Lon: lon, Lat: lat}
	if street > 102 {
		place.Precinct = 8
	}
	if number > 0 {
		place.AddressID = house(street, number)
	}
	return place, true
}

// offices are the campaigns of a workspace.
type offices struct {
	campaigns []engine.Campaign
	turfs     map[string][]engine.Turf
	destroyed map[string]bool
}

func (o *offices) Campaigns() []engine.Campaign { return o.campaigns }

func (o *offices) Campaign(id string) (engine.Campaign, bool) {
	i := slices.IndexFunc(o.campaigns, func(c engine.Campaign) bool { return c.ID == id })
	if i < 0 {
		return engine.Campaign{}, false
	}
	return o.campaigns[i], true
}

func (o *offices) Key(id string) ([]byte, error) {
	if o.destroyed[id] {
		return nil, errors.New("the key is destroyed")
	}
	key := make([]byte, 32)
	copy(key, id)
	return key, nil
}

func (o *offices) Turfs(id string) []engine.Turf { return o.turfs[id] }

// noon is when everything arrives, unless a test moves the clock.
var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// world is a log with what it stands on.
type world struct {
	t       testing.TB
	store   *memoryStore
	offices *offices
	dir     string
	log     *Log
	heard   *hearing

	mu  sync.Mutex
	now time.Time
}

// hearing keeps what the observer was told.
type hearing struct {
	mu      sync.Mutex
	changes []engine.Change
}

func (h *hearing) Observe(_ string, changes []engine.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changes = append(h.changes, changes...)
}

// standing gives what counts by what was told alone, by position.
func (h *hearing) standing() map[int64]engine.Effect {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := map[int64]engine.Effect{}
	for _, c := range h.changes {
		if now[c.Entry.Position] != c.Before {
			panic(fmt.Sprintf("position %d was %q, and is said to have been %q", c.Entry.Position, now[c.Entry.Position], c.Before))
		}
		if now[c.Entry.Position] = c.After; c.After == "" {
			delete(now, c.Entry.Position)
		}
	}
	return now
}

func newWorld(t testing.TB) *world {
	w := &world{
		t: t, store: &memoryStore{}, dir: t.TempDir(), now: noon, heard: &hearing{},
		offices: &offices{
			campaigns: []engine.Campaign{
				{ID: "blue", Contest: "2026", Begins: noon.AddDate(0, -1, 0), Election: "2027-01-10", KeepDays: 30, Teams: []string{"north", "south"}},
				{ID: "red", Contest: "2026", Begins: noon.AddDate(0, -1, 0), Election: "2027-01-10", KeepDays: 30},
			},
			turfs: map[string][]engine.Turf{}, destroyed: map[string]bool{},
		},
	}
	w.open()
	t.Cleanup(func() { w.close() })
	return w
}

func (w *world) open() {
	w.t.Helper()
	log, err := Open(context.Background(), Config{
		Store: w.store, Placer: func() Placer { return village{} }, Observer: w.heard, Campaigns: w.offices, Dir: w.dir,
		Now: func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.log = log
}

func (w *world) close() {
	if err := w.log.Close(); err != nil {
		w.t.Errorf("close: %v", err)
	}
}

func (w *world) reopen() {
	w.close()
	w.open()
}

func (w *world) setNow(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
}

func (w *world) send(returns ...engine.Return) []Outcome {
	w.t.Helper()
	return w.sendAs(Writer{Campaign: "blue", Token: "t1"}, returns...)
}

func (w *world) sendAs(writer Writer, returns ...engine.Return) []Outcome {
	w.t.Helper()
	var submissions []Submission
	for i := range returns {
		submissions = append(submissions, Submission{Return: &returns[i]})
	}
	outcomes, err := w.log.Append(context.Background(), writer, submissions)
	if err != nil {
		w.t.Fatalf("append: %v", err)
	}
	return outcomes
}

// total counts everything that counts of a campaign.
func (w *world) total(campaign string) engine.RollupRow {
	w.t.Helper()
	rows := w.rollup(engine.Question{Campaign: campaign})
	if len(rows) == 0 {
		return engine.RollupRow{}
	}
	return rows[0]
}

// rollup counts what is settled, also the answers that the log keeps to itself.
func (w *world) rollup(question engine.Question) []engine.RollupRow {
	w.t.Helper()
	if err := w.log.waitSettled(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	w.store.mu.RLock()
	defer w.store.mu.RUnlock()
	question.Answers = true
	return w.store.log.Rollup(question)
}

// verify compares what was settled on the way with the fold over everything, once the log has done what it does before its next commit.
func (w *world) verify() {
	w.t.Helper()
	if err := w.log.exclusively(context.Background(), func() error { return nil }); err != nil {
		w.t.Fatal(err)
	}
	if err := w.log.Verify(context.Background(), "blue"); err != nil {
		w.t.Fatal(err)
	}
}

// kept gives all that the store has of a campaign.
func (w *world) kept(campaign string) []engine.Kept {
	w.store.mu.RLock()
	defer w.store.mu.RUnlock()
	return w.store.log.Replay(engine.Selection{Campaign: campaign})
}

// files gives the text of every file that the log has written.
func (w *world) files() string {
	w.t.Helper()
	var all strings.Builder
	paths, err := filepath.Glob(filepath.Join(w.dir, "*"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			w.t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// id is the nth id of a test.
func id(n int) uuid.UUID {
	return uuid.UUID{0: byte(n), 1: byte(n >> 8), 6: 0x40, 8: 0x80, 15: byte(n)}
}

// attempt is a contact at a house of street 101 that says +1.
func attempt(n int) engine.Return {
	support := 1
	return engine.Return{
		ID: id(n), Kind: engine.Attempt, Happened: noon.Add(-time.Hour), Team: "north", Canvasser: "c17",
		Location: engine.Location{AddressID: house(101, 1+n%10), Door: fmt.Sprintf("d%d", n/10)}, Result: engine.ResultContact, Support: &support,
	}
}

// saying is an attempt with another answer.
func saying(n, support int) engine.Return {
	r := attempt(n)
	r.Support = &support
	return r
}

// replacing makes a return one that corrects another.
func replacing(r engine.Return, other int) engine.Return {
	r.Replaces = id(other)
	return r
}

func withdrawal(n, of int) engine.Return {
	return engine.Return{ID: id(n), Kind: engine.Withdrawal, Replaces: id(of), Happened: noon}
}

func turf(id string, west, south, east, north float64) engine.Turf {
	return engine.NewTurf(id, orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}})
}
