// What the field says of the selected unit, for the staff: what was done there, and what was heard where enough households answered.

import type { FieldMeasure, FieldScore } from './api'
import { element } from './dom'
import { hatchSwatch } from './legend'
import { amount, whole } from './scale'

const counted = new Set(['coverage', 'doors', 'attempts', 'contacts', 'refusals']) // what the counts say already

export function fieldNumbers(score: FieldScore, measures: FieldMeasure[]): HTMLElement[] {
  const { counts } = score
  const row = (name: string, value: string, interval = '', title = ''): HTMLElement =>
    element('tr', title ? { title } : {}, element('th', { scope: 'row' }, name), element('td', {}, value), element('td', { class: 'interval' }, interval))
  const suppressed = measures.some((m) => score.measures[m.id]?.state === 'suppressed')
  const measured = measures.flatMap((m) => {
    const number = score.measures[m.id]
    if (!number || number.value === null || counted.has(m.id)) return []
    const interval = number.low === null || number.high === null || number.low === number.high ? '' : `${amount(number.low, m.unit)} – ${amount(number.high, m.unit)}`
    return [row(m.name, amount(number.value, m.unit), interval, m.definition)]
  })
  const teams = score.teams.map((t) => `${t.team} ${whole(t.counts.attempts)}`).join(', ')
  return [
    element('h3', {}, 'The field'),
    element(
      'table',
      {},
      element(
        'tbody',
        {},
        row('Doors tried', whole(counts.doors), `of about ${whole(Math.round(score.households))} households`),
        row('Attempts', whole(counts.attempts), teams && `by ${teams}`),
        row('Contacts', whole(counts.contacts)),
        row('Refusals', whole(counts.refusals)),
        row('Nobody at home', whole(counts.not_home)),
        row('Households that answered', counts.households === null ? 'fewer than 11' : whole(counts.households)),
        ...measured,
      ),
    ),
    ...(suppressed
      ? [element('div', { class: 'suppressed' }, hatchSwatch(), element('p', {}, element('strong', {}, 'Suppressed. '), 'Fewer than 11 households answered here, so what they said is not shown.'))]
      : []),
    ...(counts.last_day ? [element('p', { class: 'note' }, `Last visited on ${counts.last_day}.`)] : []),
  ]
}
