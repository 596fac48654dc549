// The message over the map: what goes wrong, or what the reader is to do next.

import { byId } from './dom'

let hint = '' // comes back when there is nothing else to say

// say shows a message in place of any other; '' ends it.
export function say(message: string): void {
  const box = byId('message')
  box.textContent = message || hint
  box.hidden = box.textContent === ''
}

// sayFor shows a message for a while, unless another comes meanwhile.
export function sayFor(milliseconds: number, message: string): void {
  say(message)
  setTimeout(() => byId('message').textContent === message && say(''), milliseconds)
}

// sayHint says what to do next, until it is ''.
export function sayHint(message: string): void {
  hint = message
  say('')
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
