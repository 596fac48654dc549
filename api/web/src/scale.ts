// Classes and colours. A scale belongs to a contest, a choice and a measure, not to what is in view, so that the same colour
// means the same number wherever one looks.

export interface Scale {
  edges: number[] // n edges make n + 1 classes; a value on an edge belongs to the class above
  colours: string[]
  labels: string[]
  shortLabels: string[] // where there is little room
}

// The sequential scheme YlGnBu of ColorBrewer (Cynthia Brewer, Apache-2.0), which is safe for colour-blind readers; its
// lightest step is left out, as it would be lost on a light ground.
const ramp = ['#dff2b8', '#c7e9b4', '#7fcdbb', '#41b6c4', '#1d91c0', '#225ea8', '#253494', '#081d58']

const maxClasses = 7

export const percent = (share: number, digits: number): string =>
  new Intl.NumberFormat('en-GB', { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share)
export const whole = (count: number): string => new Intl.NumberFormat('en-GB').format(count)

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
  const digits = step < 0.001 ? 2 : step < 0.01 || step === 0.025 ? 1 : 0
  return { edges, ...classes(edges, (edge) => percent(edge, digits)) }
}

// multiples lists those of a step between two numbers, which are left out.
function multiples(step: number, low: number, high: number): number[] {
  const found: number[] = []
  for (let i = Math.floor(low / step) + 1; i * step < high - step * 1e-6; i++) found.push(Number((i * step).toFixed(6)))
  return found
}

// votesScale is one ladder for all units: streets hold tens of votes, large cells hundreds of thousands.
export function votesScale(): Scale {
  const edges = [5, 20, 100, 500, 2500, 10000]
  return { edges, ...classes(edges, whole) }
}

function classes(edges: number[], text: (edge: number) => string): Omit<Scale, 'edges'> {
  const n = edges.length + 1
  const colours = Array.from({ length: n }, (_, i) => sample(n === 1 ? 0.5 : i / (n - 1)))
  const labels = Array.from({ length: n }, (_, i) => {
    const [from, to] = [edges[i - 1], edges[i]]
    if (from === undefined) return to === undefined ? 'all' : `under ${text(to)}`
    return to === undefined ? `${text(from)} and over` : `${text(from)} – ${text(to)}`
  })
  const shortLabels = Array.from({ length: n }, (_, i) => {
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
