package main

import (
	"io"
	"math"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/arpent/arpent/datasets/city"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// An adversary knows the official result of every precinct and asks for every published cell. A cell in two precincts has a
// mean of their shares, weighted by how many of its voters each has: one equation for each choice. Where they agree on a
// weight to the last digits, the weight is known, and with it a part that may be a few households. The answers must not be
// that exact.
func TestSharesOfCellsDoNotGiveTheirPartsAway(t *testing.T) {
	dir := t.TempDir()
	if _, err := city.Generate(t.Context(), city.Params{Seed: 3, Size: city.Town, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	p := &program{workspace: filepath.Join(dir, "ws"), stderr: io.Discard}
	if _, err := p.build(t.Context(), filepath.Join(dir, "place.yaml"), buildOptions{}); err != nil {
		t.Fatal(err)
	}
	s, db := openCurrent(t, p)
	published, err := live.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}

	// Which precincts a cell lies in can be seen on any map.
	pairs := query(t, db, "select cell, min(precinct_id), max(precinct_id) from atoms where cell > 0 group by 1 having count(distinct precinct_id) = 2 order by 1")
	attacked, known := 0, 0
	for _, pair := range pairs {
		cell := score(t, published, engine.UnitCell, pair[0])
		a, b := score(t, published, engine.UnitPrecinct, pair[1]), score(t, published, engine.UnitPrecinct, pair[2])
		if cell.State != engine.Published || a.State != engine.Published || b.State != engine.Published {
			continue
		}
		attacked++
		if weightIsKnown(cell.Contests[0], a.Contests[0], b.Contests[0]) {
			known++
		}
	}
	if attacked < 20 {
		t.Fatalf("only %d cells of the town lie in two precincts", attacked)
	}
	if known > 0 {
		t.Errorf("%d of %d cells in two precincts give their parts away", known, attacked)
	}
}

func score(t *testing.T, c *live.City, unit engine.Unit, id string) live.Score {
	t.Helper()
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Score(unit, n, live.ScoreQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// weightIsKnown fits the weight of a in the cell's shares by least squares, and tells whether all choices agree on it.
func weightIsKnown(cell, a, b live.ContestScore) bool {
	var up, down float64
	for k, c := range cell.Choices {
		d := a.Choices[k].Share - b.Choices[k].Share
		up += d * (c.Share - b.Choices[k].Share)
		down += d * d
	}
	weight := up / down
	for k, c := range cell.Choices {
		if math.Abs(weight*a.Choices[k].Share+(1-weight)*b.Choices[k].Share-c.Share) > 1e-6 {
			return false
		}
	}
	return true
}
