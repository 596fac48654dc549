package live

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// City is one snapshot as columns in memory. It does not change, and is safe for use from several goroutines.
type City struct {
	manifest  engine.Manifest
	bound     orb.Bound
	contests  []Contest // in id order
	contestAt map[string]int

	levels       []*level
	communeCodes []string        // of the units of the commune level
	joined       map[int64]int64 // see Joined
	layers       map[string]*layer
	atoms        atoms
	official     officialResults
	divisions    int
	sets         []*districtSet   // by name
	rows         map[string]int64 // of each input, by dataset and path
	tested       Backtest

	drawings *drawings           `frozen:"-"`
	borders  *borders            `frozen:"-"`
	snapshot *engine.Snapshot    `frozen:"-"` // read again by Locate
	kept     bool                `frozen:"-"` // the columns were: nobody has looked at the tables yet
	placing  placing             `frozen:"-"`
	searched func() *searchIndex `frozen:"-"` // by name, made on its first use
}

// Open reads a snapshot into memory. The files may go away afterwards, unless something is to be located: see LoadPlaces.
func Open(ctx context.Context, s *engine.Snapshot) (*City, error) {
	return open(ctx, s, new(engine.Recycler))
}

func open(ctx context.Context, s *engine.Snapshot, mem memory.Allocator) (*City, error) {
	r := &loader{ctx: ctx, snapshot: s, mem: mem, city: &City{
		manifest: s.Manifest, contestAt: map[string]int{}, layers: map[string]*layer{}, joined: map[int64]int64{},
	}}
	for _, together := range [][]step{
		{{r.loadContests, r.loadPlaces, r.loadAtoms, r.makeCells, r.placeAtoms, r.loadDistricts}},
		{{r.loadEstimates}, {r.loadAddresses}, {r.countHouseholds, r.countMerged, r.loadVoters, r.loadResults}, {r.draw}},
		{{r.coarsen, r.hideTotals, r.sumDistricts, r.arrange}},
	} {
		var group errgroup.Group
		for _, one := range together {
			group.Go(one.do)
		}
		if err := group.Wait(); err != nil {
			return nil, fmt.Errorf("live: open snapshot: %w", err)
		}
	}
	for _, l := range r.city.levels {
		l.names.complete()
	}
	for _, set := range r.city.sets {
		set.level.names.complete()
	}
	for at := range r.city.contests {
		r.city.contests[at].Placed = r.city.atoms.placed(at)
	}
	report, err := s.Report()
	if err != nil {
		return nil, fmt.Errorf("live: open snapshot: %w", err)
	}
	r.city.rows = map[string]int64{}
	for _, f := range report.Files {
		r.city.rows[f.Dataset+" "+f.Path] = f.Rows
	}
	r.city.tested = backtestOf(report, r.city.manifest.Parameters.K, r.city.rare)
	r.city.attach(s)
	return r.city, nil
}

// step is what is loaded one after the other.
type step []func() error

func (s step) do() error {
	for _, load := range s {
		if err := load(); err != nil {
			return err
		}
	}
	return nil
}

// Snapshot is the id of the snapshot.
func (c *City) Snapshot() string { return c.manifest.ID }

// Place is the place's id and name.
func (c *City) Place() (id, name string) { return c.manifest.Place, c.manifest.Name }

// Bound is the extent of the streets, in degrees.
func (c *City) Bound() orb.Bound { return c.bound }

// Attributions are the texts that must stand beside a map, each once, with the licence: IGN, BD TOPO (etalab-2.0). No number comes from
// a canvass, and nobody is to know of it.
func (c *City) Attributions() []string {
	var list []string
	for _, in := range c.manifest.Inputs {
		if in.Attribution == "" || in.Kind == engine.KindCanvass {
			continue
		}
		text := in.Attribution
		if in.Licence != "" {
			text += " (" + in.Licence + ")"
		}
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

// Contests lists the contests, each with its choices as they are shown: candidates by votes, then the reserved choices.
func (c *City) Contests() []Contest { return c.contests }

// level is a kind of unit (cells: at one resolution) with what is published of it. Suppressed and empty units have no numbers
// here: what is not in a column cannot leave by a tile or a score.
type level struct {
	unit       engine.Unit
	resolution int
	set        *districtSet // of districts
	ids        []int64      // ascending
	names      texts        // not of cells
	communes   []int32      // index in the commune level, -1 for none; of segments, precincts and communes
	lengths    []float64    // metres, of segments
	standing   []standing
	merged     []int32 // street segments in a unit; of segments and cells
	households []float64
	addresses  []householdSources
	told       []int32   // by unit: its row in numbers, or untold; nil where every unit has one
	numbers    []numbers // by contest

	joined []joinedSegment // of segments: those that stand under another's id, ascending
	others map[int][]int64 // the same by unit: the ids that stand under its own, ascending
}

// numbers are those of the units that are published, in one contest, choices in the contest's order. Most units of a country are not: what
// has no numbers takes no room.
type numbers struct {
	choices    int
	registered []int64    // -1 where the contest has none
	voters     []Estimate // the same, with its intervals
	modelled   []bool     // nobody is counted, the shares are predicted
	votes      []int64    // rows x choices, -1 where not on the ballot
	shares     []Estimate // the same, as fractions of registered
}

// untold is the row of a unit of which nothing is published.
const untold = -1

// toldAt is the row of a unit in the numbers.
func (l *level) toldAt(u int) int {
	if l.told == nil {
		return u
	}
	return int(l.told[u])
}

// grow makes room for the numbers of so many units in all, and fill has so many of which nothing is told yet.
func (n *numbers) grow(units int) {
	more := units - len(n.registered)
	n.registered, n.voters, n.modelled = slices.Grow(n.registered, more), slices.Grow(n.voters, more), slices.Grow(n.modelled, more)
	n.votes, n.shares = slices.Grow(n.votes, more*n.choices), slices.Grow(n.shares, more*n.choices)
}

func (n *numbers) fill(units int) {
	for len(n.registered) < units {
		n.registered, n.voters, n.modelled = append(n.registered, -1), append(n.voters, Estimate{}), append(n.modelled, false)
		for range n.choices {
			n.votes, n.shares = append(n.votes, -1), append(n.shares, Estimate{})
		}
	}
}

// reorder puts the rows in another order, which says by row which it was. They are moved where they are: a country's take gigabytes.
func (n *numbers) reorder(before []int32) {
	moved := make([]bool, len(before))
	reorder(n.registered, before, 1, moved)
	reorder(n.voters, before, 1, moved)
	reorder(n.modelled, before, 1, moved)
	reorder(n.votes, before, n.choices, moved)
	reorder(n.shares, before, n.choices, moved)
}

// reorder moves the rows of a column of some width.
func reorder[T any](column []T, before []int32, width int, moved []bool) {
	clear(moved)
	row := func(i int32) []T { return column[int(i)*width:][:width] }
	first := make([]T, width)
	for start := range int32(len(before)) {
		if moved[start] || before[start] == start {
			continue
		}
		copy(first, row(start))
		to := start
		for ; before[to] != start; to = before[to] {
			copy(row(to), row(before[to]))
			moved[to] = true
		}
		copy(row(to), first)
		moved[to] = true
	}
}

// householdSources counts addresses by where their households come from, in the order of engine.HouseholdSources.
type householdSources [7]int32

func (h householdSources) sum() (n int64) {
	for _, count := range h {
		n += int64(count)
	}
	return n
}

// reported is what the report of a snapshot calls the level.
func (l *level) reported() string {
	if l.unit == engine.UnitCell {
		return fmt.Sprintf("%s %d", l.unit, l.resolution)
	}
	return string(l.unit)
}

// name is what a unit is called: of cells its 15 hex digits, of precincts their code.
func (l *level) name(u int) string {
	if l.unit == engine.UnitCell {
		return geo.Cell(l.ids[u]).String()
	}
	return l.names.at(u)
}

// find gives the place of a unit. That of a segment which stands under another's id is the other's.
func (l *level) find(id int64) (int, bool) {
	if at, joined := slices.BinarySearchFunc(l.joined, id, joinedSegment.compare); joined {
		return l.joined[at].unit, true
	}
	return slices.BinarySearch(l.ids, id)
}

// level finds the level of a unit and its place in it.
func (c *City) level(unit engine.Unit, id int64) (*level, int, error) {
	for _, l := range c.levels {
		if l.unit != unit {
			continue
		}
		if l.unit == engine.UnitCell && geo.Cell(id).Resolution() != l.resolution {
			continue
		}
		if u, ok := l.find(id); ok && id != 0 {
			return l, u, nil
		}
	}
	if !slices.Contains(engine.Units(), unit) {
		var names []string
		for _, u := range engine.Units() {
			names = append(names, string(u))
		}
		return nil, 0, &QueryError{"unit", string(unit), names}
	}
	return nil, 0, fmt.Errorf("%w: no %s %d in snapshot %s", ErrNotFound, unit, id, c.manifest.ID)
}
