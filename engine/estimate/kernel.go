package estimate

import "math"

// A component is one cause of likeness between streets: what it explains of the
// log odds is a Gaussian process with a kernel of its own, and how much it
// explains, its variance, is learnt.
type component int

const (
	// What is near is alike, at three lengths: exp(-d/l).
	fieldNear component = iota
	fieldMiddle
	fieldFar
	// A covariate may count for more in one neighbourhood than in another:
	// x.x'/p exp(-d/l) at the middle length.
	localSlopes
	// Places with like figures of the census are alike, wherever they are:
	// exp(-|x-x'|/(2 sqrt(p))).
	alike
	// Slopes: x.x'/p, of the covariates themselves, and again of their smooth
	// part and of what is over, for these need not count alike. (A census area is
	// larger than a street, and who lives among workers is not the same as who is
	// one.) Near and far are how wide it is smoothed.
	slopes
	nearContext
	nearContrast
	farContext
	farContrast
	// Every part differs from its surroundings by chance.
	nugget

	components
)

// spatial components differ from site to site by a kernel; slopes by covariates.
const (
	spatial    = int(alike) + 1
	slopeKinds = int(farContrast-slopes) + 1
)

// The lengths of the three fields, in spacings of the precincts. Powers of
// three: one exponential gives them all.
const (
	farLength    = 3.6
	middleLength = farLength / 3
	nearLength   = farLength / 9
)

// A block is some neighbouring precincts with the kernels between them.
type block struct {
	*sites
	precincts []int32 // its own, then those around it
	own       int
	first     []int32 // by precinct of the block: its first site here; one more at the end
	site      []int32 // by site of the block: its number in sites

	spacing float64
	kernel  [spatial][]float64    // site x precinct
	between [components][]float64 // precinct x precinct
	context [slopeKinds][]float64 // site x covariate
	mean    [slopeKinds][]float64 // precinct x covariate
	scale   [slopeKinds][]float64 // by covariate: what a unit of the covariate moves
}

func newBlock(s *sites, g *Ground, own, others []int32) *block {
	b := &block{sites: s, own: len(own), precincts: append(append([]int32(nil), own...), others...), first: []int32{0}}
	for _, p := range b.precincts {
		for site := s.first[p]; site < s.first[p+1]; site++ {
			b.site = append(b.site, site)
		}
		b.first = append(b.first, int32(len(b.site)))
	}
	b.spacing = spacing(s, b.precincts)
	b.kernels()
	b.aggregate(g)
	return b
}

// likeness is the three fields' kernel at a distance.
func (b *block) likeness(distance float64) (near, middle, far float64) {
	far = math.Exp(-distance / (farLength * b.spacing))
	middle = far * far * far
	near = middle * middle * middle
	return near, middle, far
}

// alikeness is the kernel between two sites' figures of the census.
func alikeness(x, y []float64) float64 {
	sum := 0.0
	for j, v := range x {
		sum += square(v - y[j])
	}
	return math.Exp(-math.Sqrt(sum/float64(len(x))) / 2)
}

// farFrom is from how many radii of a precinct on it is taken for one point: the
// mean of exp(-d/l) over its sites is then within a hundredth of that at its
// centre.
const farFrom = 4

// kernels fills what differs from site to site.
func (b *block) kernels() {
	precincts, here, width := len(b.precincts), len(b.site), b.width
	for t := range b.kernel {
		b.kernel[t] = make([]float64, here*precincts)
	}
	nearMean, farMean := make([]float64, here*width), make([]float64, here*width)
	centre, radius, weight := b.shapes()
	for i, si := range b.site {
		x := b.at(int(si))
		var nearWeight, farWeight float64
		nearAt, farAt := nearMean[i*width:][:width], farMean[i*width:][:width]
		feel := func(at int, y []float64, part, weight, distance float64) {
			near, middle, far := b.likeness(distance)
			b.kernel[fieldNear][at] += part * near
			b.kernel[fieldMiddle][at] += part * middle
			b.kernel[fieldFar][at] += part * far
			if width == 0 {
				return
			}
			b.kernel[localSlopes][at] += part * middle * dot(x, y) / float64(width)
			near, far = near*weight, far*weight
			nearWeight, farWeight = nearWeight+near, farWeight+far
			add(nearAt, y, near)
			add(farAt, y, far)
		}
		for q, p := range b.precincts {
			at := i*precincts + q
			if distance := math.Hypot(b.x[si]-b.cx[p], b.y[si]-b.cy[p]); distance > farFrom*radius[q] {
				feel(at, centre[q*width:][:width], 1, weight[q], distance)
			} else {
				for _, so := range b.site[b.first[q]:b.first[q+1]] {
					feel(at, b.at(int(so)), b.share[so], b.weight[so], math.Hypot(b.x[si]-b.x[so], b.y[si]-b.y[so]))
				}
			}
		}
		divide(nearAt, nearWeight)
		divide(farAt, farWeight)
	}
	if b.measured > 0 {
		b.compareFigures()
	}
	raw := make([]float64, here*width)
	nearOver, farOver := make([]float64, here*width), make([]float64, here*width)
	for i, si := range b.site {
		for j, v := range b.at(int(si)) {
			at := i*width + j
			raw[at], nearOver[at], farOver[at] = v, v-nearMean[at], v-farMean[at]
		}
	}
	for kind, values := range [slopeKinds][]float64{raw, nearMean, nearOver, farMean, farOver} {
		b.context[kind] = values
		b.scale[kind] = make([]float64, width)
		for j := range width {
			b.scale[kind][j] = 1
			if kind > 0 { // the covariates themselves are standardized in all of the place
				b.scale[kind][j] = b.standardize(values, j)
			}
		}
	}
}

// compareFigures fills the kernel of places with like figures of the census. Two
// sites are compared once; each sum has its terms in the order of the sites.
func (b *block) compareFigures() {
	precincts, kernel := len(b.precincts), b.kernel[alike]
	in := make([]int, len(b.site)) // the precinct of each site
	for q := range precincts {
		for i := b.first[q]; i < b.first[q+1]; i++ {
			in[i] = q
		}
	}
	for i, si := range b.site {
		x, row := b.at(int(si))[:b.measured], kernel[i*precincts:][:precincts]
		for o, so := range b.site[:i] {
			like := alikeness(x, b.at(int(so))[:b.measured])
			row[in[o]] += b.share[so] * like
			kernel[o*precincts+in[i]] += b.share[si] * like
		}
		row[in[i]] += b.share[si] // it is like itself
	}
}

// shapes gives the mean covariates of each precinct of the block, the distance
// of its farthest site from its centre, and its weight.
func (b *block) shapes() (centre, radius, weight []float64) {
	centre, radius, weight = make([]float64, len(b.precincts)*b.width), make([]float64, len(b.precincts)), make([]float64, len(b.precincts))
	for q, p := range b.precincts {
		for _, s := range b.site[b.first[q]:b.first[q+1]] {
			add(centre[q*b.width:][:b.width], b.at(int(s)), b.share[s])
			radius[q] = max(radius[q], math.Hypot(b.x[s]-b.cx[p], b.y[s]-b.cy[p]))
			weight[q] += b.weight[s]
		}
	}
	return centre, radius, weight
}

// leastScale keeps a covariate that hardly varies in a block from being blown up.
const leastScale = 0.05

// standardize brings column j of a table by site to mean 0 and deviation 1.
func (b *block) standardize(values []float64, j int) (scale float64) {
	var sum, squares, weight float64
	for i, s := range b.site {
		w := b.weight[s]
		sum, weight = sum+w*values[i*b.width+j], weight+w
	}
	if weight == 0 {
		return 1
	}
	mean := sum / weight
	for i, s := range b.site {
		d := values[i*b.width+j] - mean
		squares += b.weight[s] * d * d
	}
	scale = 1 / max(leastScale, math.Sqrt(squares/weight))
	for i := range b.site {
		v := (values[i*b.width+j] - mean) * scale
		values[i*b.width+j] = max(-traitLimit, min(traitLimit, v))
	}
	return scale
}

// aggregate averages the kernels over the sites of each precinct.
func (b *block) aggregate(g *Ground) {
	precincts, width := len(b.precincts), b.width
	for t := range b.between {
		b.between[t] = make([]float64, precincts*precincts)
	}
	for t, kernel := range b.kernel {
		for q := range precincts {
			row := b.between[t][q*precincts:][:precincts]
			for i := b.first[q]; i < b.first[q+1]; i++ {
				add(row, kernel[int(i)*precincts:][:precincts], b.share[b.site[i]])
			}
		}
		symmetrize(b.between[t], precincts)
	}
	for kind := range b.mean {
		mean := make([]float64, precincts*width)
		for q := range precincts {
			for i := b.first[q]; i < b.first[q+1]; i++ {
				add(mean[q*width:][:width], b.context[kind][int(i)*width:][:width], b.share[b.site[i]])
			}
		}
		b.mean[kind] = mean
		out := b.between[int(slopes)+kind]
		for q := range precincts {
			for o := range precincts {
				if width > 0 {
					out[q*precincts+o] = dot(mean[q*width:][:width], mean[o*width:][:width]) / float64(width)
				}
			}
		}
	}
	for q, p := range b.precincts {
		b.between[nugget][q*precincts+q] = concentration(g, p)
	}
}

// concentration is the sum of the squared shares that the parts have of a
// precinct: 1 for one part, 1/n for n alike.
func concentration(g *Ground, precinct int32) float64 {
	var sum, squares float64
	for a := g.First[precinct]; a < g.First[precinct+1]; a++ {
		w := usable(g.Weights[a])
		sum, squares = sum+w, squares+w*w
	}
	if sum == 0 {
		return 1 / float64(max(1, g.First[precinct+1]-g.First[precinct]))
	}
	return squares / sum / sum
}

// symmetrize takes the last digits out of a table that is symmetric but for them.
func symmetrize(table []float64, n int) {
	for i := range n {
		for j := range i {
			v := (table[i*n+j] + table[j*n+i]) / 2
			table[i*n+j], table[j*n+i] = v, v
		}
	}
}

func dot(x, y []float64) (sum float64) {
	for j, v := range x {
		sum += v * y[j]
	}
	return sum
}

func add(to, values []float64, times float64) {
	for j, v := range values {
		to[j] += times * v
	}
}

func divide(values []float64, by float64) {
	if by > 0 {
		for j := range values {
			values[j] /= by
		}
	}
}
