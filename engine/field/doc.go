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
// # Epochs together
//
// What is published of a precinct at an epoch is a picture of it: how many households had answered, and what. Anybody may have kept all of them, and add
// and subtract them. A new picture is published where K doors answer that are in no picture before. Then nothing that is made of pictures is of 1
// to K-1 households:
//
//   - Take a combination of pictures, whatever of each (households, answers, answers by support) it takes how many times, and the last picture that it
//     takes any of, c. A door is in the combination unless what it adds to the pictures cancels for every answer. What the K doors add
//     to the last picture is added nowhere else, so it stands there as c, which is not zero: all K are in it.
//   - A door that was in a picture before counts for nothing here, whatever it says now. If doors with a changed answer counted, the number of
//     households would be of the few that are new beside them; if doors that are gone did, a door that comes again with the same answer
//     would cancel.
//   - What corrects another return may have stood at another door, and a door may be in another precinct since another snapshot: neither is new. Answers at no
//     door in particular are in the pictures and never counted: they are more in a combination, not less.
//   - Of a door that was erased nothing is kept, so that it could come again and be taken for new. Of each precinct it is counted how many of its doors were
//     erased that may have been in a picture, and so many more have to be new. Where the erasure was of a door, its tombstone tells it when it comes again, and it
//     counts for nothing.
//   - A picture of fewer than K households is not published. That a precinct is hidden because K have gone and fewer than K are left tells no number.
//
// What a door is new to is known by where its first return stands in the log, before or after the last picture. So what has to be kept is the position of that
// and the number of erased doors, and all else is read from the log again at the start. Per door it takes 56 bytes in memory (BenchmarkDoors).
//
// It does not help where a door is not told for what it is: one that was erased in one precinct, and answers in another after a new snapshot; one that
// was taken back and is sent as a return of its own with another door; and a log that was put back from a backup.
//
// # On the disk
//
// Beside the store the log writes small files, each fsynced: what was erased, as hashes (erased-CAMPAIGN), what was published, and how
// many doors of it were erased (epochs-CAMPAIGN.json), and the chained record of reads and erasures (audit.log). No id, door or canvasser stands in them.
package field
