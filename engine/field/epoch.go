package field

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/disclose"
)

// Epochs are what everybody sees of the field. A precinct is shown as it was when K households had answered that no picture of it had shown before:
// then no pictures, taken together, tell of fewer (package comment). A household is a door that is told apart. Larger units are sums of precincts as they
// are shown.
//
// Which doors were shown is known in memory, and found again from the store after a start. Of doors that were erased it is only counted how many were
// shown. A new epoch is counted while returns come, as the log was at one position.

// PublishedPrecinct is what everybody may see of a precinct.
type PublishedPrecinct struct {
	Epoch    int64 `json:"epoch"`    // of the campaign, when the precinct was last published
	Position int64 `json:"position"` // how far the log had come
	// Suppressed says that fewer than K households are left that answered: the counts of answers are zero then, and unknown.
	Suppressed bool `json:"suppressed,omitempty"`
	// OneSided says that of few households more than 80 % were for, against or neither: what was said is then known of each, so Support is
	// zero, and unknown.
	OneSided bool `json:"one_sided,omitempty"`
	engine.RollupRow
	// Earlier are the epochs before, oldest first, for questions as of one of them. They go with an erasure in the precinct.
	Earlier []PublishedPrecinct `json:"earlier,omitempty"`
}

// mostEarlier is how many epochs of a precinct are kept beside the last.
const mostEarlier = 100

// asOf gives the precinct as it was at an epoch, or the last one where that is 0; false where it was not published then, or is not known any more.
func (p PublishedPrecinct) asOf(epoch int64) (PublishedPrecinct, bool) {
	versions := append(slices.Clone(p.Earlier), p)
	for i := len(versions) - 1; i >= 0; i-- {
		if epoch == 0 || versions[i].Epoch <= epoch {
			versions[i].Earlier = nil
			return versions[i], true
		}
	}
	return PublishedPrecinct{}, false
}

// epochs are the epochs of all campaigns.
type epochs struct {
	dir string
	mu  sync.RWMutex
	all map[string]*campaignEpochs
}

// campaignEpochs are what is published of a campaign, and which of its doors that has shown.
type campaignEpochs struct {
	epoch     int64
	published map[int64]PublishedPrecinct
	// erased is how many doors were erased, by precinct, that its pictures may have shown, and that nothing is known of any more.
	erased map[int64]int
	noted  map[int64]bool // an entry of each door that the last erasure has counted: where that fails it is tried again
	doors  doors
	// behind says that some of what has changed could not be read: nothing is published until the next start.
	behind bool
}

// epochsFile is what is on the disk.
type epochsFile struct {
	Epoch     int64               `json:"epoch"`
	Precincts []PublishedPrecinct `json:"precincts"`
	Erased    map[int64]int       `json:"erased,omitempty"`
}

const epochsPrefix, epochsSuffix = "epochs-", ".json"

func newCampaignEpochs() *campaignEpochs {
	return &campaignEpochs{published: map[int64]PublishedPrecinct{}, erased: map[int64]int{}, doors: newDoors()}
}

func openEpochs(dir string) (*epochs, error) {
	all := &epochs{dir: dir, all: map[string]*campaignEpochs{}}
	paths, err := filepath.Glob(filepath.Join(dir, epochsPrefix+"*"+epochsSuffix))
	if err != nil {
		return nil, fmt.Errorf("field: epochs: %w", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("field: epochs: %w", err)
		}
		var file epochsFile
		if err := json.Unmarshal(text, &file); err != nil {
			return nil, fmt.Errorf("field: %s is damaged: put back the file of the last backup, or delete it to publish anew, which may tell of few households together with what was published: %w", path, err)
		}
		c := newCampaignEpochs()
		c.epoch = file.Epoch
		for _, p := range file.Precincts {
			c.published[p.Precinct] = p
		}
		maps.Copy(c.erased, file.Erased)
		all.all[strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), epochsPrefix), epochsSuffix)] = c
	}
	return all, nil
}

func (e *epochs) path(campaign string) string {
	return filepath.Join(e.dir, epochsPrefix+campaign+epochsSuffix)
}

// of gives the epochs of a campaign; the caller holds mu.
func (e *epochs) of(campaign string) *campaignEpochs {
	if e.all[campaign] == nil {
		e.all[campaign] = newCampaignEpochs()
	}
	return e.all[campaign]
}

// count takes what a commit has changed. missed says that not all of it could be read.
func (e *epochs) count(campaign string, changes []engine.Change, erased *tombstones, missed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.of(campaign)
	c.behind = c.behind || missed
	for _, change := range changes {
		c.count(change.Entry, change.Before, change.After, erased)
	}
}

// count takes what an entry counts for now, and has counted for.
func (c *campaignEpochs) count(entry *engine.Entry, before, after engine.Effect, erased *tombstones) {
	if ofHousehold(entry) {
		c.doors.count(entry, before, after, c.shown(entry), erased.knowsDoor(entry))
	}
}

// ofHousehold tells whether an entry is an answer of a household that can be told from others.
func ofHousehold(entry *engine.Entry) bool {
	return entry.Answered() && entry.Quarantine == "" && entry.Door != (engine.Key{})
}

// shown tells whether a picture may have shown what an entry says: it came before the last of its precinct, or corrects what may have stood at another door.
func (c *campaignEpochs) shown(entry *engine.Entry) bool {
	return entry.Position <= c.published[entry.Precinct].Position || entry.Replaces != uuid.Nil
}

// due gives the precincts that are to be published anew, and whether they are hidden from now on.
func (c *campaignEpochs) due() map[int64]bool {
	due := map[int64]bool{}
	if c.behind {
		return due
	}
	for precinct := range c.published {
		c.doors.precinct(precinct) // also where nothing of it is left: after a start it would not be known
	}
	for precinct, doors := range c.doors.precincts {
		last, before := c.published[precinct]
		switch {
		case doors.tells(c.erased[precinct]):
			due[precinct] = false
		case before && doors.hides(last):
			due[precinct] = true
		}
	}
	return due
}

// Publish begins an epoch wherever enough has changed. It is done every few seconds by itself. An erasure stops it; then it is done later.
func (l *Log) Publish(ctx context.Context) error {
	l.publish.Lock()
	defer l.publish.Unlock()
	counting, stop := context.WithCancel(l.ctx)
	defer stop()
	var begun []*newEpoch
	err := l.exclusively(ctx, func() error {
		l.publishing.Lock()
		l.stopCounting.Store(&stop)
		l.waitObserved() // what is counted is what the store has, and no later commit is in it
		begun = l.epochs.begin(l.settledTo.Load())
		return nil
	})
	if err != nil {
		return err
	}
	defer l.publishing.Unlock()
	var errs []error
	for _, epoch := range begun {
		var rows []engine.RollupRow
		question := engine.Question{
			Campaign: epoch.campaign, By: []engine.Dimension{engine.ByPrecinct}, Precincts: slices.Sorted(maps.Keys(epoch.due)), To: epoch.position, Answers: true,
		}
		err := l.config.Store.Rollup(counting, question, func(row *engine.RollupRow) error {
			rows = append(rows, *row)
			return nil
		})
		if err = l.epochs.end(epoch, rows, err); err != nil && counting.Err() == nil {
			errs = append(errs, fmt.Errorf("field: publish %s: %w", epoch.campaign, err))
		}
	}
	return errors.Join(errs...)
}

// newEpoch is an epoch that is being counted.
type newEpoch struct {
	campaign string
	of       *campaignEpochs
	due      map[int64]bool // see campaignEpochs.due
	position int64          // how far the log had come
}

// begin begins the epochs that are due. What comes from now on waits for the ones after.
func (e *epochs) begin(position int64) []*newEpoch {
	e.mu.Lock()
	defer e.mu.Unlock()
	var begun []*newEpoch
	for campaign, c := range e.all {
		due := c.due()
		if len(due) == 0 {
			continue
		}
		for precinct := range due {
			c.doors.begin(precinct)
		}
		begun = append(begun, &newEpoch{campaign, c, due, position})
	}
	return begun
}

// end publishes an epoch that was counted, or takes it back where that failed.
func (e *epochs) end(epoch *newEpoch, rows []engine.RollupRow, failed error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.all[epoch.campaign] != epoch.of {
		return nil // the campaign has ended meanwhile
	}
	c := epoch.of
	fresh := map[int64]PublishedPrecinct{}
	if failed == nil {
		fresh = c.fresh(epoch, rows)
		failed = e.write(epoch.campaign, c, fresh)
	}
	if failed == nil && len(fresh) > 0 {
		c.epoch++
		for precinct, p := range fresh {
			c.published[precinct] = p
		}
	}
	for precinct := range epoch.due {
		_, published := fresh[precinct]
		c.doors.end(precinct, published && failed == nil)
	}
	return failed
}

// fresh gives what there is to publish.
func (c *campaignEpochs) fresh(epoch *newEpoch, rows []engine.RollupRow) map[int64]PublishedPrecinct {
	fresh := map[int64]PublishedPrecinct{}
	for precinct, hidden := range epoch.due {
		row := engine.RollupRow{Precinct: precinct}
		if i := slices.IndexFunc(rows, func(r engine.RollupRow) bool { return r.Precinct == precinct }); i >= 0 {
			row = rows[i]
		}
		last, before := c.published[precinct]
		p := PublishedPrecinct{Epoch: c.epoch + 1, Position: epoch.position, RollupRow: row}
		if before {
			earlier := last.Earlier
			last.Earlier = nil
			p.Earlier = append(slices.Clone(earlier[max(0, len(earlier)-mostEarlier+1):]), last)
		}
		if hidden || row.Households < disclose.K {
			p.Suppressed = true
			p.Answers, p.Households, p.Support = 0, 0, [5]int64{}
		} else if oneSided(&row) {
			p.OneSided, p.Support = true, [5]int64{}
		}
		fresh[precinct] = p
	}
	return fresh
}

// write makes an epoch durable, before anybody sees it.
func (e *epochs) write(campaign string, c *campaignEpochs, fresh map[int64]PublishedPrecinct) error {
	if len(fresh) == 0 {
		return nil
	}
	return e.writeFile(campaign, c.epoch+1, c.published, fresh, c.erased)
}

// noteErased takes note of entries that are to be erased, before they are. The epochs before the last of their precincts are deleted, for they had made
// them. Of the doors that they were of it is counted how many may have been shown, but for those that known tells: these are not taken for new.
func (e *epochs) noteErased(campaign string, entries []engine.Kept, known *tombstones) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.all[campaign]
	if c == nil {
		return nil
	}
	changed, erased := map[int64]PublishedPrecinct{}, maps.Clone(c.erased)
	counted, noted := map[doorIn]bool{}, map[int64]bool{}
	for i := range entries {
		if entry := &entries[i].Entry; c.noted[entry.Position] {
			counted[doorIn{entry.Door, entry.Precinct}], noted[entry.Position] = true, true
		}
	}
	before := len(noted)
	for i := range entries {
		entry := &entries[i].Entry
		if p, some := c.published[entry.Precinct]; some && len(p.Earlier) > 0 {
			p.Earlier = nil
			changed[entry.Precinct] = p
		}
		at := doorIn{entry.Door, entry.Precinct}
		if ofHousehold(entry) && c.shown(entry) && !counted[at] && !known.knowsDoor(entry) {
			counted[at], noted[entry.Position] = true, true
			erased[entry.Precinct]++
		}
	}
	if len(changed) == 0 && len(noted) == before {
		return nil
	}
	if err := e.writeFile(campaign, c.epoch, c.published, changed, erased); err != nil {
		return err
	}
	maps.Copy(c.published, changed)
	c.erased, c.noted = erased, noted
	return nil
}

// doorIn is a door in a precinct.
type doorIn struct {
	door     engine.Key
	precinct int64
}

// writeFile makes durable what is published at an epoch, in the place of some precincts others, and how many doors are erased.
func (e *epochs) writeFile(campaign string, epoch int64, published, fresh map[int64]PublishedPrecinct, erased map[int64]int) error {
	file := epochsFile{Epoch: epoch, Erased: erased}
	for precinct, p := range published {
		if _, again := fresh[precinct]; !again {
			file.Precincts = append(file.Precincts, p)
		}
	}
	for _, p := range fresh {
		file.Precincts = append(file.Precincts, p)
	}
	slices.SortFunc(file.Precincts, byPrecinct)
	text, err := json.Marshal(file)
	if err != nil {
		return fmt.Errorf("field: epochs: %w", err)
	}
	return writeDurably(e.path(campaign), text)
}

// Below so many households a share above oneSidedShare is not said.
const (
	oneSidedBelow = 50
	oneSidedShare = 0.8
)

// oneSided tells whether nearly all of few households are of one side.
func oneSided(row *engine.RollupRow) bool {
	most := max(row.Support[0]+row.Support[1], row.Support[2], row.Support[3]+row.Support[4])
	return row.Households < oneSidedBelow && float64(most) > oneSidedShare*float64(row.Answers)
}

func byPrecinct(a, b PublishedPrecinct) int { return int(a.Precinct - b.Precinct) }

// forget deletes what was published of a campaign that has ended.
func (e *epochs) forget(campaign string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.all, campaign)
	if err := os.Remove(e.path(campaign)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("field: forget what was published: %w", err)
	}
	return syncDir(e.dir)
}

// Published gives what everybody may see of a campaign, by precinct, ascending: as of an epoch, or of the last where that is 0. What was erased in
// a precinct has taken its earlier epochs with it: it is then missing as of those.
func (l *Log) Published(campaign string, epoch int64) []PublishedPrecinct {
	l.epochs.mu.RLock()
	defer l.epochs.mu.RUnlock()
	c := l.epochs.all[campaign]
	if c == nil {
		return nil
	}
	all := make([]PublishedPrecinct, 0, len(c.published))
	for _, p := range c.published {
		if then, known := p.asOf(epoch); known {
			all = append(all, then)
		}
	}
	slices.SortFunc(all, byPrecinct)
	return all
}

// recoverEpochs finds again which doors were shown, up to where the store is settled. Nothing is settled meanwhile.
func (l *Log) recoverEpochs(ctx context.Context, settledTo int64, loaded *loading) error {
	if settledTo == 0 {
		return nil
	}
	for campaign := range loaded.identities {
		if err := l.recoverCampaign(ctx, campaign, settledTo); err != nil {
			return fmt.Errorf("what the epochs of %s have shown: %w", campaign, err)
		}
	}
	return nil
}

func (l *Log) recoverCampaign(ctx context.Context, campaign string, settledTo int64) error {
	found := newCampaignEpochs()
	l.epochs.mu.RLock()
	if published := l.epochs.all[campaign]; published != nil {
		found.epoch, found.published, found.erased = published.epoch, published.published, published.erased
	}
	l.epochs.mu.RUnlock()
	erased := l.erased.of(campaign)
	err := l.config.Store.Replay(ctx, engine.Selection{Campaign: campaign, To: settledTo}, func(kept []engine.Kept) error {
		for i := range kept {
			found.count(&kept[i].Entry, "", kept[i].Effect, erased)
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.epochs.mu.Lock()
	defer l.epochs.mu.Unlock()
	l.epochs.all[campaign] = found
	return nil
}
