// The search for streets, addresses and precincts: a combobox as ARIA describes it.

import { fetchFound, type Found } from './api'
import { byId, element } from './dom'
import { reasonOf } from './message'
import { words } from './words'

const waitFor = 150 // milliseconds after the last letter

export function search(found: (place: Found) => void): void {
  const input = byId<HTMLInputElement>('search')
  const list = byId('search-results')
  const status = byId('search-status')
  let results: Found[] = []
  let shownFor = '' // the text that the list is of
  let at = -1
  let waiting: ReturnType<typeof setTimeout> | undefined
  let asking = new AbortController()

  // close also gives up what is asked: an answer that comes late opens nothing.
  const close = (): void => {
    clearTimeout(waiting)
    asking.abort()
    list.hidden = true
    input.setAttribute('aria-expanded', 'false')
    input.removeAttribute('aria-activedescendant')
    at = -1
  }
  const take = (place: Found | undefined): void => {
    if (!place) return
    close()
    input.value = place.name
    found(place)
  }
  const point = (to: number): void => {
    at = results.length === 0 ? -1 : (to + results.length) % results.length
    for (const [i, node] of [...list.children].entries()) node.setAttribute('aria-selected', String(i === at))
    const chosen = list.children[at]
    if (!chosen || at < 0) return input.removeAttribute('aria-activedescendant')
    input.setAttribute('aria-activedescendant', chosen.id)
    chosen.scrollIntoView({ block: 'nearest' })
  }
  const show = (found: Found[], nothing: string): void => {
    const w = words()
    results = found
    const rows = results.map((place, i) => {
      const row = element(
        'li',
        { role: 'option', id: `found-${i}`, 'aria-selected': 'false' },
        element('span', {}, place.kind === 'precinct' ? w.namedPrecinct(place.name) : place.name),
        element('span', { class: 'note' }, [w.searchKinds[place.kind], place.detail].filter(Boolean).join(' · ')),
      )
      row.addEventListener('pointerdown', (event) => event.preventDefault()) // the input keeps the keyboard
      row.addEventListener('click', () => take(place))
      return row
    })
    list.replaceChildren(...(rows.length > 0 ? rows : [element('li', { class: 'nothing', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, nothing)]))
    list.hidden = false
    input.setAttribute('aria-expanded', 'true')
    status.textContent = rows.length > 0 ? w.searchFound(rows.length) : nothing
    point(0)
  }
  // askNow shows what is found, and tells whether that is of what stands in the input now.
  const askNow = async (): Promise<boolean> => {
    clearTimeout(waiting)
    asking.abort()
    const text = input.value.trim()
    if (text.length < 2) {
      close()
      return false
    }
    const { signal } = (asking = new AbortController())
    try {
      const { results } = await fetchFound(text, signal)
      if (signal.aborted) return false
      shownFor = text
      show(results, words().searchNothing)
      return true
    } catch (error) {
      if (!signal.aborted) show([], reasonOf(error))
      return false
    }
  }
  input.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(() => void askNow(), waitFor)
  })
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (list.hidden) void askNow()
      else point(at + (event.key === 'ArrowDown' ? 1 : -1))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      if (list.hidden || shownFor !== input.value.trim()) void askNow().then((found) => found && take(results[0])) // else the list is of what stood there before
      else take(results[at])
    } else if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault()
      event.stopPropagation()
      close()
    }
  })
  input.addEventListener('blur', close)
}
