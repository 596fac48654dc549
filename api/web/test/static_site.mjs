// Opens a site of docs/static-site.md as whoever visits it does:
//   node test/static_site.mjs SITE_URL [PICTURE.png]
// It asks no other server, reads the archives by ranges alone, and draws features with numbers of each map that is listed. Prints what it has seen
// as {maps, features, published, ranges}, or what is wrong, and exits 1. The browser is the one of CHROMIUM, /usr/bin/chromium by default.
import { chromium } from 'playwright-core'

const [site, picture] = process.argv.slice(2)
if (!site) {
  console.error('usage: node test/static_site.mjs SITE_URL [PICTURE.png]')
  process.exit(2)
}

const faults = []
const seen = { maps: 0, features: 0, published: 0, ranges: 0 }
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
})
try {
  const tab = await browser.newPage({ viewport: { width: 640, height: 480 } })
  tab.on('console', (line) => line.type() === 'error' && faults.push(`console: ${line.text()}`))
  tab.on('pageerror', (error) => faults.push(`page: ${error.message}`))
  tab.on('response', (answer) => {
    const url = new URL(answer.url())
    if (url.protocol.startsWith('http') && url.origin !== new URL(site).origin) faults.push(`asked ${url}`)
    if (!url.pathname.endsWith('.pmtiles')) return
    if (answer.status() !== 206) faults.push(`${url} was answered with ${answer.status()}`)
    seen.ranges++
  })
  await tab.goto(site)
  await tab.waitForFunction(() => window.shownMap?.loaded() && document.querySelector('#legend li'), null, { timeout: 60_000 })
  const files = await tab.locator('#legend select option').evaluateAll((options) => options.map((o) => o.value))
  for (const file of files) {
    await tab.selectOption('#legend select', file)
    await tab.waitForFunction((file) => shownMap.getStyle()?.sources.map?.url.endsWith(file) && shownMap.areTilesLoaded() && shownMap.loaded(), file, { timeout: 60_000 })
    const drawn = await tab.evaluate(() => shownMap.queryRenderedFeatures({ layers: ['streets', 'areas'].filter((id) => shownMap.getLayer(id)) }).map((f) => f.properties))
    seen.maps++
    seen.features += drawn.length
    for (const f of drawn) {
      const numbered = f.value !== undefined || f.n !== undefined
      if (f.state === 'published') seen.published++
      else if (numbered) faults.push(`${f.id} is ${f.state} and has numbers`)
    }
    if (!drawn.some((f) => f.state === 'published' && f.value > 0)) faults.push(`${file}: no number is drawn`)
  }
  if (!(await tab.locator('.maplibregl-ctrl-attrib').innerText()).trim()) faults.push('nobody is named whose data it is')
  if (picture) await tab.screenshot({ path: picture })
} catch (error) {
  faults.push(error.message)
} finally {
  await browser.close()
}
if (faults.length > 0) {
  console.error([...new Set(faults)].join('\n'))
  process.exit(1)
}
console.log(JSON.stringify(seen))
