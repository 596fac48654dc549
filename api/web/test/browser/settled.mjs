// settled waits until the page says that the map has drawn all it asked for and the panels are filled, and until that is on the screen.
export async function settled(page) {
  await page.waitForFunction(() => {
    const { state } = document.documentElement.dataset
    return state === 'ready' || (state === undefined && document.querySelector('#legend li'))
  })
  if (!(await page.evaluate(() => document.documentElement.dataset.state))) {
    // TODO: goes with the page that does not say it yet.
    await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => {}) // never, where it listens to the field
    await page.waitForTimeout(1_000)
  }
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
}
