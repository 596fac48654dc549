// What the page shows, kept in the address so that it can be sent, reloaded and gone back to.

import type { Unit } from './api'

export interface State {
  view: { zoom: number; lat: number; lon: number } | null
  contest: string
  choice: string
  measure: string
  against: string
  since: string
  areas: 'cells' | 'precincts'
  selected: { unit: Unit; id: string } | null
}

const units: readonly string[] = ['segment', 'cell', 'precinct', 'commune']

// parse reads an address such as #map=14.2/48.8566/2.3522&contest=2017_pres_t1&choice=macron&unit=segment/123. What cannot
// be read is left out.
export function parse(hash: string): State {
  const values = new URLSearchParams(hash.replace(/^#/, ''))
  const [zoom, lat, lon] = (values.get('map') ?? '').split('/').map(Number)
  const located =
    zoom !== undefined && lat !== undefined && lon !== undefined && [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 85 && Math.abs(lon) <= 180
  const [unit, id] = (values.get('unit') ?? '').split('/')
  return {
    view: located ? { zoom, lat, lon } : null,
    contest: values.get('contest') ?? '',
    choice: values.get('choice') ?? '',
    measure: values.get('measure') ?? '',
    against: values.get('against') ?? '',
    since: values.get('since') ?? '',
    areas: values.get('areas') === 'precincts' ? 'precincts' : 'cells',
    selected: unit && id && units.includes(unit) && /^[0-9a-f]{1,16}$/i.test(id) ? { unit: unit as Unit, id } : null,
  }
}

// write is the inverse of parse.
export function write(state: State): string {
  const parts: string[] = []
  const add = (name: string, value: string): void => {
    if (value) parts.push(`${name}=${value}`)
  }
  if (state.view) {
    const { zoom, lat, lon } = state.view
    add('map', `${zoom.toFixed(2)}/${lat.toFixed(5)}/${lon.toFixed(5)}`)
  }
  add('contest', encodeURIComponent(state.contest))
  add('choice', encodeURIComponent(state.choice))
  add('measure', encodeURIComponent(state.measure))
  add('against', encodeURIComponent(state.against))
  add('since', encodeURIComponent(state.since))
  if (state.areas !== 'cells') add('areas', state.areas)
  if (state.selected) add('unit', `${state.selected.unit}/${state.selected.id}`)
  return '#' + parts.join('&')
}
