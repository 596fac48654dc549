// Where the data come from, and under which licences they may be used.

import type { Snapshot } from './api'
import { closingHeader } from './closing_header'
import { element } from './dom'
import { words } from './words'

export function sourcesView({ id, name, attributions }: Snapshot, close: () => void): HTMLElement[] {
  const w = words()
  return [
    closingHeader('sources-title', w.page.sources, close),
    element('p', {}, `${name}, ${w.snapshot(id)}`),
    element('ul', { class: 'sources' }, ...attributions.map((source) => element('li', {}, source))),
  ]
}
