// The borders of communes, where there are several, with names as short as they can be told apart.

import { fetchBorders } from './api'
import { shortened } from './area_names'
import type { Page } from './page'

export async function showBorders({ map, snapshot, state }: Page): Promise<void> {
  const borders = await fetchBorders(`commune@${snapshot.id}`, state.contest).catch(() => null) // the server may have none
  const named = borders?.features.filter((feature) => feature.properties?.['kind'] === 'name') ?? []
  const short = shortened(named.map((feature) => String(feature.properties?.['name'])))
  for (const [i, feature] of named.entries()) feature.properties = { ...feature.properties, name: short[i] }
  map.showBorders(borders && named.length > 1 ? borders : { type: 'FeatureCollection', features: [] })
}
