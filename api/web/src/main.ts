// The page: reads what is served, keeps the pickers, the map, the legend, the panels and the table in step with the state in the address, and
// starts again from a new snapshot when there is one.

import { areaControls, areaFilter, areaSums, fetchArea } from './area_panel'
import { type Bounds, type ContestList, fetchBacktest, fetchBorders, fetchBreaks, fetchContests, fetchCounts, fetchCoverage, fetchExplanation, fetchItems, fetchIds, fetchScore, fetchSnapshot, fetchTileJSON, type Found, itemsAddress, type Measure, type Snapshot, type TileJSON, type Unit } from './api'
import { shortened } from './area_names'
import { backtestView } from './backtest_view'
import { comparison } from './compare'
import { notDistinguishable } from './doubt'
import { byId, element } from './dom'
import { draw as drawArea } from './drawing'
import { FieldWatch } from './field_watch'
import { type Look, tileLayers, type TileLayer } from './layers'
import { legend, showCounts } from './legend'
import { fitPadding, type Hit, type Listener, StreetMap } from './map'
import { amount, clock, interval, whole } from './numbers'
import { explanation, heading, placeName, wholeShare } from './panel'
import { doneSince, Pickers } from './pickers'
import { printPage } from './print_page'
import { classesAsked, fieldScale, type Scale } from './scale'
import { search } from './search'
import { sourcesView } from './sources_view'
import { parse, type Place, type State, write } from './state'
import { coverageTable, itemsTable, pageOf, tableFrame } from './table_view'
import { chooseTheme, onMachineTheme, theme, themeChoice, type ThemeChoice, wearTheme } from './theme'
import { chooseLanguage, type Language, language, measureName, translateText, words } from './words'
import './style.css'

const pollEvery = 15_000
const retryAfter = 1_500
const refreshAfter = 400 // what changes meanwhile is drawn at once: drawing takes longer than asking
const rowsShown = 100

const panel = byId('panel')
const table = byId('table-view')
const tooltip = byId('tooltip')

const state = parse(location.hash)
let snapshot: Snapshot
let list: ContestList
let map: StreetMap
let scale: Scale = { edges: [], unit: 'fraction 0..1', diverging: false }
let scaleOf = '' // what the scale belongs to: it is kept for the next snapshot
let answeredAt = new Date() // when the server last answered
let missed = false // a tile could not be read since
let comparing = false // the next place is the one to compare with
let drawing: AbortController | null = null

// Each counts, so that an answer that comes late does not overwrite a newer one.
const turns = { draw: 0, panel: 0, count: 0, table: 0, busy: 0 }

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function say(message: string): void {
  const box = byId('message')
  box.hidden = message === ''
  box.textContent = message
}

// remember writes the address: a choice of the reader is a step to go back from, a move of the map is not.
function remember(step: boolean): void {
  const address = write(state)
  if (address === location.hash) return
  if (step) history.pushState(null, '', address)
  else history.replaceState(null, '', address)
}

// busy marks the page as being filled; tests and printers wait until it is not.
async function busy<T>(work: Promise<T>): Promise<T> {
  turns.busy++
  showReady()
  try {
    return await work
  } finally {
    turns.busy--
    showReady()
  }
}

let mapBusy = true
function showReady(): void {
  document.documentElement.dataset['state'] = turns.busy > 0 || mapBusy ? 'busy' : 'ready'
}

// The map and its legend.

const look = (): Look => ({ scale, doubt: state.doubt, areas: pickers.isDone ? 'precincts' : state.areas, done: pickers.isDone, theme: theme() })

// draw asks for the tiles and classes of the state and shows them.
async function draw(): Promise<void> {
  const turn = ++turns.draw
  const { query, measure } = pickers
  const about = JSON.stringify(query)
  const [tilejsons, cut] = await Promise.all([Promise.all(tileLayers.map((layer) => fetchTileJSON(layer, snapshot.id, query))), classes(measure, about)])
  if (turn !== turns.draw) return
  scale = cut
  scaleOf = about
  const tiles = Object.fromEntries(tileLayers.map((layer, i) => [layer, tilejsons[i]])) as Record<TileLayer, TileJSON>
  if (map) map.show(tiles, look())
  else map = new StreetMap(byId('map'), state.view ?? snapshot.bounds, tiles, look(), mapListener())
  map.mark(state.selected, state.beside)
  showLegend()
  if (pickers.isDone) await showDone()
}

async function classes(measure: Measure | undefined, about: string): Promise<Scale> {
  if (!measure) return scale
  if (pickers.ofField) return fieldScale(measure)
  const { breaks } = await fetchBreaks(`precincts@${snapshot.id}`, pickers.query, classesAsked(measure), about === scaleOf ? scale.edges : [])
  return { edges: breaks, unit: measure.unit, diverging: measure.diverging }
}

async function redraw(): Promise<void> {
  try {
    await busy(draw())
    say('')
  } catch (error) {
    say(words().tryingAgain(text(error)))
  }
}

function showLegend(): void {
  const { measure } = pickers
  if (!measure) return
  const suppressible = !pickers.ofField || (field.measures.find((m) => m.id === measure.id)?.answers ?? false)
  const shown = legend(scale, { measure, of: pickers.subject, base: pickers.base, n: pickers.ofField ? null : (pickers.contest?.n ?? null), field: pickers.ofField, doubt: state.doubt && !pickers.isDone, suppressible, placed: pickers.ofField || (pickers.contest?.placed ?? true) })
  byId('legend').replaceChildren(shown)
  byId('legend-status').textContent = [measureName(measure, pickers.base), pickers.subject].filter(Boolean).join(': ')
  counted = ''
  void count()
}

let counted = '' // what the counts of the legend are of

// count puts into the legend how many places are in each class, of the layer that is coloured now.
async function count(): Promise<void> {
  if (pickers.isDone || scale.edges.length === 0) return
  const { name, resolution } = map.layer
  if (name === 'cells' && resolution === null) return
  const about = `${name} ${resolution} ${scaleOf} ${snapshot.id}`
  if (about === counted) return
  counted = about
  const turn = ++turns.count
  const counts = await fetchCounts(pickers.ofField ? name : `${name}@${snapshot.id}`, pickers.query, scale.edges, resolution).catch(() => null)
  if (turn === turns.count) showCounts(byId('legend'), counts, name)
}

async function showDone(): Promise<void> {
  map.showDone(await field.doneSince(state.day))
}

// showBorders shows those of the communes, where there are several and the server has them.
async function showBorders(): Promise<void> {
  const borders = await fetchBorders(`commune@${snapshot.id}`, state.contest).catch(() => null)
  const named = borders?.features.filter((feature) => feature.properties?.['kind'] === 'name') ?? []
  if (!borders || named.length < 2) return
  const short = shortened(named.map((feature) => String(feature.properties?.['name'])))
  for (const [i, feature] of named.entries()) feature.properties = { ...feature.properties, name: short[i] }
  map.showBorders(borders)
}

function showStatus(): void {
  const w = words()
  byId('title').textContent = snapshot.name
  document.title = `${snapshot.name} · Arpent`
  byId('place-name').textContent = snapshot.name
  const name = byId('snapshot-name')
  name.textContent = w.snapshot(snapshot.id.slice(0, 12))
  name.title = snapshot.id
  byId('sources').textContent = snapshot.attributions.join(' · ')
}

// The panel: of a place, or of a drawn area.

const actions = {
  close: () => choose(null),
  open: (unit: Unit, id: string) => choose({ unit, id }),
  compare: () => {
    comparing = true
    say(words().comparing)
    map.focus()
  },
}

function choose(place: Place | null, hit: Hit | null = null): void {
  if (comparing && place && state.selected) {
    state.beside = { unit: place.unit, id: place.id }
  } else {
    state.selected = place && { unit: place.unit, id: place.id }
    state.beside = null
    if (place) state.area = []
  }
  endComparing()
  tooltip.hidden = true // the panel may open over it
  remember(true)
  map.pin(null)
  map.mark(state.selected, state.beside)
  showArea()
  void fillPanel(hit?.name ?? '')
  if (hit?.point) map.reveal(hit.point, freeRoom())
  if (!place) map.focus()
}

function endComparing(): void {
  if (comparing) say('')
  comparing = false
}

// freeRoom is the part of the map that no card covers.
function freeRoom(): { left: number; top: number; right: number; bottom: number } {
  const margin = 16
  const controlsBox = byId('controls').getBoundingClientRect()
  const panelBox = panel.getBoundingClientRect()
  const narrow = panelBox.left === 0 // the panel is a sheet at the bottom
  return {
    left: narrow ? margin : controlsBox.right + margin,
    top: narrow ? controlsBox.bottom + margin : margin,
    right: narrow ? window.innerWidth - margin : panelBox.left - margin,
    bottom: narrow ? window.innerHeight * 0.42 - margin : window.innerHeight - margin,
  }
}

const showPanel = (shown: boolean): void => {
  panel.hidden = !shown
  document.body.classList.toggle('with-panel', shown)
}

const body = (...content: (Node | string)[]): HTMLElement => element('div', { class: 'body', tabindex: '0', role: 'region', 'aria-labelledby': 'panel-title' }, ...content)

// fillPanel shows the selected place or the drawn area, whichever there is.
async function fillPanel(name = '', focus = true): Promise<void> {
  const turn = ++turns.panel
  if (!state.selected && state.area.length === 0) return showPanel(false)
  const w = words()
  const { selected } = state
  const kind = selected ? w.kinds[selected.unit] : w.area
  const close = selected ? actions.close : removeArea
  if (panel.hidden || name !== '') panel.replaceChildren(heading(kind, selected ? name : w.area, close), body(element('p', {}, w.reading)))
  showPanel(true)
  const content = await busy(selected ? placeContent(selected, name) : areaContent())
  if (turn !== turns.panel) return
  const scrolled = focus ? 0 : (panel.querySelector('.body')?.scrollTop ?? 0)
  panel.replaceChildren(...content)
  panel.querySelector('.body')?.scrollTo(0, scrolled)
  if (focus && !panel.contains(document.activeElement) && document.activeElement?.closest('#controls-body, #staff') === null) panel.focus({ preventScroll: true })
}

async function placeContent(place: Place, name: string): Promise<HTMLElement[]> {
  const w = words()
  const { contest } = pickers
  const close = actions.close
  try {
    const { beside } = state
    const [explained, scores, ofField, other] = await Promise.all([
      fetchExplanation(place.unit, place.id, state.contest),
      fetchScore(place.unit, place.id),
      field.numbersOf(place),
      beside ? fetchScore(beside.unit, beside.id) : null,
    ])
    if (!contest) return []
    const compared = other && comparison(scores, other, contest, state.choice, () => choose(state.selected))
    return [
      heading(w.kinds[place.unit], placeName(place.unit, explained.score.name, place.id), close),
      body(...(compared ? [compared] : []), element('div', { id: 'field' }, ...ofField), ...explanation({ explained, scores, contest, choice: state.choice, list }, actions)),
    ]
  } catch (error) {
    return [heading(w.kinds[place.unit], name || place.id, close), body(element('p', {}, text(error)))]
  }
}

async function areaContent(): Promise<HTMLElement[]> {
  const w = words()
  const head = heading(w.area, w.area, removeArea)
  const controls = areaControls(state.sum, {
    draw: () => void drawNew(),
    view: () => takeArea(cornersOf(map.bounds)),
    remove: removeArea,
    sum: (of) => {
      state.sum = of
      remember(true)
      showArea()
      void fillPanel('', false)
    },
  })
  try {
    const { contest } = pickers
    const sums = await fetchArea(state.area, state.sum, state.contest)
    const query = pickers.ofField ? { contest: state.contest, measure: 'share' } : pickers.query
    return [head, body(controls, ...(contest ? areaSums(sums, contest, state.choice, state.area, state.sum, query, location.href) : []))]
  } catch (error) {
    return [head, body(controls, element('p', {}, text(error)))]
  }
}

let refreshingField = false

// refreshField brings the numbers of the field in the panel up to date, and nothing else of it.
async function refreshField(): Promise<void> {
  const { selected } = state
  if (!selected || panel.hidden || refreshingField) return
  refreshingField = true
  const turn = turns.panel
  const content = await field.numbersOf(selected)
  refreshingField = false
  if (turn === turns.panel) document.getElementById('field')?.replaceChildren(...content)
}

// A drawn area.

const cornersOf = ([west, south, east, north]: Bounds): State['area'] => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
]

async function drawNew(): Promise<void> {
  if (drawing) return drawing.abort()
  const stop = new AbortController()
  drawing = stop
  const button = byId('draw-area')
  button.setAttribute('aria-pressed', 'true')
  say(words().drawing)
  const area = await drawArea(map, byId('map'), stop.signal)
  drawing = null
  button.setAttribute('aria-pressed', 'false')
  say('')
  if (area) takeArea(area)
  else if (stop.signal.aborted) button.focus()
}

function takeArea(area: State['area']): void {
  Object.assign(state, parse(write({ ...state, area, selected: null, beside: null }))) // with the digits of the address
  remember(true)
  map.mark(null, null)
  showArea()
  void fillPanel()
}

function removeArea(): void {
  state.area = []
  remember(true)
  showArea()
  void fillPanel()
  map.focus()
}

// showArea outlines the area and what lies in it.
function showArea(): void {
  map.showDrawn(state.area)
  if (state.area.length === 0) return map.markInside([])
  const { area, sum } = state
  const unit: Unit = sum === 'segments' ? 'segment' : 'precinct'
  void fetchIds(sum, state.contest, areaFilter(area))
    .then((ids) => area === state.area && sum === state.sum && map.markInside(ids.map((id) => ({ unit, id }))))
    .catch(() => undefined) // the panel says what is wrong
}

// The table.

async function fillTable(more: string | null = null, before: ReturnType<typeof pageOf> | null = null): Promise<void> {
  byId('table-toggle').setAttribute('aria-expanded', String(state.table))
  document.body.classList.toggle('with-table', state.table)
  if (!state.table) return void (table.hidden = true)
  const w = words()
  const turn = ++turns.table
  const close = (): void => {
    state.table = false
    remember(true)
    void fillTable()
    byId('table-toggle').focus()
  }
  const first = table.hidden
  table.hidden = false
  const layer = map.layer
  const { measure, query } = pickers
  if (!measure) return
  let content: HTMLElement[]
  try {
    if (pickers.ofField) {
      const [{ rows }, done] = await busy(Promise.all([fetchCoverage('segment'), pickers.isDone ? field.doneSince(state.day) : null]))
      const title = done ? `${w.doneSince}: ${pickers.subject}` : w.tableField
      content = tableFrame(title, close, ...coverageTable(rows, done, actions.open))
    } else {
      const inView: Record<string, string> = { ...query, bbox: map.bounds.map((x) => x.toFixed(5)).join(','), ...(layer.resolution === null ? {} : { resolution: String(layer.resolution) }) }
      const collection = `${layer.name}@${snapshot.id}`
      const page = pageOf(await busy(fetchItems(more ?? itemsAddress(collection, { ...inView, f: 'geojson', limit: String(rowsShown), sortby: '-value', skipGeometry: 'true' }))))
      const all = before ? { ...page, items: [...before.items, ...page.items] } : page
      const downloads = (['csv', 'geojson', 'parquet'] as const).map((f) => ({ name: { csv: 'CSV', geojson: 'GeoJSON', parquet: 'Parquet' }[f], href: itemsAddress(collection, { ...inView, f }) }))
      const filled = itemsTable(all, layer.name, measure, pickers.base, downloads, { open: actions.open, more: () => void fillTable(all.next, all), close })
      content = tableFrame(`${w.tableOf[layer.name]}: ${[measureName(measure, pickers.base), pickers.subject].filter(Boolean).join(', ')}`, close, ...filled)
    }
  } catch (error) {
    content = tableFrame(w.page.table, close, element('p', {}, text(error)))
  }
  if (turn !== turns.table) return
  const scrolled = more ? (table.querySelector('.body')?.scrollTop ?? 0) : 0
  table.replaceChildren(...content)
  table.querySelector('.body')?.scrollTo(0, scrolled)
  if (first) table.focus({ preventScroll: true })
}

// What is under the pointer.

function hover(hit: Hit | null, x: number, y: number): void {
  tooltip.hidden = hit === null || drawing !== null
  if (!hit) return
  const lines = said(hit)
  tooltip.replaceChildren(element('strong', {}, placeName(hit.unit, hit.name, hit.unit === 'cell' ? words().kinds.cell : hit.id)), ...lines.map((line) => element('span', {}, line)))
  const right = panel.hidden || panel.getBoundingClientRect().left === 0 ? window.innerWidth : panel.getBoundingClientRect().left
  const left = x + 14 + tooltip.offsetWidth < right - 8 ? x + 14 : Math.max(8, x - tooltip.offsetWidth - 14)
  const top = y + 18 + tooltip.offsetHeight > window.innerHeight ? y - tooltip.offsetHeight - 10 : y + 18
  tooltip.style.transform = `translate(${left}px, ${top}px)`
}

function said({ properties }: Hit): string[] {
  const w = words()
  const { value, low, high, n, state: of, reason } = properties
  if (of === 'suppressed') return [pickers.ofField ? w.suppressedAnswers : (w.reasonsShort[String(reason)] ?? w.suppressedShort)]
  if (of === 'empty') return [w.noHouseholds]
  const { measure } = pickers
  if (typeof value !== 'number' || !measure) return [w.noNumber]
  const estimate = { value, low: typeof low === 'number' ? low : value, high: typeof high === 'number' ? high : value }
  const lines = [amount(value, measure.unit)]
  if (estimate.low < estimate.high) lines.push(`${w.columns.interval}: ${interval(estimate.low, estimate.high, measure.unit)}`)
  const overall = measure.id === 'share' && pickers.contest ? wholeShare(pickers.contest, pickers.choice) : null
  const doubtful = notDistinguishable(estimate, measure.unit, measure.diverging, overall)
  if (doubtful) lines.push(doubtful)
  if (typeof n === 'number' && !pickers.ofField && measure.unit !== 'voters') lines.push(`${whole(n)} ${w.short[pickers.base]}`)
  return lines
}

// What changes.

// changed shows what the state says, after a picker or the address has changed it.
async function changed(): Promise<void> {
  await Promise.all([redraw(), fillPanel('', false), fillTable()])
}

const pickers = new Pickers(state, (name) => {
  remember(true)
  if (name === 'areas' || name === 'doubt') {
    map.dress(look())
    showLegend()
    void fillTable()
  } else void changed()
})

const measuresOfField = (): Measure[] => {
  const known: Measure[] = field.measures.map((m) => ({ ...m, parameters: [], candidates_only: false }))
  const doors = known.find((m) => m.id === 'doors')
  return doors ? [...known, { ...doors, id: doneSince, name: words().doneSince, definition: words().doneSinceDefinition }] : known
}

let changedBounds: Bounds[] = []
let refreshing: ReturnType<typeof setTimeout> | undefined

// refreshTouched asks again for what has changed meanwhile, on the map, in the panel and in the table.
function refreshTouched(): void {
  refreshing = undefined
  if (pickers.isDone) void showDone()
  else if (pickers.ofField) {
    map.refresh(changedBounds)
    counted = ''
    void count()
  }
  changedBounds = []
  void refreshField()
  if (state.table && pickers.ofField) void fillTable()
}

const field = new FieldWatch({
  entered() {
    state.measure = field.measures[0]?.id ?? state.measure
    pickers.know(list, measuresOfField())
    remember(true)
    void changed()
  },
  left() {
    pickers.know(list, [])
    remember(false)
    void changed()
  },
  touched(bounds, segments) {
    map.pulse(segments)
    changedBounds.push(...bounds)
    refreshing ??= setTimeout(refreshTouched, refreshAfter)
  },
  otherSnapshot: () => void refresh(),
  drawnSnapshot: () => snapshot.id,
  open: actions.open,
})

let again: ReturnType<typeof setTimeout> | undefined

// refresh takes up a new snapshot if there is one, and says when the server does not answer.
async function refresh(): Promise<void> {
  try {
    const current = await fetchSnapshot()
    answeredAt = new Date()
    if (missed) map.refresh([snapshot.bounds])
    missed = false
    if (current.id !== snapshot.id) {
      list = await fetchContests()
      snapshot = current
      pickers.know(list, measuresOfField())
      showStatus()
      remember(false)
      await changed()
      await showBorders()
    }
    if (!comparing && !drawing) say('')
  } catch (error) {
    say(`${words().tryingAgain(text(error))} ${words().staleSince(clock(answeredAt))}`)
    clearTimeout(again)
    again = setTimeout(() => void refresh(), retryAfter)
  }
}

function goTo(place: Found): void {
  map.go(place.bounds, fitPadding())
  const hit: Hit = { unit: place.unit, id: String(place.id), name: place.kind === 'address' ? '' : place.name, properties: {}, point: null }
  choose(hit, hit)
  map.pin(place.kind === 'address' ? [place.lon, place.lat] : null)
}

function listen(): void {
  search(goTo)
  window.addEventListener('popstate', () => {
    Object.assign(state, parse(location.hash))
    pickers.know(list, measuresOfField())
    if (state.view) map.setView(state.view)
    map.mark(state.selected, state.beside)
    showArea()
    void changed()
  })
  byId('skip').addEventListener('click', () => {
    if (!state.table) byId('table-toggle').click()
    else table.focus()
  })
  byId('draw-area').addEventListener('click', () => void drawNew())
  byId('table-toggle').addEventListener('click', () => {
    state.table = !state.table
    remember(true)
    void fillTable()
  })
  printPage(
    () => map.picture(),
    () => map.settled({ ...look(), theme: 'light' }),
    () => map.dress(look()),
  )
  byId('share').addEventListener('click', () => {
    const done = navigator.clipboard?.writeText(location.href) ?? Promise.reject(new Error())
    done.then(
      () => say(words().copied),
      () => say(words().notCopied),
    )
    setTimeout(() => say(''), 4000)
  })
  const toggle = byId<HTMLButtonElement>('controls-toggle')
  toggle.addEventListener('click', () => {
    const open = document.body.classList.toggle('controls-open')
    toggle.setAttribute('aria-expanded', String(open))
    toggle.textContent = open ? words().page.close : words().page.change
  })
  window.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    if (drawing) drawing.abort()
    else if (comparing) endComparing()
    else if (state.table) byId('table-toggle').click()
    else if (state.selected) choose(null)
    else if (state.area.length > 0) removeArea()
  })
  listenToDialogs()
  listenToLooks()
  setInterval(() => {
    if (document.visibilityState === 'visible') void refresh()
  }, pollEvery)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void refresh())
}

function listenToDialogs(): void {
  const backtest = byId<HTMLDialogElement>('backtest')
  byId('backtest-open').addEventListener('click', () => {
    const close = (): void => backtest.close()
    backtest.replaceChildren(element('p', {}, words().reading))
    backtest.showModal()
    void busy(fetchBacktest(snapshot.id))
      .then((found) => backtest.replaceChildren(...backtestView(found, pickers.contest, close)))
      .catch((error) => backtest.replaceChildren(...tableFrame(words().backtestTitle, close, element('p', {}, text(error)))))
  })
  const sources = byId<HTMLDialogElement>('sources-view')
  byId('sources-open').addEventListener('click', () => {
    sources.replaceChildren(...sourcesView(snapshot, () => sources.close()))
    sources.showModal()
  })
  for (const dialog of [backtest, sources]) {
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close()) // beside it
    dialog.addEventListener('keydown', (event) => event.key === 'Escape' && event.stopPropagation())
  }
}

function listenToLooks(): void {
  const themeSelect = byId<HTMLSelectElement>('theme')
  themeSelect.value = themeChoice()
  const wear = (): void => {
    wearTheme()
    map.dress(look())
    showLegend()
    void fillPanel('', false)
  }
  themeSelect.addEventListener('change', () => {
    chooseTheme(themeSelect.value as ThemeChoice)
    wear()
  })
  onMachineTheme(wear)
  const languageSelect = byId<HTMLSelectElement>('language')
  languageSelect.value = language()
  languageSelect.addEventListener('change', () => {
    chooseLanguage(languageSelect.value as Language)
    translateText()
    map.translate()
    pickers.know(list, measuresOfField())
    showStatus()
    showLegend()
    field.say()
    void fillPanel('', false)
    void fillTable()
  })
}

const later = (milliseconds: number): Promise<void> => new Promise((resume) => setTimeout(resume, milliseconds))

function mapListener(): Listener {
  let asking = false
  return {
    selected: (hit) => choose(hit, hit),
    hovered: hover,
    moved(view) {
      state.view = view
      remember(false)
      if (state.table) void fillTable()
    },
    failed(status) {
      missed ||= status !== 410 // 410: the snapshot has been replaced
      if (asking) return
      asking = true
      void refresh().finally(() => (asking = false))
    },
    idle() {
      mapBusy = false
      showReady()
      void count()
    },
    busy() {
      mapBusy = true
      showReady()
    },
  }
}

// first asks for what everything else follows from, again and again until the server answers.
async function first(): Promise<[Snapshot, ContestList]> {
  for (;;) {
    try {
      const [current, contests] = await Promise.all([fetchSnapshot(), fetchContests(), field.begin()])
      say('')
      return [current, contests]
    } catch (error) {
      say(words().tryingAgain(text(error)))
      await later(retryAfter)
    }
  }
}

async function start(): Promise<void> {
  wearTheme()
  translateText()
  StreetMap.prepare()
  ;[snapshot, list] = await first()
  answeredAt = new Date()
  pickers.know(list, measuresOfField())
  showStatus()
  while (!map) {
    await redraw()
    if (!map) await later(retryAfter)
  }
  listen()
  if (field.signedIn) field.watch()
  showArea()
  await Promise.all([fillPanel('', false), fillTable(), showBorders()])
}

void start()
