// For everyone: the table says what the map shows, the keyboard reaches everything, axe-core finds nothing serious, and a page is printed.
import assert from 'node:assert/strict'
import { accessible } from './axe.mjs'
import { open, settled, test } from './browser.mjs'
import { startDemo } from './server.mjs'
import { at, streets } from './streets.mjs'

const demo = await startDemo()
const [street] = await streets(demo.url, 'published')

test('the table has what is in view, the highest first, as the API gives it', async (t) => {
  const page = await open(t, demo.url, { hash: at(16, street) })
  await page.click('#table-toggle')
  await page.waitForSelector('#table-view tbody tr')
  await settled(page)
  const shown = await page.locator('#table-view tbody tr').evaluateAll((rows) => rows.map((row) => [row.dataset.id, row.querySelector('td').textContent]))
  const address = await page.locator('#table-view p a').nth(1).getAttribute('href')
  const { features } = await (await fetch(`${demo.url}${address}&sortby=-value&limit=100`)).json()
  assert.ok(features.length > 5)
  assert.deepEqual(shown, features.map(({ id, properties: { value } }) => [String(id), value === null || value === undefined ? '' : `${(100 * value).toFixed(1)}%`]))
  await page.locator('#table-view tbody button').first().click()
  await page.waitForSelector('#panel .choices')
  assert.match(await page.evaluate(() => location.hash), new RegExp(`unit=segment/${shown[0][0]}`))
})

test('from afar the table has cells, and goes on', async (t) => {
  const page = await open(t, demo.url, { hash: '#table=on' })
  await page.waitForSelector('#table-view tbody tr')
  assert.match(await page.locator('#table-title').innerText(), /Cells in view/)
  await page.goto(`${demo.url}/#map=14.4/46.5053/-3.5106&table=on`)
  await settled(page)
  assert.match(await page.locator('#table-title').innerText(), /Streets in view/)
  assert.equal(await page.locator('#table-view tbody tr').count(), 100)
  await page.click('#table-more')
  await page.waitForFunction(() => document.querySelectorAll('#table-view tbody tr').length > 100)
  const ids = await page.locator('#table-view tbody tr').evaluateAll((rows) => rows.map((row) => row.dataset.id))
  assert.equal(new Set(ids).size, ids.length)
})

test('the keyboard alone: the table, a place of it, and back', async (t) => {
  const page = await open(t, demo.url, { hash: at(16, street) })
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'skip')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#table-view tbody tr')
  await settled(page)
  assert.ok(await page.evaluate(() => document.activeElement.closest('#table-view') !== null))
  for (let i = 0; i < 12 && !(await page.evaluate(() => document.activeElement.matches('#table-view tbody button'))); i++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#panel .choices')
  await settled(page)
  await page.keyboard.press('Escape') // the table
  assert.ok(await page.locator('#table-view').isHidden())
  await page.keyboard.press('Escape') // the place
  assert.ok(await page.locator('#panel').isHidden())
})

test('the keyboard alone: every control is reached, in an order, and shows that it is', async (t) => {
  const page = await open(t, demo.url, { hash: `#unit=segment/${street.id}` })
  await page.evaluate(() => document.activeElement.blur())
  const reached = []
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    const { name, seen } = await page.evaluate(() => {
      const node = document.activeElement
      const { outlineStyle, outlineWidth, clipPath } = getComputedStyle(node)
      return { name: node.id || node.className || node.tagName, seen: (outlineStyle !== 'none' && outlineWidth !== '0px') || clipPath === 'none' }
    })
    if (name === 'BODY') break
    assert.ok(seen, `${name} does not show that it has the keyboard`)
    reached.push(name)
  }
  const wanted = ['skip', 'search', 'year', 'election', 'measure', 'round', 'choice', 'areas', 'doubt', 'maplibregl-canvas', 'draw-area', 'table-toggle', 'print', 'share', 'theme', 'language', 'compare', 'backtest-open', 'sources-open']
  assert.deepEqual(wanted.filter((name) => !reached.includes(name)), [], reached.join(', '))
  assert.deepEqual([...wanted].sort((a, b) => reached.indexOf(a) - reached.indexOf(b)), wanted, 'in this order')
})

test('an area is drawn with the keyboard: all that is in view', async (t) => {
  const page = await open(t, demo.url, { hash: at(16, street) })
  await page.locator('#draw-area').focus()
  await page.keyboard.press('Enter')
  await page.waitForSelector('#drawing')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#area-csv')
})

for (const [name, hash, then] of [
  ['a street', `#unit=segment/${street.id}`, async () => {}],
  ['the table', '#map=15/46.5053/-3.5106&table=on', async () => {}],
  ['two places', `#unit=segment/${street.id}&beside=precinct/284347004468810`, async () => {}],
  ['an area', '#map=15/46.5053/-3.5106&area=-3.515,46.503,-3.505,46.503,-3.505,46.508', async () => {}],
  ['the backtest', '', async (page) => { await page.click('#backtest-open'); await page.waitForSelector('#backtest table') }],
  ['the search', '', async (page) => { await page.fill('#search', 'rue'); await page.waitForSelector('#search-results:not([hidden]) li') }],
]) {
  test(`axe-core finds nothing serious: ${name}`, async (t) => {
    for (const theme of ['light', 'dark']) {
      const page = await open(t, demo.url, { hash, theme })
      await then(page)
      await settled(page)
      await accessible(page)
    }
  })
}

test('a view is printed on one page, on white, in the dark too', async (t) => {
  const page = await open(t, demo.url, { hash: `${at(15.5, street)}&unit=segment/${street.id}`, theme: 'dark' })
  const pdf = await page.pdf({ preferCSSPageSize: true })
  assert.equal(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length, 1)
  await page.emulateMedia({ media: 'print' })
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')))
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).color), 'rgb(27, 33, 48)')
  assert.ok(await page.locator('#printed-map').isVisible())
  assert.ok(await page.locator('#tools').isHidden())
})
