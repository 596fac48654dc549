// Package clickhouse keeps the field log on a cluster of ClickHouse servers. It is the only import of their driver.
//
// # Where an entry lies
//
// Entries are spread over the shards by the cell of resolution 8 that they are in, so that a group of a roll-up by cells of resolution 8 or finer
// is counted on one shard. A settlement lies beside its entry. Writing and reading go through Distributed tables, on any server: the
// store knows the shards only to make tables and to erase.
//
// # A commit
//
// ClickHouse has no transaction over several inserts. So each row bears the number of its commit, and counts only when the marker of that
// commit is there, a row of its own that is written last:
//
//	entries, settlements   rows of commit 7, on all shards, awaited
//	commits                the marker of commit 7: how far the store has come
//
// A reader takes the latest marker first and asks for rows up to it, so that all that it reads, on all shards and in all queries, is of one state of the log.
// A commit that failed half-way is void: the marker of the next says so, and no reader ever counts its rows. They are deleted when the store
// is opened and with each erasure. Only where the process ends before it could write that marker, and the one of the commit had been written in spite of the error, the commit counts from
// the next opening on.
//
// # One writer
//
// Opening takes the store over. The number of a commit begins with a term, which each opening raises. Its first marker is a claim: it counts as no state, and whoever opens the store
// later looks past it. What the claimant then finds to be the last state becomes, in a second marker, the first of its term, and makes void whatever the writer before may still
// try. A writer looks at the markers after it has written its own and before it acknowledges: one that was replaced finds the newer term and refuses.
//
// # An erasure
//
// An erasure is a commit that settles its entries as erased, so that they are gone for all readers at one moment. Then they are deleted on every
// replica, the files that held them too, and only then it is done. What is interrupted is owed, and paid with the next erasure or at
// the next start; it counts for no reader meanwhile.
//
// # What it relies on
//
// An insert is awaited on all replicas of a shard where the cluster writes to each (internal_replication false), or on a quorum that
// reads are held to (ReplicatedMergeTree). Limits of time and memory are errors here and never cut an answer short, a shard that does not answer
// neither: the reader gets [engine.ErrStoreUnavailable] after one more try.
package clickhouse
