package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime"
)

// SnapshotFormat is the version of the files of a snapshot. A snapshot of another format is rebuilt.
const SnapshotFormat = 5

// Algorithm names what turns inputs into numbers. It changes with any change of the numbers.
const Algorithm = "gp-3"

// Manifest says what made a snapshot and what it holds. It has no time, host or folder: the same inputs give the same bytes.
type Manifest struct {
	ID         string          `json:"id"`
	Format     int             `json:"format"`
	Place      string          `json:"place"`
	Name       string          `json:"name"`
	Country    string          `json:"country,omitempty"`
	Communes   []string        `json:"communes,omitempty"` // that the place is limited to
	Algorithm  string          `json:"algorithm"`
	Arch       string          `json:"goarch"` // floating point may differ between architectures
	Parameters Parameters      `json:"parameters"`
	Inputs     []ManifestInput `json:"inputs"`
	Before     *ManifestBefore `json:"before,omitempty"` // nil of a first snapshot, and of one that was built anew
	Tables     []ManifestTable `json:"tables"`
	Report     string          `json:"report_sha256"`
}

// Parameters are the constants of a build.
type Parameters struct {
	K                 int     `json:"k"`                   // households a published unit has at least
	PeoplePerHome     float64 `json:"people_per_home"`     // population aged 15 and over by household
	EveryonePerHome   float64 `json:"everyone_per_home"`   // population of all ages by household
	VotersPerHome     float64 `json:"voters_per_home"`     // registered voters by household
	RegisterPointM    float64 `json:"register_point_m"`    // how far an address may be from a point of the register that is taken for it
	AroundM           float64 `json:"around_m"`            // how far from all addresses and areas streets and census areas are read
	NearestPrecinctM  float64 `json:"nearest_precinct_m"`  // how far the precinct of an address outside all areas may be
	UnmatchedPrecinct float64 `json:"unmatched_precincts"` // share of precincts that may lack an area or a result before a build is refused
}

// DefaultParameters are those of a build that is told nothing else.
func DefaultParameters() Parameters {
	return Parameters{
		K: 11, PeoplePerHome: 1.7, EveryonePerHome: 2.2, VotersPerHome: 1.5,
		RegisterPointM: 2, AroundM: 1000, NearestPrecinctM: 5000, UnmatchedPrecinct: 0.02,
	}
}

// ManifestInput is an input file.
type ManifestInput struct {
	Dataset     string            `json:"dataset"`
	Path        string            `json:"path"` // as the place file has it
	Division    string            `json:"division,omitempty"`
	Contest     string            `json:"contest,omitempty"`
	Election    string            `json:"election,omitempty"`
	Round       int               `json:"round,omitempty"`
	Commune     string            `json:"commune,omitempty"`
	Layer       string            `json:"layer,omitempty"`
	CRS         string            `json:"crs,omitempty"`
	Crosswalk   string            `json:"crosswalk,omitempty"`
	Provisional bool              `json:"provisional,omitempty"` // results that those of another file of the contest go before
	Set         string            `json:"set,omitempty"`         // of districts
	Kind        Kind              `json:"kind,omitempty"`        // of a table that the place file describes, as the next; canvass of what was read for the report only
	Columns     map[string]string `json:"columns,omitempty"`
	Expect      []string          `json:"expect,omitempty"` // what the place file expects of the rows
	Name        string            `json:"name,omitempty"`
	Date        string            `json:"date,omitempty"`
	Publisher   string            `json:"publisher"`
	Licence     string            `json:"licence"`
	Attribution string            `json:"attribution"`
	Bytes       int64             `json:"bytes"`
	SHA256      string            `json:"sha256"`
	Beside      []ManifestPart    `json:"beside,omitempty"` // files that were read with it, as the .dbf of a Shapefile
}

// ManifestPart is a file that was read with another.
type ManifestPart struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// ManifestBefore names the snapshot whose publication plan a snapshot heeds, so that both together tell no more than each.
type ManifestBefore struct {
	Snapshot  string   `json:"snapshot"`
	Plan      string   `json:"plan_sha256"` // of its table plan
	Divisions []string `json:"divisions"`   // that it and those before it had
}

// ManifestTable is a file of the snapshot.
type ManifestTable struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// SnapshotID hashes what makes a snapshot: format, algorithm, architecture, parameters, inputs and the plan before it. 16 hex digits.
func (m Manifest) SnapshotID() (string, error) {
	m.ID, m.Tables, m.Report = "", nil, ""
	content, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("engine: snapshot id: %w", err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8]), nil
}

// FirstID is the id that the snapshot would have if there was none before it: what is built of the same inputs has the same.
func (m Manifest) FirstID() (string, error) {
	m.Before = nil
	return m.SnapshotID()
}

// NewManifest begins the manifest of a build on this machine.
func NewManifest(p *Place, parameters Parameters) Manifest {
	communes := make([]string, len(p.Communes))
	for i, c := range p.Communes {
		communes[i] = string(c)
	}
	return Manifest{Format: SnapshotFormat, Place: p.ID, Name: p.Name, Communes: communes, Algorithm: Algorithm, Arch: runtime.GOARCH, Parameters: parameters}
}
