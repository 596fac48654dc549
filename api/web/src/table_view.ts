// The table of what the map shows: the same places with the same numbers, for those who read rather than look.

import type { CoverageRow, Items, Measure, Unit } from './api'
import { closingHeader } from './closing_header'
import { column, element } from './dom'
import { type TileLayer, unitOf } from './layers'
import { amount, interval, percent, whole } from './numbers'
import { placeName } from './panel'
import type { Place } from './state'
import { type Base, measureName, words } from './words'

interface TableActions {
  open(unit: Unit, id: string): void
  more(): void
}

// tableFrame is the head of the table; what is in it comes from items or coverage.
export function tableFrame(title: string, close: () => void, ...content: (Node | false)[]): HTMLElement[] {
  return [closingHeader('table-title', title, close), element('div', { class: 'body', tabindex: '0', role: 'region', 'aria-label': title }, ...content)]
}

export interface RowsShown {
  items: Items['features']
  all: number | null // that there are
  next: string | null // where the next page is
}

export const pageOf = ({ features, numberMatched, links }: Items): RowsShown => ({
  items: features,
  all: numberMatched ?? null,
  next: links.find((link) => link.rel === 'next')?.href ?? null,
})

export function itemsTable(page: RowsShown, layer: TileLayer, measure: Measure, base: Base, downloads: { name: string; href: string }[], actions: TableActions): (Node | false)[] {
  const w = words()
  if (page.items.length === 0) return [element('p', {}, w.tableEmpty)]
  const unit = unitOf[layer]
  const rows = page.items.map(({ id, properties }) => {
    const { name, value, low, high, n, state, reason } = properties
    const number = value === null || value === undefined ? '' : amount(value, measure.unit)
    const open = element('button', { type: 'button', class: 'link' }, placeName(unit, name ?? '', String(id)))
    open.addEventListener('click', () => actions.open(unit, String(id)))
    return element(
      'tr',
      { 'data-id': String(id) },
      element('th', { scope: 'row' }, open),
      element('td', {}, number),
      element('td', { class: 'interval' }, low === null || high === null || low === undefined || high === undefined || low === high ? '' : interval(low, high, measure.unit)),
      element('td', {}, n === null || n === undefined ? '' : whole(n)),
      element('td', { class: 'state' }, state === 'suppressed' ? (w.reasonsShort[reason ?? ''] ?? w.suppressedShort) : w.states[state]),
    )
  })
  const more = element('button', { type: 'button', class: 'quiet', id: 'table-more' }, w.tableMore)
  more.addEventListener('click', actions.more)
  return [
    element('p', { class: 'note' }, page.all === null ? '' : `${w.tableShown(whole(page.items.length), whole(page.all))}. `, w.tableDownload, ' ', ...downloads.flatMap(({ name, href }, i) => [i > 0 ? ' · ' : '', element('a', { href }, name)])),
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, column(w.tableName), column(measureName(measure, base)), column(w.columns.interval), column(w.voters[base]), column(w.tableState))),
      element('tbody', {}, ...rows),
    ),
    page.next !== null && more,
  ]
}

// coverageTable is that of the field: where somebody was, the most attempts first; or, with what was done since a day, the most of that.
export function coverageTable(rows: CoverageRow[], done: { place: Place; doors: number }[] | null, open: (unit: Unit, id: string) => void): Node[] {
  const w = words()
  const since = done && new Map(done.filter(({ place }) => place.unit === 'segment').map(({ place, doors }) => [place.id, doors]))
  const doorsSince = (row: CoverageRow): number => since?.get(String(row.id)) ?? 0
  const order = (row: CoverageRow): number => (since ? doorsSince(row) : row.counts.attempts)
  const shown = rows.filter((row) => order(row) > 0).sort((a, b) => order(b) - order(a))
  if (shown.length === 0) return [element('p', {}, w.nobodyWalked)]
  return [
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, column(w.street), since && column(w.page.day), column(w.doors), column(w.doorsTried), column(w.attempts), column(w.contacts), column(w.refusals), column(w.notHome))),
      element(
        'tbody',
        {},
        ...shown.map((row) => {
          const { id, name, households, counts } = row
          const button = element('button', { type: 'button', class: 'link' }, name || w.unnamedStreet)
          button.addEventListener('click', () => open('segment', String(id)))
          return element(
            'tr',
            { 'data-id': String(id) },
            element('th', { scope: 'row' }, button),
            since && element('td', { class: 'since' }, whole(doorsSince(row))),
            element('td', {}, whole(counts.doors)),
            element('td', {}, households ? percent(Math.min(1, counts.doors / households), 0) : ''),
            element('td', {}, whole(counts.attempts)),
            element('td', {}, whole(counts.contacts)),
            element('td', {}, whole(counts.refusals)),
            element('td', {}, whole(counts.not_home)),
          )
        }),
      ),
    ),
  ]
}
