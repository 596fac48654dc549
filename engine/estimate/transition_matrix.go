package estimate

import "math"

// Square matrices of 2 to some 200 rows, row by row in one slice. Most are 3 to
// 10 wide and needed a hundred thousand times for one place: plain loops without
// allocation.

// factorize replaces the lower triangle of a positive definite n x n matrix by
// its Cholesky factor.
func factorize(m []float64, n int) {
	for i := range n {
		row := m[i*n:][:n]
		for j := range i + 1 {
			other := m[j*n:][:n]
			v := row[j]
			for l := range j {
				v -= row[l] * other[l]
			}
			if i == j {
				row[i] = math.Sqrt(max(v, 1e-12))
			} else {
				row[j] = v / other[j]
			}
		}
	}
}

// solveFactored replaces v by the solution of the equations it is the right side of.
func solveFactored(factor []float64, n int, v []float64) {
	for i := range n {
		row := factor[i*n:][:n]
		s := v[i]
		for l := range i {
			s -= row[l] * v[l]
		}
		v[i] = s / row[i]
	}
	for i := n - 1; i >= 0; i-- {
		s := v[i]
		for l := i + 1; l < n; l++ {
			s -= factor[l*n+i] * v[l]
		}
		v[i] = s / factor[i*n+i]
	}
}

// invertFactored fills inverse; column is room for one column.
func invertFactored(factor []float64, n int, inverse, column []float64) {
	for j := range n {
		column = column[:n]
		clear(column)
		column[j] = 1
		solveFactored(factor, n, column)
		for i, v := range column {
			inverse[i*n+j] = v
		}
	}
}

// logDeterminant is that of the matrix that was factored.
func logDeterminant(factor []float64, n int) float64 {
	product := 0.0
	for i := range n {
		product += math.Log(factor[i*n+i])
	}
	return 2 * product
}

// multiplySquare fills into with ab.
func multiplySquare(a, b []float64, n int, into []float64) {
	for i := range n {
		row := into[i*n:][:n]
		clear(row)
		for l := range n {
			v := a[i*n+l]
			for j := range row {
				row[j] += v * b[l*n+j]
			}
		}
	}
}

func sumOf(values []float64) float64 {
	all := 0.0
	for _, v := range values {
		all += v
	}
	return all
}
