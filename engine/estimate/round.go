package estimate

import (
	"fmt"
	"math"
	"slices"
)

const (
	// wholeWithin is how near to a whole number a value counts as whole.
	wholeWithin = 1e-9
	// marginWithin is how far a row or column may add up from its margin.
	marginWithin = 1e-6
	// largestValue is what float64 still counts in ones.
	largestValue = 1 << 53
)

// A Rounder turns tables of real numbers into tables of whole numbers with the
// same margins. It keeps its working memory, so that one Rounder rounds any
// number of tables without allocating. The zero value is ready. It is not safe
// for use by several goroutines at once.
type Rounder struct {
	keys             []uint64 // fractional cells, packed by largestFirst
	cell             []cellState
	rowNeed, colNeed []int64 // ones still to be placed
	queue            []int32 // rows reached by the search
	cameBy           []int32 // per row: the column it was reached by, none or start
	reachedFrom      []int32 // per column: the row it was reached from, or none

	sizes []int64   // Split
	real  []float64 // Split
}

type cellState uint8

const (
	whole cellState = iota // stays as it is
	down                   // fractional, rounded down
	up                     // fractional, rounded up
)

const (
	none  = -1
	start = -2
)

// Round fills dst with whole numbers near to real, a dense table of rows x cols
// numbers stored row by row, such that every row adds up to its rowSums and
// every column to its colSums exactly and every cell is less than 1 away from
// its real value (controlled rounding, Cox and Ernst 1982). A value
// within 1e-9 of a whole number counts as whole and stays; so zeros stay zero.
//
// Every cell is rounded down, then the ones that the margins still lack are
// placed on fractional cells: largest fractions first, ties to the lower index,
// and what is left over by augmenting paths. The fractions themselves fill the
// margins, and the flow problem is totally unimodular, so there is always a
// whole-number solution and the paths find it (Ford and Fulkerson 1956).
//
// Values range from 0 to 2^53. Rows and columns must add up to their margins
// within 1e-6, or within what float64 loses in adding them up. One that does
// not is an error that names it, and leaves dst undefined.
func (w *Rounder) Round(real []float64, rows, cols int, rowSums, colSums []int64, dst []int64) error {
	if rows < 0 || cols < 0 || len(real) != rows*cols || len(dst) != len(real) ||
		len(rowSums) != rows || len(colSums) != cols {
		return fmt.Errorf("estimate: a table of %d x %d needs as many values, results and margins, not %d, %d and %d x %d",
			rows, cols, len(real), len(dst), len(rowSums), len(colSums))
	}
	if len(real) > math.MaxInt32 {
		return fmt.Errorf("estimate: a table of %d x %d is too large to round", rows, cols)
	}
	if err := checkTable(real, rows, cols, rowSums, colSums); err != nil {
		return err
	}

	w.rowNeed = append(w.rowNeed[:0], rowSums...)
	w.colNeed = append(w.colNeed[:0], colSums...)
	w.cell = slices.Grow(w.cell[:0], len(real))[:len(real)]
	w.keys = w.keys[:0]
	for i := range rows {
		for j := range cols {
			at := i*cols + j
			floor := math.Floor(real[at])
			fraction := real[at] - floor
			w.cell[at] = whole
			switch {
			case fraction < wholeWithin:
			case fraction > 1-wholeWithin:
				floor++
			default:
				w.cell[at] = down
				w.keys = append(w.keys, largestFirst(fraction, at))
			}
			dst[at] = int64(floor)
			w.rowNeed[i] -= dst[at]
			w.colNeed[j] -= dst[at]
		}
	}

	slices.Sort(w.keys)
	for _, key := range w.keys {
		at := index(key)
		i, j := at/cols, at%cols
		if w.rowNeed[i] > 0 && w.colNeed[j] > 0 {
			w.cell[at] = up
			w.rowNeed[i]--
			w.colNeed[j]--
		}
	}
	for i := range rows {
		for w.rowNeed[i] > 0 {
			if !w.augment(i, rows, cols) {
				return fmt.Errorf("estimate: row %d cannot be rounded to its margin %d: the margins do not fit the fractions", i, rowSums[i])
			}
		}
		if w.rowNeed[i] < 0 {
			return fmt.Errorf("estimate: row %d holds more whole numbers than its margin %d", i, rowSums[i])
		}
	}
	for j, need := range w.colNeed {
		if need != 0 {
			return fmt.Errorf("estimate: column %d cannot be rounded to its margin %d: it is off by %d", j, colSums[j], need)
		}
	}
	for at, state := range w.cell {
		if state == up {
			dst[at]++
		}
	}
	return nil
}

// augment places one more 1 in row, moving others along the shortest
// alternating path to a column that lacks one. It tells whether there is one.
func (w *Rounder) augment(row, rows, cols int) bool {
	w.cameBy = fill(w.cameBy, rows, none)
	w.reachedFrom = fill(w.reachedFrom, cols, none)
	w.queue = append(w.queue[:0], int32(row))
	w.cameBy[row] = start
	for next := 0; next < len(w.queue); next++ {
		i := int(w.queue[next])
		for j := range cols {
			if w.cell[i*cols+j] != down || w.reachedFrom[j] != none {
				continue
			}
			w.reachedFrom[j] = int32(i)
			if w.colNeed[j] > 0 {
				w.flip(j, cols)
				w.rowNeed[row]--
				w.colNeed[j]--
				return true
			}
			for other := range rows {
				if w.cell[other*cols+j] == up && w.cameBy[other] == none {
					w.cameBy[other] = int32(j)
					w.queue = append(w.queue, int32(other))
				}
			}
		}
	}
	return false
}

// flip walks the path found back from column j: what was down goes up, what
// was up goes down.
func (w *Rounder) flip(j, cols int) {
	for {
		i := int(w.reachedFrom[j])
		w.cell[i*cols+j] = up
		if w.cameBy[i] == start {
			return
		}
		j = int(w.cameBy[i])
		w.cell[i*cols+j] = down
	}
}

func fill(s []int32, n int, value int32) []int32 {
	s = slices.Grow(s[:0], n)[:n]
	for i := range s {
		s[i] = value
	}
	return s
}

// checkTable tells the first value, row or column that Round cannot honour.
func checkTable(real []float64, rows, cols int, rowSums, colSums []int64) error {
	for i := range rows {
		sum := 0.0
		for j, value := range real[i*cols : (i+1)*cols] {
			if !(value >= 0 && value <= largestValue) {
				return fmt.Errorf("estimate: row %d, column %d holds %v, not a number from 0 to 2^53", i, j, value)
			}
			sum += value
		}
		if !agrees(sum, cols, rowSums[i]) {
			return fmt.Errorf("estimate: row %d adds up to %.9g, but its margin says %d", i, sum, rowSums[i])
		}
	}
	for j := range cols {
		sum := 0.0
		for i := range rows {
			sum += real[i*cols+j]
		}
		if !agrees(sum, rows, colSums[j]) {
			return fmt.Errorf("estimate: column %d adds up to %.9g, but its margin says %d", j, sum, colSums[j])
		}
	}
	return nil
}

// agrees tells whether the sum of n values is their margin, give or take a last
// digit per value.
func agrees(sum float64, n int, margin int64) bool {
	return math.Abs(sum-float64(margin)) <= marginWithin+sum*float64(n)*0x1p-52
}
