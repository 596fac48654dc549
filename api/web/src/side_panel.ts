// The panel beside the map: of the selected place, or of the drawn area.

import { Failure, fetchExplanation, fetchScore, type Unit } from './api'
import { busy } from './busy'
import { closingHeader } from './closing_header'
import { comparison } from './compare'
import { byId, element, replaceIn } from './dom'
import { reasonOf } from './message'
import type { Page } from './page'
import { explanation, placeName } from './panel'
import type { Place } from './state'
import { words } from './words'

interface SidePanelActions {
  close(): void
  open(unit: Unit, id: string): void
  compare(): void
  endCompare(): void
  area(): Promise<HTMLElement[]> // what is said of the drawn area
  removeArea(): void
}

export class SidePanel {
  private readonly box = byId('panel')
  private shown = '' // what it is of, '' where it is hidden
  private turn = 0 // an answer that comes late does not overwrite a newer one
  private refreshing = false
  private stale = false // the field has changed again meanwhile

  constructor(
    private readonly page: Page,
    private readonly actions: SidePanelActions,
  ) {}

  // fill shows the selected place or the drawn area, whichever there is. The name is that of the place, as far as it is known.
  async fill(name = '', focus = true): Promise<void> {
    const turn = ++this.turn
    const { selected, area } = this.page.state
    const of = selected ? `${selected.unit}/${selected.id}` : String(area)
    const another = of !== this.shown
    this.shown = of
    this.box.hidden = of === ''
    document.body.classList.toggle('with-panel', of !== '')
    if (of === '') return
    if (another) replaceIn(this.box, selected ? this.placeHeader(selected, name) : this.areaHeader(), body(element('p', {}, words().reading)))
    const content = await busy(selected ? this.ofPlace(selected, name) : this.ofArea())
    if (turn !== this.turn) return
    const scrolled = another || focus ? 0 : (this.box.querySelector('.body')?.scrollTop ?? 0)
    replaceIn(this.box, ...content)
    this.box.querySelector('.body')?.scrollTo(0, scrolled)
    if (focus && !this.box.contains(document.activeElement) && document.activeElement?.closest('#controls-body, #staff') === null) this.box.focus({ preventScroll: true })
  }

  // refreshField brings the numbers of the field up to date, and nothing else.
  async refreshField(): Promise<void> {
    this.stale = true
    if (this.refreshing) return
    this.refreshing = true
    while (this.stale) {
      this.stale = false
      const { selected } = this.page.state
      if (!selected) break
      const turn = this.turn
      const content = await this.page.field.numbersOf(selected)
      if (turn === this.turn) document.getElementById('field')?.replaceChildren(...content)
    }
    this.refreshing = false
  }

  private placeHeader({ unit, id }: Place, name: string): HTMLElement {
    return closingHeader('panel-title', name && placeName(unit, name, id), this.actions.close, words().kinds[unit])
  }

  private areaHeader(): HTMLElement {
    return closingHeader('panel-title', words().area, this.actions.removeArea)
  }

  private async ofPlace(place: Place, name: string): Promise<HTMLElement[]> {
    const { state, pickers, field, list } = this.page
    const { contest } = pickers
    const { beside, choice } = state
    try {
      const [explained, scores, ofField, other] = await Promise.all([
        fetchExplanation(place.unit, place.id, state.contest),
        fetchScore(place.unit, place.id),
        field.numbersOf(place),
        beside ? fetchScore(beside.unit, beside.id) : null,
      ])
      if (!contest) return []
      const compared = other ? [comparison(scores, other, contest, choice, this.actions.endCompare)] : []
      return [
        closingHeader('panel-title', placeName(place.unit, explained.score.name, place.id), this.actions.close, words().kinds[place.unit]),
        body(...compared, element('div', { id: 'field' }, ...ofField), ...explanation({ explained, scores, contest, choice, list }, this.actions)),
      ]
    } catch (error) {
      return [this.placeHeader(place, name || place.id), body(element('p', {}, error instanceof Failure && error.status === 404 ? words().notHere : reasonOf(error)))]
    }
  }

  private async ofArea(): Promise<HTMLElement[]> {
    return [this.areaHeader(), body(...(await this.actions.area()))]
  }
}

const body = (...content: (Node | string)[]): HTMLElement => element('div', { class: 'body', tabindex: '0', role: 'region', 'aria-labelledby': 'panel-title' }, ...content)
