// A few calls of a client generated from the description of the API. It is compiled, not run: openapi.test.mjs says with what.
import createClient from 'openapi-fetch'
import type { components, paths } from './api'

const api = createClient<paths>({ baseUrl: 'http://localhost:8080' })

export async function streets(): Promise<string[]> {
  const { data, error } = await api.POST('/v1/scores', { body: { unit: 'segment', ids: [1545228139172, '1545228139173'] } })
  if (error) throw new Error(`${error.code}: ${error.detail}`)
  return data.scores.map((s) => s.name)
}

export async function share(contest: string): Promise<Map<string, number>> {
  const { data } = await api.POST('/v1/query/pivot', { body: { collection: 'precincts', contest, by: ['commune'], filter: { op: '>', args: [{ property: 'n' }, 100] } } })
  if (typeof data !== 'object') throw new Error('it came as CSV')
  return new Map(data.rows.map((row) => [row.group.commune ?? '', row.choices[0]?.value ?? 0]))
}

export async function legend(): Promise<components['schemas']['Breaks'] | undefined> {
  return (await api.GET('/v1/breaks/{collection}', { params: { path: { collection: 'cells' }, query: { classes: 5, resolution: 9 } } })).data
}

export async function sources(): Promise<string[]> {
  const { data } = await api.GET('/v1/explain/{unit}/{id}', { params: { path: { unit: 'segment', id: '1545228139172' } } })
  return data?.households_from.map((h) => h.description) ?? []
}

export async function refused(): Promise<void> {
  // @ts-expect-error there is no unit of this name
  await api.GET('/v1/scores/{unit}/{id}', { params: { path: { unit: 'house', id: '1' } } })
  // @ts-expect-error there is no such parameter
  await api.GET('/v1/breaks/{collection}', { params: { path: { collection: 'cells' }, query: { colours: 5 } } })
  // @ts-expect-error a sample has a size
  await api.POST('/v1/query/sample', { body: { collection: 'segments' } })
}
