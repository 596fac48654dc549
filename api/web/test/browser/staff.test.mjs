// The staff of a campaign signs in, sees the field as it happens, and leaves nothing behind.
import assert from 'node:assert/strict'
import { PNG } from 'pngjs'
import { accessible } from './axe.mjs'
import { open, settled, test } from './browser.mjs'
import { postReturn } from './returns.mjs'
import { startDemo } from './server.mjs'
import { at, streets } from './streets.mjs'

const demo = await startDemo()
const [street, other] = await streets(demo.url, 'published')

async function signIn(page) {
  if (await page.locator('#token').isHidden()) await page.click('#staff summary')
  await page.fill('#token', demo.token)
  await page.keyboard.press('Enter')
  await page.waitForSelector('#live.on')
  await page.waitForFunction(() => location.hash.includes('measure=coverage'))
  await settled(page)
}

// lit waits until the street in the middle of the map has the colour of what has just changed beside it.
async function lit(page) {
  for (let tries = 0; tries < 40; tries++) {
    const { data } = PNG.sync.read(await page.screenshot({ clip: { x: 600, y: 360, width: 80, height: 80 } }))
    for (let i = 0; i < data.length; i += 4) if (data[i] > 170 && data[i + 1] < 110 && data[i + 2] > 70 && data[i + 2] < 160) return
  }
  assert.fail('the street does not light up')
}

const doors = async (page) => Number((await page.locator('#tried').innerText()).match(/([\d,]+) doors tried/)[1].replace(',', ''))

test('a token that is not one is refused, and the page says so', async (t) => {
  const page = await open(t, demo.url, { expected: ['401'] })
  await page.click('#staff summary')
  await page.fill('#token', 'not a token')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#sign-in-fault:not([hidden])')
  assert.equal(await page.locator('#token').inputValue(), '')
})

test('a posted return moves the map, the panel and the progress, and its street lights up; nothing reloads', async (t) => {
  const page = await open(t, demo.url, { hash: at(16, street), reducedMotion: true }) // the light stays as it is until it goes out
  await signIn(page)
  await page.evaluate(() => (globalThis.same = true))
  await page.mouse.click(640, 400)
  await page.waitForSelector('#field table')
  await page.keyboard.press('Escape') // the mark of the selected street has a colour alike
  const tiles = []
  page.on('response', (answer) => answer.url().includes('/v1/tiles/segments') && answer.url().includes('measure=coverage') && tiles.push(answer.url()))
  await postReturn(demo, street.id)
  await lit(page)
  await page.waitForSelector('#streets .touched')
  assert.equal(await doors(page), 1)
  assert.match(await page.locator('#teams').innerText(), /north\s+1\s+1/)
  assert.match(await page.locator('#streets').innerText(), new RegExp(street.name))
  await page.waitForTimeout(1_000)
  assert.ok(tiles.length > 0, 'the tiles of the street are asked for again')
  assert.ok(await page.evaluate(() => globalThis.same))
  await page.mouse.click(640, 400)
  await page.waitForSelector('#field table')
  const before = await page.locator('#field').innerText()
  await postReturn(demo, street.id)
  await page.waitForFunction((text) => document.querySelector('#field').innerText !== text, before)
  await postReturn(demo, other.id)
  await page.waitForFunction(() => /\b3 doors tried/.test(document.querySelector('#tried')?.innerText ?? ''))
})

test('what was done since a day is on the map and in the table', async (t) => {
  const page = await open(t, demo.url, { hash: at(15.5, street) })
  await postReturn(demo, street.id, { result: 'not_home', support: undefined })
  await signIn(page)
  await page.selectOption('#measure', 'done_since')
  await settled(page)
  const today = new Date().toISOString().slice(0, 10)
  assert.equal(await page.locator('#day').inputValue(), today)
  await page.click('#table-toggle')
  await page.waitForSelector('#table-view .since')
  const shown = await page.locator('#table-view tbody tr').evaluateAll((rows) => rows.map((row) => [Number(row.dataset.id), Number(row.querySelector('.since').textContent)]))
  const { rows } = await (await fetch(`${demo.url}/v1/rollup?by=segment&from=${today}`, { headers: { Authorization: `Bearer ${demo.token}` } })).json()
  assert.deepEqual(shown.sort(), rows.map((row) => [row.segment_id, row.doors]).sort())
  await accessible(page)
  await page.keyboard.press('Escape')
  await page.mouse.move(641, 400)
  await page.waitForSelector('#tooltip:not([hidden])')
  const { doors } = rows.find((row) => row.segment_id === Number(street.id)) // and not what was done on all days
  assert.match(await page.locator('#tooltip').innerText(), new RegExp(`^${street.name}\\s+${doors} doors?$`))
})

test('the token is a cookie that no script reads, is remembered, and goes when signing out', async (t) => {
  const page = await open(t, demo.url)
  const asked = []
  page.on('request', (request) => asked.push(request.url()))
  await signIn(page)
  const [cookie] = await page.context().cookies()
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.value], [true, 'Strict', demo.token])
  const kept = await page.evaluate(() => document.cookie + JSON.stringify({ ...sessionStorage, ...localStorage }))
  assert.ok(!kept.includes(demo.token), kept)
  await page.reload()
  await page.waitForSelector('#live.on')
  await page.click('#sign-out')
  await page.locator('#live').waitFor({ state: 'hidden' })
  await settled(page)
  assert.deepEqual(await page.context().cookies(), [])
  assert.ok(!(await page.locator('#measure').innerText()).includes('Doors tried'))
  assert.deepEqual(asked.filter((address) => address.includes(demo.token)), [], 'addresses with the token')
})

test('a server that was killed is found again: the page says since when it is stale, and shows what came meanwhile', async (t) => {
  const page = await open(t, demo.url, { hash: at(16, street), expected: [/net::ERR_/, /The server does not answer/] })
  await signIn(page)
  await page.evaluate(() => (globalThis.same = true))
  await page.waitForSelector('#tried')
  const before = await doors(page)
  await demo.kill()
  await page.waitForSelector('#live.off')
  assert.match(await page.locator('#live').innerText(), /Stale since \d\d:\d\d:\d\d: reconnecting/)
  await demo.start()
  await postReturn(demo, street.id)
  await page.waitForSelector('#live.on')
  await page.waitForFunction((n) => Number(document.querySelector('#tried').innerText.match(/([\d,]+) doors/)[1].replace(',', '')) === n, before + 1)
  assert.ok(await page.evaluate(() => globalThis.same), 'the page was not loaded again')
  await page.selectOption('#measure', 'attempts')
  await settled(page)
  assert.match(await page.locator('#legend').innerText(), /Attempts/)
})

test('a page that is opened before the server is there waits for it', async (t) => {
  const page = await open(t, demo.url, { expected: [/net::ERR_/] })
  await demo.kill()
  await page.selectOption('#measure', 'turnout')
  await page.waitForSelector('#message:not([hidden])')
  assert.match(await page.locator('#message').innerText(), /does not answer/)
  await demo.start()
  await page.waitForSelector('#message', { state: 'hidden' })
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready')
  assert.match(await page.locator('#legend h2').innerText(), /Turnout/, 'what was asked for meanwhile is drawn')
})
