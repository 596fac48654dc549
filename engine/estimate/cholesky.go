package estimate

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// ridge keeps covariances from being singular, as a part of their diagonal.
const ridge = 1e-10

// A factor is the Cholesky factor of a covariance of size n.
type factor struct {
	n     int
	upper blas64.Triangular
}

// newFactor adds noise to the diagonal of a covariance and factorizes it, in
// its place. It tells whether the covariance was positive definite.
func newFactor(covariance, noise []float64) (factor, bool) {
	n := len(noise)
	if n == 0 {
		return factor{}, true
	}
	for i, v := range noise {
		covariance[i*n+i] = covariance[i*n+i]*(1+ridge) + v
	}
	upper, ok := lapack64.Potrf(blas64.Symmetric{N: n, Stride: n, Data: covariance, Uplo: blas.Upper})
	return factor{n, upper}, ok
}

// solve replaces each column of right, n x cols, by the covariance's inverse
// times it.
func (f factor) solve(right []float64, cols int) {
	if f.n > 0 && cols > 0 {
		lapack64.Potrs(f.upper, blas64.General{Rows: f.n, Cols: cols, Stride: cols, Data: right})
	}
}

// logDet is the logarithm of the covariance's determinant.
func (f factor) logDet() (sum float64) {
	for i := range f.n {
		sum += 2 * math.Log(f.upper.Data[i*f.n+i])
	}
	return sum
}

// invert replaces the factor by the upper triangle of the covariance's inverse.
func (f factor) invert() ([]float64, bool) {
	if f.n == 0 {
		return nil, true
	}
	inverse, ok := lapack64.Potri(f.upper)
	return inverse.Data, ok
}
