// Package benchmarks measures Arpent as its users run it: the binary, on whole places. RESULTS.md holds the figures with machine,
// date, commit and command; make bench writes them there. Benchmarks of single functions stand beside the functions.
package benchmarks
