// Package disclose settles what may be published, such that nothing can be
// learnt about fewer than k households, not even by subtraction.
//
// A unit (a cell, an area votes are counted in or above, a street segment) is a
// sum of atoms. Whoever knows the numbers of all published units can add and
// subtract them at will, and so learn the numbers of other sets of atoms. The
// plan that [Settle] makes leaves no such set with more than 0 and fewer than k
// households.
//
// # Why that can be decided
//
// Cells form a tree, and so do commune, precinct and the part of a segment that
// lies in a precinct. In a tree the published units, each less the published
// ones below it, cut the atoms into disjoint blocks, and whatever can be
// computed from the tree is a sum of blocks. So an atom lies in one block of
// cells and one block of areas: it is an edge between two nodes, and what is
// known is the sum over the edges of each node. Atoms under no published unit
// of a tree hang on one node more, outside, of which nothing is known.
//
// A set of edges can be computed from sums over nodes just when it is a cut
// that all its edges cross the same way, from the cells' side to the areas'
// side, or a union of such cuts: the numbers by which the sums are multiplied
// are potentials, the edges of the set are where the potential drops by one,
// and no edge may have it rise. By the theorem of maximum flow and minimum cut
// (Ford and Fulkerson 1956) the smallest such cut through an edge is the flow
// that fits from its one end to the other, forward through each edge as much as
// it has households, backward without limit. If that is at least k for every
// edge, no set under k households can be computed. If not, the cut is a leak,
// and the smallest unit that closes it is suppressed.
//
// # Several plans of one place
//
// Whoever keeps the numbers of a place before some households came and went has
// the sums of two plans. Each may be safe and both together not: one publishes a
// unit that the other does not, and the difference is small. So a plan publishes
// of the units in which somebody lived before only those that the plan before
// published ([Withheld]). Of the households of any time every later sum is then
// one that the plan of that time has, or a sum of nobody: later plans tell
// nothing of them, however many there are, even to somebody who knows who came
// and went. It is enough that each plan heeds the one before it, if what is
// withheld once stays withheld, also while nobody lives there.
//
// What this does not cover: other sums than these are not known to it, such as
// parts of a cell by precinct, areas that overlap, or a second plan that did not
// heed the first. Nor is it told what an official file reveals by itself: a precinct
// under k households is suppressed, but others publish its result. And votes
// are not negative: a total of zero tells that all its atoms have zero.
package disclose
