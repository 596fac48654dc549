// The search finds streets, addresses and precincts, with the mouse and with the keyboard alone.
import assert from 'node:assert/strict'
import { open, settled, test } from './browser.mjs'
import { startDemo } from './server.mjs'

const demo = await startDemo()

async function type(page, text) {
  await page.locator('#search').fill('')
  await page.locator('#search').pressSequentially(text)
  await page.waitForSelector('#search-results:not([hidden]) li')
}

test('part of a street’s name, without accents, finds it; a click goes there', async (t) => {
  const page = await open(t, demo.url)
  await type(page, 'ave cyprien esc')
  await page.click('#search-results li:has-text("Avenue Cyprien Escalvier")')
  await settled(page)
  assert.equal(await page.locator('#panel-title').innerText(), 'Avenue Cyprien Escalvier')
  const zoom = await page.evaluate(() => Number(new URLSearchParams(location.hash.slice(1)).get('map').split('/')[0]))
  assert.ok(zoom > 14, `streets are coloured at ${zoom}`)
})

test('an address is found with the keyboard alone, and pinned', async (t) => {
  const page = await open(t, demo.url)
  const answer = await (await fetch(`${demo.url}/v1/search?q=${encodeURIComponent('1 rue du moulin')}`)).json()
  const [found] = answer.results.filter((r) => r.kind === 'address')
  assert.ok(found, JSON.stringify(answer))
  await type(page, found.name)
  assert.equal(await page.locator('#search').getAttribute('aria-expanded'), 'true')
  const active = await page.locator('#search').getAttribute('aria-activedescendant')
  assert.equal(await page.locator(`#${active}`).getAttribute('aria-selected'), 'true')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await settled(page)
  assert.equal(await page.locator('.maplibregl-marker').count(), 1)
  assert.match(await page.evaluate(() => location.hash), new RegExp(`unit=segment/${found.id}`))
  assert.ok(await page.locator('#search-results').isHidden())
})

test('a precinct is found by its code', async (t) => {
  const page = await open(t, demo.url)
  await type(page, '99005_0001')
  await page.keyboard.press('Enter')
  await settled(page)
  assert.equal(await page.locator('#panel-title').innerText(), 'Precinct 99005_0001')
})

test('nothing found is said, and Escape closes the list alone', async (t) => {
  const page = await open(t, demo.url, { hash: '#unit=segment/1545228139172' })
  await type(page, 'zzzz qqqq')
  assert.match(await page.locator('#search-results').innerText(), /Nothing found/)
  assert.equal(await page.locator('#search-status').innerText(), 'Nothing found')
  await page.keyboard.press('Escape')
  assert.ok(await page.locator('#search-results').isHidden())
  assert.ok(await page.locator('#panel').isVisible())
})

test('Enter takes what was found for the text that stands there, and nothing found before', async (t) => {
  const page = await open(t, demo.url)
  await type(page, '99005_0002')
  await page.locator('#search').fill('99005_0001') // and at once, before the list is of it
  await page.keyboard.press('Enter')
  await page.waitForSelector('#panel-title')
  await settled(page)
  assert.equal(await page.locator('#panel-title').innerText(), 'Precinct 99005_0001')
  await page.keyboard.press('Escape')
  await page.locator('#search').fill('')
  await page.keyboard.press('Enter')
  await page.waitForTimeout(400)
  assert.ok(await page.locator('#panel').isHidden())
  assert.ok(await page.locator('#search-results').isHidden())
})
