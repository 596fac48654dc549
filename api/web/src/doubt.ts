// How sure a number is, as a colour and in words. Colours fade to the ground in three steps by the width of the 90 % interval, so that what
// stands out is what is known.

import type { ExpressionSpecification } from 'maplibre-gl'
import type { MeasureUnit } from './api'
import { isFraction, percent, whole } from './numbers'
import { mix, type Scale } from './scale'
import { palettes, type Theme } from './theme'
import { words } from './words'

// fades are parts of the way to the ground, from sure to unsure. In the dark the eye loses a colour earlier.
const fades: Record<Theme, number[]> = { light: [0, 0.5, 0.8], dark: [0, 0.42, 0.7] }

// widths are the two bounds between the steps: of shares twice and four times the width of a class, of counts half the count and the whole.
export function widths({ edges, unit }: Scale): [number, number] {
  if (!isFraction(unit)) return [0.5, 1]
  const steps = edges.slice(1).map((edge, i) => edge - (edges[i] ?? 0))
  const step = Math.max(0.005, ...steps.slice(0, 1), Math.min(...steps, 0.05))
  return [2 * step, 4 * step]
}

// width is that of a feature's interval, in the terms of widths.
export function width({ unit }: Scale): ExpressionSpecification {
  const absolute: ExpressionSpecification = ['-', ['coalesce', ['get', 'high'], ['get', 'value']], ['coalesce', ['get', 'low'], ['get', 'value']]]
  return isFraction(unit) ? absolute : ['/', absolute, ['max', 1, ['get', 'value']]]
}

export const faded = (colour: string, theme: Theme): string[] => fades[theme].map((part) => mix(colour, palettes[theme].ground, part))

// widthLabels says what the steps are.
export function widthLabels(scale: Scale): string[] {
  const w = words()
  const text = (bound: number): string => (!isFraction(scale.unit) ? percent(bound, 0) : whole(100 * bound))
  const [near, far] = widths(scale).map(text) as [string, string]
  return isFraction(scale.unit) ? [w.upTo(w.points(near)), w.upTo(w.points(far)), w.wider] : [w.upTo(near), w.upTo(far), w.wider]
}

export interface Estimate {
  value: number
  low: number
  high: number
}

// apart tells whether two estimates differ by more than their doubt: their errors are taken as independent, so that the half-widths of
// their intervals add up as squares do.
export function apart(a: Estimate, b: Estimate): { difference: number; doubt: number; distinguishable: boolean } {
  const difference = a.value - b.value
  const [half, other] = difference > 0 ? [a.value - a.low, b.high - b.value] : [a.high - a.value, b.value - b.low]
  const doubt = Math.hypot(half, other)
  return { difference, doubt, distinguishable: Math.abs(difference) > doubt }
}

// standing tells how a number stands to a fixed one: the whole place's, or zero.
export function standing({ low, high }: Estimate, fixed: number): 'above' | 'below' | 'alike' {
  return low > fixed ? 'above' : high < fixed ? 'below' : 'alike'
}

export const exact = ({ low, high }: Estimate): boolean => low === high

// notDistinguishable is what is said where a number says nothing against another: '' where it does.
export function notDistinguishable(estimate: Estimate, unit: MeasureUnit, diverging: boolean, whole: number | null): string {
  if (!isFraction(unit) || exact(estimate)) return ''
  if (diverging) return standing(estimate, 0) === 'alike' ? words().notFromZero : ''
  return whole !== null && standing(estimate, whole) === 'alike' ? words().notFromWhole(percent(whole, 1)) : ''
}
