package access

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/arpent/arpent/engine"
)

// codeForm says what a code is, in messages.
const codeForm = "1 to 32 of a-z, 0-9, dash and underscore, not beginning with a dash"

// Bounds of what is stored.
const (
	lastYear     = 2200
	mostKeepDays = 3660
	mostTeams    = 1000
	longestName  = 200 // of a contest or a choice, in bytes
)

// campaignRecord is a campaign as its file has it.
type campaignRecord struct {
	engine.Campaign
	KeyDestroyed bool `json:"key_destroyed,omitempty"`
}

// AddCampaign makes a campaign and its key. Begins must be given; KeepDays is engine.DefaultKeepDays where it is 0.
func (r *Registry) AddCampaign(c engine.Campaign) error {
	c.KeepDays = cmp.Or(c.KeepDays, engine.DefaultKeepDays)
	c.Begins = c.Begins.UTC().Truncate(time.Second)
	c.Teams = slices.Clone(c.Teams)
	if err := checkCampaign(c); err != nil {
		return err
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	if _, ok := r.find(c.ID); ok {
		return fmt.Errorf("%w: campaign %s: choose another name", ErrExists, c.ID)
	}
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // it never fails
	if err := r.writeCampaign(c, key); err != nil {
		return err
	}
	r.replace(&campaign{Campaign: c, key: key})
	return nil
}

// writeCampaign writes the folder of a new campaign, whole or not at all.
func (r *Registry) writeCampaign(c engine.Campaign, key []byte) error {
	beside := filepath.Join(r.dir, engine.UnfinishedPrefix+c.ID)
	err := os.RemoveAll(beside) // of an attempt that failed before
	for _, dir := range []string{beside, filepath.Join(beside, tokensFolder), filepath.Join(beside, turfsFolder)} {
		if err == nil {
			err = os.Mkdir(dir, 0o700)
		}
	}
	if err == nil {
		err = engine.WriteRecord(filepath.Join(beside, keyFile), key)
	}
	if err == nil {
		err = engine.WriteRecord(filepath.Join(beside, campaignFile), campaignRecord{Campaign: c})
	}
	if err == nil {
		err = os.Rename(beside, r.folder(c.ID))
	}
	if err != nil {
		os.RemoveAll(beside) // else the next Open does
		return fmt.Errorf("access: add campaign %s: %w", c.ID, err)
	}
	return engine.SyncDir(r.dir)
}

// Campaigns lists the campaigns, by id.
func (r *Registry) Campaigns() []engine.Campaign {
	r.reading.RLock()
	defer r.reading.RUnlock()
	var list []engine.Campaign
	for _, id := range slices.Sorted(maps.Keys(r.campaigns)) {
		list = append(list, r.campaigns[id].Campaign)
	}
	return list
}

// Campaign gives a campaign.
func (r *Registry) Campaign(id string) (engine.Campaign, bool) {
	c, ok := r.find(id)
	if !ok {
		return engine.Campaign{}, false
	}
	return c.Campaign, true
}

// checkCampaign says what of a campaign cannot be.
func checkCampaign(c engine.Campaign) error {
	if !engine.IsCode(c.ID) {
		return refuse("campaign", "it is a code: %s", codeForm)
	}
	if !isName(c.Contest) {
		return refuse("contest", "give the contest that the field returns are compared with")
	}
	if !isName(c.Choice) || engine.IsReserved(c.Choice) {
		return refuse("choice", "give the campaign's own candidate or list in the contest")
	}
	if c.Begins.IsZero() || c.Begins.Year() > lastYear {
		return refuse("begins", "give the time from which on returns are of this campaign")
	}
	if c.KeepDays < 1 || c.KeepDays > mostKeepDays {
		return refuse("keep_days", "it is 1 to %d", mostKeepDays)
	}
	if c.Expires().IsZero() || c.Expires().Year() > lastYear {
		return refuse("election", "give the day of the vote as YYYY-MM-DD: what is kept expires after it")
	}
	if len(c.Teams) > mostTeams {
		return refuse("teams", "at most %d", mostTeams)
	}
	for i, team := range c.Teams {
		if !engine.IsCode(team) || slices.Contains(c.Teams[:i], team) {
			return refuse("teams", "each is a code, at most once: %s", codeForm)
		}
	}
	return nil
}

// isName tells whether a text may be the id of a contest or a choice.
func isName(text string) bool {
	return text != "" && len(text) <= longestName && !strings.ContainsFunc(text, unicode.IsControl)
}
