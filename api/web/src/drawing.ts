// Drawing an area on the map: one stroke around it, or corner by corner. Only one is drawn at a time.

import { svg } from './dom'
import type { StreetMap } from './map'
import { mostCorners, type Point } from './state'
import { words } from './words'

type Pixel = { x: number; y: number }

const near = 10 // pixels: nearer is the same point
const stroke = 12 // pixels that a pointer must go for a stroke

// draw gives the polygon, or null where it was given up. The caller says with the signal that it gives up.
export function draw(map: StreetMap, container: HTMLElement, signal: AbortSignal): Promise<Point[] | null> {
  const layer = svg('svg', { id: 'drawing', tabindex: '0', role: 'application', 'aria-label': words().drawing })
  const line = svg('polyline', {})
  layer.append(line)
  container.append(layer)
  const corners: Pixel[] = []
  let from: Pixel | null = null
  let stroked: Pixel[] = []

  const here = (event: PointerEvent | MouseEvent): Pixel => {
    const box = layer.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  const show = (more: Pixel[]): void => line.setAttribute('points', [...corners, ...more].map(({ x, y }) => `${x},${y}`).join(' '))

  return new Promise((resolve) => {
    const end = (pixels: Pixel[] | null): void => {
      layer.remove()
      signal.removeEventListener('abort', giveUp)
      resolve(pixels && pixels.length >= 3 ? pixels.map(({ x, y }) => map.at(x, y)) : null)
    }
    const giveUp = (): void => end(null)
    signal.addEventListener('abort', giveUp)
    const first = (): Pixel | undefined => corners[0]
    // frame is all that is in view, for those who draw with the keyboard.
    const frame = (): Pixel[] => {
      const { width: right, height: bottom } = layer.getBoundingClientRect()
      return [
        { x: 0, y: 0 },
        { x: right, y: 0 },
        { x: right, y: bottom },
        { x: 0, y: bottom },
      ]
    }

    layer.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return
      layer.setPointerCapture(event.pointerId)
      from = here(event)
      stroked = [from]
    })
    layer.addEventListener('pointermove', (event) => {
      const at = here(event)
      if (from && corners.length === 0) {
        stroked.push(at)
        show(stroked)
      } else if (corners.length > 0) show([at])
    })
    layer.addEventListener('pointercancel', () => {
      from = null
      show([])
    })
    layer.addEventListener('pointerup', (event) => {
      const begun = from
      if (!begun) return // with another button
      const at = here(event)
      const moved = Math.max(...stroked.map((p) => distance(p, begun)))
      from = null
      if (corners.length === 0 && moved > stroke) return end(simplify(stroked, mostCorners))
      const begin = first()
      if (begin && corners.length >= 3 && distance(begin, at) < near) return end(corners)
      const last = corners.at(-1)
      if (!last || distance(last, at) >= 2) corners.push(at)
      show([])
      if (corners.length >= mostCorners) end(corners)
    })
    layer.addEventListener('dblclick', () => end(corners))
    layer.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') end(corners.length > 0 ? corners : frame())
      if (event.key === 'Backspace') {
        corners.pop()
        show([])
      }
    })
    layer.focus({ preventScroll: true })
  })
}

const distance = (a: Pixel, b: Pixel): number => Math.hypot(a.x - b.x, a.y - b.y)

// simplify leaves out points of a stroke that are less than a pixel from the line between others (Douglas and Peucker), then less than two,
// until no more than `most` are left.
export function simplify(points: Pixel[], most: number): Pixel[] {
  for (let tolerance = 1; ; tolerance *= 1.6) {
    const kept = peucker(points, tolerance)
    if (kept.length <= most) return kept
  }
}

function peucker(points: Pixel[], tolerance: number): Pixel[] {
  const [a, b] = [points[0], points.at(-1)]
  if (!a || !b || points.length < 3) return points
  let far = 0
  let at = 0
  for (const [i, p] of points.entries()) {
    const away = fromLine(p, a, b)
    if (away > far) [far, at] = [away, i]
  }
  if (far <= tolerance) return [a, b]
  return [...peucker(points.slice(0, at + 1), tolerance).slice(0, -1), ...peucker(points.slice(at), tolerance)]
}

function fromLine(p: Pixel, a: Pixel, b: Pixel): number {
  const long = distance(a, b)
  if (long === 0) return distance(p, a)
  return Math.abs((b.x - a.x) * (a.y - p.y) - (a.x - p.x) * (b.y - a.y)) / long
}
