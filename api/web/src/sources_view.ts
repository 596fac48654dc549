// Where the data come from, and under which licences they may be used.

import type { Snapshot } from './api'
import { element } from './dom'
import { words } from './words'

export function sourcesView({ id, name, attributions }: Snapshot, close: () => void): HTMLElement[] {
  const w = words()
  const button = element('button', { type: 'button', class: 'close', 'aria-label': w.page.close }, '×')
  button.addEventListener('click', close)
  return [
    element('header', {}, element('h2', { id: 'sources-title' }, w.page.sources), button),
    element('p', {}, `${name}, ${w.snapshot(id)}`),
    element('ul', { class: 'sources' }, ...attributions.map((source) => element('li', {}, source))),
  ]
}
