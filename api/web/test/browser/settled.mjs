// settled waits until the page says that the map has drawn all it asked for and the panels are filled, and until that is on the screen.
export async function settled(page) {
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready')
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
}
