// The table of a contest's choices in a place: votes, shares, intervals as bars, and their sum.

import { bar } from './bars'
import { column, element } from './dom'
import { interval, percent, whole } from './numbers'
import { words } from './words'

export interface ChoiceRow {
  id: string
  name: string
  votes: number | null // null: nobody is counted
  value: number | null
  low: number | null
  high: number | null
  low50: number | null
  high50: number | null
  whole: number | null // the share in the whole place
}

const few = 8 // rows that are shown at once; the others of many are behind a button

export function choicesTable(caption: string, rows: ChoiceRow[], n: number, base: string, chosen: string): HTMLElement {
  const w = words()
  const most = Math.max(0.02, ...rows.flatMap((r) => [r.high ?? 0, r.value ?? 0, r.whole ?? 0]))
  const sum = rows.reduce((votes, r) => votes + (r.votes ?? 0), 0)
  const counted = rows.some((r) => r.votes !== null)
  const unsure = rows.some((r) => r.low !== null && r.high !== null && r.low < r.high)
  const long = rows.length > few + 2
  const body = rows.map((r, i) => {
    const drawn = r.value !== null && bar({ value: r.value, low: r.low ?? r.value, high: r.high ?? r.value, low50: r.low50 ?? r.value, high50: r.high50 ?? r.value, mark: r.whole }, most)
    const row = element(
      'tr',
      r.id === chosen ? { class: 'chosen', 'aria-current': 'true' } : {},
      element('th', { scope: 'row' }, r.name),
      element('td', {}, r.votes === null ? '' : whole(r.votes)),
      element('td', {}, r.value === null ? '' : percent(r.value, 1)),
      unsure && element('td', { class: 'interval' }, r.low === null || r.high === null ? '' : interval(r.low, r.high, 'fraction 0..1')),
    )
    const below = element('tr', { class: `drawn${r.id === chosen ? ' chosen' : ''}`, 'aria-hidden': 'true' }, element('td', { colspan: unsure ? '4' : '3' }, drawn))
    row.hidden = below.hidden = long && i >= few && r.id !== chosen
    return [row, below]
  })
  const hidden = body.flat().filter((row) => row.hidden)
  const more = element('button', { type: 'button', class: 'link' }, w.more(hidden.length / 2))
  more.addEventListener('click', () => {
    for (const row of hidden) row.hidden = false
    more.closest<HTMLElement>('.body')?.focus({ preventScroll: true }) // the button goes, and the keyboard stays
    more.closest('tr')?.remove()
  })
  const equal = sum === n ? w.equals(base) : w.of(whole(n), base)
  return element(
    'div',
    {},
    element(
      'table',
      { class: 'choices' },
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, column(w.columns.choice), column(w.columns.votes), column(w.columns.share), unsure && column(w.columns.interval))),
      element('tbody', {}, ...body.flat(), hidden.length > 0 && element('tr', {}, element('td', { colspan: unsure ? '4' : '3', class: 'more' }, more))),
      counted &&
        element(
          'tfoot',
          {},
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, unsure ? w.sum : `${w.sum} ${equal}`),
            element('td', {}, whole(sum)),
            element('td', {}, percent(n > 0 ? sum / n : 0, 1)),
            unsure && element('td', { class: 'interval' }, equal),
          ),
        ),
    ),
    element('p', { class: 'note' }, unsure ? w.barsAre : w.barsExact),
  )
}
