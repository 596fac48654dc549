// Package transfer copies the field log from one store to another, whatever they are, and says that the copy is whole only once it has read both.
//
// # What is copied
//
// Every entry with all its columns under its position, and every settlement, not the latest alone: so the copy answers every question as the
// source does, also those about the log as it was, and what is noted elsewhere by positions stays right. Entries of campaigns that
// were not named would be left behind, and are an error.
//
// # How it goes on
//
// Entries and settlements have their numbers from one sequence. A window of it is one commit, and settles the copy up to its end. A commit
// is in a store as a whole or not at all: so how far a copy is settled says where an interrupted one goes on, and nothing else has to be
// noted. Before it does, what is there is compared with the source: something may have been erased meanwhile, or the target is of somebody else.
package transfer
