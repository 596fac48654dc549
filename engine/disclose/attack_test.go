package disclose

import (
	"math/big"
	"slices"
)

// computable returns atoms of a division with more than 0 and fewer than k
// households whose total is a linear combination of the totals of the published
// units, or nil. It tries every such set of atoms against the exact null space
// of the published sums: a total can be computed just when its vector stands
// upright on all of that.
func computable(p Place, plan Plan, atoms Atoms, k float64) []int {
	var living, small []int // atoms; the latter as positions in living
	for a, h := range atoms.Households {
		if h > 0 {
			if h < k {
				small = append(small, len(living))
			}
			living = append(living, a)
		}
	}
	null := nullSpace(publishedSums(p, plan, atoms, living), len(living))
	hidden := make([]int64, len(null)) // what the set so far gives with each null vector
	var set []int
	var try func(from int, households float64) bool
	try = func(from int, households float64) bool {
		for i := from; i < len(small); i++ {
			at := small[i]
			h := households + atoms.Households[living[at]]
			if h >= k {
				continue
			}
			set = append(set, living[at])
			for j := range null {
				hidden[j] += null[j][at]
			}
			if !slices.ContainsFunc(hidden, func(v int64) bool { return v != 0 }) || try(i+1, h) {
				return true
			}
			for j := range null {
				hidden[j] -= null[j][at]
			}
			set = set[:len(set)-1]
		}
		return false
	}
	if try(0, 0) {
		return set
	}
	return nil
}

// publishedSums has a row for each published unit: which of the living atoms it
// is the sum of.
func publishedSums(p Place, plan Plan, atoms Atoms, living []int) [][]int64 {
	rows := func(units Units, member func(unit, atom int) bool) (sums [][]int64) {
		for u, state := range units.State {
			if state != Published {
				continue
			}
			row := make([]int64, len(living))
			for i, a := range living {
				if member(u, a) {
					row[i] = 1
				}
			}
			sums = append(sums, row)
		}
		return sums
	}
	under := func(parent []int32, unit int, leaf int32) bool {
		for ; leaf != None; leaf = parent[leaf] {
			if int(leaf) == unit {
				return true
			}
		}
		return false
	}
	return slices.Concat(
		rows(plan.Cells, func(u, a int) bool { return under(p.CellParent, u, atoms.Cell[a]) }),
		rows(plan.Areas, func(u, a int) bool { return under(p.AreaParent, u, atoms.Area[a]) }),
		rows(plan.Segments, func(u, a int) bool { return int(atoms.Segment[a]) == u }),
	)
}

// nullSpace returns whole-number vectors that span what is upright on all rows
// of n numbers, by exact elimination.
func nullSpace(sums [][]int64, n int) [][]int64 {
	rows := make([][]*big.Rat, len(sums))
	for i, sum := range sums {
		rows[i] = make([]*big.Rat, n)
		for j, v := range sum {
			rows[i][j] = big.NewRat(v, 1)
		}
	}
	var pivots []int // column of each reduced row
	for column := 0; column < n && len(pivots) < len(rows); column++ {
		rank := len(pivots)
		found := slices.IndexFunc(rows[rank:], func(row []*big.Rat) bool { return row[column].Sign() != 0 })
		if found < 0 {
			continue
		}
		rows[rank], rows[rank+found] = rows[rank+found], rows[rank]
		one := new(big.Rat).Inv(rows[rank][column])
		for j := range n {
			rows[rank][j].Mul(rows[rank][j], one)
		}
		for i, row := range rows {
			if i == rank || row[column].Sign() == 0 {
				continue
			}
			times := new(big.Rat).Set(row[column])
			for j := range n {
				row[j].Sub(row[j], new(big.Rat).Mul(times, rows[rank][j]))
			}
		}
		pivots = append(pivots, column)
	}
	var null [][]int64
	for column := range n {
		if slices.Contains(pivots, column) {
			continue
		}
		// The free column 1, the others 0: each pivot follows.
		vector := make([]*big.Rat, n)
		denominator := big.NewInt(1)
		for j := range n {
			vector[j] = new(big.Rat)
		}
		vector[column].SetInt64(1)
		for i, pivot := range pivots {
			vector[pivot].Neg(rows[i][column])
			d := vector[pivot].Denom()
			gcd := new(big.Int).GCD(nil, nil, denominator, d)
			denominator.Mul(denominator, new(big.Int).Div(d, gcd))
		}
		whole := make([]int64, n)
		for j, v := range vector {
			whole[j] = new(big.Int).Div(new(big.Int).Mul(v.Num(), denominator), v.Denom()).Int64()
		}
		null = append(null, whole)
	}
	return null
}
