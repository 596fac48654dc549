package estimate

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// mixed is a model of the mixture, and how much it counts on the scale of log
// odds.
type mixed struct {
	model
	share float64
}

// solved is what a mixture of models makes of one choice in a block: the log
// odds anywhere are linear in it.
type solved struct {
	mean   float64
	kernel [spatial][]float64    // by component and precinct of the block
	slope  [slopeKinds][]float64 // by kind and covariate
	nugget []float64             // by precinct of the block
}

// solve weighs the observed precincts by each model and mixes the weights.
func solve(o *observed, mixture []mixed, variances [][components]float64) (solved, bool) {
	precincts := len(o.precincts)
	s := solved{nugget: make([]float64, precincts)}
	for t := range s.kernel {
		s.kernel[t] = make([]float64, precincts)
	}
	for kind := range s.slope {
		s.slope[kind] = make([]float64, o.width)
	}
	for m, part := range mixture {
		variance := &variances[m]
		f, ok := newFactor(o.covariance(part.model, variance, false), o.noise)
		if !ok {
			return s, false
		}
		weights := slices.Clone(o.odds)
		f.solve(weights, 1)
		for i, q := range o.at {
			w := weights[i] * part.share
			s.mean += meanVariance * w
			s.nugget[q] += variance[nugget] * w
			for _, c := range part.model {
				switch {
				case int(c) < spatial:
					s.kernel[c][q] += variance[c] * w
				case c != nugget && o.width > 0:
					kind := int(c - slopes)
					add(s.slope[kind], o.block.mean[kind][int(q)*o.width:][:o.width], variance[c]*w/float64(o.width))
				}
			}
		}
	}
	return s, len(o.at) > 0
}

// covariance is that of the observed precincts' log odds under a model, without
// the noise of counting; without its slopes where they are left out.
func (o *observed) covariance(m model, variance *[components]float64, withoutSlopes bool) []float64 {
	n, all := len(o.at), len(o.precincts)
	sum := make([]float64, n*n)
	for i := range sum {
		sum[i] = meanVariance
	}
	for _, c := range m {
		if withoutSlopes && c >= slopes && c != nugget {
			continue
		}
		for i, q := range o.at {
			row, kernel := sum[i*n:][:n], o.between[c][int(q)*all:][:all]
			for j, r := range o.at {
				row[j] += variance[c] * kernel[r]
			}
		}
	}
	return sum
}

// predict gives the log odds of every choice at every site of the block's own
// precincts, site by site.
func (b *block) predict(choices []solved) []float64 {
	rows, precincts, cols := int(b.first[b.own]), len(b.precincts), len(choices)
	odds := make([]float64, rows*cols)
	for k := range choices {
		for i := range rows {
			odds[i*cols+k] = choices[k].mean
		}
	}
	weights := make([]float64, precincts*cols)
	for t := range b.kernel {
		for k := range choices {
			for q, w := range choices[k].kernel[t] {
				weights[q*cols+k] = w
			}
		}
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1,
			blas64.General{Rows: rows, Cols: precincts, Stride: precincts, Data: b.kernel[t]},
			blas64.General{Rows: precincts, Cols: cols, Stride: cols, Data: weights},
			1, blas64.General{Rows: rows, Cols: cols, Stride: cols, Data: odds})
	}
	if b.width == 0 {
		return odds
	}
	for kind := range b.context {
		for i := range rows {
			x := b.context[kind][i*b.width:][:b.width]
			for k := range choices {
				odds[i*cols+k] += dot(x, choices[k].slope[kind])
			}
		}
	}
	return odds
}

// within gives what a unit of each covariate moves inside a site, where only
// the covariates themselves differ and not their smooth part.
func (b *block) within(s *solved) []float64 {
	slope := make([]float64, b.width)
	for _, c := range []component{slopes, nearContrast, farContrast} {
		kind := int(c - slopes)
		for j := range slope {
			slope[j] += s.slope[kind][j] * b.scale[kind][j]
		}
	}
	return slope
}

// chance turns log odds into a probability.
func chance(odds float64) float64 { return 1 / (1 + math.Exp(-odds)) }
