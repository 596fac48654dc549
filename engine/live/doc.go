// Package live holds a snapshot as columns in memory and answers from it: layers, tiles, scores and explanations. What it
// answers has passed the publication plan: a suppressed unit has a state and a reason, and no number.
//
// It also places what happens at the doors (City.Locate), and shows a campaign's staff what its returns say of each unit (Field). There
// progress is counted exactly, and whatever is made of answers is there only where K households of the unit gave one.
package live
