// Classes and colours. A scale belongs to a contest, a choice and a measure, not to what is in view, so that the same colour
// means the same number wherever one looks.

import type { Measure } from './api'

export interface Scale {
  edges: number[] // n edges make n + 1 classes; a value on an edge belongs to the class above
  colours: string[]
  labels: string[]
  shortLabels: string[] // where there is little room
}

// The sequential scheme YlGnBu of ColorBrewer (Cynthia Brewer, Apache-2.0), which is safe for colour-blind readers; its
// lightest step is left out, as it would be lost on a light ground.
const ramp = ['#dff2b8', '#c7e9b4', '#7fcdbb', '#41b6c4', '#1d91c0', '#225ea8', '#253494', '#081d58']

// The diverging scheme PuOr of ColorBrewer, which is safe for colour-blind readers too: orange below zero, purple above.
const below = ['#b35806', '#e08214', '#fdb863', '#fee0b6']
const above = ['#d8daeb', '#b2abd2', '#8073ac', '#542788']

const maxClasses = 7

export const percent = (share: number, digits: number): string =>
  new Intl.NumberFormat('en-GB', { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share)
export const whole = (count: number): string => new Intl.NumberFormat('en-GB').format(count)

// points writes a difference of shares: +3.5.
export const points = (difference: number, digits: number): string =>
  new Intl.NumberFormat('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'exceptZero' }).format(100 * difference).replace('-', '−')

// amount writes a value of a measure.
export function amount(value: number, unit: Measure['unit']): string {
  switch (unit) {
    case 'fraction 0..1':
      return percent(value, 1)
    case 'fraction -1..1':
      return `${points(value, 1)} points`
    case 'people':
      return `${whole(Math.round(value))} people`
    default:
      return `${whole(value)} ${unit}`
  }
}

const steps = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.025, 0.05, 0.1, 0.2]

// shareScale cuts the middle 96 % of the precincts' shares into at most seven classes of equal, round width. With fewer than
// eight precincts it goes from nothing to twice the share over the whole place.
export function shareScale(precincts: number[], overall: number): Scale {
  const sorted = precincts.filter(Number.isFinite).sort((a, b) => a - b)
  let [low, high] = [0, Math.min(1, 2 * overall)]
  if (sorted.length >= 8) [low, high] = [quantile(sorted, 0.02), quantile(sorted, 0.98)]
  const missing = Math.max(0.1 * high, 0.002) - (high - low) // where precincts are all alike
  if (missing > 0) [low, high] = [Math.max(0, low - missing / 2), high + missing / 2]
  const step = steps.find((width) => multiples(width, low, high).length < maxClasses) ?? 0.2
  const edges = multiples(step, low, high)
  return { edges, ...classes(edges, sequential(edges.length + 1), (edge) => percent(edge, digitsOf(step))) }
}

const digitsOf = (step: number): number => (step < 0.001 ? 2 : step < 0.01 || step === 0.025 ? 1 : 0)

// differenceScale has zero in the middle and at most four classes of equal, round width to each side, which hold nine in ten of
// the precincts' values.
export function differenceScale(precincts: number[]): Scale {
  const sorted = precincts.filter(Number.isFinite).map(Math.abs).sort((a, b) => a - b)
  const far = Math.max(quantile(sorted, 0.9), 0.001)
  const step = steps.find((width) => width * below.length >= far) ?? 0.2
  const each = Math.min(below.length - 1, Math.max(1, Math.ceil(far / step) - 1)) // edges to each side
  const edges = Array.from({ length: 2 * each + 1 }, (_, i) => Number(((i - each) * step).toFixed(6)))
  return { edges, ...classes(edges, [...below.slice(0, each + 1), ...above.slice(-each - 1)], (edge) => points(edge, digitsOf(step)), ' to ') }
}

// multiples lists those of a step between two numbers, which are left out.
function multiples(step: number, low: number, high: number): number[] {
  const found: number[] = []
  for (let i = Math.floor(low / step) + 1; i * step < high - step * 1e-6; i++) found.push(Number((i * step).toFixed(6)))
  return found
}

// countScale is one ladder for all units: streets hold tens of votes, large cells hundreds of thousands.
export function countScale(): Scale {
  const edges = [5, 20, 100, 500, 2500, 10000]
  return { edges, ...classes(edges, sequential(edges.length + 1), whole) }
}

const sequential = (n: number): string[] => Array.from({ length: n }, (_, i) => sample(n === 1 ? 0.5 : i / (n - 1)))

function classes(edges: number[], colours: string[], text: (edge: number) => string, to = ' – '): Omit<Scale, 'edges'> {
  const labels = colours.map((_, i) => {
    const [low, high] = [edges[i - 1], edges[i]]
    if (low === undefined) return high === undefined ? 'all' : `under ${text(high)}`
    return high === undefined ? `${text(low)} and over` : `${text(low)}${to}${text(high)}`
  })
  const shortLabels = colours.map((_, i) => {
    const [from, to] = [edges[i - 1], edges[i]]
    if (from === undefined) return to === undefined ? 'all' : `< ${text(to)}`
    return to === undefined ? `≥ ${text(from)}` : text(from)
  })
  return { colours, labels, shortLabels }
}

function quantile(sorted: number[], q: number): number {
  return sorted[Math.round(q * (sorted.length - 1))] ?? 0
}

// sample reads the ramp at t, 0..1, between its steps.
function sample(t: number): string {
  const at = t * (ramp.length - 1)
  const i = Math.min(Math.floor(at), ramp.length - 2)
  const [from, to] = [ramp[i] ?? '', ramp[i + 1] ?? '']
  const channel = (offset: number): string => {
    const a = parseInt(from.slice(offset, offset + 2), 16)
    const b = parseInt(to.slice(offset, offset + 2), 16)
    return Math.round(a + (b - a) * (at - i))
      .toString(16)
      .padStart(2, '0')
  }
  return '#' + channel(1) + channel(3) + channel(5)
}
