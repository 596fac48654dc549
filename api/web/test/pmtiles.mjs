// Reads an archive of tiles by ranges of bytes with the pmtiles package, as maps do, and holds each of its tiles of some zooms against what the
// API answers with:
//   node test/pmtiles.mjs ARCHIVE_URL BASE_URL QUERY ZOOM...
// With a token in ARPENT_TOKEN the archive is asked for with it. Prints {tiles, bytes}, or what is wrong, and exits 1.
import { FetchSource, PMTiles } from 'pmtiles'

const [address, base, query, ...zooms] = process.argv.slice(2)
if (zooms.length === 0) {
  console.error('usage: node test/pmtiles.mjs ARCHIVE_URL BASE_URL QUERY ZOOM...')
  process.exit(2)
}
const headers = new Headers()
if (process.env.ARPENT_TOKEN) headers.set('Authorization', `Bearer ${process.env.ARPENT_TOKEN}`)
const archive = new PMTiles(new FetchSource(address, headers))
const [header, metadata] = [await archive.getHeader(), await archive.getMetadata()]
const layers = metadata.vector_layers.map((l) => l.id)

async function asked(layer, z, x, y) {
  const answer = await fetch(`${base}/v1/tiles/${layer}/${z}/${x}/${y}.mvt?${query}`)
  if (answer.status === 204) return new Uint8Array()
  if (answer.status !== 200) throw new Error(`${layer} ${z}/${x}/${y}: ${answer.status}`)
  return new Uint8Array(await answer.arrayBuffer())
}

const column = (lon, side) => Math.floor(((lon + 180) / 360) * side)
const row = (lat, side) => Math.floor(((1 - Math.asinh(Math.tan(lat * (Math.PI / 180))) / Math.PI) / 2) * side)
const seen = { tiles: 0, bytes: 0 }
for (const z of zooms.map(Number)) {
  for (let x = column(header.minLon, 2 ** z) - 1; x <= column(header.maxLon, 2 ** z) + 1; x++) {
    for (let y = row(header.maxLat, 2 ** z) - 1; y <= row(header.minLat, 2 ** z) + 1; y++) {
      const tile = Buffer.from((await archive.getZxy(z, x, y))?.data ?? [])
      const want = Buffer.concat(await Promise.all(layers.map((layer) => asked(layer, z, x, y))))
      if (!tile.equals(want)) {
        console.error(`${z}/${x}/${y}: the archive has ${tile.length} bytes, the API answers with ${want.length}`)
        process.exit(1)
      }
      if (tile.length > 0) seen.tiles++
      seen.bytes += tile.length
    }
  }
}
console.log(JSON.stringify(seen))
