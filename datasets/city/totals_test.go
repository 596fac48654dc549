package city

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

func TestTotalsAddUp(t *testing.T) {
	for _, size := range []Size{Village, Town} {
		dir, summary := generated(t, size, 1)
		truth := table(t, filepath.Join(dir, "truth.csv.gz"), ',')
		addresses := table(t, filepath.Join(dir, "addresses.csv.gz"), ';')
		registered := map[string]int{} // by precinct
		votes := map[string]int{}      // by precinct, contest and choice
		total := 0
		for i, row := range truth {
			if row["address_id"] != addresses[i]["id"] {
				t.Fatalf("%s: line %d of the truth is about %s, of the addresses about %s", size, i+2, row["address_id"], addresses[i]["id"])
			}
			n := whole(t, row["registered"])
			registered[row["precinct"]] += n
			total += n
			for _, contest := range contests {
				cast, certainty := 0, 0.0
				for _, c := range contest.choices {
					name := contest.id + "/" + c.code
					cast += whole(t, row[name+"/votes"])
					certainty += number(t, row[name+"/share"])
					votes[row["precinct"]+name] += whole(t, row[name+"/votes"])
				}
				if cast != n || certainty < 0.9999 || certainty > 1.0001 {
					t.Fatalf("%s: %s, %s: %d votes of %d registered, shares sum to %v", size, row["address_id"], contest.id, cast, n, certainty)
				}
			}
		}
		if int64(total) != summary.Registered || len(truth) != summary.Addresses {
			t.Errorf("%s: %d registered at %d addresses, the summary has %v", size, total, len(truth), summary)
		}
		for k, contest := range contests {
			rows := table(t, filepath.Join(dir, resultsName(k)), ',')
			if lists := len(contest.choices) - firstList; len(rows) != summary.Precincts*lists {
				t.Errorf("%s: %s has %d rows, want %d", size, contest.id, len(rows), summary.Precincts*lists)
			}
			valid := map[string]int{}
			for _, row := range rows {
				station := row["id_bvote"]
				n := whole(t, row["votes"])
				valid[station] += n
				if want := votes[station+contest.id+"/"+row["candidate"]]; n != want {
					t.Errorf("%s: %s %s: %d votes, the truth sums to %d", size, station, row["candidate"], n, want)
				}
			}
			for _, row := range rows {
				station := row["id_bvote"]
				blank, null, cast := whole(t, row["nb_bl"]), whole(t, row["nb_nul"]), whole(t, row["nb_votant"])
				sum := func(choice string) int { return votes[station+contest.id+"/"+choice] }
				if blank != sum(engine.Blank) || null != sum(engine.Null) || whole(t, row["nb_inscr"])-cast != sum(engine.Abstention) {
					t.Errorf("%s: %s: blank, null or abstention differ from the truth", size, station)
				}
				if whole(t, row["nb_inscr"]) != registered[station] || whole(t, row["nb_exprim"]) != valid[station] ||
					cast != valid[station]+blank+null || whole(t, row["nb_bl_nul"]) != blank+null {
					t.Errorf("%s: %s: the counts of the row do not add up: %v", size, station, row)
				}
			}
		}
	}
}

func TestCensusSums(t *testing.T) {
	dir, summary := generated(t, City, 1)
	people, areas := 0, 0
	counted := map[string]int{}
	for _, row := range table(t, filepath.Join(dir, "census-csp.csv"), ',') {
		sum := 0
		for column, n := range row {
			if strings.Contains(column, "_CS") {
				sum += whole(t, n)
			}
		}
		n := whole(t, row["C11_POP15P"])
		if sum != n {
			t.Errorf("IRIS %s: %d people, %d in the eight groups", row["IRIS"], n, sum)
		}
		counted[row["IRIS"]] = n
		people += n
		areas++
	}
	if int64(people) != summary.Adults || areas != summary.CensusAreas || !near(people/areas, peoplePerCensusArea, 0.25) {
		t.Errorf("%d people in %d areas, the summary has %d in %d", people, areas, summary.Adults, summary.CensusAreas)
	}
	secret := 0
	for _, row := range table(t, filepath.Join(dir, "income.csv"), ';') {
		if row["DISP_MED18"] == "ns" {
			secret++
		} else if q1, median, d9 := number(t, row["DISP_Q118"]), number(t, row["DISP_MED18"]), number(t, row["DISP_D918"]); q1 >= median || median >= d9 || median < 8000 || median > 70000 {
			t.Errorf("IRIS %s: quartile %v, median %v, ninth decile %v", row["IRIS"], q1, median, d9)
		}
		if _, ok := counted[row["IRIS"]]; !ok {
			t.Errorf("IRIS %s has an income and no people", row["IRIS"])
		}
	}
	if secret == 0 || secret > areas/4 {
		t.Errorf("%d of %d incomes are secret", secret, areas)
	}
	for _, f := range features(t, filepath.Join(dir, "iris.geojson")) {
		code := f.Properties["DCOMIRIS"].(string)
		if _, ok := counted[code]; !ok || len(code) != 9 || code != f.Properties["DEPCOM"].(string)+f.Properties["IRIS"].(string) {
			t.Errorf("IRIS %s: no people, or the code is not commune and number", code)
		}
	}
}
