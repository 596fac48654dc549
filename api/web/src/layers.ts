// How the map is drawn. Areas (cells or precincts) fade out and streets fade in between zooms 13.7 and 14.1; the streets
// themselves are the base map at every zoom, as thin lines of the ground's colour on areas, so nothing is asked from any other server.

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { TileJSON, Unit } from './api'
import { faded, width, widths } from './doubt'
import { colours, type Scale } from './scale'
import { type Palette, type Theme, palettes } from './theme'

export const tileLayers = ['segments', 'cells', 'precincts'] as const
export type TileLayer = (typeof tileLayers)[number]

// unitOf is what the features of a layer are.
export const unitOf: Record<TileLayer, Unit> = { segments: 'segment', cells: 'cell', precincts: 'precinct' }

const areaKinds = ['cells', 'precincts'] as const
type AreaKind = (typeof areaKinds)[number]

export const streetsFrom = 13.7 // streets begin to be coloured
export const areasUntil = 14.1 // areas are gone

// What is drawn by values that are not in tiles: of streets and precincts, by their id.
export const doneState = 'done' // feature state: what was done since a day
export const pulseState = 'pulse' // feature state: 1 just changed, 0 not
export const markState = 'mark' // feature state: 'selected' or 'beside'
export const insideState = 'inside' // feature state: it lies in the drawn area

// What a map shows beside its tiles.
export interface Look {
  scale: Scale
  doubt: boolean
  areas: AreaKind
  done: boolean // values are those of doneState
  theme: Theme
}

// fontStack is the browser's own: the style has no glyphs, so letters are drawn here and fetched nowhere.
const fontStack = ['system-ui, sans-serif']

const hasState = (state: string): ExpressionSpecification => ['==', ['get', 'state'], state]
const hasValue: ExpressionSpecification = ['has', 'value'] // a published unit may not have every measure

// byValue gives a feature the colour of its class, faded by its doubt where that is asked for.
function byValue({ scale, doubt, done, theme }: Look): ExpressionSpecification | string {
  const palette = palettes[theme]
  const value: ExpressionSpecification = done ? ['number', ['feature-state', doneState], 0] : ['get', 'value']
  const bounds = widths(scale)
  const ofClass = colours(scale, palette).map((colour): ExpressionSpecification | string => {
    if (!doubt || done) return colour
    const [sure, less, least] = faded(colour, theme) as [string, string, string]
    return ['step', width(scale), sure, bounds[0] + 1e-9, less, bounds[1] + 1e-9, least]
  })
  const [first, ...others] = ofClass
  if (first === undefined || scale.edges.length === 0) return first ?? palette.ground
  return ['step', value, first, ...scale.edges.flatMap((edge, i) => [edge, others[i] ?? ''])] as unknown as ExpressionSpecification
}

export function style(tilejsons: Record<TileLayer, TileJSON>, look: Look): StyleSpecification {
  const sources: StyleSpecification['sources'] = {}
  for (const name of tileLayers) {
    const { tiles, minzoom, maxzoom, bounds } = tilejsons[name]
    sources[name] = { type: 'vector', tiles, minzoom, maxzoom, bounds, promoteId: 'id' }
  }
  for (const name of ['borders', 'drawn']) sources[name] = { type: 'geojson', data: { type: 'FeatureCollection', features: [] } }
  const palette = palettes[look.theme]
  return {
    version: 8,
    sources,
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': palette.ground } },
      ...areaKinds.flatMap((kind) => areaLayers(kind, look, palette)),
      ...precinctBorders(palette),
      ...streetLayers(look, palette),
      ...areaBorders(palette),
      ...markedLayers(palette),
      ...nameLayers(palette),
      ...drawnLayers(palette),
    ],
  }
}

// areasOf lists the layers that show one kind of area.
export const areasOf = (kind: AreaKind): string[] => [`${kind}-empty`, `${kind}-value`, `${kind}-suppressed`]

const hatchOf = (theme: Theme): string => `hatch-${theme}`

function areaLayers(kind: AreaKind, look: Look, palette: Palette): LayerSpecification[] {
  const common = { source: kind, 'source-layer': kind, type: 'fill', maxzoom: areasUntil } as const
  const layout = { visibility: kind === look.areas ? 'visible' : 'none' } as const
  const fading = (opacity: number): ExpressionSpecification => ['interpolate', ['linear'], ['zoom'], streetsFrom, opacity, areasUntil - 0.05, 0]
  const filter: ExpressionSpecification = look.done ? ['!=', ['get', 'state'], 'none'] : hasValue
  return [
    { ...common, id: `${kind}-empty`, layout, filter: hasState('empty'), paint: { 'fill-antialias': false, 'fill-color': palette.empty, 'fill-opacity': fading(0.7) } },
    { ...common, id: `${kind}-value`, layout, filter, paint: { 'fill-color': byValue(look), 'fill-opacity': fading(1) } },
    { ...common, id: `${kind}-suppressed`, layout, filter: look.done ? false : hasState('suppressed'), paint: { 'fill-antialias': false, 'fill-pattern': hatchOf(look.theme), 'fill-opacity': fading(0.9) } },
  ]
}

function precinctBorders(palette: Palette): LayerSpecification[] {
  return [
    {
      id: 'precinct-borders',
      source: 'precincts',
      'source-layer': 'precincts',
      type: 'line',
      minzoom: 11.5,
      paint: {
        'line-color': palette.border,
        'line-opacity': ['interpolate', ['linear'], ['zoom'], 11.5, 0, 12.5, 0.4, 16, 0.5],
        'line-width': ['interpolate', ['linear'], ['zoom'], 12, 0.5, 15, 0.9, 18, 1.6],
        'line-dasharray': [4, 2],
      },
    },
    // Under everything else a click may mean, a precinct.
    {
      id: 'precinct-ground',
      source: 'precincts',
      'source-layer': 'precincts',
      type: 'fill',
      minzoom: streetsFrom,
      paint: { 'fill-antialias': false, 'fill-color': palette.ground, 'fill-opacity': 0 },
    },
  ]
}

// streetWidth is that of a street's colour, in pixels.
const streetWidth = (extra: number): ExpressionSpecification => [
  'interpolate', ['exponential', 1.5], ['zoom'],
  10, 0.3, 12, 0.5, streetsFrom, 1.2 + extra * 0.2, areasUntil, 3 + extra, 15, 4.2 + extra, 16, 6.5 + extra, 17, 10 + extra, 19, 22 + extra,
]

function streetLayers(look: Look, palette: Palette): LayerSpecification[] {
  const common = { source: 'segments', 'source-layer': 'segments', type: 'line' } as const
  const layout = { 'line-cap': 'round', 'line-join': 'round' } as const
  const appearing: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], streetsFrom, 0, areasUntil, 1]
  return [
    {
      ...common, id: 'streets-ground', layout,
      paint: {
        'line-color': ['interpolate', ['linear'], ['zoom'], streetsFrom, palette.ground, areasUntil, palette.street],
        'line-width': streetWidth(1.4),
        'line-opacity': ['interpolate', ['linear'], ['zoom'], 10, 0.3, streetsFrom, 0.6, areasUntil, 0.9],
      },
    },
    {
      ...common, id: 'streets-empty', layout, minzoom: streetsFrom, filter: hasState('empty'),
      paint: { 'line-color': palette.empty, 'line-width': streetWidth(0), 'line-opacity': appearing },
    },
    {
      ...common, id: 'streets-value', layout, minzoom: streetsFrom, filter: look.done ? ['!=', ['get', 'state'], 'none'] : hasValue,
      paint: { 'line-color': byValue(look), 'line-width': streetWidth(0), 'line-opacity': appearing },
    },
    {
      ...common, id: 'streets-suppressed', layout, minzoom: streetsFrom, filter: look.done ? false : hasState('suppressed'),
      paint: { 'line-pattern': hatchOf(look.theme), 'line-width': streetWidth(0), 'line-opacity': appearing },
    },
    {
      ...common, id: 'streets-touch', minzoom: streetsFrom,
      paint: { 'line-color': palette.ground, 'line-opacity': 0, 'line-width': ['interpolate', ['linear'], ['zoom'], 13, 8, 15, 14, 19, 30] },
    },
  ]
}

// areaBorders are those of communes, as far as the place has several.
function areaBorders(palette: Palette): LayerSpecification[] {
  return [
    {
      id: 'area-borders', source: 'borders', type: 'line', filter: ['==', ['get', 'kind'], 'border'],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: {
        'line-color': palette.ink,
        'line-opacity': ['interpolate', ['linear'], ['zoom'], 8, 0.5, 13, 0.65, 15, 0.35],
        'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.6, 12, 1.4, 16, 2],
      },
    },
  ]
}

function nameLayers(palette: Palette): LayerSpecification[] {
  const paint = { 'text-color': palette.ink, 'text-halo-color': palette.halo, 'text-halo-width': 1.6 }
  return [
    {
      id: 'street-names', source: 'segments', 'source-layer': 'segments', type: 'symbol', minzoom: 14.5,
      layout: {
        'symbol-placement': 'line',
        'text-field': ['get', 'name'],
        'text-font': fontStack,
        'text-size': ['interpolate', ['linear'], ['zoom'], 14.5, 10, 17, 13, 19, 16],
        'text-max-angle': 30,
        'text-padding': 8,
        'symbol-spacing': 320,
      },
      paint,
    },
    {
      id: 'area-names', source: 'borders', type: 'symbol', filter: ['==', ['get', 'kind'], 'name'], maxzoom: 14.5,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': fontStack,
        'text-size': ['interpolate', ['linear'], ['zoom'], 9, 10, 13, 14],
        'text-max-width': 7,
        'text-padding': 4,
      },
      paint: { ...paint, 'text-halo-width': 2 },
    },
  ]
}

// markLayerOf is the layer that marks places of a kind, pulseLayer the one that lights up streets. They are hidden until the first is marked: a
// layer that shows nothing costs as much as one that does, and has tiles asked for.
export const markLayerOf = (kind: TileLayer): string => `${kind}-marked`
export const pulseLayer = 'segments-pulse'

// markedLayers mark places by their feature state. A filter would do as well, but has all tiles cut anew with each mark.
function markedLayers(palette: Palette): LayerSpecification[] {
  const state = (name: string): ExpressionSpecification => ['feature-state', name]
  const colour: ExpressionSpecification = ['match', ['string', state(markState), ''], 'selected', palette.marked, 'beside', palette.beside, palette.ink]
  const opacity: ExpressionSpecification = ['case', ['==', ['string', state(markState), ''], ''], ['case', ['boolean', state(insideState), false], 0.9, 0], 1]
  const layout = { 'line-cap': 'round', 'line-join': 'round', visibility: 'none' } as const
  const gap: ExpressionSpecification = ['interpolate', ['exponential', 1.5], ['zoom'], 12, 1, 14, 4.2, 15, 5.8, 16, 8, 17, 11.6, 19, 24]
  const outlines = areaKinds.map(
    (kind): LayerSpecification => ({
      id: markLayerOf(kind), source: kind, 'source-layer': kind, type: 'line', layout,
      paint: { 'line-color': colour, 'line-opacity': opacity, 'line-width': ['case', ['boolean', state(insideState), false], 1.4, 2.8] },
    }),
  )
  const streets = { source: 'segments', 'source-layer': 'segments', type: 'line', layout, minzoom: streetsFrom - 2 } as const
  return [
    ...outlines,
    {
      ...streets, id: markLayerOf('segments'),
      paint: { 'line-color': colour, 'line-opacity': opacity, 'line-width': ['case', ['boolean', state(insideState), false], 1.6, 2.6], 'line-gap-width': gap },
    },
    {
      ...streets, id: pulseLayer,
      paint: { 'line-color': palette.touched, 'line-opacity': ['number', state(pulseState), 0], 'line-width': 3.5, 'line-gap-width': gap, 'line-blur': 1.5 },
    },
  ]
}

function drawnLayers(palette: Palette): LayerSpecification[] {
  return [
    { id: 'drawn-ground', source: 'drawn', type: 'fill', paint: { 'fill-color': palette.marked, 'fill-opacity': 0.08 } },
    { id: 'drawn-line', source: 'drawn', type: 'line', paint: { 'line-color': palette.marked, 'line-width': 2, 'line-dasharray': [3, 2] } },
  ]
}
