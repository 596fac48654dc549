package estimate

import "slices"

// FlatShares fills dst with the votes expected in each part of a precinct when
// every part votes as the precinct did: n*V/R for a part of n registered voters
// and a choice of V votes, where R is the sum of the parts. dst is stored part
// by part, len(registered) x len(votes); it is reused when it has room, else
// allocated, and returned. Its columns add up to the votes, and its rows to the
// parts when the votes add up to R. In a precinct without voters all is zero.
func FlatShares(registered, votes []int64, dst []float64) []float64 {
	dst = slices.Grow(dst[:0], len(registered)*len(votes))[:len(registered)*len(votes)]
	all := int64(0)
	for _, n := range registered {
		all += n
	}
	for a, n := range registered {
		for k, v := range votes {
			at := a*len(votes) + k
			dst[at] = 0
			if all > 0 {
				dst[at] = float64(n) * float64(v) / float64(all)
			}
		}
	}
	return dst
}
