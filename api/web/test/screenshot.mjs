// Takes pictures of the page of a running server, to be looked at:
//   node test/screenshot.mjs BASE_URL OUT_DIR
// With a token of a campaign's staff in ARPENT_TOKEN it takes those of the field too, as it is then.
// The browser is the one of CHROMIUM, /usr/bin/chromium by default. Exits 1 when the page asks another server for anything,
// writes an error on the console, or cannot show one of the pictures.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { VectorTile } from '@mapbox/vector-tile'
import { PbfReader } from 'pbf'

const [base, out] = process.argv.slice(2)
if (!base || !out) {
  console.error('usage: node test/screenshot.mjs BASE_URL OUT_DIR')
  process.exit(2)
}
await mkdir(out, { recursive: true })

const faults = []
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })

async function open(hash, width = 1280, height = 800) {
  const page = await browser.newPage({ viewport: { width, height }, hasTouch: width < 600 })
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== new URL(base).origin) faults.push(`asked ${request.url()}`)
  })
  page.on('console', (line) => line.type() === 'error' && faults.push(`console: ${line.text()}`))
  page.on('pageerror', (error) => faults.push(`page: ${error.message}`))
  await page.goto(`${base}/${hash}`)
  await settled(page)
  return page
}

// settled waits until the page has asked for nothing for a while and drawn what it has.
async function settled(page) {
  await page.waitForSelector('#legend li')
  await page.waitForLoadState('networkidle')
  await page.waitForTimeout(1500)
}

async function picture(page, name) {
  await page.screenshot({ path: join(out, `${name}.png`) })
  console.log(join(out, `${name}.png`))
}

// somewhere finds a street segment in a state, near the middle of the place, and a point on it.
async function somewhere(state) {
  const tilejson = await (await fetch(`${base}/v1/tiles/segments.json`)).json()
  const [west, south, east, north] = tilejson.bounds
  const z = 14
  const side = 2 ** z
  const x0 = (((west + east) / 2 + 180) / 360) * side
  const y0 = ((1 - Math.asinh(Math.tan(((south + north) / 2) * (Math.PI / 180))) / Math.PI) / 2) * side
  let best = null
  for (let dx = -1; dx <= 1; dx++) {
    for (let dy = -1; dy <= 1; dy++) {
      const [x, y] = [Math.floor(x0) + dx, Math.floor(y0) + dy]
      const answer = await fetch(tilejson.tiles[0].replace('{z}', z).replace('{x}', x).replace('{y}', y))
      if (answer.status !== 200) continue
      const layer = new VectorTile(new PbfReader(new Uint8Array(await answer.arrayBuffer()))).layers.segments
      for (let i = 0; i < layer.length; i++) {
        const feature = layer.feature(i)
        if (feature.properties.state !== state) continue
        for (const line of feature.loadGeometry()) {
          const middle = line.length > 2 ? line[Math.floor(line.length / 2)] : { x: (line[0].x + line[1].x) / 2, y: (line[0].y + line[1].y) / 2 }
          if (middle.x < 0 || middle.y < 0 || middle.x > 4096 || middle.y > 4096) continue
          const [px, py] = [x + middle.x / 4096, y + middle.y / 4096]
          const lon = (px / side) * 360 - 180
          const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * py) / side))) * 180) / Math.PI
          const far = Math.hypot(px - x0, py - y0)
          if (!best || far < best.far) best = { far, lon, lat, id: feature.properties.id, name: feature.properties.name }
        }
      }
    }
  }
  return best
}

const at = (zoom, place) => `#map=${zoom}/${place.lat.toFixed(5)}/${place.lon.toFixed(5)}`

// clicked clicks the middle of the map and waits for the panel.
async function clicked(page) {
  const { width, height } = page.viewportSize()
  await page.mouse.click(width / 2, height / 2)
  await page.waitForSelector('#panel h3')
  await page.mouse.move(width / 2, height - 60)
  await page.waitForTimeout(600)
}

const published = await somewhere('published')
if (!published) throw new Error('no published street near the middle of the place')

let page = await open('')
await picture(page, '1-overview')
await page.selectOption('#areas', 'precincts')
await settled(page)
await picture(page, '2-precincts')
await page.close()

page = await open(at(13.6, published))
await picture(page, '3-between')
await page.close()

page = await open(at(15.6, published))
await picture(page, '4-streets')
await clicked(page)
await picture(page, '5-street-clicked')
const text = await page.locator('#panel').innerText()
if (!text.includes('= registered')) faults.push(`the panel's choices do not sum to the registered voters: ${text}`)
await page.selectOption('#measure', 'votes')
await settled(page)
await page.mouse.move(page.viewportSize().width / 2 + 1, page.viewportSize().height / 2)
await page.waitForSelector('#tooltip:not([hidden])')
const tip = await page.locator('#tooltip').innerText()
if (!/\n[\d,]+ votes of/.test(tip)) faults.push(`after a change of the measure the map shows the old numbers: ${tip}`)
await page.keyboard.press('Escape')
if (await page.locator('#panel').isVisible()) faults.push('Escape does not close the panel')
await page.close()

const suppressed = await somewhere('suppressed')
if (suppressed) {
  page = await open(at(16.5, suppressed))
  await clicked(page)
  await picture(page, '6-suppressed')
  if (!(await page.locator('#panel').innerText()).includes('Suppressed.')) faults.push('the panel of a suppressed street does not say so')
  await page.close()
} else {
  console.log('no suppressed street near the middle of the place')
}

page = await open('', 390, 780)
await picture(page, '7-phone')
await page.click('#controls-toggle')
await page.waitForTimeout(300)
await picture(page, '8-phone-controls')
await page.close()
page = await open(at(16, published), 390, 780)
await page.touchscreen.tap(195, 390)
await page.waitForSelector('#panel h3')
await page.waitForTimeout(600)
await picture(page, '9-phone-street')
await page.close()

const token = process.env.ARPENT_TOKEN
if (token) {
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  page.on('request', (request) => request.url().includes(token) && faults.push('the token stands in an address'))
  page.on('pageerror', (error) => faults.push(`page: ${error.message}`))
  await page.goto(`${base}/`)
  await page.waitForSelector('#legend li')
  await page.click('#staff summary')
  await page.fill('#token', 'not a token')
  await page.click('#sign-in button')
  await page.waitForSelector('#sign-in-fault:not([hidden])')
  await page.fill('#token', token)
  await page.click('#sign-in button')
  await page.waitForSelector('#live.on')
  await page.waitForTimeout(3000)
  if (!page.url().includes('measure=coverage')) faults.push(`after signing in the map shows ${page.url()}`)
  await page.screenshot({ path: join(out, '10-staff.png'), timeout: 90_000 })
  await page.mouse.click(700, 450)
  await page.waitForSelector('#field table')
  await page.screenshot({ path: join(out, '11-staff-street.png'), timeout: 90_000 })
  await page.reload()
  await page.waitForSelector('#live.on') // the tab remembers
  await page.click('#sign-out')
  await page.waitForSelector('#sign-in')
  if ((await page.evaluate(() => sessionStorage.length)) > 0) faults.push('the token is kept after signing out')
}
await browser.close()

if (faults.length > 0) {
  console.error([...new Set(faults)].join('\n'))
  process.exit(1)
}
