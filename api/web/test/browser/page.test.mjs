// The page on a screen and on a phone: it opens, streets say their numbers, and the keyboard does what the mouse does.
import assert from 'node:assert/strict'
import { open, settled, test } from './browser.mjs'
import { startDemo } from './server.mjs'
import { at, streets } from './streets.mjs'

const demo = await startDemo()
const [published] = await streets(demo.url, 'published')
const [suppressed] = await streets(demo.url, 'suppressed')

// clicked clicks the middle of the map and waits for the panel.
async function clicked(page) {
  const { width, height } = page.viewportSize()
  await page.mouse.click(width / 2, height / 2)
  await explained(page)
}

async function explained(page) {
  await page.waitForSelector('#panel h3')
  await settled(page)
}

test('it opens, asks no other server for anything, and has a legend', async (t) => {
  const page = await open(t, demo.url)
  assert.ok((await page.locator('#legend li').count()) >= 3)
  assert.ok(await page.locator('#panel').isHidden())
  await page.selectOption('#areas', 'precincts')
  await settled(page)
})

test('a street says its numbers, and they follow the measure', async (t) => {
  const page = await open(t, demo.url, { hash: at(16, published) })
  await clicked(page)
  assert.equal(await page.locator('#panel-title').innerText(), published.name)
  assert.match(await page.locator('#panel').innerText(), /= registered/) // the choices sum to the registered voters
  await page.selectOption('#measure', 'votes')
  await settled(page)
  await page.mouse.move(page.viewportSize().width / 2 + 1, page.viewportSize().height / 2)
  await page.waitForSelector('#tooltip:not([hidden])')
  assert.match(await page.locator('#tooltip').innerText(), /\n[\d,]+ votes of/)
})

test('a suppressed street says so, and no number', async (t) => {
  const page = await open(t, demo.url, { hash: at(17, suppressed) })
  await clicked(page)
  assert.match(await page.locator('#panel').innerText(), /Suppressed\./)
  assert.equal(await page.locator('#panel table').count(), 0)
})

test('Enter takes what is in the middle, Escape lets it go and gives the map the keyboard back', async (t) => {
  const page = await open(t, demo.url, { hash: at(16, published) })
  await page.locator('.maplibregl-canvas').focus()
  await page.keyboard.press('Enter')
  await explained(page)
  assert.equal(await page.locator('#panel-title').innerText(), published.name)
  assert.ok(await page.locator('#panel').evaluate((panel) => panel.contains(document.activeElement)), 'the panel has the keyboard')
  await page.keyboard.press('Escape')
  await page.locator('#panel').waitFor({ state: 'hidden' })
  assert.ok(await page.evaluate(() => document.activeElement.matches('.maplibregl-canvas')), 'the map has the keyboard')
})

test('on a phone a tap opens the street as a sheet', async (t) => {
  const page = await open(t, demo.url, { hash: at(16, published), width: 390, height: 780, touch: true })
  await page.touchscreen.tap(195, 390)
  await explained(page)
  const { x, width } = await page.locator('#panel').boundingBox()
  assert.deepEqual([x, width], [0, 390])
})
