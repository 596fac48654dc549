// Which tiles show a part of the map that has changed.

interface TileID {
  z: number
  x: number
  y: number
}

const overhang = 1 / 3 // of a tile: coarse cells reach farther than the precincts that are counted in them

// tilesTouched lists the tiles that meet some bounds (west, south, east, north), at the zooms that can be on the screen.
export function tilesTouched(bounds: [number, number, number, number][], minzoom: number, maxzoom: number): TileID[] {
  const found = new Map<string, TileID>()
  for (let z = minzoom; z <= maxzoom; z++) {
    const side = 2 ** z
    const within = (at: number): number => Math.min(side - 1, Math.max(0, Math.floor(at)))
    for (const [west, south, east, north] of bounds) {
      const [left, right] = [west, east].map((lon) => ((lon + 180) / 360) * side) as [number, number]
      const [top, bottom] = [north, south].map((lat) => ((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * side) as [number, number]
      for (let x = within(left - overhang); x <= within(right + overhang); x++) {
        for (let y = within(top - overhang); y <= within(bottom + overhang); y++) found.set(`${z}/${x}/${y}`, { z, x, y })
      }
    }
  }
  return [...found.values()]
}
