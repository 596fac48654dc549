// What the parts of the page share.

import type { ContestList, Snapshot } from './api'
import type { FieldWatch } from './field_watch'
import type { StreetMap } from './map'
import type { Pickers } from './pickers'
import type { State } from './state'

export interface Page {
  readonly state: State
  readonly pickers: Pickers
  readonly field: FieldWatch
  snapshot: Snapshot // that is shown
  list: ContestList
  map: StreetMap
  remember(step: boolean): void // writes the state into the address: a choice of the reader is a step to go back from, a move of the map is not
}
