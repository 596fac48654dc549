package build

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

// mustLayOut places everything of a village and casts no vote.
func mustLayOut(t *testing.T, o Options) (*world, *engine.Report) {
	t.Helper()
	s, err := read(t.Context(), o, o.Allocator)
	if err != nil {
		t.Fatal(err)
	}
	w, report, err := layOut(t.Context(), o, s.material, nil, func() {})
	if err != nil {
		t.Fatal(err)
	}
	return w, report
}

// houseAt moves a house, and the eastern end of Rue Haute is at (200, 0).
func (v village) houseAt(id string, x, y float64) {
	i := slices.IndexFunc(v.addresses, func(a []any) bool { return a[1] == id })
	p := degrees(x, y)
	v.addresses[i][7], v.addresses[i][8] = p[0], p[1]
}

// Two houses of the 34 of the eastern precinct stand beyond its area. They are taken for its own, and its streets are less sure; one
// house is not worth it.
func TestAddressesGuessedToBeOfAPrecinct(t *testing.T) {
	v := makeVillage()
	eastOfHaute := func(w *world) float64 { // how unsure the weight of its 20 houses is
		g := w.votes[0].ground
		for row, b := range g.precincts {
			if w.placed.precincts[b].code != "2" {
				continue
			}
			for part := g.First[row]; part < g.First[row+1]; part++ {
				if g.X[part] > origin[0]+50 {
					return g.Unsure[part]
				}
			}
		}
		t.Fatal("there is no Rue Haute in precinct 2")
		return 0
	}
	v.houseAt("99001_Haute_00040", 310, -10)
	w, report := mustLayOut(t, v.options(t, 50))
	if d := report.Divisions[0]; d.ByNearest != 1 || len(d.Guessed) != 0 {
		t.Errorf("one of 34 addresses is guessed: %+v", d)
	}
	homes := unsureVoters*unsureVoters + unsureAround*unsureAround + unsureAddress*unsureAddress/20
	if got := eastOfHaute(w); math.Abs(got-math.Sqrt(homes)) > 1e-12 {
		t.Errorf("Rue Haute is unsure by %.4f, want %.4f", got, math.Sqrt(homes))
	}

	v.houseAt("99001_Haute_00039", 310, 10)
	w, report = mustLayOut(t, v.options(t, 50))
	if d := report.Divisions[0]; d.ByNearest != 2 || !slices.Equal(d.Guessed, []string{"2"}) {
		t.Errorf("two of 34 addresses are guessed: %+v", d)
	}
	if got, want := eastOfHaute(w), math.Sqrt(homes+0.1*0.1); math.Abs(got-want) > 1e-12 {
		t.Errorf("Rue Haute is unsure by %.4f, want %.4f: two of its 20 houses may be of another precinct", got, want)
	}
}

// The town beside the village is one precinct: what its streets have adds up to the town's result whatever they are.
func TestACommuneOfOnePrecinct(t *testing.T) {
	_, report := mustLayOut(t, makeVillage().department().options(t, 50))
	if d := report.Divisions[0]; d.OnePrecinct != 1 || !slices.Equal(d.OnePrecinctFirst, []string{"99002"}) {
		t.Errorf("%d communes of one precinct, %v; want 99002", d.OnePrecinct, d.OnePrecinctFirst)
	}
	_, report = mustLayOut(t, makeVillage().options(t, 50))
	if d := report.Divisions[0]; d.OnePrecinct != 0 || d.OnePrecinctFirst != nil {
		t.Errorf("%d communes of one precinct, %v; the village has two", d.OnePrecinct, d.OnePrecinctFirst)
	}
}

// withNewStation gives the houses of Rue Basse more than so many metres north of Rue Haute a station of their own, number 3. The
// contest has no result of it.
func (v village) withNewStation(north float64) village {
	v.areas = [][]any{
		{int64(1), "99001", "1", "1", "", nil, box(-300, -300, 0, north)},
		{int64(2), "99001", "2", "2", "", nil, box(0, -300, 300, north)},
		{int64(3), "99001", "3", "3", "", nil, box(-300, north, 300, 300)},
	}
	return v
}

// result adds the rows of another station, with votes for jardins, moulins and ponts; all others abstain.
func (v village) result(station string, registered int64, votes ...int64) village {
	voters := int64(0)
	for _, n := range votes {
		voters += n
	}
	for i, choice := range []string{"jardins", "moulins", "ponts"} {
		v.results = append(v.results, []any{int64(len(v.results) + 2), "99001", station, station, "Municipales 2026", "2026-03-15", int32(1), registered, voters, int64(0), int64(0), nil, choice, "Liste " + choice, nil, votes[i]})
	}
	return v
}

// estimated is a row of the estimates.
type estimated struct {
	registered, votes        int64
	share, low90, high90     float64
	state                    string
	modelledOnly, hasNoShare bool
}

// estimatesOf reads the rows of a unit by choice, or of all units of a kind.
func estimatesOf(t *testing.T, s *engine.Snapshot, unit engine.Unit, id int64) map[string]estimated {
	t.Helper()
	rows := map[string]estimated{}
	err := s.ReadTable(t.Context(), engine.Estimates, memory.NewGoAllocator(), func(r engine.Rows) error {
		for i := range r.Len() {
			if r.Texts("unit").Value(i) != string(unit) || r.Ints("unit_id").Value(i) != id {
				continue
			}
			rows[r.Texts("choice").Value(i)] = estimated{
				r.Ints("registered").Value(i), r.Ints("votes").Value(i), r.Floats("share").Value(i), r.Floats("low90").Value(i), r.Floats("high90").Value(i),
				r.Texts("state").Value(i), r.Bools("modelled_only").Value(i), r.Floats("share").IsNull(i),
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// segmentOf is the segment of a house.
func segmentOf(t *testing.T, s *engine.Snapshot, house string) int64 {
	t.Helper()
	for _, line := range lines(t, s, engine.Addresses, "address_id", "segment_id") {
		if id, segment, _ := strings.Cut(line, " "); id == house {
			n, err := strconv.ParseInt(segment, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("there is no house %s", house)
	return 0
}

// northOfBasse is the house at the northern end of Rue Basse.
const northOfBasse = "99001_Basse_00040"

func TestANewStationBorrowsItsShares(t *testing.T) {
	for name, v := range map[string]village{
		"the file has no row of it":        makeVillage().withNewStation(50),
		"nobody was registered in it":      makeVillage().withNewStation(50).result("3", 0, 0, 0, 0),
		"its candidates have all too many": makeVillage().withNewStation(50).result("3", 20, 9, 9, 9),
	} {
		t.Run(name, func(t *testing.T) {
			o := v.options(t, 50)
			o.Parameters.UnmatchedPrecinct = 0.5 // a row that is left out counts against the file
			s, report := mustRun(t, o)
			mustCheck(t, s)
			if c := report.Contests[0]; !slices.Equal(c.ModelledOnly, []string{"3"}) || c.Registered != 293 || len(c.FlatPrecincts) != 0 {
				t.Errorf("modelled only %v, flat %v, %d registered", c.ModelledOnly, c.FlatPrecincts, c.Registered)
			}
			for unit, id := range map[engine.Unit]int64{
				engine.UnitSegment:  segmentOf(t, s, northOfBasse),
				engine.UnitPrecinct: engine.PrecinctKey{Commune: "99001", Station: "3"}.ID("2026"),
			} {
				sum := 0.0
				for choice, e := range estimatesOf(t, s, unit, id) {
					sum += e.share
					if !e.modelledOnly || e.registered != 0 || e.votes != 0 || e.state != "published" || !(e.low90 <= e.share && e.share < e.high90) {
						t.Errorf("%s, %s: %+v", unit, choice, e)
					}
				}
				if math.Abs(sum-1) > 1e-9 {
					t.Errorf("%s: shares add up to %g", unit, sum)
				}
				if e := estimatesOf(t, s, unit, id)["moulins"]; e.share < 40.0/150 || e.share > 77.0/143 {
					t.Errorf("%s: moulins has %.3f, not between the 0.267 and 0.538 of the stations around", unit, e.share)
				}
			}
			commune := estimatesOf(t, s, engine.UnitCommune, engine.StableID("commune", "99001"))
			if e := commune["moulins"]; e.votes != 117 || e.registered != 293 || e.modelledOnly {
				t.Errorf("the village as a whole: %+v", e)
			}
		})
	}
}

// That nobody is registered in a new station is no doubt of the voters of others: their bounds are as if the file had no row of it.
func TestANewStationLeavesTheVotersOfOthersAsSure(t *testing.T) {
	columns := []string{"unit", "unit_id", "choice", "registered", "registered_low90", "registered_low50", "registered_high50", "registered_high90"}
	without, _ := mustRun(t, makeVillage().withNewStation(80).options(t, 50))
	with, _ := mustRun(t, makeVillage().withNewStation(80).result("3", 0, 0, 0, 0).options(t, 50))
	if got, want := lines(t, with, engine.Estimates, columns...), lines(t, without, engine.Estimates, columns...); !slices.Equal(got, want) {
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s, want %s", got[i], want[i])
			}
		}
	}
}

// Two houses of the north of Rue Basse, which has no name here and so is not joined, vote in the old stations: their votes are those of too few
// households, and the twelve houses of the new station do not hide them.
func TestANewStationHidesNobody(t *testing.T) {
	for name, v := range map[string]village{
		"the file has no row of it":   makeVillage().withNewStation(80),
		"nobody was registered in it": makeVillage().withNewStation(80).result("3", 0, 0, 0, 0),
	} {
		t.Run(name, func(t *testing.T) {
			v.streets[1][2] = ""
			s, _ := mustRun(t, v.options(t, 50))
			mustCheck(t, s)
			rows := estimatesOf(t, s, engine.UnitSegment, segmentOf(t, s, northOfBasse))
			if len(rows) == 0 {
				t.Error("there are no votes at all")
			}
			for choice, e := range rows {
				if e.state != string(engine.Suppressed) || e.modelledOnly {
					t.Errorf("%s: %+v", choice, e)
				}
			}
		})
	}
}

// Check tells where a unit of which votes are counted is said to be modelled only.
func TestCheckOfWhatIsModelledOnly(t *testing.T) {
	s, _ := mustRun(t, makeVillage().withNewStation(50).options(t, 50))
	rewrite(t, s, engine.Estimates, nil, func(w *engine.TableWriter, r engine.Rows, field, i, _ int) bool {
		if engine.Estimates.Schema.Field(field).Name != "modelled_only" {
			return false
		}
		w.Bool(field, !r.Bools("modelled_only").Value(i))
		return true
	})
	checked, err := Check(t.Context(), s)
	all := strings.Join(checked.Differences, "\n")
	if err != nil || !strings.Contains(all, "is said to be modelled only, and it has") || !strings.Contains(all, "0 votes in estimates, no over its atoms") {
		t.Errorf("%v in:\n%s", err, all)
	}
}

// withProvisional adds a provisional file of the contest's results, with these rows, before the final one or behind it.
func withProvisional(o *Options, rows [][]any, before bool) {
	at := slices.IndexFunc(o.Inputs, func(in engine.Input) bool { return in.Kind == engine.KindResults })
	in := o.Inputs[at]
	in.Path = filepath.Join(filepath.Dir(in.Path), "evening.csv")
	in.Spec.Path, in.Spec.Status, in.Spec.Line = "evening.csv", engine.StatusProvisional, 20
	in.Source = rowSource{engine.KindResults, rows, 50}
	if err := os.WriteFile(in.Path, []byte("evening"), 0o644); err != nil {
		panic(err)
	}
	if !before {
		at++
	}
	o.Inputs = slices.Insert(o.Inputs, at, in)
}

// eveningOf is what was published on the evening: another spelling of the election, and in station 1 five votes of moulins were ponts'.
func (v village) eveningOf() [][]any {
	var rows [][]any
	for _, row := range v.results {
		row = slices.Clone(row)
		row[0] = row[0].(int64) + 100
		row[4] = "Municipales, le soir"
		if row[2] == "1" {
			switch row[12] {
			case "moulins":
				row[15] = row[15].(int64) - 5
			case "ponts":
				row[15] = row[15].(int64) + 5
			}
			row[9] = int64(1) // blank, 3 in the end
		}
		rows = append(rows, row)
	}
	return rows
}

// Two sources of one contest: the final one's figures are taken, and the report keeps both where they differ.
func TestFinalResultsGoBeforeProvisionalOnes(t *testing.T) {
	v := makeVillage()
	_, alone := mustRun(t, v.options(t, 50))
	for _, before := range []bool{false, true} {
		o := v.options(t, 7)
		withProvisional(&o, v.eveningOf(), before)
		s, report := mustRun(t, o)
		mustCheck(t, s)
		c := report.Contests[0]
		want := engine.TwoSources{InBoth: 2, PrecinctsApart: 1, Conflicts: 3, Largest: []engine.Conflict{
			{Precinct: "1", Figure: "moulins", Provisional: 35, Final: 40},
			{Precinct: "1", Figure: "ponts", Provisional: 12, Final: 7},
			{Precinct: "1", Figure: "blank", Provisional: 1, Final: 3},
		}}
		if c.Sources == nil || !reflect.DeepEqual(*c.Sources, want) {
			t.Errorf("sources %+v, want %+v", c.Sources, want)
		}
		if c.Registered != alone.Contests[0].Registered || c.Precincts != 2 || !reflect.DeepEqual(c.Disagree, alone.Contests[0].Disagree) {
			t.Errorf("%+v, not as the final file alone", c)
		}
		if got := lines(t, s, engine.Contests, "name"); !slices.Equal(got, []string{"Municipales 2026"}) {
			t.Errorf("contests %v: the name is the final file's", got)
		}
		if e := estimatesOf(t, s, engine.UnitCommune, engine.StableID("commune", "99001"))["moulins"]; e.votes != 117 {
			t.Errorf("moulins has %d votes, want 117", e.votes)
		}
	}
}

// A station that the final file lacks keeps its provisional result.
func TestProvisionalResultsFillWhatIsNotFinal(t *testing.T) {
	v := makeVillage()
	evening := v.eveningOf()
	v.results = slices.DeleteFunc(v.results, func(row []any) bool { return row[2] == "1" })
	o := v.options(t, 50)
	withProvisional(&o, evening, true)
	s, report := mustRun(t, o)
	mustCheck(t, s)
	if c := report.Contests[0]; c.Sources == nil || !reflect.DeepEqual(*c.Sources, engine.TwoSources{Provisional: 1, InBoth: 1}) || c.Precincts != 2 || len(c.ModelledOnly) > 0 {
		t.Errorf("%+v of %+v", c.Sources, c)
	}
	if e := estimatesOf(t, s, engine.UnitCommune, engine.StableID("commune", "99001"))["moulins"]; e.votes != 35+77 {
		t.Errorf("moulins has %d votes, want 35 of the evening and 77", e.votes)
	}
	for _, line := range lines(t, s, engine.Results, "line", "provisional") {
		if n, provisional, _ := strings.Cut(line, " "); n != "(null)" && (len(n) == 3) != (provisional == "true") {
			t.Errorf("line %s is of the provisional file: %s", n, provisional)
		}
	}
	o = makeVillage().options(t, 50)
	o.Inputs[3].Spec.Status = engine.StatusProvisional
	if _, report = mustRun(t, o); report.Contests[0].Sources == nil || report.Contests[0].Sources.Provisional != 2 {
		t.Errorf("a contest that has a provisional source alone: %+v", report.Contests[0].Sources)
	}
}

func TestTwoSourcesThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(o *Options, rows [][]any)
		want  string
	}{
		"two final ones":       {func(o *Options, _ [][]any) { o.Inputs[4].Spec.Status = engine.StatusFinal }, "village.yaml line 20: contest 2026_muni_t1 is there twice"},
		"two provisional ones": {func(o *Options, _ [][]any) { o.Inputs[3].Spec.Status = engine.StatusProvisional }, "village.yaml line 20: contest 2026_muni_t1 is there twice"},
		"of two divisions":     {func(o *Options, _ [][]any) { o.Inputs[4].Spec.Division = "2020" }, "village.yaml line 20: the final and the provisional results of contest 2026_muni_t1 are of divisions 2026 and 2020"},
		"of two rounds": {func(_ *Options, rows [][]any) {
			for i := range rows {
				rows[i][6] = int32(2)
			}
		}, "evening.csv line 1: contest 2026_muni_t1 is round 2 here and round 1 in "},
		"a status of addresses":      {func(o *Options, _ [][]any) { o.Inputs[1].Spec.Status = engine.StatusFinal }, "village.yaml line 4: addresses takes no contest:, name:, date:, status:"},
		"a provisional result twice": {func(_ *Options, rows [][]any) { rows[2][12] = "jardins" }, "evening.csv line 104: precinct 1, choice jardins is there twice (first on line 102)"},
	} {
		v := makeVillage()
		o, rows := v.options(t, 50), v.eveningOf()
		withProvisional(&o, rows, false)
		c.spoil(&o, rows)
		if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// The provisional file is named where the line is its own.
func TestAMistakeOfTheProvisionalFile(t *testing.T) {
	v := makeVillage()
	evening := v.eveningOf()
	for i := range evening {
		evening[i][7] = int64(90) // registered: fewer than candidates have votes
	}
	v.results = slices.DeleteFunc(v.results, func(row []any) bool { return row[2] == "1" })
	o := v.options(t, 50)
	withProvisional(&o, evening, false)
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "evening.csv line 102: precinct 1, as 1 of all 2, is left out") {
		t.Errorf("%v", err)
	}
}

// Station 1 is in the file with its registered voters and not a single ballot: they all abstain, and station 2 does not hear of it.
func TestAStationWhereNobodyVoted(t *testing.T) {
	v := makeVillage()
	for _, row := range v.results {
		if row[2] == "1" {
			row[8], row[9], row[10], row[15] = int64(0), int64(0), int64(0), int64(0)
		}
	}
	s, report := mustRun(t, v.options(t, 50))
	mustCheck(t, s)
	if c := report.Contests[0]; !slices.Equal(c.NoBallot, []string{"1"}) || c.Registered != 293 || len(c.ModelledOnly) != 0 {
		t.Errorf("no ballot in %v, %d registered, modelled only %v", c.NoBallot, c.Registered, c.ModelledOnly)
	}
	for choice, e := range estimatesOf(t, s, engine.UnitPrecinct, engine.PrecinctKey{Commune: "99001", Station: "1"}.ID("2026")) {
		if all := choice == engine.Abstention; e.registered != 150 || all != (e.votes == 150) || all != (e.share == 1) || e.modelledOnly {
			t.Errorf("%s: %+v", choice, e)
		}
	}
}

// An area in which no address stands: its voters are kept at its polling place, which is nowhere on the map.
func TestAStationWithoutAnAddress(t *testing.T) {
	v := makeVillage().result("3", 150, 61, 40, 7)
	v.areas = append(v.areas, []any{int64(3), "99001", "3", "3", "", nil, box(300, 300, 400, 400)})
	s, report := mustRun(t, v.options(t, 50))
	mustCheck(t, s)
	if d, c := report.Divisions[0], report.Contests[0]; !slices.Equal(d.NoAddress, []string{"3"}) || c.NonTerritorial != 150 || c.Registered != 443 || len(c.ModelledOnly) != 0 {
		t.Errorf("without an address %v, %d of %d registered have no place", d.NoAddress, c.NonTerritorial, c.Registered)
	}
	if e := estimatesOf(t, s, engine.UnitSegment, 0)["moulins"]; e.votes != 40 || e.registered != 150 {
		t.Errorf("what has no place: %+v", e)
	}
}

// Areas overlap where ten houses of Rue Haute stand: they are half in each.
func TestAnAddressInTwoAreas(t *testing.T) {
	v := makeVillage()
	v.areas[0][6] = box(-300, -300, 100, 300)
	s, report := mustRun(t, v.options(t, 50))
	mustCheck(t, s)
	in := map[string]int{}
	for _, line := range lines(t, s, engine.Placements, "part", "placed_by") {
		in[line]++
	}
	// Five numbers on each side of Rue Haute east of the crossing, and the eastern side of Rue Basse.
	if want := map[string]int{"0.5 area": 2 * 24, "1 area": 68 - 24}; !maps.Equal(in, want) || report.Divisions[0].InSeveral != 24 {
		t.Errorf("%v, %d in several areas; want %v", in, report.Divisions[0].InSeveral, want)
	}
}

// The houses in the north of Rue Basse have no dwelling: they get no voter, and their share is not known rather than 0.
func TestAStreetWithoutADwelling(t *testing.T) {
	v := makeVillage()
	for _, a := range v.addresses {
		a[9] = 4.0
		if a[4] == "Rue Basse" && a[2].(int32) > 20 {
			a[9] = 0.0
		}
	}
	s, report := mustRun(t, v.options(t, 50))
	mustCheck(t, s)
	if c := report.Contests[0]; c.PartsEmpty != 2 {
		t.Errorf("%d parts without voters, want those of stations 1 and 2 in the north of Rue Basse", c.PartsEmpty)
	}
	for choice, e := range estimatesOf(t, s, engine.UnitSegment, segmentOf(t, s, northOfBasse)) {
		if e.registered != 0 || e.votes != 0 || !e.hasNoShare || e.modelledOnly || e.state != string(engine.Empty) {
			t.Errorf("%s: %+v", choice, e)
		}
	}
}

// Nobody in station 2 voted for ponts: nobody in any of its streets did, without doubt.
func TestAListThatNobodyVotedFor(t *testing.T) {
	s, _ := mustRun(t, makeVillage().options(t, 50))
	if e := estimatesOf(t, s, engine.UnitSegment, segmentOf(t, s, "99001_Haute_00040"))["ponts"]; e.votes != 0 || e.share != 0 || e.low90 != 0 || e.high90 != 0 || e.registered == 0 {
		t.Errorf("Rue Haute in station 2: %+v", e)
	}
	if e := estimatesOf(t, s, engine.UnitSegment, segmentOf(t, s, "99001_Haute_00001"))["ponts"]; e.votes == 0 || e.share == 0 {
		t.Errorf("Rue Haute in station 1: %+v", e)
	}
}
