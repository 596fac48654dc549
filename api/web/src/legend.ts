// The legend: the classes of the scale, what they count, and the two states without numbers.

import { type Base, voters } from './base'
import { element } from './dom'
import { hatch } from './hatch'
import { type Scale, whole } from './scale'

export interface LegendText {
  choice: string
  measure: 'share' | 'votes'
  base: Base
  n: number | null
}

export function legend(scale: Scale, text: LegendText): HTMLElement {
  const heading = text.measure === 'votes' ? 'Votes' : `% of ${voters(text.base)}`
  const rows = scale.colours.map((colour, i) => {
    const swatch = element('span', { class: 'swatch' })
    swatch.style.background = colour
    return element('li', {}, swatch, element('span', { class: 'long' }, scale.labels[i] ?? ''), element('span', { class: 'short' }, scale.shortLabels[i] ?? ''))
  })
  return element(
    'div',
    {},
    element('h2', {}, `${heading}: `, element('strong', {}, text.choice)),
    element('ul', { class: 'classes' }, ...rows),
    element(
      'ul',
      { class: 'states' },
      element('li', {}, hatchSwatch(), element('span', {}, 'suppressed (fewer than 11 households)')),
      element('li', {}, element('span', { class: 'swatch empty' }), element('span', {}, 'no households')),
    ),
    element('p', { class: 'note' }, `${text.n === null ? '' : `n = ${whole(text.n)} ${voters(text.base)}. `}The same colour means the same number everywhere.`),
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
