// The campaign's staff: who is signed in, and what changes in the field while the page is open.

import { type Bounds, type Failure, fetchCoverage, fetchDone, fetchFieldMeasures, fetchFieldScore, fetchSession, type FieldMeasure, type RollupRow, signIn, signOut, type Touched, type Unit } from './api'
import { byId, element } from './dom'
import { follow } from './events'
import { fieldNumbers } from './field_panel'
import { clock } from './numbers'
import { progress } from './progress'
import type { Place } from './state'
import { words } from './words'

interface FieldListener {
  entered(): void // somebody has just signed in
  left(): void
  touched(bounds: Bounds[], segments: number[]): void // the staff's map has changed there
  reopened(): void // of what has changed meanwhile not all may have been told
  otherSnapshot(): void // another one is served
  drawnSnapshot(): string
  open(unit: Unit, id: string): void
}

const progressEvery = 1_500 // milliseconds between two questions for the progress
const staff = 'field:read'

export class FieldWatch {
  measures: FieldMeasure[] = [] // none where nobody is signed in
  private campaign = ''
  private watching: AbortController | null = null
  private connected = false
  private lastChange: Date | null = null
  private lostAt: Date | null = null
  private refreshing: ReturnType<typeof setTimeout> | undefined
  private touched = new Set<number>() // streets, since the progress was shown
  private stale = false // the progress that is shown is older than a change
  private turn = 0 // an answer that comes late does not overwrite a newer one, nor show what another campaign did

  constructor(private readonly listener: FieldListener) {
    const secret = byId<HTMLInputElement>('token')
    byId<HTMLFormElement>('sign-in').addEventListener('submit', (event) => {
      event.preventDefault()
      this.fault('')
      const token = secret.value.trim()
      secret.value = ''
      signIn(token)
        .then(() => this.enter().catch((error) => signOut().then(() => Promise.reject(error)))) // no cookie that nobody sees
        .then(() => {
          this.watch()
          this.listener.entered()
        })
        .catch((error: Failure) => this.leave(error.status === 401 ? words().wrongToken : error.message))
    })
    byId('sign-out').addEventListener('click', () => {
      signOut().then(
        () => this.leave(''),
        (error: Failure) => (byId('live').textContent = error.message), // the cookie is still there
      )
    })
  }

  // begin takes up who was signed in before the page was loaded.
  async begin(): Promise<void> {
    const session = await fetchSession().catch(() => null)
    if (session?.campaign && session.scopes.includes(staff)) await this.enter().catch(() => undefined)
  }

  get signedIn(): boolean {
    return this.measures.length > 0
  }

  // watch follows what changes in the field.
  watch(): void {
    this.watching?.abort()
    const stop = new AbortController()
    this.watching = stop
    this.lostAt = null
    void this.showProgress()
    void follow('/v1/field/touched', stop.signal, {
      opened: () => {
        const again = this.lostAt !== null
        this.connected = true
        this.lostAt = null
        this.showLive()
        if (!again) return
        this.askProgress() // what came while nobody listened
        this.listener.reopened()
      },
      lost: () => {
        this.connected = false
        this.lostAt ??= new Date()
        this.showLive()
      },
      refused: () => this.leave(words().refused),
      received: (event) => {
        const touched = JSON.parse(event.data) as Touched
        this.lastChange = new Date(touched.at)
        this.showLive()
        if (touched.snapshot !== this.listener.drawnSnapshot()) return this.listener.otherSnapshot()
        this.listener.touched(
          touched.precincts.map((p) => p.bounds),
          touched.segments ?? [],
        )
        for (const id of touched.segments ?? []) this.touched.add(id)
        this.askProgress()
      },
    })
  }

  // numbersOf is what the staff sees of a place beside; nothing where nobody is signed in.
  async numbersOf({ unit, id }: Place): Promise<HTMLElement[]> {
    if (!this.signedIn) return []
    try {
      return fieldNumbers(await fetchFieldScore(unit, id), this.measures)
    } catch (error) {
      return [element('p', { class: 'note' }, words().fieldFault(error instanceof Error ? error.message : String(error)))]
    }
  }

  // doneSince counts doors by street and by precinct from a day on.
  async doneSince(day: string): Promise<{ place: Place; doors: number }[]> {
    const [streets, precincts] = await Promise.all([fetchDone('segment', day), fetchDone('precinct', day)])
    const counts = (rows: RollupRow[], unit: Unit, id: (row: RollupRow) => number | undefined): { place: Place; doors: number }[] =>
      rows.flatMap((row) => (id(row) ? [{ place: { unit, id: String(id(row)) }, doors: row.doors }] : []))
    return [...counts(streets.rows, 'segment', (row) => row.segment_id), ...counts(precincts.rows, 'precinct', (row) => row.precinct_id)]
  }

  // say writes again what is shown, after the language has changed.
  say(): void {
    if (!this.signedIn) return
    this.showLive()
    void this.showProgress()
  }

  private async enter(): Promise<void> {
    const known = await fetchFieldMeasures()
    this.measures = known.measures
    this.campaign = known.campaign
    byId('campaign-name').textContent = this.campaign
    byId('sign-in').hidden = true
    byId('campaign').hidden = false
    byId<HTMLDetailsElement>('staff').open = true
    this.showLive()
  }

  // leave shows what everybody sees.
  private leave(why: string): void {
    const was = this.signedIn
    this.watching?.abort()
    this.watching = null
    this.measures = []
    this.turn++
    this.touched = new Set()
    this.lastChange = this.lostAt = null
    this.connected = false
    byId('sign-in').hidden = false
    byId('campaign').hidden = true
    byId('field-progress').replaceChildren()
    this.fault(why)
    if (was) this.listener.left()
  }

  private fault(why: string): void {
    const fault = byId('sign-in-fault')
    fault.hidden = why === ''
    fault.textContent = why
  }

  // showLive says whether changes come as they happen, and since when they do not.
  private showLive(): void {
    const w = words()
    const live = byId('live')
    live.classList.toggle('on', this.connected)
    live.classList.toggle('off', this.lostAt !== null)
    live.textContent = this.connected ? (this.lastChange ? w.liveSince(clock(this.lastChange)) : w.live) : this.lostAt ? w.reconnecting(clock(this.lostAt)) : w.connecting
  }

  private askProgress(): void {
    this.stale = true
    this.refreshing ??= setTimeout(() => {
      this.refreshing = undefined
      if (this.stale && this.signedIn) void this.showProgress()
    }, progressEvery)
  }

  private async showProgress(): Promise<void> {
    const turn = ++this.turn
    this.stale = false
    const touched = this.touched
    this.touched = new Set()
    try {
      const [teams, streets] = await Promise.all([fetchCoverage('team'), fetchCoverage('segment')])
      if (turn === this.turn) byId('field-progress').replaceChildren(...progress(teams, streets, touched, this.listener.open))
    } catch {
      this.stale = true // the stream says that the server does not answer
    }
  }
}
