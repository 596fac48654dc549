// Names across contests: a contest's year, its name with the round where another has the same, and a choice that stands in several.

import type { Choice, Contest } from './api'
import { words } from './words'

// yearOf is that of its date, else the one that stands in its name or its id; '' where none does.
export const yearOf = ({ date, name, id }: Contest): string => date?.slice(0, 4) ?? /\b(19|20)\d\d\b/.exec(`${name} ${id.replaceAll('_', ' ')}`)?.[0] ?? ''

// contestTitle tells rounds apart whose publisher gives them one name.
export function contestTitle(contest: Contest, all: Contest[]): string {
  const alike = all.some((other) => other.id !== contest.id && other.name === contest.name)
  return alike && contest.round !== null ? `${contest.name}, ${words().roundNumber(contest.round)}` : contest.name
}

// kinOf finds a choice of another contest that is the same: by its id, its family, or the words of its name, whichever stands first.
export function kinOf(choice: Choice | undefined, choices: Choice[]): Choice | undefined {
  if (!choice) return undefined
  const name = wordsOf(choice)
  return (
    choices.find((c) => c.id === choice.id) ??
    choices.find((c) => choice.family !== null && c.family === choice.family) ??
    choices.find((c) => !choice.reserved && !c.reserved && wordsOf(c) === name)
  )
}

const wordsOf = ({ name }: Choice): string => name.toLocaleLowerCase().split(/[\s,.-]+/).filter(Boolean).sort().join(' ')
