// The legend: the classes of the scale, what they count, and the two states without numbers.

import type { Measure } from './api'
import { type Base, measureName, voters } from './base'
import { element } from './dom'
import { hatch } from './hatch'
import { type Scale, whole } from './scale'

export interface LegendText {
  measure: Measure
  of: string // what the measure is of: a choice, one over another, one since a contest; or ''
  base: Base
  n: number | null
  field?: boolean // it is of the field: no voters are counted
}

// counted says what the classes count.
function counted({ measure, base, field }: LegendText): string {
  if (field) return measure.name + (measure.unit === 'fraction -1..1' ? ', points' : '')
  if (measure.id === 'share') return `% of ${voters(base)}`
  const units: Record<Measure['unit'], string> = { 'fraction 0..1': `, % of ${voters(base)}`, 'fraction -1..1': `, points of ${voters(base)}`, people: ', people', votes: '', voters: '', doors: '', attempts: '' }
  return measureName(measure, base) + units[measure.unit]
}

export function legend(scale: Scale, text: LegendText): HTMLElement {
  const rows = scale.colours.map((colour, i) => {
    const swatch = element('span', { class: 'swatch' })
    swatch.style.background = colour
    return element('li', {}, swatch, element('span', { class: 'long' }, scale.labels[i] ?? ''), element('span', { class: 'short' }, scale.shortLabels[i] ?? ''))
  })
  return element(
    'div',
    {},
    element('h2', {}, counted(text), text.of && ': ', element('strong', {}, text.of)),
    element('ul', { class: 'classes' }, ...rows),
    element(
      'ul',
      { class: 'states' },
      element('li', {}, hatchSwatch(), element('span', {}, text.field ? 'suppressed (fewer than 11 households answered)' : 'suppressed (fewer than 11 households)')),
      element('li', {}, element('span', { class: 'swatch empty' }), element('span', {}, 'no households')),
    ),
    element('p', { class: 'note' }, `${text.n === null ? '' : `n = ${whole(text.n)} ${voters(text.base)}. `}The same colour means the same number everywhere.`),
    element('details', { class: 'note' }, element('summary', {}, 'What this is'), text.measure.definition),
  )
}

// hatchSwatch is a small canvas with the map's own hatching.
export function hatchSwatch(): HTMLElement {
  const side = 16
  const canvas = element('canvas', { class: 'swatch', width: '44', height: '28', 'aria-hidden': 'true' })
  const pattern = element('canvas', { width: `${side}`, height: `${side}` })
  pattern.getContext('2d')?.putImageData(hatch(side), 0, 0)
  const ink = canvas.getContext('2d')
  const fill = ink?.createPattern(pattern, 'repeat')
  if (ink && fill) {
    ink.fillStyle = fill
    ink.fillRect(0, 0, canvas.width, canvas.height)
  }
  return canvas
}
