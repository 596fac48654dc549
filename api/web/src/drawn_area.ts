// The area that is drawn on the map: how it comes and goes, what lies in it, and what the panel says of it.

import { type Bounds, fetchIds, type Unit } from './api'
import { areaControls, areaFilter, areaSums, fetchArea } from './area_panel'
import { squareKilometres } from './area_shape'
import { busy } from './busy'
import { byId, element } from './dom'
import { draw } from './drawing'
import { reasonOf, sayHint } from './message'
import type { Page } from './page'
import { parse, type Point, write } from './state'
import { words } from './words'

// largestOfStreets is up to which size an area is added up by streets, in km2, unless it is asked for: precincts are exact, and few are cut.
const largestOfStreets = 3

export class DrawnArea {
  private drawing: AbortController | null = null
  private shown = false
  private turn = 0 // an answer that comes late does not overwrite a newer one

  constructor(
    private readonly page: Page,
    private readonly changed: (focus: boolean) => void, // the state has another area, or none
  ) {
    byId('draw-area').addEventListener('click', () => void this.draw())
  }

  get isBeingDrawn(): boolean {
    return this.drawing !== null
  }

  // giveUp ends the drawing of another.
  giveUp(): void {
    this.drawing?.abort()
  }

  private async draw(): Promise<void> {
    if (this.drawing) return this.drawing.abort()
    const stop = new AbortController()
    this.drawing = stop
    const button = byId('draw-area')
    button.setAttribute('aria-pressed', 'true')
    sayHint(words().drawing)
    const area = await draw(this.page.map, byId('map'), stop.signal)
    this.drawing = null
    button.setAttribute('aria-pressed', 'false')
    sayHint('')
    if (area) this.take(area)
    else button.focus()
  }

  private take(area: Point[]): void {
    const { state, map } = this.page
    const sum = squareKilometres(area) > largestOfStreets ? 'precincts' : 'segments'
    Object.assign(state, parse(write({ ...state, area, sum, selected: null, beside: null }))) // with the digits of the address
    this.page.remember(true)
    map.pin(null)
    map.mark(null, null)
    this.show()
    this.changed(true)
  }

  readonly remove = (): void => {
    this.page.state.area = []
    this.page.remember(true)
    this.show()
    this.changed(true)
    this.page.map.focus()
  }

  // show outlines the area and what lies in it.
  show(): void {
    const turn = ++this.turn
    const { state, map } = this.page
    const { area, sum, contest } = state
    if (area.length === 0 && !this.shown) return
    this.shown = area.length > 0
    map.showDrawn(area)
    if (!this.shown) return map.markInside([])
    const unit: Unit = sum === 'segments' ? 'segment' : 'precinct'
    void busy(fetchIds(sum, contest, areaFilter(area)))
      .then((ids) => turn === this.turn && map.markInside(ids.map((id) => ({ unit, id }))))
      .catch(() => undefined) // the panel says what is wrong
  }

  // content is what the panel says of it.
  async content(): Promise<HTMLElement[]> {
    const { state, pickers, map } = this.page
    const controls = areaControls(state.sum, {
      draw: () => void this.draw(),
      view: () => this.take(cornersOf(map.bounds)),
      remove: this.remove,
      sum: (of) => {
        state.sum = of
        this.page.remember(true)
        this.show()
        this.changed(false)
      },
    })
    const { contest, ofField } = pickers
    const { area, sum, choice } = state
    const query = ofField ? { contest: state.contest, measure: 'share', choice } : pickers.query
    try {
      const sums = await fetchArea(area, sum, state.contest)
      return [controls, ...(contest ? areaSums(sums, contest, choice, area, sum, query, location.href) : [])]
    } catch (error) {
      return [controls, element('p', {}, reasonOf(error))]
    }
  }
}

const cornersOf = ([west, south, east, north]: Bounds): Point[] => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
]
