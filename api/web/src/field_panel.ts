// What the field says of the selected unit, for the staff: what was done there, and what was heard where enough households answered.

import type { FieldMeasure, FieldScore } from './api'
import { element } from './dom'
import { amount, day, interval as bounds, whole } from './numbers'
import { suppressedBox } from './panel'
import { definition, measureName, words } from './words'

const counted = new Set(['coverage', 'doors', 'attempts', 'contacts', 'refusals']) // what the counts say already

export function fieldNumbers(score: FieldScore, measures: FieldMeasure[]): HTMLElement[] {
  const w = words()
  const { counts } = score
  const row = (name: string, value: string, interval = '', title = ''): HTMLElement =>
    element('tr', title ? { title } : {}, element('th', { scope: 'row' }, name), element('td', {}, value), element('td', { class: 'interval' }, interval))
  const suppressed = measures.some((m) => score.measures[m.id]?.state === 'suppressed')
  const measured = measures.flatMap((m) => {
    const number = score.measures[m.id]
    if (!number || number.value === null || counted.has(m.id)) return []
    const interval = number.low === null || number.high === null || number.low === number.high ? '' : bounds(number.low, number.high, m.unit)
    return [row(measureName(m, 'registered'), amount(number.value, m.unit), interval, definition(m))]
  })
  const teams = score.teams.map((t) => `${t.team || w.noTeam} ${whole(t.counts.attempts)}`).join(', ')
  return [
    element('h3', {}, w.field),
    element(
      'table',
      {},
      element(
        'tbody',
        {},
        row(w.doorsTried, whole(counts.doors), w.ofHouseholds(whole(score.households))),
        row(w.attempts, whole(counts.attempts)),
        row(w.contacts, whole(counts.contacts)),
        row(w.refusals, whole(counts.refusals)),
        row(w.notHome, whole(counts.not_home)),
        row(w.answered, counts.households === null ? (suppressed ? w.answeredFew : w.notTold) : whole(counts.households)),
        ...measured,
      ),
    ),
    ...(teams ? [element('p', { class: 'note' }, `${w.attempts} ${w.by(teams)}.`)] : []),
    ...(suppressed ? [suppressedBox(w.suppressedField)] : []),
    ...(counts.last_day ? [element('p', { class: 'note' }, w.lastVisited(day(counts.last_day)))] : []),
  ]
}
