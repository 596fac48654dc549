// Numbers as they are written in the reader's language.

import type { MeasureUnit } from './api'
import { language, words } from './words'

const locale = (): string => (language() === 'fr' ? 'fr-FR' : 'en-GB')

export const whole = (count: number): string => new Intl.NumberFormat(locale()).format(Math.round(count))

export const percent = (share: number, digits: number): string =>
  new Intl.NumberFormat(locale(), { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share)

export const decimal = (value: number, digits: number): string =>
  new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)

// points writes a difference of shares: +3.5.
export const points = (difference: number, digits: number): string =>
  new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'exceptZero' }).format(100 * difference).replace('-', '−')

export const isFraction = (unit: MeasureUnit): boolean => unit === 'fraction 0..1' || unit === 'fraction -1..1'

// amount writes a value of a measure.
export function amount(value: number, unit: MeasureUnit): string {
  if (unit === 'fraction 0..1') return percent(value, 1)
  if (unit === 'fraction -1..1') return words().points(points(value, 1))
  return words().counted[unit](whole(value))
}

// interval writes the bounds of a value, without what they count.
export function interval(low: number, high: number, unit: MeasureUnit): string {
  if (unit === 'fraction 0..1') return `${percent(low, 1)} – ${percent(high, 1)}`
  if (unit === 'fraction -1..1') return `${points(low, 1)} – ${points(high, 1)}`
  return `${whole(low)} – ${whole(high)}`
}

export const clock = (at: Date): string => at.toLocaleTimeString(locale())
export const day = (iso: string): string => new Date(`${iso}T00:00:00Z`).toLocaleDateString(locale(), { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
