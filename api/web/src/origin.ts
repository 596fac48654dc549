// Where the numbers of a place came from.

import type { Explanation, Part } from './api'
import { element } from './dom'
import { whole } from './numbers'
import { words } from './words'

export function origin(e: Explanation): HTMLElement[] {
  const w = words()
  const blocks: HTMLElement[] = [element('p', {}, w.methods[e.method] ?? e.method)]
  if (e.addresses !== null) {
    const from = e.households_from.map((h) => w.addressesFrom(whole(h.addresses), w.householdsBy[h.by] ?? h.description)).join(', ')
    blocks.push(element('p', {}, w.addresses(e.addresses, whole(e.addresses), from || w.nowhere)))
  }
  blocks.push(...e.parts.filter((_, i) => i < 3).map((part) => element('p', { class: 'note' }, standsOn(part))))
  if (e.sources.length > 0) {
    blocks.push(
      element(
        'ul',
        { class: 'sources' },
        ...e.sources.map((s) => element('li', {}, element('strong', {}, s.dataset), ` ${s.publisher}, ${s.licence}. `, element('code', {}, s.path), `, ${w.rowsRead(whole(s.rows))}`)),
      ),
    )
  }
  return [element('details', { id: 'explain' }, element('summary', {}, w.from), ...blocks)]
}

// standsOn names the rows of the results file.
function standsOn({ code, lines, provisional }: Part): string {
  const w = words()
  return `${w.openPrecinct(code)}. ${w.rows(lines.length, lines.join(', '), provisional ?? false)}`
}
