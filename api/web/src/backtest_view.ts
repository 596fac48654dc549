// How good the numbers of the snapshot are: what was measured when it was built.

import type { Backtest, Contest } from './api'
import { closingHeader } from './closing_header'
import { column, element } from './dom'
import { decimal, percent, whole } from './numbers'
import { choiceName, words } from './words'

export const backtestHeader = (close: () => void): HTMLElement => closingHeader('backtest-title', words().backtestTitle, close)

export function backtestView({ contests, merged, addresses, divisions }: Backtest, contest: Contest | undefined, close: () => void): HTMLElement[] {
  const w = words()
  const measured = contests.find((c) => c.contest === contest?.id)
  const head = backtestHeader(close)
  const division = divisions.find((d) => d.division === measured?.division)
  const placed = element(
    'p',
    { class: 'note' },
    w.backtestAddresses(whole(addresses.all), whole(addresses.by_name)),
    division ? ` ${w.backtestPrecincts(whole(division.by_table), whole(division.by_area), whole(division.by_street + division.by_nearest), whole(division.nowhere))}` : '',
  )
  if (!measured || measured.choices.length === 0 || measured.ballots_misplaced === null) return [head, element('p', {}, w.backtestNone), placed]
  return [
    head,
    element('p', { class: 'kind' }, contest?.name ?? ''),
    element('p', {}, w.backtestWords(whole(merged))),
    element('p', {}, element('strong', {}, w.backtestSays(decimal(measured.ballots_misplaced, 1), decimal(measured.flat_ballots_misplaced ?? 0, 1)))),
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, column(w.backtestColumns.choice), column(w.backtestColumns.error), column(w.backtestColumns.flat), column(w.backtestColumns.cover50), column(w.backtestColumns.cover90))),
      element(
        'tbody',
        {},
        ...measured.choices.map((c) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, choiceName({ id: c.choice, name: c.name, reserved: c.reserved })),
            element('td', {}, w.points(decimal(c.mae, 1))),
            element('td', { class: 'interval' }, w.points(decimal(c.flat_mae, 1))),
            element('td', {}, percent(c.cover50 / 100, 0)),
            element('td', {}, percent(c.cover90 / 100, 0)),
          ),
        ),
      ),
    ),
    element('p', { class: 'note' }, w.backtestCover),
    ...(measured.precincts_disagree > 0 ? [element('p', { class: 'note' }, w.backtestDisagree(measured.precincts_disagree, whole(measured.precincts_disagree)))] : []),
    placed,
  ]
}
