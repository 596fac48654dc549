package field

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/disclose"
)

// Epochs are what everybody sees of the field. A precinct is shown as it was when the answers of K households had last changed, so that from
// two pictures nobody learns what fewer have said. A household is a door that is told apart, and it has changed where its answers differ
// from those at the last epoch: what was said and taken back does not count. Larger units are sums of precincts as they are shown.
//
// What has changed since is counted in memory, and found again from the store after a start. Erasures of before that start are not: the
// next epoch of their precinct then comes later than it might. A new epoch is counted while returns come, as the log was at one position.

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

// campaignEpochs are what is published of a campaign, and what has changed since.
type campaignEpochs struct {
	epoch     int64
	published map[int64]PublishedPrecinct
	// pending has, of precincts that are published, the doors whose answers differ from those at the epoch.
	pending map[int64]map[engine.Key]answers
	// first are the precincts that have changed and were never published.
	first map[int64]bool
	// counting has the precincts of an epoch that is being counted, each with what was pending when it began.
	counting map[int64]map[engine.Key]answers
}

// answers are how many answers of a door were given, by support, less those at the epoch.
type answers [5]int32

// epochsFile is what is on the disk.
type epochsFile struct {
	Epoch     int64               `json:"epoch"`
	Precincts []PublishedPrecinct `json:"precincts"`
}

const epochsPrefix, epochsSuffix = "epochs-", ".json"

func newCampaignEpochs() *campaignEpochs {
	return &campaignEpochs{published: map[int64]PublishedPrecinct{}, pending: map[int64]map[engine.Key]answers{}, first: map[int64]bool{}}
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
			return nil, fmt.Errorf("field: %s is damaged: put back the file of the last backup, or delete it to publish anew: %w", path, err)
		}
		c := newCampaignEpochs()
		c.epoch = file.Epoch
		for _, p := range file.Precincts {
			c.published[p.Precinct] = p
		}
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

// count takes what a commit has changed.
func (e *epochs) count(campaign string, changes []engine.Change) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.of(campaign)
	for _, change := range changes {
		c.count(change.Entry, change.Before, change.After)
	}
}

// count takes what an entry counts for now, and has counted for.
func (c *campaignEpochs) count(entry *engine.Entry, before, after engine.Effect) {
	if !entry.Answered() || (before == engine.Counts) == (after == engine.Counts) {
		return
	}
	_, published := c.published[entry.Precinct]
	if _, counting := c.counting[entry.Precinct]; !published && !counting {
		c.first[entry.Precinct] = true
		return
	}
	if entry.Door == (engine.Key{}) {
		return // it is no household that can be told from others
	}
	doors := c.pending[entry.Precinct]
	if doors == nil {
		doors = map[engine.Key]answers{}
		c.pending[entry.Precinct] = doors
	}
	changed := doors[entry.Door]
	if after == engine.Counts {
		changed[entry.Support+2]++
	} else {
		changed[entry.Support+2]--
	}
	if doors[entry.Door] = changed; changed == (answers{}) {
		delete(doors, entry.Door)
	}
}

// due lists the precincts that may be published anew.
func (c *campaignEpochs) due() []int64 {
	var precincts []int64
	for precinct, doors := range c.pending {
		if len(doors) >= disclose.K {
			precincts = append(precincts, precinct)
		}
	}
	for precinct := range c.first {
		precincts = append(precincts, precinct)
	}
	slices.Sort(precincts)
	return precincts
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
		question := engine.Question{Campaign: epoch.campaign, By: []engine.Dimension{engine.ByPrecinct}, Precincts: epoch.due, To: epoch.position, Answers: true}
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
	due      []int64 // precincts
	position int64   // how far the log had come
}

// begin begins the epochs that are due. What changes from now on is pending for the ones after.
func (e *epochs) begin(position int64) []*newEpoch {
	e.mu.Lock()
	defer e.mu.Unlock()
	var begun []*newEpoch
	for campaign, c := range e.all {
		due := c.due()
		if len(due) == 0 {
			continue
		}
		c.counting = map[int64]map[engine.Key]answers{}
		for _, precinct := range due {
			c.counting[precinct] = c.pending[precinct]
			delete(c.pending, precinct)
			delete(c.first, precinct)
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
	for precinct, before := range c.counting {
		_, published := c.published[precinct]
		switch {
		case failed != nil && published:
			c.putBack(precinct, before)
		case failed != nil || !published && len(c.pending[precinct]) > 0:
			c.first[precinct] = true
		}
		if !published {
			delete(c.pending, precinct)
		}
	}
	c.counting = nil
	return failed
}

// putBack makes what was pending before an epoch that has failed pending again.
func (c *campaignEpochs) putBack(precinct int64, before map[engine.Key]answers) {
	for door, changed := range c.pending[precinct] {
		for i, n := range before[door] {
			changed[i] += n
		}
		if before[door] = changed; changed == (answers{}) {
			delete(before, door)
		}
	}
	c.pending[precinct] = before
}

// fresh gives what there is to publish: of precincts that were published before, and of those where K households have answered now.
func (c *campaignEpochs) fresh(epoch *newEpoch, rows []engine.RollupRow) map[int64]PublishedPrecinct {
	fresh := map[int64]PublishedPrecinct{}
	for _, precinct := range epoch.due {
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
		if row.Households < disclose.K {
			if !before {
				continue
			}
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
	return e.writeFile(campaign, c.epoch+1, c.published, fresh)
}

// forgetEarlier deletes the epochs before the last of precincts in which something is erased: what was erased had made them.
func (e *epochs) forgetEarlier(campaign string, precincts map[int64]bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.all[campaign]
	if c == nil {
		return nil
	}
	changed := map[int64]PublishedPrecinct{}
	for precinct := range precincts {
		if p, some := c.published[precinct]; some && len(p.Earlier) > 0 {
			p.Earlier = nil
			changed[precinct] = p
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if err := e.writeFile(campaign, c.epoch, c.published, changed); err != nil {
		return err
	}
	for precinct, p := range changed {
		c.published[precinct] = p
	}
	return nil
}

// writeFile makes durable what is published at an epoch, and in the place of some precincts others.
func (e *epochs) writeFile(campaign string, epoch int64, published, fresh map[int64]PublishedPrecinct) error {
	file := epochsFile{Epoch: epoch}
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

// recoverEpochs finds again what has changed since each precinct was published, up to where the store is settled. Nothing is settled
// meanwhile.
func (l *Log) recoverEpochs(ctx context.Context, settledTo int64, loaded *loading) error {
	for campaign, known := range loaded.identities {
		if settledTo == 0 {
			continue
		}
		if err := l.recoverCampaign(ctx, campaign, known, settledTo); err != nil {
			return fmt.Errorf("what has changed since the last epoch of %s: %w", campaign, err)
		}
	}
	return nil
}

func (l *Log) recoverCampaign(ctx context.Context, campaign string, known *identities, settledTo int64) error {
	l.epochs.mu.RLock()
	published := l.epochs.all[campaign]
	l.epochs.mu.RUnlock()
	found := newCampaignEpochs()
	from := int64(math.MaxInt64)
	if published != nil {
		found.epoch, found.published = published.epoch, published.published
		for _, p := range published.published {
			from = min(from, p.Position)
		}
	}
	if from < settledTo {
		selection := engine.Selection{Campaign: campaign, After: from, To: settledTo, Changed: true}
		err := l.config.Store.Replay(ctx, selection, func(kept []engine.Kept) error {
			for i := range kept {
				k := &kept[i]
				if p, some := found.published[k.Precinct]; some && k.Revision > p.Position {
					found.count(&k.Entry, known.effectAt(k.ID, k.Position, p.Position), k.Effect)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	question := engine.Question{Campaign: campaign, By: []engine.Dimension{engine.ByPrecinct}, Answers: true}
	err := l.config.Store.Rollup(ctx, question, func(row *engine.RollupRow) error {
		if _, some := found.published[row.Precinct]; !some && row.Answers > 0 {
			found.first[row.Precinct] = true
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
