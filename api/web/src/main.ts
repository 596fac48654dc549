// The page: reads what is served, keeps the pickers, the map, the legend, the panels and the table in step with the state in the address, and
// starts again from a new snapshot when there is one.

import { type Bounds, type ContestList, fetchBreaks, fetchContests, fetchCounts, fetchSnapshot, fetchTileJSON, type Found, type Measure, type Snapshot, type TileJSON, type Unit } from './api'
import { showBorders } from './borders'
import { busy, mapIsBusy } from './busy'
import { dialogs } from './dialogs'
import { byId } from './dom'
import { DrawnArea } from './drawn_area'
import { FieldWatch } from './field_watch'
import { type Look, tileLayers, type TileLayer } from './layers'
import { legend, showCounts } from './legend'
import { fitPadding, type Hit, type Listener, StreetMap } from './map'
import { reasonOf, say, sayFor, sayHint } from './message'
import { clock, isFraction } from './numbers'
import type { Page } from './page'
import { doneSince, Pickers } from './pickers'
import { printPage } from './print_page'
import { classesAsked, countScale, fieldScale, type Scale } from './scale'
import { search } from './search'
import { SidePanel } from './side_panel'
import { parse, type Place, write } from './state'
import { Table } from './table'
import { chooseTheme, onMachineTheme, theme, themeChoice, type ThemeChoice, wearTheme } from './theme'
import { showTooltip } from './tooltip'
import { chooseLanguage, type Language, language, measureName, translateText, words } from './words'
import './style.css'

const pollEvery = 15_000
const retryAfter = 1_500
const refreshAfter = 400 // what changes meanwhile is drawn at once: drawing takes longer than asking

let scale: Scale = { edges: [], unit: 'fraction 0..1', diverging: false }
let scaleOf = '' // what the scale belongs to: it is kept for the next snapshot
let answeredAt = new Date() // when the server last answered
let missed = false // a tile could not be read since
let undrawn = false // what was asked for last could not be drawn
let comparing = false // the next place is the one to compare with

// Each counts, so that an answer that comes late does not overwrite a newer one.
const turns = { draw: 0, count: 0, done: 0 }

const state = parse(location.hash)

function remember(step: boolean): void {
  const address = write(state)
  if (address === location.hash) return
  if (step) history.pushState(null, '', address)
  else history.replaceState(null, '', address)
}

const pickers = new Pickers(state, (name) => {
  remember(true)
  if (name === 'areas' || name === 'doubt') {
    page.map.dress(look())
    void showLegend()
    void table.fill()
  } else void changed()
})

const field = new FieldWatch({
  entered() {
    state.measure = field.measures[0]?.id ?? state.measure
    pickers.know(page.list, measuresOfField())
    remember(true)
    void changed()
  },
  left() {
    turns.done++
    page.map.showDone([])
    pickers.know(page.list, [])
    remember(false)
    void changed()
  },
  touched(bounds, segments) {
    page.map.pulse(segments)
    changedBounds.push(...bounds)
    refreshing ??= setTimeout(refreshTouched, refreshAfter)
  },
  reopened() {
    if (pickers.ofField) page.map.refreshAll()
    refreshing ??= setTimeout(refreshTouched, refreshAfter)
  },
  otherSnapshot: () => void refresh(),
  drawnSnapshot: () => page.snapshot.id,
  open,
})

const page = { state, pickers, field, remember } as Page // start adds what the server says
const table = new Table(page, open)
const drawnArea = new DrawnArea(page, (focus) => void panel.fill('', focus))
const panel = new SidePanel(page, {
  close: () => choose(null),
  open,
  compare() {
    comparing = true
    sayHint(words().comparing)
    page.map.focus()
  },
  endCompare: () => choose(state.selected),
  area: () => drawnArea.content(),
  removeArea: drawnArea.remove,
})

// The map and its legend.

const look = (as = theme()): Look => ({ scale, doubt: state.doubt, areas: pickers.isDone ? 'precincts' : state.areas, done: pickers.isDone, theme: as })

// draw asks for the tiles and classes of the state and shows them.
async function draw(turn: number): Promise<void> {
  const { query, measure } = pickers
  const about = JSON.stringify(query)
  const [tilejsons, cut] = await Promise.all([Promise.all(tileLayers.map((layer) => fetchTileJSON(layer, page.snapshot.id, query))), classes(measure, about)])
  if (turn !== turns.draw) return
  scale = cut
  scaleOf = about
  const tiles = Object.fromEntries(tileLayers.map((layer, i) => [layer, tilejsons[i]])) as Record<TileLayer, TileJSON>
  if (page.map) page.map.show(tiles, look())
  else page.map = new StreetMap(byId('map'), page.snapshot.bounds, state.view, tiles, look(), mapListener())
  page.map.mark(state.selected, state.beside)
  void showLegend()
  if (pickers.isDone) await showDone()
}

async function classes(measure: Measure | undefined, about: string): Promise<Scale> {
  if (!measure) return scale
  if (pickers.ofField) return fieldScale(measure)
  if (!isFraction(measure.unit)) return countScale(measure)
  const { breaks } = await fetchBreaks(`precincts@${page.snapshot.id}`, pickers.query, classesAsked(measure), about === scaleOf ? scale.edges : [])
  return { edges: breaks, unit: measure.unit, diverging: measure.diverging }
}

// redraw draws; where the server does not answer, it is tried again as long as nothing else is asked for.
async function redraw(): Promise<void> {
  const turn = ++turns.draw
  try {
    await busy(draw(turn))
    if (turn !== turns.draw) return
    undrawn = false
    say('')
  } catch (error) {
    if (turn !== turns.draw) return
    undrawn = true
    say(words().tryingAgain(reasonOf(error)))
    tryAgain()
  }
}

// showLegend shows it in the colours of a theme, and then its counts.
function showLegend(as = theme()): Promise<void> {
  const { measure } = pickers
  turns.count++ // counts that are still asked for are of another legend
  if (!measure) return Promise.resolve()
  const suppressible = !pickers.ofField || (field.measures.find((m) => m.id === measure.id)?.answers ?? false)
  const shown = legend(scale, { measure, of: pickers.subject, base: pickers.base, n: pickers.ofField ? null : (pickers.contest?.n ?? null), field: pickers.ofField, doubt: state.doubt && !pickers.isDone, suppressible, placed: pickers.ofField || (pickers.contest?.placed ?? true), theme: as })
  byId('legend').replaceChildren(shown)
  byId('legend-status').textContent = [measureName(measure, pickers.base), pickers.subject].filter(Boolean).join(words().colon)
  counted = ''
  return count()
}

let counted = '' // what the counts of the legend are of

// count puts into the legend how many places are in each class, of the layer that is coloured now.
async function count(): Promise<void> {
  if (pickers.isDone || scale.edges.length === 0) return
  const { id } = page.snapshot
  const { name, resolution } = page.map.layer
  if (name === 'cells' && resolution === null) return
  const about = `${name} ${resolution} ${scaleOf} ${id}`
  if (about === counted) return
  counted = about
  const turn = ++turns.count
  const counts = await fetchCounts(pickers.ofField ? name : `${name}@${id}`, pickers.query, scale.edges, resolution).catch(() => null)
  if (turn !== turns.count) return
  showCounts(byId('legend'), counts, name)
  if (counts === null) counted = '' // they are asked for when the map has moved
}

async function showDone(): Promise<void> {
  const turn = ++turns.done
  const done = await field.doneSince(state.day)
  if (turn === turns.done) page.map.showDone(done)
}

function showStatus(): void {
  const { name, id, attributions } = page.snapshot
  byId('title').textContent = name
  document.title = `${name} · Arpent`
  byId('place-name').textContent = name
  const snapshot = byId('snapshot-name')
  snapshot.textContent = words().snapshot(id.slice(0, 12))
  snapshot.title = id
  byId('sources').textContent = attributions.join(' · ')
}

// What is selected.

function open(unit: Unit, id: string): void {
  choose({ unit, id })
}

// choose selects a place, or nothing; a point is where it was hit.
function choose(place: Place | null, name = '', point: Hit['point'] = null): void {
  const beside = comparing && place !== null && state.selected !== null
  if (beside) {
    state.beside = { unit: place.unit, id: place.id }
  } else {
    state.selected = place && { unit: place.unit, id: place.id }
    state.beside = null
    if (place) state.area = []
  }
  endComparing()
  byId('tooltip').hidden = true // the panel may open over it
  remember(true)
  page.map.pin(null)
  page.map.mark(state.selected, state.beside)
  drawnArea.show()
  void panel.fill(beside ? '' : name)
  if (point) page.map.reveal(point, freeRoom())
  if (!place) page.map.focus()
}

function endComparing(): void {
  if (comparing) sayHint('')
  comparing = false
}

function goTo(place: Found): void {
  choose({ unit: place.unit, id: String(place.id) }, place.kind === 'address' ? '' : place.name)
  page.map.go(place.bounds, fitPadding())
  page.map.pin(place.kind === 'address' ? [place.lon, place.lat] : null)
}

// freeRoom is the part of the map that no card covers.
function freeRoom(): { left: number; top: number; right: number; bottom: number } {
  const margin = 16
  const controlsBox = byId('controls').getBoundingClientRect()
  const panelBox = byId('panel').getBoundingClientRect()
  const narrow = panelBox.left === 0 // the panel is a sheet at the bottom
  return {
    left: narrow ? margin : controlsBox.right + margin,
    top: narrow ? controlsBox.bottom + margin : margin,
    right: narrow ? window.innerWidth - margin : panelBox.left - margin,
    bottom: narrow ? window.innerHeight * 0.42 - margin : window.innerHeight - margin,
  }
}

// What changes.

// changed shows what the state says, after a picker or the address has changed it.
async function changed(): Promise<void> {
  byId('tooltip').hidden = true // it says what was
  drawnArea.show()
  await Promise.all([redraw(), panel.fill('', false), table.fill()])
}

function measuresOfField(): Measure[] {
  const known: Measure[] = field.measures.map((m) => ({ ...m, parameters: [], candidates_only: false }))
  const doors = known.find((m) => m.id === 'doors')
  return doors ? [...known, { ...doors, id: doneSince, name: words().doneSince, definition: words().doneSinceDefinition }] : known
}

let changedBounds: Bounds[] = []
let refreshing: ReturnType<typeof setTimeout> | undefined

// refreshTouched asks again for what has changed meanwhile, on the map, in the panel and in the table.
function refreshTouched(): void {
  refreshing = undefined
  if (pickers.isDone) void showDone().catch(() => undefined) // the stream says that the server does not answer
  else if (pickers.ofField) {
    page.map.refresh(changedBounds)
    counted = ''
    void count()
  }
  changedBounds = []
  void panel.refreshField()
  if (state.table && pickers.ofField) void table.fill()
}

let again: ReturnType<typeof setTimeout> | undefined
let wait = retryAfter

// tryAgain refreshes after a while: a longer one each time that the server answers and it does not help.
function tryAgain(): void {
  again ??= setTimeout(() => {
    again = undefined
    void refresh()
  }, wait)
}

// refresh takes up a new snapshot if there is one, and says when the server does not answer.
async function refresh(): Promise<void> {
  if (!page.map) return
  try {
    const current = await fetchSnapshot()
    answeredAt = new Date()
    if (missed || undrawn) wait = Math.min(2 * wait, pollEvery)
    if (current.id !== page.snapshot.id) {
      page.list = await fetchContests()
      page.snapshot = current
      pickers.know(page.list, measuresOfField())
      showStatus()
      remember(false)
      await changed()
      await busy(showBorders(page))
    } else if (undrawn) await changed()
    if (missed) page.map.refreshAll()
    missed = false
    if (!undrawn) say('')
  } catch (error) {
    wait = retryAfter
    say(`${words().tryingAgain(reasonOf(error))} ${words().staleSince(clock(answeredAt))}`)
    tryAgain()
  }
}

function listen(): void {
  search(goTo)
  window.addEventListener('popstate', () => {
    Object.assign(state, parse(location.hash))
    pickers.know(page.list, measuresOfField())
    endComparing()
    drawnArea.giveUp()
    if (state.view) page.map.setView(state.view)
    page.map.pin(null)
    page.map.mark(state.selected, state.beside)
    void changed()
  })
  printPage(
    () => page.map.picture(),
    async () => void (await Promise.all([showLegend('light'), page.map.settled(look('light'))])),
    () => {
      page.map.dress(look())
      void showLegend()
    },
  )
  byId('share').addEventListener('click', () => {
    const done = navigator.clipboard?.writeText(location.href) ?? Promise.reject(new Error())
    done.then(
      () => sayFor(4_000, words().copied),
      () => sayFor(4_000, words().notCopied),
    )
  })
  const toggle = byId<HTMLButtonElement>('controls-toggle')
  toggle.addEventListener('click', () => {
    const open = document.body.classList.toggle('controls-open')
    toggle.setAttribute('aria-expanded', String(open))
    toggle.dataset['word'] = open ? 'close' : 'change'
    toggle.textContent = open ? words().page.close : words().page.change
  })
  window.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    if (drawnArea.isBeingDrawn) drawnArea.giveUp()
    else if (comparing) endComparing()
    else if (state.table) table.close()
    else if (state.selected) choose(null)
    else if (state.area.length > 0) drawnArea.remove()
  })
  dialogs(page)
  listenToLooks()
  setInterval(() => {
    if (document.visibilityState === 'visible') void refresh()
  }, pollEvery)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void refresh())
}

function listenToLooks(): void {
  const themeSelect = byId<HTMLSelectElement>('theme')
  themeSelect.value = themeChoice()
  const wear = (): void => {
    wearTheme()
    page.map.dress(look())
    void showLegend()
    void panel.fill('', false)
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
    page.map.translate()
    pickers.know(page.list, measuresOfField())
    showStatus()
    void showLegend()
    field.say()
    void panel.fill('', false)
    void table.fill()
  })
}

const later = (milliseconds: number): Promise<void> => new Promise((resume) => setTimeout(resume, milliseconds))

function mapListener(): Listener {
  let asking = false
  return {
    selected: (hit) => choose(hit, hit?.name, hit?.point),
    hovered: (hit, x, y) => showTooltip(drawnArea.isBeingDrawn ? null : hit, x, y, pickers),
    moved(view) {
      state.view = view
      remember(false)
      if (state.table) void table.fill()
    },
    failed(status) {
      if (status !== 410) {
        missed = true
        tryAgain()
      } else if (!asking) {
        asking = true // the snapshot has been replaced
        void refresh().finally(() => (asking = false))
      }
    },
    idle() {
      mapIsBusy(false)
      if (!missed && !undrawn) wait = retryAfter
      void count()
    },
    busy: () => mapIsBusy(true),
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
      say(words().tryingAgain(reasonOf(error)))
      await later(retryAfter)
    }
  }
}

async function start(): Promise<void> {
  wearTheme()
  translateText()
  StreetMap.prepare()
  ;[page.snapshot, page.list] = await first()
  answeredAt = new Date()
  pickers.know(page.list, measuresOfField())
  showStatus()
  while (!page.map) {
    await redraw()
    if (!page.map) await later(retryAfter)
  }
  listen()
  if (field.signedIn) field.watch()
  drawnArea.show()
  await Promise.all([panel.fill('', false), table.fill(), busy(showBorders(page))])
}

void start()
