// A number as a bar with its interval: thick for 50 %, thin for 90 %, a line across for what it is compared with.

import { element } from './dom'

interface Bar {
  value: number
  low: number
  high: number
  low50: number
  high50: number
  mark: number | null
}

// bar draws on an axis that begins at nothing and ends at `most`. What it says stands beside it in figures: it is hidden from screen readers.
export function bar({ value, low, high, low50, high50, mark }: Bar, most: number): HTMLElement {
  const at = (x: number): string => `${(100 * Math.min(1, Math.max(0, x / most))).toFixed(2)}%`
  const part = (name: string, from: number, to: number): HTMLElement => {
    const span = element('span', { class: name })
    span.style.left = at(from)
    span.style.width = `calc(${at(to)} - ${at(from)})`
    return span
  }
  return element(
    'span',
    { class: 'bar', 'aria-hidden': 'true' },
    part('fill', 0, value),
    low < high && part('wide', low, high),
    low50 < high50 && part('near', low50, high50),
    mark !== null && part('mark', mark, mark),
  )
}
