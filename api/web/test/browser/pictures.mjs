// Golden pictures: what a page must look like, as PNG in golden/. `make golden-web` writes those that differ; look at them before you commit them.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import pixelmatch from 'pixelmatch'
import { PNG } from 'pngjs'
import { settled } from './settled.mjs'
import { leftBehind } from './left_behind.mjs'

// How far a picture may be off. What draws is fixed (chromium.mjs): runs on one machine give the same picture to the bit. Another processor or Chromium
// may round shades a little otherwise, and smooth edges, which pixelmatch knows and leaves out. Such differences are small or scattered, a change that
// somebody would see is neither: so few pixels in any one place may be off, the size of a swatch in a legend, and few of all of them.
export const tolerance = {
  shade: 0.05, // of a pixel: the distance in OKLab, black to white being 1
  side: 16, // pixels of a place
  place: 96, // pixels in a place, of 256
  share: 0.01, // of all pixels
}

const golden = fileURLToPath(new URL('golden', import.meta.url))

// why there can be no comparison here: the pictures are of Linux with DejaVu.
const fonts = ['truetype/dejavu', 'TTF', 'dejavu', 'dejavu-sans-fonts'].map((folder) => `/usr/share/fonts/${folder}/DejaVuSans.ttf`)
const unlike = process.platform !== 'linux' ? 'pictures are compared on Linux alone: other systems draw text otherwise'
  : fonts.some((file) => existsSync(file)) ? null
    : 'pictures are compared with the font DejaVu Sans: install it (Debian: apt-get install fonts-dejavu-core)'

// compare fails when the page, once settled, does not look like golden/NAME.png; then it leaves NAME.actual.png and NAME.diff.png behind. mask lists
// selectors of what is left out, as it is of today.
export async function compare(t, page, name, { mask = [], folder = golden, update = process.env.ARPENT_UPDATE === '1' } = {}) {
  assert.match(name, /^[a-z0-9-]+$/, 'the name of a picture')
  if (unlike) {
    assert.ok(!process.env.CI && !update, unlike)
    return t.diagnostic(`${name}.png is not compared: ${unlike}`)
  }
  const actual = await picture(page, mask)
  const file = join(folder, `${name}.png`)
  const left = (kind) => join(leftBehind, `${name}.${kind}.png`)
  await Promise.all(['actual', 'diff'].map((kind) => rm(left(kind), { force: true })))
  const there = existsSync(file)
  const { fault, diff } = there ? difference(PNG.sync.read(actual), PNG.sync.read(await readFile(file))) : { fault: 'is missing' }
  if (!fault) return
  if (update) {
    await mkdir(folder, { recursive: true })
    await writeFile(file, actual)
    return t.diagnostic(`${there ? 'rewrote' : 'wrote'} ${file}`)
  }
  await mkdir(leftBehind, { recursive: true })
  await writeFile(left('actual'), actual)
  if (diff) await writeFile(left('diff'), PNG.sync.write(diff))
  const look = (diff ? ['actual', 'diff'] : ['actual']).map((kind) => relative('', left(kind))).join(' and ')
  assert.fail(`${name}.png ${fault}. Look at ${look}; when it is as it should be, make golden-web`)
}

async function picture(page, mask) {
  await page.mouse.move(-10, -10) // off the page: nothing is hovered
  await settled(page)
  await page.evaluate(() => document.fonts.ready.then(() => {}))
  return page.screenshot({ animations: 'disabled', caret: 'hide', scale: 'css', mask: mask.map((selector) => page.locator(selector)), maskColor: '#ff00ff' })
}

// difference says in what two pictures differ by more than the tolerance, if they do.
function difference(actual, wanted) {
  const { width, height } = wanted
  if (actual.width !== width || actual.height !== height) return { fault: `is ${width} x ${height}, and the page ${actual.width} x ${actual.height}` }
  const diff = new PNG({ width, height })
  const off = (output, options) => pixelmatch(wanted.data, actual.data, output, width, height, { threshold: tolerance.shade, ...options })
  const all = off(diff.data)
  const place = off(null, { windowSize: tolerance.side })
  const share = all / (width * height)
  if (share <= tolerance.share && place <= tolerance.place) return {}
  const fault = `differs in ${(100 * share).toFixed(2)} % of its pixels, ${all}, and in ${place} of ${tolerance.side ** 2} in one place; ` +
    `${100 * tolerance.share} % and ${tolerance.place} are let pass`
  return { fault, diff }
}
