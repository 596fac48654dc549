// Printing: what is on the screen on one page. The map is printed as a picture, as its canvas is empty between two frames.

import { byId } from './dom'
import { words } from './words'

export function printPage(picture: () => string): void {
  const image = byId<HTMLImageElement>('printed-map')
  window.addEventListener('beforeprint', () => {
    image.src = picture()
    image.hidden = false
    document.body.dataset['printed'] = words().printed(new Date().toLocaleDateString(document.documentElement.lang))
  })
  window.addEventListener('afterprint', () => {
    image.hidden = true
    image.removeAttribute('src')
  })
}
