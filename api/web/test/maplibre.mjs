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

// The page is the one of docs/api.md, with the library from this machine.
const docs = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8')
const page = docs.match(/^```html\n(.*?)^```$/ms)[1]
  .replaceAll(/https:\/\/unpkg.com\/maplibre-gl@[\d.]+\/dist/g, '')
  .replaceAll('http://localhost:8080', base)
const library = (file) => readFile(new URL(`../node_modules/maplibre-gl/dist/${file}`, import.meta.url))
const files = {
  '/': ['text/html', page],
  '/maplibre-gl.js': ['text/javascript', await library('maplibre-gl.js')],
  '/maplibre-gl.css': ['text/css', await library('maplibre-gl.css')],
  '/favicon.ico': ['image/x-icon', ''],
}
const host = createServer((request, answer) => {
  const [type, content] = files[request.url]
  answer.setHeader('Content-Type', type)
  answer.end(content)
}).listen(0, '127.0.0.1')
await new Promise((resolve) => host.once('listening', resolve))

const faults = []
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
})
try {
  const tab = await browser.newPage({ viewport: { width: 640, height: 480 } })
  tab.on('console', (line) => line.type() === 'error' && faults.push(`console: ${line.text()}`))
  tab.on('pageerror', (error) => faults.push(`page: ${error.message}`))
  await tab.goto(`http://127.0.0.1:${host.address().port}/`)
  const drawn = await tab.evaluate(async (bounds) => {
    map.on('error', (e) => console.error(e.error.message))
    if (!map.loaded()) await map.once('load')
    map.fitBounds(bounds, { animate: false })
    await map.once('idle')
    return map.queryRenderedFeatures({ layers: ['streets', 'suppressed'] }).map((f) => ({ id: f.id, properties: f.properties }))
  }, await bounds())
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
  if (counts.published === 0 || counts.suppressed === 0) faults.push('no published or no suppressed street is drawn')
  console.log(JSON.stringify(counts))
} finally {
  await browser.close()
  host.close()
}
async function bounds() {
  const [west, south, east, north] = (await (await fetch(`${base}/v1/tiles/segments.json`)).json()).bounds
  return [[west, south], [east, north]]
}

if (faults.length > 0) {
  console.error([...new Set(faults)].slice(0, 10).join('\n'))
  process.exit(1)
}
