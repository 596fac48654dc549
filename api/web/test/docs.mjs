// Looks at the page of the API of a running server as a reader does, on a screen and on a phone:
//   node test/docs.mjs BASE_URL [OUT_DIR]
// It must ask no other server for anything, run no script, fit the width, and have what its links lead to. With OUT_DIR it takes pictures. The browser
// is the one of CHROMIUM, /usr/bin/chromium by default. Prints what is wrong, and exits 1.
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const [base, out] = process.argv.slice(2)
if (!base) {
  console.error('usage: node test/docs.mjs BASE_URL [OUT_DIR]')
  process.exit(2)
}

const faults = []
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  const page = await browser.newPage()
  page.on('request', (request) => new URL(request.url()).origin !== new URL(base).origin && faults.push(`asked ${request.url()}`))
  page.on('console', (line) => line.type() === 'error' && faults.push(`console: ${line.text()}`))
  await page.goto(`${base}/docs`)
  for (const [width, height] of [[1280, 1000], [390, 800]]) {
    await page.setViewportSize({ width, height })
    if (out) await page.screenshot({ path: join(out, `docs-${width}.png`) })
    const seen = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      scripts: document.scripts.length,
      lost: [...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute('href')).filter((to) => !document.getElementById(to.slice(1))),
      operations: document.querySelectorAll('section[id^="tag-"] article').length,
      unfilled: [...document.querySelectorAll('pre')].map((pre) => pre.innerText).filter((text) => /\/\{|=(['&]|$)/.test(text.split('\n')[0])),
    }))
    if (seen.wide > width) faults.push(`at a width of ${width} it is ${seen.wide} wide`)
    if (seen.scripts > 0) faults.push('there is a script')
    for (const to of new Set(seen.lost)) faults.push(`${to} leads nowhere`)
    for (const text of seen.unfilled) faults.push(`an example lacks a parameter: ${text}`)
    const described = Object.values((await (await fetch(`${base}/openapi.json`)).json()).paths).flatMap((path) => Object.keys(path))
    if (seen.operations !== described.length) faults.push(`${seen.operations} operations, of ${described.length}`)
  }
} finally {
  await browser.close()
}
if (faults.length > 0) {
  console.error(faults.slice(0, 20).join('\n'))
  process.exit(1)
}
