// What the page looks like: golden pictures on a phone, a screen and a projector, in the light and in the dark.
import { open, settled, test } from './browser.mjs'
import { compare } from './pictures.mjs'
import { startDemo } from './server.mjs'

const demo = await startDemo()

const sizes = { phone: [390, 780], screen: [1280, 800], projector: [1920, 1080] }

for (const [size, [width, height]] of Object.entries(sizes)) {
  for (const theme of ['light', 'dark']) {
    test(`a street on a ${size}, ${theme}`, async (t) => {
      const hash = '#map=15.4/46.5053/-3.5106&contest=2026_muni_t2&unit=segment/1545228139172'
      const page = await open(t, demo.url, { hash, width, height, theme, touch: size === 'phone' })
      await compare(t, page, `street-${size}-${theme}`)
    })
  }
}

test('the whole place', async (t) => {
  const page = await open(t, demo.url)
  await page.waitForFunction(() => document.querySelector('#legend .count')?.textContent !== '')
  await compare(t, page, 'place')
})

test('doubt, and two sides of zero, in French', async (t) => {
  const page = await open(t, demo.url, { hash: '#map=14.6/46.5053/-3.5106&measure=margin&doubt=on', language: 'fr' })
  await page.waitForFunction(() => document.querySelector('#legend .count')?.textContent !== '')
  await compare(t, page, 'doubt-french')
})

test('a table and an area', async (t) => {
  const page = await open(t, demo.url, { hash: '#map=15/46.5053/-3.5106&area=-3.515,46.503,-3.505,46.503,-3.505,46.508&table=on' })
  await page.waitForSelector('#table-view tbody tr')
  await settled(page)
  await compare(t, page, 'table-and-area')
})
