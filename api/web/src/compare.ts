// Two places beside each other: their shares, the difference, and whether it is more than its doubt.

import type { Contest, Score } from './api'
import { column, element } from './dom'
import { apart } from './doubt'
import { estimateOf } from './in_words'
import { suppressedBox, placeName } from './panel'
import { percent, points, whole } from './numbers'
import { choiceName, words } from './words'

export function comparison(here: Score, there: Score, contest: Contest, chosen: string, end: () => void): HTMLElement {
  const w = words()
  const stop = element('button', { type: 'button', id: 'end-compare', class: 'link' }, w.endCompare)
  stop.addEventListener('click', end)
  const name = placeName(there.unit, there.name, String(there.id))
  const title = element('h3', {}, `${w.compared}${w.colon}${name} `, stop)
  const [a, b] = [here, there].map((score) => score.contests.find((c) => c.contest === contest.id))
  if (there.state !== 'published' || !a || !b) {
    const why = there.state === 'suppressed' ? suppressedBox(w.reasons[there.reason ?? ''] ?? w.notPublished) : element('p', {}, there.state === 'empty' ? w.nobodyLives : w.noNumbers(contest.name))
    return element('section', { id: 'comparison' }, title, why)
  }
  const rows = a.choices.flatMap((c) => {
    const known = contest.choices.find((one) => one.id === c.choice)
    const [mine, other] = [estimateOf(c), estimateOf(b.choices.find((one) => one.choice === c.choice))]
    if (!known || !mine || !other) return []
    const { difference, doubt, distinguishable } = apart(mine, other)
    return [
      element(
        'tr',
        { class: [c.choice === chosen ? 'chosen' : '', distinguishable ? 'differs' : 'alike'].join(' ') },
        element('th', { scope: 'row' }, choiceName(known)),
        element('td', {}, percent(mine.value, 1)),
        element('td', {}, percent(other.value, 1)),
        element('td', {}, points(difference, 1), doubt > 0 && element('span', { class: 'interval' }, ` ±${points(doubt, 1).replace('+', '')}`)),
        element('td', { class: 'verdict' }, distinguishable ? w.distinguishable : w.notDistinguishable),
      ),
    ]
  })
  return element(
    'section',
    { id: 'comparison' },
    title,
    element('p', { class: 'note' }, `${w.here}${w.colon}${whole(a.n)} ${w.short[contest.base]} · ${name}${w.colon}${whole(b.n)} ${w.short[contest.base]}`),
    element(
      'table',
      { class: 'compared' },
      element('thead', {}, element('tr', {}, column(w.columns.choice), column(w.here), column(w.compared), column(w.difference), column(w.verdict))),
      element('tbody', {}, ...rows),
    ),
    element('p', { class: 'note' }, w.differenceIs),
  )
}
