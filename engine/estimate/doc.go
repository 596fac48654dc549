// Package estimate holds the numerics of street-level estimates: whole numbers
// that keep their totals, the shares of parts of a precinct, and the doubt of
// each. Everything here is a pure function of its arguments.
//
// Words: a precinct is the area votes are counted in. A part is what one street
// segment has in one precinct. Registered voters of a precinct are R, of a part
// n; a choice (abstention and blank votes included) got V votes, so that the
// votes of all choices add up to R.
//
// The way of one precinct and contest: [LargestRemainder] shares R out over the
// parts by weight, [FlatShares] expects of each part the precinct's shares,
// [Rounder.Round] makes whole numbers that add up both by part and by choice,
// and [Rounder.Split] hands each part's numbers down to its cells. [Sum] gives
// the interval of any unit made of parts, [Backtest] measures how true those
// intervals are.
package estimate
