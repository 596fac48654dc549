// Package engine holds the nouns of Arpent: units, precincts, the place file, the seam every dataset is read through, the
// tables of a snapshot as Arrow schemas, and the workspace that snapshots live in.
//
// The verbs are in its folders: build makes a snapshot from sources, estimate and disclose are its pure arithmetic, live
// answers from a snapshot held in memory, duckdb answers SQL. Engine itself imports nothing of ours but geo.
package engine
