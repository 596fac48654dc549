// Small means to build the page. Text is always set as text, never as HTML.

type Child = Node | string | null | false

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children.filter((child): child is Node | string => child !== null && child !== false && child !== ''))
  return node
}

// column is the head of a column.
export const column = (text: string, title = ''): HTMLElement => element('th', { scope: 'col', ...(title && { title }) }, text)

// svg builds a part of a picture.
export function svg(tag: string, attributes: Record<string, string | number>, ...children: (Node | string)[]): SVGElement {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value))
  node.append(...children)
  return node
}

// replaceIn puts other content into a box. Where the keyboard was in it, it stays with what has the same id, else with the box.
export function replaceIn(box: HTMLElement, ...content: (Node | string)[]): void {
  const held = box.contains(document.activeElement) ? document.activeElement : null
  box.replaceChildren(...content)
  if (held === null || held === box) return
  const again = held.id === '' ? null : document.getElementById(held.id)
  ;(again ?? box).focus({ preventScroll: true })
}

export function byId<T extends HTMLElement>(id: string): T {
  const node = document.getElementById(id)
  if (!node) throw new Error(`the page has no element ${id}`)
  return node as T
}
