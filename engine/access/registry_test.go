package access

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
)

var spring = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

// north is a campaign before the vote of 11 April 2027.
func north() engine.Campaign {
	return engine.Campaign{ID: "north", Contest: "2022_pres_t1", Choice: "durand", Begins: spring, Election: "2027-04-11"}
}

func open(t *testing.T, dir string) *Registry {
	t.Helper()
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// withNorth is a registry with one campaign, and the folder it is in.
func withNorth(t *testing.T) (*Registry, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "state")
	r := open(t, dir)
	must(t, r.AddCampaign(north()))
	return r, dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantRefusal checks that something was refused for a field.
func wantRefusal(t *testing.T, what string, err error, field string) {
	t.Helper()
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Field != field || refusal.Why == "" {
		t.Errorf("%s: %v; want a refusal of %s", what, err, field)
	}
}

func TestCampaignsStayWhenTheRegistryIsOpenedAgain(t *testing.T) {
	r, dir := withNorth(t)
	south := engine.Campaign{ID: "south", Contest: "2022_pres_t2", Choice: "martin", Begins: spring, Election: "2027-04-25", KeepDays: 5, Teams: []string{"east", "west"}}
	must(t, r.AddCampaign(south))
	if err := r.AddCampaign(south); !errors.Is(err, ErrExists) {
		t.Errorf("added twice: %v", err)
	}
	want := []engine.Campaign{north(), south}
	want[0].KeepDays = engine.DefaultKeepDays
	for when, r := range map[string]*Registry{"at once": r, "opened again": open(t, dir)} {
		if got := r.Campaigns(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", when, got, want)
		}
		if c, ok := r.Campaign("south"); !ok || c.Choice != "martin" {
			t.Errorf("%s: south is %+v, %v", when, c, ok)
		}
		if _, ok := r.Campaign("west"); ok {
			t.Errorf("%s: there is a campaign west", when)
		}
	}
}

func TestWhatIsNoCampaign(t *testing.T) {
	r, dir := withNorth(t)
	for _, c := range []struct {
		what   string
		change func(*engine.Campaign)
		field  string
	}{
		{"a name with a space", func(c *engine.Campaign) { c.ID = "the north" }, "campaign"},
		{"a way out of the folder", func(c *engine.Campaign) { c.ID = "../north" }, "campaign"},
		{"no name", func(c *engine.Campaign) { c.ID = "" }, "campaign"},
		{"no contest", func(c *engine.Campaign) { c.Contest = "" }, "contest"},
		{"a contest that commands a terminal", func(c *engine.Campaign) { c.Contest = "\x1b[2J" }, "contest"},
		{"no choice", func(c *engine.Campaign) { c.Choice = "" }, "choice"},
		{"abstention as its own", func(c *engine.Campaign) { c.Choice = engine.Abstention }, "choice"},
		{"no beginning", func(c *engine.Campaign) { c.Begins = time.Time{} }, "begins"},
		{"no election", func(c *engine.Campaign) { c.Election = "" }, "election"},
		{"a 31st of April", func(c *engine.Campaign) { c.Election = "2027-04-31" }, "election"},
		{"an election in the year 9999", func(c *engine.Campaign) { c.Election = "9999-12-31" }, "election"},
		{"negative days", func(c *engine.Campaign) { c.KeepDays = -1 }, "keep_days"},
		{"a century", func(c *engine.Campaign) { c.KeepDays = 36525 }, "keep_days"},
		{"a team twice", func(c *engine.Campaign) { c.Teams = []string{"east", "east"} }, "teams"},
		{"a team with a phone number", func(c *engine.Campaign) { c.Teams = []string{"+33612345678"} }, "teams"},
		{"too many teams", func(c *engine.Campaign) { c.Teams = make([]string, mostTeams+1) }, "teams"},
	} {
		campaign := north()
		campaign.ID = "other"
		c.change(&campaign)
		wantRefusal(t, c.what, r.AddCampaign(campaign), c.field)
	}
	if again := open(t, dir); len(again.Campaigns()) != 1 {
		t.Errorf("one that was refused is there: %+v", again.Campaigns())
	}
}

func TestKeysAreOfOneCampaignEach(t *testing.T) {
	r, dir := withNorth(t)
	south := north()
	south.ID = "south"
	must(t, r.AddCampaign(south))
	ofNorth, err := r.Key("north")
	must(t, err)
	ofSouth, err := r.Key("south")
	must(t, err)
	if len(ofNorth) != 32 || slices.Equal(ofNorth, ofSouth) || slices.Equal(ofNorth, make([]byte, 32)) {
		t.Errorf("keys %x, %x", ofNorth, ofSouth)
	}
	again, err := open(t, dir).Key("north")
	must(t, err)
	if !slices.Equal(again, ofNorth) {
		t.Error("opened again it has another key")
	}
	ofNorth[0]++ // by whoever asked
	if kept, _ := r.Key("north"); slices.Equal(kept, ofNorth) {
		t.Error("whoever asks can change the key")
	}
	if _, err := r.Key("west"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no campaign: %v", err)
	}
}

func TestDestroyedKeyIsGoneForEver(t *testing.T) {
	r, dir := withNorth(t)
	path := filepath.Join(dir, "campaigns", "north", "key.json")
	held, err := os.OpenFile(path, os.O_RDONLY, 0) // what is left on the disk is read by whoever has the file open
	must(t, err)
	defer held.Close()
	must(t, r.DestroyKey("north"))
	must(t, r.DestroyKey("north"))
	for when, r := range map[string]*Registry{"at once": r, "opened again": open(t, dir)} {
		if _, err := r.Key("north"); !errors.Is(err, ErrKeyDestroyed) {
			t.Errorf("%s: %v", when, err)
		}
		if _, ok := r.Campaign("north"); !ok {
			t.Errorf("%s: the campaign is gone", when)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is there: %v", err)
	}
	left := make([]byte, 4096)
	n, _ := held.Read(left)
	if n == 0 || strings.Trim(string(left[:n]), "\x00") != "" {
		t.Errorf("the bytes were not overwritten: %q", left[:n])
	}
	if err := r.DestroyKey("west"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no campaign: %v", err)
	}
}

// Whoever is killed between the decision and the deletion leaves the key; the next Open deletes it.
func TestDestructionThatWasInterruptedIsCompleted(t *testing.T) {
	_, dir := withNorth(t)
	campaign, key := filepath.Join(dir, "campaigns", "north", campaignFile), filepath.Join(dir, "campaigns", "north", keyFile)
	c := north()
	c.KeepDays = engine.DefaultKeepDays
	must(t, engine.WriteRecord(campaign, campaignRecord{c, true}))
	if _, err := open(t, dir).Key("north"); !errors.Is(err, ErrKeyDestroyed) {
		t.Errorf("the key counts: %v", err)
	}
	if _, err := os.Stat(key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the key is there: %v", err)
	}
}

func TestOnlyItsOwnerReadsTheFiles(t *testing.T) {
	r, dir := withNorth(t)
	must(t, r.SetTurf("north", "east", []byte(square)))
	_, _, err := r.NewToken("north", TokenRequest{Scopes: []engine.Scope{engine.FieldWrite}}, spring)
	must(t, err)
	files := 0
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		must(t, err)
		info, err := entry.Info()
		must(t, err)
		want := os.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		} else {
			files++
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
		return nil
	}))
	if files != 4 {
		t.Errorf("%d files, want those of a campaign, its key, a token and a turf", files)
	}
}
