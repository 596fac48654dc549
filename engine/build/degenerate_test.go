package build

import (
	"math"
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
	m, _, _, err := read(t.Context(), o, o.Allocator)
	if err != nil {
		t.Fatal(err)
	}
	w, report, err := layOut(t.Context(), o, m)
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
	homes := unsureVoters*unsureVoters + unsureAddress*unsureAddress/20
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

// emptyResult is what a file says of a station that nobody was registered in.
func (v village) emptyResult(station string) village {
	for _, choice := range []string{"jardins", "moulins", "ponts"} {
		v.results = append(v.results, []any{int64(len(v.results) + 2), "99001", station, station, "Municipales 2026", "2026-03-15", int32(1), int64(0), int64(0), int64(0), int64(0), nil, choice, "Liste " + choice, nil, int64(0)})
	}
	return v
}

func (v village) lenient(t *testing.T) Options {
	o := v.options(t, 50)
	o.Parameters.UnmatchedPrecinct = 0.5
	return o
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

// northOfBasse is the segment of the house at the northern end of Rue Basse.
func northOfBasse(t *testing.T, s *engine.Snapshot) int64 {
	t.Helper()
	for _, line := range lines(t, s, engine.Addresses, "address_id", "segment_id") {
		if id, segment, _ := strings.Cut(line, " "); id == "99001_Basse_00040" {
			n, err := strconv.ParseInt(segment, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("there is no 40 Rue Basse")
	return 0
}

func TestANewStationBorrowsItsShares(t *testing.T) {
	for name, v := range map[string]village{
		"the file has no row of it":        makeVillage().withNewStation(50),
		"nobody was registered in it":      makeVillage().withNewStation(50).emptyResult("3"),
		"its candidates have all too many": makeVillage().withNewStation(50).withTooManyVotes("3"),
	} {
		t.Run(name, func(t *testing.T) {
			s, report := mustRun(t, v.lenient(t))
			mustCheck(t, s)
			if c := report.Contests[0]; !slices.Equal(c.ModelledOnly, []string{"3"}) || c.Registered != 293 || len(c.FlatPrecincts) != 0 {
				t.Errorf("modelled only %v, flat %v, %d registered", c.ModelledOnly, c.FlatPrecincts, c.Registered)
			}
			for unit, id := range map[engine.Unit]int64{
				engine.UnitSegment:  northOfBasse(t, s),
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

// withTooManyVotes gives a station more votes than voters, so that it is left out.
func (v village) withTooManyVotes(station string) village {
	v = v.emptyResult(station)
	for i := range v.results {
		if v.results[i][2] == station {
			v.results[i][15] = int64(9)
		}
	}
	return v
}

// Two houses of the north of Rue Basse vote in the old stations: their votes are those of too few households, and the twelve houses of the
// new station do not hide them.
func TestANewStationHidesNobody(t *testing.T) {
	for name, v := range map[string]village{
		"the file has no row of it":   makeVillage().withNewStation(80),
		"nobody was registered in it": makeVillage().withNewStation(80).emptyResult("3"),
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := mustRun(t, v.lenient(t))
			mustCheck(t, s)
			rows := estimatesOf(t, s, engine.UnitSegment, northOfBasse(t, s))
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
	s, _ := mustRun(t, makeVillage().withNewStation(50).lenient(t))
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
