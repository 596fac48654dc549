// A place says the API's own numbers, their sum, its precinct and its history; two places are compared; a drawn area is added up as the API does.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { open, settled, test } from './browser.mjs'
import { startDemo } from './server.mjs'
import { at, streets } from './streets.mjs'

const demo = await startDemo()
const ask = async (path, body) => {
  const answer = await fetch(demo.url + path, body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  assert.equal(answer.status, 200, path)
  return answer.json()
}
const { contests } = await ask('/v1/contests')
const [contest, later] = contests
const published = await streets(demo.url, 'published')
const [street, other] = published
const [suppressed] = await streets(demo.url, 'suppressed')

const numbers = (texts) => texts.map((text) => Number(text.replace(/[^\d]/g, '')))

// rowsOf reads the table of choices: name, votes, share.
const rowsOf = (page) =>
  page.locator('#panel .choices tbody tr:not(.drawn)').evaluateAll((rows) =>
    rows.filter((row) => row.querySelector('th')).map((row) => [...row.children].map((cell) => cell.textContent)),
  )

test('a clicked street has the numbers of the API, with bars, and they sum to its registered voters', async (t) => {
  const page = await open(t, demo.url, { hash: at(16, street) })
  await page.mouse.click(640, 400)
  await page.waitForSelector('#panel .choices')
  await settled(page)
  assert.equal(await page.locator('#panel-title').innerText(), street.name)
  const { contests: [score] } = await ask(`/v1/scores/segment/${street.id}?contest=${contest.id}`)
  const rows = await rowsOf(page)
  assert.deepEqual(numbers(rows.map((row) => row[1])), score.choices.map((c) => c.votes))
  assert.deepEqual(rows.map((row) => row[2]), score.choices.map((c) => `${(100 * c.value).toFixed(1)}%`))
  assert.deepEqual(rows.map((row) => row[3]), score.choices.map((c) => `${(100 * c.low).toFixed(1)}% – ${(100 * c.high).toFixed(1)}%`))
  assert.equal(await page.locator('#panel .choices .bar').count(), score.choices.length)
  const [sum] = numbers([await page.locator('#panel .choices tfoot td').first().innerText()])
  assert.equal(sum, score.n)
  assert.match(await page.locator('#panel .choices tfoot').innerText(), /= registered/)
  assert.match(await page.locator('#in-words').innerText(), /in nine cases of ten between/)
})

test('its precinct is named with the part that the street is of it, and its official result stands beside', async (t) => {
  const page = await open(t, demo.url, { hash: `#unit=segment/${street.id}` })
  const { parts } = await ask(`/v1/explain/segment/${street.id}?contest=${contest.id}`)
  const shown = await page.locator('#panel .parts li').allInnerTexts()
  assert.equal(shown.length, Math.min(6, parts.length))
  assert.ok(shown[0].includes(parts[0].code) && shown[0].includes(String(parts[0].n)), `${shown[0]}, ${JSON.stringify(parts[0])}`)
  await page.locator('#panel .parts button').first().click()
  await settled(page)
  assert.equal(await page.locator('#panel-title').innerText(), `Precinct ${parts[0].code}`)
  assert.match(await page.locator('#in-words').innerText(), /official result/)
})

test('a cell and a precinct are clicked from afar', async (t) => {
  const page = await open(t, demo.url, { hash: '#map=12.5/46.5053/-3.5106' })
  await page.mouse.click(700, 400)
  await page.waitForSelector('#panel .choices')
  await settled(page)
  assert.match(await page.locator('#panel .kind').first().innerText(), /H3 cell/)
  await page.selectOption('#areas', 'precincts')
  await settled(page)
  await page.mouse.click(700, 420)
  await page.waitForFunction(() => document.querySelector('#panel-title')?.textContent.startsWith('Precinct'))
})

test('what is suppressed is hatched, says why, and has no number', async (t) => {
  const page = await open(t, demo.url, { hash: at(17, suppressed) })
  await page.mouse.move(641, 400)
  await page.waitForSelector('#tooltip:not([hidden])')
  assert.match(await page.locator('#tooltip').innerText(), /suppressed: (fewer than 11 households|would give away)/)
  await page.mouse.click(640, 400)
  await page.waitForSelector('#panel .suppressed')
  await settled(page)
  assert.equal(await page.locator('#panel .choices').count(), 0)
})

test('two places are compared: differences with their doubt, and which are none', async (t) => {
  const page = await open(t, demo.url, { hash: `${at(16, other)}&unit=segment/${street.id}` })
  await page.click('#compare')
  await page.mouse.click(640, 400)
  await page.waitForSelector('#comparison table')
  await settled(page)
  assert.match(await page.evaluate(() => location.hash), new RegExp(`unit=segment/${street.id}&beside=segment/${other.id}`))
  const [a, b] = await Promise.all([street, other].map(async ({ id }) => (await ask(`/v1/scores/segment/${id}?contest=${contest.id}`)).contests[0].choices))
  const rows = await page.locator('#comparison tbody tr').evaluateAll((all) => all.map((row) => [row.className, ...[...row.querySelectorAll('td')].map((cell) => cell.textContent)]))
  for (const [i, row] of rows.entries()) {
    const theirs = b.find((c) => c.choice === a[i].choice)
    const difference = a[i].value - theirs.value
    const doubt = difference > 0 ? Math.hypot(a[i].value - a[i].low, theirs.high - theirs.value) : Math.hypot(a[i].high - a[i].value, theirs.value - theirs.low)
    assert.equal(row[0].includes('differs'), Math.abs(difference) > doubt, `${a[i].choice}: ${row}`)
    assert.equal(row[1], `${(100 * a[i].value).toFixed(1)}%`)
    assert.equal(row[4], Math.abs(difference) > doubt ? 'yes' : 'not distinguishable')
  }
  await page.click('#end-compare')
  await settled(page)
  assert.equal(await page.locator('#comparison').count(), 0)
})

test('the history has every contest of the place', async (t) => {
  const page = await open(t, demo.url, { hash: `#unit=segment/${street.id}&choice=${contest.choices[0].id}` })
  const { contests: scores } = await ask(`/v1/scores/segment/${street.id}`)
  const label = await page.locator('#history svg').last().getAttribute('aria-label')
  for (const score of scores) {
    const { name } = contests.find((c) => c.id === score.contest)
    assert.ok(label.includes(`${name} ${(100 * score.measures.turnout.value).toFixed(1)}%`), label)
  }
  const first = await page.locator('#history svg').first().getAttribute('aria-label')
  const kin = later.choices.find((c) => c.family === contest.choices[0].family)
  const theirs = scores.find((s) => s.contest === later.id).choices.find((c) => c.choice === kin.id)
  assert.ok(first.includes(`${later.name} ${(100 * theirs.value).toFixed(1)}%`), first)
})

test('a lasso is added up as the API adds up, with the link and the rows', async (t) => {
  const page = await open(t, demo.url, { hash: at(15.5, street) })
  await page.click('#draw-area')
  await page.mouse.move(560, 300)
  await page.mouse.down()
  for (const [x, y] of [[760, 300], [790, 460], [640, 520], [540, 440], [556, 304]]) await page.mouse.move(x, y, { steps: 6 })
  await page.mouse.up()
  await page.waitForSelector('#area-csv')
  await settled(page)
  const corners = (await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get('area'))).split(',').map(Number)
  const ring = Array.from({ length: corners.length / 2 }, (_, i) => [corners[2 * i], corners[2 * i + 1]])
  assert.ok(ring.length >= 5 && ring.length <= 100, `${ring.length} corners`)
  const filter = { op: 's_intersects', args: [{ property: 'geometry' }, { type: 'Polygon', coordinates: [[...ring, ring[0]]] }] }
  const { rows: [sum] } = await ask('/v1/query/pivot', { collection: 'segments', contest: contest.id, filter })
  assert.deepEqual(numbers((await rowsOf(page)).map((row) => row[1])), sum.choices.map((c) => c.votes))
  assert.equal(numbers([await page.locator('#panel .summary').innerText()])[0], sum.n)
  assert.match(await page.locator('#area-units').innerText(), new RegExp(`^${sum.published} added up · ${sum.suppressed} suppressed, in no sum · ${sum.empty} without`))

  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#area-csv')])
  const lines = (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/)
  assert.equal(lines.length - 1, sum.units)
  const collection = await ask(new URL(await page.locator('#area-geojson').getAttribute('href'), demo.url).href.slice(demo.url.length))
  assert.equal(collection.features.length, sum.units)
  const parquet = await fetch(new URL(await page.locator('#area-parquet').getAttribute('href'), demo.url))
  assert.equal(Buffer.from(await parquet.arrayBuffer()).subarray(0, 4).toString(), 'PAR1')

  const again = await open(t, demo.url, { hash: new URL(await page.locator('#area-link').getAttribute('href')).hash })
  assert.equal(await again.locator('#panel .summary').innerText(), await page.locator('#panel .summary').innerText())

  await page.selectOption('#area-sum', 'precincts')
  await settled(page)
  const { rows: [precincts] } = await ask('/v1/query/pivot', { collection: 'precincts', contest: contest.id, filter })
  assert.equal(numbers([await page.locator('#panel .summary').innerText()])[0], precincts.n)
  await page.click('#area-remove')
  await settled(page)
  assert.ok(await page.locator('#panel').isHidden())
})

test('an area is drawn corner by corner, or given up', async (t) => {
  const page = await open(t, demo.url, { hash: at(15.5, street) })
  await page.click('#draw-area')
  await page.keyboard.press('Escape')
  assert.equal(await page.locator('#drawing').count(), 0)
  await page.click('#draw-area')
  for (const [x, y] of [[560, 300], [760, 300], [760, 480]]) await page.mouse.click(x, y)
  await page.mouse.dblclick(560, 480)
  await page.waitForSelector('#area-csv')
  const corners = (await page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get('area'))).split(',')
  assert.equal(corners.length, 8)
})

test('the backtest and the sources are one click away', async (t) => {
  const page = await open(t, demo.url)
  const { id } = (await ask('/v1/snapshots')).snapshots[0]
  const { contests: measured } = await ask(`/v1/snapshots/${id}/backtest`)
  await page.click('#backtest-open')
  await page.waitForSelector('#backtest table')
  const rows = await page.locator('#backtest tbody tr').evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)))
  const { choices } = measured.find((c) => c.contest === contest.id)
  assert.deepEqual(rows.map((row) => row[0]), choices.map((c) => `${c.mae.toFixed(1)} points`))
  assert.deepEqual(rows.map((row) => row[3]), choices.map((c) => `${Math.round(c.cover90)}%`))
  await page.keyboard.press('Escape')
  await page.click('#sources-open')
  assert.match(await page.locator('#sources-view').innerText(), /Invented by Arpent/)
})
