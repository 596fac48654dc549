// The map: MapLibre with our layers, what is under the pointer, and the selected unit.

import maplibregl, { type MapGeoJSONFeature, type PointLike } from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import type { TileJSON, Unit } from './api'
import { hatch } from './hatch'
import { type AreaKind, areaKinds, areasOf, byValue, selection, style, tileLayers, type TileLayer, valued } from './layers'
import type { Scale } from './scale'
import type { State } from './state'

export interface Hit {
  unit: Unit
  id: string
  name: string
  properties: Record<string, unknown>
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
  private drawn = false

  constructor(container: HTMLElement, bounds: [number, number, number, number], state: State, private readonly listener: Listener) {
    this.areas = state.areas
    const from = state.view ? { center: [state.view.lon, state.view.lat] as [number, number], zoom: state.view.zoom } : { bounds, fitBoundsOptions: { padding: fitPadding() } }
    this.map = new maplibregl.Map({
      container,
      ...from,
      style: { version: 8, sources: {}, layers: [] },
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
    if (!this.drawn) {
      this.drawn = true
      this.map.setStyle(style(tilejsons, scale, this.areas, null), { diff: false })
      this.map.on('styleimagemissing', ({ id }) => {
        if (id === 'hatch' && !this.map.hasImage(id)) this.map.addImage(id, hatch(16), { pixelRatio: 2 })
      })
      return
    }
    for (const name of tileLayers) {
      const source = this.map.getSource<maplibregl.VectorTileSource>(name)
      source?.setTiles(tilejsons[name].tiles)
    }
    for (const [layer, property] of valued) this.map.setPaintProperty(layer, property, byValue(scale))
  }

  showAreas(areas: AreaKind): void {
    this.areas = areas
    for (const kind of areaKinds) {
      for (const layer of areasOf(kind)) this.map.setLayoutProperty(layer, 'visibility', kind === areas ? 'visible' : 'none')
    }
  }

  mark(selected: State['selected']): void {
    const apply = (): void => {
      for (const [layer, filter] of selection(selected && layerOf[selected.unit], selected && selected.id)) this.map.setFilter(layer, filter)
    }
    if (this.map.getLayer('segments-selected')) apply()
    else this.map.once('styledata', apply)
  }

  resize(): void {
    this.map.resize()
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

  // hit finds the unit at a point: a street where streets are drawn, else an area, else a precinct.
  private hit(point: maplibregl.Point): Hit | null {
    const layers = ['streets-touch', ...areasOf(this.areas), 'precinct-ground'].filter((id) => this.map.getLayer(id))
    const exact: PointLike = [point.x, point.y]
    const found = layers.length > 0 ? this.map.queryRenderedFeatures(exact, { layers }) : []
    for (const wanted of layers) {
      const feature = found.find((f) => f.layer.id === wanted)
      if (feature) return asHit(feature)
    }
    return null
  }
}

function asHit(feature: MapGeoJSONFeature): Hit | null {
  const { id, name } = feature.properties
  if (id === undefined) return null
  return { unit: unitOf[feature.source as TileLayer], id: String(id), name: String(name ?? ''), properties: feature.properties }
}

// fitPadding leaves room for the cards that lie on the map.
function fitPadding(): maplibregl.PaddingOptions {
  return window.innerWidth > 720 ? { top: 24, bottom: 40, left: 320, right: 24 } : { top: 150, bottom: 60, left: 12, right: 12 }
}
