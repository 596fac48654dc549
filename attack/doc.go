// Package attack plays an adversary against what a server publishes. It has tests alone.
//
// A small village is built from files, of which the tests know the truth: how many households and votes each atom has. It is served as any
// place is, and the adversary asks the API for every number that it gives. Each is an equation over the atoms. With exact arithmetic it is
// then decided whether any set of atoms with 1 to 10 households can be computed from them. In copies of the village leaks are planted, and
// the adversary must find each: so the tests show that they would find one.
package attack
