// How far the campaign has come: doors tried against the households of the place, by team and by street: those that have just
// been touched first, then where most was done.

import type { Coverage, CoverageRow, Unit } from './api'
import { bar } from './bars'
import { column, element } from './dom'
import { percent, points, whole } from './numbers'
import { words } from './words'

const streetsShown = 6

export function progress(teams: Coverage, streets: Coverage, touched: ReadonlySet<number>, open: (unit: Unit, id: string) => void): HTMLElement[] {
  const w = words()
  const { all } = teams
  const households = all.households ?? 0
  const share = households > 0 ? Math.min(1, all.counts.doors / households) : 0
  if (all.counts.attempts === 0) return [element('p', { class: 'note' }, w.nobodyWalked)]
  return [
    element('p', { id: 'tried' }, element('strong', {}, percent(share, 1)), ` · ${w.tried(whole(all.counts.doors), whole(households))}`),
    bar({ value: share, low: share, high: share, low50: share, high50: share, mark: null }, 1),
    element('p', { class: 'note' }, `${w.contacts}${w.colon}${whole(all.counts.contacts)} · ${w.refusals}${w.colon}${whole(all.counts.refusals)} · ${w.notHome}${w.colon}${whole(all.counts.not_home)}`),
    teamTable(teams),
    streetTable([...streets.rows].sort((a, b) => Number(touched.has(b.id ?? 0)) - Number(touched.has(a.id ?? 0)) || b.counts.attempts - a.counts.attempts).slice(0, streetsShown), touched, open),
  ]
}

function teamTable({ rows, mix }: Coverage): HTMLElement {
  const w = words()
  return element(
    'table',
    { id: 'teams' },
    element('thead', {}, element('tr', {}, column(w.team), column(w.doors), column(w.contacts), column(w.mix, w.mixTitle))),
    element(
      'tbody',
      {},
      ...rows.map(({ name, counts }) => {
        const met = mix.find((m) => m.team === name && m.contacts > 0)
        return element(
          'tr',
          {},
          element('th', { scope: 'row', class: 'whole' }, name || w.noTeam),
          element('td', {}, whole(counts.doors)),
          element('td', {}, whole(counts.contacts)),
          element('td', { class: 'interval wraps', title: w.mixTitle }, met ? `${w.mixOwn} ${points(met.own / 100, 1)}${met.turnout === null ? '' : `, ${w.mixTurnout} ${points(met.turnout / 100, 1)}`}` : ''),
        )
      }),
    ),
  )
}

function streetTable(rows: CoverageRow[], touched: ReadonlySet<number>, open: (unit: Unit, id: string) => void): HTMLElement {
  const w = words()
  return element(
    'table',
    { id: 'streets' },
    element('thead', {}, element('tr', {}, column(w.street), column(w.doors), column(w.doorsTried))),
    element(
      'tbody',
      {},
      ...rows.map(({ id, name, households, counts }) => {
        const button = element('button', { type: 'button', class: 'link' }, name || w.unnamedStreet)
        button.addEventListener('click', () => open('segment', String(id)))
        return element('tr', touched.has(id ?? 0) ? { class: 'touched' } : {}, element('th', { scope: 'row' }, button), element('td', {}, whole(counts.doors)), element('td', {}, households ? percent(Math.min(1, counts.doors / households), 0) : ''))
      }),
    ),
  )
}
