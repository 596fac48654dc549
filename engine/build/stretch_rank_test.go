package build

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// With stretches too no count of fewer than 11 households is a linear combination of what is published: of each set of atoms that are fewer
// the vector is held against the span of the published sums. It would be found if a joined segment was published by itself.
func TestNothingSmallIsComputableOfStretches(t *testing.T) {
	s, _ := mustRun(t, makeVillage().withDeadEnd().options(t, 50))
	end := segmentOf(t, s, "99001_Haute_00041")
	atoms, lead := readAtoms(t, s)
	var known span
	for _, unit := range publishedUnits(t, s) {
		known.add(atoms.vector(func(a writtenAtom) bool { return a.in(unit, lead) }))
	}
	if found := known.smallSet(atoms); found != nil {
		t.Errorf("the households of atoms %v can be computed", found)
	}
	known.add(atoms.vector(func(a writtenAtom) bool { return a.segment == end }))
	if known.smallSet(atoms) == nil {
		t.Error("the households of a joined segment are not found where it is published: the test shows nothing")
	}
}

// writtenAtom is an atom of a snapshot as its table has it.
type writtenAtom struct {
	segment, precinct int64
	cell              geo.Cell
	households        float64
}

type writtenAtoms []writtenAtom

// unitKey names a unit.
type unitKey struct {
	unit engine.Unit
	id   int64
}

// in tells whether an atom is of a unit; lead gives the segment that a segment stands under. The village is one commune.
func (a writtenAtom) in(u unitKey, lead map[int64]int64) bool {
	switch u.unit {
	case engine.UnitSegment:
		return lead[a.segment] == u.id
	case engine.UnitPrecinct:
		return a.precinct == u.id
	case engine.UnitCell:
		return int64(a.cell.Parent(geo.Cell(u.id).Resolution())) == u.id
	}
	return true
}

func (all writtenAtoms) vector(in func(writtenAtom) bool) []uint64 {
	v := make([]uint64, len(all))
	for i, a := range all {
		if in(a) {
			v[i] = 1
		}
	}
	return v
}

// readAtoms reads the atoms with households, and what each segment stands under.
func readAtoms(t *testing.T, s *engine.Snapshot) (atoms writtenAtoms, lead map[int64]int64) {
	t.Helper()
	lead = map[int64]int64{}
	for _, line := range lines(t, s, engine.Segments, "segment_id", "joined_to") {
		id, joined, _ := strings.Cut(line, " ")
		if lead[number(t, id)] = number(t, id); joined != "(null)" {
			lead[number(t, id)] = number(t, joined)
		}
	}
	for _, line := range lines(t, s, engine.Atoms, "segment_id", "precinct_id", "cell", "households") {
		f := strings.Fields(line)
		homes, err := strconv.ParseFloat(f[3], 64)
		if err != nil {
			t.Fatal(err)
		}
		if homes > 0 {
			atoms = append(atoms, writtenAtom{number(t, f[0]), number(t, f[1]), geo.Cell(number(t, f[2])), homes})
		}
	}
	return atoms, lead
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func publishedUnits(t *testing.T, s *engine.Snapshot) (units []unitKey) {
	t.Helper()
	published := lines(t, s, engine.Estimates, "unit", "unit_id", "state")
	slices.Sort(published)
	for _, line := range slices.Compact(published) {
		f := strings.Fields(line)
		if f[2] == string(engine.Published) {
			units = append(units, unitKey{engine.Unit(f[0]), number(t, f[1])})
		}
	}
	return units
}

// prime is what is counted modulo: that what cannot be computed in whole numbers could be so by chance has odds of one in two billion.
const prime = 1<<31 - 1

// span is a basis of vectors in echelon form: each has a first 1 where no other has anything.
type span struct {
	basis  [][]uint64
	pivots []int
}

// rest is what is left of a vector less what the basis has of it.
func (s *span) rest(v []uint64) []uint64 {
	v = slices.Clone(v)
	for i, b := range s.basis {
		v = subtract(v, b, v[s.pivots[i]])
	}
	return v
}

// subtract takes a multiple of b from v.
func subtract(v, b []uint64, times uint64) []uint64 {
	for j := range v {
		v[j] = (v[j] + (prime-times)*b[j]) % prime
	}
	return v
}

func (s *span) add(v []uint64) {
	v = s.rest(v)
	pivot := slices.IndexFunc(v, func(x uint64) bool { return x != 0 })
	if pivot < 0 {
		return
	}
	v = subtract(make([]uint64, len(v)), v, prime-inverse(v[pivot]))
	for i, b := range s.basis {
		s.basis[i] = subtract(b, v, b[pivot])
	}
	s.basis, s.pivots = append(s.basis, v), append(s.pivots, pivot)
}

// inverse is x to the power of prime - 2.
func inverse(x uint64) uint64 {
	y := uint64(1)
	for power := prime - 2; power > 0; power /= 2 {
		if power%2 == 1 {
			y = y * x % prime
		}
		x = x * x % prime
	}
	return y
}

// smallSet finds atoms of fewer than 11 households whose vector is in the span; nil where there are none. What is left of a set is the sum of
// what is left of its atoms.
func (s *span) smallSet(atoms writtenAtoms) (set []int) {
	rests := make([][]uint64, len(atoms))
	for i := range atoms {
		one := make([]uint64, len(atoms))
		one[i] = 1
		rests[i] = s.rest(one)
	}
	var try func(from int, households float64, left []uint64) bool
	try = func(from int, households float64, left []uint64) bool {
		for i := from; i < len(atoms); i++ {
			homes := households + atoms[i].households
			if homes >= 11 {
				continue
			}
			sum := subtract(slices.Clone(left), rests[i], prime-1)
			set = append(set, i)
			if !slices.ContainsFunc(sum, func(x uint64) bool { return x != 0 }) || try(i+1, homes, sum) {
				return true
			}
			set = set[:len(set)-1]
		}
		return false
	}
	if try(0, 0, make([]uint64, len(atoms))) {
		return set
	}
	return nil
}
