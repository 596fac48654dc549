// Measures how long a page takes until the map stands there with its colours, from the moment it is asked for: nothing is in the browser's cache.
//   node test/first_view.mjs BASE_URL [TIMES]
// Beside it, in the same browser and in turn, a page with a MapLibre map of one colour and nothing else: what the browser, the library and, without
// a graphics card, drawing on the processor take of it by themselves.
import { createRequire } from 'node:module'
import { launch } from './browser/chromium.mjs'

const [base, times = '9'] = process.argv.slice(2)
if (!base) {
  console.error('usage: node test/first_view.mjs BASE_URL [TIMES]')
  process.exit(2)
}
const library = createRequire(import.meta.url).resolve('maplibre-gl')
const bare = `<!doctype html><title>A map</title><div id="map" style="position: absolute; inset: 0"></div>`

const browser = await launch()

// view gives the milliseconds from the request, or from the library's begin, until the mark.
async function view(show) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await show(page)
  await page.waitForFunction(() => performance.getEntriesByName('first-view').length > 0, null, { timeout: 60_000, polling: 20 })
  const at = await page.evaluate(() => performance.getEntriesByName('first-view')[0].startTime)
  await context.close()
  return at
}

const arpent = (page) => page.goto(base)
const empty = async (page) => {
  await page.goto('about:blank')
  await page.setContent(bare)
  const begin = await page.evaluate(() => performance.now())
  await page.addScriptTag({ path: library })
  await page.evaluate((begin) => {
    const style = { version: 8, sources: {}, layers: [{ id: 'ground', type: 'background', paint: { 'background-color': '#eee' } }] }
    const map = new globalThis.maplibregl.Map({ container: 'map', center: [2.35, 48.86], zoom: 11, attributionControl: false, style })
    map.once('idle', () => performance.mark('first-view', { startTime: performance.now() - begin }))
  }, begin)
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
const of = { arpent: [], empty: [] }
for (let i = 0; i <= Number(times); i++) {
  const [a, b] = [await view(arpent), await view(empty)]
  if (i > 0) of.arpent.push(a), of.empty.push(b) // the first warms the server and the disk
}
await browser.close()
for (const [name, took] of Object.entries(of)) console.log(`${name}: median ${Math.round(median(took))} ms, ${Math.round(Math.min(...took))} to ${Math.round(Math.max(...took))}`)
console.log(`ratio: ${(median(of.arpent) / median(of.empty)).toFixed(2)}`)
