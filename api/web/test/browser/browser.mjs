// Pages in a real browser, for tests. A file has one browser, and a test as many fresh pages as it opens:
//
//   test('a street says its numbers', async (t) => {
//     const page = await open(t, demo.url, { hash: '#map=16/46.51/-3.50' })
//     await page.selectOption('#measure', 'votes')
//     await settled(page)
//     ...
//   })
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test as nodeTest } from 'node:test'
import { executable, howToInstall, launch } from './chromium.mjs'
import { fileName, leftBehind } from './left_behind.mjs'
import { settled } from './settled.mjs'

export { settled }

const longestTest = 60_000 // milliseconds, on a slow machine
const longestWait = 20_000 // for what a page should show, in a picture or not

const missing = executable() ? false : howToInstall

// test is that of node:test with a bound on its time. Without a browser it is skipped, and fails where CI is set.
export function test(name, ...rest) {
  const body = rest.pop()
  const options = { timeout: longestTest, ...rest[0] }
  if (!missing) return nodeTest(name, options, body)
  if (!process.env.CI) return nodeTest(name, { skip: missing }, body)
  return nodeTest(name, options, () => Promise.reject(new Error(`there is no browser: ${missing}`)))
}

let browser
after(async () => (await browser)?.close())

// open gives a fresh page of the server at base, once it has settled. At the end of the test it is closed, and the test fails with what was
// wrong meanwhile: a request to anywhere else, an error on the console or in a script. What is in expected, texts or patterns, may be wrong.
// With content the page is that HTML, of no server. A test that fails leaves a picture of its pages behind.
export async function open(t, base, {
  hash = '', width = 1280, height = 800, theme = 'light', language = 'en', touch = false, reducedMotion = false, content, expected = [],
} = {}) {
  browser ??= launch()
  const context = await (await browser).newContext({
    viewport: { width, height }, deviceScaleFactor: 1, hasTouch: touch, isMobile: touch, colorScheme: theme,
    locale: { en: 'en-GB', fr: 'fr-FR' }[language], timezoneId: 'Europe/Paris', reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
  })
  context.setDefaultTimeout(longestWait)
  const page = await context.newPage()
  const faults = faultsOf(page, base)
  // What waits in a page for ever (page.evaluate has no bound of its own) ends with it.
  const tooLong = setTimeout(() => void context.close().catch(() => {}), longestTest - 5_000)
  t.after(async () => {
    clearTimeout(tooLong)
    if (t.error) await leavePicture(t, page).catch(() => {})
    await context.close()
    const wrong = faults.filter((fault) => !expected.some((e) => (typeof e === 'string' ? fault.includes(e) : e.test(fault))))
    if (wrong.length === 0) return
    const said = `the page: ${[...new Set(wrong)].join('\n')}`
    t.diagnostic(said) // of a test that has failed already the error below is not shown
    throw new Error(said)
  })
  if (content === undefined) {
    await page.goto(`${base}/${hash}`)
    await settled(page)
  } else {
    await page.setContent(content)
  }
  return page
}

async function leavePicture(t, page) {
  await mkdir(leftBehind, { recursive: true })
  const path = join(leftBehind, `${fileName(t.name)}.png`)
  await page.screenshot({ path, timeout: 5_000 })
  t.diagnostic(`the page as it was: ${path}`)
}

// faultsOf gives a list that grows with what goes wrong on a page.
export function faultsOf(page, base) {
  const faults = []
  const own = base && new URL(base).host
  const asked = (address) => {
    const { protocol, host } = new URL(address)
    if (/^(https?|wss?):$/.test(protocol) && host !== own) faults.push(`asked ${address}`)
  }
  page.on('request', (request) => asked(request.url()))
  page.on('websocket', (socket) => asked(socket.url()))
  page.on('console', (line) => line.type() === 'error' && faults.push(`console: ${line.text()}${line.location().url && ` (${line.location().url})`}`))
  page.on('pageerror', (error) => faults.push(`script: ${error.stack ?? error.message}`))
  return faults
}
