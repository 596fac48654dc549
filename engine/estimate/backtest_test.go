package estimate

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// validation finds the folder of real downscaling cases.
func validation(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("ARPENT_DATA"); dir != "" {
		return filepath.Join(dir, "validation")
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		found := filepath.Join(dir, "shared", "data", "validation")
		if _, err := os.Stat(found); err == nil {
			return found
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Skip("the real downscaling cases (validation/*.csv) are not here: set ARPENT_DATA to the data folder, or put it beside the checkout as shared/data")
		}
		dir = up
	}
}

// readCase reads one case: real areas, the group each was merged into, and the
// names of the choices.
func readCase(t *testing.T, path string) (p Precincts, group []int32, names []string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	number := func(row []string, at int) float64 {
		v, err := strconv.ParseFloat(row[at], 64)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return v
	}
	var counts []int
	for at, name := range rows[0] {
		if name, ok := strings.CutPrefix(name, "cat:"); ok {
			counts, names = append(counts, at), append(names, name)
		}
	}
	p.Choices = len(counts)
	for _, row := range rows[1:] {
		group = append(group, int32(number(row, 1)))
		p.X, p.Y = append(p.X, number(row, 2)), append(p.Y, number(row, 3))
		all := int64(0)
		for _, at := range counts {
			votes := int64(math.Round(number(row, at)))
			p.Votes = append(p.Votes, votes)
			all += votes
		}
		p.Registered = append(p.Registered, all)
	}
	return p, group, names
}

// The method is judged on all real cases alike: nothing in it knows them. The
// baselines are those measured for the flat share elsewhere.
func TestBacktestOnRealCases(t *testing.T) {
	dir := validation(t)
	misplacedAtFive := map[string]float64{"paris2017_k5": 5.09, "twincities2016_k5": 7.06, "sanfrancisco2016_k5": 2.10}
	paths, err := filepath.Glob(filepath.Join(dir, "*_k*.csv"))
	if err != nil || len(paths) == 0 {
		t.Skipf("no validation/*_k*.csv in %s: fetch the data folder anew", dir)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".csv")
		t.Run(name, func(t *testing.T) {
			p, group, names := readCase(t, path)
			choices, misplaced := Backtest(p, group)
			t.Logf("ballots misplaced %.2f %%", misplaced)
			var cover50, cover90 float64
			for k, a := range choices {
				t.Logf("%-20s %d units, error %.2f points, within the 50 %% interval %.1f %%, within the 90 %% interval %.1f %%",
					names[k], a.Units, a.MAE, a.Cover50, a.Cover90)
				if a.Cover50 < 40 || a.Cover50 > 75 || a.Cover90 < 80 || a.Cover90 > 99 {
					t.Errorf("%s: the intervals hold %.1f %% and %.1f %%, far from 50 and 90", names[k], a.Cover50, a.Cover90)
				}
				cover50 += a.Cover50 / float64(len(choices))
				cover90 += a.Cover90 / float64(len(choices))
			}
			t.Logf("all choices: %.1f %% and %.1f %%", cover50, cover90)
			if cover50 < 47 || cover50 > 62 || cover90 < 86 || cover90 > 95 {
				t.Errorf("over all choices the intervals hold %.1f %% and %.1f %%, not about 50 and 90", cover50, cover90)
			}
			if want, ok := misplacedAtFive[name]; ok && math.Abs(misplaced-want) > 0.005 {
				t.Errorf("%.3f %% of ballots misplaced, the baseline is %.2f", misplaced, want)
			}
		})
	}
}

// A unit may have its voters in two precincts: two members of neighbouring
// groups make one.
func TestSumOverTwoPrecinctsOnRealCases(t *testing.T) {
	dir := validation(t)
	for _, name := range []string{"paris2017_k2", "paris2017_k5", "paris2017_k10", "twincities2016_k5", "sanfrancisco2016_k5"} {
		t.Run(name, func(t *testing.T) {
			p, group, _ := readCase(t, filepath.Join(dir, name+".csv"))
			members, whole := mergeGroups(p, group)
			spread := Spread(whole)
			near := nearest(p)
			var units, in50, in90 float64
			for i := range p.Registered {
				for _, j := range near[i*(neighbours+1):][1 : neighbours+1] {
					if j < 0 || group[i] >= group[j] {
						continue
					}
					for k := range p.Choices {
						var s Sum
						for _, m := range []int{i, int(j)} {
							all, got := p.merged(members[group[m]], k)
							s.Add(p.Registered[m], got, all, spread[k])
						}
						r := s.Range()
						truth := float64(p.Votes[i*p.Choices+k]+p.Votes[int(j)*p.Choices+k]) / float64(p.Registered[i]+p.Registered[j])
						units++
						if r.Low50 <= truth && truth <= r.High50 {
							in50++
						}
						if r.Low90 <= truth && truth <= r.High90 {
							in90++
						}
					}
				}
			}
			in50, in90 = 100*in50/units, 100*in90/units
			t.Logf("%.0f pairs and choices: within the 50 %% interval %.1f %%, within the 90 %% interval %.1f %%", units, in50, in90)
			if in50 < 47 || in50 > 62 || in90 < 86 || in90 > 95 {
				t.Errorf("the intervals hold %.1f %% and %.1f %%, not about 50 and 90", in50, in90)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	// A town of 4 x 5 precincts, a km apart, one empty and one without a place.
	var p Precincts
	for i := range 20 {
		p.X, p.Y = append(p.X, float64(i%4)*1000), append(p.Y, float64(i/4)*1000)
		p.Registered = append(p.Registered, 800)
	}
	p.Registered[7], p.X[13] = 0, math.NaN()
	group := Merge(p, 5)
	sizes := map[int32]int{}
	for i, g := range group {
		if (g < 0) != (i == 7 || i == 13) {
			t.Errorf("precinct %d is in group %d", i, g)
		}
		sizes[g]++
	}
	delete(sizes, none)
	if len(sizes) != 4 {
		t.Errorf("%d groups of 18 precincts, want 4", len(sizes))
	}
	for g, n := range sizes {
		if n < 4 || n > 5 {
			t.Errorf("group %d has %d members, want 4 or 5", g, n)
		}
	}
	if !slices.Equal(group, Merge(p, 5)) {
		t.Error("merged again, the groups differ")
	}
	// Two villages of five precincts, 9 km from each other, listed mixed.
	var q Precincts
	var want []int32
	for i := range 10 {
		q.X, q.Y = append(q.X, float64(i%5)*300), append(q.Y, float64(i%2)*9000)
		q.Registered = append(q.Registered, 500)
		want = append(want, int32(i%2))
	}
	if got := Merge(q, 5); !slices.Equal(got, want) {
		t.Errorf("two villages are grouped %v, want %v", got, want)
	}
	if got := Merge(Precincts{}, 5); len(got) != 0 {
		t.Errorf("no precincts make groups %v", got)
	}
}

func TestBacktestKnowsThePerfectCase(t *testing.T) {
	// All precincts vote alike: nothing is misplaced, and a choice that is on
	// the ballot in half of them is judged there only.
	p := Precincts{Choices: 3}
	var group []int32
	for i := range 40 {
		p.X, p.Y = append(p.X, float64(i)*500), append(p.Y, 0)
		p.Registered = append(p.Registered, 1000)
		group = append(group, int32(i/4))
		if i < 20 {
			p.Votes = append(p.Votes, 600, 300, 100)
		} else {
			p.Votes = append(p.Votes, 600, 400, Absent)
		}
	}
	choices, misplaced := Backtest(p, group)
	if misplaced > 1e-9 {
		t.Errorf("%v %% misplaced, want none", misplaced)
	}
	for k, units := range []int{40, 40, 20} {
		a := choices[k]
		if a.Units != units || a.MAE > 1e-9 || a.Cover50 != 100 || a.Cover90 != 100 {
			t.Errorf("choice %d: %+v, want %d units without error", k, a, units)
		}
	}
}

func ExampleBacktest() {
	// Four precincts in a row: the two on the left vote red, the others blue.
	p := Precincts{
		X:          []float64{0, 500, 1000, 1500},
		Y:          make([]float64, 4),
		Registered: []int64{1000, 1000, 1000, 1000},
		Votes: []int64{
			700, 300,
			600, 400,
			300, 700,
			400, 600,
		},
		Choices: 2,
	}
	choices, misplaced := Backtest(p, Merge(p, 2))
	fmt.Printf("error %.1f points, %.1f %% of ballots misplaced\n", choices[0].MAE, misplaced)
	// Output: error 5.0 points, 5.0 % of ballots misplaced
}
