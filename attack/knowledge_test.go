package attack

import (
	"fmt"
	"math/big"
	"math/bits"
	"slices"
	"strings"
	"testing"
)

// knowledge is equations over some atoms: each is a number that somebody has seen, and how often each atom is counted in it. What can be
// computed of them is the span of their rows.
type knowledge struct {
	atoms []*atom
	facts []fact // those that told something new
	basis [][]uint64
	pivot []int
	seen  map[string]bool // sums of atoms, a byte each
}

// fact is a row, and where its number was seen.
type fact struct {
	row  []*big.Rat
	from string
}

func newKnowledge(atoms []*atom) *knowledge { return &knowledge{atoms: atoms, seen: map[string]bool{}} }

// add takes the sum of some atoms as known.
func (k *knowledge) add(from string, in func(*atom) bool) {
	row, print := make([]*big.Rat, len(k.atoms)), make([]byte, len(k.atoms))
	for i, a := range k.atoms {
		row[i] = new(big.Rat)
		if in(a) {
			row[i].SetInt64(1)
			print[i] = 1
		}
	}
	if !k.seen[string(print)] {
		k.seen[string(print)] = true
		k.addRow(from, row)
	}
}

// addRow takes a sum with any weights as known.
func (k *knowledge) addRow(from string, row []*big.Rat) {
	v := make([]uint64, len(row))
	for i, x := range row {
		v[i] = residue(x)
	}
	v = k.rest(v)
	pivot := slices.IndexFunc(v, func(x uint64) bool { return x != 0 })
	if pivot < 0 {
		return
	}
	one := inverse(v[pivot])
	for j := range v {
		v[j] = times(v[j], one)
	}
	for i := range k.basis {
		k.basis[i] = less(k.basis[i], v, k.basis[i][pivot])
	}
	k.basis, k.pivot, k.facts = append(k.basis, v), append(k.pivot, pivot), append(k.facts, fact{row, from})
}

// rest is what is left of a vector less what is known of it.
func (k *knowledge) rest(v []uint64) []uint64 {
	v = slices.Clone(v)
	for i, b := range k.basis {
		v = less(v, b, v[k.pivot[i]])
	}
	return v
}

// leak is atoms of 1 to 10 households that can be computed.
type leak struct {
	atoms      []*atom
	households float64
	from       []string // what they are computed from
}

func (l *leak) String() string {
	return fmt.Sprintf("the %v households of %d atoms can be computed from:\n\t%s", l.households, len(l.atoms), strings.Join(l.from, "\n\t"))
}

// leak finds a set of atoms with 1 to 10 households whose sum can be computed; nil where there is none. It tries all of them: in arithmetic modulo a
// prime, by a sum of what is left of the atoms that is zero with odds of one in 10^18 if the set is not known. What is found is confirmed in fractions.
func (k *knowledge) leak(t *testing.T) *leak {
	t.Helper()
	left := make([][]uint64, len(k.atoms)) // of each atom by itself
	mark := make([]uint64, len(k.atoms))   // the same as one number
	dice := uint64(1)
	weights := make([]uint64, len(k.atoms))
	for j := range weights {
		dice = times(dice, 0x2545F4914F6CDD1D%prime)
		weights[j] = dice
	}
	for i := range k.atoms {
		one := make([]uint64, len(k.atoms))
		one[i] = 1
		left[i] = k.rest(one)
		for j, x := range left[i] {
			mark[i] = plus(mark[i], times(x, weights[j]))
		}
	}
	var set []int
	var try func(from int, households float64, sum uint64) bool
	try = func(from int, households float64, sum uint64) bool {
		for i := from; i < len(k.atoms); i++ {
			homes := households + k.atoms[i].households
			if k.atoms[i].households > 0 && !small(homes) {
				continue
			}
			set = append(set, i)
			if next := plus(sum, mark[i]); small(homes) && next == 0 || try(i+1, homes, next) {
				return true
			}
			set = set[:len(set)-1]
		}
		return false
	}
	if !try(0, 0, 0) {
		return nil
	}
	found := &leak{}
	for _, i := range set {
		found.atoms = append(found.atoms, k.atoms[i])
		found.households += k.atoms[i].households
	}
	found.from = k.combination(set)
	if found.from == nil {
		t.Fatalf("atoms %v are known modulo a prime and not in fractions", set)
	}
	return found
}

// combination solves for the facts that a set of atoms is computed from, in fractions: with its weight before each. nil where they do not give it.
func (k *knowledge) combination(set []int) []string {
	// A row for each atom: the facts' weights there, and whether it is in the set.
	n := len(k.facts)
	rows := make([][]*big.Rat, len(k.atoms))
	for i := range rows {
		rows[i] = make([]*big.Rat, n+1)
		for f := range k.facts {
			rows[i][f] = new(big.Rat).Set(k.facts[f].row[i])
		}
		rows[i][n] = new(big.Rat)
		if slices.Contains(set, i) {
			rows[i][n].SetInt64(1)
		}
	}
	// The facts are independent of each other: each gets a pivot.
	for column := range n {
		found := slices.IndexFunc(rows[column:], func(row []*big.Rat) bool { return row[column].Sign() != 0 })
		if found < 0 {
			return nil
		}
		rows[column], rows[column+found] = rows[column+found], rows[column]
		one := new(big.Rat).Inv(rows[column][column])
		for j := column; j <= n; j++ {
			rows[column][j].Mul(rows[column][j], one)
		}
		for i, row := range rows {
			if i == column || row[column].Sign() == 0 {
				continue
			}
			by := new(big.Rat).Set(row[column])
			for j := column; j <= n; j++ {
				if rows[column][j].Sign() != 0 {
					row[j].Sub(row[j], new(big.Rat).Mul(by, rows[column][j]))
				}
			}
		}
	}
	for _, row := range rows[n:] {
		if row[n].Sign() != 0 {
			return nil
		}
	}
	var from []string
	for f := range k.facts {
		if w := rows[f][n]; w.Sign() != 0 {
			from = append(from, w.RatString()+" x "+k.facts[f].from)
		}
	}
	return from
}

// hidden gives whole numbers by atom that no known sum changes by: nobody could tell if the truth was another by so much. They are zero where
// all is known.
func (k *knowledge) hidden() []int64 {
	sum := make([]int64, len(k.atoms))
	for free := range k.atoms {
		if slices.Contains(k.pivot, free) {
			continue
		}
		// The free atom 1 more: of each pivot so much less as its row says.
		v := make([]int64, len(k.atoms))
		v[free] = 1
		whole := true
		for i, b := range k.basis {
			switch x := b[free]; {
			case x < 1<<20:
				v[k.pivot[i]] = -int64(x)
			case prime-x < 1<<20:
				v[k.pivot[i]] = int64(prime - x)
			default:
				whole = false // a fraction
			}
		}
		for i := range v {
			if whole {
				sum[i] += v[i]
			}
		}
	}
	return sum
}

// prime is 2^61 - 1, which arithmetic is done modulo.
const prime = 1<<61 - 1

func plus(a, b uint64) uint64 { return (a + b) % prime }

func times(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	_, rest := bits.Div64(high, low, prime)
	return rest
}

// less takes a multiple of b from v.
func less(v, b []uint64, by uint64) []uint64 {
	if by == 0 {
		return v
	}
	out := make([]uint64, len(v))
	for j := range v {
		out[j] = plus(v[j], prime-times(b[j], by))
	}
	return out
}

// inverse is x to the power of prime - 2.
func inverse(x uint64) uint64 {
	y := uint64(1)
	for power := uint64(prime - 2); power > 0; power /= 2 {
		if power%2 == 1 {
			y = times(y, x)
		}
		x = times(x, x)
	}
	return y
}

func residue(x *big.Rat) uint64 {
	mod := func(n *big.Int) uint64 { return new(big.Int).Mod(n, big.NewInt(prime)).Uint64() }
	return times(mod(x.Num()), inverse(mod(x.Denom())))
}

func TestKnowledge(t *testing.T) {
	ground := func(households ...float64) (atoms []*atom) {
		for i, h := range households {
			atoms = append(atoms, &atom{segment: int64(i), households: h})
		}
		return atoms
	}
	for _, c := range []struct {
		name       string
		households []float64
		known      [][]int64 // atoms
		want       float64   // households of the leak
	}{
		{"nothing is known", []float64{5, 5}, nil, 0},
		{"a small sum is a leak", []float64{5, 20}, [][]int64{{0}}, 5},
		{"so is the rest of a sum", []float64{5, 20}, [][]int64{{0, 1}, {1}}, 5},
		{"a rest of 11 is not", []float64{11, 20}, [][]int64{{0, 1}, {1}}, 0},
		{"three sums of pairs give each", []float64{3, 20, 30}, [][]int64{{0, 1}, {1, 2}, {0, 2}}, 3},
		{"two that are together are one", []float64{4, 5, 20}, [][]int64{{0, 1, 2}, {2}}, 9},
		{"of a chain of pairs none is known", []float64{20, 12, 20, 12, 6}, [][]int64{{0, 1}, {1, 2}, {2, 3}, {3, 4}}, 0},
	} {
		k := newKnowledge(ground(c.households...))
		for i, atoms := range c.known {
			k.add(fmt.Sprint("sum ", i), func(a *atom) bool { return slices.Contains(atoms, a.segment) })
		}
		switch found := k.leak(t); {
		case found == nil && c.want != 0:
			t.Errorf("%s: no leak is found", c.name)
		case found != nil && found.households != c.want:
			t.Errorf("%s: %v, want %v", c.name, found, c.want)
		}
	}
}
