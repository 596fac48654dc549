package build

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/arpent/arpent/engine"
)

// Built is what built.json holds: what must not be part of a snapshot's identity.
type Built struct {
	At      time.Time `json:"at"`
	Host    string    `json:"host"`
	Place   string    `json:"place_file"`
	Data    string    `json:"data,omitempty"` // the folder that its paths are relative to; its own where it is left out
	Seconds float64   `json:"seconds"`

	Stages []StageTook `json:"stages,omitempty"` // the longest first
}

// ReadBuilt says when and from where a snapshot was built.
func ReadBuilt(s *engine.Snapshot) (Built, error) {
	path := filepath.Join(s.Dir, engine.BuiltFile)
	content, err := os.ReadFile(path)
	if err != nil {
		return Built{}, fmt.Errorf("build: %w: build the place again", err)
	}
	var b Built
	if err := json.Unmarshal(content, &b); err != nil {
		return Built{}, fmt.Errorf("build: %s is damaged (%w): build the place again", path, err)
	}
	return b, nil
}

func writeBuilt(dir string, o Options, began time.Time, stages []StageTook) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	b := Built{At: began.UTC(), Host: host, Place: absolute(o.Place.File), Seconds: time.Since(began).Seconds(), Stages: stages}
	if o.Data != "" {
		b.Data = absolute(o.Data)
	}
	_, err = writeJSON(filepath.Join(dir, engine.BuiltFile), b)
	return err
}

// absolute gives a path from the root, or as it is where that cannot be told.
func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}
