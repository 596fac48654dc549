// The map: MapLibre with our layers, what is under the pointer, and the selected unit.

import maplibregl, { type MapGeoJSONFeature, type PointLike } from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import type { TileJSON, Unit } from './api'
import { hatch } from './hatch'
import { type AreaKind, areaKinds, areasOf, byValue, style, tileLayers, type TileLayer, valued } from './layers'
import type { Scale } from './scale'
import { authorization } from './staff'
import { tilesTouched } from './touched_tiles'
import type { State } from './state'

export interface Hit {
  unit: Unit
  id: string
  name: string
  properties: Record<string, unknown>
  point: { x: number; y: number } | null // where it was hit, in pixels of the map
}

export interface Listener {
  selected(hit: Hit | null): void
  hovered(hit: Hit | null, x: number, y: number): void
  moved(view: NonNullable<State['view']>): void
  failed(status: number): void // a tile could not be read
}

const unitOf: Record<TileLayer, Unit> = { segments: 'segment', cells: 'cell', precincts: 'precinct' }
const layerOf: Record<Unit, TileLayer | null> = { segment: 'segments', cell: 'cells', precinct: 'precincts', commune: null }

export class StreetMap {
  private readonly map: maplibregl.Map
  private areas: AreaKind
  private begun = false
  private ready = false // the style is loaded
  private readonly waiting: (() => void)[] = []
  private marked: { source: string; sourceLayer: string; id: string | number } | null = null

  constructor(container: HTMLElement, bounds: [number, number, number, number], state: State, private readonly listener: Listener) {
    this.areas = state.areas
    const from = state.view ? { center: [state.view.lon, state.view.lat] as [number, number], zoom: state.view.zoom } : { bounds, fitBoundsOptions: { padding: fitPadding() } }
    this.map = new maplibregl.Map({
      container,
      ...from,
      style: { version: 8, sources: {}, layers: [] },
      transformRequest: (url) => ({ url, headers: authorization(url) }),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      minZoom: 3,
      maxZoom: 19,
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'bottom-right')
    this.map.addControl(new maplibregl.ScaleControl({ maxWidth: 110 }), 'bottom-right')
    this.listen()
  }

  // show draws tiles by a scale, in place of what was drawn before.
  show(tilejsons: Record<TileLayer, TileJSON>, scale: Scale): void {
    if (!this.begun) {
      this.begun = true
      this.map.once('style.load', () => {
        this.map.addImage('hatch', hatch(16), { pixelRatio: 2 })
        this.ready = true
        for (const work of this.waiting.splice(0)) work()
      })
      this.map.setStyle(style(tilejsons, scale, this.areas), { diff: false })
      return
    }
    // New colours have MapLibre cut the tiles it holds anew. New tiles that are asked for in the same frame would be taken for those, and
    // the old ones stay: they are asked for when the colours are done.
    this.whenReady(() => {
      for (const [layer, property] of valued) this.map.setPaintProperty(layer, property, byValue(scale))
      this.map.once('render', () => {
        for (const name of tileLayers) this.map.getSource<maplibregl.VectorTileSource>(name)?.setTiles(tilejsons[name].tiles)
      })
    })
  }

  // refresh asks again for the tiles that some bounds are drawn in, and for no others.
  refresh(bounds: [number, number, number, number][]): void {
    this.whenReady(() => {
      for (const name of tileLayers) {
        const source = this.map.getSource<maplibregl.VectorTileSource>(name)
        // Of the tiles that are not held none is asked for.
        if (source) this.map.refreshTiles(name, tilesTouched(bounds, source.minzoom, Math.min(source.maxzoom, Math.ceil(this.map.getZoom()) + 1)))
      }
    })
  }

  showAreas(areas: AreaKind): void {
    this.areas = areas
    this.whenReady(() => {
      for (const kind of areaKinds) {
        for (const layer of areasOf(kind)) this.map.setLayoutProperty(layer, 'visibility', kind === areas ? 'visible' : 'none')
      }
    })
  }

  mark(selected: State['selected']): void {
    this.whenReady(() => {
      if (this.marked) this.map.removeFeatureState(this.marked)
      const layer = selected && layerOf[selected.unit]
      this.marked = layer && { source: layer, sourceLayer: layer, id: layer === 'cells' ? selected.id : Number(selected.id) }
      if (this.marked) this.map.setFeatureState(this.marked, { selected: true })
    })
  }

  // reveal moves the map so that a point of it stands in the middle of what is free, if it stands outside that.
  reveal(point: { x: number; y: number }, free: { left: number; top: number; right: number; bottom: number }): void {
    if (point.x > free.left && point.x < free.right && point.y > free.top && point.y < free.bottom) return
    this.map.panBy([point.x - (free.left + free.right) / 2, point.y - (free.top + free.bottom) / 2])
  }

  private whenReady(work: () => void): void {
    if (this.ready) work()
    else this.waiting.push(work)
  }

  private listen(): void {
    const { map, listener } = this
    map.on('click', (event) => listener.selected(this.hit(event.point)))
    map.on('mousemove', (event) => {
      const hit = this.hit(event.point)
      map.getCanvas().style.cursor = hit ? 'pointer' : ''
      listener.hovered(hit, event.point.x, event.point.y)
    })
    map.on('mouseout', () => listener.hovered(null, 0, 0))
    map.on('movestart', () => listener.hovered(null, 0, 0))
    map.on('moveend', () => {
      const { lng, lat } = map.getCenter()
      listener.moved({ zoom: map.getZoom(), lat, lon: lng })
    })
    map.on('error', ({ error }) => listener.failed(error instanceof maplibregl.AJAXError ? error.status : 0))
    // With the keyboard, Enter takes what is under the cross in the middle.
    map.getCanvas().addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return
      const { clientWidth, clientHeight } = map.getCanvas()
      listener.selected(this.hit(new maplibregl.Point(clientWidth / 2, clientHeight / 2)))
    })
  }

  // hit finds the unit at a point: the nearest street where streets are drawn, else an area, else a precinct.
  private hit(point: maplibregl.Point): Hit | null {
    const layers = ['streets-touch', ...areasOf(this.areas), 'precinct-ground'].filter((id) => this.map.getLayer(id))
    const exact: PointLike = [point.x, point.y]
    const found = layers.length > 0 ? this.map.queryRenderedFeatures(exact, { layers }) : []
    for (const wanted of layers) {
      const [feature] = found
        .filter((f) => f.layer.id === wanted)
        .map((f) => ({ f, away: this.distance(point, f) }))
        .sort((a, b) => a.away - b.away)
        .map(({ f }) => f)
      if (feature) return asHit(feature, point)
    }
    return null
  }

  // distance is that of a point from a line, in pixels; 0 for what is not a line.
  private distance(point: maplibregl.Point, { geometry }: MapGeoJSONFeature): number {
    const lines = geometry.type === 'LineString' ? [geometry.coordinates] : geometry.type === 'MultiLineString' ? geometry.coordinates : []
    if (lines.length === 0) return 0
    const away = lines.flatMap((line) => {
      const points = line.map(([lon, lat]) => this.map.project([lon ?? 0, lat ?? 0]))
      return points.slice(1).map((end, i) => toLine(point, points[i] ?? end, end))
    })
    return Math.min(...away)
  }
}

// toLine gives the distance of a point from the line between two others.
function toLine(p: maplibregl.Point, a: maplibregl.Point, b: maplibregl.Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const along = Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy || 1)))
  return Math.hypot(p.x - a.x - along * dx, p.y - a.y - along * dy)
}

function asHit(feature: MapGeoJSONFeature, point: maplibregl.Point): Hit | null {
  const { id, name } = feature.properties
  if (id === undefined) return null
  return { unit: unitOf[feature.source as TileLayer], id: String(id), name: String(name ?? ''), properties: feature.properties, point }
}

// fitPadding leaves room for the cards that lie on the map.
function fitPadding(): maplibregl.PaddingOptions {
  return window.innerWidth > 720 ? { top: 24, bottom: 40, left: 320, right: 24 } : { top: 150, bottom: 60, left: 12, right: 12 }
}
