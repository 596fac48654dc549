// Printing: what is on the screen on one page, on white paper. The map is printed as a picture, as its canvas is empty between two frames.

import { byId } from './dom'
import { day } from './numbers'
import { wearTheme } from './theme'
import { words } from './words'

// printPage prepares whatever prints; the button also waits for the map to be light.
export function printPage(picture: () => string, inLight: () => Promise<void>, back: () => void): void {
  const image = byId<HTMLImageElement>('printed-map')
  window.addEventListener('beforeprint', () => {
    document.documentElement.dataset['theme'] = 'light'
    image.src = picture()
    image.hidden = false
    document.body.dataset['printed'] = words().printed(day(new Date().toISOString().slice(0, 10)))
  })
  window.addEventListener('afterprint', () => {
    image.hidden = true
    image.removeAttribute('src')
    wearTheme()
  })
  byId('print').addEventListener('click', () => void inLight().then(() => window.print()).finally(back))
}
