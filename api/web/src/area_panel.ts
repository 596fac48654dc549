// The panel of a drawn area: sums of what is published in it, as the API gives them, with the link and the rows.

import { type Contest, fetchSum, itemsAddress, type Pivot, type Query } from './api'
import { choicesTable } from './choices_table'
import { element } from './dom'
import { whole } from './numbers'
import { choiceRows } from './panel'
import type { Point, State } from './state'
import { words } from './words'

interface AreaActions {
  draw(): void
  view(): void
  remove(): void
  sum(of: State['sum']): void
}

// areaFilter is the area in CQL2: what touches it is in it, whole.
export function areaFilter(area: Point[]): string {
  const corner = ([lon, lat]: Point): string => `${Number(lon.toFixed(5))} ${Number(lat.toFixed(5))}`
  return `S_INTERSECTS(geometry, POLYGON((${[...area, ...area.slice(0, 1)].map(corner).join(', ')})))`
}

export const fetchArea = (area: Point[], sum: State['sum'], contest: string): Promise<Pivot> => fetchSum(sum, contest, areaFilter(area))

// areaControls stand above the sums and do not wait for them.
export function areaControls(sum: State['sum'], actions: AreaActions): HTMLElement {
  const w = words()
  const select = element('select', { id: 'area-sum' })
  for (const of of ['segments', 'precincts'] as const) select.append(element('option', of === sum ? { value: of, selected: '' } : { value: of }, w.areaIn[of]))
  select.addEventListener('change', () => actions.sum(select.value === 'precincts' ? 'precincts' : 'segments'))
  const button = (id: string, text: string, act: () => void): HTMLElement => {
    const node = element('button', { type: 'button', id, class: 'quiet' }, text)
    node.addEventListener('click', act)
    return node
  }
  return element(
    'div',
    { class: 'area-controls' },
    element('label', {}, element('span', {}, w.areaSum), ' ', select),
    element('p', { class: 'buttons' }, button('area-draw', w.areaDraw, actions.draw), button('area-view', w.areaView, actions.view), button('area-remove', w.areaRemove, actions.remove)),
  )
}

export function areaSums({ rows }: Pivot, contest: Contest, chosen: string, area: Point[], sum: State['sum'], query: Query, page: string): HTMLElement[] {
  const w = words()
  const [all] = rows
  if (!all || all.units === 0) return [element('p', { class: 'summary' }, w.areaNothing)]
  const filter = areaFilter(area)
  const address = (f: string): string => itemsAddress(sum, { ...query, f, filter })
  const link = (id: string, text: string, href: string, download: string): HTMLElement => element('a', { id, href, ...(download && { download }) }, text)
  return [
    element('p', { class: 'summary' }, element('strong', {}, `${whole(all.n)} ${w.voters[contest.base]}`)),
    element('p', { class: 'note', id: 'area-units' }, w.areaUnits(whole(all.published), whole(all.suppressed), whole(all.empty))),
    ...(all.published > 0 ? [choicesTable(contest.name, choiceRows(all.choices, contest, true), all.n, w.short[contest.base], chosen), ...(all.choices.some((c) => c.low !== c.high) ? [element('p', { class: 'note' }, w.areaBounds)] : [])] : []),
    element(
      'p',
      { class: 'links' },
      w.download,
      ' ',
      link('area-csv', 'CSV', address('csv'), `area-${sum}.csv`),
      ' · ',
      link('area-geojson', 'GeoJSON', address('geojson'), `area-${sum}.geojson`),
      ' · ',
      link('area-parquet', 'Parquet', address('parquet'), `area-${sum}.parquet`),
    ),
    element('p', { class: 'links' }, link('area-link', w.areaPage, page, ''), ' · ', link('area-api', w.areaApi, address('geojson'), '')),
  ]
}
