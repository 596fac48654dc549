// The dialogs: what the numbers are worth, and where they come from.

import { fetchBacktest } from './api'
import { backtestHeader, backtestView } from './backtest_view'
import { busy } from './busy'
import { byId, element } from './dom'
import { reasonOf } from './message'
import type { Page } from './page'
import { sourcesView } from './sources_view'
import { words } from './words'

export function dialogs(page: Page): void {
  const backtest = byId<HTMLDialogElement>('backtest')
  const close = (): void => backtest.close()
  byId('backtest-open').addEventListener('click', () => {
    backtest.replaceChildren(backtestHeader(close), element('p', {}, words().reading))
    backtest.showModal()
    void busy(fetchBacktest(page.snapshot.id))
      .then((found) => backtest.replaceChildren(...backtestView(found, page.pickers.contest, close)))
      .catch((error) => backtest.replaceChildren(backtestHeader(close), element('p', {}, reasonOf(error))))
  })
  const sources = byId<HTMLDialogElement>('sources-view')
  byId('sources-open').addEventListener('click', () => {
    sources.replaceChildren(...sourcesView(page.snapshot, () => sources.close()))
    sources.showModal()
  })
  for (const dialog of [backtest, sources]) {
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close()) // beside it
    dialog.addEventListener('keydown', (event) => event.key === 'Escape' && event.stopPropagation())
  }
}
