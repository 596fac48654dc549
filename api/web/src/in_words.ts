// What the numbers of a place say, in sentences: how much, how sure, and whether that differs from the whole place.

import type { ChoiceScore, Contest, ContestScores } from './api'
import { type Estimate, exact, standing } from './doubt'
import { element } from './dom'
import { interval, percent } from './numbers'
import { choiceName, words } from './words'

export function inWords(numbers: ContestScores, contest: Contest, chosen: string): HTMLElement[] {
  const said = sentences(numbers, contest, chosen)
  return said.length > 0 ? [element('p', { id: 'in-words' }, said.join(' '))] : []
}

export function sentences(numbers: ContestScores, contest: Contest, chosen: string): string[] {
  const w = words()
  const said: string[] = []
  const known = contest.choices.find((c) => c.id === chosen)
  const estimate = estimateOf(numbers.choices.find((c) => c.choice === chosen))
  if (known && estimate) {
    const name = choiceName(known)
    if (exact(estimate)) said.push(w.officialShare(name, percent(estimate.value, 1)))
    else said.push(w.estimatedShare(name, percent(estimate.value, 1), interval(estimate.low, estimate.high, 'fraction 0..1')))
    const whole = known.votes !== null && contest.n ? known.votes / contest.n : null
    if (whole !== null) {
      const says = { above: w.aboveWhole, below: w.belowWhole, alike: w.alikeWhole }[standing(estimate, whole)]
      said.push(says(percent(whole, 1)))
    }
  }
  const [first, second] = leading(numbers, contest)
  if (first && second) {
    said.push(isAhead(first, second) ? w.ahead(first.name, second.name) : w.tied(first.name, second.name))
  }
  return said
}

interface Leading {
  name: string
  estimate: Estimate
  score: ChoiceScore
}

// isAhead tells whether the first is ahead by more than the doubt of their margin: the server's, where it has that of the two, else the most that
// it can be. Parts of one whole move against each other, so that their errors are not independent as those of two places are.
function isAhead(first: Leading, second: Leading): boolean {
  const [margin, other] = [first, second].map(({ score }) => score.measures?.['margin'])
  if (margin?.against === second.score.choice) return margin.low > 0
  if (other?.against === first.score.choice) return other.high < 0
  return first.estimate.low > second.estimate.high
}

// leading are the two strongest candidates.
function leading(numbers: ContestScores, contest: Contest): Leading[] {
  return numbers.choices
    .flatMap((c) => {
      const known = contest.choices.find((one) => one.id === c.choice)
      const estimate = estimateOf(c)
      return known && !known.reserved && estimate ? [{ name: choiceName(known), estimate, score: c }] : []
    })
    .sort((a, b) => b.estimate.value - a.estimate.value)
    .slice(0, 2)
}

export function estimateOf(c: ChoiceScore | undefined): Estimate | null {
  return c === undefined || c.value === null ? null : { value: c.value, low: c.low ?? c.value, high: c.high ?? c.value }
}
