// The search for streets, addresses and precincts: a combobox as ARIA describes it.

import { fetchFound, type Found } from './api'
import { byId, element } from './dom'
import { words } from './words'

const waitFor = 150 // milliseconds after the last letter

export function search(found: (place: Found) => void): void {
  const input = byId<HTMLInputElement>('search')
  const list = byId('search-results')
  const status = byId('search-status')
  let results: Found[] = []
  let at = -1
  let waiting: ReturnType<typeof setTimeout> | undefined
  let asking = new AbortController()

  const close = (): void => {
    list.hidden = true
    input.setAttribute('aria-expanded', 'false')
    input.removeAttribute('aria-activedescendant')
    at = -1
  }
  const take = (place: Found | undefined): void => {
    if (!place) return
    input.value = place.name
    close()
    found(place)
  }
  const point = (to: number): void => {
    at = results.length === 0 ? -1 : (to + results.length) % results.length
    for (const [i, node] of [...list.children].entries()) node.setAttribute('aria-selected', String(i === at))
    const chosen = list.children[at]
    if (!chosen) return
    input.setAttribute('aria-activedescendant', chosen.id)
    chosen.scrollIntoView({ block: 'nearest' })
  }
  const show = (): void => {
    const w = words()
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
    list.replaceChildren(...(rows.length > 0 ? rows : [element('li', { class: 'nothing', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, w.searchNothing)]))
    list.hidden = false
    input.setAttribute('aria-expanded', 'true')
    status.textContent = rows.length > 0 ? w.searchFound(rows.length) : w.searchNothing
    point(0)
  }
  const askNow = async (): Promise<void> => {
    asking.abort()
    const text = input.value.trim()
    if (text.length < 2) return close()
    asking = new AbortController()
    try {
      results = (await fetchFound(text, asking.signal)).results
      show()
    } catch (error) {
      if (!(error instanceof DOMException)) {
        results = []
        close()
        status.textContent = error instanceof Error ? error.message : String(error)
      }
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
      if (list.hidden) void askNow().then(() => take(results[0]))
      else take(results[at])
    } else if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault()
      event.stopPropagation()
      close()
    }
  })
  input.addEventListener('blur', close)
}
