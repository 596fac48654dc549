// What the page shows, kept in the address so that it can be sent, reloaded and gone back to.

import type { Unit } from './api'
import { uncrossed } from './area_shape'

export interface Place {
  unit: Unit
  id: string
}

export type Point = [lon: number, lat: number]

export interface State {
  view: { zoom: number; lat: number; lon: number } | null
  contest: string
  choice: string
  measure: string
  against: string
  since: string
  day: string // of the field: what was done from this day on
  areas: 'cells' | 'precincts'
  doubt: boolean // colours fade where the interval is wide
  selected: Place | null
  beside: Place | null // what the selected place is compared with
  area: Point[] // a drawn polygon, without its first point again; empty: none
  sum: 'segments' | 'precincts' // what is added up in it
  table: boolean
}

const units: readonly string[] = ['segment', 'cell', 'precinct', 'commune']
export const mostCorners = 100

// parse reads an address such as #map=14.2/48.8566/2.3522&contest=2017_pres_t1&choice=macron&unit=segment/123. What cannot
// be read is left out.
export function parse(hash: string): State {
  const values = new URLSearchParams(hash.replace(/^#/, ''))
  const text = (name: string): string => values.get(name) ?? ''
  const [zoom, lat, lon] = text('map').split('/').map(Number)
  const located =
    zoom !== undefined && lat !== undefined && lon !== undefined && [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 85 && Math.abs(lon) <= 180
  const selected = place(text('unit'))
  return {
    view: located ? { zoom, lat, lon } : null,
    contest: text('contest'),
    choice: text('choice'),
    measure: text('measure'),
    against: text('against'),
    since: text('since'),
    day: /^\d{4}-\d{2}-\d{2}$/.test(text('day')) ? text('day') : '',
    areas: text('areas') === 'precincts' ? 'precincts' : 'cells',
    doubt: text('doubt') === 'on',
    selected,
    beside: selected && place(text('beside')),
    area: corners(text('area')),
    sum: text('sum') === 'precincts' ? 'precincts' : 'segments',
    table: text('table') === 'on',
  }
}

function place(text: string): Place | null {
  const [unit, id] = text.split('/')
  return unit && id && units.includes(unit) && /^[0-9a-f]{1,16}$/i.test(id) ? { unit: unit as Unit, id } : null
}

// corners reads longitude and latitude in turn: a polygon needs three, and no more than mostCorners are taken.
function corners(text: string): Point[] {
  const numbers = text.split(',').map(Number)
  if (numbers.length < 6 || numbers.length % 2 !== 0 || numbers.length > 2 * mostCorners) return []
  const points = Array.from({ length: numbers.length / 2 }, (_, i): Point => [numbers[2 * i] ?? NaN, numbers[2 * i + 1] ?? NaN])
  return points.every(([lon, lat]) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90) ? uncrossed(points) : []
}

// write is the inverse of parse.
export function write(state: State): string {
  const parts: string[] = []
  const add = (name: string, value: string): void => void (value && parts.push(`${name}=${value}`))
  if (state.view) add('map', `${round(state.view.zoom, 2)}/${round(state.view.lat, 5)}/${round(state.view.lon, 5)}`)
  for (const name of ['contest', 'choice', 'measure', 'against', 'since', 'day'] as const) add(name, encodeURIComponent(state[name]))
  if (state.areas !== 'cells') add('areas', state.areas)
  if (state.doubt) add('doubt', 'on')
  if (state.selected) add('unit', `${state.selected.unit}/${state.selected.id}`)
  if (state.beside) add('beside', `${state.beside.unit}/${state.beside.id}`)
  add('area', state.area.map(([lon, lat]) => `${round(lon, 5)},${round(lat, 5)}`).join(','))
  if (state.sum !== 'segments') add('sum', state.sum)
  if (state.table) add('table', 'on')
  return '#' + parts.join('&')
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))
