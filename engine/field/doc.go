// Package field is the log of what happens at the doors. What it acknowledges is kept, counts once, and can be erased.
//
// A [engine.Return] is checked, placed, stripped of what may not be kept and given to the store with those of other callers in one
// commit, which alone is the acknowledgement ([Log.Append]). The store keeps a bag: copies, corrections, conflicts and quarantined
// returns are all in it. What each counts for is decided by the fold ([fold]), a pure function of the entries that are tied
// to each other by their id and by what they replace, so that any order of arrival gives the same state. The commit that brings an
// entry also settles it.
//
// # In memory
//
// The fold must know an id when it comes again, so the log keeps the ids of all entries in memory: 70 bytes an id where one
// in a hundred is a correction, 0.7 GB for ten million (BenchmarkIdentities). They are read from the store
// in the background when it is opened. Until that has ended returns are acknowledged and not settled, and whoever asks for counts waits.
//
// # On the disk
//
// Beside the store the log writes small files, each fsynced: what was erased, as hashes (erased-CAMPAIGN), what was published last
// (epochs-CAMPAIGN.json), and the chained record of reads and erasures (audit.log). No id, door or canvasser stands in them.
package field
