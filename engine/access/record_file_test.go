package access

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/arpent/arpent/engine"
)

// withAll is a registry with a campaign, a token and a turf, and the paths of its files.
func withAll(t *testing.T) (dir string, files []string) {
	t.Helper()
	r, dir := withNorth(t)
	must(t, r.SetTurf("north", "east", []byte(square)))
	_, _, err := r.NewToken("north", TokenRequest{Scopes: []engine.Scope{engine.FieldWrite}, Turfs: []string{"east"}}, spring)
	must(t, err)
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		must(t, err)
		if !entry.IsDir() {
			files = append(files, path)
		}
		return nil
	}))
	return dir, files
}

func wantRefused(t *testing.T, what, dir, path, remedy string) {
	t.Helper()
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), remedy) {
		t.Errorf("%s: %v; want an error that names %s and says %q", what, err, path, remedy)
	}
}

// A file that ends early, or has another byte anywhere, is found.
func TestDamagedFilesAreFound(t *testing.T) {
	dir, files := withAll(t)
	for _, path := range files {
		whole, err := os.ReadFile(path)
		must(t, err)
		for at := range whole {
			must(t, os.WriteFile(path, whole[:at], 0o600))
			wantRefused(t, "cut", dir, path, "put it back from a backup")
			other := []byte(string(whole))
			other[at] ^= 0x20 // as another case of a letter
			must(t, os.WriteFile(path, other, 0o600))
			wantRefused(t, "changed", dir, path, "put it back from a backup")
		}
		must(t, os.WriteFile(path, append([]byte(string(whole)), '\n'), 0o600))
		wantRefused(t, "with more behind", dir, path, "put it back from a backup")
		must(t, os.WriteFile(path, whole, 0o600))
		open(t, dir)
	}
}

// Files whose hash is right and whose content is not are those of another place, or made by hand.
func TestFilesOfAnotherPlaceAreFound(t *testing.T) {
	dir, _ := withAll(t)
	campaign := filepath.Join(dir, "campaigns", "north")
	tokens, err := os.ReadDir(filepath.Join(campaign, "tokens"))
	must(t, err)
	token := filepath.Join(campaign, "tokens", tokens[0].Name())
	turf := filepath.Join(campaign, "turfs", "east.json")
	for _, c := range []struct {
		what   string
		path   string
		record any
	}{
		{"another campaign", filepath.Join(campaign, "campaign.json"), campaignRecord{Campaign: engine.Campaign{ID: "south"}}},
		{"a campaign without an election", filepath.Join(campaign, "campaign.json"), campaignRecord{Campaign: engine.Campaign{ID: "north", Contest: "c", Choice: "d", Begins: spring, KeepDays: 1}}},
		{"a short key", filepath.Join(campaign, "key.json"), []byte("short")},
		{"no key", filepath.Join(campaign, "key.json"), nil},
		{"another token", token, tokenRecord{Token: Token{ID: "aaaaaaaaaa", Campaign: "north", Scopes: engine.Scopes()}}},
		{"a scope that there is not", token, map[string]any{"token": tokens[0].Name()[:10], "campaign": "north", "scopes": []string{"all"}, "secret_sha256": strings.Repeat("00", 32)}},
		{"a field that there is not", token, map[string]any{"secret": "arp_"}},
		{"a turf without polygons", turf, turfRecord{Type: "MultiPolygon"}},
		{"a turf of the whole world", turf, map[string]any{"type": "MultiPolygon", "coordinates": [][][][]float64{{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}}}},
	} {
		whole, err := os.ReadFile(c.path)
		must(t, err)
		must(t, engine.WriteRecord(c.path, c.record))
		wantRefused(t, c.what, dir, c.path, "is damaged")
		must(t, os.WriteFile(c.path, whole, 0o600))
	}
	open(t, dir)
}

func TestFilesThatDoNotBelongThere(t *testing.T) {
	for _, c := range []struct {
		what   string
		plant  func(campaigns string) (path string, err error)
		remedy string
	}{
		{"a note beside the campaigns", func(dir string) (string, error) {
			path := filepath.Join(dir, "notes.txt")
			return path, os.WriteFile(path, nil, 0o600)
		}, "move it away"},
		{"a note in a campaign", func(dir string) (string, error) {
			path := filepath.Join(dir, "north", "notes.txt")
			return path, os.WriteFile(path, nil, 0o600)
		}, "move it away"},
		{"a copy beside a token", func(dir string) (string, error) {
			path := filepath.Join(dir, "north", "tokens", "token (copy).json")
			return path, os.WriteFile(path, nil, 0o600)
		}, "move it away"},
		{"a folder of turfs that is a file", func(dir string) (string, error) {
			path := filepath.Join(dir, "north", "turfs")
			return path, os.Rename(filepath.Join(path, "east.json"), path+"2")
		}, "move it away"},
		{"a turf that is a link", func(dir string) (string, error) {
			path := filepath.Join(dir, "north", "turfs", "west.json")
			return path, os.Symlink("east.json", path)
		}, ""},
		{"a turf that is a pipe", func(dir string) (string, error) {
			path := filepath.Join(dir, "north", "turfs", "west.json")
			return path, syscall.Mkfifo(path, 0o600)
		}, "it is not a plain file"},
		{"a turf that is a folder", func(dir string) (string, error) {
			path := filepath.Join(dir, "north", "turfs", "west.json")
			return path, os.Mkdir(path, 0o700)
		}, "it is not a plain file"},
		{"a huge file", func(dir string) (string, error) {
			path := filepath.Join(dir, "north", "turfs", "west.json")
			return path, os.Truncate(filepath.Join(dir, "north", "turfs", "east.json"), engine.MostRecordBytes+1)
		}, "it is too large"},
		{"a key that others may read", func(dir string) (string, error) {
			path := filepath.Join(dir, "north", "key.json")
			return path, os.Chmod(path, 0o644)
		}, "chmod -R go="},
		{"a folder that others may read", func(dir string) (string, error) {
			path := filepath.Join(dir, "north")
			return path, os.Chmod(path, 0o755)
		}, "chmod -R go="},
		{"no key", func(dir string) (string, error) {
			path := filepath.Join(dir, "north", "key.json")
			return path, os.Remove(path)
		}, "from a backup"},
		{"no campaign", func(dir string) (string, error) {
			path := filepath.Join(dir, "north", "campaign.json")
			return path, os.Remove(path)
		}, ""},
	} {
		dir, _ := withAll(t)
		path, err := c.plant(filepath.Join(dir, "campaigns"))
		must(t, err)
		if c.what == "a huge file" {
			path = strings.Replace(path, "west", "east", 1)
		}
		if c.what == "a folder of turfs that is a file" {
			path += "2"
		}
		wantRefused(t, c.what, dir, path, c.remedy)
	}
}

// What a process that was killed left half-written is removed, and nothing else with it.
func TestHalfWrittenFilesAreRemoved(t *testing.T) {
	dir, files := withAll(t)
	campaigns := filepath.Join(dir, "campaigns")
	left := []string{
		filepath.Join(campaigns, "north", ".new-campaign.json"),
		filepath.Join(campaigns, "north", "tokens", ".new-aaaaaaaaaa.json"),
		filepath.Join(campaigns, "north", "turfs", ".new-west.json"),
		filepath.Join(campaigns, ".new-south", "key.json"),
	}
	must(t, os.Mkdir(filepath.Join(campaigns, ".new-south"), 0o700))
	for _, path := range left {
		must(t, os.WriteFile(path, []byte(`{"sha256":"00`), 0o600))
	}
	r := open(t, dir)
	for _, path := range left {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is there", path)
		}
	}
	for _, path := range files {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
	if len(r.Campaigns()) != 1 || len(r.Tokens("north")) != 1 || len(r.Turfs("north")) != 1 {
		t.Errorf("%+v", r)
	}
}

// What cannot be written does not count: neither now nor when the registry is opened again.
func TestWhatCannotBeWrittenDoesNotCount(t *testing.T) {
	r, dir := withNorth(t)
	secret, token, err := r.NewToken("north", TokenRequest{Scopes: engine.Scopes()}, spring)
	must(t, err)
	// A folder in the way of the file to be written, as a disk that fails.
	block := func(parts ...string) {
		must(t, os.MkdirAll(filepath.Join(append([]string{dir, "campaigns", "north"}, parts...)...), 0o700))
	}
	block("tokens", ".new-"+token.ID+".json", "x")
	if err := r.Revoke("north", token.ID); err == nil {
		t.Error("revoked")
	}
	if _, err := r.Authenticate(secret, spring); err != nil {
		t.Errorf("revoked, and nobody knows: %v", err)
	}
	block("turfs", ".new-east.json", "x")
	if err := r.SetTurf("north", "east", []byte(square)); err == nil || len(r.Turfs("north")) != 0 {
		t.Errorf("set: %v, %v", err, r.Turfs("north"))
	}
	block(".new-campaign.json", "x")
	if err := r.DestroyKey("north"); err == nil {
		t.Error("destroyed")
	}
	if _, err := r.Key("north"); err != nil {
		t.Errorf("the key is gone: %v", err)
	}
	again := open(t, dir)
	if _, err := again.Authenticate(secret, spring); err != nil {
		t.Error(err)
	}
	if _, err := again.Key("north"); err != nil {
		t.Error(err)
	}
}
