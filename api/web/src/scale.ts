// Classes and colours. A scale belongs to a contest, a choice and a measure, not to what is in view: of shares the server cuts the classes over all
// precincts, in round numbers that stay when the next snapshot comes. Counts have one ladder for all places, for streets hold tens and cells tens of
// thousands. Scales of the field are the same for every campaign and every day.

import type { Measure, MeasureUnit } from './api'
import { isFraction, percent, points, whole } from './numbers'
import type { Palette } from './theme'
import { words } from './words'

export interface Scale {
  edges: number[] // n edges make n + 1 classes; a value on an edge belongs to the class above
  unit: MeasureUnit
  diverging: boolean
}

// classesAsked is the number of classes to ask for: an even one for what diverges puts zero on an edge.
export const classesAsked = (measure: Measure): number => (measure.diverging ? 8 : 6)

const none = 0.0001 // the first class of what is counted at doors: nothing

const fieldEdges: Record<string, number[]> = {
  coverage: [none, 0.1, 0.25, 0.5, 0.75, 0.95],
  contact_rate: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
  support: [0.3, 0.4, 0.5, 0.6, 0.7],
  updated: [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4],
  forecast: [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4],
  swing: [-0.1, -0.05, -0.02, 0, 0.02, 0.05, 0.1],
}
const fieldCounts = [1, 5, 20, 100, 500, 2500]
const ladder = [10, 30, 100, 300, 1000, 3000, 10000, 30000]

// countScale is that of votes, voters and people.
export const countScale = (measure: Measure): Scale => ({ edges: ladder, unit: measure.unit, diverging: false })

export const fieldScale = (measure: Measure): Scale => ({ edges: fieldEdges[measure.id] ?? fieldCounts, unit: measure.unit, diverging: measure.diverging })

// hasNothing tells whether the first class is nothing at all, as of what is counted at doors.
const hasNothing = ({ edges, unit, diverging }: Scale): boolean => !diverging && (edges[0] === none || (edges[0] === 1 && !isFraction(unit)))

// colours gives each class its colour.
export function colours(scale: Scale, palette: Palette): string[] {
  const { edges, diverging } = scale
  const n = edges.length + 1
  if (hasNothing(scale)) return [palette.zero, ...colours({ ...scale, edges: edges.slice(1) }, palette)]
  if (!diverging) return Array.from({ length: n }, (_, i) => sample(palette.ramp, n === 1 ? 0.5 : i / (n - 1)))
  const negative = edges.filter((edge) => edge <= 0).length // classes that are all below zero
  const positive = edges.filter((edge) => edge >= 0).length
  const side = (ramp: string[], count: number): string[] => Array.from({ length: count }, (_, i) => sample(ramp, count === 1 ? 0.5 : i / (count - 1)))
  const middle = n - negative - positive > 0 ? [palette.zero] : []
  return [...side(palette.below, negative), ...middle, ...side(palette.above, positive)]
}

interface Labels {
  long: string[]
  short: string[] // where there is little room
}

// labels says what each class holds.
export function labels(scale: Scale): Labels {
  const { edges, unit, diverging } = scale
  const digits = digitsOf(edges)
  const w = words()
  const text = (edge: number): string => (!isFraction(unit) ? whole(edge) : diverging ? points(edge, digits) : percent(edge === none ? 0 : edge, digits))
  const nothing = hasNothing(scale)
  const bounds = Array.from({ length: edges.length + 1 }, (_, i): [number | undefined, number | undefined] => [edges[i - 1], edges[i]])
  return {
    long: bounds.map(([low, high], i) => {
      if (low === undefined) return high === undefined ? w.all : nothing ? w.none : w.under(text(high))
      if (high === undefined) return w.andOver(text(low))
      return nothing && i === 1 && isFraction(unit) ? w.under(text(high)) : diverging ? w.fromTo(text(low), text(high)) : `${text(low)} – ${text(high)}`
    }),
    short: bounds.map(([low, high], i) => {
      if (low === undefined) return high === undefined ? w.all : nothing ? '0' : `< ${text(high)}`
      if (high === undefined) return `≥ ${text(low)}`
      return nothing && i === 1 && isFraction(unit) ? `< ${text(high)}` : text(low)
    }),
  }
}

// digitsOf is how many decimals of a per cent the edges need.
function digitsOf(edges: number[]): number {
  const rounds = (digits: number): boolean => edges.every((edge) => edge === none || Math.abs(Number((100 * edge).toFixed(digits)) - 100 * edge) < 1e-9)
  return [0, 1, 2, 3].find(rounds) ?? 4
}

// sample reads a ramp at t, 0..1, between its steps.
function sample(ramp: string[], t: number): string {
  const at = t * (ramp.length - 1)
  const i = Math.min(Math.floor(at), ramp.length - 2)
  return mix(ramp[i] ?? '', ramp[i + 1] ?? '', at - i)
}

// mix goes the part t, 0..1, of the way from one colour to another. Colours are #rrggbb.
export function mix(from: string, to: string, t: number): string {
  const channel = (offset: number): string => {
    const a = parseInt(from.slice(offset, offset + 2), 16)
    const b = parseInt(to.slice(offset, offset + 2), 16)
    return Math.round(a + (b - a) * t)
      .toString(16)
      .padStart(2, '0')
  }
  return '#' + channel(1) + channel(3) + channel(5)
}
