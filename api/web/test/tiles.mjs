// Reads every tile of every layer that a server offers and checks them with an independent decoder:
//   node test/tiles.mjs BASE_URL ZOOM...
// A tile must decode, hold one layer of the version and extent of the specification, have valid properties, and no feature
// twice. Every zoom of a layer other than cells must show the same features, so that none is lost between neighbours; at a
// zoom that a layer is not made for, it is left out. Prints {layer: {zoom: {tiles, empty, bytes, features, published}}}, or what
// is wrong, and exits 1.
import { VectorTile } from '@mapbox/vector-tile'
import { PbfReader } from 'pbf'

const [base, ...zooms] = process.argv.slice(2)
if (!base || zooms.length === 0 || zooms.some((z) => !/^\d+$/.test(z))) {
  console.error('usage: node test/tiles.mjs BASE_URL ZOOM...')
  process.exit(2)
}

const faults = []
const fault = (text) => faults.length < 20 && faults.push(text)
const result = {}

for (const layer of ['segments', 'cells', 'precincts']) {
  const tilejson = await json(`${base}/v1/tiles/${layer}.json`)
  result[layer] = {}
  for (const z of zooms.map(Number)) {
    if (z < tilejson.minzoom || z > tilejson.maxzoom) continue
    result[layer][z] = await readZoom(layer, tilejson, z)
  }
  const counts = new Set(Object.values(result[layer]).map((r) => r.features))
  if (layer !== 'cells' && counts.size > 1) fault(`${layer}: features differ between zooms: ${[...counts].join(', ')}`)
}

if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
console.log(JSON.stringify(result))

async function json(address) {
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(`${address}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

async function readZoom(layer, tilejson, z) {
  const seen = new Map() // id -> state
  const counts = { tiles: 0, empty: 0, bytes: 0 }
  const tiles = cover(tilejson.bounds, z)
  const next = async () => {
    for (let tile = tiles.pop(); tile; tile = tiles.pop()) await readTile(layer, tilejson, tile, counts, seen)
  }
  await Promise.all([next(), next(), next(), next()])
  return { ...counts, features: seen.size, published: [...seen.values()].filter((s) => s === 'published').length }
}

async function readTile(layer, tilejson, [z, x, y], counts, seen) {
  const address = tilejson.tiles[0].replace('{z}', z).replace('{x}', x).replace('{y}', y)
  const answer = await fetch(address)
  counts.tiles++
  if (answer.status === 204) {
    counts.empty++
    return
  }
  if (answer.status !== 200) return fault(`${address}: ${answer.status}`)
  const bytes = new Uint8Array(await answer.arrayBuffer())
  counts.bytes += bytes.length
  const tile = new VectorTile(new PbfReader(bytes))
  const names = Object.keys(tile.layers)
  if (names.length !== 1 || names[0] !== layer) return fault(`${address}: layers ${names}`)
  const { version, extent, length } = tile.layers[layer]
  if (version !== 2 || extent !== 4096 || length === 0) fault(`${address}: version ${version}, extent ${extent}, ${length} features`)
  const here = new Set()
  for (let i = 0; i < length; i++) {
    const feature = tile.layers[layer].feature(i)
    const { id, state } = feature.properties
    const at = `${address}: feature ${id}`
    if (here.has(id)) fault(`${at} is there twice`)
    here.add(id)
    checkFeature(at, layer, feature, fault)
    if (seen.has(id) && seen.get(id) !== state) fault(`${at} is ${state} here and ${seen.get(id)} in a neighbour`)
    seen.set(id, state)
  }
}

function checkFeature(at, layer, feature, fault) {
  const { id, state, reason, value, low, high, n, name } = feature.properties
  const idIsRight = layer === 'cells' ? /^[0-9a-f]{15}$/.test(id) : Number.isSafeInteger(id) && id > 0
  if (!idIsRight) fault(`${at}: not an id`)
  if (feature.type !== (layer === 'segments' ? 2 : 3)) fault(`${at}: geometry type ${feature.type}`)
  if (feature.loadGeometry().every((part) => part.length < 2)) fault(`${at}: no geometry`)
  if (!['published', 'suppressed', 'empty'].includes(state)) fault(`${at}: state ${state}`)
  if (state === 'published') {
    if (typeof value !== 'number' || value < 0 || !Number.isSafeInteger(n) || n < 0) fault(`${at}: value ${value}, n ${n}`)
    if (low !== undefined && !(low <= value + 1e-6 && value - 1e-6 <= high)) fault(`${at}: ${value} is not between ${low} and ${high}`)
    if (reason) fault(`${at}: published, with a reason`)
  } else {
    if ([value, low, high, n].some((number) => number !== undefined)) fault(`${at}: ${state}, with numbers`)
    if (state === 'suppressed' && !['k', 'complement'].includes(reason)) fault(`${at}: suppressed for ${reason}`)
  }
  if (name !== undefined && typeof name !== 'string') fault(`${at}: name ${name}`)
}

function cover([west, south, east, north], z) {
  const side = 2 ** z
  const column = (lon) => Math.min(side - 1, Math.max(0, Math.floor(((lon + 180) / 360) * side)))
  const row = (lat) => Math.min(side - 1, Math.max(0, Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * side)))
  const tiles = []
  for (let x = column(west); x <= column(east); x++) {
    for (let y = row(north); y <= row(south); y++) tiles.push([z, x, y])
  }
  return tiles
}
