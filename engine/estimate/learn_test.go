package estimate

import (
	"math"
	"testing"
)

// The gradient agrees with differences of the function.
func TestLikelihoodGradient(t *testing.T) {
	g, p := country(40, 3, 4)
	s := cutSites(&g)
	b := newBlock(s, &g, cutBlocks(s, 100)[0], nil)
	o := observe(b, p, 0, b.own)
	w := windows{model: nearModel, seen: []observed{o}}
	var kernels [][]float64
	for _, c := range w.model {
		kernels = append(kernels, o.matrix(c))
	}
	w.kernels = [][][]float64{kernels}
	x, grad := make([]float64, len(w.model)), make([]float64, len(w.model))
	for i := range x {
		x[i] = -4 + float64(i)/3
	}
	w.against(x, grad)
	for i := range x {
		const step = 1e-4
		x[i] += step
		up := w.against(x, nil)
		x[i] -= 2 * step
		down := w.against(x, nil)
		x[i] += step
		if want := (up - down) / (2 * step); math.Abs(grad[i]-want) > 1e-4*(1+math.Abs(want)) {
			t.Errorf("component %d: the gradient is %v, differences give %v", w.model[i], grad[i], want)
		}
	}
}

// A covariance solved by hand: (4 2; 2 3) has determinant 8 and inverse
// (3 -2; -2 4)/8.
func TestFactor(t *testing.T) {
	f, ok := newFactor([]float64{3, 2, 2, 2}, []float64{1, 1})
	if !ok {
		t.Fatal("not positive definite")
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-8 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	near("the logarithm of the determinant", f.logDet(), math.Log(8))
	right := []float64{8, 0, 0, 8}
	f.solve(right, 2)
	for i, want := range []float64{3, -2, -2, 4} {
		near("the solution", right[i], want)
	}
	upper, ok := f.invert()
	if !ok {
		t.Fatal("no inverse")
	}
	near("the inverse", upper[0], 3./8)
	near("the inverse", upper[1], -2./8)
	near("the inverse", upper[3], 4./8)
	if _, ok := newFactor([]float64{1, 2, 2, 1}, []float64{0, 0}); ok {
		t.Error("a matrix with a negative eigenvalue has a factor")
	}
}
