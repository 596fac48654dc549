// The page: reads what is served, keeps the controls, the map, the legend and the panel in step with the state in the
// address, and starts again from a new snapshot when there is one.

import { type Contest, type ContestList, Failure, fetchContests, fetchExplanation, fetchSnapshot, fetchTileJSON, type Query, type Snapshot, type TileJSON, type Unit } from './api'
import { type Base, short, voters } from './base'
import { byId, element } from './dom'
import { tileLayers, type TileLayer } from './layers'
import { legend } from './legend'
import { type Hit, StreetMap } from './map'
import { explanation, heading } from './panel'
import { precinctValues } from './precinct_values'
import { percent, type Scale, shareScale, votesScale, whole } from './scale'
import { parse, write } from './state'
import './style.css'

const pollEvery = 15_000
const retryAfter = 3_000

const controls = {
  contest: byId<HTMLSelectElement>('contest'),
  choice: byId<HTMLSelectElement>('choice'),
  measure: byId<HTMLSelectElement>('measure'),
  areas: byId<HTMLSelectElement>('areas'),
}
const panel = byId<HTMLElement>('panel')
const message = byId<HTMLElement>('message')
const tooltip = byId<HTMLElement>('tooltip')

const state = parse(location.hash)
let snapshot: Snapshot
let list: ContestList
let map: StreetMap
let drawn = '' // the snapshot on the map
let drawing = 0 // counts, so that an answer that comes late does not overwrite a newer one
let explaining = 0

const contest = (): Contest | undefined => list.contests.find((c) => c.id === state.contest)
const base = (): Base => contest()?.base ?? 'registered'
const query = (): Query => ({ contest: state.contest, choice: state.choice, measure: state.measure })

function remember(): void {
  history.replaceState(null, '', write(state))
}

function say(text: string | null): void {
  message.hidden = text === null
  message.textContent = text ?? ''
}

// settle makes the state name things that the snapshot has.
function settle(): void {
  const chosen = contest() ?? list.contests[0]
  state.contest = chosen?.id ?? ''
  if (!chosen?.choices.some((c) => c.id === state.choice)) {
    const ballot = chosen?.choices.filter((c) => !c.reserved) ?? []
    state.choice = (ballot[0] ?? { id: '' }).id // the leading one: choices come by votes
  }
  if (!list.measures.some((m) => m.id === state.measure)) state.measure = list.measures[0]?.id ?? ''
}

function fillControls(): void {
  const option = (id: string, name: string, current: string): HTMLElement => element('option', id === current ? { value: id, selected: '' } : { value: id }, name)
  controls.contest.replaceChildren(...list.contests.map((c) => option(c.id, c.name, state.contest)))
  const choices = contest()?.choices ?? []
  const group = (label: string, reserved: boolean): HTMLElement =>
    element('optgroup', { label }, ...choices.filter((c) => c.reserved === reserved).map((c) => option(c.id, c.name, state.choice)))
  controls.choice.replaceChildren(group('On the ballot', false), group('Not a vote for anyone', true))
  controls.measure.replaceChildren(...list.measures.map((m) => option(m.id, m.id === 'share' ? `Share of the ${voters(base())}` : m.name, state.measure)))
  controls.areas.value = state.areas
  for (const control of Object.values(controls)) control.disabled = false
}

function showStatus(): void {
  byId('title').textContent = snapshot.name
  document.title = `${snapshot.name} · Arpent`
  byId('status').replaceChildren(
    element('span', {}, snapshot.name),
    element('span', { title: `Snapshot ${snapshot.id}` }, `snapshot ${snapshot.id.slice(0, 12)}`),
    element('span', { class: 'sources' }, snapshot.attributions.join(' · ')),
  )
}

// draw asks for the tiles of the state and shows them with their scale.
async function draw(): Promise<void> {
  const turn = ++drawing
  const asked = query()
  const answers = await Promise.all(tileLayers.map((layer) => fetchTileJSON(layer, snapshot.id, asked)))
  const tilejsons = Object.fromEntries(tileLayers.map((layer, i) => [layer, answers[i]])) as Record<TileLayer, TileJSON>
  const scale = await scaleOf(tilejsons.precincts)
  if (turn !== drawing) return
  map.show(tilejsons, scale)
  drawn = snapshot.id
  map.mark(state.selected)
  const chosen = contest()?.choices.find((c) => c.id === asked.choice)
  byId('legend').replaceChildren(
    legend(scale, { choice: chosen?.name ?? '', measure: asked.measure === 'votes' ? 'votes' : 'share', base: base(), n: contest()?.n ?? null }),
  )
}

async function scaleOf(precincts: TileJSON): Promise<Scale> {
  if (state.measure === 'votes') return votesScale()
  const votes = contest()?.choices.find((c) => c.id === state.choice)?.votes ?? 0
  return shareScale(await precinctValues(precincts), votes / Math.max(1, contest()?.n ?? 0)) // 0 where totals are withheld
}

const actions = { close: () => choose(null), open: (unit: Unit, id: string) => choose({ unit, id, name: '', properties: {}, point: null }) }

function choose(hit: Hit | null): void {
  const before = state.selected
  state.selected = hit && { unit: hit.unit, id: hit.id }
  remember()
  map.mark(state.selected)
  if (hit) {
    void explain(hit.name)
    if (hit.point) map.reveal(hit.point, freeRoom())
  } else {
    explaining++
    panel.hidden = true
    document.body.classList.remove('with-panel')
    if (before) document.querySelector<HTMLElement>('.maplibregl-canvas')?.focus({ preventScroll: true })
  }
}

// freeRoom is the part of the map that no card covers.
function freeRoom(): { left: number; top: number; right: number; bottom: number } {
  const margin = 16
  const controlsBox = byId('controls').getBoundingClientRect()
  const panelBox = panel.getBoundingClientRect()
  const narrow = panelBox.left === 0 // the panel is a sheet at the bottom
  return {
    left: margin,
    top: narrow ? controlsBox.bottom + margin : margin,
    right: narrow ? window.innerWidth - margin : panelBox.left - margin,
    bottom: narrow ? window.innerHeight * 0.42 - margin : window.innerHeight - margin,
  }
}

// explain fills the panel with the selected unit.
async function explain(name: string): Promise<void> {
  const selected = state.selected
  if (!selected) return
  const turn = ++explaining
  const waiting = panel.hidden || name !== '' ? [heading(selected.unit, name, actions), element('div', { class: 'body' }, element('p', {}, 'Reading…'))] : null
  if (waiting) panel.replaceChildren(...waiting)
  panel.hidden = false
  document.body.classList.add('with-panel')
  let content: HTMLElement[]
  try {
    const answer = await fetchExplanation(selected.unit, selected.id, state.contest)
    content = [
      heading(selected.unit, answer.score.name, actions),
      element('div', { class: 'body' }, ...explanation(answer, contest() ?? { name: '', base: 'registered' }, state.choice, actions)),
    ]
  } catch (error) {
    content = [heading(selected.unit, name || selected.id, actions), element('div', { class: 'body' }, element('p', {}, text(error)))]
  }
  if (turn !== explaining) return
  panel.replaceChildren(...content)
  panel.focus({ preventScroll: true })
}

function hover(hit: Hit | null, x: number, y: number): void {
  tooltip.hidden = hit === null
  if (!hit) return
  const { value, n, state: unitState } = hit.properties
  let number = unitState === 'suppressed' ? 'suppressed' : 'no households'
  if (typeof value === 'number' && unitState === 'published') {
    number = state.measure === 'votes' ? `${whole(value)} votes` : percent(value, 1)
    if (typeof n === 'number') number += ` of ${whole(n)} ${short(base())}`
  }
  const name = hit.unit === 'segment' ? hit.name || 'Street without a name' : hit.unit === 'precinct' ? `Precinct ${hit.name || hit.id}` : 'H3 cell'
  tooltip.replaceChildren(element('strong', {}, name), element('span', {}, number))
  const left = Math.min(x + 14, window.innerWidth - tooltip.offsetWidth - 8)
  const top = y + 18 + tooltip.offsetHeight > window.innerHeight ? y - tooltip.offsetHeight - 10 : y + 18
  tooltip.style.transform = `translate(${left}px, ${top}px)`
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

// redraw draws, and says so when that is not possible; a snapshot that was switched meanwhile is taken up.
async function redraw(): Promise<void> {
  try {
    await draw()
    say(null)
  } catch (error) {
    if (error instanceof Failure && error.status === 404) return refresh()
    say(text(error))
  }
}

// refresh takes up a new snapshot if there is one.
async function refresh(): Promise<void> {
  try {
    const current = await fetchSnapshot()
    if (current.id !== drawn) {
      list = await fetchContests()
      snapshot = current
      settle()
      fillControls()
      showStatus()
      remember()
      await draw()
      if (state.selected) await explain('')
    }
    say(null)
  } catch (error) {
    say(`${text(error)} Trying again.`)
  }
}

function listen(): void {
  const changed = async (): Promise<void> => {
    settle()
    fillControls()
    remember()
    await redraw()
    if (state.selected) await explain('')
  }
  controls.contest.addEventListener('change', () => {
    state.contest = controls.contest.value
    void changed()
  })
  controls.choice.addEventListener('change', () => {
    state.choice = controls.choice.value
    void changed()
  })
  controls.measure.addEventListener('change', () => {
    state.measure = controls.measure.value
    void changed()
  })
  controls.areas.addEventListener('change', () => {
    state.areas = controls.areas.value === 'precincts' ? 'precincts' : 'cells'
    remember()
    map.showAreas(state.areas)
  })
  const toggle = byId<HTMLButtonElement>('controls-toggle')
  toggle.addEventListener('click', () => {
    const open = document.body.classList.toggle('controls-open')
    toggle.setAttribute('aria-expanded', String(open))
    toggle.textContent = open ? 'Done' : 'Change'
  })
  window.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && state.selected) choose(null)
  })
  window.addEventListener('hashchange', () => location.reload())
  setInterval(() => {
    if (document.visibilityState === 'visible') void refresh()
  }, pollEvery)
}

async function start(): Promise<void> {
  try {
    ;[snapshot, list] = await Promise.all([fetchSnapshot(), fetchContests()])
  } catch (error) {
    say(`${text(error)} Trying again.`)
    setTimeout(() => void start(), retryAfter)
    return
  }
  settle()
  fillControls()
  showStatus()
  let asking = false
  map = new StreetMap(byId('map'), snapshot.bounds, state, {
    selected: choose,
    hovered: hover,
    moved(view) {
      state.view = view
      remember()
    },
    failed(status) {
      if (status !== 404 || asking) return
      asking = true
      void refresh().finally(() => (asking = false))
    },
  })
  listen()
  await redraw()
  if (state.selected) await explain('')
}

void start()
