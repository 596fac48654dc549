package estimate

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// A model is the components it consists of.
type model []component

var (
	plainModel = model{fieldNear, fieldMiddle, fieldFar, nugget}
	nearModel  = model{fieldNear, fieldMiddle, fieldFar, localSlopes, alike, slopes, nearContext, nearContrast, nugget}
	farModel   = model{fieldNear, fieldMiddle, fieldFar, localSlopes, alike, slopes, farContext, farContrast, nugget}
)

// What is assumed of the variances before any result is seen: the median of
// each, with a standard deviation of 2 of its logarithm, a factor of 7 either
// way. In squared log odds.
var assumedVariance = [components]float64{
	fieldNear: 0.02, fieldMiddle: 0.03, fieldFar: 0.06,
	localSlopes: 0.02, alike: 0.03,
	slopes: 0.02, nearContext: 0.02, nearContrast: 0.02, farContext: 0.02, farContrast: 0.02,
	nugget: 0.02,
}

const (
	assumedSpan  = 2  // of the logarithm
	meanVariance = 25 // of the mean log odds: it may be anything
)

// observed are the log odds of a choice in those precincts of a block that have
// it on the ballot, and the variance that counting votes gives them.
type observed struct {
	*block
	at    []int32 // precincts of the block
	odds  []float64
	noise []float64
}

// observe takes half a vote for each side, so that no log odds is infinite.
func observe(b *block, p Precincts, k int, precincts int) observed {
	o := observed{block: b}
	for q, precinct := range b.precincts[:precincts] {
		votes, all := p.Votes[int(precinct)*p.Choices+k], p.Registered[precinct]
		if votes == Absent || all <= 0 || p.silent(int(precinct)) {
			continue
		}
		yes, no := float64(votes)+.5, float64(all-votes)+.5
		o.at = append(o.at, int32(q))
		o.odds = append(o.odds, math.Log(yes/no))
		o.noise = append(o.noise, 1/yes+1/no)
	}
	return o
}

// matrix gathers a component's kernel between the observed precincts.
func (o *observed) matrix(c component) []float64 {
	n, all := len(o.at), len(o.precincts)
	kernel := make([]float64, n*n)
	for i, q := range o.at {
		for j, r := range o.at {
			kernel[i*n+j] = o.between[c][int(q)*all+int(r)]
		}
	}
	return kernel
}

// windows are what the variances of one choice and model are learnt from.
type windows struct {
	model   model
	seen    []observed
	kernels [][][]float64 // by window and component of the model
}

// learn finds the variances of a model's components by their marginal
// likelihood over the windows, times what is assumed of them: its maximum, by
// L-BFGS on the logarithms.
func learn(m model, seen []observed) [components]float64 {
	w := windows{model: m, seen: seen}
	for i := range seen {
		var kernels [][]float64
		for _, c := range m {
			kernels = append(kernels, seen[i].matrix(c))
		}
		w.kernels = append(w.kernels, kernels)
	}
	start := make([]float64, len(m))
	for t, c := range m {
		start[t] = math.Log(assumedVariance[c])
	}
	best := start
	// An optimizer that stops early, on flat ground or for good, has still been
	// downhill all the way.
	if found, _ := optimize.Minimize(optimize.Problem{
		Func: func(x []float64) float64 { return w.against(x, nil) },
		Grad: func(grad, x []float64) { w.against(x, grad) },
	}, start, &optimize.Settings{GradientThreshold: 5e-2, MajorIterations: 25, Concurrent: 1}, &optimize.LBFGS{}); found != nil && !math.IsNaN(found.F) {
		best = found.X
	}
	var variance [components]float64
	for t, c := range m {
		variance[c] = math.Exp(best[t])
	}
	return variance
}

// against is minus the log of the posterior of the log variances x, but for a
// constant; and its gradient: half v tr(A^-1 K) - v a'Ka for each component,
// where a is A^-1 times the log odds.
func (w *windows) against(x, grad []float64) float64 {
	sum := 0.0
	for t, c := range w.model {
		z := (x[t] - math.Log(assumedVariance[c])) / assumedSpan
		sum += z * z / 2
		if grad != nil {
			grad[t] = z / assumedSpan
		}
	}
	for i := range w.seen {
		o := &w.seen[i]
		n := len(o.at)
		if n == 0 {
			continue
		}
		all := make([]float64, n*n)
		for j := range all {
			all[j] = meanVariance
		}
		for t := range w.model {
			add(all, w.kernels[i][t], math.Exp(x[t]))
		}
		f, ok := newFactor(all, o.noise)
		if !ok {
			return math.Inf(1)
		}
		weights := slices.Clone(o.odds)
		f.solve(weights, 1)
		sum += dot(o.odds, weights)/2 + f.logDet()/2
		if grad == nil {
			continue
		}
		upper, ok := f.invert()
		if !ok {
			return math.Inf(1)
		}
		for t := range w.model {
			kernel, trace := w.kernels[i][t], 0.0
			for r := range n {
				row, kept, own := kernel[r*n:][:n], upper[r*n:][:n], weights[r]
				off := 0.0
				for c := r + 1; c < n; c++ {
					off += row[c] * (kept[c] - own*weights[c])
				}
				trace += 2*off + row[r]*(kept[r]-own*own)
			}
			grad[t] += math.Exp(x[t]) * trace / 2
		}
	}
	return sum
}
