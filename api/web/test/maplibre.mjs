// Draws a layer with MapLibre in a browser from nothing but the address of its TileJSON:
//   node test/maplibre.mjs BASE_URL
// The page is of another origin, as the map of somebody else is. Every feature that is drawn must have its id, and those that are published their
// value. Prints {features, published, suppressed}, or what is wrong, and exits 1. The browser is the one of CHROMIUM, /usr/bin/chromium by default.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'

const [base] = process.argv.slice(2)
if (!base) {
  console.error('usage: node test/maplibre.mjs BASE_URL')
  process.exit(2)
}

const page = `<!doctype html><meta charset="utf-8"><title>A map</title><div id="map" style="width:800px;height:600px"></div><script src="/maplibre-gl.js"></script>
<script>
const map = new maplibregl.Map({ container: 'map', style: { version: 8, sources: { streets: { type: 'vector', url: '${base}/v1/tiles/segments.json?measure=turnout' } },
  layers: [{ id: 'streets', type: 'line', source: 'streets', 'source-layer': 'segments', paint: { 'line-width': 2 } }] } })
map.on('error', (e) => console.error(e.error.message))
const ready = map.once('load').then(async () => {
  const [west, south, east, north] = (await (await fetch(map.getStyle().sources.streets.url)).json()).bounds
  map.fitBounds([[west, south], [east, north]], { animate: false })
  await map.once('idle')
  return map.queryRenderedFeatures({ layers: ['streets'] }).map((f) => ({ id: f.id, properties: f.properties }))
})
</script>`
const library = await readFile(new URL('../node_modules/maplibre-gl/dist/maplibre-gl.js', import.meta.url))
const host = createServer((request, answer) => {
  const script = request.url === '/maplibre-gl.js'
  answer.setHeader('Content-Type', script ? 'text/javascript' : 'text/html')
  answer.end(script ? library : request.url === '/' ? page : '')
}).listen(0, '127.0.0.1')
await new Promise((resolve) => host.once('listening', resolve))

const faults = []
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
})
try {
  const tab = await browser.newPage()
  tab.on('console', (line) => line.type() === 'error' && faults.push(`console: ${line.text()}`))
  tab.on('pageerror', (error) => faults.push(`page: ${error.message}`))
  await tab.goto(`http://127.0.0.1:${host.address().port}/`)
  const drawn = await tab.evaluate('ready')
  const ids = new Set()
  const counts = { features: 0, published: 0, suppressed: 0 }
  for (const { id, properties } of drawn) {
    if (!Number.isSafeInteger(id) || id !== properties.id) faults.push(`a feature has the id ${id} and the property ${properties.id}`)
    const published = properties.state === 'published'
    if (published !== (properties.value >= 0 && properties.value <= 1 && properties.low <= properties.value && properties.value <= properties.high)) {
      faults.push(`${id}: ${JSON.stringify(properties)}`)
    }
    if (ids.has(id)) continue // it lies in two tiles
    ids.add(id)
    counts.features++
    if (properties.state in counts) counts[properties.state]++
  }
  if (counts.published === 0) faults.push('no published street is drawn')
  console.log(JSON.stringify(counts))
} finally {
  await browser.close()
  host.close()
}
if (faults.length > 0) {
  console.error([...new Set(faults)].slice(0, 10).join('\n'))
  process.exit(1)
}
