package geo

// CurveIndex returns where a valid tile lies on the Hilbert curve through the tiles of its zoom, from 0. Tiles that follow each other on the
// curve are neighbours, and the tile at i is made up of those at 4i to 4i+3 of the next zoom. It is the order of tiles in a PMTiles archive.
func (t Tile) CurveIndex() (index uint64) {
	x, y := t.X, t.Y
	for bit := int(t.Z) - 1; bit >= 0; bit-- {
		right, below := x>>bit&1, y>>bit&1
		index = index<<2 | uint64(3*right^below)
		x, y = turnCurve(x, y, right, below)
	}
	return index
}

// TileOnCurve returns the tile of a zoom, 0 to 24, at an index on the curve: see [Tile.CurveIndex].
func TileOnCurve(zoom uint8, index uint64) Tile {
	var x, y uint32
	for bit := range zoom {
		right := uint32(index>>1) & 1
		below := uint32(index)&1 ^ right
		x, y = turnCurve(x, y, right, below)
		low := uint32(1)<<bit - 1
		x, y = x&low|right<<bit, y&low|below<<bit
		index >>= 2
	}
	return Tile{Z: zoom, X: x, Y: y}
}

// turnCurve turns the lower bits of a position in a quarter of a square so that the curve through it begins and ends as in the square.
func turnCurve(x, y, right, below uint32) (uint32, uint32) {
	if below == 1 {
		return x, y
	}
	if right == 1 {
		x, y = ^x, ^y
	}
	return y, x
}
