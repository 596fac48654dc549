// The answers of the server that the page uses, as /openapi.json describes them.

import type { Base } from './base'
import { authorization } from './staff'

export type Unit = 'segment' | 'cell' | 'precinct' | 'commune'
export type State = 'published' | 'suppressed' | 'empty'

export interface Snapshot {
  id: string
  name: string
  bounds: [number, number, number, number]
  attributions: string[]
}

export interface Choice {
  id: string
  name: string
  votes: number | null // null where the total of the place is withheld
  reserved: boolean
  since: string[] // contests that its change can be counted from
}

export interface Contest {
  id: string
  name: string
  date: string | null
  base: Base
  n: number | null
  measures: string[]
  choices: Choice[]
}

export type Parameter = 'choice' | 'against' | 'since'

export interface Measure {
  id: string
  name: string
  unit: 'fraction 0..1' | 'fraction -1..1' | 'votes' | 'voters' | 'people' | FieldUnit
  diverging: boolean
  parameters: Parameter[]
  candidates_only: boolean
  definition: string
}

// FieldUnit is what the field counts beside fractions.
export type FieldUnit = 'doors' | 'attempts'

// FieldMeasure is a measure of the field, which only the staff may see. It has no contest and no choice: they are the campaign's.
export interface FieldMeasure {
  id: string
  name: string
  unit: Measure['unit']
  diverging: boolean
  answers: boolean
  definition: string
}

export interface FieldMeasureList {
  campaign: string
  measures: FieldMeasure[]
}

export interface FieldCounts {
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
  precincts: { id: number; bounds: [number, number, number, number] }[]
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
  bounds: [number, number, number, number]
}

export type MeasureScores = Record<string, { value: number; low: number; high: number; against?: string; since?: string }>

export interface ContestScores {
  contest: string
  n: number
  modelled_only?: boolean // n and the votes are 0, the shares are predicted
  choices: { choice: string; name: string; votes: number; value: number | null; low: number | null; high: number | null; measures?: MeasureScores }[]
  measures?: MeasureScores
}

export interface Explanation {
  score: {
    unit: Unit
    id: number | string
    name: string
    state: State
    reason: string | null
    households: number | null
    contests: ContestScores[]
  }
  method: string
  addresses: number | null
  parts_hidden: boolean
  parts: { precinct: number; code: string; weight: number | null; n: number | null; lines: number[]; provisional?: boolean }[]
  households_from: { description: string; addresses: number }[]
  sources: { dataset: string; publisher: string; licence: string; path: string; rows: number }[]
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

async function get<T>(path: string): Promise<T> {
  let answer: Response
  try {
    answer = await fetch(path, { headers: authorization(path) })
  } catch {
    throw new Failure(0, 'The server does not answer.')
  }
  if (!answer.ok) {
    const problem: { detail?: string } = await answer.json().catch(() => ({}))
    throw new Failure(answer.status, problem.detail ?? `The server answers with error ${answer.status}.`)
  }
  return (await answer.json()) as T
}

const asked = (query: Query): string => new URLSearchParams({ ...query }).toString()

export async function fetchSnapshot(): Promise<Snapshot> {
  const list = await get<{ snapshots: Snapshot[] }>('/v1/snapshots')
  const [current] = list.snapshots
  if (!current) throw new Failure(503, 'No snapshot is loaded yet.')
  return current
}

export const fetchContests = (): Promise<ContestList> => get('/v1/contests')

// fetchTileJSON pins the snapshot. The tiles are asked from the page's own origin, as a proxy in front of the server may
// have another scheme than the server knows.
export async function fetchTileJSON(layer: string, snapshot: string, query: Query): Promise<TileJSON> {
  const tilejson = await get<TileJSON>(`/v1/tiles/${layer}@${snapshot}.json?${asked(query)}`)
  const tiles = tilejson.tiles.map((address) => address.replace(/^https?:\/\/[^/]+/, location.origin))
  return { ...tilejson, tiles }
}

export const fetchExplanation = (unit: Unit, id: string, contest: string): Promise<Explanation> =>
  get(`/v1/explain/${unit}/${encodeURIComponent(id)}?contest=${encodeURIComponent(contest)}`)

export const fetchFieldMeasures = (): Promise<FieldMeasureList> => get('/v1/field/measures')

export const fetchFieldScore = (unit: Unit, id: string): Promise<FieldScore> => get(`/v1/field/scores/${unit}/${encodeURIComponent(id)}`)

export async function fetchTile(template: string, z: number, x: number, y: number): Promise<ArrayBuffer | null> {
  const address = template.replace('{z}', `${z}`).replace('{x}', `${x}`).replace('{y}', `${y}`)
  const answer = await fetch(address, { headers: authorization(address) })
  if (!answer.ok) throw new Failure(answer.status, 'A tile cannot be read.')
  return answer.status === 204 ? null : answer.arrayBuffer()
}
