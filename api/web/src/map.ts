// The map: MapLibre with our layers, what is under the pointer, and what is marked on it.

import maplibregl, { type MapGeoJSONFeature, type PointLike } from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import type { Bounds, TileJSON, Unit } from './api'
import { element } from './dom'
import { hatch } from './hatch'
import { areasOf, areasUntil, doneState, insideState, type Look, markLayerOf, markState, pulseLayer, pulseState, streetsFrom, style, tileLayers, type TileLayer, unitOf } from './layers'
import type { Place, Point, State } from './state'
import { palettes, themes } from './theme'
import { tilesTouched } from './touched_tiles'
import { words } from './words'

export interface Hit extends Place {
  name: string
  properties: Record<string, unknown>
  done: number // doors that were tried there since the day of showDone
  point: { x: number; y: number } | null // where it was hit, in pixels of the map
}

export interface Listener {
  selected(hit: Hit | null): void
  hovered(hit: Hit | null, x: number, y: number): void
  moved(view: NonNullable<State['view']>): void
  failed(status: number): void // a tile could not be read
  idle(): void // all that was asked for is drawn
  busy(): void
}

const layerOf: Record<Unit, TileLayer | null> = { segment: 'segments', cell: 'cells', precinct: 'precincts', commune: null }

const featureOf = ({ unit, id }: Place): { source: string; sourceLayer: string; id: string | number } | null => {
  const layer = layerOf[unit]
  return layer && { source: layer, sourceLayer: layer, id: layer === 'cells' ? id : Number(id) }
}

const pulseFor = 4000 // milliseconds

export class StreetMap {
  private readonly map: maplibregl.Map
  private ready = false // the style is loaded
  private readonly waiting: (() => void)[] = []
  private marked: Place[] = []
  private inside: Place[] = []
  private done: Place[] = []
  private changed: Bounds[] = [] // since the tiles were asked for: what is out of view is asked for again when it comes into view
  private readonly unhidden = new Set<string>() // layers that have had something to mark
  private marker: maplibregl.Marker | null = null
  private readonly pulsing = new Map<number, number>() // segment -> when it began

  // prepare starts what the map works with, while the page still asks what there is.
  static prepare(): void {
    maplibregl.prewarm()
  }

  constructor(
    container: HTMLElement,
    bounds: Bounds, // of the place
    view: State['view'], // null: the whole place
    private tilejsons: Record<TileLayer, TileJSON>,
    private look: Look,
    private readonly listener: Listener,
  ) {
    const from = view && isNear(view, bounds) ? { center: [view.lon, view.lat] as [number, number], zoom: view.zoom } : { bounds, fitBoundsOptions: { padding: fitPadding() } }
    const w = words()
    this.map = new maplibregl.Map({
      container,
      ...from,
      style: style(tilejsons, look),
      attributionControl: false,
      fadeDuration: 0, // a label that fades in costs as many pictures of the whole map
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      minZoom: 3,
      maxZoom: 19,
      locale: { 'NavigationControl.ZoomIn': w.zoomIn, 'NavigationControl.ZoomOut': w.zoomOut, 'Map.Title': w.page.map },
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'bottom-right')
    this.map.addControl({ onAdd: () => this.home(bounds), onRemove: () => undefined }, 'bottom-right')
    this.map.addControl(new maplibregl.ScaleControl({ maxWidth: 110 }), 'bottom-right')
    this.map.once('style.load', () => {
      for (const name of themes) if (name !== 'auto') this.map.addImage(`hatch-${name}`, hatch(16, palettes[name]), { pixelRatio: 2 })
      this.ready = true
      for (const work of this.waiting.splice(0)) work()
    })
    if (!view) this.leaveCrossing()
    this.listen()
    this.listener.moved(this.view)
  }

  // leaveCrossing goes out a little from where areas turn into streets: neither is to be seen well there.
  private leaveCrossing(): void {
    const zoom = this.map.getZoom()
    if (zoom > streetsFrom - 0.1 && zoom < areasUntil) this.map.jumpTo({ zoom: streetsFrom - 0.1 })
  }

  // home is a button that shows the whole place.
  private home(bounds: Bounds): HTMLElement {
    const button = element('button', { type: 'button', class: 'home', 'data-label': 'whole', 'data-title': 'whole', 'aria-label': words().page.whole, title: words().page.whole }, '⌂')
    button.addEventListener('click', () => this.map.fitBounds(bounds, { padding: fitPadding() }))
    return element('div', { class: 'maplibregl-ctrl maplibregl-ctrl-group' }, button)
  }

  private get view(): NonNullable<State['view']> {
    const { lng, lat } = this.map.getCenter()
    return { zoom: this.map.getZoom(), lat, lon: lng }
  }

  // show draws other tiles, in place of those that were drawn before.
  show(tilejsons: Record<TileLayer, TileJSON>, look: Look): void {
    const before = this.tilejsons
    this.tilejsons = tilejsons
    // New colours have MapLibre cut the tiles it holds anew. New tiles that are asked for in the same frame would be taken for those, and
    // the old ones stay: they are asked for when the colours are done.
    this.dress(look)
    this.whenReady(() => {
      const changed = tileLayers.filter((name) => before[name].tiles[0] !== tilejsons[name].tiles[0])
      if (changed.length === 0) return
      this.changed = []
      this.map.once('render', () => {
        for (const name of changed) this.map.getSource<maplibregl.VectorTileSource>(name)?.setTiles(tilejsons[name].tiles)
      })
      this.map.triggerRepaint()
    })
  }

  // dress changes how the tiles are drawn, and asks for none.
  dress(look: Look): void {
    this.look = look
    this.whenReady(() => {
      for (const layer of style(this.tilejsons, look).layers) {
        for (const [name, value] of Object.entries(layer.paint ?? {})) {
          if (!same(this.map.getPaintProperty(layer.id, name), value)) this.map.setPaintProperty(layer.id, name, value)
        }
        const visibility = layer.layout?.visibility
        if (visibility && !this.unhidden.has(layer.id) && this.map.getLayoutProperty(layer.id, 'visibility') !== visibility) this.map.setLayoutProperty(layer.id, 'visibility', visibility)
        if ('filter' in layer && !same(this.map.getFilter(layer.id), layer.filter)) this.map.setFilter(layer.id, layer.filter)
      }
    })
  }

  // refreshAll asks again for all tiles.
  refreshAll(): void {
    this.changed = []
    this.whenReady(() => tileLayers.forEach((name) => this.map.refreshTiles(name)))
  }

  // refresh asks again for the tiles that some bounds are drawn in, and for no others.
  refresh(bounds: Bounds[]): void {
    for (const one of bounds) if (!this.changed.some((known) => same(known, one))) this.changed.push(one)
    this.refreshInView(bounds)
  }

  // refreshInView does so for what is in view: MapLibre keeps other tiles too, and asks for none of them again.
  private refreshInView(bounds: Bounds[]): void {
    const [west, south, east, north] = this.bounds
    const [wide, high] = [east - west, north - south] // beyond the view too: cells reach farther than the precincts that are counted in them
    const within = bounds.filter((b) => b[0] <= east + wide && b[2] >= west - wide && b[1] <= north + high && b[3] >= south - high)
    if (within.length === 0) return
    this.whenReady(() => {
      for (const name of tileLayers) {
        const source = this.map.getSource<maplibregl.VectorTileSource>(name)
        // Of the tiles that are not held none is asked for.
        if (source) this.map.refreshTiles(name, tilesTouched(within, source.minzoom, Math.min(source.maxzoom, Math.ceil(this.map.getZoom()) + 1)))
      }
    })
  }

  // mark outlines the selected place and the one beside it.
  mark(selected: Place | null, beside: Place | null): void {
    this.whenReady(() => {
      this.setState(this.marked, markState, () => null)
      this.marked = [selected, beside].filter((place) => place !== null)
      this.unhideFor(this.marked)
      this.setState(this.marked, markState, (place) => (place === selected ? 'selected' : 'beside'))
    })
  }

  // markInside outlines what was added up.
  markInside(places: Place[]): void {
    this.whenReady(() => {
      this.setState(this.inside, insideState, () => null)
      this.inside = places
      this.unhideFor(places)
      this.setState(places, insideState, () => true)
    })
  }

  // showDone gives streets and precincts what was done there since a day.
  showDone(counts: { place: Place; doors: number }[]): void {
    this.whenReady(() => {
      const doors = new Map(counts.map(({ place, doors }) => [place, doors]))
      this.setState(this.done, doneState, () => null)
      this.done = [...doors.keys()]
      this.setState(this.done, doneState, (place) => doors.get(place) ?? null)
    })
  }

  // pulse lights up streets that have just changed, and lets them go out again.
  pulse(segments: number[]): void {
    this.whenReady(() => {
      if (segments.length > 0) this.unhide(pulseLayer)
      const idle = this.pulsing.size === 0
      for (const id of segments) this.pulsing.set(id, performance.now())
      if (idle && this.pulsing.size > 0) this.beat()
    })
  }

  private beat(): void {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    for (const [id, began] of this.pulsing) {
      const age = (performance.now() - began) / pulseFor
      const feature = { source: 'segments', sourceLayer: 'segments', id }
      if (age >= 1) {
        this.pulsing.delete(id)
        this.map.removeFeatureState(feature, pulseState)
      } else {
        this.map.setFeatureState(feature, { [pulseState]: still ? 0.8 : (1 - age) * (0.55 + 0.45 * Math.cos(age * 6 * Math.PI)) })
      }
    }
    if (this.pulsing.size > 0) setTimeout(() => requestAnimationFrame(() => this.beat()), still ? 400 : 40)
  }

  // showDrawn shows a drawn polygon.
  showDrawn(area: Point[]): void {
    const features: GeoJSON.Feature[] = area.length < 3 ? [] : [{ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [[...area, area[0] ?? [0, 0]]] } }]
    this.whenReady(() => this.map.getSource<maplibregl.GeoJSONSource>('drawn')?.setData({ type: 'FeatureCollection', features }))
  }

  showBorders(borders: GeoJSON.FeatureCollection): void {
    this.whenReady(() => this.map.getSource<maplibregl.GeoJSONSource>('borders')?.setData(borders))
  }

  // pin shows where an address is.
  pin(at: Point | null): void {
    this.marker?.remove()
    this.marker = at && new maplibregl.Marker({ color: palettes[this.look.theme].marked }).setLngLat(at).addTo(this.map)
    this.marker?.getElement().setAttribute('aria-label', words().searchKinds.address)
  }

  // translate says again what the map's own parts are called.
  translate(): void {
    const w = words()
    const container = this.map.getContainer()
    this.map.getCanvas().setAttribute('aria-label', w.page.map)
    for (const [part, name] of [['in', w.zoomIn], ['out', w.zoomOut]] as const) {
      const button = container.querySelector<HTMLElement>(`.maplibregl-ctrl-zoom-${part}`)
      button?.setAttribute('aria-label', name)
      button?.setAttribute('title', name)
    }
  }

  // reveal moves the map so that a point of it stands in the middle of what is free, if it stands outside that.
  reveal(point: { x: number; y: number }, free: { left: number; top: number; right: number; bottom: number }): void {
    if (point.x > free.left && point.x < free.right && point.y > free.top && point.y < free.bottom) return
    this.map.panBy([point.x - (free.left + free.right) / 2, point.y - (free.top + free.bottom) / 2])
  }

  // go shows some bounds, with room for the cards, at a zoom at which streets are coloured.
  go(bounds: Bounds, offset: maplibregl.PaddingOptions): void {
    this.map.fitBounds(bounds, { padding: offset, maxZoom: 17, linear: matchMedia('(prefers-reduced-motion: reduce)').matches })
  }

  setView({ zoom, lat, lon }: NonNullable<State['view']>): void {
    this.map.jumpTo({ center: [lon, lat], zoom })
  }

  get bounds(): Bounds {
    const b = this.map.getBounds()
    return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]
  }

  at(x: number, y: number): Point {
    const { lng, lat } = this.map.unproject([x, y])
    return [lng, lat]
  }

  get centre(): { x: number; y: number } {
    const { clientWidth, clientHeight } = this.map.getCanvas()
    return { x: clientWidth / 2, y: clientHeight / 2 }
  }

  focus(): void {
    this.map.getCanvas().focus({ preventScroll: true })
  }

  // layer is what is coloured at the zoom of now; resolution is that of its cells, where they are drawn.
  get layer(): { name: TileLayer; resolution: number | null } {
    if (this.map.getZoom() >= (streetsFrom + areasUntil) / 2) return { name: 'segments', resolution: null }
    const name = this.look.areas
    if (name !== 'cells' || !this.ready) return { name, resolution: null }
    // A cell's resolution stands in its id (H3: bits 52 to 55).
    const cell = this.map.queryRenderedFeatures({ layers: areasOf('cells') })[0]
    const id = String(cell?.properties['id'] ?? '')
    return { name, resolution: id.length === 15 ? parseInt(id[1] ?? '', 16) : null }
  }

  // settled dresses the map and waits until it is drawn.
  async settled(look: Look): Promise<void> {
    this.dress(look)
    this.map.triggerRepaint()
    await this.map.once('idle')
  }

  // picture is the map as it stands, for printing: a canvas of WebGL is empty once it was shown.
  picture(): string {
    this.map.redraw()
    return this.map.getCanvas().toDataURL('image/png')
  }

  private unhideFor(places: Place[]): void {
    for (const kind of new Set(places.map(({ unit }) => layerOf[unit]))) if (kind) this.unhide(markLayerOf(kind))
  }

  private unhide(layer: string): void {
    if (this.unhidden.has(layer)) return
    this.unhidden.add(layer)
    this.map.setLayoutProperty(layer, 'visibility', 'visible')
  }

  private setState(places: Place[], name: string, value: (place: Place) => unknown): void {
    for (const place of places) {
      const feature = featureOf(place)
      if (!feature) continue
      const to = value(place)
      if (to === null) this.map.removeFeatureState(feature, name)
      else this.map.setFeatureState(feature, { [name]: to })
    }
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
      this.refreshInView(this.changed)
      listener.moved(this.view)
    })
    map.on('error', ({ error }) => listener.failed(error instanceof maplibregl.AJAXError ? error.status : 0))
    map.on('idle', () => this.ready && listener.idle())
    const firstView = (): void => {
      if (!this.ready || !map.areTilesLoaded()) return
      performance.mark('first-view')
      map.off('render', firstView)
    }
    map.on('render', firstView)
    map.on('dataloading', () => listener.busy())
    // With the keyboard, Enter takes what is under the cross in the middle.
    map.getCanvas().addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return
      const { x, y } = this.centre
      listener.selected(this.hit(new maplibregl.Point(x, y)))
    })
  }

  // hit finds the unit at a point: the nearest street where streets are drawn, else an area, else a precinct.
  private hit(point: maplibregl.Point): Hit | null {
    const layers = ['streets-touch', ...areasOf(this.look.areas), 'precinct-ground'].filter((id) => this.map.getLayer(id))
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

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

// toLine gives the distance of a point from the line between two others.
function toLine(p: maplibregl.Point, a: maplibregl.Point, b: maplibregl.Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const along = Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy || 1)))
  return Math.hypot(p.x - a.x - along * dx, p.y - a.y - along * dy)
}

function asHit(feature: MapGeoJSONFeature, point: maplibregl.Point): Hit | null {
  const { id, name } = feature.properties
  if (id === undefined) return null
  return { unit: unitOf[feature.source as TileLayer], id: String(id), name: String(name ?? ''), properties: feature.properties, done: Number(feature.state[doneState] ?? 0), point }
}

// isNear tells whether a view has anything of the place, or nearly.
const isNear = ({ lon, lat }: NonNullable<State['view']>, [west, south, east, north]: Bounds): boolean => lon > west - 1 && lon < east + 1 && lat > south - 1 && lat < north + 1

// fitPadding leaves room for the cards that lie on the map.
export function fitPadding(): maplibregl.PaddingOptions {
  const aside = document.body.classList.contains('with-panel') && window.innerWidth > 1000 ? 410 : 40
  return window.innerWidth > 720 ? { top: 76, bottom: 56, left: 350, right: aside } : { top: 170, bottom: 70, left: 12, right: 12 }
}
