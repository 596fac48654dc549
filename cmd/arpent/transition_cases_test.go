package main

import (
	"slices"
	"strings"
	"testing"
)

const sureCase = `{"id": "sure", "rows": ["left", "right"], "cols": ["red", "blue"],
	"a": [[100, 0], [0, 100]], "b": [[80, 20], [10, 90]], "truth": [[80, 20], [10, 90]]}`

func TestDecodeTransitionCaseRefuses(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{`"rows": ["left", "right"]`, `"rows": []`, `"rows" and "cols" must name`},
		{`[10, 90]], "truth"`, `[10, 90], [1, 1]], "truth"`, `"a" has 2 stations and "b" 3`},
		{`[100, 0]`, `[100, 0, 0]`, `station 1 of "a" has 3 choices, 2 are named`},
		{`[80, 20], [10, 90]], "truth"`, `[80.5, 19.5], [10, 90]], "truth"`, `station 1 of "b" has 80.5 votes`},
		{`[0, 100]`, `[-1, 101]`, `station 2 of "a" has -1 votes`},
		{`[0, 100]`, `[0, 1e300]`, `station 2 of "a" has 1e+300 votes`},
		{`[0, 100]`, `[0, 99]`, `station 2 has 99 votes in "a" and 100 in "b"`},
		{`"truth": [[80, 20], [10, 90]]`, `"truth": [[80, 20]]`, `"truth" has 1 rows`},
		{`"truth": [[80, 20], [10, 90]]`, `"truth": [[80, 20], [10]]`, `row 2 of "truth" has 1 columns`},
		{`"truth": [[80, 20]`, `"truth": [[-80, 20]`, `row 1 of "truth" has -80 voters`},
		{`"id"`, `id`, "no case in JSON"},
	} {
		line := strings.Replace(sureCase, test.old, test.new, 1)
		if line == sureCase {
			t.Fatalf("%q is not in the case", test.old)
		}
		if _, err := decodeTransitionCase([]byte(line)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q for %q: %v, want %q", test.new, test.old, err, test.want)
		}
	}
}

// Whatever a line holds, it is refused or it can be estimated.
func FuzzTransitionCase(f *testing.F) {
	f.Add([]byte(sureCase))
	f.Add([]byte(`{"rows": [""], "cols": ["", ""], "a": [[3]], "b": [[2, 1]], "truth": [[2, 1]]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		one, err := decodeTransitionCase(line)
		if err != nil || one.stations.Rows*one.stations.Cols > 100 {
			return
		}
		if _, err := judgeCase(one); err != nil {
			t.Error(err)
		}
	})
}

func TestMergeSmallChoices(t *testing.T) {
	choices := []transitionChoice{{Choice: "red"}, {Choice: "tiny"}, {Choice: "none"}, {Choice: "blue"}, {Choice: "null"}}
	votes := []int64{
		50, 1, 0, 48, 1,
		40, 2, 0, 57, 1,
	}
	kept, merged := mergeSmall(choices, votes, false)
	if len(kept) != 3 || kept[2].Choice != others || kept[2].Votes != 5 || strings.Join(kept[2].Merged, " ") != "tiny null" {
		t.Errorf("kept %+v", kept)
	}
	if want := []int64{50, 48, 2, 40, 57, 3}; !slices.Equal(merged, want) {
		t.Errorf("votes %v, want %v", merged, want)
	}
	kept, merged = mergeSmall(choices, votes, true)
	if want := []int64{50, 1, 48, 1, 40, 2, 57, 1}; len(kept) != 4 || !slices.Equal(merged, want) {
		t.Errorf("all: %+v, votes %v", kept, merged)
	}
}

func TestPairScalesAndLeavesOut(t *testing.T) {
	contests := []*contestResults{
		{contest: "before", choices: make([]transitionChoice, 2), byPrecinct: map[int64][]int64{1: {60, 40}, 2: {10, 10}, 4: {0, 0}}},
		{contest: "after", choices: make([]transitionChoice, 2), byPrecinct: map[int64][]int64{1: {55, 55}, 3: {5, 5}, 4: {1, 1}}},
	}
	var table transitionTable
	got := table.pair(contests)
	if !slices.Equal(got.From, []int64{66, 44}) || !slices.Equal(got.To, []int64{55, 55}) {
		t.Errorf("paired %+v", got)
	}
	if table.Precincts != 1 || table.LeftOut != 3 || table.Scaled != 10 || table.From.Voters != 100 || table.To.Voters != 110 {
		t.Errorf("noted %+v", table)
	}
}
