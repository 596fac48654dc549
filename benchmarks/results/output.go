package main

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
)

// results are the figures of a run of go test, by benchmark in the order they came.
type results struct {
	cpu  string
	rows []*result
}

// A result is what one benchmark printed, each time it ran.
type result struct {
	name   string // as in "Cells/parent/geo", behind its package where there are several
	units  []string
	values map[string][]float64
}

// readResults reads what go test -bench prints. Lines of other kinds are passed over; one of a benchmark that cannot be read is an error.
func readResults(printed io.Reader) (results, error) {
	var all results
	index, packages := map[string]*result{}, map[string]bool{}
	reader := benchfmt.NewReader(printed, "go test")
	for reader.Scan() {
		record, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			return all, fmt.Errorf("what go test printed: %v", reader.Result())
		}
		all.cpu = strings.TrimSpace(record.GetConfig("cpu"))
		folder := strings.TrimPrefix(strings.TrimPrefix(record.GetConfig("pkg"), module), "/")
		packages[folder] = true
		base, parts := record.Name.Parts()
		name := folder + ": " + string(base)
		for _, part := range parts {
			if part[0] == '/' { // else it is the number of processors
				name += string(part)
			}
		}
		r := index[name]
		if r == nil {
			r = &result{name: name, values: map[string][]float64{}}
			index[name] = r
			all.rows = append(all.rows, r)
		}
		for _, v := range record.Values {
			value, unit := v.Value, v.Unit
			if v.OrigUnit != "" {
				value, unit = v.OrigValue, v.OrigUnit
			}
			if len(r.values[unit]) == 0 {
				r.units = append(r.units, unit)
			}
			r.values[unit] = append(r.values[unit], value)
		}
	}
	if len(packages) == 1 {
		for _, r := range all.rows {
			_, r.name, _ = strings.Cut(r.name, ": ")
		}
	}
	return all, reader.Err()
}

// runs is how often benchmarks ran.
func (all results) runs() int {
	most := 0
	for _, r := range all.rows {
		for _, values := range r.values {
			most = max(most, len(values))
		}
	}
	return most
}

// A figure is the median of some runs, and the smallest and the largest of them.
type figure struct{ median, least, most float64 }

func figureOf(values []float64) figure {
	sample := benchmath.NewSample(values, &benchmath.DefaultThresholds)
	const any = 0.95 // of confidence, in an interval that is not used: of a few runs there is none
	return figure{benchmath.AssumeNothing.Summary(sample, any).Center, sample.Values[0], sample.Values[len(sample.Values)-1]}
}
