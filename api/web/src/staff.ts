// Who is signed in: a token that is typed or pasted. It stays in this tab, is sent in a header to this server alone, and never stands in an
// address.

const kept = 'arpent-token'

let measures: ReadonlySet<string> = new Set() // of the field, which are the staff's

export const token = (): string => sessionStorage.getItem(kept) ?? ''
export const signedIn = (): boolean => token() !== ''

export function signIn(secret: string): void {
  sessionStorage.setItem(kept, secret)
}

export function signOut(): void {
  sessionStorage.removeItem(kept)
  measures = new Set()
}

export function knowMeasures(ids: string[]): void {
  measures = new Set(ids)
}

// authorization is the header for an address of this server that only the staff may read, and nothing for any other.
export function authorization(address: string): Record<string, string> {
  const { origin, pathname, searchParams } = new URL(address, location.origin)
  const staffs = pathname.startsWith('/v1/field/') || (pathname.startsWith('/v1/tiles/') && measures.has(searchParams.get('measure') ?? ''))
  return signedIn() && staffs && origin === location.origin ? { Authorization: `Bearer ${token()}` } : {}
}
