// Reads the rows and the tiles of a server as Arrow, with the library that pages and notebooks use:
//   node test/arrow.mjs BASE_URL
// Rows must be those of the CSV, one by one, each value the same; a tile must have the units of the .mvt tile, each with its row. Prints how many rows
// of each there were, or what is wrong, and exits 1.
import assert from 'node:assert/strict'
import { tableFromIPC } from 'apache-arrow'
import { VectorTile } from '@mapbox/vector-tile'
import { PbfReader } from 'pbf'

const [base] = process.argv.slice(2)
if (!base) {
  console.error('usage: node test/arrow.mjs BASE_URL')
  process.exit(2)
}

const counts = {}
const byId = {}
for (const collection of ['segments', 'cells', 'precincts', 'communes']) {
  const address = `${base}/v1/collections/${collection}/items?skipGeometry=true`
  const [header, ...rows] = records(await (await get(`${address}&f=csv`)).text())
  const table = await tableFromIPC(get(`${address}&f=arrow`))
  assert.deepEqual(table.schema.fields.map((f) => f.name), header, `${collection}: columns`)
  assert.equal(table.numRows, rows.length, `${collection}: rows`)
  rows.forEach((row, i) => assert.deepEqual(texts(collection, header, table.get(i)), row, `${collection}, row ${i}`))
  counts[collection] = table.numRows
  byId[collection] = new Map(rows.map((row) => [row[0], row]))
}

// All tiles of a zoom together show every segment and every precinct.
for (const collection of ['segments', 'precincts']) {
  const tilejson = await (await get(`${base}/v1/tiles/${collection}.json`)).json()
  const seen = new Set()
  for (const tile of tilesOf(tilejson.bounds, 14)) {
    const mvt = await get(`${base}/v1/tiles/${collection}/${tile}.mvt`)
    const arrow = await get(`${base}/v1/tiles/${collection}/${tile}.arrow`)
    assert.equal(arrow.status, mvt.status, `${collection} ${tile}`)
    if (mvt.status === 204) continue
    const layer = new VectorTile(new PbfReader(new Uint8Array(await mvt.arrayBuffer()))).layers[collection]
    const drawn = Array.from({ length: layer.length }, (_, i) => String(layer.feature(i).properties.id))
    const table = await tableFromIPC(arrow)
    const header = table.schema.fields.map((f) => f.name).filter((name) => name !== 'geometry')
    const rows = table.toArray().map((row) => texts(collection, header, row))
    assert.deepEqual(rows.map(([id]) => id).sort(), drawn.sort(), `${collection} ${tile}: ids`)
    for (const row of rows) assert.deepEqual(row, byId[collection].get(row[0]), `${collection} ${tile}`)
    for (const id of drawn) seen.add(id)
  }
  assert.equal(seen.size, counts[collection], `${collection}: units in all tiles of zoom 14`)
}
console.log(JSON.stringify(counts))

async function get(address) {
  const answer = await fetch(address)
  assert.ok(answer.ok, `${address}: ${answer.status}`)
  return answer
}

// texts writes a row of Arrow as the CSV has it. Whole numbers are BigInt: they have more bits than a Number holds.
function texts(collection, header, row) {
  return header.map((name) => {
    const value = row[name]
    if (value === null) return ''
    if (name !== 'id') return String(value)
    assert.equal(typeof value, 'bigint', `${collection}: the type of id`)
    return collection === 'cells' ? value.toString(16).padStart(15, '0') : value.toString()
  })
}

// records reads CSV (RFC 4180).
function records(text) {
  const field = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/y
  const all = []
  for (let record = []; field.lastIndex < text.length; ) {
    const [, value, end] = field.exec(text)
    record.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value)
    if (end !== ',') {
      all.push(record)
      record = []
    }
  }
  return all
}

// tilesOf lists the tiles of a zoom over bounds, as Z/X/Y.
function tilesOf([west, south, east, north], z) {
  const column = (lon) => Math.floor(((lon + 180) / 360) * 2 ** z)
  const row = (lat) => Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * 2 ** z)
  const tiles = []
  for (let x = column(west); x <= column(east); x++) for (let y = row(north); y <= row(south); y++) tiles.push(`${z}/${x}/${y}`)
  return tiles
}
