// How a place stands in its precincts: what part of each it is, and its choices beside the official ones, of which it is a part to the vote.

import type { Contest, Explanation, Part } from './api'
import type { PanelActions } from './panel'
import { column, element } from './dom'
import { percent, whole } from './numbers'
import { choiceName, words } from './words'

const shown = 6

export function precinctPart({ score, parts, parts_hidden }: Explanation, contest: Contest, chosen: string, actions: PanelActions): HTMLElement[] {
  if (score.unit === 'precinct' || parts.length === 0) return []
  const w = words()
  const blocks: HTMLElement[] = [element('h3', {}, w.inPrecinct(parts.length)), list(parts.slice(0, shown), contest, actions)]
  if (parts.length > shown) blocks.push(element('details', {}, element('summary', {}, w.more(parts.length - shown)), list(parts.slice(shown), contest, actions)))
  if (parts_hidden) blocks.push(element('p', { class: 'note' }, w.partsHidden))
  const [only] = parts
  const [here] = score.contests
  if (parts.length === 1 && only?.official && here && !here.modelled_only) {
    const rows = here.choices.map((c) => {
      const known = contest.choices.find((one) => one.id === c.choice)
      const official = only.official?.choices.find((one) => one.choice === c.choice)
      return element(
        'tr',
        c.choice === chosen ? { class: 'chosen' } : {},
        element('th', { scope: 'row' }, known ? choiceName(known) : c.choice),
        element('td', {}, whole(c.votes)),
        element('td', {}, official ? whole(official.votes) : ''),
        element('td', {}, official && official.value !== null ? percent(official.value, 1) : ''),
      )
    })
    blocks.push(
      element(
        'details',
        {},
        element('summary', {}, w.adds),
        element(
          'table',
          {},
          element('thead', {}, element('tr', {}, column(w.columns.choice), column(w.here), column(w.precinctTotal), column(w.official))),
          element('tbody', {}, ...rows),
          element('tfoot', {}, element('tr', {}, element('th', { scope: 'row' }, w.sum), element('td', {}, whole(here.n)), element('td', {}, whole(only.official.n)), element('td', {}))),
        ),
      ),
    )
  }
  return [element('section', { class: 'secondary' }, ...blocks)]
}

function list(parts: Part[], contest: Contest, actions: PanelActions): HTMLElement {
  const w = words()
  return element(
    'ul',
    { class: 'parts' },
    ...parts.map((part) => {
      const open = element('button', { type: 'button', class: 'link' }, w.openPrecinct(part.code))
      open.addEventListener('click', () => actions.open('precinct', String(part.precinct)))
      const all = part.official?.n
      const share = part.n !== null && all ? part.n / all : null
      const text = part.n !== null && all ? w.partOf(whole(part.n), whole(all), percent(share ?? 0, 1), w.short[contest.base]) : ''
      const drawn = element('span', { class: 'part', 'aria-hidden': 'true' }, element('span', {}))
      if (share !== null && drawn.firstElementChild instanceof HTMLElement) drawn.firstElementChild.style.width = percentWidth(share)
      return element('li', {}, open, ' ', text, share !== null && drawn)
    }),
  )
}

const percentWidth = (share: number): string => `${(100 * share).toFixed(2)}%`
