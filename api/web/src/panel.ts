// The panel of the selected place: its numbers with their sum, what they mean in words, its precinct, its history, and where they came from.

import type { Choice, ChoiceScore, Contest, ContestList, ContestScores, Explanation, MeasureScores, Score, Unit } from './api'
import { type ChoiceRow, choicesTable } from './choices_table'
import { contestTitle } from './contest_names'
import { element } from './dom'
import { history } from './history'
import { inWords } from './in_words'
import { hatchSwatch } from './legend'
import { amount, interval, whole } from './numbers'
import { origin } from './origin'
import { precinctPart } from './precinct_part'
import { choiceName, definition, measureName, words } from './words'

export interface PanelActions {
  open(unit: Unit, id: string): void
  compare(): void
}

// placeName is what a place is called where it has no name of its own.
export function placeName(unit: Unit, name: string, id: string): string {
  const w = words()
  if (unit === 'segment') return name || w.unnamedStreet
  if (unit === 'precinct') return w.namedPrecinct(name || id)
  return name || id
}

export function suppressedBox(text: string): HTMLElement {
  return element('div', { class: 'suppressed' }, hatchSwatch(), element('p', {}, element('strong', {}, words().suppressedTitle), ' ', text))
}

export const wholeShare = (contest: Contest, choice: Choice | undefined): number | null =>
  choice?.votes === undefined || choice.votes === null || !contest.n ? null : choice.votes / contest.n

// choiceRows are the rows of a place's table.
export function choiceRows(choices: Pick<ChoiceScore, 'choice' | 'votes' | 'value' | 'low' | 'high' | 'low50' | 'high50'>[], contest: Contest, counted: boolean): ChoiceRow[] {
  return choices.map((c) => {
    const known = contest.choices.find((one) => one.id === c.choice)
    return {
      id: c.choice,
      name: known ? choiceName(known) : c.choice,
      votes: counted ? c.votes : null,
      value: c.value,
      low: c.low,
      high: c.high,
      low50: c.low50,
      high50: c.high50,
      whole: wholeShare(contest, known),
    }
  })
}

interface PanelContent {
  explained: Explanation
  scores: Score | null // all contests of the place
  contest: Contest
  choice: string
  list: ContestList
}

export function explanation({ explained, scores, contest, choice, list }: PanelContent, actions: PanelActions): HTMLElement[] {
  const w = words()
  const { score } = explained
  const from = origin(explained)
  if (score.state === 'suppressed') return [suppressedBox(w.reasons[score.reason ?? ''] ?? w.notPublished), ...joined(score), ...from]
  if (score.state === 'empty') return [element('p', { class: 'summary' }, w.nobodyLives), ...from]
  const [numbers] = score.contests
  if (!numbers) return [element('p', { class: 'summary' }, w.noNumbers(contest.name)), ...from]
  const compare = element('button', { type: 'button', id: 'compare', class: 'quiet' }, w.compare)
  compare.addEventListener('click', actions.compare)
  return [
    element(
      'p',
      { class: 'summary' },
      element('strong', {}, numbers.modelled_only ? w.modelledOnly : `${whole(numbers.n)} ${w.voters[contest.base]}`),
      score.households === null ? null : ` · ${w.households(whole(score.households))}`,
    ),
    ...joined(score),
    ...inWords(numbers, contest, choice),
    choicesTable(contestTitle(contest, list.contests), choiceRows(numbers.choices, contest, !numbers.modelled_only), numbers.n, w.short[contest.base], choice),
    element('p', {}, compare),
    ...measures(numbers, contest, choice, list),
    ...(scores ? history(scores, contest, choice, list) : []),
    ...precinctPart(explained, contest, choice, actions),
    ...from,
  ]
}

const joined = ({ joined }: Score): HTMLElement[] => (joined && joined.length > 0 ? [element('p', { class: 'note' }, words().joined(joined.length))] : [])

function contestNamed(id: string, { contests }: ContestList): string {
  const known = contests.find((c) => c.id === id)
  return known ? contestTitle(known, contests) : id
}

// measures lists what else there is of the unit and of the chosen candidate; the votes are in the table above.
function measures(numbers: ContestScores, contest: Contest, chosen: string, list: ContestList): HTMLElement[] {
  const w = words()
  const of = numbers.choices.find((c) => c.choice === chosen)
  const named = (id: string): string => {
    const known = contest.choices.find((c) => c.id === id)
    return known ? choiceName(known) : id
  }
  const rows = (scores: MeasureScores = {}): HTMLElement[] =>
    list.measures.flatMap((m) => {
      const score = scores[m.id]
      if (!score || m.unit === 'votes') return []
      const name = measureName(m, contest.base)
      const text = score.against ? w.over(name, named(score.against)) : score.since ? w.sinceContest(name, contestNamed(score.since, list)) : name
      return [
        element(
          'tr',
          { title: definition(m) },
          element('th', { scope: 'row' }, text),
          element('td', {}, amount(score.value, m.unit)),
          element('td', { class: 'interval' }, score.low === score.high ? '' : interval(score.low, score.high, m.unit)),
        ),
      ]
    })
  const body = (heading: string, all: HTMLElement[]): HTMLElement | false =>
    all.length > 0 && element('tbody', {}, element('tr', {}, element('th', { scope: 'rowgroup', colspan: '3', class: 'kind' }, heading)), ...all)
  const found = [body(w.allVoters, rows(numbers.measures)), body(named(chosen), rows(of?.measures))]
  return found.some(Boolean) ? [element('section', { class: 'secondary' }, element('h3', {}, w.otherMeasures), element('table', {}, ...found))] : []
}
