// What the reader has chosen, for the next time too where the browser may keep it.

const chosen = new Map<string, string>()

export function kept(name: string): string | null {
  try {
    return chosen.get(name) ?? localStorage.getItem(name)
  } catch {
    return null // it may not
  }
}

export function keep(name: string, value: string): void {
  chosen.set(name, value)
  try {
    localStorage.setItem(name, value)
  } catch {
    // It holds as long as the page.
  }
}
