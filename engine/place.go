package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Place is what a place file says a place is made of.
type Place struct {
	ID      string       `yaml:"place"`          // short name: letters, digits and dashes
	Name    string       `yaml:"name,omitempty"` // what people call it; the id when absent
	Sources []SourceSpec `yaml:"sources"`

	// Which of the files' communes belong to the place; all where it is empty. 75056 means all arrondissements of Paris.
	Communes []Code `yaml:"communes,omitempty"`
	Country  Code   `yaml:"country,omitempty"` // fr, us ...: where no dataset of the place says it

	// Who the data is from, where that is not who usually publishes such files.
	Publisher   string `yaml:"publisher,omitempty"`
	Licence     string `yaml:"licence,omitempty"`
	Attribution string `yaml:"attribution,omitempty"`

	File string `yaml:"-"` // the place file itself, for messages
}

// SourceSpec is one line of a place file: a dataset, where its file is, and what the file does not say itself.
type SourceSpec struct {
	Dataset  string `yaml:"dataset"`
	Path     string `yaml:"path"`               // may lead into an archive: iris.zip/IRIS.shp
	Layer    string `yaml:"layer,omitempty"`    // of a file with several: GeoPackage, TopoJSON
	URL      string `yaml:"url,omitempty"`      // where `arpent fetch` downloads the file from
	CRS      Code   `yaml:"crs,omitempty"`      // EPSG code of the coordinates, where the file has none or a wrong one
	Commune  Code   `yaml:"commune,omitempty"`  // of all rows, where the file has no column for it; else the one to read
	Division Code   `yaml:"division,omitempty"` // areas, register, results: the division of precincts they belong to
	Contest  Code   `yaml:"contest,omitempty"`  // results: the contest's id, as 2017_pres_t1
	Election string `yaml:"election,omitempty"` // results: which one of a file with several, as the file calls it
	Round    int    `yaml:"round,omitempty"`    // results: which one of a file with several
	Name     string `yaml:"name,omitempty"`     // results: the contest's name
	Date     Code   `yaml:"date,omitempty"`     // results: YYYY-MM-DD, where the file has none or a wrong one

	Status string `yaml:"status,omitempty"` // results: provisional where a final file of the same contest goes before it, or will; final when absent

	// Crosswalk is another division whose precincts the results are also to be given on, through the addresses that both have.
	Crosswalk Code `yaml:"crosswalk,omitempty"`

	Set string `yaml:"set,omitempty"` // districts: the set they are of, as constituency

	// Kind and Columns make a source of any table: what its rows are, and the file's name of each of RowSchema's columns.
	Kind    Kind              `yaml:"kind,omitempty"`
	Columns map[string]string `yaml:"columns,omitempty"`

	Support *SupportScale `yaml:"support,omitempty"` // canvass: which end of the scale is best
	Zone    string        `yaml:"zone,omitempty"`    // canvass: the time zone of times without one, as America/New_York, and the order of day and month

	Expect *Expectation `yaml:"expect,omitempty"` // gates: what the rows have to be like

	// Who the data is from, where that is not who usually publishes such files.
	Publisher   string `yaml:"publisher,omitempty"`
	Licence     string `yaml:"licence,omitempty"`
	Attribution string `yaml:"attribution,omitempty"`

	Country Code `yaml:"-"` // the place's, or that of its datasets
	Line    int  `yaml:"-"` // in the place file
}

// What results are: of two sources of a contest the final one's figures are taken, precinct by precinct.
const (
	StatusFinal       = "final"
	StatusProvisional = "provisional"
)

// Provisional tells whether a source's results are to be replaced by final ones.
func (s SourceSpec) Provisional() bool { return s.Status == StatusProvisional }

// SupportScale says what the answers of a canvass mean: Best is stored as +2 and Worst as -2, what is between in proportion.
type SupportScale struct {
	Best  float64 `yaml:"best"`
	Worst float64 `yaml:"worst"`
}

// Code is text that may look like a number: 01001, 2017. YAML would read 01001 as octal, so a code is taken as written.
type Code string

// UnmarshalYAML keeps the characters of the file; quotes are optional.
func (c *Code) UnmarshalYAML(raw []byte) error {
	s := strings.TrimSpace(string(raw))
	if len(s) > 0 && (s[0] == '"' || s[0] == '\'') {
		var quoted string
		if err := yaml.Unmarshal(raw, &quoted); err != nil {
			return err
		}
		s = quoted
	}
	*c = Code(s)
	return nil
}

var placeID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
var contestID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// ReadPlace reads a place file. Unknown keys are refused; every error names the file and the line.
func ReadPlace(file string) (*Place, error) {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("engine: there is no place file %s: give the path of one, as examples/paris.yaml", file)
	}
	if info, statErr := os.Stat(file); statErr == nil && info.IsDir() {
		return nil, fmt.Errorf("engine: %s is a folder: give the path of a place file, as %s", file, filepath.Join(file, "place.yaml"))
	}
	if err != nil {
		return nil, fmt.Errorf("engine: place file %s cannot be read (%w): make it readable, or give another", file, err)
	}
	if len(bytes.TrimSpace(content)) == 0 {
		return nil, fmt.Errorf("engine: place file %s is empty: write place: and sources:, as in examples/paris.yaml", file)
	}
	p := &Place{File: file}
	decoder := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict())
	if err := decoder.Decode(p); err != nil {
		return nil, fmt.Errorf("engine: place file %s: %s: %s", file, firstLine(err), remedy(err))
	}
	if err := p.numberLines(content); err != nil {
		return nil, fmt.Errorf("engine: place file %s: %w", file, err)
	}
	if p.Name == "" {
		p.Name = p.ID
	}
	return p, p.validate()
}

// firstLine keeps YAML's message, which begins with [line:column], and drops the excerpt below it.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimSpace(line)
}

// The keys of a place file.
const (
	placeKeys  = "place, name, country, communes, sources, publisher, licence, attribution"
	sourceKeys = "dataset, path, layer, url, crs, commune, division, contest, election, round, name, date, status, crosswalk, set, kind, columns, support, zone, expect, publisher, licence, attribution"
)

// remedy says what to write instead of what YAML does not take.
func remedy(err error) string {
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		return "a place has " + placeKeys + "; a source has " + sourceKeys
	}
	return "`arpent build --help` shows a place file"
}

// numberLines notes the line of every source.
func (p *Place) numberLines(content []byte) error {
	file, err := parser.ParseBytes(content, 0)
	if err != nil {
		return errors.New(firstLine(err))
	}
	if len(file.Docs) != 1 {
		return fmt.Errorf("expected one YAML document, found %d", len(file.Docs))
	}
	path, err := yaml.PathString("$.sources")
	if err != nil {
		return err
	}
	node, err := path.FilterNode(file.Docs[0].Body)
	if err != nil || node == nil {
		return nil // validate says that there are no sources
	}
	if list, ok := node.(*ast.SequenceNode); ok {
		for i, item := range list.Values {
			if i < len(p.Sources) {
				p.Sources[i].Line = item.GetToken().Position.Line
			}
		}
	}
	return nil
}

func (p *Place) validate() error {
	if !placeID.MatchString(p.ID) {
		return fmt.Errorf("engine: place file %s: place: %q is not a short name: use lower-case letters, digits and dashes", p.File, p.ID)
	}
	if len(p.Sources) == 0 {
		return fmt.Errorf("engine: place file %s lists no sources: add lines such as - {dataset: ban, path: adresses-75.csv.gz}", p.File)
	}
	for _, s := range p.Sources {
		switch {
		case s.Dataset == "":
			return fmt.Errorf("engine: %s names no dataset: add dataset: and one of the names that `arpent build --help` lists", p.Where(s))
		case s.Path == "":
			return fmt.Errorf("engine: %s gives no path: add path: and the file's name", p.Where(s))
		case s.Expect != nil && s.Expect.fault != nil:
			return fmt.Errorf("engine: %s: %w", p.Where(s), s.Expect.fault)
		case s.Contest != "" && !contestID.MatchString(string(s.Contest)):
			return fmt.Errorf("engine: %s: contest %q is not an id: use lower-case letters, digits, _ and -, as 2017_pres_t1", p.Where(s), s.Contest)
		case s.Set != "" && !setName.MatchString(s.Set):
			return fmt.Errorf("engine: %s: set %q is not a name: use lower-case letters, digits and _, as constituency", p.Where(s), s.Set)
		case slices.Contains(TakenSetNames(), s.Set):
			return fmt.Errorf("engine: %s: set %q is the name of something else in the API: give the set another", p.Where(s), s.Set)
		case s.Status != "" && s.Status != StatusFinal && s.Status != StatusProvisional:
			return fmt.Errorf("engine: %s: status %q is neither %s nor %s", p.Where(s), s.Status, StatusFinal, StatusProvisional)
		case s.Date != "":
			if _, err := time.Parse(time.DateOnly, string(s.Date)); err != nil {
				return fmt.Errorf("engine: %s: date %q is not a day written YYYY-MM-DD", p.Where(s), s.Date)
			}
		}
	}
	return nil
}

// Where names a source of the place file: "paris.yaml line 4".
func (p *Place) Where(s SourceSpec) string {
	return fmt.Sprintf("%s line %d", p.File, s.Line)
}

// Locate gives the path of a source's file: relative paths are taken from dataDir, or from the place file's folder where
// dataDir is empty.
func (p *Place) Locate(s SourceSpec, dataDir string) string {
	if filepath.IsAbs(s.Path) {
		return s.Path
	}
	if dataDir == "" {
		dataDir = filepath.Dir(p.File)
	}
	return filepath.Join(dataDir, filepath.FromSlash(s.Path))
}
