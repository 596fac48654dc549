package estimate

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func cross(t testing.TB, s Stations) CrossTable {
	t.Helper()
	table, err := Cross(s)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestCrossWhereResultsLeaveNoDoubt(t *testing.T) {
	// Each station voted for one list alone: all is known.
	table := cross(t, Stations{
		Rows: 2, Cols: 2,
		From: []int64{100, 0, 0, 100},
		To:   []int64{80, 20, 10, 90},
	})
	want := []int64{80, 20, 10, 90}
	for _, got := range [][]int64{table.Whole, table.Low, table.High, table.Low90, table.High90} {
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestCrossTwoByTwoByHand(t *testing.T) {
	// In every station nine of ten of the first list stay and one of ten of the
	// second comes over, so the first list's result is 10 + 0.8 times its votes.
	var s Stations
	s.Rows, s.Cols = 2, 2
	for votes := int64(10); votes <= 90; votes += 10 {
		result := 10 + votes*8/10
		s.From = append(s.From, votes, 100-votes)
		s.To = append(s.To, result, 100-result)
	}
	table := cross(t, s)
	// At least 60+58-100, 70+66-100, 80+74-100 and 90+82-100 of the first list
	// stayed; at most 10, 20, 30, 40, 50, 58, 66, 74 and 82.
	if low, high := table.Low[0], table.High[0]; low != 180 || high != 430 {
		t.Errorf("bounds %d to %d, want 180 to 430", low, high)
	}
	for at, want := range []float64{405, 45, 45, 405} {
		if math.Abs(table.Votes[at]-want) > 20 {
			t.Errorf("cell %d: %.1f, want about %v", at, table.Votes[at], want)
		}
		if table.Low90[at] > int64(want) || table.High90[at] < int64(want) {
			t.Errorf("cell %d: %d to %d does not hold %v", at, table.Low90[at], table.High90[at], want)
		}
	}
}

func TestCrossFindsLoyalVoters(t *testing.T) {
	// Forty stations of 600 voters and four lists whose voters all stay.
	random := rand.New(rand.NewPCG(1, 1))
	s := Stations{Rows: 4, Cols: 4}
	for range 40 {
		station := draw(random, 600, []float64{random.Float64(), random.Float64(), random.Float64(), random.Float64()})
		s.From, s.To = append(s.From, station...), append(s.To, station...)
	}
	table := cross(t, s)
	voters, stayed := 0.0, 0.0
	for at, votes := range table.Votes {
		voters += votes
		if at%5 == 0 {
			stayed += votes
		}
	}
	if stayed < 0.98*voters {
		t.Errorf("%.1f %% stayed, want nearly all\n%v", 100*stayed/voters, table.Whole)
	}
}

func TestCrossSaysThatAlikeStationsTellNothing(t *testing.T) {
	s := Stations{Rows: 2, Cols: 3}
	for range 30 {
		s.From, s.To = append(s.From, 300, 200), append(s.To, 250, 150, 100)
	}
	table := cross(t, s)
	for at, want := range []float64{4500, 2700, 1800, 3000, 1800, 1200} {
		if math.Abs(table.Votes[at]-want) > 1 {
			t.Errorf("cell %d: %.1f, independence is %v", at, table.Votes[at], want)
		}
		if got, bound := table.High90[at]-table.Low90[at], table.High[at]-table.Low[at]; float64(got) < 0.95*float64(bound) {
			t.Errorf("cell %d: the interval %d to %d is narrower than the bounds %d to %d",
				at, table.Low90[at], table.High90[at], table.Low[at], table.High[at])
		}
	}
}

func TestCrossOfTablesThatAreNotDiagonal(t *testing.T) {
	// Three groups of voters and two answers, no row like a column, and stations
	// that lean to one answer of their own: better than independence, and the
	// truth in most intervals.
	random := rand.New(rand.NewPCG(2, 2))
	shares := [][]float64{{0.85, 0.15}, {0.5, 0.5}, {0.35, 0.65}}
	var off, offIndependent, held, cells float64
	for range 20 {
		s := Stations{Rows: 3, Cols: 2}
		truth := make([]int64, 6)
		for range 60 {
			from := draw(random, 500, []float64{0.2 + random.Float64(), random.Float64(), 0.5 * random.Float64()})
			lean := math.Exp(0.2 * random.NormFloat64())
			to := make([]int64, 2)
			for r, n := range from {
				yes := shares[r][0] * lean / (shares[r][0]*lean + shares[r][1])
				for c, v := range draw(random, n, []float64{yes, 1 - yes}) {
					to[c] += v
					truth[r*2+c] += v
				}
			}
			s.From, s.To = append(s.From, from...), append(s.To, to...)
		}
		table := cross(t, s)
		rows, cols := margins(s)
		for at, want := range truth {
			off += math.Abs(table.Votes[at] - float64(want))
			offIndependent += math.Abs(float64(rows[at/2]*cols[at%2])/30000 - float64(want))
			cells++
			if table.Low90[at] <= want && want <= table.High90[at] {
				held++
			}
		}
	}
	t.Logf("error %.2f of independence's, %.0f %% of cells in their interval", off/offIndependent, 100*held/cells)
	if off > 0.4*offIndependent || held < 0.8*cells {
		t.Errorf("error %.2f of independence's, %.0f %% of cells in their interval", off/offIndependent, 100*held/cells)
	}
}

func TestCrossAtTheEdges(t *testing.T) {
	for _, test := range []struct {
		name  string
		s     Stations
		whole []int64
	}{
		{"no station", Stations{Rows: 2, Cols: 2}, []int64{0, 0, 0, 0}},
		{"nobody voted", Stations{2, 2, []int64{0, 0}, []int64{0, 0}}, []int64{0, 0, 0, 0}},
		{"one choice before", Stations{1, 3, []int64{10, 20}, []int64{5, 3, 2, 10, 10, 0}}, []int64{15, 13, 2}},
		{"one choice after", Stations{3, 1, []int64{5, 3, 2, 10, 10, 0}, []int64{10, 20}}, []int64{15, 13, 2}},
		{"one station", Stations{2, 2, []int64{50, 50}, []int64{60, 40}}, []int64{30, 20, 30, 20}},
		{"choices without votes", Stations{3, 3, []int64{50, 0, 50}, []int64{60, 40, 0}}, []int64{30, 20, 0, 0, 0, 0, 30, 20, 0}},
		{"a station without voters", Stations{2, 2, []int64{0, 0, 50, 50}, []int64{0, 0, 60, 40}}, []int64{30, 20, 30, 20}},
		{"one voter", Stations{2, 2, []int64{1, 0}, []int64{0, 1}}, []int64{0, 1, 0, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := cross(t, test.s).Whole; !slices.Equal(got, test.whole) {
				t.Errorf("got %v, want %v", got, test.whole)
			}
		})
	}
}

func TestCrossRefuses(t *testing.T) {
	for _, test := range []struct {
		s    Stations
		want string
	}{
		{Stations{}, "contest without choices"},
		{Stations{2, 2, []int64{1, 2, 3}, []int64{1, 2}}, "are not those of 1 stations"},
		{Stations{2, 2, []int64{1, 2}, []int64{-1, 4}}, "station 1 has -1 votes"},
		{Stations{2, 2, []int64{1, 2, 3, 4}, []int64{1, 2, 3, 3}}, "station 2 has 7 voters in the first contest and 6"},
		{Stations{21, 21, ones(21), ones(21)}, "21 and 21 choices with votes make a table of more than 400 cells: merge the smallest"},
		{Stations{1, 1, []int64{1 << 41}, []int64{1 << 41}}, "votes for a choice"},
	} {
		if _, err := Cross(test.s); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want %q", test.s, err, test.want)
		}
	}
}

func ones(n int) []int64 { return slices.Repeat([]int64{1}, n) }

// anyStations are places of any kind, with the true table.
func anyStations(t *rapid.T) (s Stations, truth []int64) {
	s.Rows, s.Cols = rapid.IntRange(1, 5).Draw(t, "rows"), rapid.IntRange(1, 5).Draw(t, "cols")
	truth = make([]int64, s.Rows*s.Cols)
	most := rapid.SampledFrom([]int64{1, 3, 40, 3000}).Draw(t, "most")
	for range rapid.IntRange(1, 12).Draw(t, "stations") {
		from, to := make([]int64, s.Rows), make([]int64, s.Cols)
		for at := range truth {
			votes := rapid.Int64Range(0, most).Draw(t, "votes") * rapid.Int64Range(0, 1).Draw(t, "any")
			truth[at] += votes
			from[at/s.Cols] += votes
			to[at%s.Cols] += votes
		}
		s.From, s.To = append(s.From, from...), append(s.To, to...)
	}
	return s, truth
}

func margins(s Stations) (rows, cols []int64) {
	rows, cols = make([]int64, s.Rows), make([]int64, s.Cols)
	for at, v := range s.From {
		rows[at%s.Rows] += v
	}
	for at, v := range s.To {
		cols[at%s.Cols] += v
	}
	return rows, cols
}

func TestCrossAddsUpWithinItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, truth := anyStations(t)
		table, err := Cross(s)
		if err != nil {
			t.Fatal(err)
		}
		rows, cols := margins(s)
		realRows, realCols := make([]float64, s.Rows), make([]float64, s.Cols)
		for at, votes := range table.Votes {
			r, c := at/s.Cols, at%s.Cols
			rows[r] -= table.Whole[at]
			cols[c] -= table.Whole[at]
			realRows[r] += votes
			realCols[c] += votes
			if truth[at] < table.Low[at] || truth[at] > table.High[at] {
				t.Errorf("cell %d: the truth %d is outside of %d to %d", at, truth[at], table.Low[at], table.High[at])
			}
			low90, high90 := table.Low90[at], table.High90[at]
			if low90 < table.Low[at] || high90 > table.High[at] || float64(low90) > votes+1e-6 || float64(high90) < votes-1e-6 {
				t.Errorf("cell %d: %v, %d to %d within %d to %d", at, votes, low90, high90, table.Low[at], table.High[at])
			}
			if table.Low[at] == table.High[at] && table.Whole[at] != table.Low[at] {
				t.Errorf("cell %d is %d for certain, not %d", at, table.Low[at], table.Whole[at])
			}
		}
		wantRows, wantCols := margins(s)
		for _, left := range [][]int64{rows, cols} {
			if slices.ContainsFunc(left, func(v int64) bool { return v != 0 }) {
				t.Errorf("rows and columns miss %v and %v", rows, cols)
			}
		}
		for r, v := range realRows {
			if math.Abs(v-float64(wantRows[r])) > 1e-6 {
				t.Errorf("row %d adds up to %v, not %d", r, v, wantRows[r])
			}
		}
		for c, v := range realCols {
			if math.Abs(v-float64(wantCols[c])) > 1e-6 {
				t.Errorf("column %d adds up to %v, not %d", c, v, wantCols[c])
			}
		}
	})
}

func TestCrossDoesNotDependOnTheOrderOfStations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _ := anyStations(t)
		stations := len(s.From) / s.Rows
		order := rapid.Permutation(upTo(stations)).Draw(t, "order")
		mixed := Stations{Rows: s.Rows, Cols: s.Cols}
		for _, b := range order {
			mixed.From, mixed.To = append(mixed.From, s.from(b)...), append(mixed.To, s.to(b)...)
		}
		a, err := Cross(s)
		b, errMixed := Cross(mixed)
		if err := errors.Join(err, errMixed); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.Votes, b.Votes) || !slices.Equal(a.Low90, b.Low90) || !slices.Equal(a.High90, b.High90) {
			t.Errorf("%v, in another order %v", a, b)
		}
	})
}

func upTo(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

func TestCrossOfExchangedContestsIsTransposed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _ := anyStations(t)
		a, err := Cross(s)
		b, errBack := Cross(Stations{Rows: s.Cols, Cols: s.Rows, From: s.To, To: s.From})
		if err := errors.Join(err, errBack); err != nil {
			t.Fatal(err)
		}
		for r := range s.Rows {
			for c := range s.Cols {
				there, back := a.Votes[r*s.Cols+c], b.Votes[c*s.Rows+r]
				if math.Abs(there-back) > 1e-3*(1+there) {
					t.Errorf("row %d, column %d: %v, exchanged %v", r, c, there, back)
				}
			}
		}
	})
}

// draw shares voters out at random by weights.
func draw(random *rand.Rand, voters int64, weights []float64) []int64 {
	votes := make([]int64, len(weights))
	for range voters {
		at, left := 0, random.Float64()*sumOf(weights)
		for left > weights[at] && at < len(weights)-1 {
			left -= weights[at]
			at++
		}
		votes[at]++
	}
	return votes
}

type knownDistrict struct {
	id       string
	stations Stations
	truth    []int64
}

// knownDistricts reads every step-th district whose true table is known.
func knownDistricts(t testing.TB, step int) (districts []knownDistrict) {
	t.Helper()
	file, err := os.Open(filepath.Join(validation(t), "transitions.jsonl.gz"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the districts with known transitions (validation/transitions.jsonl.gz) are not here: fetch the data folder anew")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(plain)
	lines.Buffer(nil, 1<<24)
	for number := 0; lines.Scan(); number++ {
		if number%step != 0 {
			continue
		}
		var read struct {
			ID          string
			Rows, Cols  []string
			A, B, Truth [][]float64
		}
		if err := json.Unmarshal(lines.Bytes(), &read); err != nil {
			t.Fatal(err)
		}
		districts = append(districts, knownDistrict{
			read.ID, Stations{len(read.Rows), len(read.Cols), flat(read.A), flat(read.B)}, flat(read.Truth),
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return districts
}

func flat(table [][]float64) (votes []int64) {
	for _, row := range table {
		for _, v := range row {
			votes = append(votes, int64(v))
		}
	}
	return votes
}

// Each district is estimated alone; nothing in the method knows them.
func TestCrossOnRealDistricts(t *testing.T) {
	type sums struct{ districts, off, cells, held float64 }
	of := map[string]*sums{"NZ": {}, "SCO": {}}
	var all sums
	for _, district := range knownDistricts(t, 10) {
		table := cross(t, district.stations)
		country := of[strings.Split(district.id, "_")[1]]
		voters, off := 0.0, 0.0
		for at, truth := range district.truth {
			voters += float64(truth)
			off += math.Abs(table.Votes[at] - float64(truth))
			if truth < table.Low[at] || truth > table.High[at] {
				t.Errorf("%s cell %d: the truth %d is outside of %d to %d", district.id, at, truth, table.Low[at], table.High[at])
			}
			for _, sum := range []*sums{country, &all} {
				sum.cells++
				if table.Low90[at] <= truth && truth <= table.High90[at] {
					sum.held++
				}
			}
		}
		for _, sum := range []*sums{country, &all} {
			sum.districts++
			sum.off += 50 * off / voters
		}
	}
	for name, sum := range map[string]*sums{"NZ": of["NZ"], "SCO": of["SCO"], "all": &all} {
		t.Logf("%s: error index %.2f in %.0f districts, %.1f %% of cells in the 90 %% interval", name, sum.off/sum.districts, sum.districts, 100*sum.held/sum.cells)
	}
	if index := all.off / all.districts; index > 6.2 {
		t.Errorf("mean error index %.2f, it was 5.7 on all districts", index)
	}
	if held := 100 * all.held / all.cells; held < 86 || held > 94 {
		t.Errorf("%.1f %% of cells in the 90 %% interval", held)
	}
}

// The stations' part of the doubt is near to what drawing the stations anew and
// fitting again gives, rather above than below.
func TestDoubtOfStationsIsNearABootstraps(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for _, district := range knownDistricts(t, 100) {
		s := district.stations
		stations := len(s.From) / s.Rows
		var from, to []float64
		for _, v := range s.From {
			from = append(from, float64(v))
		}
		for _, v := range s.To {
			to = append(to, float64(v))
		}
		w := crossed(from, to, s.Rows, s.Cols)
		const resamples = 40
		share, square := make([]float64, len(w.cells)), make([]float64, len(w.cells))
		for range resamples {
			var a, b []float64
			for range stations {
				at := random.IntN(stations)
				a, b = append(a, from[at*s.Rows:][:s.Rows]...), append(b, to[at*s.Cols:][:s.Cols]...)
			}
			drawn := crossed(a, b, s.Rows, s.Cols)
			for r := range s.Rows {
				row := 0.0
				for c := range s.Cols {
					row += drawn.cell(r, c).votes
				}
				for c := range s.Cols {
					v := drawn.cell(r, c).votes / row
					share[r*s.Cols+c] += v / resamples
					square[r*s.Cols+c] += v * v / resamples
				}
			}
		}
		var ours, bootstraps float64
		for r := range s.Rows {
			row := 0.0
			for c := range s.Cols {
				row += w.cell(r, c).votes
			}
			for c := range s.Cols {
				at := r*s.Cols + c
				ours += math.Sqrt(w.cells[at].stations) / row
				bootstraps += math.Sqrt(max(0, square[at]-share[at]*share[at]))
			}
		}
		t.Logf("%s: standard deviation of a share %.3f, of the bootstrap's %.3f", district.id, ours/float64(len(w.cells)), bootstraps/float64(len(w.cells)))
		if ratio := ours / bootstraps; ratio < 0.9 || ratio > 1.5 {
			t.Errorf("%s: %.2f of the bootstrap's doubt", district.id, ratio)
		}
	}
}

func BenchmarkCross(b *testing.B) {
	districts := knownDistricts(b, 10)
	b.ReportAllocs()
	for b.Loop() {
		for _, district := range districts {
			cross(b, district.stations)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(districts)), "us/district")
}

func ExampleCross() {
	// Three stations where nearly all voters of the first list went to the
	// second contest's first list, and half of the others.
	table, err := Cross(Stations{
		Rows: 2, Cols: 2,
		From: []int64{900, 100, 500, 500, 100, 900},
		To:   []int64{905, 95, 710, 290, 545, 455},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println("from the first list:", table.Whole[0], "certain are", table.Low[0], "to", table.High[0])
	// Output: from the first list: 1366 certain are 1015 to 1500
}
