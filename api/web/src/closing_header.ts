// The head of what can be closed: panel, table and dialogs.

import { element } from './dom'
import { words } from './words'

// closingHeader has the title, under the id that what it heads is labelled by, and above it of what kind that is.
export function closingHeader(id: string, title: string, close: () => void, kind = ''): HTMLElement {
  const button = element('button', { type: 'button', class: 'close', 'aria-label': words().page.close }, '×')
  button.addEventListener('click', close)
  return element('header', {}, kind && element('p', { class: 'kind' }, kind), element('h2', { id }, title || '…'), button)
}
