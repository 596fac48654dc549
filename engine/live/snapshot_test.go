package live

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// The hamlet has three segments on a line: Rue Haute with 30 households (20 of precinct 1, 10 of precinct 2: too few to show),
// Rue Basse with 15 households, all of precinct 2, and Impasse with 4. Nobody lives on Chemin. Ferme has the 12 households of
// precinct 3, which is suppressed.
const (
	haute, basse, impasse, chemin, ferme = 101, 102, 103, 104, 105
	precinct1, precinct2, precinct3      = 201, 202, 203
	precinct4                            = 204 // a new station on Chemin, in some hamlets: it has no result
)

func square(x0, x1 float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{x0, 47.99}, {x1, 47.99}, {x1, 48.01}, {x0, 48.01}, {x0, 47.99}}}}
}

var commune = engine.StableID("commune", "99001")

// houses are one point of each segment; the cells are those they lie in.
var houses = map[int64]orb.Point{haute: {2.001, 48.001}, basse: {2.011, 48.001}, impasse: {2.021, 48.001}, ferme: {2.041, 48.001}}

func cellOf(t *testing.T, segment int64, resolution int) int64 {
	t.Helper()
	p := houses[segment]
	c, err := geo.CellAt(p[0], p[1], engine.AddressResolution)
	if err != nil {
		t.Fatal(err)
	}
	return int64(c.Parent(resolution))
}

type hamletAtom struct {
	segment, precinct int64
	households        float64
	votes             [2][3]int64 // by contest, in the order of its choices
}

var hamletAtoms = []hamletAtom{
	{haute, precinct1, 20, [2][3]int64{{9, 11, 10}, {10, 12, 8}}},
	{haute, precinct2, 10, [2][3]int64{{8, 2, 5}, {9, 3, 3}}},
	{basse, precinct2, 15, [2][3]int64{{12, 3, 7}, {13, 4, 5}}},
	{impasse, precinct2, 4, [2][3]int64{{3, 1, 2}, {4, 1, 1}}},
	{ferme, precinct3, 12, [2][3]int64{{10, 5, 3}, {9, 6, 3}}},
}

// The hamlet voted in two rounds; the list of the second that succeeds jardins has its family and another name.
var (
	hamletContests = [2]string{"t1", "t2"}
	hamletChoices  = [2][3]string{{"moulins", "jardins", "abstention"}, {"moulins", "verger", "abstention"}}
)

// states of the hamlet's units; cells of a segment's house take the segment's.
var hamletStates = map[int64][2]string{
	haute: {"published", ""}, basse: {"published", ""}, impasse: {"suppressed", "k"},
	ferme:     {"published", ""},
	precinct1: {"published", ""}, precinct2: {"published", ""}, precinct3: {"suppressed", "complement"}, commune: {"published", ""},
}

// writeHamlet writes the snapshot as a build would, some units with other states. Where one is given of Chemin, 14 households of a new
// station live there, whose shares in the first round are modelled only.
func writeHamlet(t *testing.T, other map[int64][2]string) *engine.Snapshot {
	t.Helper()
	return writeJoinedHamlet(t, other, nil)
}

// writeJoinedHamlet writes a hamlet of which some segments are joined to others.
func writeJoinedHamlet(t *testing.T, other map[int64][2]string, joined map[int64]int64) *engine.Snapshot {
	t.Helper()
	states := maps.Clone(hamletStates)
	maps.Copy(states, other)
	dir := t.TempDir()
	write := func(table engine.Table, rows ...[]any) {
		t.Helper()
		w, err := engine.NewTableWriter(filepath.Join(dir, table.File()), table, memory.NewGoAllocator())
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for i, value := range row {
				switch value := value.(type) {
				case nil:
					w.Null(i)
				case int:
					w.Int(i, int64(value))
				case int64:
					w.Int(i, value)
				case int32:
					w.Int32(i, value)
				case float64:
					w.Float(i, value)
				case string:
					w.Text(i, value)
				case bool:
					w.Bool(i, value)
				case orb.Geometry:
					if err := w.Geometry(value); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := w.EndRow(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	none := func(id int, street string, homes float64, x float64) []any {
		var joinedTo any
		if lead, ok := joined[int64(id)]; ok {
			joinedTo = lead
		}
		return []any{id, street, "99001", 700.0, nil, nil, nil, nil, int32(1), homes, joinedTo, orb.LineString{{x, 48}, {x + 0.009, 48.002}}}
	}
	write(engine.Segments, none(haute, "Rue Haute", 30, 2), none(basse, "Rue Basse", 15, 2.01), none(impasse, "Impasse", 4, 2.02), none(chemin, "Chemin", 0, 2.03), none(ferme, "Ferme", 12, 2.04))
	var addresses, placements, atoms, votes, results [][]any
	estimates := hamletEstimates(t, states, joined)
	precincts := [][]any{{precinct1, "2026", "99001", "1", "1", "", square(1.99, 2.005)}, {precinct2, "2026", "99001", "2", "2", "", square(2.005, 2.035)},
		{precinct3, "2026", "99001", "3", "3", "", square(2.035, 2.05)}}
	official := map[int64]*[2][3]int64{precinct1: {}, precinct2: {}, precinct3: {}}
	for i, a := range hamletAtoms {
		atoms = append(atoms, []any{i + 1, "2026", a.segment, a.precinct, cellOf(t, a.segment, engine.FinestResolution), a.households})
		for at, contest := range hamletContests {
			for k, choice := range hamletChoices[at] {
				votes = append(votes, []any{contest, i + 1, choice, a.votes[at][k]})
				official[a.precinct][at][k] += a.votes[at][k]
			}
		}
	}
	for _, s := range []int64{haute, basse, impasse} {
		id := string(rune('a' + s - haute))
		addresses = append(addresses, []any{id, int32(1), "", "Rue", "99001", houses[s][0], houses[s][1], s, "left", 3.0, "name", cellOf(t, s, engine.AddressResolution), 1.0, engine.HouseholdsByCensus, nil})
		placements = append(placements, []any{id, "2026", precinct2, 1.0, "area", 0.0})
	}
	for _, b := range []int64{precinct1, precinct2, precinct3} {
		for at, contest := range hamletContests {
			for k, choice := range hamletChoices[at] {
				row := []any{contest, b, choice, official[b][at][k], nil, b == precinct2 && at == 1}
				if k < 2 {
					row[4] = b*10 - int64(k) // no line for abstention
				}
				results = append(results, row)
			}
		}
	}
	if state, built := states[chemin]; built {
		atoms = append(atoms, []any{len(atoms) + 1, "2026", chemin, precinct4, 0, 14.0})
		precincts = append(precincts, []any{precinct4, "2026", "99001", "4", "4", "", square(2.029, 2.035)})
		for i, choice := range hamletChoices[0] {
			share := []float64{0.5124, 0.2876, 0.2}[i]
			for unit, id := range map[string]int{"segment": chemin, "precinct": precinct4} {
				estimates = append(estimates, []any{unit, id, "t1", choice, 0, 0, share, share - 0.151, share - 0.05, share + 0.05, share + 0.151, state[0], state[1], 0, 0, 0, 0, true})
			}
		}
	}
	write(engine.Addresses, addresses...)
	write(engine.Placements, placements...)
	write(engine.Precincts, precincts...)
	write(engine.Communes, []any{commune, "99001", "Hameau"})
	write(engine.CensusAreas)
	write(engine.Census)
	write(engine.Contests, []any{"t1", "Municipales 2026", "2026-03-15", int32(1), "2026", engine.BaseRegistered},
		[]any{"t2", "Municipales 2026", "2026-03-22", int32(2), "2026", engine.BaseRegistered})
	write(engine.Choices,
		[]any{"t1", "abstention", "Abstention", nil, "#888888", int32(2)},
		[]any{"t1", "jardins", "Les jardins", "LVEC", "#117733", int32(1)},
		[]any{"t1", "moulins", "Les moulins", nil, "#332288", int32(0)},
		[]any{"t2", "abstention", "Abstention", nil, "#888888", int32(2)},
		[]any{"t2", "moulins", "Les moulins", nil, "#332288", int32(0)},
		[]any{"t2", "verger", "Le verger", "LVEC", "#117733", int32(1)})
	write(engine.Results, results...)
	write(engine.Atoms, atoms...)
	write(engine.Votes, votes...)
	write(engine.Estimates, estimates...)
	write(engine.Plan)
	write(engine.PlanBefore)
	write(engine.Crosswalks)
	districts, inDistricts := hamletDistricts(precincts)
	write(engine.Districts, districts...)
	write(engine.DistrictPrecincts, inDistricts...)
	write(engine.CrosswalkResults)

	manifest := engine.NewManifest(&engine.Place{ID: "hamlet", Name: "Hameau"}, engine.DefaultParameters())
	manifest.ID = "0123456789abcdef"
	manifest.Inputs = []engine.ManifestInput{
		{Dataset: "ban", Path: "ban.csv", Publisher: "BAN", Licence: "etalab-2.0", Attribution: "© BAN", SHA256: "aa"},
		{Dataset: "results", Path: "t1.csv", Contest: "t1", Division: "2026", Attribution: "© Ville", SHA256: "bb"},
		{Dataset: "van", Path: "van.csv", Kind: engine.KindCanvass, Attribution: "field returns", SHA256: "dd"},
		{Dataset: "results", Path: "t2.csv", Contest: "t2", Division: "2026", Attribution: "© Ville", SHA256: "cc"},
	}
	report := engine.Report{Files: []*engine.FileReport{{Dataset: "ban", Path: "ban.csv", Rows: 3}}}
	for name, value := range map[string]any{engine.ManifestFile: manifest, engine.ReportFile: report} {
		content, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := engine.OpenSnapshot(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Of the wards of the hamlet, which have shapes, W has the two precincts that are published and E has Ferme, which is suppressed by itself;
// a new station is in none. County 99, of which nobody has the shape, is the commune as a whole.
var (
	wardW, wardE = engine.DistrictID("ward", "W"), engine.DistrictID("ward", "E")
	county       = engine.DistrictID("county", "99")
)

func hamletDistricts(precincts [][]any) (districts, in [][]any) {
	districts = [][]any{
		{wardW, "ward", "W", "West ward", square(1.99, 2.035)}, {wardE, "ward", "E", "East ward", square(2.035, 2.05)}, {county, "county", "99", "The County", nil, nil},
	}
	slices.SortFunc(districts, func(a, b []any) int { return cmp.Compare(a[0].(int64), b[0].(int64)) })
	for _, b := range precincts {
		in = append(in, []any{"county", b[0], county, engine.InByCommune, 1.0})
	}
	for _, b := range precincts[:3] {
		ward := wardW
		if b[0] == precinct3 {
			ward = wardE
		}
		in = append(in, []any{"ward", b[0], ward, engine.InByArea, 1.0})
	}
	return districts, in
}

// hamletEstimates sums the atoms to every unit.
func hamletEstimates(t *testing.T, unitStates map[int64][2]string, joined map[int64]int64) [][]any {
	type key struct {
		unit string
		id   int64
	}
	sums, states := map[key]*[2][3]int64{}, map[key][2]string{}
	add := func(unit string, id int64, state [2]string, votes [2][3]int64) {
		k := key{unit, id}
		if sums[k] == nil {
			sums[k] = &[2][3]int64{}
		}
		states[k] = state
		for at := range votes {
			for i, v := range votes[at] {
				sums[k][at][i] += v
			}
		}
	}
	for _, a := range hamletAtoms {
		for r := engine.CoarsestResolution; r <= engine.FinestResolution; r++ {
			state := [2]string{"published", ""}
			if r == engine.FinestResolution {
				state = unitStates[a.segment]
			}
			add("cell", cellOf(t, a.segment, r), state, a.votes)
		}
		add("commune", commune, unitStates[commune], a.votes)
		add("precinct", a.precinct, unitStates[a.precinct], a.votes)
		segment := a.segment
		if lead, ok := joined[segment]; ok {
			segment = lead
		}
		add("segment", segment, unitStates[segment], a.votes)
	}
	var rows [][]any
	for k := range sums {
		for at, votes := range sums[k] {
			n := votes[0] + votes[1] + votes[2]
			for i, choice := range hamletChoices[at] {
				share, doubt := (float64(votes[i])+0.3)/float64(n), 0.1 // as before rounding
				registered := [4]int64{n * 6 / 10, n * 8 / 10, n*12/10 + 1, n*15/10 + 1}
				if k.unit == "precinct" || k.unit == "commune" {
					registered = [4]int64{n, n, n, n}
				}
				if k.unit == "precinct" {
					share, doubt = float64(votes[i])/float64(n), 0
				}
				rows = append(rows, []any{k.unit, k.id, hamletContests[at], choice, n, votes[i], share, share * (1 - 2*doubt), share * (1 - doubt), share * (1 + doubt), share * (1 + 2*doubt), states[k][0], states[k][1],
					registered[0], registered[1], registered[2], registered[3], false})
			}
		}
	}
	return rows
}
