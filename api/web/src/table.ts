// The table below the map: of what is in view, or of where somebody was.

import { fetchCoverage, fetchItems, itemsAddress, type Unit } from './api'
import { busy } from './busy'
import { byId, element, replaceIn } from './dom'
import { reasonOf } from './message'
import type { Page } from './page'
import { coverageTable, itemsTable, pageOf, type RowsShown, tableFrame } from './table_view'
import { measureName, words } from './words'

const rowsAtOnce = 100

export class Table {
  private readonly box = byId('table-view')
  private readonly toggle = byId('table-toggle')
  private turn = 0 // an answer that comes late does not overwrite a newer one

  constructor(
    private readonly page: Page,
    private readonly open: (unit: Unit, id: string) => void,
  ) {
    this.toggle.addEventListener('click', () => {
      page.state.table = !page.state.table
      page.remember(true)
      void this.fill()
    })
    byId('skip').addEventListener('click', () => (page.state.table ? this.box.focus() : this.toggle.click()))
  }

  readonly close = (): void => {
    this.page.state.table = false
    this.page.remember(true)
    void this.fill()
    this.toggle.focus()
  }

  // fill shows the table where the state says so, with the rows after those that are shown where it is told them.
  async fill(before: RowsShown | null = null): Promise<void> {
    const turn = ++this.turn
    const shown = this.page.state.table
    this.toggle.setAttribute('aria-expanded', String(shown))
    document.body.classList.toggle('with-table', shown)
    const first = this.box.hidden
    this.box.hidden = !shown
    if (!shown) return
    const content = await busy(this.page.pickers.ofField ? this.ofField() : this.inView(before)).catch((error) => tableFrame(words().page.table, this.close, element('p', {}, reasonOf(error))))
    if (turn !== this.turn) return
    const scrolled = before ? (this.box.querySelector('.body')?.scrollTop ?? 0) : 0
    replaceIn(this.box, ...content)
    this.box.querySelector('.body')?.scrollTo(0, scrolled)
    if (first) this.box.focus({ preventScroll: true })
  }

  private async ofField(): Promise<HTMLElement[]> {
    const { pickers, field, state } = this.page
    const [{ rows }, done] = await Promise.all([fetchCoverage('segment'), pickers.isDone ? field.doneSince(state.day) : null])
    const w = words()
    const title = done ? `${w.doneSince}${w.colon}${pickers.subject}` : w.tableField
    return tableFrame(title, this.close, ...coverageTable(rows, done, this.open))
  }

  private async inView(before: RowsShown | null): Promise<HTMLElement[]> {
    const { pickers, map, snapshot } = this.page
    const { layer } = map
    const { measure, query, base, subject } = pickers
    if (!measure) return []
    const inView: Record<string, string> = { ...query, bbox: map.bounds.map((x) => x.toFixed(5)).join(','), ...(layer.resolution === null ? {} : { resolution: String(layer.resolution) }) }
    const collection = `${layer.name}@${snapshot.id}`
    const page = pageOf(await fetchItems(before?.next ?? itemsAddress(collection, { ...inView, f: 'geojson', limit: String(rowsAtOnce), sortby: '-value', skipGeometry: 'true' })))
    const all = before ? { ...page, items: [...before.items, ...page.items] } : page
    const downloads = (['csv', 'geojson', 'parquet'] as const).map((f) => ({ name: { csv: 'CSV', geojson: 'GeoJSON', parquet: 'Parquet' }[f], href: itemsAddress(collection, { ...inView, f }) }))
    const filled = itemsTable(all, layer.name, measure, base, downloads, { open: this.open, more: () => void this.fill(all) })
    const w = words()
    return tableFrame(`${w.tableOf[layer.name]}${w.colon}${[measureName(measure, base), subject].filter(Boolean).join(', ')}`, this.close, ...filled)
  }
}
