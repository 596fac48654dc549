// The language of the page. Names of places, contests and choices are as their publishers write them.

import type { Measure } from './api'
import { keep, kept } from './kept'
import { english } from './words_en'
import { french } from './words_fr'

export type Language = 'en' | 'fr'

export type Words = typeof english

// Base is what a contest's votes are shares of: its registered voters, or the ballots where nobody counted those.
export type Base = 'registered' | 'ballots'

const keptAs = 'arpent-language'

export function language(): Language {
  const chosen = kept(keptAs) ?? navigator.language
  return chosen.startsWith('fr') ? 'fr' : 'en'
}

export function chooseLanguage(chosen: Language): void {
  keep(keptAs, chosen)
  document.documentElement.lang = chosen
}

export const words = (): Words => (language() === 'fr' ? french : english)

// measureName and definition are the page's own where it has them in the reader's language, else the server's.
export function measureName({ id, name }: Pick<Measure, 'id' | 'name'>, base: Base): string {
  const w = words()
  if (id === 'share') return w.shareOf(w.voters[base])
  if (id === 'registered' && base === 'ballots') return w.voters.ballots
  return w.measures[id]?.name ?? name
}

export const definition = ({ id, definition }: Pick<Measure, 'id' | 'definition'>): string => words().measures[id]?.definition ?? definition

// choiceName is a choice's name; those that are no vote for anyone are the page's words.
export const choiceName = ({ id, name, reserved }: { id: string; name: string; reserved: boolean }): string => (reserved ? words().reserved[id] : undefined) ?? (name || id)

// translateText puts the words into the elements of the page that name one in data-word, data-label, data-title or data-placeholder.
export function translateText(): void {
  document.documentElement.lang = language()
  const w = words().page
  const put = (attribute: string, set: (node: HTMLElement, text: string) => void): void => {
    for (const node of document.querySelectorAll<HTMLElement>(`[data-${attribute}]`)) {
      const text = w[node.dataset[attribute] as keyof typeof w]
      if (text) set(node, text)
    }
  }
  put('word', (node, text) => (node.textContent = text))
  put('label', (node, text) => node.setAttribute('aria-label', text))
  put('title', (node, text) => (node.title = text))
  put('placeholder', (node, text) => node.setAttribute('placeholder', text))
}
