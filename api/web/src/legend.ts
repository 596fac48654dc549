// The legend: the classes of the scale with how many places are in each, what they count, how sure they are, and the two states without numbers.

import type { Breaks, Measure } from './api'
import { element } from './dom'
import { faded, widthLabels } from './doubt'
import { hatch } from './hatch'
import type { TileLayer } from './layers'
import { whole } from './numbers'
import { colours, labels, type Scale } from './scale'
import { palettes, type Theme, theme } from './theme'
import { type Base, definition, measureName, words } from './words'

interface LegendText {
  measure: Measure
  of: string // what the measure is of: a choice, one over another, one since a contest; or ''
  base: Base
  n: number | null
  field: boolean // it is of the field: no voters are counted
  suppressible: boolean // some places may have no number for the threshold's sake
  doubt: boolean
  placed: boolean // streets and cells have numbers of it
  theme: Theme // of the map beside it
}

// counted says what the classes count.
function counted({ measure, base, field }: LegendText): string {
  const w = words()
  if (field) return measureName(measure, base) + (measure.unit === 'fraction -1..1' ? `, ${w.points('').trim()}` : '')
  if (measure.id === 'share') return w.shareIn(w.voters[base])
  if (measure.unit === 'fraction 0..1') return `${measureName(measure, base)}, ${w.shareIn(w.voters[base])}`
  if (measure.unit === 'fraction -1..1') return `${measureName(measure, base)}, ${w.pointsOf(w.voters[base])}`
  return measureName(measure, base)
}

// legend shows no counts until they are known; showCounts puts them in.
export function legend(scale: Scale, text: LegendText): HTMLElement {
  const w = words()
  const { long, short } = labels(scale)
  const rows = colours(scale, palettes[text.theme]).map((colour, i) => {
    const swatches = (text.doubt ? faded(colour, text.theme) : [colour]).map((shade) => {
      const swatch = element('span', { class: 'swatch' })
      swatch.style.background = shade
      return swatch
    })
    return element(
      'li',
      {},
      element('span', { class: 'swatches' }, ...swatches),
      element('span', { class: 'long' }, long[i] ?? ''),
      element('span', { class: 'short' }, short[i] ?? ''),
      element('span', { class: 'count', 'data-class': `${i}` }),
    )
  })
  return element(
    'div',
    {},
    element('h2', {}, counted(text), text.of && w.colon, element('strong', {}, text.of)),
    text.doubt && element('p', { class: 'note widths' }, element('span', {}, w.doubtIs), ...widthLabels(scale).map((label) => element('span', {}, label))),
    element('ul', { class: 'classes' }, ...rows),
    element(
      'ul',
      { class: 'states' },
      text.suppressible && element('li', {}, element('span', { class: 'swatches' }, hatchSwatch(text.theme)), element('span', { class: 'long' }, text.field ? w.suppressedAnswers : w.suppressed), element('span', { class: 'count', 'data-class': 'suppressed' })),
      element('li', {}, element('span', { class: 'swatches' }, element('span', { class: 'swatch empty' })), element('span', { class: 'long' }, w.noHouseholds), element('span', { class: 'count', 'data-class': 'empty' })),
      element('li', { class: 'absent', hidden: '' }, element('span', { class: 'swatches' }, element('span', { class: 'swatch absent' })), element('span', { class: 'long' }, w.noNumberHere), element('span', { class: 'count', 'data-class': 'absent' })),
    ),
    !text.placed && element('p', { class: 'note', id: 'unplaced' }, w.unplaced),
    element('p', { class: 'note' }, `${text.n === null ? '' : w.n(whole(text.n), w.voters[text.base])}${w.sameColour}`),
    element('details', { class: 'note' }, element('summary', {}, w.whatThisIs), definition(text.measure)),
  )
}

// showCounts puts into a legend how many places of the whole are in each class; null where they are not known.
export function showCounts(legend: HTMLElement, breaks: Breaks | null, layer: TileLayer): void {
  const kind = words().inClass[layer]
  for (const cell of legend.querySelectorAll<HTMLElement>('.count')) {
    const name = cell.dataset['class'] ?? ''
    const count = breaks && (name === 'suppressed' || name === 'empty' || name === 'absent' ? breaks[name] : breaks.classes[Number(name)]?.units)
    const row = cell.closest<HTMLElement>('.absent')
    if (row) row.hidden = !count
    cell.textContent = count === null || count === undefined ? '' : `${whole(count)} ${kind}`
    cell.title = words().inClassTitle(kind)
  }
}

// hatchSwatch is a small canvas with the map's own hatching.
export function hatchSwatch(as = theme()): HTMLElement {
  const side = 16
  const canvas = element('canvas', { class: 'swatch', width: '44', height: '28', 'aria-hidden': 'true' })
  const pattern = element('canvas', { width: `${side}`, height: `${side}` })
  pattern.getContext('2d')?.putImageData(hatch(side, palettes[as]), 0, 0)
  const ink = canvas.getContext('2d')
  const fill = ink?.createPattern(pattern, 'repeat')
  if (ink && fill) {
    ink.fillStyle = fill
    ink.fillRect(0, 0, canvas.width, canvas.height)
  }
  return canvas
}
