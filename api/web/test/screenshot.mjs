// Takes pictures of the page of a running server, to be looked at by people; what can be told without looking is in test/browser:
//   node test/screenshot.mjs BASE_URL OUT_DIR
// With a token of a campaign's staff in ARPENT_TOKEN it takes those of the field too, as it is then.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { settled } from './browser/settled.mjs'
import { launch } from './browser/chromium.mjs'
import { at, streets } from './browser/streets.mjs'

const [base, out] = process.argv.slice(2)
if (!base || !out) {
  console.error('usage: node test/screenshot.mjs BASE_URL OUT_DIR')
  process.exit(2)
}
await mkdir(out, { recursive: true })

const browser = await launch()

async function open(hash, width = 1280, height = 800) {
  const page = await browser.newPage({ viewport: { width, height }, hasTouch: width < 600 })
  await page.goto(`${base}/${hash}`)
  await settled(page)
  return page
}

async function picture(page, name) {
  await page.screenshot({ path: join(out, `${name}.png`), timeout: 90_000 })
  console.log(join(out, `${name}.png`))
}

// clicked clicks the middle of the map and waits for the panel.
async function clicked(page) {
  const { width, height } = page.viewportSize()
  await page.mouse.click(width / 2, height / 2)
  await page.waitForSelector('#panel h3')
  await page.mouse.move(width / 2, height - 60)
  await settled(page)
}

const [published] = await streets(base, 'published')
if (!published) throw new Error('no published street')

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
await page.close()

const [suppressed] = await streets(base, 'suppressed')
if (suppressed) {
  page = await open(at(16.5, suppressed))
  await clicked(page)
  await picture(page, '6-suppressed')
  await page.close()
} else {
  console.log('no suppressed street')
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
await settled(page)
await picture(page, '9-phone-street')
await page.close()

const token = process.env.ARPENT_TOKEN
if (token) {
  page = await open('', 1280, 900)
  await page.click('#staff summary')
  await page.fill('#token', token)
  await page.click('#sign-in button')
  await page.waitForSelector('#live.on')
  await settled(page)
  await picture(page, '10-staff')
  await page.mouse.click(700, 450)
  await page.waitForSelector('#field table')
  await picture(page, '11-staff-street')
}
await browser.close()
