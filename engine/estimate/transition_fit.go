package estimate

import "math"

// The constants of the model, fixed once for all places. [Cross] says how they
// were chosen.
const (
	assumedDiffer   = 0.2  // standard deviation of the stations' log odds before any station is seen
	differSay       = 50   // of that assumption, in stations
	associationSD   = 0.8  // of the prior: log odds of a row against the mean of their column
	sharpnessWeight = 0.75 // of the term that rewards tables of sure voters; 1 is the model's own
	pseudoVotes     = 0.5  // per column, added to a station in proportion to the place's votes
	newtonSteps     = 12
)

// A crossing is a fit of one direction: what voters of each row did, given that
// they voted so.
//
// In station b a voter of row r takes column c with odds exp(alpha_rc +
// delta_bc): alpha holds for the place, delta is what the station has of its
// own, the same for all rows, normal with variance sigma^2 in every column. For
// given alpha one delta meets the station's result exactly; it is found by
// Newton steps and has sampling variance 1/M, M being the covariance of the
// station's result. The density of that result is then
//
//	N(delta; 0, sigma^2 + 1/M) / det M
//
// (Laplace's approximation), and alpha maximizes its product over the stations,
// times a normal prior that pulls the rows together, by damped Gauss-Newton
// steps.
type crossing struct {
	rows, cols int // cols >= 2
	stations   int
	from       []float64 // stations x rows
	to         []float64 // stations x cols, with pseudo votes: nowhere 0
	alpha      []float64 // rows x cols, then the mean of each column
	delta      []float64 // stations x cols; the last column is the reference, 0
	sigma2     float64

	// What measure leaves behind.
	objective float64
	gradient  []float64
	hessian   []float64 // lower triangle of len(alpha) x len(alpha)
	spread    float64   // expected sum of squares of delta, for sigma2
	response  []float64 // where asked for: the change of the table with alpha
	scores    []float64 // where asked for: the gradient station by station

	small struct { // working memory
		p, slope, weighted                               []float64
		m, inv, factor, omega, y, push, one, two         []float64
		residual, pulled, total, column, direction, part []float64
		trial, square                                    []float64
	}
}

func newCrossing(from, to []float64, rows, cols int) *crossing {
	stations := len(from) / rows
	x := &crossing{rows: rows, cols: cols, stations: stations, from: from, sigma2: assumedDiffer * assumedDiffer}
	share := make([]float64, cols)
	all := 0.0
	for at, votes := range to {
		share[at%cols] += votes
		all += votes
	}
	x.to = make([]float64, len(to))
	added := pseudoVotes * float64(cols)
	for b := range stations {
		n := sumOf(to[b*cols:][:cols])
		for c := range cols {
			at := b*cols + c
			x.to[at] = (to[at] + added*share[c]/all) * n / (n + added)
		}
	}
	cells := rows * cols
	params := cells + cols
	x.alpha = make([]float64, params)
	for at := range x.alpha {
		x.alpha[at] = math.Log(share[at%cols] / all)
	}
	x.delta = make([]float64, len(to))
	x.gradient, x.hessian = make([]float64, params), make([]float64, params*params)
	k := cols - 1
	s := &x.small
	s.p, s.slope, s.weighted = make([]float64, cells), make([]float64, k*cells), make([]float64, k*cells)
	for _, m := range []*[]float64{&s.m, &s.inv, &s.factor, &s.omega, &s.y, &s.push, &s.one, &s.two} {
		*m = make([]float64, k*k)
	}
	for _, v := range []*[]float64{&s.residual, &s.pulled, &s.total, &s.column, &s.direction} {
		*v = make([]float64, cols)
	}
	s.part = make([]float64, cells)
	s.trial, s.square = make([]float64, params), make([]float64, params*params)
	return x
}

// fit runs the Gauss-Newton steps.
func (x *crossing) fit() {
	params := len(x.alpha)
	best, bestDelta := make([]float64, params), make([]float64, len(x.delta))
	step, hessian := make([]float64, params), make([]float64, params*params)
	damping := 0.0
	x.measure()
	for at := range newtonSteps {
		if at == 2 || at == 4 || at == 7 {
			free := float64(x.cols - 1)
			x.sigma2 = (x.spread + differSay*assumedDiffer*assumedDiffer*free) / (free * (float64(x.stations) + differSay))
			x.measure()
		}
		before := x.objective
		copy(best, x.alpha)
		copy(bestDelta, x.delta)
		copy(hessian, x.hessian)
		for i, g := range x.gradient {
			step[i] = -g
		}
		better := false
		for try := 0; try < 8 && !better; try++ {
			copy(x.small.square, hessian)
			for i := range params {
				x.small.square[i*params+i] += damping * (1 + hessian[i*params+i])
			}
			factorize(x.small.square, params)
			copy(x.small.trial, step)
			solveFactored(x.small.square, params, x.small.trial)
			length := 0.0
			for _, v := range x.small.trial {
				length = max(length, math.Abs(v))
			}
			scale := min(1, 2/length)
			for i, v := range x.small.trial {
				x.alpha[i] = best[i] + scale*v
			}
			x.measure()
			if better = x.objective <= before; better {
				damping /= 4
			} else {
				copy(x.alpha, best)
				copy(x.delta, bestDelta)
				damping = damping*4 + 0.005
			}
		}
		if !better {
			x.measure()
			return
		}
		if at >= 8 && before-x.objective < 1e-3 {
			return
		}
	}
}

// measure computes the objective, its gradient and the Gauss-Newton Hessian.
func (x *crossing) measure() {
	cells := x.rows * x.cols
	x.objective, x.spread = 0, 0
	clear(x.gradient)
	clear(x.hessian)
	for b := range x.stations {
		x.station(b)
	}
	const say = 1 / (associationSD * associationSD)
	for i := range cells {
		m := cells + i%x.cols
		off := x.alpha[i] - x.alpha[m]
		x.objective += say / 2 * off * off
		x.gradient[i] += say * off
		x.gradient[m] -= say * off
	}
	x.addPrior(x.hessian)
}

// addPrior adds the prior's part of the Hessian.
func (x *crossing) addPrior(hessian []float64) {
	params, cells := len(x.alpha), x.rows*x.cols
	const say = 1 / (associationSD * associationSD)
	for i := range cells {
		m := cells + i%x.cols
		hessian[i*params+i] += say
		hessian[m*params+m] += say
		hessian[m*params+i] -= say
	}
	for i := range params { // a constant more in a row, or in all, changes nothing
		hessian[i*params+i] += 1e-4
	}
}

// station adds what station b says.
func (x *crossing) station(b int) {
	s := &x.small
	rows, cols, k := x.rows, x.cols, x.cols-1
	cells, params := rows*cols, len(x.alpha)
	from, delta := x.from[b*rows:][:rows], x.delta[b*cols:][:cols]

	x.meet(b)
	copy(s.factor, s.m)
	factorize(s.factor, k)
	x.objective += sharpnessWeight * logDeterminant(s.factor, k)
	invertFactored(s.factor, k, s.inv, s.column)
	for i := range k {
		for j := range k {
			s.factor[i*k+j] = s.inv[i*k+j] + x.sigma2
		}
		s.factor[i*k+i] += x.sigma2
	}
	factorize(s.factor, k)
	x.objective += logDeterminant(s.factor, k) / 2
	invertFactored(s.factor, k, s.omega, s.column)
	// pulled is Omega delta.
	var along, square, trace, all float64
	for i := range k {
		v := 0.0
		for j := range k {
			v += s.omega[i*k+j] * delta[j]
			all += s.omega[i*k+j]
		}
		s.pulled[i] = v
		x.objective += v * delta[i] / 2
		along += v
		square += v * v
		trace += s.omega[i*k+i]
	}
	x.spread += x.sigma2 * (float64(k) + x.sigma2*(square+along*along-trace-all))

	// slope is the change of -delta with alpha: the result stays as it is.
	for i := range k {
		inv := s.inv[i*k:][:k]
		for r := range rows {
			p := s.p[r*cols:][:cols]
			mean := 0.0
			for j, v := range inv {
				mean += v * p[j]
			}
			slope := s.slope[i*cells+r*cols:][:cols]
			for c := range k {
				slope[c] = from[r] * p[c] * (inv[c] - mean)
			}
			slope[k] = -from[r] * p[k] * mean
		}
	}
	// push is the change of the objective with M, delta held.
	for i := range k {
		for j := range k {
			s.y[i*k+j] = (s.omega[i*k+j] - s.pulled[i]*s.pulled[j]) / 2
		}
	}
	multiplySquare(s.inv, s.y, k, s.one)
	multiplySquare(s.one, s.inv, k, s.two)
	for i, v := range s.inv {
		s.push[i] = sharpnessWeight*v - s.two[i]
	}
	// M changes with the log odds of each row by the third cumulant.
	clear(s.total)
	clear(s.part)
	for r := range rows {
		if from[r] == 0 {
			continue
		}
		p := s.p[r*cols:][:cols]
		whole := 0.0
		for i := range k {
			v := 0.0
			for j := range k {
				v += s.push[i*k+j] * p[j]
			}
			s.direction[i] = v
			whole += v * p[i]
		}
		mean := 0.0
		for c := range cols {
			v := whole
			if c < k {
				v += s.push[c*k+c] - 2*s.direction[c]
			}
			s.column[c] = v
			mean += p[c] * v
		}
		for c := range cols {
			v := from[r] * p[c] * (s.column[c] - mean)
			s.part[r*cols+c] = v
			s.total[c] += v
		}
	}
	for l := range k {
		weight := s.total[l] + s.pulled[l]
		for i, v := range s.slope[l*cells:][:cells] {
			s.part[i] -= weight * v
		}
	}
	for i, v := range s.part {
		x.gradient[i] += v
	}
	if x.scores != nil {
		copy(x.scores[b*cells:], s.part)
	}

	clear(s.weighted)
	for i := range k {
		weighted := s.weighted[i*cells:][:cells]
		for j := range k {
			omega := s.omega[i*k+j]
			for c, v := range s.slope[j*cells:][:cells] {
				weighted[c] += omega * v
			}
		}
	}
	for l := range k {
		slope := s.slope[l*cells:][:cells]
		for i, v := range s.weighted[l*cells:][:cells] {
			if v == 0 {
				continue
			}
			row := x.hessian[i*params:][:i+1]
			for j := range row {
				row[j] += v * slope[j]
			}
		}
	}
	if x.response != nil {
		x.respond(from)
	}
}

// respond adds the change of the station's table with alpha.
func (x *crossing) respond(from []float64) {
	s := &x.small
	cols, k, cells := x.cols, x.cols-1, x.rows*x.cols
	for r, n := range from {
		if n == 0 {
			continue
		}
		p := s.p[r*cols:][:cols]
		for c := range cols {
			response := x.response[(r*cols+c)*cells:][:cells]
			for d := range cols {
				v := -n * p[c] * p[d]
				if c == d {
					v += n * p[c]
				}
				response[r*cols+d] += v
				if d == k {
					continue
				}
				for i, slope := range s.slope[d*cells:][:cells] {
					response[i] -= v * slope
				}
			}
		}
	}
}

// meet moves delta of station b until the station's result is met, and leaves
// the shares of its rows in p and the covariance of its result in m.
func (x *crossing) meet(b int) {
	s := &x.small
	rows, cols, k := x.rows, x.cols, x.cols-1
	from, to, delta := x.from[b*rows:][:rows], x.to[b*cols:][:cols], x.delta[b*cols:][:cols]
	for try := 0; ; try++ {
		x.shares(delta)
		clear(s.m)
		copy(s.residual, to)
		for r, n := range from {
			if n == 0 {
				continue
			}
			p := s.p[r*cols:][:cols]
			for i := range k {
				v := n * p[i]
				s.residual[i] -= v
				for j := range i {
					s.m[i*k+j] -= v * p[j]
				}
				s.m[i*k+i] += v - v*p[i]
			}
		}
		off := 0.0
		for i := range k {
			off = max(off, math.Abs(s.residual[i]))
			s.m[i*k+i] += 1e-6
			for j := range i {
				s.m[j*k+i] = s.m[i*k+j]
			}
		}
		if off < 1e-5 || try == 25 {
			return
		}
		copy(s.factor, s.m)
		factorize(s.factor, k)
		solveFactored(s.factor, k, s.residual[:k])
		longest := 0.0
		for _, v := range s.residual[:k] {
			longest = max(longest, math.Abs(v))
		}
		scale := min(1, 1.5/longest)
		for i, v := range s.residual[:k] {
			delta[i] += scale * v
		}
	}
}

// shares are those of each row's voters in a station.
func (x *crossing) shares(delta []float64) {
	for r := range x.rows {
		p, alpha := x.small.p[r*x.cols:][:x.cols], x.alpha[r*x.cols:][:x.cols]
		top := math.Inf(-1)
		for c, a := range alpha {
			p[c] = a + delta[c]
			top = max(top, p[c])
		}
		all := 0.0
		for c, v := range p {
			p[c] = math.Exp(v - top)
			all += p[c]
		}
		for c := range p {
			p[c] /= all
		}
	}
}
