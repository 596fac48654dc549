// The answers of the server that the page uses, as /openapi.json describes them.

import type { Base } from './words'
import { words } from './words'

export type Unit = 'segment' | 'cell' | 'precinct' | 'commune'
export type Bounds = [west: number, south: number, east: number, north: number]
export type State = 'published' | 'suppressed' | 'empty'

export interface Snapshot {
  id: string
  name: string
  bounds: Bounds
  attributions: string[]
}

export interface Choice {
  id: string
  name: string
  family: string | null // joins the spellings of a party across contests
  votes: number | null // null where the total of the place is withheld
  reserved: boolean
  since: string[] // contests that its change can be counted from
}

export interface Contest {
  id: string
  name: string
  date: string | null
  round: number | null
  division: string
  base: Base
  n: number | null
  placed: boolean // streets and cells have numbers of it
  measures: string[]
  choices: Choice[]
}

export type Parameter = 'choice' | 'against' | 'since'

export type MeasureUnit = 'fraction 0..1' | 'fraction -1..1' | CountUnit
type CountUnit = 'votes' | 'voters' | 'people' | 'doors' | 'attempts'

export interface Measure {
  id: string
  name: string
  unit: MeasureUnit
  diverging: boolean
  parameters: Parameter[]
  candidates_only: boolean
  definition: string
}

// FieldMeasure is a measure of the field, which only the staff may see. It has no contest and no choice: they are the campaign's.
export interface FieldMeasure {
  id: string
  name: string
  unit: MeasureUnit
  diverging: boolean
  answers: boolean
  definition: string
}

interface FieldMeasureList {
  campaign: string
  measures: FieldMeasure[]
}

interface FieldCounts {
  doors: number
  attempts: number
  contacts: number
  refusals: number
  not_home: number
  households: number | null // null where fewer than 11 answered
  last_day: string | null
}

export interface FieldScore {
  households: number
  counts: FieldCounts
  teams: { team: string; counts: FieldCounts }[]
  measures: Record<string, { state: State; value: number | null; low: number | null; high: number | null; n: number | null }>
}

// Touched says which parts of the staff's map have changed.
export interface Touched {
  snapshot: string
  at: string
  precincts: { id: number; bounds: Bounds }[]
  segments: number[] | null // null where there are very many
}

export interface ContestList {
  snapshot: string
  measures: Measure[]
  contests: Contest[]
}

export interface TileJSON {
  tiles: string[]
  minzoom: number
  maxzoom: number
  bounds: Bounds
}

export type MeasureScores = Record<string, { value: number; low: number; high: number; against?: string; since?: string }>

export interface ChoiceScore {
  choice: string
  name: string
  votes: number
  value: number | null
  low: number | null
  high: number | null
  low50: number | null
  high50: number | null
  measures?: MeasureScores
}

export interface ContestScores {
  contest: string
  n: number
  modelled_only?: boolean // n and the votes are 0, the shares are predicted
  choices: ChoiceScore[]
  measures?: MeasureScores
}

// Score is what is published of a unit.
export interface Score {
  unit: Unit
  id: number | string
  name: string
  state: State
  reason: string | null
  households: number | null
  joined?: number[]
  contests: ContestScores[]
}

export interface Part {
  precinct: number
  code: string
  weight: number | null
  n: number | null
  lines: number[]
  provisional?: boolean
  official?: ContestScores | null
}

export interface Explanation {
  score: Score
  method: string
  addresses: number | null
  parts_hidden: boolean
  parts: Part[]
  households_from: { by: string; description: string; addresses: number }[]
  sources: { dataset: string; publisher: string; licence: string; path: string; rows: number }[]
}

// Breaks are the classes of a legend.
export interface Breaks {
  breaks: number[]
  classes: { from: number | null; to: number | null; units: number }[]
  suppressed: number
  empty: number
  absent: number // published, without such a number
}

// Pivot has one row here: the sums over what was asked for.
export interface Pivot {
  rows: {
    units: number
    published: number
    suppressed: number
    empty: number
    n: number
    choices: { choice: string; votes: number; value: number | null; low: number | null; high: number | null; low50: number | null; high50: number | null }[]
  }[]
}

interface Item {
  id: number | string
  name: string | null
  state: State
  reason: string | null
  value: number | null
  low: number | null
  high: number | null
  n: number | null
}

export interface Items {
  features: { id: number | string; properties: Omit<Item, 'id'> }[]
  numberMatched?: number
  links: { rel: string; href: string }[]
}

export interface Found {
  kind: 'street' | 'address' | 'precinct' | 'commune'
  name: string
  detail: string
  unit: Unit
  id: number
  lon: number
  lat: number
  bounds: Bounds
}

// Backtest says how far the estimates of a snapshot were off.
export interface Backtest {
  merged: number // neighbouring precincts at a time
  addresses: { all: number; by_name: number; by_nearest: number }
  divisions: { division: string; by_table: number; by_area: number; by_street: number; by_nearest: number; nowhere: number }[]
  contests: {
    contest: string
    division: string
    precincts: number
    precincts_disagree: number
    ballots_misplaced: number | null
    flat_ballots_misplaced: number | null
    choices: { choice: string; name: string; reserved: boolean; mae: number; flat_mae: number; cover50: number; cover90: number }[]
  }[]
}

// Session is who is signed in: nobody where campaign is null.
interface Session {
  campaign: string | null
  scopes: string[]
}

export interface CoverageRow {
  id?: number
  name: string
  households?: number
  counts: FieldCounts
}

export interface Coverage {
  all: CoverageRow
  rows: CoverageRow[]
  mix: { team: string; contacts: number; own: number; turnout: number | null }[]
}

export interface RollupRow {
  segment_id?: number
  precinct_id?: number
  doors: number
  attempts: number
  contacts: number
}

// Query has of the parameters those that its measure takes; those of the field take none.
export type Query = { contest?: string; measure: string } & Partial<Record<Parameter, string>>

// Failure is an answer that is an error; status 0 means that the server did not answer.
export class Failure extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

async function ask(path: string, asked: RequestInit = {}): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(path, asked)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Failure(0, words().noServer)
  }
  if (!answer.ok) {
    const problem: { detail?: string } = await answer.json().catch(() => ({}))
    throw new Failure(answer.status, problem.detail ?? words().serverFault(answer.status))
  }
  return answer
}

const get = async <T>(path: string, asked: RequestInit = {}): Promise<T> => (await (await ask(path, asked)).json()) as T
const post = <T>(path: string, body: unknown): Promise<T> => get(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

const asked = (query: Query): string => new URLSearchParams({ ...query }).toString()

export async function fetchSnapshot(): Promise<Snapshot> {
  const list = await get<{ snapshots: Snapshot[] }>('/v1/snapshots')
  const [current] = list.snapshots
  if (!current) throw new Failure(503, words().noSnapshot)
  return current
}

export const fetchContests = (): Promise<ContestList> => get('/v1/contests')

// here makes an address of the server one of the page's own origin, as a proxy in front of the server may have another scheme or name.
const here = (address: string): string => address.replace(/^https?:\/\/[^/]+/, location.origin)

// fetchTileJSON pins the snapshot.
export async function fetchTileJSON(layer: string, snapshot: string, query: Query): Promise<TileJSON> {
  const tilejson = await get<TileJSON>(`/v1/tiles/${layer}@${snapshot}.json?${asked(query)}`)
  return { ...tilejson, tiles: tilejson.tiles.map(here) }
}

// fetchBreaks asks for the classes of a collection: about so many, or those of before as long as they serve.
export const fetchBreaks = (collection: string, query: Query, classes: number, keep: number[]): Promise<Breaks> =>
  get(`/v1/breaks/${collection}?${asked(query)}&classes=${classes}${keep.length > 0 ? `&keep=${keep.join(',')}` : ''}`)

// fetchCounts counts the units of a collection in given classes.
export const fetchCounts = (collection: string, query: Query, at: number[], resolution: number | null): Promise<Breaks> =>
  get(`/v1/breaks/${collection}?${asked(query)}&at=${at.join(',')}${resolution === null ? '' : `&resolution=${resolution}`}`)

export const fetchExplanation = (unit: Unit, id: string, contest: string): Promise<Explanation> =>
  get(`/v1/explain/${unit}/${encodeURIComponent(id)}?contest=${encodeURIComponent(contest)}`)

// fetchScore has every contest of the unit.
export const fetchScore = (unit: Unit, id: string): Promise<Score> => get(`/v1/scores/${unit}/${encodeURIComponent(id)}`)

export const fetchSum = (collection: string, contest: string, filter: string): Promise<Pivot> => post('/v1/query/pivot', { collection, contest, filter, by: [] })

// itemsAddress is that of the rows of a collection.
export function itemsAddress(collection: string, parameters: Record<string, string>): string {
  return `/v1/collections/${collection}/items?${new URLSearchParams(parameters).toString()}`
}

export const fetchItems = (address: string): Promise<Items> => get<Items>(here(address))

export async function fetchIds(collection: string, contest: string, filter: string): Promise<string[]> {
  const answer = await ask(itemsAddress(collection, { contest, f: 'csv', properties: 'id', skipGeometry: 'true', filter }))
  return (await answer.text()).split(/\r?\n/).slice(1).filter(Boolean)
}

export const fetchFound = (text: string, signal: AbortSignal): Promise<{ results: Found[] }> => get(`/v1/search?q=${encodeURIComponent(text)}`, { signal })

export const fetchBacktest = (snapshot: string): Promise<Backtest> => get(`/v1/snapshots/${snapshot}/backtest`)

export const fetchBorders = (set: string, contest: string): Promise<GeoJSON.FeatureCollection> => get(`/v1/borders/${set}?contest=${encodeURIComponent(contest)}`)

export const fetchSession = (): Promise<Session> => get('/v1/session')
export const signIn = (token: string): Promise<Session> => post('/v1/session', { token })
export const signOut = (): Promise<Response> => ask('/v1/session', { method: 'DELETE' })

export const fetchFieldMeasures = (): Promise<FieldMeasureList> => get('/v1/field/measures')

export const fetchFieldScore = (unit: Unit, id: string): Promise<FieldScore> => get(`/v1/field/scores/${unit}/${encodeURIComponent(id)}`)

export const fetchCoverage = (by: 'segment' | 'precinct' | 'team'): Promise<Coverage> => get(`/v1/field/coverage?by=${by}`)

export const fetchDone = (by: 'segment' | 'precinct', from: string): Promise<{ rows: RollupRow[] }> => get(`/v1/rollup?by=${by}&from=${from}`)
