// What the other tests rely on does find what is wrong.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessible } from './axe.mjs'
import { faultsOf, open, test } from './browser.mjs'
import { leftBehind } from './left_behind.mjs'
import { compare } from './pictures.mjs'

// page is a document that has settled.
const page = (body) => `<!doctype html><html lang="en" data-state="ready"><title>A page</title><main><h1>A page</h1>${body}</main></html>`

const legend = page(`<style>li { display: flex; gap: 8px } i { width: 14px; height: 14px; background: #2b6cb0 } i.many { background: #1a365d }</style>
  <ul id="legend"><li><i></i>under 20%</li><li><i class="many"></i>20% and over</li></ul>`)

test('WebGL draws', async (t) => {
  const page = await open(t, null, { content: legend })
  assert.match(await page.evaluate(() => {
    const gl = document.createElement('canvas').getContext('webgl2')
    return gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info').UNMASKED_RENDERER_WEBGL)
  }), /SwiftShader/)
})

test('a request to elsewhere, an error on the console and one in a script are faults', async (t) => {
  const one = await open(t, null, { content: legend, expected: [/./] })
  const faults = faultsOf(one, 'http://127.0.0.1:1')
  await one.evaluate(() => {
    console.error('not well')
    setTimeout(() => { throw new Error('broken') })
    return fetch('http://elsewhere.example/tile').catch(() => {})
  })
  await one.waitForTimeout(100)
  for (const wanted of [/^console: not well/, /^script: .*broken/, /^asked http:\/\/elsewhere.example\/tile$/]) {
    assert.ok(faults.some((fault) => wanted.test(fault)), `${wanted} in ${faults}`)
  }
})

test('a picture is written once, then compared: one colour of a legend is enough to differ', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'arpent-golden-'))
  t.after(() => rm(folder, { recursive: true }))
  const one = await open(t, null, { content: legend })
  const name = 'harness-legend'
  const look = (update = false) => compare(t, one, name, { folder, update })
  await assert.rejects(look(), /harness-legend\.png is missing.*make golden-web/)
  await look(true)
  if (!existsSync(join(folder, `${name}.png`))) return t.skip('pictures are not compared here')
  await look()
  const colour = (to) => one.locator('i.many').evaluate((swatch, background) => Object.assign(swatch.style, { background }), to)
  await colour('#1a5d36')
  await assert.rejects(look(), /differs in 0\.02 % of its pixels, 196, and in 196 of 256 in one place.*actual\.png and .*diff\.png.*make golden-web/)
  const left = (await readdir(leftBehind)).filter((file) => file.startsWith(name))
  assert.deepEqual(left.sort(), [`${name}.actual.png`, `${name}.diff.png`])
  await colour('#1a365d')
  await look() // and nothing is left behind
  assert.deepEqual((await readdir(leftBehind)).filter((file) => file.startsWith(name)), [])
})

test('an input without a label is found, with its selector', async (t) => {
  const one = await open(t, null, { content: page('<label>Street <input id="street"></label>') })
  await accessible(one)
  await one.setContent(page('<input id="street">'))
  await assert.rejects(accessible(one), /label \(critical\)[^]*#street/)
  await accessible(one, 'h1') // looks at that part alone
})
