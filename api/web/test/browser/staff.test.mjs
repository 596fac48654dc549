// The staff of a campaign signs in, sees the field as it happens, and leaves nothing behind.
import assert from 'node:assert/strict'
import { open, settled, test } from './browser.mjs'
import { postReturn } from './returns.mjs'
import { startDemo } from './server.mjs'
import { at, streets } from './streets.mjs'

const demo = await startDemo()
const [street] = await streets(demo.url, 'published')

async function signIn(page, token) {
  if (await page.locator('#token').isHidden()) await page.click('#staff summary')
  await page.fill('#token', token)
  await page.keyboard.press('Enter')
}

test('a token that is not one is refused', async (t) => {
  const page = await open(t, demo.url, { expected: ['401'] })
  await signIn(page, 'not a token')
  await page.waitForSelector('#sign-in-fault:not([hidden])')
})

test('signed in, a return shows on the map and in the panel; the token stays in the tab until signing out', async (t) => {
  const page = await open(t, demo.url, { hash: at(16, street) })
  const asked = []
  page.on('request', (request) => asked.push(request.url()))
  await signIn(page, demo.token)
  await page.waitForSelector('#live.on')
  await page.waitForFunction(() => location.hash.includes('measure=coverage'))
  await settled(page)
  await page.mouse.click(640, 400)
  await page.waitForSelector('#field table')
  const before = await page.locator('#field').innerText()
  await postReturn(demo, street.id)
  await page.waitForFunction((text) => document.querySelector('#field').innerText !== text, before)

  await page.reload()
  await page.waitForSelector('#live.on')
  await page.click('#sign-out')
  await page.locator('#live').waitFor({ state: 'hidden' })
  assert.equal(await page.evaluate(() => sessionStorage.length + localStorage.length), 0)
  assert.deepEqual(asked.filter((address) => address.includes(demo.token)), [], 'addresses with the token')
})

test('a server that was killed is found again, with what it had kept', async (t) => {
  const page = await open(t, demo.url, { hash: at(16, street), expected: [/net::ERR_/] })
  await signIn(page, demo.token)
  await page.waitForSelector('#live.on')
  await demo.kill()
  await page.waitForSelector('#live:not(.on)')
  await demo.start()
  await page.waitForSelector('#live.on')
  await page.mouse.click(640, 400)
  await page.waitForSelector('#field table')
})
