// A place over the contests: turnout and the chosen choice, or the one of its family, as small plots with their intervals.

import type { Contest, ContestList, ContestScores, Score } from './api'
import { element, svg } from './dom'
import { type Estimate } from './doubt'
import { estimateOf } from './in_words'
import { contestTitle, kinOf, yearOf } from './contest_names'
import { percent } from './numbers'
import { choiceName, measureName, words } from './words'

interface Moment {
  contest: Contest
  title: string
  estimate: Estimate | null
}

export function history(score: Score, contest: Contest, chosen: string, list: ContestList): HTMLElement[] {
  const w = words()
  const moments = list.contests
    .flatMap((c) => {
      const numbers = score.contests.find((one) => one.contest === c.id)
      return numbers ? [{ contest: c, title: contestTitle(c, list.contests), numbers }] : []
    })
    .sort((a, b) => when(a.contest).localeCompare(when(b.contest)) || (a.contest.round ?? 0) - (b.contest.round ?? 0))
  if (moments.length < 2) return [element('h3', {}, w.history), element('p', { class: 'note', id: 'history' }, w.historyOne)]
  const known = contest.choices.find((c) => c.id === chosen)
  const of = (c: Contest, numbers: ContestScores): Estimate | null => {
    const same = kinOf(known, c.choices)
    return same ? estimateOf(numbers.choices.find((one) => one.choice === same.id)) : null
  }
  const turnout = list.measures.find((m) => m.id === 'turnout')
  const plots = [
    ...(known ? [plot(choiceName(known), moments.map((m): Moment => ({ ...m, estimate: of(m.contest, m.numbers) })))] : []),
    ...(turnout ? [plot(measureName(turnout, contest.base), moments.map((m): Moment => ({ ...m, estimate: m.numbers.measures?.['turnout'] ?? null })))] : []),
  ]
  return [element('h3', {}, w.history), element('div', { id: 'history' }, ...plots)]
}

// when is the date of a contest, or its year where nobody knows the day.
const when = (contest: Contest): string => contest.date ?? yearOf(contest)

const [width, height, left, top, bottom] = [348, 118, 38, 8, 30]

// plot draws a point with its interval for every contest at which there is one, and joins them.
function plot(what: string, moments: Moment[]): HTMLElement {
  const known = moments.filter((m) => m.estimate !== null)
  const most = Math.min(1, niceTop(Math.max(0.05, ...known.map((m) => m.estimate?.high ?? 0))))
  const x = (i: number): number => left + ((i + 0.5) * (width - left)) / moments.length
  const y = (share: number): number => top + (1 - share / most) * (height - top - bottom)
  const said = known.map((m) => `${m.title} ${percent(m.estimate?.value ?? 0, 1)}`).join(', ')
  const ticks = [0, most / 2, most].map((share) => svg('g', {}, svg('line', { class: 'grid', x1: left, x2: width, y1: y(share), y2: y(share) }), text(left - 5, y(share) + 4, percent(share, (1000 * share) % 10 === 0 ? 0 : 1), 'end')))
  const line = moments.flatMap((m, i) => (m.estimate ? [`${x(i).toFixed(1)},${y(m.estimate.value).toFixed(1)}`] : [])).join(' ')
  const marks = moments.map((m, i) => {
    const label = text(x(i), height - 15, shorten(m.contest, moments), 'middle')
    const year = text(x(i), height - 3, yearOf(m.contest), 'middle')
    if (!m.estimate) return svg('g', {}, label, year)
    const { value, low, high } = m.estimate
    return svg(
      'g',
      {},
      svg('title', {}, `${m.title}${words().colon}${percent(value, 1)}${low < high ? ` (${percent(low, 1)} – ${percent(high, 1)})` : ''}`),
      svg('line', { class: 'whisker', x1: x(i), x2: x(i), y1: y(low), y2: y(Math.min(most, high)) }),
      svg('circle', { class: 'dot', cx: x(i), cy: y(value), r: 4 }),
      label,
      year,
    )
  })
  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${what}${words().colon}${said}` }, ...ticks, svg('polyline', { class: 'line', points: line }), ...marks)
  const figure = element('figure', {}, element('figcaption', {}, what))
  figure.append(picture)
  return figure
}

const letter = 6 // pixels

// shorten is what there is room for below a point: the first word of the contest's name and its round, or the round alone.
function shorten(contest: Contest, all: Moment[]): string {
  const round = contest.round ? words().roundShort(contest.round) : ''
  const room = Math.floor((width - left) / all.length / letter) - round.length - 1
  const [name = ''] = contest.name.split(/[\s,]/)
  return room < 4 ? round : [name.length > room ? `${name.slice(0, room - 1)}.` : name, round].filter(Boolean).join(' ')
}

const niceTop = (share: number): number => [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8].find((top) => top >= share) ?? 1

const text = (x: number, y: number, content: string, anchor: string): SVGElement => svg('text', { x, y, 'text-anchor': anchor }, content)
