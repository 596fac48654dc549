package engine

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
	"slices"
)

// Snapshot is an immutable folder of tables with its manifest and report.
type Snapshot struct {
	Dir      string
	Manifest Manifest
}

// ErrFormat is returned for a snapshot that another version of Arpent wrote.
var ErrFormat = errors.New("engine: snapshot of another format")

// Names of the files beside the tables.
const (
	ManifestFile = "manifest.json"
	ReportFile   = "report.json"
	BuiltFile    = "built.json" // time, host and paths of a build: not part of the snapshot's identity
)

// OpenSnapshot reads the manifest of a snapshot's folder and checks that its tables are there.
func OpenSnapshot(dir string) (*Snapshot, error) {
	s := &Snapshot{Dir: dir}
	content, err := os.ReadFile(filepath.Join(dir, ManifestFile))
	if err != nil {
		return nil, fmt.Errorf("engine: open snapshot: %w", err)
	}
	if err := json.Unmarshal(content, &s.Manifest); err != nil {
		return nil, fmt.Errorf("engine: open snapshot %s: manifest.json is damaged (%w): build the place again", dir, err)
	}
	if s.Manifest.Format != SnapshotFormat {
		return nil, fmt.Errorf("%w: %s has format %d, this version reads %d: build the place again", ErrFormat, dir, s.Manifest.Format, SnapshotFormat)
	}
	for _, t := range Tables() {
		if _, err := os.Stat(filepath.Join(dir, t.File())); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("engine: open snapshot %s: %s is missing: build the place again", dir, t.File())
		}
	}
	return s, nil
}

// Path is where the snapshot has a table.
func (s *Snapshot) Path(t Table) string { return filepath.Join(s.Dir, t.File()) }

// Report reads the snapshot's report.
func (s *Snapshot) Report() (*Report, error) {
	content, err := os.ReadFile(filepath.Join(s.Dir, ReportFile))
	if err != nil {
		return nil, fmt.Errorf("engine: read report: %w", err)
	}
	r := &Report{}
	if err := json.Unmarshal(content, r); err != nil {
		return nil, fmt.Errorf("engine: read report of %s: %w", s.Dir, err)
	}
	return r, nil
}

// FileProblems compares tables, where none is named the report and all of them, with the manifest: a sentence for each file that is not the one
// it describes.
func (s *Snapshot) FileProblems(tables ...Table) []string {
	var problems []string
	compare := func(name, expected string) {
		sum, _, err := HashFile(filepath.Join(s.Dir, name))
		switch {
		case err != nil:
			problems = append(problems, fmt.Sprintf("%s: the file cannot be read (%v)", name, err))
		case sum != expected:
			problems = append(problems, fmt.Sprintf("%s: the file is not the one the manifest describes (SHA-256 %s, expected %s)", name, sum, expected))
		}
	}
	if len(tables) == 0 {
		compare(ReportFile, s.Manifest.Report)
		tables = Tables()
	}
	for _, t := range tables {
		at := slices.IndexFunc(s.Manifest.Tables, func(m ManifestTable) bool { return m.Name == t.Name })
		if at < 0 {
			problems = append(problems, fmt.Sprintf("%s: the manifest does not describe %s", ManifestFile, t.File()))
			continue
		}
		compare(t.File(), s.Manifest.Tables[at].SHA256)
	}
	return problems
}

// Whole refuses a snapshot of which a file is not the one that the manifest describes; see FileProblems.
func (s *Snapshot) Whole(tables ...Table) error {
	if problems := s.FileProblems(tables...); len(problems) > 0 {
		return fmt.Errorf("snapshot %s is damaged: %s: build the place again", s.Manifest.ID, problems[0])
	}
	return nil
}

// HashFile gives a file's SHA-256 in hex, and its size.
func HashFile(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}
