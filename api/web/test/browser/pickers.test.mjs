// Every picker changes what it says, the address keeps it, and the legend counts what the API counts.
import assert from 'node:assert/strict'
import { open, settled, test } from './browser.mjs'
import { startDemo } from './server.mjs'

const demo = await startDemo()
const { contests, measures } = await (await fetch(`${demo.url}/v1/contests`)).json()
const [first, second] = contests

const inAddress = (page) => page.evaluate(() => Object.fromEntries(new URLSearchParams(location.hash.slice(1))))
const options = (page, picker) => page.locator(`${picker} option`).evaluateAll((all) => all.map((o) => o.value))
const chosen = (page, picker) => page.locator(picker).inputValue()
const legendOf = (page) => page.locator('#legend h2').innerText()

test('contests are chosen by year, election and round, with their names', async (t) => {
  const page = await open(t, demo.url)
  assert.deepEqual(await options(page, '#year'), ['2026'])
  assert.equal(await page.locator('#election option').innerText(), 'Municipales 2026')
  assert.deepEqual(await options(page, '#round'), [first.id, second.id])
  assert.deepEqual(await page.locator('#round option').allInnerTexts(), ['First', 'Second'])
  await page.selectOption('#round', second.id)
  await settled(page)
  assert.equal((await inAddress(page)).contest, second.id)
  const kin = second.choices.find((c) => c.family === first.choices[0].family)
  assert.equal(await chosen(page, '#choice'), kin.id, 'the same list stays chosen in the other round')
})

test('every measure and every choice shows, with its name and a legend, and gives the address', async (t) => {
  const page = await open(t, demo.url, { hash: `#contest=${second.id}` })
  const names = await page.locator('#measure option').evaluateAll((all) => all.map((o) => [o.value, o.textContent]))
  assert.deepEqual(names.map(([id]) => id), measures.map((m) => m.id).filter((id) => second.measures.includes(id)))
  for (const [id, name] of names) {
    await page.selectOption('#measure', id)
    await settled(page)
    assert.equal((await inAddress(page)).measure, id)
    assert.ok(name && name !== id)
    const parameters = measures.find((m) => m.id === id).parameters
    for (const picker of ['choice', 'against', 'since']) assert.equal(await page.locator(`#${picker}`).isVisible(), parameters.includes(picker), `${picker} of ${id}`)
    assert.ok((await page.locator('#legend .classes li').count()) >= 2, id)
  }
  await page.selectOption('#measure', 'share')
  for (const { id, name } of second.choices.slice(0, 3)) {
    await page.selectOption('#choice', id)
    await settled(page)
    assert.match(await legendOf(page), new RegExp(name))
    assert.equal((await inAddress(page)).choice, id)
  }
  await page.selectOption('#measure', 'margin')
  await page.selectOption('#against', second.choices[0].id)
  await settled(page)
  assert.match(await legendOf(page), new RegExp(`over ${second.choices[0].name}`))
  await page.selectOption('#measure', 'change')
  await settled(page)
  assert.match(await legendOf(page), /since Municipales 2026, premier tour/)
})

test('the legend counts the places of the whole, as the API does, and goes with the zoom', async (t) => {
  const page = await open(t, demo.url, { hash: '#areas=precincts&measure=turnout' })
  const counts = async (kind) => {
    await page.waitForFunction((kind) => document.querySelector('#legend .count')?.textContent.endsWith(kind), kind)
    return page.locator('#legend .classes .count').evaluateAll((all) => all.map((c) => Number(c.textContent.replace(/\D/g, ''))))
  }
  const api = async (collection, at) => (await (await fetch(`${demo.url}/v1/breaks/${collection}?contest=${first.id}&measure=turnout&at=${at}`)).json())
  const { breaks } = await (await fetch(`${demo.url}/v1/breaks/precincts?contest=${first.id}&measure=turnout&classes=6`)).json()
  const precincts = await api('precincts', breaks)
  assert.deepEqual(await counts('precincts'), precincts.classes.map((c) => c.units))
  await page.goto(`${demo.url}/#map=15/46.5053/-3.5106&measure=turnout`)
  await settled(page)
  const streets = await api('segments', breaks)
  assert.deepEqual(await counts('streets'), streets.classes.map((c) => c.units))
  const [suppressed, empty] = await page.locator('#legend .states .count').evaluateAll((all) => all.map((c) => Number(c.textContent.replace(/\D/g, ''))))
  assert.deepEqual([suppressed, empty], [streets.suppressed, streets.empty])
})

test('colours mean the same from afar and from near, and in cells and precincts', async (t) => {
  const page = await open(t, demo.url)
  const classes = () => page.locator('#legend .classes li').evaluateAll((all) => all.map((li) => [li.querySelector('.swatch').style.background, li.querySelector('.long').textContent]))
  const before = await classes()
  await page.selectOption('#areas', 'precincts')
  await settled(page)
  assert.deepEqual(await classes(), before)
  await page.goto(`${demo.url}/#map=16/46.5053/-3.5106`)
  await settled(page)
  assert.deepEqual(await classes(), before)
})

test('doubt is a colour: three shades of each class, and said in the address', async (t) => {
  const page = await open(t, demo.url, { hash: '#map=15/46.5053/-3.5106' })
  assert.equal(await page.locator('#legend .classes li:first-child .swatch').count(), 1)
  await page.selectOption('#doubt', 'on')
  await settled(page)
  assert.equal((await inAddress(page)).doubt, 'on')
  assert.equal(await page.locator('#legend .classes li:first-child .swatch').count(), 3)
  assert.match(await page.locator('#legend .widths').innerText(), /Width of the 90% interval/)
})

test('back and forward go through what was chosen, and not through every move of the map', async (t) => {
  const page = await open(t, demo.url, { hash: '#map=15/46.5053/-3.5106' })
  await page.selectOption('#measure', 'turnout')
  await settled(page)
  await page.locator('.maplibregl-canvas').focus()
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight')
  await page.waitForTimeout(600)
  await page.selectOption('#round', second.id)
  await settled(page)
  await page.goBack()
  await settled(page)
  assert.deepEqual([await chosen(page, '#round'), await chosen(page, '#measure')], [first.id, 'turnout'])
  await page.goBack()
  await settled(page)
  assert.equal(await chosen(page, '#measure'), 'share')
  await page.goForward()
  await page.goForward()
  await settled(page)
  assert.deepEqual([await chosen(page, '#round'), await chosen(page, '#measure')], [second.id, 'turnout'])
})

test('an address opens what it says, in another window too', async (t) => {
  const hash = `#map=15.5/46.5053/-3.5106&contest=${second.id}&choice=${second.choices[1].id}&measure=margin&against=${second.choices[0].id}&areas=precincts&doubt=on&unit=segment/1545228139172`
  const page = await open(t, demo.url, { hash })
  assert.deepEqual(
    [await chosen(page, '#round'), await chosen(page, '#measure'), await chosen(page, '#choice'), await chosen(page, '#against'), await chosen(page, '#areas'), await chosen(page, '#doubt')],
    [second.id, 'margin', second.choices[1].id, second.choices[0].id, 'precincts', 'on'],
  )
  assert.equal(await page.locator('#panel-title').innerText(), 'Avenue Cyprien Escalvier')
})

test('French is French, down to the numbers, and is remembered', async (t) => {
  const page = await open(t, demo.url, { hash: '#unit=segment/1545228139172' })
  await page.selectOption('#language', 'fr')
  await settled(page)
  assert.equal(await page.locator('html').getAttribute('lang'), 'fr')
  assert.match(await page.locator('#panel').innerText(), /inscrits/)
  assert.match(await page.locator('#panel').innerText(), /\d,\d\s%/)
  assert.match(await page.locator('#legend').innerText(), /moins de/)
  await page.reload()
  await settled(page)
  assert.match(await page.locator('#tools').innerText(), /Tableau/)
})
