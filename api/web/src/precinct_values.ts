// The values of all precincts, read from the few precinct tiles that cover the place: the scale is made from them.

import { VectorTile } from '@mapbox/vector-tile'
import { PbfReader } from 'pbf'
import { fetchTile, type TileJSON } from './api'

const maxTiles = 9

export async function precinctValues(tilejson: TileJSON): Promise<number[]> {
  const template = tilejson.tiles[0]
  const cover = coveringTiles(tilejson)
  if (!template || cover.length > maxTiles) return []
  const values = new Map<unknown, number>() // a precinct on the edge of tiles is in several
  const tiles = await Promise.all(cover.map(([z, x, y]) => fetchTile(template, z, x, y)))
  for (const bytes of tiles) {
    const layer = bytes && new VectorTile(new PbfReader(bytes)).layers['precincts']
    for (let i = 0; layer && i < layer.length; i++) {
      const { id, value, state } = layer.feature(i).properties
      if (state === 'published' && typeof value === 'number') values.set(id, value)
    }
  }
  return [...values.values()]
}

// coveringTiles gives the tiles of the deepest zoom at which at most four cover the bounds, or those of the first zoom.
function coveringTiles(tilejson: TileJSON): [number, number, number][] {
  let cover: [number, number, number][] = []
  for (let z = tilejson.minzoom; z <= tilejson.maxzoom; z++) {
    const deeper = tilesAt(tilejson.bounds, z)
    if (cover.length > 0 && deeper.length > 4) break
    cover = deeper
  }
  return cover
}

function tilesAt([west, south, east, north]: [number, number, number, number], z: number): [number, number, number][] {
  const side = 2 ** z
  const column = (lon: number): number => Math.min(side - 1, Math.max(0, Math.floor(((lon + 180) / 360) * side)))
  const row = (lat: number): number => {
    const angle = (lat * Math.PI) / 180
    return Math.min(side - 1, Math.max(0, Math.floor(((1 - Math.asinh(Math.tan(angle)) / Math.PI) / 2) * side)))
  }
  const tiles: [number, number, number][] = []
  for (let x = column(west); x <= column(east); x++) {
    for (let y = row(north); y <= row(south); y++) {
      tiles.push([z, x, y])
      if (tiles.length > maxTiles) return tiles
    }
  }
  return tiles
}
