// The pickers: a year has elections, an election has rounds, a round has measures and choices. They are filled from what the snapshot has,
// and what was chosen stays as far as the other contest has it too.

import type { Choice, Contest, ContestList, Measure, Parameter, Query } from './api'
import { contestTitle, kinOf, yearOf } from './contest_names'
import { byId, element } from './dom'
import type { State } from './state'
import { type Base, choiceName, measureName, words } from './words'
import { day as written } from './numbers'

// doneSince is the measure of what was done since a day. It is the page's own: its numbers are roll-ups.
export const doneSince = 'done_since'

const names = ['year', 'election', 'round', 'measure', 'choice', 'against', 'since', 'day', 'areas', 'doubt'] as const
type Name = (typeof names)[number]

export class Pickers {
  private readonly select = Object.fromEntries(names.map((name) => [name, byId<HTMLSelectElement>(name)])) as Record<Name, HTMLSelectElement>
  private list: ContestList = { snapshot: '', measures: [], contests: [] }
  private field: Measure[] = [] // none where nobody is signed in

  constructor(
    private readonly state: State,
    changed: (name: Name) => void,
  ) {
    for (const name of names) {
      this.select[name].addEventListener('change', () => {
        this.take(name, this.select[name].value)
        this.settle()
        this.fill()
        changed(name)
      })
    }
  }

  know(list: ContestList, field: Measure[]): void {
    this.list = list
    this.field = field
    this.settle()
    this.fill()
  }

  get contest(): Contest | undefined {
    return this.list.contests.find((c) => c.id === this.state.contest)
  }
  get base(): Base {
    return this.contest?.base ?? 'registered'
  }
  get choice(): Choice | undefined {
    return this.contest?.choices.find((c) => c.id === this.state.choice)
  }
  get ofField(): boolean {
    return this.field.some((m) => m.id === this.state.measure)
  }
  get isDone(): boolean {
    return this.ofField && this.state.measure === doneSince
  }
  get measure(): Measure | undefined {
    return this.field.find((m) => m.id === this.state.measure) ?? this.list.measures.find((m) => m.id === this.state.measure)
  }
  takes(parameter: Parameter): boolean {
    return this.measure?.parameters.includes(parameter) ?? false
  }

  // query is what tiles, rows and classes are asked with.
  get query(): Query {
    const { state } = this
    if (this.isDone) return { measure: 'doors' }
    if (this.ofField) return { measure: state.measure }
    const asked: Query = { contest: state.contest, measure: state.measure }
    for (const parameter of this.measure?.parameters ?? []) if (state[parameter]) asked[parameter] = state[parameter]
    return asked
  }

  // subject says what the measure is of.
  get subject(): string {
    const { state } = this
    const w = words()
    if (this.isDone) return written(state.day)
    const named = (id: string): string => {
      const known = this.contest?.choices.find((c) => c.id === id)
      return known ? choiceName(known) : id
    }
    if (!this.takes('choice')) return ''
    if (this.takes('against') && state.against) return w.over(named(state.choice), named(state.against))
    return this.takes('since') && state.since ? w.sinceContest(named(state.choice), this.contestName(state.since)) : named(state.choice)
  }

  contestName(id: string): string {
    const known = this.list.contests.find((c) => c.id === id)
    return known ? contestTitle(known, this.list.contests) : id
  }

  private take(name: Name, value: string): void {
    const { state, list } = this
    if (name === 'year') state.contest = list.contests.find((c) => yearOf(c) === value)?.id ?? state.contest
    else if (name === 'election') state.contest = list.contests.find((c) => electionOf(c) === value && c.round === this.contest?.round)?.id ?? list.contests.find((c) => electionOf(c) === value)?.id ?? state.contest
    else if (name === 'round') state.contest = value
    else if (name === 'areas') state.areas = value === 'precincts' ? 'precincts' : 'cells'
    else if (name === 'doubt') state.doubt = value === 'on'
    else state[name] = value
  }

  // settle makes the state name things that the snapshot has.
  private settle(): void {
    const { state, list } = this
    const before = list.contests.find((c) => c.choices.some((choice) => choice.id === state.choice))?.choices.find((c) => c.id === state.choice)
    const chosen = this.contest ?? list.contests.find((c) => c.placed) ?? list.contests[0]
    state.contest = chosen?.id ?? ''
    if (!this.ofField && !chosen?.measures.includes(state.measure)) state.measure = list.measures[0]?.id ?? ''
    const choices = this.offered
    if (!choices.some((c) => c.id === state.choice)) {
      state.choice = (kinOf(before, choices) ?? choices[0])?.id ?? '' // the leading one: choices come by votes, candidates first
    }
    const others = chosen?.choices.filter((c) => c.id !== state.choice) ?? []
    if (!this.takes('against')) state.against = ''
    else if (!others.some((c) => c.id === state.against)) state.against = others[0]?.id ?? ''
    const since = this.choice?.since ?? []
    if (!this.takes('since')) state.since = ''
    else if (!since.includes(state.since)) state.since = since[0] ?? ''
    if (!this.isDone) state.day = ''
    else if (!state.day) state.day = daysBefore(0)
  }

  // offered are the choices that have the measure.
  private get offered(): Choice[] {
    return this.contest?.choices.filter((c) => (!this.takes('since') || c.since.length > 0) && !(this.measure?.candidates_only && c.reserved)) ?? []
  }

  private fill(): void {
    const { state, list, select } = this
    const w = words()
    const contest = this.contest
    const years = [...new Set(list.contests.map(yearOf))].sort().reverse()
    const put = (name: Name, options: (readonly [id: string, text: string])[], current: string): void => select[name].replaceChildren(...options.map(([id, text]) => option(id, text, current)))
    put('year', years.map((year) => [year, year || w.undated]), contest ? yearOf(contest) : '')
    const ofYear = list.contests.filter((c) => contest && yearOf(c) === yearOf(contest))
    const elections = [...new Set(ofYear.map(electionOf))]
    put('election', elections.map((id) => [id, electionName(list.contests.filter((c) => electionOf(c) === id))]), contest ? electionOf(contest) : '')
    const rounds = ofYear.filter((c) => contest && electionOf(c) === electionOf(contest)).sort((a, b) => (a.round ?? 0) - (b.round ?? 0))
    put('round', rounds.map((c) => [c.id, c.round ? w.roundOf(c.round) : rounds.length === 1 ? w.onlyRound : c.name]), state.contest)

    const groups = (choices: Choice[], current: string): HTMLElement[] =>
      [false, true].flatMap((reserved) => {
        const some = choices.filter((c) => c.reserved === reserved)
        return some.length === 0 ? [] : [element('optgroup', { label: reserved ? w.forNobody : w.onBallot }, ...some.map((c) => option(c.id, choiceName(c), current)))]
      })
    select.choice.replaceChildren(...groups(this.offered, state.choice))
    select.against.replaceChildren(...groups(contest?.choices.filter((c) => c.id !== state.choice) ?? [], state.against))
    put('since', (this.choice?.since ?? []).map((id) => [id, this.contestName(id)]), state.since)
    const measures = list.measures.filter((m) => contest?.measures.includes(m.id)).map((m) => option(m.id, measureName(m, this.base), state.measure))
    const ofField = this.field.map((m) => option(m.id, m.id === doneSince ? w.doneSince : measureName(m, this.base), state.measure))
    select.measure.replaceChildren(...(ofField.length > 0 ? [element('optgroup', { label: w.results }, ...measures), element('optgroup', { label: w.fieldNow }, ...ofField)] : measures))
    const days = [0, 1, 2, 3, 4, 5, 6].map(daysBefore)
    put('day', [...new Set([...days, ...(state.day ? [state.day] : [])])].map((d, i) => [d, i === 0 ? `${w.today} · ${written(d)}` : i === 1 ? `${w.yesterday} · ${written(d)}` : written(d)]), state.day)
    select.areas.value = state.areas
    select.doubt.value = state.doubt ? 'on' : 'off'

    for (const parameter of ['choice', 'against', 'since'] as const) this.showOnly(parameter, this.takes(parameter))
    this.showOnly('day', this.isDone)
    this.showOnly('areas', !this.isDone) // what was done is known of streets and precincts
    this.showOnly('doubt', !this.isDone)
    for (const name of ['year', 'election', 'round'] as const) this.showOnly(name, !this.ofField)
    for (const name of names) select[name].disabled = select[name].options.length === 0
  }

  private showOnly(name: Name, shown: boolean): void {
    const label = this.select[name].closest('label')
    if (label) label.hidden = !shown
  }
}

const option = (id: string, name: string, current: string): HTMLElement => element('option', id === current ? { value: id, selected: '' } : { value: id }, name)

// electionOf is what the rounds of an election have in common: the year, and the id without its round.
const electionOf = (contest: Contest): string => `${yearOf(contest)}/${contest.round === null ? contest.id : contest.id.replace(/[_-]?(t|r|round|tour)?[_-]?\d$/i, '')}`

// electionName is what the names of its contests begin with, up to a comma or a word for the round.
function electionName(contests: Contest[]): string {
  const [first = '', ...others] = contests.map((c) => c.name)
  const common = others.reduce((text, name) => {
    let n = 0
    while (n < text.length && text[n] === name[n]) n++
    return text.slice(0, n)
  }, first)
  return (others.length > 0 && common.length >= 4 ? common.replace(/[\s,;:(·–-]+(\S{0,2})?$/, '') : first) || first
}

// daysBefore is a day in UTC, as the server counts them.
const daysBefore = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
