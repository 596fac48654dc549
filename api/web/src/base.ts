// What a contest's votes are shares of, in words: its registered voters, or the ballots where nobody counted those.

import type { Measure } from './api'

export type Base = 'registered' | 'ballots'

export const voters = (base: Base): string => (base === 'ballots' ? 'ballots cast' : 'registered voters')

// measureName says what a measure's registered voters are.
export function measureName({ id, name }: Measure, base: Base): string {
  if (id === 'share') return `Share of the ${voters(base)}`
  return id === 'registered' && base === 'ballots' ? 'Ballots cast' : name
}

export const short = (base: Base): string => (base === 'ballots' ? 'ballots' : 'registered')
