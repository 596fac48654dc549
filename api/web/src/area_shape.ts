// The shape of a drawn area: one whose border crosses itself is no area, so its hull is taken.

import type { Point } from './state'

// uncrossed gives a polygon as it is, or its convex hull where two of its sides cross.
export function uncrossed(area: Point[]): Point[] {
  const side = (i: number): [Point, Point] => [area[i] as Point, area[(i + 1) % area.length] as Point]
  for (let i = 0; i < area.length; i++) {
    for (let j = i + 2; j < area.length; j++) {
      if ((i > 0 || j < area.length - 1) && cross(...side(i), ...side(j))) return hull(area)
    }
  }
  return area
}

// turn is positive where three points turn left, 0 where they lie on a line.
const turn = ([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): number => (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)

const cross = (a: Point, b: Point, c: Point, d: Point): boolean => turn(a, b, c) * turn(a, b, d) <= 0 && turn(c, d, a) * turn(c, d, b) <= 0

// hull is Andrew's monotone chain.
function hull(points: Point[]): Point[] {
  const sorted = [...points].sort(([ax, ay], [bx, by]) => ax - bx || ay - by)
  const half = (some: Point[]): Point[] => {
    const kept: Point[] = []
    for (const p of some) {
      while (kept.length > 1 && turn(kept.at(-2) as Point, kept.at(-1) as Point, p) <= 0) kept.pop()
      kept.push(p)
    }
    return kept.slice(0, -1)
  }
  return [...half(sorted), ...half(sorted.reverse())]
}

// squareKilometres is about the size of an area, as if the ground were flat there.
export function squareKilometres(area: Point[]): number {
  const twice = area.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = area[(i + 1) % area.length] as Point
    return sum + x * nextY - nextX * y
  }, 0)
  const lat = area.reduce((sum, [, y]) => sum + y, 0) / Math.max(1, area.length)
  return (Math.abs(twice) / 2) * 111.2 ** 2 * Math.cos((lat * Math.PI) / 180)
}
