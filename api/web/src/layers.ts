// How the map is drawn. Areas (cells or precincts) fade out and streets fade in between zooms 13.2 and 14.6; the streets
// themselves, in grey, are the base map at every zoom, so nothing is asked from any other server.

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { TileJSON } from './api'
import type { Scale } from './scale'

export const tileLayers = ['segments', 'cells', 'precincts'] as const
export type TileLayer = (typeof tileLayers)[number]

export const areaKinds = ['cells', 'precincts'] as const
export type AreaKind = (typeof areaKinds)[number]

const streetsFrom = 13.2 // streets begin to be coloured
const areasUntil = 14.6 // areas are gone

const ground = '#f6f5f1'
const emptyGround = '#fdfcfa'
const street = '#77757c'
const ink = '#14213d'
const marked = '#d1495b'

// fontStack is the browser's own: the style has no glyphs, so letters are drawn here and fetched nowhere.
const fontStack = ['system-ui, sans-serif']

const hasState = (state: string): ExpressionSpecification => ['==', ['get', 'state'], state]
const hasValue: ExpressionSpecification = ['has', 'value'] // a published unit may not have every measure

// byValue gives a feature the colour of its class.
export function byValue(scale: Scale): ExpressionSpecification | string {
  const [first, ...others] = scale.colours
  if (scale.edges.length === 0) return first ?? ground
  const steps = scale.edges.flatMap((edge, i) => [edge, others[i] ?? ''])
  return ['step', ['get', 'value'], first ?? '', ...steps] as unknown as ExpressionSpecification
}

// valued lists the layers that byValue colours, with the property that takes the colour.
export const valued = [
  ...areaKinds.map((kind) => [`${kind}-value`, 'fill-color'] as const),
  ['streets-value', 'line-color'] as const,
]

export function style(tilejsons: Record<TileLayer, TileJSON>, scale: Scale, areas: AreaKind): StyleSpecification {
  const sources: StyleSpecification['sources'] = {}
  for (const name of tileLayers) {
    const { tiles, minzoom, maxzoom, bounds } = tilejsons[name]
    sources[name] = { type: 'vector', tiles, minzoom, maxzoom, bounds, promoteId: 'id' }
  }
  return {
    version: 8,
    sources,
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': ground } },
      ...areaKinds.flatMap((kind) => areaLayers(kind, scale, kind === areas)),
      ...precinctBorders(),
      ...streetLayers(scale),
      ...selectedLayers(),
    ],
  }
}

// areasOf lists the layers that show one kind of area.
export const areasOf = (kind: AreaKind): string[] => [`${kind}-empty`, `${kind}-value`, `${kind}-suppressed`]

function areaLayers(kind: AreaKind, scale: Scale, visible: boolean): LayerSpecification[] {
  const common = { source: kind, 'source-layer': kind, type: 'fill', maxzoom: areasUntil } as const
  const layout = { visibility: visible ? 'visible' : 'none' } as const
  const fading = (opacity: number): ExpressionSpecification => ['interpolate', ['linear'], ['zoom'], streetsFrom, opacity, areasUntil - 0.1, 0]
  return [
    { ...common, id: `${kind}-empty`, layout, filter: hasState('empty'), paint: { 'fill-color': emptyGround, 'fill-opacity': fading(0.7) } },
    { ...common, id: `${kind}-value`, layout, filter: hasValue, paint: { 'fill-color': byValue(scale), 'fill-opacity': fading(0.86) } },
    { ...common, id: `${kind}-suppressed`, layout, filter: hasState('suppressed'), paint: { 'fill-pattern': 'hatch', 'fill-opacity': fading(0.9) } },
  ]
}

function precinctBorders(): LayerSpecification[] {
  return [
    {
      id: 'precinct-borders',
      source: 'precincts',
      'source-layer': 'precincts',
      type: 'line',
      minzoom: 11.5,
      paint: {
        'line-color': '#4a4458',
        'line-opacity': ['interpolate', ['linear'], ['zoom'], 11.5, 0, 12.5, 0.45, 16, 0.55],
        'line-width': ['interpolate', ['linear'], ['zoom'], 12, 0.5, 15, 0.9, 18, 1.6],
      },
    },
    // Under everything else a click may mean, a precinct.
    {
      id: 'precinct-ground',
      source: 'precincts',
      'source-layer': 'precincts',
      type: 'fill',
      minzoom: streetsFrom,
      paint: { 'fill-color': ground, 'fill-opacity': 0 },
    },
  ]
}

function streetLayers(scale: Scale): LayerSpecification[] {
  const common = { source: 'segments', 'source-layer': 'segments', type: 'line' } as const
  const layout = { 'line-cap': 'round', 'line-join': 'round' } as const
  const width = (extra: number): ExpressionSpecification => [
    'interpolate', ['exponential', 1.5], ['zoom'],
    10, 0.3, 12, 0.5, 13.2, 1 + extra * 0.3, 14, 2.6 + extra, 15, 4.2 + extra, 16, 6.5 + extra, 17, 10 + extra, 19, 22 + extra,
  ]
  const appearing: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], streetsFrom, 0, streetsFrom + 1, 1]
  return [
    {
      ...common, id: 'streets-ground', layout,
      paint: { 'line-color': street, 'line-width': width(1.4), 'line-opacity': ['interpolate', ['linear'], ['zoom'], 10, 0.3, 12, 0.45, 14, 0.8] },
    },
    {
      ...common, id: 'streets-empty', layout, minzoom: streetsFrom, filter: hasState('empty'),
      paint: { 'line-color': emptyGround, 'line-width': width(0), 'line-opacity': appearing },
    },
    {
      ...common, id: 'streets-value', layout, minzoom: streetsFrom, filter: hasValue,
      paint: { 'line-color': byValue(scale), 'line-width': width(0), 'line-opacity': appearing },
    },
    {
      ...common, id: 'streets-suppressed', layout, minzoom: streetsFrom, filter: hasState('suppressed'),
      paint: { 'line-pattern': 'hatch', 'line-width': width(0), 'line-opacity': appearing },
    },
    {
      ...common, id: 'streets-touch', minzoom: streetsFrom,
      paint: { 'line-color': ground, 'line-opacity': 0, 'line-width': ['interpolate', ['linear'], ['zoom'], 13, 8, 15, 14, 19, 30] },
    },
    {
      source: 'segments', 'source-layer': 'segments', type: 'symbol', id: 'street-names', minzoom: 14.5,
      layout: {
        'symbol-placement': 'line',
        'text-field': ['get', 'name'],
        'text-font': fontStack,
        'text-size': ['interpolate', ['linear'], ['zoom'], 14.5, 10, 17, 13, 19, 16],
        'text-max-angle': 30,
        'text-padding': 8,
        'symbol-spacing': 320,
      },
      paint: { 'text-color': ink, 'text-halo-color': 'rgba(255,255,255,0.92)', 'text-halo-width': 1.6 },
    },
  ]
}

// selectedLayers mark the unit whose feature state says so. A filter would do as well, but has all tiles cut anew.
function selectedLayers(): LayerSpecification[] {
  const opacity: ExpressionSpecification = ['case', ['boolean', ['feature-state', 'selected'], false], 1, 0]
  const layout = { 'line-cap': 'round', 'line-join': 'round' } as const
  const outlines = areaKinds.map(
    (kind): LayerSpecification => ({
      id: `${kind}-selected`, source: kind, 'source-layer': kind, type: 'line', layout,
      paint: { 'line-color': marked, 'line-opacity': opacity, 'line-width': 2.6 },
    }),
  )
  return [
    ...outlines,
    {
      id: 'segments-selected', source: 'segments', 'source-layer': 'segments', type: 'line', layout, minzoom: streetsFrom - 2,
      paint: {
        'line-color': marked,
        'line-opacity': opacity,
        'line-width': 2.4,
        'line-gap-width': ['interpolate', ['exponential', 1.5], ['zoom'], 12, 1, 14, 4.2, 15, 5.8, 16, 8, 17, 11.6, 19, 24],
      },
    },
  ]
}
