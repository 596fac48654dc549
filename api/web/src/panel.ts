// The panel of the selected unit: its numbers with their sum, and where they came from.

import type { Contest, ContestList, ContestScores, Explanation, MeasureScores, Unit } from './api'
import { type Base, measureName, short, voters } from './base'
import { element } from './dom'
import { hatchSwatch } from './legend'
import { amount, percent, whole } from './scale'

export interface PanelActions {
  close(): void
  open(unit: Unit, id: string): void
}

const kinds: Record<Unit, string> = { segment: 'Street segment', cell: 'H3 cell', precinct: 'Precinct', commune: 'Commune' }

const reasons: Record<string, string> = {
  k: 'Fewer than 11 households live here, so its numbers could tell something about single people.',
  complement:
    'Its numbers would give away, by subtraction, a neighbouring place in which fewer than 11 households live.',
  earlier: 'Together with what was published earlier, its numbers would give away a place in which fewer than 11 households live.',
}

// heading stands above every panel, so that it does not move when the numbers arrive.
export function heading(unit: Unit, name: string, actions: PanelActions): HTMLElement {
  const close = element('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '×')
  close.addEventListener('click', actions.close)
  return element('header', {}, element('p', { class: 'kind' }, kinds[unit]), element('h2', { id: 'panel-title' }, name || '…'), close)
}

export function explanation(e: Explanation, contest: Contest, choice: string, list: ContestList, actions: PanelActions): HTMLElement[] {
  const { score } = e
  if (score.state === 'suppressed') {
    return [
      element(
        'div',
        { class: 'suppressed' },
        hatchSwatch(),
        element('p', {}, element('strong', {}, 'Suppressed. '), reasons[score.reason ?? ''] ?? 'Its numbers are not published.'),
      ),
      ...origin(e, contest.base, actions),
    ]
  }
  if (score.state === 'empty') {
    return [element('p', { class: 'summary' }, 'No household lives here, so there is nothing to count.'), ...origin(e, contest.base, actions)]
  }
  const [numbers] = score.contests
  if (!numbers) return [element('p', { class: 'summary' }, `There are no numbers for “${contest.name}” here.`), ...origin(e, contest.base, actions)]
  return [
    element(
      'p',
      { class: 'summary' },
      element('strong', {}, numbers.modelled_only ? 'Modelled only' : whole(numbers.n)),
      numbers.modelled_only ? ': no result is known here' : ` ${voters(contest.base)}`,
      score.households === null ? null : ` · about ${whole(Math.round(score.households))} households`,
    ),
    table(numbers, contest, choice),
    ...measures(numbers, contest, choice, list),
    ...origin(e, contest.base, actions),
  ]
}

function table(numbers: ContestScores, contest: { name: string; base: Base }, chosen: string): HTMLElement {
  const intervals = numbers.choices.some((c) => c.low !== null)
  const column = (text: string): HTMLElement => element('th', { scope: 'col' }, text)
  const sum = numbers.choices.reduce((votes, c) => votes + c.votes, 0)
  const equal = sum === numbers.n ? `= ${short(contest.base)}` : `of ${whole(numbers.n)} ${short(contest.base)}`
  const rows = numbers.choices.map((c) =>
    element(
      'tr',
      c.choice === chosen ? { class: 'chosen', 'aria-current': 'true' } : {},
      element('th', { scope: 'row' }, c.name || c.choice),
      element('td', {}, numbers.modelled_only ? '' : whole(c.votes)),
      element('td', {}, c.value === null ? '' : percent(c.value, 1)),
      intervals && element('td', { class: 'interval' }, c.low === null || c.high === null ? '' : `${percent(c.low, 1)} – ${percent(c.high, 1)}`),
    ),
  )
  return element(
    'table',
    {},
    element('caption', {}, contest.name),
    element('thead', {}, element('tr', {}, column('Choice'), column('Votes'), column('Share'), intervals && column('90 % interval'))),
    element('tbody', {}, ...rows),
    !numbers.modelled_only && element(
      'tfoot',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, intervals ? 'Sum' : `Sum ${equal}`),
        element('td', {}, whole(sum)),
        element('td', {}, percent(numbers.n > 0 ? sum / numbers.n : 0, 1)),
        intervals && element('td', { class: 'interval' }, equal),
      ),
    ),
  )
}

// measures lists what else there is of the unit and of the chosen candidate; the votes are in the table above.
function measures(numbers: ContestScores, contest: Contest, chosen: string, list: ContestList): HTMLElement[] {
  const of = numbers.choices.find((c) => c.choice === chosen)
  const rows = (scores: MeasureScores = {}): HTMLElement[] =>
    list.measures.flatMap((m) => {
      const score = scores[m.id]
      if (!score || m.unit === 'votes') return []
      const other = score.against ? ` over ${contest.choices.find((c) => c.id === score.against)?.name}` : score.since ? ` since ${list.contests.find((c) => c.id === score.since)?.name}` : ''
      return [
        element(
          'tr',
          { title: m.definition },
          element('th', { scope: 'row' }, measureName(m, contest.base) + other),
          element('td', {}, amount(score.value, m.unit)),
          element('td', { class: 'interval' }, score.low === score.high ? '' : `${amount(score.low, m.unit)} – ${amount(score.high, m.unit)}`.replace(/( \w+) – (.*)\1$/, ' – $2')),
        ),
      ]
    })
  const body = (heading: string, all: HTMLElement[]): HTMLElement | false =>
    all.length > 0 && element('tbody', {}, element('tr', {}, element('th', { scope: 'rowgroup', colspan: '3', class: 'kind' }, heading)), ...all)
  const found = [body('All voters', rows(numbers.measures)), body(of?.name || chosen, rows(of?.measures))]
  return found.some(Boolean) ? [element('table', {}, ...found)] : []
}

// origin tells where the numbers came from.
function origin(e: Explanation, base: Base, actions: PanelActions): HTMLElement[] {
  const blocks: HTMLElement[] = [element('h3', {}, 'Where this comes from'), element('p', {}, e.method)]
  if (e.addresses !== null) {
    const from = e.households_from.map((h) => `${whole(h.addresses)} from ${h.description}`).join(', ')
    blocks.push(element('p', {}, `${whole(e.addresses)} ${e.addresses === 1 ? 'address' : 'addresses'}; their households: ${from || 'none'}.`))
  }
  if (e.parts.length > 0) blocks.push(...parts(e, base, actions))
  if (e.sources.length > 0) {
    blocks.push(
      element(
        'details',
        {},
        element('summary', {}, `Sources (${e.sources.length})`),
        element(
          'ul',
          { class: 'sources' },
          ...e.sources.map((s) =>
            element('li', {}, element('strong', {}, s.dataset), ` ${s.publisher}, ${s.licence}. `, element('code', {}, s.path), `, ${whole(s.rows)} rows`),
          ),
        ),
      ),
    )
  }
  return blocks
}

const partsShown = 8

// standsOn names the rows of the results file.
function standsOn({ lines, provisional }: { lines: number[]; provisional?: boolean }): string {
  const file = provisional ? 'file of provisional results' : 'results file'
  return lines.length === 0 ? `No row of the ${file}.` : `${lines.length} rows of the ${file}: ${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}.`
}

function parts(e: Explanation, base: Base, actions: PanelActions): HTMLElement[] {
  if (e.score.unit === 'precinct') return e.parts.map((p) => element('p', {}, standsOn(p)))
  const numbered = e.parts.some((p) => p.n !== null)
  const row = (p: Explanation['parts'][number]): HTMLElement => {
    const open = element('button', { type: 'button', class: 'link', title: standsOn(p) }, p.code)
    open.addEventListener('click', () => actions.open('precinct', String(p.precinct)))
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, open),
      numbered && element('td', {}, p.weight === null ? '' : percent(p.weight, 1)),
      numbered && element('td', {}, p.n === null ? '' : whole(p.n)),
    )
  }
  const grid = (rows: HTMLElement[]): HTMLElement =>
    element(
      'table',
      { class: 'parts' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, 'Precinct'),
          numbered && element('th', { scope: 'col' }, 'of its households'),
          numbered && element('th', { scope: 'col' }, `${short(base)} here`),
        ),
      ),
      element('tbody', {}, ...rows),
    )
  const blocks = [grid(e.parts.slice(0, partsShown).map(row))]
  if (e.parts.length > partsShown) {
    const others = e.parts.slice(partsShown)
    blocks.push(element('details', {}, element('summary', {}, `${others.length} more precincts`), grid(others.map(row))))
  }
  if (e.parts_hidden) blocks.push(element('p', { class: 'note' }, 'These parts are named without numbers, which could tell about fewer than 11 households.'))
  return blocks
}
