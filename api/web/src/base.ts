// What a contest's votes are shares of, in words: its registered voters, or the ballots where nobody counted those.

export type Base = 'registered' | 'ballots'

export const voters = (base: Base): string => (base === 'ballots' ? 'ballots cast' : 'registered voters')

export const short = (base: Base): string => (base === 'ballots' ? 'ballots' : 'registered')
