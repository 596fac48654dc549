package main

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine/estimate"
)

// A downscalingCase is a place whose areas were merged in groups, and what they really voted.
type downscalingCase struct {
	name       string
	ground     estimate.Ground // areas as parts, groups as precincts
	groups     estimate.Precincts
	truth      []int64 // by area and category
	categories []string
}

// caseRow is one area of a case.
type caseRow struct {
	group              string
	x, y, area, people float64
	votes              []int64
	registered         int64
	covariates         []float64
}

// acrossDisc is the mean distance between two points of a disc of area 1: 128/(45 pi^1.5).
const acrossDisc = 0.5108

// mostVoters is more than any area of a case has.
const mostVoters = 1 << 40

func readDownscalingCase(path string) (downscalingCase, error) {
	file, err := format.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return downscalingCase{}, fmt.Errorf("there is no file %s: check the path", path)
	}
	if err != nil {
		return downscalingCase{}, err
	}
	defer file.Close()
	one, err := decodeDownscalingCase(file)
	if err != nil {
		return downscalingCase{}, fmt.Errorf("%s: %w", path, err)
	}
	one.name = strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), ".csv")
	return one, nil
}

// decodeDownscalingCase reads a table unit,group,x,y,area,pop,cat:...,cov:... with a row for each area.
func decodeDownscalingCase(r io.Reader) (one downscalingCase, err error) {
	table := csv.NewReader(r)
	head, err := table.Read()
	if errors.Is(err, io.EOF) {
		return one, errors.New("the file is empty: a case begins with unit,group,x,y,area,pop, then cat:NAME")
	}
	if err != nil {
		return one, fmt.Errorf("this is no table (%w): a case begins with unit,group,x,y,area,pop, then cat:NAME", err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	var counts, covariates []int
	for at, name := range head {
		if category, ok := strings.CutPrefix(name, "cat:"); ok {
			counts, one.categories = append(counts, at), append(one.categories, category)
		}
		if strings.HasPrefix(name, "cov:") {
			covariates = append(covariates, at)
		}
	}
	columns := map[string]int{}
	for _, name := range []string{"group", "x", "y", "area", "pop"} {
		if columns[name] = slices.Index(head, name); columns[name] < 0 {
			return one, fmt.Errorf("line 1 has no column %q: a case has unit,group,x,y,area,pop, then cat:NAME and cov:NAME", name)
		}
	}
	if len(counts) < 2 {
		return one, errors.New("line 1 has fewer than two columns cat:...: the categories that add up to the registered voters")
	}
	var rows []caseRow
	for {
		record, err := table.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return one, err
		}
		line, _ := table.FieldPos(0)
		row := caseRow{group: record[columns["group"]]}
		for name, to := range map[string]*float64{"x": &row.x, "y": &row.y, "area": &row.area, "pop": &row.people} {
			if *to, err = caseNumber(record[columns[name]]); err != nil {
				return one, fmt.Errorf("line %d, column %s: %w", line, name, err)
			}
		}
		for _, at := range counts {
			votes, err := caseNumber(record[at])
			if err != nil {
				return one, fmt.Errorf("line %d, column %s: %w", line, head[at], err)
			}
			if !(votes >= 0 && votes <= mostVoters) {
				return one, fmt.Errorf("line %d, column %s: %q is no number of voters", line, head[at], record[at])
			}
			row.votes = append(row.votes, int64(math.Round(votes)))
			row.registered += int64(math.Round(votes))
		}
		for _, at := range covariates {
			value, err := caseNumber(record[at])
			if err != nil {
				return one, fmt.Errorf("line %d, column %s: %w", line, head[at], err)
			}
			row.covariates = append(row.covariates, value)
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return one, errors.New("the file has no area: a case has a row for each")
	}
	one.fill(rows, len(covariates))
	return one, nil
}

// caseNumber reads a number; nothing, and what is not finite, is not known.
func caseNumber(text string) (float64, error) {
	if text = strings.TrimSpace(text); text == "" {
		return math.NaN(), nil
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	if math.IsInf(value, 0) {
		return math.NaN(), nil
	}
	return value, nil
}

// fill gathers the areas by group, in the order of the groups' names.
func (one *downscalingCase) fill(rows []caseRow, measured int) {
	slices.SortStableFunc(rows, func(a, b caseRow) int { return cmp.Compare(a.group, b.group) })
	choices := len(one.categories)
	one.groups.Choices = choices
	one.ground = estimate.Ground{First: []int32{0}, Measured: measured, Covariates: make([][]float64, measured)}
	g := &one.ground
	var room, people []float64
	for i, row := range rows {
		if i == 0 || row.group != rows[i-1].group {
			one.groups.Registered = append(one.groups.Registered, 0)
			one.groups.Votes = append(one.groups.Votes, make([]int64, choices)...)
			g.First = append(g.First, int32(i))
		}
		last := len(one.groups.Registered) - 1
		g.First[last+1] = int32(i + 1)
		one.groups.Registered[last] += row.registered
		for k, v := range row.votes {
			one.groups.Votes[last*choices+k] += v
		}
		one.truth = append(one.truth, row.votes...)
		g.X, g.Y = append(g.X, row.x), append(g.Y, row.y)
		g.Weights = append(g.Weights, float64(row.registered))
		for j, v := range row.covariates {
			g.Covariates[j] = append(g.Covariates[j], v)
		}
		room, people = append(room, row.area), append(people, row.people)
		g.Extent = append(g.Extent, acrossDisc*math.Sqrt(max(0, row.area)))
	}
	g.Covariates = append(g.Covariates, derived(g.Weights, room, people)...)
}

// derived gives the covariates that follow from an area's own figures: the logarithms of voters by square metre, of voters by
// inhabitant and of voters. They are NaN where what they need is not known.
func derived(voters, area, people []float64) [][]float64 {
	values := [][]float64{make([]float64, len(voters)), make([]float64, len(voters)), make([]float64, len(voters))}
	for a, n := range voters {
		values[0][a] = logOfRatio(n, area[a])
		values[1][a] = logOfRatio(n+1, people[a]+1)
		values[2][a] = logOfRatio(n, 1)
	}
	return values
}

func logOfRatio(a, b float64) float64 {
	if !(a > 0 && b > 0) {
		return math.NaN()
	}
	return math.Log(a / b)
}
