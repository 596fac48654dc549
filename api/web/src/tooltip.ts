// What is said of the place under the pointer.

import { byId, element } from './dom'
import { notDistinguishable } from './doubt'
import type { Hit } from './map'
import { amount, interval, whole } from './numbers'
import { placeName, wholeShare } from './panel'
import type { Pickers } from './pickers'
import { words } from './words'

// showTooltip says it beside a point of the map; nothing where there is no place.
export function showTooltip(hit: Hit | null, x: number, y: number, pickers: Pickers): void {
  const tooltip = byId('tooltip')
  const panel = byId('panel')
  tooltip.hidden = hit === null
  if (!hit) return
  const lines = said(hit, pickers)
  tooltip.replaceChildren(element('strong', {}, placeName(hit.unit, hit.name, hit.unit === 'cell' ? words().kinds.cell : hit.id)), ...lines.map((line) => element('span', {}, line)))
  const right = panel.hidden || panel.getBoundingClientRect().left === 0 ? window.innerWidth : panel.getBoundingClientRect().left
  const left = x + 14 + tooltip.offsetWidth < right - 8 ? x + 14 : Math.max(8, x - tooltip.offsetWidth - 14)
  const top = y + 18 + tooltip.offsetHeight > window.innerHeight ? y - tooltip.offsetHeight - 10 : y + 18
  tooltip.style.transform = `translate(${left}px, ${top}px)`
}

function said({ properties, done }: Hit, pickers: Pickers): string[] {
  const w = words()
  const { measure } = pickers
  if (pickers.isDone && measure) return [amount(done, measure.unit)] // tiles have what was done on all days
  const { value, low, high, n, state: of, reason } = properties
  if (of === 'suppressed') return [pickers.ofField ? w.suppressedAnswers : (w.reasonsShort[String(reason)] ?? w.suppressedShort)]
  if (of === 'empty') return [w.noHouseholds]
  if (typeof value !== 'number' || !measure) return [w.noNumber]
  const estimate = { value, low: typeof low === 'number' ? low : value, high: typeof high === 'number' ? high : value }
  const lines = [amount(value, measure.unit)]
  if (estimate.low < estimate.high) lines.push(`${w.columns.interval}${w.colon}${interval(estimate.low, estimate.high, measure.unit)}`)
  const overall = measure.id === 'share' && pickers.contest ? wholeShare(pickers.contest, pickers.choice) : null
  const doubtful = notDistinguishable(estimate, measure.unit, measure.diverging, overall)
  if (doubtful) lines.push(doubtful)
  if (typeof n === 'number' && !pickers.ofField && measure.unit !== 'voters') lines.push(`${whole(n)} ${w.short[pickers.base]}`)
  return lines
}
