package build

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/paulmach/orb"
)

// joinSegments joins short segments with neighbours of the same street into stretches, so that little has to be suppressed: it gives each
// segment its lead, the member of its stretch with the most households. Short is what would be suppressed: what has some households in a
// precinct, but fewer than k. Streets, households and precincts decide, and no vote.
//
// Two segments are neighbours where they share an end and have one name and one commune; a street without a name has none. The fewest
// households go first, to the neighbour with the fewest, until nothing short is left that could be joined. What is enough by itself
// is never joined to what would leave it short: so less is suppressed than if nothing was joined. A segment without households is joined
// only where a short one meets nobody and reaches over it to the nearest that has some.
//
// What the snapshot before joined stays so, and what it had by itself stays by itself: part of a stretch would be the difference of two. Only
// segments that were not there, or had nobody, are joined with one another.
func joinSegments(segments []segment, atoms []atom, k float64, before *planBefore) {
	parts := partsOf(segments, atoms)
	byStreet := map[[2]string][]int32{}
	settled := before.joinAgain(segments)
	for i := range segments {
		s := &segments[i]
		if settled[i] {
			continue
		}
		s.lead = int32(i)
		if s.street != "" {
			key := [2]string{s.commune, s.street}
			byStreet[key] = append(byStreet[key], int32(i))
		}
	}
	for _, members := range byStreet { // each for itself, so that their order does not matter
		if len(members) > 1 {
			newJoiner(segments, parts, members, k).join()
		}
	}
}

// part is the households that a segment or a stretch has in a precinct.
type part struct {
	precinct   int32
	households float64
}

// partsOf adds up the parts of each segment, of all divisions. Atoms come by precinct, and so do the parts.
func partsOf(segments []segment, atoms []atom) [][]part {
	parts := make([][]part, len(segments))
	for _, a := range atoms {
		if a.segment == noPlace || a.households == 0 {
			continue
		}
		of := &parts[a.segment]
		if n := len(*of); n > 0 && (*of)[n-1].precinct == a.precinct {
			(*of)[n-1].households += a.households
		} else {
			*of = append(*of, part{a.precinct, a.households})
		}
	}
	return parts
}

// joiner joins the segments of one street.
type joiner struct {
	segments []segment
	parts    [][]part // by segment
	k        float64
	at       map[orb.Point][]int32 // the segments that end at a point
	of       map[int32]*stretch    // by segment
	queue    shortStretches
}

// stretch is some connected segments of a street.
type stretch struct {
	members []int32 // ascending
	lead    int32
	homes   float64
	lengthM float64
	parts   []part // by precinct
	gone    bool   // it is part of another
}

func newJoiner(segments []segment, parts [][]part, members []int32, k float64) *joiner {
	j := &joiner{segments: segments, parts: parts, k: k, at: map[orb.Point][]int32{}, of: map[int32]*stretch{}}
	for _, i := range members {
		for _, end := range segments[i].ends() {
			j.at[end] = append(j.at[end], i)
		}
		j.of[i] = j.stretch([]int32{i})
	}
	return j
}

// ends are those of a segment, the lower first: which way it was drawn does not matter.
func (s *segment) ends() [2]orb.Point {
	a, b := s.planar[0], s.planar[len(s.planar)-1]
	if comparePoints(a, b) > 0 {
		a, b = b, a
	}
	return [2]orb.Point{a, b}
}

// stretch adds up members, in their order: so that sums are the same whatever was joined first.
func (j *joiner) stretch(members []int32) *stretch {
	slices.Sort(members)
	one := &stretch{members: members, lead: members[0]}
	for _, i := range members {
		s := &j.segments[i]
		one.homes += s.homes
		one.lengthM += s.lengthM
		one.parts = addParts(one.parts, j.parts[i])
		if s.homes > j.segments[one.lead].homes {
			one.lead = i
		}
	}
	return one
}

// addParts adds parts up by precinct.
func addParts(a, b []part) []part {
	sum := make([]part, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].precinct < b[0].precinct:
			sum, a = append(sum, a[0]), a[1:]
		case a[0].precinct > b[0].precinct:
			sum, b = append(sum, b[0]), b[1:]
		default:
			sum, a, b = append(sum, part{a[0].precinct, a[0].households + b[0].households}), a[1:], b[1:]
		}
	}
	return append(append(sum, a...), b...)
}

func (j *joiner) isShort(parts []part) bool {
	return slices.ContainsFunc(parts, func(p part) bool { return p.households < j.k })
}

func (j *joiner) join() {
	for j.joinOnce() {
	}
	for i, s := range j.of {
		j.segments[i].lead = s.lead
	}
}

// joinOnce lets every short stretch be joined. What found no neighbour may find one again once others are joined.
func (j *joiner) joinOnce() (joined bool) {
	for i, s := range j.of {
		if s.lead == i {
			j.offer(s)
		}
	}
	for len(j.queue) > 0 {
		short := heap.Pop(&j.queue).(*stretch)
		if short.gone {
			continue
		}
		to, between := j.neighbour(short)
		if to == nil {
			continue
		}
		one := j.stretch(slices.Concat(short.members, to.members, between))
		for _, i := range one.members {
			j.of[i] = one
		}
		short.gone, to.gone, joined = true, true, true
		j.offer(one)
	}
	return joined
}

func (j *joiner) offer(s *stretch) {
	if j.isShort(s.parts) {
		heap.Push(&j.queue, s)
	}
}

// neighbour finds what a short stretch is joined to, and the segments without households between the two. It goes outwards from the stretch, a
// segment without households at a time, and ends where it has met somebody to be joined to.
func (j *joiner) neighbour(short *stretch) (to *stretch, between []int32) {
	over := map[int32]int32{} // the segments without households that were reached: from which
	last := int32(noPlace)    // the one from which the neighbour is reached
	for reached := short.members; len(reached) > 0 && to == nil; {
		var next []int32
		for _, i := range reached {
			for _, end := range j.segments[i].ends() {
				for _, met := range j.at[end] {
					s := j.of[met]
					if _, seen := over[met]; seen || s == short || s == to {
						continue
					}
					if s.homes == 0 {
						over[met] = i
						next = append(next, met)
						continue
					}
					if j.mayJoin(short, s) && (to == nil || fewer(s, to)) {
						to, last = s, i
					}
				}
			}
		}
		reached = next
	}
	for ; to != nil && j.of[last] != short; last = over[last] {
		between = append(between, last)
	}
	return to, between
}

// mayJoin tells whether a stretch may be joined to a short one: it is short too, or they are enough together.
func (j *joiner) mayJoin(short, other *stretch) bool {
	return j.isShort(other.parts) || !j.isShort(addParts(short.parts, other.parts))
}

// fewer is the order of stretches: by households, then by length. Segments are in the order of their ids.
func fewer(a, b *stretch) bool {
	return cmp.Or(cmp.Compare(a.homes, b.homes), cmp.Compare(a.lengthM, b.lengthM), cmp.Compare(a.lead, b.lead)) < 0
}

// shortStretches is a heap: the one with the fewest households first.
type shortStretches []*stretch

func (s shortStretches) Len() int           { return len(s) }
func (s shortStretches) Less(a, b int) bool { return fewer(s[a], s[b]) }
func (s shortStretches) Swap(a, b int)      { s[a], s[b] = s[b], s[a] }
func (s *shortStretches) Push(one any)      { *s = append(*s, one.(*stretch)) }
func (s *shortStretches) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}
