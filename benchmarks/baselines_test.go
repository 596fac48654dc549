package benchmarks

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// merged is a case of areas merged in groups, read without Arpent's decoder.
type merged struct {
	group      []int
	x, y       []float64
	votes      [][]float64 // by area and category
	voters     []float64   // by area
	covariates [][]float64 // by area
	groups     int
}

func readMerged(b *testing.B, path string) *merged {
	b.Helper()
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	m, number := &merged{}, map[string]int{}
	for _, row := range rows[1:] {
		if _, known := number[row[1]]; !known {
			number[row[1]] = len(number)
		}
		m.group = append(m.group, number[row[1]])
		var votes, covariates []float64
		sum := 0.0
		for i, name := range rows[0] {
			value, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				value = math.NaN()
			}
			switch {
			case name == "x":
				m.x = append(m.x, value)
			case name == "y":
				m.y = append(m.y, value)
			case strings.HasPrefix(name, "cat:"):
				votes, sum = append(votes, value), sum+value
			case strings.HasPrefix(name, "cov:"):
				covariates = append(covariates, value)
			}
		}
		m.votes, m.voters, m.covariates = append(m.votes, votes), append(m.voters, sum), append(m.covariates, covariates)
	}
	m.groups = len(number)
	return m
}

// totals gives the voters and votes of each group, and the mean of what is by area.
func (m *merged) totals() (voters []float64, votes [][]float64, mean func(values []float64) []float64) {
	voters, votes = make([]float64, m.groups), make([][]float64, m.groups)
	for a, g := range m.group {
		if votes[g] == nil {
			votes[g] = make([]float64, len(m.votes[a]))
		}
		voters[g] += m.voters[a]
		for k, v := range m.votes[a] {
			votes[g][k] += v
		}
	}
	return voters, votes, func(values []float64) []float64 {
		sum := make([]float64, m.groups)
		for a, g := range m.group {
			sum[g] += m.voters[a] / voters[g] * values[a]
		}
		return sum
	}
}

// smoothed gives each area the mean of the groups around it, weighted by a normal curve as wide as the groups are apart, and rakes
// it to the group's votes: what pycnophylactic smoothing (Tobler 1979) comes to.
func (m *merged) smoothed() [][]float64 {
	voters, votes, mean := m.totals()
	x, y := mean(m.x), mean(m.y)
	var apart float64
	for g := range x {
		nearest := math.Inf(1)
		for h := range x {
			if h != g {
				nearest = min(nearest, math.Hypot(x[g]-x[h], y[g]-y[h]))
			}
		}
		apart += nearest / float64(len(x))
	}
	shares := make([][]float64, len(m.group))
	for a := range shares {
		shares[a] = make([]float64, len(m.votes[a]))
		for g := range x {
			d := math.Hypot(m.x[a]-x[g], m.y[a]-y[g]) / apart
			for k := range shares[a] {
				shares[a][k] += math.Exp(-d*d/2) * votes[g][k] / voters[g]
			}
		}
	}
	return m.rake(shares)
}

// regressed fits the log odds of each category against the rest on the census over the groups, weighted by what counting votes
// leaves sure, predicts the areas and rakes them: the obvious method. Nil without covariates, or where they say the same.
func (m *merged) regressed() [][]float64 {
	voters, votes, mean := m.totals()
	width := len(m.covariates[0])
	if width == 0 {
		return nil
	}
	columns := make([][]float64, width)
	for j := range columns {
		columns[j] = make([]float64, len(m.group))
		for a := range m.group {
			if v := m.covariates[a][j]; !math.IsNaN(v) {
				columns[j][a] = v
			}
		}
	}
	design := mat.NewDense(m.groups, width+1, nil)
	for g := range m.groups {
		design.Set(g, 0, 1)
	}
	for j := range columns {
		design.SetCol(j+1, mean(columns[j]))
	}
	shares := make([][]float64, len(m.group))
	for a := range shares {
		shares[a] = make([]float64, len(m.votes[a]))
	}
	for k := range m.votes[0] {
		weighted, odds := mat.NewDense(m.groups, width+1, nil), mat.NewVecDense(m.groups, nil)
		for g := range m.groups {
			yes, no := votes[g][k]+.5, voters[g]-votes[g][k]+.5
			w := math.Sqrt(1 / (1/yes + 1/no))
			for j := range width + 1 {
				weighted.Set(g, j, w*design.At(g, j))
			}
			odds.SetVec(g, w*math.Log(yes/no))
		}
		var slope mat.VecDense
		if err := slope.SolveVec(weighted, odds); err != nil {
			return nil
		}
		for a := range shares {
			value := slope.AtVec(0)
			for j := range columns {
				value += slope.AtVec(j+1) * columns[j][a]
			}
			shares[a][k] = 1 / (1 + math.Exp(-value))
		}
	}
	return m.rake(shares)
}

// rake brings shares to the votes of each group and the voters of each area.
func (m *merged) rake(shares [][]float64) [][]float64 {
	_, votes, _ := m.totals()
	table := make([][]float64, len(shares))
	for a := range table {
		table[a] = make([]float64, len(shares[a]))
		for k, s := range shares[a] {
			table[a][k] = max(s, 1e-9) * m.voters[a]
		}
	}
	for range 200 {
		sums := make([][]float64, m.groups)
		for a, g := range m.group {
			if sums[g] == nil {
				sums[g] = make([]float64, len(table[a]))
			}
			own := 0.0
			for _, v := range table[a] {
				own += v
			}
			for k := range table[a] {
				if own > 0 {
					table[a][k] *= m.voters[a] / own
				}
				sums[g][k] += table[a][k]
			}
		}
		for a, g := range m.group {
			for k := range table[a] {
				if sums[g][k] > 0 {
					table[a][k] *= votes[g][k] / sums[g][k]
				}
			}
		}
	}
	return table
}

// misplaced is the per cent of the ballots in the wrong area or category.
func (m *merged) misplaced(table [][]float64) float64 {
	var off, all float64
	for a := range table {
		for k, v := range m.votes[a] {
			off, all = off+math.Abs(table[a][k]-v), all+v
		}
	}
	return 50 * off / all
}
