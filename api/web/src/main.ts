// The page: reads what is served, keeps the controls, the map, the legend and the panel in step with the state in the
// address, and starts again from a new snapshot when there is one.

import { type Contest, type ContestList, type Choice, Failure, type FieldMeasure, fetchContests, fetchExplanation, fetchFieldMeasures, fetchFieldScore, fetchSnapshot, fetchTileJSON, type Measure, type Parameter, type Query, type Snapshot, type TileJSON, type Touched, type Unit } from './api'
import { type Base, measureName, short } from './base'
import { byId, element } from './dom'
import { follow } from './events'
import { fieldNumbers } from './field_panel'
import { tileLayers, type TileLayer } from './layers'
import { legend } from './legend'
import { type Hit, StreetMap } from './map'
import { explanation, heading } from './panel'
import { precinctValues } from './precinct_values'
import { amount, countScale, differenceScale, type Scale, shareScale, whole } from './scale'
import { authorization, knowMeasures, signedIn, signIn, signOut } from './staff'
import { parse, write } from './state'
import './style.css'

const pollEvery = 15_000
const retryAfter = 3_000
const refreshAfter = 500 // what changes meanwhile is drawn at once: drawing takes longer than asking

const controls = {
  contest: byId<HTMLSelectElement>('contest'),
  choice: byId<HTMLSelectElement>('choice'),
  measure: byId<HTMLSelectElement>('measure'),
  against: byId<HTMLSelectElement>('against'),
  since: byId<HTMLSelectElement>('since'),
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
let fieldMeasures: FieldMeasure[] = [] // none where nobody is signed in
let watching: AbortController | null = null // of the field's changes

const contest = (): Contest | undefined => list.contests.find((c) => c.id === state.contest)
const base = (): Base => contest()?.base ?? 'registered'
const choice = (): Choice | undefined => contest()?.choices.find((c) => c.id === state.choice)
const fieldMeasure = (): FieldMeasure | undefined => fieldMeasures.find((m) => m.id === state.measure)
const measure = (): Measure | undefined => {
  const ofField = fieldMeasure()
  return ofField ? { ...ofField, parameters: [], candidates_only: false } : list.measures.find((m) => m.id === state.measure)
}
const takes = (parameter: Parameter): boolean => measure()?.parameters.includes(parameter) ?? false
// offered are the choices that have the measure.
const offered = (): Choice[] =>
  contest()?.choices.filter((c) => (!takes('since') || c.since.length > 0) && !(measure()?.candidates_only && c.reserved)) ?? []
const query = (): Query => {
  if (fieldMeasure()) return { measure: state.measure }
  const asked: Query = { contest: state.contest, measure: state.measure }
  for (const parameter of measure()?.parameters ?? []) if (state[parameter]) asked[parameter] = state[parameter]
  return asked
}

const contestName = (id: string): string => list.contests.find((c) => c.id === id)?.name ?? id

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
  if (!fieldMeasure() && !chosen?.measures.includes(state.measure)) state.measure = list.measures[0]?.id ?? ''
  const choices = offered()
  if (!choices.some((c) => c.id === state.choice)) state.choice = choices[0]?.id ?? '' // the leading one: choices come by votes, candidates first
  const others = chosen?.choices.filter((c) => c.id !== state.choice) ?? []
  if (!takes('against')) state.against = ''
  else if (!others.some((c) => c.id === state.against)) state.against = others[0]?.id ?? ''
  const since = choice()?.since ?? []
  if (!takes('since')) state.since = ''
  else if (!since.includes(state.since)) state.since = since[0] ?? ''
}

function fillControls(): void {
  const option = (id: string, name: string, current: string): HTMLElement => element('option', id === current ? { value: id, selected: '' } : { value: id }, name)
  controls.contest.replaceChildren(...list.contests.map((c) => option(c.id, c.name, state.contest)))
  const choices = contest()?.choices ?? []
  const groups = (list: Choice[], current: string): HTMLElement[] =>
    [false, true].map((reserved) =>
      element('optgroup', { label: reserved ? 'Not a vote for anyone' : 'On the ballot' }, ...list.filter((c) => c.reserved === reserved).map((c) => option(c.id, c.name, current))),
    )
  controls.choice.replaceChildren(...groups(offered(), state.choice))
  controls.against.replaceChildren(...groups(choices.filter((c) => c.id !== state.choice), state.against))
  controls.since.replaceChildren(...(choice()?.since ?? []).map((id) => option(id, contestName(id), state.since)))
  const measures = list.measures.filter((m) => contest()?.measures.includes(m.id)).map((m) => option(m.id, measureName(m, base()), state.measure))
  const ofField = fieldMeasures.map((m) => option(m.id, m.name, state.measure))
  controls.measure.replaceChildren(
    ...(ofField.length > 0 ? [element('optgroup', { label: 'The last results' }, ...measures), element('optgroup', { label: 'The field, now' }, ...ofField)] : measures),
  )
  controls.areas.value = state.areas
  for (const parameter of ['choice', 'against', 'since'] as const) {
    const label = controls[parameter].closest('label')
    if (label) label.hidden = !takes(parameter)
  }
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
  const shown = measure()
  if (shown) byId('legend').replaceChildren(legend(scale, { measure: shown, of: subject(asked), base: base(), n: fieldMeasure() ? null : (contest()?.n ?? null), field: Boolean(fieldMeasure()) }))
}

// subject says what a measure is of.
function subject(asked: Query): string {
  const name = (id: string): string => contest()?.choices.find((c) => c.id === id)?.name ?? id
  if (!asked.choice) return ''
  if (asked.against) return `${name(asked.choice)} over ${name(asked.against)}`
  return name(asked.choice) + (asked.since ? ` since ${contestName(asked.since)}` : '')
}

async function scaleOf(precincts: TileJSON): Promise<Scale> {
  const shown = measure()
  if (!shown?.unit.startsWith('fraction')) return countScale()
  const values = await precinctValues(precincts)
  if (shown.diverging) return differenceScale(values)
  const overall = takes('choice') ? (choice()?.votes ?? 0) / Math.max(1, contest()?.n ?? 0) : 0.5 // 0 where totals are withheld
  return shareScale(values, overall)
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
    const [answer, field] = await Promise.all([fetchExplanation(selected.unit, selected.id, state.contest), ofTheField(selected.unit, selected.id)])
    const chosen = contest()
    content = [
      heading(selected.unit, answer.score.name, actions),
      element('div', { class: 'body' }, element('div', { id: 'field' }, ...field), ...(chosen ? explanation(answer, chosen, state.choice, list, actions) : [])),
    ]
  } catch (error) {
    content = [heading(selected.unit, name || selected.id, actions), element('div', { class: 'body' }, element('p', {}, text(error)))]
  }
  if (turn !== explaining) return
  panel.replaceChildren(...content)
  panel.focus({ preventScroll: true })
}

// ofTheField is what the staff sees of a unit beside; nothing where nobody is signed in.
async function ofTheField(unit: Unit, id: string): Promise<HTMLElement[]> {
  if (fieldMeasures.length === 0) return []
  try {
    return fieldNumbers(await fetchFieldScore(unit, id), fieldMeasures)
  } catch (error) {
    return [element('p', { class: 'note' }, `The field: ${text(error)}`)]
  }
}

let refreshingPanel = false

// refreshField brings the numbers of the field in the panel up to date, and nothing else of it.
async function refreshField(): Promise<void> {
  const selected = state.selected
  if (!selected || panel.hidden || refreshingPanel) return
  refreshingPanel = true
  const turn = explaining
  const content = await ofTheField(selected.unit, selected.id)
  refreshingPanel = false
  if (turn === explaining) document.getElementById('field')?.replaceChildren(...content)
}

function hover(hit: Hit | null, x: number, y: number): void {
  tooltip.hidden = hit === null
  if (!hit) return
  const { value, n, state: unitState } = hit.properties
  let number = unitState === 'suppressed' ? 'suppressed' : 'no households'
  if (unitState === 'published') {
    const unit = measure()?.unit ?? 'votes'
    number = typeof value === 'number' ? (unit === 'voters' ? whole(value) : amount(value, unit)) : 'no number'
    const part = unit === 'fraction 0..1' || unit === 'votes' // of the registered voters
    if (typeof n === 'number' && fieldMeasure()) number += fieldMeasure()?.answers ? ` · ${whole(n)} households answered` : ` · ${whole(n)} doors tried`
    else if (typeof n === 'number') number += unit === 'voters' ? ` ${short(base())}` : `${part ? ' of' : ' ·'} ${whole(n)} ${short(base())}`
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
  for (const name of ['contest', 'measure', 'choice', 'against', 'since'] as const) {
    controls[name].addEventListener('change', () => {
      state[name] = controls[name].value
      void changed()
    })
  }
  controls.measure.addEventListener('field', () => void changed()) // somebody has signed in
  listenToStaff()
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

const clock = (at: string): string => new Date(at).toLocaleTimeString('en-GB')

// showLive says whether changes come as they happen, and when the last one did.
function showLive(connected: boolean, lastChange: string): void {
  const live = byId('live')
  live.classList.toggle('on', connected)
  live.textContent = (connected ? 'Live' : 'Reconnecting…') + (lastChange && `, last change at ${clock(lastChange)}`)
}

let changedBounds: Touched['precincts'][number]['bounds'][] = []
let refreshing: ReturnType<typeof setTimeout> | undefined

// refreshTouched asks again for what has changed meanwhile, on the map and in the panel.
function refreshTouched(): void {
  refreshing = undefined
  if (fieldMeasure()) map.refresh(changedBounds)
  changedBounds = []
  void refreshField()
}

// watch follows what changes in the field, and asks again for the tiles that are touched.
function watch(): void {
  const stop = new AbortController()
  watching = stop
  let last = ''
  const address = '/v1/field/touched'
  void follow(address, () => authorization(address), stop.signal, {
    opened: () => showLive(true, last),
    lost: () => showLive(false, last),
    refused: () => leave('The token is not accepted any more.'),
    received(event) {
      const touched = JSON.parse(event.data) as Touched
      last = touched.at
      showLive(true, last)
      if (touched.snapshot !== drawn) return void refresh()
      changedBounds.push(...touched.precincts.map((p) => p.bounds))
      refreshing ??= setTimeout(refreshTouched, refreshAfter)
    },
  })
}

// enter shows what the token that is kept may see.
async function enter(): Promise<void> {
  const known = await fetchFieldMeasures()
  fieldMeasures = known.measures
  knowMeasures(known.measures.map((m) => m.id))
  byId('campaign-name').textContent = known.campaign
  byId('sign-in').hidden = true
  byId('campaign').hidden = false
  byId<HTMLDetailsElement>('staff').open = true
  showLive(false, '')
}

// leave forgets the token and shows what everybody sees.
function leave(why: string): void {
  watching?.abort()
  signOut()
  fieldMeasures = []
  byId('sign-in').hidden = false
  byId('campaign').hidden = true
  sayFault(why)
  settle()
  fillControls()
  remember()
  void redraw()
  if (state.selected) void explain('')
}

function sayFault(why: string): void {
  const fault = byId('sign-in-fault')
  fault.hidden = why === ''
  fault.textContent = why
}

function listenToStaff(): void {
  const secret = byId<HTMLInputElement>('token')
  byId<HTMLFormElement>('sign-in').addEventListener('submit', (event) => {
    event.preventDefault()
    signIn(secret.value.trim())
    secret.value = ''
    sayFault('')
    enter()
      .then(() => {
        watch()
        state.measure = fieldMeasures[0]?.id ?? state.measure
        controls.measure.dispatchEvent(new Event('field'))
      })
      .catch((error) => leave(text(error)))
  })
  byId('sign-out').addEventListener('click', () => leave(''))
}

async function start(): Promise<void> {
  try {
    ;[snapshot, list] = await Promise.all([fetchSnapshot(), fetchContests()])
  } catch (error) {
    say(`${text(error)} Trying again.`)
    setTimeout(() => void start(), retryAfter)
    return
  }
  if (signedIn()) await enter().catch(signOut)
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
      if (status !== 410 || asking) return // the snapshot has been replaced
      asking = true
      void refresh().finally(() => (asking = false))
    },
  })
  listen()
  if (signedIn()) watch()
  await redraw()
  if (state.selected) await explain('')
}

void start()
