// Package geo is about places and nothing else: cells, streets and their segments, addresses, areas, projections
// and tiles, as plain values and pure functions. It reads no file, no clock and no network, takes no context and
// draws no random number, so the same arguments give the same answer wherever it is called.
//
// # Words and units
//
// A position is longitude, latitude in degrees (WGS 84; ETRS89 and RGF93 are taken as equal to it), always in this
// order, as in [github.com/paulmach/orb]. Three other kinds of coordinates occur, and a function's name or comment
// says which it takes:
//
//   - projected: metres east and north on a plane, see [Projection]. Lengths, distances and crossings are computed there.
//   - world: integers on the Web Mercator square of 2^32 units a side, see [ToWorld]. Geometry is kept so in memory.
//   - tile: integers relative to one [Tile], see [TileGrid]. Vector tiles carry these.
//
// World and tile y grow to the south; latitude and projected y grow to the north.
//
// A [Cell] is a hexagon of the H3 grid. All other cell arithmetic in the project goes through this package, which is
// the only one to import the H3 library.
//
// # Errors
//
// Wrong input gives an error that wraps one of the sentinel errors of this package (such as [ErrPosition]) and names
// the value and the remedy. Functions without an error result say in their comment what they answer outside their domain.
package geo
