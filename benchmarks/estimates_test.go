package benchmarks

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// validationData finds the files of cases with known truth.
func validationData(b *testing.B, pattern string) []string {
	b.Helper()
	paths, err := filepath.Glob(filepath.Join(filepath.Dir(parisData(b)), "validation", pattern))
	if err != nil || len(paths) == 0 {
		b.Skipf("no %s in the folder validation beside that of Paris (%v): fetch the data folder anew", pattern, err)
	}
	return paths
}

// answer runs the program that is measured and reads the JSON it prints.
func answer(b *testing.B, into any, arpent string, args ...string) {
	b.Helper()
	command := exec.Command(arpent, args...)
	out, err := command.Output()
	if err != nil {
		b.Fatalf("%v: %v", args, err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkValidate measures the estimates on areas with known truth, merged by twos, fives and tens, beside the flat share and two
// baselines of this folder computed on the same file: smoothing, and a regression on the census. Ballots misplaced in per cent.
func BenchmarkValidate(b *testing.B) {
	arpent := arpentBinary(b)
	for _, path := range validationData(b, "*_k*.csv") {
		b.Run(filepath.Base(path), func(b *testing.B) {
			var judged []struct {
				Misplaced float64 `json:"ballots_misplaced"`
				Flat      float64 `json:"flat_ballots_misplaced"`
				Seconds   float64
				CRPS      float64
				Cover50   float64
				Cover90   float64
			}
			for b.Loop() {
				answer(b, &judged, arpent, "validate", path, "--json")
			}
			one := readMerged(b, path)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(judged[0].Flat, "flat-%")
			b.ReportMetric(one.misplaced(one.smoothed()), "smoothed-%")
			if regressed := one.regressed(); regressed != nil {
				b.ReportMetric(one.misplaced(regressed), "regressed-%")
			}
			b.ReportMetric(judged[0].Misplaced, "arpent-%")
			b.ReportMetric(judged[0].Cover50, "in-50-%")
			b.ReportMetric(judged[0].Cover90, "in-90-%")
			b.ReportMetric(judged[0].CRPS, "crps")
			b.ReportMetric(judged[0].Seconds, "s")
		})
	}
}

// BenchmarkStreets measures the estimates on five seeded cities, street by street: mean error relative to the flat share.
func BenchmarkStreets(b *testing.B) {
	arpent := arpentBinary(b)
	const seeds = 5
	type measure struct{ Ratio, Cover50, Cover90 float64 }
	type city struct {
		Share, Turnout  measure
		Lift            float64
		LiftFlat        float64 `json:"lift_flat"`
		Voters          float64 `json:"registered_per_segment"`
		Between         float64 `json:"truth_sd_between"`
		Within          float64 `json:"truth_sd_within"`
		RegisteredError float64 `json:"registered_error"`
		Cells           []struct {
			Resolution                 int
			Share, Turnout, Registered measure
		}
		Registered measure
	}
	var all []city
	for b.Loop() {
		all = nil
		for seed := 1; seed <= seeds; seed++ {
			var contests []city
			answer(b, &contests, arpent, "validate", "--city", strconv.Itoa(seed), "--size", "city", "--json")
			all = append(all, contests...)
		}
	}
	mean := func(unit string, of func(city) float64) {
		sum := 0.0
		for _, c := range all {
			sum += of(c) / float64(len(all))
		}
		b.ReportMetric(sum, unit)
	}
	b.ReportMetric(0, "ns/op")
	mean("share-of-flat", func(c city) float64 { return c.Share.Ratio })
	mean("turnout-of-flat", func(c city) float64 { return c.Turnout.Ratio })
	mean("share-in-50-%", func(c city) float64 { return c.Share.Cover50 })
	mean("share-in-90-%", func(c city) float64 { return c.Share.Cover90 })
	mean("turnout-in-50-%", func(c city) float64 { return c.Turnout.Cover50 })
	mean("turnout-in-90-%", func(c city) float64 { return c.Turnout.Cover90 })
	for i, c := range all[0].Cells {
		name := fmt.Sprintf("-of-cells-%d-in-90-%%", c.Resolution)
		mean("share"+name, func(c city) float64 { return c.Cells[i].Share.Cover90 })
		mean("turnout"+name, func(c city) float64 { return c.Cells[i].Turnout.Cover90 })
		mean("voters"+name, func(c city) float64 { return c.Cells[i].Registered.Cover90 })
	}
	mean("lift", func(c city) float64 { return c.Lift })
	mean("lift-flat", func(c city) float64 { return c.LiftFlat })
	mean("sd-between", func(c city) float64 { return c.Between })
	mean("sd-within", func(c city) float64 { return c.Within })
	mean("voters/segment", func(c city) float64 { return c.Voters })
	mean("voters-in-50-%", func(c city) float64 { return c.Registered.Cover50 })
	mean("voters-in-90-%", func(c city) float64 { return c.Registered.Cover90 })
	mean("voters-off-%", func(c city) float64 { return c.RegisteredError })
}

// BenchmarkTransitions measures the transitions on the districts with known truth, beside independence.
func BenchmarkTransitions(b *testing.B) {
	arpent := arpentBinary(b)
	path := validationData(b, "transitions.jsonl.gz")[0]
	var judged []struct {
		ErrorIndex float64 `json:"error_index"`
		Cover90    float64
		Seconds    float64
	}
	for b.Loop() {
		answer(b, &judged, arpent, "transitions", "--cases", path, "--json")
	}
	var off, in90, seconds float64
	for _, j := range judged {
		off, in90, seconds = off+j.ErrorIndex, in90+j.Cover90, seconds+j.Seconds
	}
	n := float64(len(judged))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(n, "districts")
	b.ReportMetric(off/n, "error-index")
	b.ReportMetric(in90/n, "in-90-%")
	b.ReportMetric(seconds/n, "s/district")
}
