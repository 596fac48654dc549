// Package live holds a snapshot as columns in memory and answers from it: layers, tiles, scores and explanations. What it
// answers has passed the publication plan: a suppressed unit has a state and a reason, and no number.
package live
