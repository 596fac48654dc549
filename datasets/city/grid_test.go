package city

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/geo"
)

// cellAt is the id of the cell at a place, found without the code under test.
func cellAt(t *testing.T, lon, lat float64) string {
	t.Helper()
	system, err := geo.CRSByCode(3035)
	if err != nil {
		t.Fatal(err)
	}
	x, y := system.Project(lon, lat)
	return string(appendSquare(nil, gridSquare{200, 200 * int(math.Floor(y/200)), 200 * int(math.Floor(x/200))}))
}

// The cells are those of the addresses. Where they are not imputed they have all dwellings and people of the addresses, whatever
// commune these are of; imputed are those with fewer than 11 households, and no others.
func TestGridSums(t *testing.T) {
	for _, size := range []Size{Village, Town} {
		dir, summary := generated(t, size, 1)
		type counts struct {
			dwellings, adults int
			communes          []string
		}
		want := map[string]*counts{}
		published := table(t, filepath.Join(dir, "addresses.csv.gz"), ';')
		layout := newPlan(1, size)
		for i := range layout.communes {
			c, err := makeCommune(context.Background(), layout, i)
			if err != nil {
				t.Fatal(err)
			}
			for k := range c.addresses {
				id := cellAt(t, number(t, published[k]["lon"]), number(t, published[k]["lat"]))
				if want[id] == nil {
					want[id] = &counts{}
				}
				w := want[id]
				w.dwellings += c.addresses[k].dwellings
				w.adults += c.addresses[k].registered + c.addresses[k].others
				if !slices.Contains(w.communes, c.code) {
					w.communes = append(w.communes, c.code)
				}
			}
			published = published[len(c.addresses):]
		}
		rows := table(t, filepath.Join(dir, "grid-200m.csv"), ',')
		people, imputed, severalCommunes := 0, 0, 0
		for _, row := range rows {
			id := row["Idcar_200m"]
			w := want[id]
			if w == nil {
				t.Fatalf("%s: %s is there twice, or has no address", size, id)
			}
			delete(want, id)
			people += whole(t, row["Ind"])
			if codes := strings.Join(w.communes, ""); row["lcog_geo"] != codes {
				t.Errorf("%s: %s lies in %s, want %s", size, id, row["lcog_geo"], codes)
			}
			if len(w.communes) > 1 {
				severalCommunes++
			}
			if (row["I_est_200"] == "1") != (w.dwellings < 11) {
				t.Errorf("%s: %s has %d dwellings, imputed %s", size, id, w.dwellings, row["I_est_200"])
			}
			young := number(t, row["Ind_0_3"]) + number(t, row["Ind_4_5"]) + number(t, row["Ind_6_10"])
			if row["I_est_200"] == "1" {
				imputed++
				continue
			}
			ages, periods := 0, 0
			for column, n := range row {
				if strings.HasPrefix(column, "Log_") && column != "Log_soc" {
					periods += whole(t, n)
				} else if strings.HasPrefix(column, "Ind_") && column != "Ind_snv" {
					ages += whole(t, n)
				}
			}
			n := whole(t, row["Ind"])
			unsure := number(t, row["Ind_11_17"]) + number(t, row["Ind_inc"]) // on either side of 15
			if grown := float64(n) - young; float64(w.adults) > grown || float64(w.adults) < grown-unsure {
				t.Errorf("%s: %s has %d people, %v of them up to 10 and %v from 11 to 17; the addresses have %d of 15 and more", size, id, n, young, unsure, w.adults)
			}
			homes := whole(t, row["Men"])
			if ages != n || homes != w.dwellings || periods != homes || whole(t, row["Men_coll"])+whole(t, row["Men_mais"]) != homes {
				t.Errorf("%s: %s: %d dwellings, the row has %v", size, id, w.dwellings, row)
			}
		}
		if children := float64(people) - float64(summary.Adults); children < 0.10*float64(people) || children > 0.25*float64(people) {
			t.Errorf("%s: %d people, %d of 15 and more", size, people, summary.Adults)
		}
		for id := range want {
			t.Errorf("%s: %s has addresses and no row", size, id)
		}
		if imputed < len(rows)/20 || imputed > len(rows)/2 || (size == Town) != (severalCommunes > 0) {
			t.Errorf("%s: of %d cells %d are imputed and %d lie in several communes", size, len(rows), imputed, severalCommunes)
		}
	}
}

// An imputed cell has its own people, and all else as its natural square has it for each person.
func TestImputedCellsAreMeans(t *testing.T) {
	c, err := makeCommune(context.Background(), newPlan(1, City), 0)
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[int]int{}
	for i := range c.grid {
		cell := &c.grid[i]
		f, of := cell.published()
		var around figures
		for _, smaller := range append([]int{gridCellM}, largerSquares[:]...) {
			around = figures{}
			for k := range c.grid {
				if c.grid[k].around(smaller) == cell.around(smaller) {
					around.add(&c.grid[k].counted)
				}
			}
			if smaller == of.size {
				break
			}
			if around[men] >= fewestHouseholds {
				t.Errorf("%v: the square of %d m has %v households, the figures are those of %v", cell.gridSquare, smaller, around[men], of)
			}
		}
		sizes[of.size]++
		if around[men] < fewestHouseholds && of.size != largerSquares[len(largerSquares)-1] || f[ind] != cell.counted[ind] {
			t.Errorf("%v: %v people of %v, as in %v with %v households", cell.gridSquare, f[ind], cell.counted[ind], of, around[men])
		}
		for k := range f {
			if got, want := f[k]*around[ind], around[k]*cell.counted[ind]; figure(k) != menPauv && math.Abs(got-want) > 1e-6*math.Abs(want) {
				t.Errorf("%v: %s is %v for %v people, in %v it is %v for %v", cell.gridSquare, figureNames[k], f[k], f[ind], of, around[k], around[ind])
			}
		}
		if f[menPauv] > 0.8*f[men]+1e-9 {
			t.Errorf("%v: %v of %v households are poor", cell.gridSquare, f[menPauv], f[men])
		}
	}
	if sizes[gridCellM] < 10 || sizes[1000] == 0 {
		t.Errorf("cells with figures of squares of so many metres: %v", sizes)
	}
}

// No published file may know of the leaning: with another the votes are others and the grid is the same.
func TestGridKnowsNoLeaning(t *testing.T) {
	c, err := makeCommune(context.Background(), newPlan(1, Village), 0)
	if err != nil {
		t.Fatal(err)
	}
	count := func(leaning float64) ([]gridCell, int32) {
		moods := make([][]mood, len(c.moods))
		for i := range moods {
			moods[i] = slices.Clone(c.moods[i])
			for k := range moods[i] {
				moods[i][k].leaning += leaning
			}
		}
		addresses := slices.Clone(c.addresses)
		g := newGrid(c.precincts[0].ring)
		homes := households{random: stream(1, 0, drawHouseholds)}
		settled := func(i int, residents []resident, _ []ballot) {
			homes.count(g.at(addresses[i].at), &addresses[i], i%7 == 0, 0.5, residents)
		}
		err := poll(context.Background(), moods, addresses, make([]censusCount, 1), make([]int, len(addresses)), settled, stream(1, 0, drawVoters))
		if err != nil {
			t.Fatal(err)
		}
		votes := int32(0)
		for i := range addresses {
			votes += addresses[i].votes[0][ownList]
		}
		return g.cells(c.code), votes
	}
	a, votesA := count(0)
	b, votesB := count(1.5)
	if votesA == votesB {
		t.Errorf("another leaning left the list its %d votes", votesA)
	}
	if !slices.EqualFunc(a, b, func(x, y gridCell) bool { return x.gridSquare == y.gridSquare && x.counted == y.counted }) {
		t.Error("another leaning made another grid")
	}
}
